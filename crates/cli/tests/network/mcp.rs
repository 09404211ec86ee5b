//! An agent and a wallet: tools over a pipe and over HTTP, while other commands and a service use the same wallet.

use super::{
    kit::{Net, User},
    typing::{page, shell_blocks, type_all},
};
use myceline_sdk_testing::Module;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, ChildStdin, ChildStdout, Stdio},
};

/// A client of the protocol, and the program that it started.
struct Agent {
    process: Child,
    says: ChildStdin,
    hears: BufReader<ChildStdout>,
    asked: u64,
}

impl Agent {
    fn of(user: &User, words: &[&str]) -> Agent {
        let mut command = user.command(&[&["mcp"], words].concat());
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (says, hears) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        let mut agent = Agent { process, says, hears, asked: 0 };
        let me = json!({ "name": "test", "version": "1" });
        let hello = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": me });
        assert_eq!(agent.ask("initialize", hello)["serverInfo"]["name"], "myceline");
        writeln!(agent.says, "{}", json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).unwrap();
        agent
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let request = json!({ "jsonrpc": "2.0", "id": self.asked, "method": method, "params": params });
        writeln!(self.says, "{request}").unwrap();
        let mut line = String::new();
        self.hears.read_line(&mut line).unwrap();
        let answer: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("only the protocol is on stdout: {line}"));
        assert_eq!(answer["id"], self.asked, "{answer}");
        answer["result"].clone()
    }

    fn names(&mut self) -> Vec<String> {
        let listed = self.ask("tools/list", json!({}));
        listed["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    }

    /// What a tool tells, and whether that is an error.
    fn call(&mut self, tool: &str, arguments: Value) -> (Value, bool) {
        let result = self.ask("tools/call", json!({ "name": tool, "arguments": arguments }));
        (result["structuredContent"].clone(), result["isError"].as_bool().unwrap())
    }

    /// What a tool tells that must work.
    fn uses(&mut self, tool: &str, arguments: Value) -> Value {
        let (told, is_error) = self.call(tool, arguments);
        assert!(!is_error, "{told}");
        told["result"].clone()
    }

    /// Closes the pipe. The program ends by itself, and well.
    fn leaves(self) {
        let Agent { mut process, says, .. } = self;
        drop(says);
        assert!(process.wait().unwrap().success());
    }
}

/// A program that says when it is ready, and goes on until it is interrupted.
struct Running {
    process: Child,
    told: Value,
}

impl Running {
    fn start(user: &User, words: &[&str]) -> Running {
        let mut process = user.command(words).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Running { process, told: serde_json::from_str(&line).unwrap_or_else(|_| panic!("not ready: {line}")) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        kill_process(Pid::from_child(&self.process), Signal::INT).unwrap();
        assert!(self.process.wait().unwrap().success(), "it ends well when it is asked to");
    }
}

/// The counter, published by the bank and called `poll`. It starts at five.
fn publish_poll(net: &Net) {
    let Module { contract, service } = Module::build("counter");
    let [contract, service] = [("contract", contract), ("service", service)].map(|(half, code)| {
        let file = net.path(&format!("counter_{half}.wasm"));
        fs::write(&file, code).unwrap();
        file.to_str().unwrap().to_owned()
    });
    let published = net.bank.does(&["module", "publish", &contract, &service]);
    net.bank.does(&["app", "create", published["module"].as_str().unwrap(), "--argument", "5", "--name", "poll"]);
}

#[test]
fn an_agent_uses_an_application_and_is_in_nobodys_way() {
    let net = Net::up();
    publish_poll(&net);
    let value = || net.bank.does(&["app", "query", "poll", "{ value }"])["answer"]["data"]["value"].clone();

    let mut agent = Agent::of(&net.bank, &["poll"]);
    let names = agent.names();
    assert!(["poll_value", "poll_increment", "poll_graphql"].iter().all(|name| names.iter().any(|it| it == name)));
    assert!(!names.iter().any(|name| name == "wallet_transfer"), "nobody allowed it");
    assert_eq!(agent.uses("poll_increment", json!({ "by": 37 })), 42);
    assert_eq!(value(), 42, "other commands have the wallet meanwhile");
    net.bank.does(&["app", "call", "poll", r#"{"Increment": {"by": 1}}"#]);
    assert_eq!(agent.uses("poll_value", json!({})), 43, "and what they do is seen");

    // A service takes the wallet, and another agent comes: all of them are served.
    let service = Running::start(&net.bank, &["service", "--port", "0"]);
    assert_eq!(agent.uses("poll_increment", json!({ "by": 7 })), 50);
    let mut reader = Agent::of(&net.bank, &["--read-only"]);
    assert!(!reader.names().iter().any(|name| name == "poll_increment"));
    assert_eq!(reader.uses("poll_value", json!({})), 50);
    drop(service);
    assert_eq!(reader.uses("poll_value", json!({})), 50);
    assert_eq!(agent.uses("poll_increment", json!({ "by": 1 })), 51);
    reader.leaves();

    let told = type_all(&shell_blocks(&page("docs/mcp.md")), net.folder.path(), &net.bank);
    let answers: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(answers.iter().any(|answer| answer["result"]["structuredContent"]["result"] == 51), "{told}");

    let half = json!({ "by": i64::MAX });
    agent.uses("poll_increment", half.clone());
    let (error, is_error) = agent.call("poll_increment", half);
    assert!(is_error, "{error}");
    assert_eq!((&error["code"], &error["text"]), (&json!("application-failed"), &json!("the number fits in 64 bits")));
    assert_eq!(error["file"], "apps/counter/src/contract.rs");
    agent.leaves();
}

#[test]
fn agents_come_over_http_and_show_a_token() {
    let net = Net::up();
    publish_poll(&net);
    assert_eq!(net.bank.fails(&["mcp", "--http", "0.0.0.0:0"]), "usage", "nobody else is let in without a token");
    assert_eq!(net.bank.fails(&["mcp", "nothing"]), "not-found");
    let token = net.path("token");
    fs::write(&token, "sixteen letters.\n").unwrap();
    let words = ["mcp", "poll", "--http", "127.0.0.1:0", "--token-file", token.to_str().unwrap()];
    let site = Running::start(&net.bank, &words);
    assert_eq!((&site.told["applications"], &site.told["needs_token"]), (&json!(1), &json!(true)));
    let address = site.told["url"].as_str().unwrap().strip_prefix("http://").unwrap().strip_suffix("/mcp").unwrap();
    let call = json!({ "name": "poll_increment", "arguments": { "by": 2 } });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call }).to_string();
    let refused = post(address, "a guess", &body);
    assert!(refused.starts_with("HTTP/1.1 401 "), "{refused}");
    let made = post(address, "sixteen letters.", &body);
    assert!(made.starts_with("HTTP/1.1 200 ") && made.contains(r#""result":7"#), "{made}");
    assert_eq!(net.bank.does(&["app", "query", "poll", "{ value }"])["answer"]["data"]["value"], 7);
}

fn post(address: &str, token: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head = format!(
        "POST /mcp HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\naccept: application/json, text/event-stream\r\ncontent-length: {length}\r\n\r\n"
    );
    write!(stream, "{head}{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
