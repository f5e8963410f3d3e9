//! A headless Chromium, spoken to by WebDriver over plain HTTP: what tests need
//! of the protocol is a few requests, and the harness has a client for those.

use super::{Call, until};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The name under which WebDriver hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser of its own, closed when it is dropped.
pub(crate) struct Browser {
    driver: Child,
    address: SocketAddr,
    session: String,
}

/// How a browser is to be.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Looks {
    pub(crate) dark: bool,
    pub(crate) without_scripts: bool,
}

impl Browser {
    /// Starts one; `None`, with a word about it, where there is no Chromium.
    pub(crate) async fn open(looks: Looks) -> Option<Self> {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let driver = Command::new("chromedriver")
            .args([format!("--port={port}"), "--log-level=OFF".to_owned()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(driver) = driver else {
            println!("skipped: without chromium and chromium-driver no page is opened in a browser");
            return None;
        };
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut browser = Browser { driver, address, session: String::new() };
        until("the driver of the browser", async || tokio::net::TcpStream::connect(address).await.ok()).await;
        let mut arguments = vec![
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--window-size=1280,900",
            "--force-device-scale-factor=1",
        ];
        if looks.dark {
            arguments.push("--blink-settings=preferredColorScheme=0");
        }
        let mut preferences = json!({});
        if looks.without_scripts {
            preferences = json!({ "profile.managed_default_content_settings.javascript": 2 });
        }
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments, "prefs": preferences },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let made = browser.ask("POST", "/session", &wanted).await;
        browser.session =
            made["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {made}")).to_owned();
        Some(browser)
    }

    /// Goes to a page.
    pub(crate) async fn go(&self, url: &str) {
        self.on("POST", "/url", json!({ "url": url })).await;
    }

    /// Where it is.
    pub(crate) async fn url(&self) -> String {
        self.on("GET", "/url", Value::Null).await.as_str().unwrap().to_owned()
    }

    /// Runs a script of the test's, which the policy of the page does not bind.
    pub(crate) async fn script(&self, script: &str) -> Value {
        self.on("POST", "/execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// The text of what a selector finds first, when it is there.
    pub(crate) async fn text(&self, selector: &str) -> String {
        until(&format!("the text of {selector}"), async || self.shown(selector).await).await
    }

    /// Waits until what a selector finds first holds a text, without a script.
    pub(crate) async fn shows(&self, selector: &str, text: &str) {
        until(&format!("the text {text:?} in {selector}"), async || {
            self.shown(selector).await.is_some_and(|shown| shown.contains(text)).then_some(())
        })
        .await;
    }

    /// The text of what a selector finds first; none where a page that is being
    /// replaced takes the element along.
    async fn shown(&self, selector: &str) -> Option<String> {
        let wanted = json!({ "using": "css selector", "value": selector });
        let found = self.try_on("POST", "/element", wanted).await;
        let path = format!("/element/{}/text", found[ELEMENT].as_str()?);
        self.try_on("GET", &path, Value::Null).await.as_str().map(str::to_owned)
    }

    /// Clicks on what a selector finds first, when it is there.
    pub(crate) async fn click(&self, selector: &str) {
        self.at(selector, &[("click", json!({}))]).await;
    }

    /// Writes into a field, in place of what is there.
    pub(crate) async fn write(&self, selector: &str, text: &str) {
        self.at(selector, &[("clear", json!({})), ("value", json!({ "text": text }))]).await;
    }

    /// Does something to what a selector finds first; again where a page that
    /// goes on by itself has put another in its place in this moment, or has not
    /// laid it out yet. Neither has had an effect.
    async fn at(&self, selector: &str, what: &[(&str, Value)]) {
        until(&format!("{selector} to stay"), async || {
            let element = self.find(selector).await;
            for (verb, with) in what {
                let answer = self.try_on("POST", &format!("/element/{element}/{verb}"), with.clone()).await;
                match answer["error"].as_str() {
                    None => {}
                    Some(
                        "stale element reference"
                        | "no such element"
                        | "element not interactable"
                        | "element click intercepted",
                    ) => return None,
                    Some(_) => panic!("{verb} {selector}: {answer}"),
                }
            }
            Some(())
        })
        .await;
    }

    /// Presses a key on the page.
    pub(crate) async fn press(&self, key: &str) {
        let actions = json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        let keys = json!({ "actions": [{ "type": "key", "id": "keys", "actions": actions }] });
        self.on("POST", "/actions", keys).await;
    }

    /// Waits until the page shows a text.
    pub(crate) async fn sees(&self, text: &str) {
        let script = "return document.body.innerText";
        until(&format!("the text {text:?} on the page"), async || {
            // A page that is being replaced has no body for a moment.
            let shown = self.try_on("POST", "/execute/sync", json!({ "script": script, "args": [] })).await;
            shown.as_str().is_some_and(|shown| shown.contains(text)).then_some(())
        })
        .await;
    }

    /// What the console says that is an error.
    pub(crate) async fn errors(&self) -> Vec<String> {
        let log = self.on("POST", "/se/log", json!({ "type": "browser" })).await;
        let entries = log.as_array().cloned().unwrap_or_default();
        let wrong = entries.iter().filter(|entry| entry["level"] == "SEVERE");
        wrong.map(|entry| entry["message"].to_string()).collect()
    }

    /// Keeps a picture of the page.
    pub(crate) async fn picture(&self, name: &str) {
        let picture = self.on("GET", "/screenshot", Value::Null).await;
        let bytes = BASE64_STANDARD.decode(picture.as_str().unwrap()).unwrap();
        let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join(format!("{name}.png")), bytes).unwrap();
    }

    async fn find(&self, selector: &str) -> String {
        let wanted = json!({ "using": "css selector", "value": selector });
        until(&format!("{selector} on the page"), async || {
            let found = self.try_on("POST", "/element", wanted.clone()).await;
            found[ELEMENT].as_str().map(str::to_owned)
        })
        .await
    }

    async fn on(&self, method: &str, path: &str, body: Value) -> Value {
        let path = format!("/session/{}{path}", self.session);
        let answer = self.ask(method, &path, &body).await;
        assert!(answer["error"].is_null(), "{method} {path} {body}: {answer}");
        answer
    }

    /// The same where it may fail: the answer is then the error.
    async fn try_on(&self, method: &str, path: &str, body: Value) -> Value {
        self.ask(method, &format!("/session/{}{path}", self.session), &body).await
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let call = Call::new(method, path).body(body).header("content-type", "application/json");
        call.send(self.address).await.json()["value"].take()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ended by name: a driver that is told to end may leave its browser behind.
        let _ = self.quit();
        let _ = Command::new("kill").args(["-TERM", &self.driver.id().to_string()]).status();
        let _ = self.driver.wait();
    }
}

impl Browser {
    /// Ends the session, and with it the browser, without a runtime.
    fn quit(&self) -> std::io::Result<()> {
        let Browser { address, session, .. } = self;
        if session.is_empty() {
            return Ok(());
        }
        let mut connection = TcpStream::connect(address)?;
        connection.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(
            connection,
            "DELETE /session/{session} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
        )?;
        // The answer comes when the browser has ended.
        connection.read(&mut [0; 512]).map(drop)
    }
}
