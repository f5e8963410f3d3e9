//! A client of rust-analyzer: JSON-RPC over its standard input and output.

use super::{at, uri};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub(crate) struct Client {
    server: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    id: u64,
    /// It has read the program, its dependencies and its macros.
    is_ready: bool,
}

impl Client {
    /// Starts rust-analyzer in a folder, if it is installed, and waits until it has read everything.
    pub(crate) fn start(folder: &Path) -> Option<Self> {
        let is_installed = Command::new("rust-analyzer").arg("--version").current_dir(folder).output();
        if !is_installed.is_ok_and(|output| output.status.success()) {
            return None;
        }
        let mut server = Command::new("rust-analyzer")
            .current_dir(folder)
            // Set by what runs the tests, and no business of the program in the editor.
            .env_remove("RUSTFLAGS")
            .env("CARGO_TARGET_DIR", folder.join("target"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("rust-analyzer starts");
        let (input, output) = (server.stdin.take().expect("piped"), server.stdout.take().expect("piped"));
        let mut client = Client { server, input, output: BufReader::new(output), id: 0, is_ready: false };
        client.request(
            "initialize",
            json!({
                "processId": std::process::id(),
                "rootUri": uri(folder),
                "capabilities": {
                    "experimental": { "serverStatusNotification": true },
                    "textDocument": { "completion": { "completionItem": { "snippetSupport": false } } },
                },
                "initializationOptions": {
                    "checkOnSave": false,
                    "cachePriming": { "enable": false },
                    "cargo": { "buildScripts": { "enable": true } },
                    "procMacro": { "enable": true },
                },
            }),
        );
        client.send(&json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
        while !client.is_ready {
            client.receive();
        }
        Some(client)
    }

    pub(crate) fn open(&mut self, file: &Path, text: &str) {
        let document = json!({ "uri": uri(file), "languageId": "rust", "version": 1, "text": text });
        let params = json!({ "textDocument": document });
        self.send(&json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": params }));
    }

    /// The lines that a definition is found at.
    pub(crate) fn definition(&mut self, file: &Path, place: (u32, u32)) -> Vec<u32> {
        let answer = self.request("textDocument/definition", at(file, place));
        let targets = answer.as_array().map(Vec::as_slice).unwrap_or_default();
        targets.iter().map(|target| line(&target["range"])).collect()
    }

    /// The lines of the mistakes that it finds without a compiler.
    pub(crate) fn diagnostics(&mut self, file: &Path) -> Vec<u32> {
        let answer = self.request("textDocument/diagnostic", json!({ "textDocument": { "uri": uri(file) } }));
        let items = answer["items"].as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().filter(|item| item["severity"] == 1).map(|item| line(&item["range"])).collect()
    }

    /// What is offered.
    pub(crate) fn completion(&mut self, file: &Path, place: (u32, u32)) -> Vec<String> {
        let answer = self.request("textDocument/completion", at(file, place));
        let items = answer.get("items").unwrap_or(&answer).as_array().cloned().unwrap_or_default();
        items.iter().filter_map(|item| item["label"].as_str()).map(str::to_owned).collect()
    }

    /// The lines that a rename changes.
    pub(crate) fn rename(&mut self, file: &Path, place: (u32, u32), name: &str) -> Vec<u32> {
        let mut params = at(file, place);
        params["newName"] = name.into();
        let answer = self.request("textDocument/rename", params);
        let by_uri = answer["changes"].as_object().into_iter().flat_map(|changes| changes.values().cloned());
        let documents = answer["documentChanges"].as_array().into_iter().flatten();
        let edits = by_uri.chain(documents.map(|change| change["edits"].clone()));
        let lines: BTreeSet<_> = edits
            .flat_map(|edits| edits.as_array().cloned().unwrap_or_default())
            .map(|edit| line(&edit["range"]))
            .collect();
        lines.into_iter().collect()
    }

    pub(crate) fn stop(mut self) {
        self.request("shutdown", Value::Null);
        self.send(&json!({ "jsonrpc": "2.0", "method": "exit" }));
        let _ = self.server.wait();
    }

    fn request(&mut self, method: &str, params: Value) -> Value {
        loop {
            self.id += 1;
            let id = self.id;
            self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
            let answer = loop {
                let message = self.receive();
                if message["id"] == id && message.get("method").is_none() {
                    break message;
                }
            };
            match &answer["error"]["code"] {
                Value::Null => return answer["result"].clone(),
                // The content was modified, or the request was cancelled: it is asked again.
                code if [-32801, -32800, -32802].map(Value::from).contains(code) => {}
                _ => panic!("{method}: {}", answer["error"]),
            }
        }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("it listens");
        self.input.flush().expect("it listens");
    }

    /// One message. Requests of the server are answered with nothing.
    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut header = String::new();
            let read = self.output.read_line(&mut header).expect("it answers");
            assert!(read > 0, "rust-analyzer ended");
            if let Some(text) = header.strip_prefix("Content-Length: ") {
                length = text.trim().parse().expect("a length");
            }
            if header.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).expect("it answers");
        let message: Value = serde_json::from_slice(&body).expect("JSON");
        if message["method"] == "experimental/serverStatus" {
            assert!(message["params"]["health"] != "error", "{}", message["params"]);
            self.is_ready = message["params"]["quiescent"] == true;
        }
        if let (Some(id), true) = (message.get("id"), message.get("method").is_some()) {
            self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": null }));
        }
        message
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn line(range: &Value) -> u32 {
    range["start"]["line"].as_u64().expect("a line") as u32
}
