//! What the fuzz targets share: a ready verifier of every scheme, and an app.
//!
//! ```text
//! tar -xzf corpus.tar.gz
//! cargo +nightly fuzz run header -- -runs=1000000 -max_len=600
//! cargo +nightly fuzz run request -- -runs=1000000 -max_len=900
//! cargo +nightly fuzz run router -- -runs=1000000 -max_len=1200
//! ```

pub mod app;

pub use app::now;

use std::sync::LazyLock;
use triggerfish::secret::{KeyFormat, PublicKey, Secret};
use triggerfish::verify::{ReadyVerifier, Scheme, Verifier};

/// Every scheme whose key can be made up here, ready.
pub static ALL: LazyLock<Vec<(&'static Scheme, ReadyVerifier)>> = LazyLock::new(|| {
    Scheme::all()
        .filter_map(|scheme| {
            let mut verifier = Verifier::from_scheme(scheme, Secret::from(key(scheme.key)))
                .param("webhook_id", "1")
                .param("email", "a@example.com");
            if scheme.handshakes.iter().any(|handshake| handshake.token.is_some()) {
                verifier = verifier.challenge(Secret::from("token"));
            }
            Some((scheme, verifier.build(&|_: &'static str| None).ok()?))
        })
        .collect()
});

fn key(format: KeyFormat) -> &'static str {
    match format {
        KeyFormat::Utf8 | KeyFormat::UserPassword => "user:correct horse battery staple",
        KeyFormat::Hex => "000102030405060708090a0b0c0d0e0f",
        KeyFormat::Base64 => "AAECAwQFBgcICQoLDA0ODw==",
        KeyFormat::Whsec => "whsec_AAECAwQFBgcICQoLDA0ODw==",
        KeyFormat::Public(PublicKey::Hex) => {
            "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c"
        }
        KeyFormat::Public(PublicKey::Whpk) => "whpk_6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=",
        KeyFormat::Public(PublicKey::Certificate) => {
            include_str!("../../src/verify/tests/keys/rsa.certificate.pem")
        }
        KeyFormat::Public(PublicKey::Pem) => include_str!("../../src/verify/tests/keys/rsa.public.pem"),
        KeyFormat::Public(PublicKey::SpkiBase64) => {
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q=="
        }
        KeyFormat::Public(PublicKey::Jwk) => {
            r#"{"kty":"EC","crv":"P-256","kid":"k","x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}"#
        }
    }
}
