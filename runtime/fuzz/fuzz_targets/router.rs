//! Any request through the router of a running app: it is answered, recorded once, and nothing
//! is taken that is not genuine.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    triggerfish_fuzz::app::judge(data);
});
