//! What real applications are offered as.

use crate::{
    kit::{Ground, owner},
    pipe::Agent,
};
use expect_test::{Expect, expect};
use fungible::{Parameters, Supply};
use myceline_mcp::Interface;
use myceline_types::Amount;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The tools of an application, as an agent reads them: what they do, their schemas in short, their marks.
async fn check(ground: &Ground, interface: Interface, expected: Expect) {
    let id = ground.node.applications(ground.main, None, 1).await.unwrap()[0].to_string();
    let mut agent = Agent::meets(ground.offers(&[interface], |_| ())).await;
    let mut listed = String::new();
    for tool in agent.tools().await {
        let name = tool["name"].as_str().unwrap();
        if name.starts_with("wallet_") {
            continue;
        }
        let marks = &tool["annotations"];
        let does = if marks["readOnlyHint"] == true { "reads" } else { "changes" };
        assert_eq!(marks["destructiveHint"], marks["readOnlyHint"] == false, "{tool}");
        writeln!(listed, "# {name} ({does})\n{}", tool["description"].as_str().unwrap()).unwrap();
        writeln!(listed, "{}\n", without_chain(tool["inputSchema"].clone())).unwrap();
    }
    agent.leaves().await;
    expected.assert_eq(&listed.replace(&id, "ID"));
}

