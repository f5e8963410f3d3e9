//! Accepting a request whose signature is a whole header allocates nothing.

use super::{build, now, sample, sign, value};
use crate::request::Request;
use crate::verify::{Algorithm, Place, Scheme, Syntax};

#[test]
fn a_whole_header_is_verified_without_an_allocation() {
    let mut counted = 0;
    for scheme in Scheme::all() {
        let whole = matches!(scheme.signature.at, Place::Header(_))
            && matches!(scheme.signature.syntax, Syntax::Whole | Syntax::Prefix(_))
            && matches!(scheme.algorithm, Algorithm::Hmac(_) | Algorithm::Token)
            && scheme.signed.iter().all(|part| matches!(part, crate::verify::Part::Body))
            // An id or a time inside the body is read from JSON.
            && !matches!(scheme.delivery_id, Some(Place::Json(_)))
            && !scheme.timestamp.is_some_and(|timestamp| matches!(timestamp.at, Place::Json(_)));
        let (secret, _) = super::secret_for(scheme);
        if !whole {
            continue;
        }
        let ready = build(&crate::verify::Verifier::from_scheme(scheme, value(secret)));
        let request = Request::new(sign(&ready, sample(scheme), None));
        let info = allocation_counter::measure(|| assert!(ready.verify(&request, now()).is_verified()));
        assert_eq!(info.count_total, 0, "{}", scheme.name);
        counted += 1;
    }
    assert!(counted >= 15, "{counted} schemes");
}
