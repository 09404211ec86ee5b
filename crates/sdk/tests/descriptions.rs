//! A description makes of JSON exactly the bytes that serde makes of the type, and back; and strangers' bytes are refused.

use myceline_sdk::{
    ContractAbi, Describe,
    describe::{Description, Format, convert},
    types::{Account, Amount, ChainId, Hash, Holder, Owner, encoding, encoding::Opaque},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Describe)]
enum Operation {
    Stop,
    Say(String),
    Pair(i8, u64),
    #[serde(rename = "pay")]
    Transfer {
        to: Account,
        amount: Amount,
        memo: Option<Opaque>,
    },
    All(Vec<Everything>),
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Describe)]
struct Everything {
    owners: Vec<Owner>,
    chain: ChainId,
    notes: BTreeMap<String, u32>,
    delta: i64,
    next: Option<Box<Everything>>,
}

struct Abi;

impl ContractAbi for Abi {
    type Operation = Operation;
    type Response = bool;
}

fn description() -> Description {
    Description::of::<Abi, ()>().finish()
}

fn operations() -> Vec<Operation> {
    let chain = ChainId(Hash([7; 32]));
    let account = Account { chain, holder: Holder::Owner(Owner::Ethereum([9; 20])) };
    let inner = Everything {
        owners: vec![Owner::Ed25519([1; 32]), Owner::Passkey([2; 33])],
        chain,
        notes: BTreeMap::from([("long one".into(), 1), ("z".into(), 2)]),
        delta: -5,
        next: None,
    };
    let outer = Everything { next: Some(Box::new(inner.clone())), delta: i64::MIN, ..inner.clone() };
    vec![
        Operation::Stop,
        Operation::Say("hello".into()),
        Operation::Pair(-128, u64::MAX),
        Operation::Transfer { to: account, amount: Amount(3), memo: Some(Opaque(vec![0xab; 300])) },
        Operation::Transfer { to: Account::of_chain(chain), amount: Amount::ONE, memo: None },
        Operation::All(vec![inner, outer]),
    ]
}

#[test]
fn json_and_bytes_agree_with_serde() {
    let description = description();
    for operation in operations() {
        let (json, bytes) = (json!(operation), encoding::to_bytes(&operation));
        assert_eq!(convert::to_bytes(&description, &description.operation, &json).as_ref(), Ok(&bytes), "{json}");
        assert_eq!(convert::to_json(&description, &description.operation, &bytes), Ok(json));
    }
}

#[test]
fn a_description_survives_its_own_json() {
    let text = serde_json::to_string(&description()).unwrap();
    assert_eq!(serde_json::from_str::<Description>(&text).unwrap(), description());
}

fn refusal(json: Value) -> String {
    let description = description();
    convert::to_bytes(&description, &description.operation, &json).expect_err("a mistake is refused").to_string()
}

#[test]
fn a_mistake_in_json_is_named_with_its_place() {
    assert!(refusal(json!("Go")).contains("there is no Go; expected one of Stop, Say, Pair, pay, All"));
    assert_eq!(refusal(json!({ "Pair": [128, 1] })), "Pair.0: 128 needs more than 1 bytes");
    assert!(refusal(json!({ "pay": { "to": "x", "amount": "1" } })).starts_with("pay.to: "));
    assert!(refusal(json!({ "pay": { "too": "x" } })).contains("there is no field too; expected to, amount, memo"));
}

#[test]
fn bytes_that_are_not_canonical_are_refused() {
    let description = description();
    let read = |bytes: &[u8]| convert::to_json(&description, &description.operation, bytes);
    assert!(read(&[0x80, 0]).is_err(), "a length with too many bytes");
    assert!(read(&[0, 0]).is_err(), "a byte too many");
    assert!(read(&[9]).is_err(), "a case that does not exist");
    for operation in operations() {
        let bytes = encoding::to_bytes(&operation);
        assert!((0..bytes.len()).all(|length| read(&bytes[..length]).is_err()), "{operation:?} cut short");
    }
}

#[test]
fn a_list_of_nothing_ends() {
    let lists = [Format::Unit, Format::Tuple(vec![]), Format::Fixed(0)];
    for format in lists.map(|nothing| Format::List(Box::new(nothing))) {
        let why = convert::to_json(&description(), &format, &[0xff, 0xff, 0xff, 0xff, 0x0f]).expect_err("too long");
        assert!(why.to_string().contains("too many values without bytes"), "{why}");
    }
}