/// Every tool can be told the chain, which is checked here once.
fn without_chain(mut schema: Value) -> Value {
    let chain = schema["properties"].as_object_mut().unwrap().remove("chain").unwrap();
    assert_eq!(chain["type"], "string");
    assert_eq!((&schema["type"], &schema["additionalProperties"]), (&json!("object"), &json!(false)));
    json!({ "properties": schema["properties"], "required": schema["required"] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_is_a_query_a_mutation_and_graphql() {
    let ground = Ground::new();
    let counter = ground.counter().await;
    check(&ground, counter, expect![[r##"
        # poll_value (reads)
        The number.

        Asks poll about a chain, and answers Int!.
        {"properties":{},"required":[]}

        # poll_increment (changes)
        Adds to the number.

        Makes a block of a chain of this wallet, and answers what poll returned when it is final.
        {"properties":{"by":{"description":"How much.","type":"integer"}},"required":["by"]}

        # poll_graphql (changes)
        Asks poll about a chain in GraphQL, for what its other tools do not ask. A mutation makes a block. Its schema:

        type Query {
          """The number."""
          value: Int!
        }

        type OperationMutations {
          """Adds to the number."""
          increment(by: Int!): Boolean!
        }

        {"properties":{"operationName":{"description":"Which of its operations","type":"string"},"query":{"description":"A document of GraphQL","type":"string"},"variables":{"description":"Its variables","type":"object"}},"required":["query"]}

    "##]]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_have_a_tool_for_each_operation_even_where_a_query_has_its_name() {
    let ground = Ground::new();
    let supply = Supply { accounts: [(owner(), Amount::from_tokens(7))].into() };
    let tokens = ground.create("fungible", "gold", &Parameters { ticker: "GLD".into() }, &supply).await;
    let mut agent = Agent::meets(ground.offers(std::slice::from_ref(&tokens), |_| ())).await;
    let balances = agent.uses("gold_balances", json!({})).await;
    assert_eq!(balances["result"], json!([{ "owner": owner().to_string(), "amount": "7" }]));
    let made = agent.uses("gold_mutation_balance", json!({ "owner": owner().to_string() })).await;
    assert!(made["block"]["height"].is_u64(), "{made}");
    agent.leaves().await;
    check(&ground, tokens, expect![[r##"
        # gold_ticker (reads)
        The short name of the token.

        Asks gold about a chain, and answers String!.
        {"properties":{},"required":[]}

        # gold_balance (reads)
        What somebody has on this chain.

        Asks gold about a chain, and answers Amount!.
        {"properties":{"owner":{"description":"An owner, such as ed25519:<64 hex digits> or 0x<40 hex digits>","type":"string"}},"required":["owner"]}

        # gold_balances (reads)
        Everybody who has something on this chain.

        Asks gold about a chain, and answers [Balance!]!.
        {"properties":{},"required":[]}

        # gold_allowance (reads)
        What an owner lets a spender spend on this chain.

        Asks gold about a chain, and answers Amount!.
        {"properties":{"owner":{"description":"An owner, such as ed25519:<64 hex digits> or 0x<40 hex digits>","type":"string"},"spender":{"description":"An owner, such as ed25519:<64 hex digits> or 0x<40 hex digits>","type":"string"}},"required":["owner","spender"]}

        # gold_mutation_balance (changes)
        Does nothing but answer what somebody has here.

        Makes a block of a chain of this wallet, and answers what gold returned when it is final.
        {"properties":{"owner":{"description":"Who.\nAn owner, such as ed25519:<64 hex digits> or 0x<40 hex digits>","type":"string"}},"required":["owner"]}

        # gold_transfer (changes)
        Moves tokens, on this chain or to another one.

        Makes a block of a chain of this wallet, and answers what gold returned when it is final.
        {"properties":{"amount":{"description":"How many.\nAn amount of tokens as a decimal number in a text","type":"string"},"owner":{"description":"Whose.\nAn owner, such as ed25519:<64 hex digits> or 0x<40 hex digits>","type":"string"},"to":{"description":"To whom, and on which chain.\nAn account of a chain: the chain's id, optionally followed by / and an owner","type":"string"}},"required":["owner","amount","to"]}

        # gold_approve (changes)
        Lets somebody spend tokens on this chain. Replaces what was allowed before.

        Makes a block of a chain of this wallet, and answers what gold returned when it is final.
        {"properties":{"amount":{"description":"How many in all.\nAn amount of tokens as a decimal number in a text","type":"string"},"owner":{"description":"Whose.\nAn owner, such as ed25519:<64 hex digits> or 0x<40 hex digits>","type":"string"},"spender":{"description":"Who may.\nAn owner, such as ed25519:<64 hex digits> or 0x<40 hex digits>","type":"string"}},"required":["owner","spender","amount"]}

        # gold_transferFrom (changes)
        Moves tokens that their owner lets a spender spend.

        Makes a block of a chain of this wallet, and answers what gold returned when it is final.
        {"properties":{"amount":{"description":"How many.\nAn amount of tokens as a decimal number in a text","type":"string"},"owner":{"description":"Whose.\nAn owner, such as ed25519:<64 hex digits> or 0x<40 hex digits>","type":"string"},"spender":{"description":"Who spends.\nAn owner, such as ed25519:<64 hex digits> or 0x<40 hex digits>","type":"string"},"to":{"description":"To whom, and on which chain.\nAn account of a chain: the chain's id, optionally followed by / and an owner","type":"string"}},"required":["owner","spender","amount","to"]}

        # gold_claim (changes)
        Moves tokens that the owner has on another chain.

        Makes a block of a chain of this wallet, and answers what gold returned when it is final.
        {"properties":{"amount":{"description":"How many.\nAn amount of tokens as a decimal number in a text","type":"string"},"from":{"description":"Where they are and whose they are.\nAn account of a chain: the chain's id, optionally followed by / and an owner","type":"string"},"to":{"description":"To whom, and on which chain.\nAn account of a chain: the chain's id, optionally followed by / and an owner","type":"string"}},"required":["from","amount","to"]}

        # gold_graphql (changes)
        Asks gold about a chain in GraphQL, for what its other tools do not ask. A mutation makes a block. Its schema:

        type Query {
          """The short name of the token."""
          ticker: String!
          """What somebody has on this chain."""
          balance(owner: Owner!): Amount!
          """Everybody who has something on this chain."""
          balances: [Balance!]!
          """What an owner lets a spender spend on this chain."""
          allowance(owner: Owner!, spender: Owner!): Amount!
        }

        type OperationMutations {
          """Does nothing but answer what somebody has here."""
          balance(owner: Owner!): Boolean!
          """Moves tokens, on this chain or to another one."""
          transfer(owner: Owner!, amount: Amount!, to: Account!): Boolean!
          """Lets somebody spend tokens on this chain. Replaces what was allowed before."""
          approve(owner: Owner!, spender: Owner!, amount: Amount!): Boolean!
          """Moves tokens that their owner lets a spender spend."""
          transferFrom(owner: Owner!, spender: Owner!, amount: Amount!, to: Account!): Boolean!
          """Moves tokens that the owner has on another chain."""
          claim(from: Account!, amount: Amount!, to: Account!): Boolean!
        }

        """An account of a chain: the chain's id, optionally followed by / and an owner"""
        scalar Account

        """An amount of tokens as a decimal number in a text"""
        scalar Amount

        """What somebody has."""
        type Balance {
          owner: Owner!
          amount: Amount!
        }

        """An owner, such as ed25519:<64 hex digits> or 0x<40 hex digits>"""
        scalar Owner

        {"properties":{"operationName":{"description":"Which of its operations","type":"string"},"query":{"description":"A document of GraphQL","type":"string"},"variables":{"description":"Its variables","type":"object"}},"required":["query"]}

    "##]]).await;
}
