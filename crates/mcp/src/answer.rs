//! What a caller is told: what came of a call, or what went wrong and what can be done about it, in bounded size.

use crate::tool::Effect;
use myceline_service::{Code, Failure, call::Made};
use serde_json::{Value, json};

/// A longer answer helps no agent: it is told to ask for less.
const ANSWER_BYTES_MAX: usize = 128 << 10;

/// What a caller is told.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Answer {
    /// For programs.
    pub(crate) structured: Value,
    /// The same for readers.
    pub(crate) text: String,
    /// Whether it is about a failure.
    pub(crate) is_error: bool,
}

/// What an outcome of a call with this effect looks like to the caller.
pub(crate) fn of(outcome: Result<Value, Failure>, effect: Effect) -> Answer {
    match outcome.and_then(|value| bounded(value, effect)) {
        Ok(structured) => Answer { text: structured.to_string(), structured, is_error: false },
        Err(failure) => Answer { structured: structured(&failure), text: text(&failure), is_error: true },
    }
}

/// A block was made whatever its answer is, so what says so is never refused for its size.
fn bounded(mut value: Value, effect: Effect) -> Result<Value, Failure> {
    let length = value.to_string().len();
    if length <= ANSWER_BYTES_MAX {
        return Ok(value);
    }
    let why = format!("the answer has {length} bytes, and at most {ANSWER_BYTES_MAX} are told");
    match value.get_mut("block") {
        Some(block) if effect != Effect::Reads => Ok(json!({ "block": block.take(), "note": why })),
        _ => Err(Failure::new(Code::Usage, why).hint("ask for less: fewer entries, or fewer fields in GraphQL")),
    }
}

/// The data of a GraphQL answer, or its one field that was asked for. Errors in it are the caller's.
pub(crate) fn data(mut answer: Value, field: Option<&str>) -> Result<Value, Failure> {
    if let Some(Value::Array(errors)) = answer.get("errors").filter(|errors| **errors != json!([])) {
        let mut messages = errors.iter().map(|error| match error["message"].as_str() {
            Some(message) => message.to_owned(),
            None => error.to_string(),
        });
        let mut failure = Failure::new(Code::Usage, messages.next().unwrap_or_default());
        failure.causes = messages.collect();
        return Err(failure);
    }
    match (field, answer.get_mut("data")) {
        (Some(field), Some(data)) => Ok(data[field].take()),
        (None, Some(data)) => Ok(data.take()),
        // Another kind of JSON than GraphQL.
        (_, None) => Ok(answer),
    }
}

/// What came of a call that made a block: what the contract returned, and what the service had said before that, where that
/// is more than that it will be done.
pub(crate) fn made(said: Value, mut responses: Vec<Value>, made: &Made) -> Value {
    let result = match responses.len() {
        0 => Value::Null,
        1 => responses.swap_remove(0),
        _ => responses.into(),
    };
    let mut answer = json!({ "result": result, "block": block(made) });
    if !is_assent(&said) {
        answer["said"] = said;
    }
    answer
}

/// A mutation that is derived from an operation says `true`.
fn is_assent(said: &Value) -> bool {
    match said {
        Value::Null | Value::Bool(true) => true,
        Value::Object(fields) => fields.values().all(is_assent),
        _ => false,
    }
}

/// A block that was made.
pub(crate) fn block(made: &Made) -> Value {
    json!({ "chain": made.chain, "height": made.height, "hash": made.hash })
}

fn structured(failure: &Failure) -> Value {
    let mut told = json!({ "code": failure.code.word(), "message": failure.message, "advice": advice(failure.code) });
    if !failure.causes.is_empty() {
        told["causes"] = failure.causes.clone().into();
    }
    if let Some(gave_up) = &failure.gave_up {
        told["application"] = gave_up.application.to_string().into();
        told["text"] = gave_up.text.clone().into();
        if let Some((file, line)) = &gave_up.place {
            told["file"] = file.clone().into();
            told["line"] = (*line).into();
        }
    }
    told
}

fn text(failure: &Failure) -> String {
    let mut text = format!("{}: {}", failure.code.word(), failure.message);
    for cause in &failure.causes {
        text.push_str(&format!("\nwhy: {cause}"));
    }
    format!("{text}\nadvice: {}", advice(failure.code))
}

