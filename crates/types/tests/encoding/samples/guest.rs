//! Samples of what applications and their hosts say to each other.

use super::{
    Samples,
    blocks::{CHAIN, module, update},
    chains::owner,
};
use myceline_types::{
    Account, Amount, ApplicationDescription, ApplicationId, BlockHeight, Opaque, Timestamp,
    guest::{
        CallFacts, ClaimRequest, Facts, HttpAnswer, HttpMethod, HttpRequest, KeyRange, LogLevel, LogLine, MessageFacts,
        OutgoingMessage, Projection,
    },
};

const APPLICATION: ApplicationId = ApplicationId(super::Hash([5; 32]));

pub fn add(samples: &mut Samples) {
    samples.one("ModuleId", module());
    samples.one("ApplicationDescription", description());
    samples.one("StreamUpdate", update());
    facts(samples);
    questions(samples);
    web(samples);
}

fn description() -> ApplicationDescription {
    ApplicationDescription {
        module: module(),
        creator: CHAIN,
        height: BlockHeight(3),
        index: 1,
        parameters: Opaque(vec![1, 2]),
    }
}

fn facts(samples: &mut Samples) {
    let (height, timestamp) = (BlockHeight(6), Timestamp(5));
    samples.one("Facts", Facts { application: APPLICATION, creator: CHAIN, chain: CHAIN, height, timestamp });
    let message = MessageFacts { origin: CHAIN, timestamp, is_bouncing: true };
    samples.one("MessageFacts", message);
    let call = CallFacts { signer: Some(owner()), caller: Some(APPLICATION), message: Some(message) };
    samples.one("CallFacts", call);
}

fn questions(samples: &mut Samples) {
    let range = KeyRange { prefix: Opaque(vec![1]), start: Opaque(vec![1, 2]), limit: 10 };
    samples.one("KeyRange", range);
    samples.variants(
        "LogLevel",
        [
            ("Error", LogLevel::Error),
            ("Warn", LogLevel::Warn),
            ("Info", LogLevel::Info),
            ("Debug", LogLevel::Debug),
            ("Trace", LogLevel::Trace),
        ],
    );
    samples.one("LogLine", LogLine { level: LogLevel::Info, text: "hello".into() });
    let (to, amount) = (Account::of_chain(CHAIN), Amount::from_tokens(1));
    samples.one("ClaimRequest", ClaimRequest { chain: CHAIN, owner: owner(), to, amount });
    let message = OutgoingMessage {
        recipient: CHAIN,
        bytes: Opaque(vec![7]),
        is_authenticated: true,
        is_tracked: false,
        grant: amount,
    };
    samples.one("OutgoingMessage", message);
}

fn web(samples: &mut Samples) {
    samples.variants(
        "HttpMethod",
        [
            ("Get", HttpMethod::Get),
            ("Post", HttpMethod::Post),
            ("Put", HttpMethod::Put),
            ("Delete", HttpMethod::Delete),
            ("Head", HttpMethod::Head),
        ],
    );
    let projection =
        Projection { headers: Some(vec!["etag".into()]), pointer: Some("/price".into()), decimals: Some(2) };
    samples.one("Projection", projection.clone());
    samples.one(
        "HttpRequest",
        HttpRequest {
            method: HttpMethod::Get,
            url: "https://api.example/price".into(),
            headers: vec![("accept".into(), "application/json".into())],
            body: Opaque(vec![]),
            projection,
        },
    );
    samples.one("HttpAnswer", http_answer());
}

/// What a server answered.
pub fn http_answer() -> HttpAnswer {
    HttpAnswer { status: 200, headers: vec![("etag".into(), "7".into())], body: Opaque(b"42".to_vec()) }
}
