//! Loads one server with signed webhooks and prints what came back as JSON.
//!
//! ```text
//! load ADDRESS --path /webhook --body FILE --secret SECRET --header 'x-sig: {sig}' \
//!      --conns 64 --warm 0.3 --seconds 1 --server PID
//! ```

use std::io::Write;
use std::time::Duration;
use triggerfish_benches::Result;
use triggerfish_benches::args::Args;
use triggerfish_benches::load::{Load, run};
use triggerfish_benches::message::Message;

fn main() -> Result<()> {
    let mut args = Args::from_env();
    let headers = args.all("--header")?;
    let path: String = args.get("--path", "/webhook".to_owned())?;
    let body: String = args.get("--body", String::new())?;
    let secret: String = args.get("--secret", "secret".to_owned())?;
    let connections = args.get("--conns", 64)?;
    let warm = Duration::from_secs_f64(args.get("--warm", 0.3)?);
    let measure = Duration::from_secs_f64(args.get("--seconds", 1.0)?);
    let server = args.all("--server")?.pop().map(|pid| pid.parse()).transpose()?;
    let host = args.word().ok_or("give the server's address, such as 127.0.0.1:3000")?;
    args.finish()?;
    let body = if body.is_empty() { Vec::new() } else { std::fs::read(&body)? };
    let message = Message::new(&host, &path, &headers, &secret, &body);
    let report = run(&Load { address: host.parse()?, message, connections, warm, measure, server })?;
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&report)?)?;
    Ok(())
}
