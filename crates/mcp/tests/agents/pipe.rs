//! An agent at the other end of a pipe.

use crate::kit::{Ground, in_time, owner};
use myceline_mcp::Server;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, ReadHalf, WriteHalf, split},
    task::JoinHandle,
};

/// Bytes on their way in each direction.
const PIPE_BYTES: usize = 64 << 10;

/// An agent, and the server that it talks to.
pub struct Agent {
    says: WriteHalf<DuplexStream>,
    hears: BufReader<ReadHalf<DuplexStream>>,
    asked: u64,
    server: JoinHandle<std::io::Result<()>>,
}

impl Agent {
    /// Somebody who has introduced themselves.
    pub async fn meets(server: Server) -> Agent {
        let (here, there) = tokio::io::duplex(PIPE_BYTES);
        let (reader, writer) = split(there);
        let server = tokio::spawn(myceline_mcp::serve(server, reader, writer));
        let (hears, says) = split(here);
        let mut agent = Agent { says, hears: BufReader::new(hears), asked: 0, server };
        let me = json!({ "name": "test", "version": "1" });
        let hello = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": me });
        let welcome = agent.ask("initialize", hello).await["result"].clone();
        assert_eq!(
            (&welcome["protocolVersion"], &welcome["serverInfo"]["name"]),
            (&json!("2025-06-18"), &json!("myceline"))
        );
        agent.say(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        agent
    }

    async fn say(&mut self, message: Value) {
        self.says.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }

    /// What comes of a request, be it an error of the protocol.
    pub async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        self.say(json!({ "jsonrpc": "2.0", "id": self.asked, "method": method, "params": params })).await;
        let mut line = String::new();
        in_time(self.hears.read_line(&mut line)).await.unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(answer["id"], self.asked, "{answer}");
        answer
    }

    /// The tools that are offered.
    pub async fn tools(&mut self) -> Vec<Value> {
        self.ask("tools/list", json!({})).await["result"]["tools"].as_array().unwrap().clone()
    }

    /// What a tool tells.
    pub async fn uses(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.calls(tool, arguments).await;
        assert_eq!(result["isError"], false, "{result}");
        assert_eq!(result["content"][0]["text"], result["structuredContent"].to_string(), "both say the same");
        result["structuredContent"].clone()
    }

    /// Why a tool does not do it, for programs and for readers.
    pub async fn fails(&mut self, tool: &str, arguments: Value) -> (Value, String) {
        let result = self.calls(tool, arguments).await;
        assert_eq!(result["isError"], true, "{result}");
        (result["structuredContent"].clone(), result["content"][0]["text"].as_str().unwrap().to_owned())
    }

    async fn calls(&mut self, tool: &str, arguments: Value) -> Value {
        self.ask("tools/call", json!({ "name": tool, "arguments": arguments })).await["result"].clone()
    }

