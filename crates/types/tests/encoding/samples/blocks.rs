//! Samples of transactions, messages and blocks.

use super::{
    Samples,
    chains::{config, owner, ownership, permissions},
    hash,
};
use myceline_types::{
    Account, Amount, ApplicationId, BlobId, BlobKind, Block, BlockHash, BlockHeight, Body, Bundle, BundleAction,
    BundleHash, ChainId, Cursor, Epoch, EpochOperation, Event, EventLink, Header, Holder, InboxEntry, IncomingBundle,
    Message, MessageContent, MessageKind, MessageLink, ModuleId, Opaque, Operation, OperationResult, OracleAnswer,
    OracleRecord, Outcome, ProposedBlock, Roots, SentMessage, StreamId, SystemMessage, Timestamp, Transaction,
    block::{EntryProof, List},
    guest::StreamUpdate,
    merkle::{ListProof, Path},
};

/// The chain that most samples are about.
pub const CHAIN: ChainId = ChainId(super::Hash([0xc0; 32]));
/// Where a bundle came from.
pub const CURSOR: Cursor = Cursor { height: BlockHeight(5), transaction: 1 };

pub fn add(samples: &mut Samples) {
    operations(samples);
    messages(samples);
    contents(samples);
    proofs(samples);
}

fn account() -> Account {
    Account::of_chain(CHAIN)
}

fn operations(samples: &mut Samples) {
    let amount = Amount::from_tokens(1);
    samples.variants(
        "Operation",
        [
            ("Transfer", transfer()),
            ("Approve", Operation::Approve { spender: owner(), amount }),
            ("TransferFrom", Operation::TransferFrom { owner: owner(), to: account(), amount }),
            ("Claim", Operation::Claim { chain: CHAIN, to: account(), amount }),
            ("OpenChain", Operation::OpenChain(Box::new(config()))),
            ("CloseChain", Operation::CloseChain),
            ("ChangeOwnership", Operation::ChangeOwnership(Box::new(ownership()))),
            ("ChangePermissions", Operation::ChangePermissions(permissions())),
            ("PublishBlob", Operation::PublishBlob(BlobId { kind: BlobKind::Data, hash: hash(1) })),
            ("PublishModule", Operation::PublishModule(module())),
            (
                "CreateApplication",
                Operation::CreateApplication {
                    module: module(),
                    parameters: Opaque(vec![1]),
                    argument: Opaque(vec![2, 3]),
                },
            ),
            ("UpdateStream", Operation::UpdateStream { application: ApplicationId(hash(5)), update: update() }),
            ("Epoch", Operation::Epoch(EpochOperation::Adopt { epoch: Epoch(1) })),
            ("Application", Operation::Application { id: ApplicationId(hash(5)), bytes: Opaque(vec![1, 2, 3]) }),
        ],
    );
    samples.variants(
        "EpochOperation",
        [
            ("Announce", EpochOperation::Announce { epoch: Epoch(3), committee: hash(1) }),
            ("Revoke", EpochOperation::Revoke { epoch: Epoch(2) }),
            ("Adopt", EpochOperation::Adopt { epoch: Epoch(1) }),
        ],
    );
    samples.variants(
        "Transaction",
        [
            ("Execute", Transaction::Execute(transfer())),
            ("Receive", Transaction::Receive(incoming())),
            ("Skip", Transaction::Skip { origin: CHAIN, up_to: CURSOR }),
        ],
    );
    samples.one("IncomingBundle", incoming());
    samples.variants("BundleAction", [("Accept", BundleAction::Accept), ("Reject", BundleAction::Reject)]);
}

/// Code of an application.
pub fn module() -> ModuleId {
    ModuleId { contract: hash(1), service: hash(2) }
}

/// Two events that a follower has not looked at.
pub fn update() -> StreamUpdate {
    StreamUpdate { chain: CHAIN, stream: stream(), first: 3, next: 5 }
}

fn transfer() -> Operation {
    Operation::Transfer { from: Holder::Chain, to: account(), amount: Amount::from_tokens(1) }
}

fn incoming() -> IncomingBundle {
    IncomingBundle { origin: CHAIN, bundle: bundle(), action: BundleAction::Accept }
}

fn bundle() -> Bundle {
    Bundle {
        cursor: CURSOR,
        previous: Some(Cursor { height: BlockHeight(2), transaction: 0 }),
        epoch: Epoch(1),
        timestamp: Timestamp(4),
        messages: vec![message()],
    }
}

fn message() -> Message {
    Message { kind: MessageKind::Tracked, authority: Some(owner()), content: MessageContent::System(credit()) }
}

fn credit() -> SystemMessage {
    SystemMessage::Credit { target: Holder::Owner(owner()), amount: Amount::from_tokens(1), source: Holder::Chain }
}

