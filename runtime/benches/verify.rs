//! Verification against the bare HMAC over the same bytes.
//!
//! `cargo bench -p triggerfish --bench verify`. Besides divan's table it prints
//! the ratios of the fastest runs, which a noisy machine disturbs least.

use bytes::Bytes;
use divan::Bencher;
use divan::counter::BytesCount;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use triggerfish::request::{Request, RequestParts};
use triggerfish::secret::Secret;
use triggerfish::verify::{ReadyVerifier, Verifier};

const KEY: &str = "correct horse battery staple";
const SIZES: [usize; 3] = [600, 7 * 1024, 1024 * 1024];

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_763_752_000)
}

/// A verifier and a request of `size` bytes that it accepts.
fn signed(verifier: &Verifier, size: usize) -> (ReadyVerifier, Request) {
    let Ok(ready) = verifier.build(&|_: &'static str| None) else { panic!("a verifier that can be built") };
    let mut body = br#"{"id":"evt_1","type":"price.created","data":""#.to_vec();
    body.resize(size - 2, b'x');
    body.extend_from_slice(b"\"}");
    let parts = RequestParts { body: Bytes::from(body), ..RequestParts::default() };
    let Ok(parts) = ready.sign(parts, now()) else { panic!("a request that can be signed") };
    (ready, Request::new(parts))
}

fn calcom(size: usize) -> (ReadyVerifier, Request) {
    signed(&Verifier::calcom(Secret::from(KEY)), size)
}

/// What a handler does that has the header's bytes already.
fn bare(body: &[u8], tag: &[u8]) -> bool {
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()) else { return false };
    mac.chain_update(body).verify_slice(tag).is_ok()
}

fn tag(request: &Request) -> Vec<u8> {
    request.header("x-cal-signature-256").and_then(|text| hex::decode(text).ok()).unwrap_or_default()
}

#[divan::bench(args = SIZES)]
fn bare_hmac(bencher: Bencher<'_, '_>, size: usize) {
    let (_, request) = calcom(size);
    let tag = tag(&request);
    bencher.counter(BytesCount::new(size)).bench(|| bare(black_box(request.body()), black_box(&tag)));
}

#[divan::bench(args = SIZES)]
fn whole_header(bencher: Bencher<'_, '_>, size: usize) {
    let (ready, request) = calcom(size);
    bencher.counter(BytesCount::new(size)).bench(|| ready.verify(black_box(&request), now()).is_verified());
}

#[divan::bench(args = SIZES)]
fn timestamp_and_an_id_in_the_body(bencher: Bencher<'_, '_>, size: usize) {
    let (ready, request) = signed(&Verifier::stripe(Secret::from(KEY)), size);
    bencher.counter(BytesCount::new(size)).bench(|| ready.verify(black_box(&request), now()).is_verified());
}

#[divan::bench(args = SIZES)]
fn timestamp_and_two_secrets(bencher: Bencher<'_, '_>, size: usize) {
    let (_, request) = signed(&Verifier::stripe(Secret::from(KEY)), size);
    let secrets = [Secret::from("a secret that is newer than that"), Secret::from(KEY)];
    let Ok(ready) = Verifier::stripe(secrets).build(&|_: &'static str| None) else { return };
    bencher.counter(BytesCount::new(size)).bench(|| ready.verify(black_box(&request), now()).is_verified());
}

/// The fastest verification over the fastest bare HMAC, of many runs of each in
/// turn.
fn ratio(size: usize) -> f64 {
    let (ready, request) = calcom(size);
    let tag = tag(&request);
    let rounds = (2_000_000 / size).clamp(5, 500);
    let time = |work: &dyn Fn() -> bool| {
        let start = Instant::now();
        for _ in 0..rounds {
            assert!(black_box(work()));
        }
        start.elapsed().as_secs_f64()
    };
    let (mut verify, mut hmac) = (f64::MAX, f64::MAX);
    for _ in 0..200 {
        hmac = hmac.min(time(&|| bare(black_box(request.body()), black_box(&tag))));
        verify = verify.min(time(&|| ready.verify(black_box(&request), now()).is_verified()));
    }
    verify / hmac
}

#[expect(clippy::print_stdout, reason = "a benchmark reports on the terminal")]
fn main() {
    divan::main();
    for size in SIZES {
        println!("verify / bare hmac at {size} B: {:.3}", ratio(size));
    }
}