    /// Leaves. The server ends well.
    pub async fn leaves(self) {
        let Agent { says, hears, server, .. } = self;
        drop((says, hears));
        in_time(server).await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_asks_changes_and_is_told_why_it_cannot() {
    let ground = Ground::new();
    let counter = ground.counter().await;
    let mut agent = Agent::meets(ground.offers(&[counter], |_| ())).await;

    assert_eq!(agent.uses("poll_value", json!({})).await, json!({ "result": 5 }));
    let made = agent.uses("poll_increment", json!({ "by": 37 })).await;
    assert_eq!((&made["result"], &made["block"]["height"]), (&json!(42), &json!(1)), "{made}");
    assert_eq!(agent.uses("poll_value", json!({})).await["result"], 42);
    // Every chain has a number of its own.
    assert_eq!(agent.uses("poll_increment", json!({ "by": 3, "chain": "savings" })).await["result"], 3);
    assert_eq!(agent.uses("poll_value", json!({ "chain": ground.savings.to_string() })).await["result"], 3);

    let raw = json!({ "query": "query($a: Int!) { value }", "variables": { "a": 1 } });
    let (error, _) = agent.fails("poll_graphql", raw).await;
    assert_eq!(error["code"], "usage", "{error}");
    assert_eq!(agent.uses("poll_graphql", json!({ "query": "{ value }" })).await["result"]["value"], 42);
    let twice = "mutation { a: increment(by: 1) b: increment(by: 1) }";
    assert_eq!(agent.uses("poll_graphql", json!({ "query": twice })).await["result"], json!([43, 44]));

    let half = json!({ "by": i64::MAX });
    agent.uses("poll_increment", half.clone()).await;
    let (error, text) = agent.fails("poll_increment", half).await;
    assert_eq!((&error["code"], &error["text"]), (&json!("application-failed"), &json!("the number fits in 64 bits")));
    assert_eq!(error["file"], "apps/counter/src/contract.rs");
    assert!(text.starts_with("application-failed: ") && text.contains("\nadvice: "), "{text}");
    assert_eq!(
        agent.uses("poll_value", json!({})).await["result"],
        44 + i64::MAX.unsigned_abs(),
        "nothing was changed"
    );

    for (arguments, why) in [
        (json!({}), "needs the argument \"by\""),
        (json!({ "by": "many" }), "Invalid value"),
        (json!({ "by": 1, "to": 2 }), "takes no argument \"to\""),
        (json!({ "by": 1, "chain": "attic" }), "the wallet has no chain \"attic\""),
    ] {
        let (_, text) = agent.fails("poll_increment", arguments.clone()).await;
        assert!(text.contains(why), "{arguments}: {text}");
    }
    let unknown = agent.ask("tools/call", json!({ "name": "poll_explode", "arguments": {} })).await;
    assert_eq!(unknown["error"]["code"], -32602, "{unknown}");
    agent.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wallets_chains_are_looked_at_and_paid_from() {
    let ground = Ground::new();
    let mut careful = Agent::meets(ground.offers(&[], |_| ())).await;
    let payment = json!({ "recipient": ground.savings.to_string(), "amount": "2.5" });
    let call = json!({ "name": "wallet_transfer", "arguments": payment });
    assert!(careful.ask("tools/call", call).await["error"].is_object(), "nobody allowed it");
    careful.leaves().await;

    let mut agent = Agent::meets(ground.offers(&[], |settings| settings.may_transfer = true)).await;
    let chains = agent.uses("wallet_chains", json!({})).await["chains"].as_array().unwrap().clone();
    assert_eq!(chains.len(), 2);
    assert!(chains.iter().any(|chain| chain["name"] == "main" && chain["is_default"] == true), "{chains:?}");
    assert!(chains.iter().all(|chain| chain["owner"] == owner().to_string()), "{chains:?}");

    let made = agent.uses("wallet_transfer", payment).await;
    assert_eq!(made["block"]["height"], 0);
    assert_eq!(agent.uses("wallet_balance", json!({})).await["balance"], "997.5");
    let block = agent.uses("wallet_block", json!({})).await;
    assert_eq!((&block["height"], &block["hash"]), (&json!(0), &made["block"]["hash"]));
    agent.uses("wallet_sync", json!({ "chain": "savings" })).await;
    let inbox = agent.uses("wallet_inbox", json!({ "chain": "savings" })).await;
    assert_eq!(inbox["bundles"][0]["origin"], ground.main.to_string(), "{inbox}");
    assert_eq!(agent.uses("wallet_receive", json!({ "chain": "savings" })).await["blocks"], json!([0]));
    assert_eq!(agent.uses("wallet_balance", json!({ "chain": "savings" })).await["balance"], "1002.5");
    assert_eq!(agent.uses("wallet_applications", json!({})).await["applications"], json!([]));

    let (error, text) =
        agent.fails("wallet_transfer", json!({ "recipient": ground.savings.to_string(), "amount": "5000" })).await;
    assert_eq!(error["code"], "insufficient-funds");
    assert!(text.contains("wallet_balance"), "an agent is told of tools, not of commands: {text}");
    agent.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_reads_makes_no_blocks() {
    let ground = Ground::new();
    let counter = ground.counter().await;
    let mut agent = Agent::meets(ground.offers(&[counter], |settings| settings.is_read_only = true)).await;
    let tools = agent.tools().await;
    assert!(tools.iter().all(|tool| tool["annotations"]["readOnlyHint"] == true), "{tools:?}");
    let names: Vec<&str> = tools.iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert!(names.contains(&"poll_value") && !names.contains(&"poll_increment") && !names.contains(&"wallet_receive"));
    let before = ground.node.next_height(ground.main).await.unwrap();
    let (error, _) = agent.fails("poll_graphql", json!({ "query": "mutation { increment(by: 1) }" })).await;
    assert_eq!(error["code"], "read-only");
    assert_eq!(ground.node.next_height(ground.main).await.unwrap(), before);
    agent.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_application_understands_can_be_read() {
    let ground = Ground::new();
    let counter = ground.counter().await;
    let mut agent = Agent::meets(ground.offers(&[counter], |_| ())).await;
    let listed = agent.ask("resources/list", json!({})).await["result"]["resources"].as_array().unwrap().clone();
    let mut texts = Vec::new();
    for resource in &listed {
        let read =
            agent.ask("resources/read", json!({ "uri": resource["uri"] })).await["result"]["contents"][0].clone();
        assert_eq!(read["mimeType"], resource["mimeType"]);
        texts.push(read["text"].as_str().unwrap().to_owned());
    }
    assert!(texts[0].contains("type Query {") && texts[0].contains("increment(by: Int!): Boolean!"), "{}", texts[0]);
    assert!(texts[1].contains("https://json-schema.org/draft/2020-12/schema"), "{}", texts[1]);
    let missing = agent.ask("resources/read", json!({ "uri": "myceline://nowhere" })).await;
    assert!(missing["error"].is_object(), "{missing}");
    agent.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_end_is_passed_over_and_the_next_one_answered() {
    let ground = Ground::new();
    let mut agent = Agent::meets(ground.offers(&[], |_| ())).await;
    let long = json!({ "query": "x".repeat(2 << 20) });
    agent
        .say(
            json!({ "jsonrpc": "2.0", "id": 99, "method": "tools/call", "params": { "name": "x", "arguments": long } }),
        )
        .await;
    assert_eq!(agent.uses("wallet_balance", json!({})).await["balance"], "1000");
    agent.leaves().await;
}