fn messages(samples: &mut Samples) {
    samples.variants(
        "MessageKind",
        [("Simple", MessageKind::Simple), ("Tracked", MessageKind::Tracked), ("Bouncing", MessageKind::Bouncing)],
    );
    let of_application = MessageContent::Application {
        id: ApplicationId(hash(5)),
        bytes: Opaque(vec![9]),
        grant: Amount::from_tokens(2),
    };
    let of_system = MessageContent::System(credit());
    samples.variants("MessageContent", [("System", of_system), ("Application", of_application)]);
    let withdraw = SystemMessage::Withdraw { owner: owner(), amount: Amount::ONE, recipient: account() };
    samples.variants("SystemMessage", [("Credit", credit()), ("Withdraw", withdraw)]);
    samples.one("Message", message());
    samples.one("SentMessage", sent());
    samples.one("Cursor", CURSOR);
    samples.one("Bundle", bundle());
    samples.one("MessageLink", MessageLink { recipient: CHAIN, previous: CURSOR });
    samples.one("InboxEntry", inbox_entry());
}

/// What is remembered of a bundle.
pub fn inbox_entry() -> InboxEntry {
    let Bundle { previous, epoch, timestamp, .. } = bundle();
    InboxEntry { previous, epoch, timestamp, hash: BundleHash(hash(6)), skippable: false }
}

fn sent() -> SentMessage {
    SentMessage { transaction: 1, recipient: CHAIN, message: message() }
}

fn proposed() -> ProposedBlock {
    ProposedBlock {
        chain: CHAIN,
        epoch: Epoch(1),
        height: BlockHeight(6),
        timestamp: Timestamp(5),
        previous: Some(BlockHash(hash(4))),
        author: Some(owner()),
        transactions: vec![Transaction::Execute(transfer()), Transaction::Receive(incoming())],
    }
}

fn oracle() -> OracleRecord {
    OracleRecord { transaction: 1, answer: OracleAnswer::Service(Opaque(b"42".to_vec())) }
}

/// A proposed block with an oracle answer.
pub fn body() -> Body {
    Body { proposed: proposed(), oracle: vec![oracle()] }
}

fn outcome() -> Outcome {
    Outcome {
        messages: vec![sent()],
        events: vec![event()],
        oracle: vec![oracle()],
        blobs: vec![BlobId { kind: BlobKind::Data, hash: hash(1) }],
        results: vec![result()],
        message_links: vec![MessageLink { recipient: CHAIN, previous: CURSOR }],
        event_links: vec![event_link()],
        state: hash(9),
    }
}

fn stream() -> StreamId {
    StreamId { application: ApplicationId(hash(5)), name: Opaque(b"ticks".to_vec()) }
}

fn event() -> Event {
    Event { transaction: 0, stream: stream(), index: 3, value: Opaque(vec![1]) }
}

fn event_link() -> EventLink {
    EventLink { stream: stream(), previous: BlockHeight(3) }
}

fn result() -> OperationResult {
    OperationResult { transaction: 0, bytes: Opaque(vec![2]) }
}

/// A block in which every list has an entry.
pub fn block() -> Block {
    Block { proposed: proposed(), outcome: outcome() }
}

/// A header of which no two fields agree.
pub fn header() -> Header {
    Header {
        chain: CHAIN,
        epoch: Epoch(1),
        height: BlockHeight(6),
        timestamp: Timestamp(5),
        previous: Some(BlockHash(hash(4))),
        author: Some(owner()),
        roots: roots(),
    }
}

fn roots() -> Roots {
    Roots {
        transactions: hash(1),
        messages: hash(2),
        events: hash(3),
        oracle: hash(4),
        blobs: hash(5),
        results: hash(6),
        message_links: hash(7),
        event_links: hash(8),
        state: hash(9),
    }
}

fn contents(samples: &mut Samples) {
    samples.one("ProposedBlock", proposed());
    samples.one("OracleRecord", oracle());
    samples.variants(
        "OracleAnswer",
        [
            ("Web", OracleAnswer::Web(super::guest::http_answer())),
            ("Service", oracle().answer),
            ("Before", OracleAnswer::Before(Timestamp(6))),
        ],
    );
    samples.one("OperationResult", result());
    samples.one("StreamId", stream());
    samples.one("Event", event());
    samples.one("EventLink", event_link());
    samples.one("Outcome", outcome());
    samples.one("Body", body());
    samples.one("Block", block());
    samples.one("Roots", roots());
    samples.one("Header", header());
}

fn proofs(samples: &mut Samples) {
    let lists = [("Transactions", List::Transactions), ("Messages", List::Messages), ("Events", List::Events)];
    samples.variants("List", lists);
    samples.one("Path", path());
    samples.one("ListProof", ListProof { count: 3, path: path() });
    samples.one("EntryProof", EntryProof::new(&block(), List::Transactions, 1).expect("a second transaction"));
}

/// A way of two levels.
pub fn path() -> Path {
    Path { index: 2, siblings: vec![hash(1), hash(2)] }
}