/// What an agent can do, with the tools that it has; else what its person can do.
fn advice(code: Code) -> &'static str {
    match code {
        Code::Usage => "Nothing was done. Compare the arguments with the tool's schema and its description.",
        Code::NotFound => "Check the name or id: wallet_chains lists the chains. wallet_sync reads what is new.",
        Code::Busy => "Something else is being done. Try again in a moment.",
        Code::InsufficientFunds => {
            "Nothing was done. wallet_balance tells what there is; wallet_receive takes in what others sent."
        }
        Code::Unreachable => {
            "Too few validators answer, or the service that had the wallet is gone. A block that was begun is never made \
             twice: wallet_sync finishes it. Look at what is there before doing it again."
        }
        Code::ApplicationFailed => {
            "The application refused, or reached a limit, and nothing was changed. Its text says why: ask for something \
             else. If the code is yours, look at the file and the line."
        }
        Code::ReadOnly => "These tools only read. The person who runs them can leave out --read-only.",
        code => code.advice(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use myceline_service::GaveUp;
    use myceline_types::{ApplicationId, BlockHash, BlockHeight, ChainId, Hash};

    fn some_block() -> Made {
        Made {
            chain: ChainId(Hash::ZERO),
            height: BlockHeight(7),
            hash: BlockHash(Hash::ZERO),
            opened: Vec::new(),
            results: Vec::new(),
            preconfirmed_us: 1,
            final_us: Some(2),
        }
    }

    #[test]
    fn a_panic_of_a_contract_says_where_it_was_and_what_to_do() {
        let application = ApplicationId(Hash::ZERO);
        let place = Some(("src/contract.rs".to_owned(), 35));
        let failure = Failure {
            gave_up: Some(Box::new(GaveUp { application, text: "no room".into(), place })),
            ..Failure::new(Code::ApplicationFailed, "the application gave up: no room, src/contract.rs:35")
        };
        let answer = of(Err(failure), Effect::Changes);
        assert!(answer.is_error);
        expect![[r#"
            application-failed: the application gave up: no room, src/contract.rs:35
            advice: The application refused, or reached a limit, and nothing was changed. Its text says why: ask for something else. If the code is yours, look at the file and the line."#]]
        .assert_eq(&answer.text);
        let told = |key: &str| answer.structured[key].clone();
        assert_eq!((told("code"), told("text")), ("application-failed".into(), "no room".into()));
        assert_eq!((told("file"), told("line")), ("src/contract.rs".into(), 35.into()));
    }

    #[test]
    fn errors_of_graphql_are_the_callers() {
        let answer = json!({ "data": null, "errors": [{ "message": "unknown field" }, { "message": "and more" }] });
        let failure = data(answer, None).unwrap_err();
        assert_eq!((failure.code, failure.message.as_str()), (Code::Usage, "unknown field"));
        assert_eq!(failure.causes, ["and more"]);
        assert_eq!(data(json!({ "data": { "value": 5 }, "errors": [] }), Some("value")), Ok(json!(5)));
        assert_eq!(data(json!({ "data": { "value": 5 } }), None), Ok(json!({ "value": 5 })));
        assert_eq!(data(json!([1, 2]), None), Ok(json!([1, 2])), "it need not be GraphQL");
    }

    #[test]
    fn a_block_is_told_with_what_the_contract_returned() {
        let told = |said, responses| made(said, responses, &some_block());
        assert_eq!(told(json!(true), vec![json!(12)])["result"], 12);
        let two = told(json!({ "a": true, "b": true }), vec![json!(1), json!(2)]);
        assert_eq!((&two["result"], two.get("said")), (&json!([1, 2]), None));
        let none = told(json!("on its way"), Vec::new());
        assert_eq!((&none["result"], &none["said"]), (&Value::Null, &json!("on its way")));
        assert_eq!(none["block"]["height"], 7);
    }

    #[test]
    fn a_long_answer_is_refused_unless_it_says_what_was_done() {
        let long = "x".repeat(ANSWER_BYTES_MAX);
        let read = of(Ok(json!({ "result": long })), Effect::Reads);
        assert!(read.is_error && read.text.len() < 1_000, "{}", read.text);
        let changed = of(Ok(made(json!(long), Vec::new(), &some_block())), Effect::Changes);
        assert_eq!((changed.is_error, &changed.structured["block"]["height"]), (false, &json!(7)));
        assert!(changed.text.len() < 1_000, "{}", changed.text);
    }
}
