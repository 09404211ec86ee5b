//! The inbox as stories: what may be voted for, what is consumed, and what arrives too late.

use myceline_chain::{Inbox, Reconciled, Unfit};
use myceline_state::{MemorySnapshot, Overlay};
use myceline_types::{
    BlockHeight, Bundle, BundleAction, ChainId, Cursor, Epoch, Hash, InboxEntry, IncomingBundle, Message,
    MessageContent, MessageKind, Opaque, ProposedBlock, Timestamp, Transaction,
};

const ORIGIN: ChainId = ChainId(Hash([1; 32]));
const HERE: ChainId = ChainId(Hash([2; 32]));

type Rows = Overlay<MemorySnapshot>;

fn start() -> (Inbox, Rows) {
    (Inbox::new(b"w".into(), b"a".into()), Overlay::new(MemorySnapshot::new(), []))
}

fn at(height: u64) -> Cursor {
    Cursor { height: BlockHeight(height), transaction: 0 }
}

/// The bundle of the origin's block at `height`, after that of the height before.
fn bundle(height: u64, kind: MessageKind) -> Bundle {
    let id = myceline_types::ApplicationId(Hash::ZERO);
    let content = MessageContent::Application { id, bytes: Opaque(vec![7]), grant: myceline_types::Amount::ZERO };
    Bundle {
        cursor: at(height),
        previous: height.checked_sub(1).map(at),
        epoch: Epoch(0),
        timestamp: Timestamp(height),
        messages: vec![Message { kind, authority: None, content }],
    }
}

fn arrive(inbox: &Inbox, rows: &mut Rows, bundle: &Bundle) {
    inbox.arrive(rows, ORIGIN, bundle.cursor, &InboxEntry::from(bundle));
}

fn block(transactions: Vec<Transaction>) -> ProposedBlock {
    let (height, timestamp) = (BlockHeight(0), Timestamp(9));
    ProposedBlock { chain: HERE, epoch: Epoch(0), height, timestamp, previous: None, author: None, transactions }
}

fn receive(bundle: &Bundle) -> Transaction {
    Transaction::Receive(IncomingBundle { origin: ORIGIN, bundle: bundle.clone(), action: BundleAction::Accept })
}

fn check(inbox: &Inbox, rows: &Rows, transactions: Vec<Transaction>) -> Result<(), Unfit> {
    inbox.check(rows, &block(transactions), |_| Ok(None)).expect("rows in memory lack nothing")
}

#[test]
fn only_what_has_arrived_and_is_what_was_sent_may_be_voted_for() {
    let (inbox, mut rows) = start();
    let (first, second) = (bundle(0, MessageKind::Tracked), bundle(1, MessageKind::Tracked));
    let both = || vec![receive(&first), receive(&second)];
    assert_eq!(
        check(&inbox, &rows, both()),
        Err(Unfit::Missing(vec![(ORIGIN, at(0)), (ORIGIN, at(1))])),
        "all at once"
    );
    arrive(&inbox, &mut rows, &first);
    assert_eq!(check(&inbox, &rows, both()), Err(Unfit::Missing(vec![(ORIGIN, at(1))])));
    arrive(&inbox, &mut rows, &second);
    assert_eq!(check(&inbox, &rows, both()), Ok(()));
    let forged = Bundle { timestamp: Timestamp(5), ..first.clone() };
    assert_eq!(check(&inbox, &rows, vec![receive(&forged)]), Err(Unfit::Forged(ORIGIN, at(0))));
}

#[test]
fn a_skip_passes_over_skippable_bundles_without_a_gap() {
    let (inbox, mut rows) = start();
    let skip = |height| vec![Transaction::Skip { origin: ORIGIN, up_to: at(height) }];
    for height in [0, 1, 3] {
        arrive(&inbox, &mut rows, &bundle(height, MessageKind::Simple));
    }
    assert_eq!(check(&inbox, &rows, skip(1)), Ok(()));
    assert_eq!(check(&inbox, &rows, skip(3)), Err(Unfit::Missing(vec![(ORIGIN, at(3))])), "2 has not arrived");
    arrive(&inbox, &mut rows, &bundle(2, MessageKind::Tracked));
    assert_eq!(check(&inbox, &rows, skip(3)), Err(Unfit::NotSkippable(ORIGIN, at(2))));
    inbox.consume(&mut rows, &block(skip(1)), |_| Ok(None)).expect("rows in memory lack nothing");
    let left = inbox.page(&rows, None, 10).expect("rows in memory lack nothing");
    assert_eq!(left.iter().map(|(_, cursor, _)| *cursor).collect::<Vec<_>>(), [at(2), at(3)]);
}

#[test]
fn what_is_consumed_before_it_arrives_is_compared_when_it_does() {
    let (inbox, mut rows) = start();
    let early = bundle(0, MessageKind::Tracked);
    let anticipated = inbox.consume(&mut rows, &block(vec![receive(&early)]), |_| Ok(None));
    assert_eq!(anticipated, Ok(1));
    assert_eq!(inbox.reconcile(&mut rows, 10), Ok(vec![]), "still on its way");
    arrive(&inbox, &mut rows, &early);
    assert_eq!(inbox.reconcile(&mut rows, 10), Ok(vec![Reconciled::Agrees]));
    assert_eq!(inbox.page(&rows, None, 10), Ok(vec![]), "and it is consumed");
    assert_eq!(inbox.reconcile(&mut rows, 10), Ok(vec![]));
}

#[test]
fn an_arrival_that_contradicts_what_was_consumed_is_noticed() {
    let (inbox, mut rows) = start();
    inbox.consume(&mut rows, &block(vec![receive(&bundle(0, MessageKind::Tracked))]), |_| Ok(None)).expect("in memory");
    arrive(&inbox, &mut rows, &Bundle { timestamp: Timestamp(5), ..bundle(0, MessageKind::Tracked) });
    assert_eq!(inbox.reconcile(&mut rows, 10), Ok(vec![Reconciled::Contradicts]));
}

#[test]
fn a_listing_goes_on_where_the_last_page_ended() {
    let (inbox, mut rows) = start();
    for height in 0..5 {
        arrive(&inbox, &mut rows, &bundle(height, MessageKind::Tracked));
    }
    let page =
        |after| inbox.page(&rows, after, 2).expect("in memory").into_iter().map(|(_, at, _)| at).collect::<Vec<_>>();
    assert_eq!(page(None), [at(0), at(1)]);
    assert_eq!(page(Some((ORIGIN, at(1)))), [at(2), at(3)]);
    assert_eq!(page(Some((ORIGIN, at(3)))), [at(4)]);
    assert_eq!(page(Some((HERE, at(0)))), []);
}
