//! Serves the program under test. `--store nothing` answers without a store;
//! otherwise the environment decides, as it does for any program:
//! `TRIGGERFISH_DATABASE_URL`, `PORT`, `TRIGGERFISH_LOG`.

#[path = "../receiver/mod.rs"]
mod receiver;

use receiver::nothing::Nothing;
use std::sync::Arc;
use triggerfish::runtime::Runtime;
use triggerfish_benches::Result;
use triggerfish_benches::args::Args;

fn main() -> Result<()> {
    let mut args = Args::from_env();
    let store: String = args.get("--store", String::new())?;
    let threads: usize = args.get("--threads", 0)?;
    args.finish()?;
    let builder = match store.as_str() {
        "" => Runtime::builder(),
        "nothing" => Runtime::builder().store(Arc::new(Nothing)),
        other => return Err(format!("`--store {other}`: it is `nothing`, or left out").into()),
    };
    triggerfish_benches::threads::runtime(threads)?.block_on(async { Ok(builder.build()?.serve().await?) })
}
