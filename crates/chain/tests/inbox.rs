//! The inbox as stories: what may be voted for, what is consumed, and what arrives too late.

use myceline_chain::{Inbox, Reconciled, Unfit};
use myceline_state::{MemorySnapshot, Overlay};
use myceline_types::{
    BlockHeight, Bundle, BundleAction, ChainId, Cursor, Epoch, Hash, InboxEntry, IncomingBundle, Message,
    MessageContent, MessageKind, Opaque, ProposedBlock, Timestamp, Transaction,
};
use proptest::{
    collection::{btree_set, vec},
    prelude::*,
};
use std::collections::BTreeSet;

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
    inbox.arrive(rows, ORIGIN, [bundle].into_iter());
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

/// The bundles of a block of the origin, of these transactions, after the bundle `previous`.
fn bundles_of(height: u64, transactions: &[u32], mut previous: Option<Cursor>) -> Vec<Bundle> {
    let cursors = transactions.iter().map(|&transaction| Cursor { height: BlockHeight(height), transaction });
    cursors
        .map(|cursor| {
            let previous = previous.replace(cursor);
            Bundle { cursor, previous, ..bundle(height, MessageKind::Simple) }
        })
        .collect()
}

proptest! {
    /// Blocks of the origin send any of 300 transactions; the recipient takes them in piece by piece, and some before they
    /// arrive, which is noticed now or later. Rows are an inner matter: each bundle waits by itself, with the one before it.
    #[test]
    fn bundles_of_many_transactions_wait_one_by_one(
        blocks in vec(btree_set(0..300u32, 1..40), 1..5),
        pieces in vec((1..30usize, any::<bool>(), any::<bool>(), any::<bool>()), 1..12),
    ) {
        let (inbox, mut rows) = start();
        let mut sent = Vec::new();
        for (height, transactions) in (0..).zip(&blocks) {
            let last = sent.last().map(|bundle: &Bundle| bundle.cursor);
            let transactions: Vec<u32> = transactions.iter().copied().collect();
            sent.extend(bundles_of(height, &transactions, last));
        }
        let mut on_their_way: Vec<Vec<Bundle>> =
            sent.chunk_by(|one, next| one.cursor.height == next.cursor.height).rev().map(<[_]>::to_vec).collect();
        let (mut arrived, mut taken) = (0, 0);
        let mut early = BTreeSet::new();
        for (count, arrives, skips, reconciles) in pieces {
            if let Some(bundles) = arrives.then(|| on_their_way.pop()).flatten() {
                inbox.arrive(&mut rows, ORIGIN, bundles.iter());
                arrived += bundles.len();
            }
            if reconciles {
                let agreed = inbox.reconcile(&mut rows, 1_000).expect("in memory");
                prop_assert_eq!(agreed, vec![Reconciled::Agrees; early.range(..arrived).count()]);
                early.retain(|index| *index >= arrived);
            }
            let piece = taken..(taken + count).min(sent.len());
            let Some(up_to) = sent[piece.clone()].last().map(|bundle| bundle.cursor) else { continue };
            let are_here = piece.end <= arrived;
            let transactions = match skips && are_here {
                true => vec![Transaction::Skip { origin: ORIGIN, up_to }],
                false => sent[piece.clone()].iter().map(receive).collect(),
            };
            let last = taken.checked_sub(1).map(|last| sent[last].cursor);
            let cursors = |_| Ok(last);
            let fits = inbox.check(&rows, &block(transactions.clone()), cursors).expect("in memory");
            prop_assert_eq!(fits.is_ok(), are_here, "{:?}", fits);
            let anticipated = inbox.consume(&mut rows, &block(transactions), cursors).expect("in memory");
            let new: Vec<usize> = piece.filter(|index| *index >= arrived).collect();
            prop_assert_eq!(anticipated as usize, new.len());
            early.extend(new);
            taken = (taken + count).min(sent.len());
            let waiting = early.range(..arrived).copied().chain(taken..arrived).map(|index| &sent[index]);
            let expected: Vec<_> =
                waiting.map(|bundle| (ORIGIN, bundle.cursor, InboxEntry::from(bundle))).collect();
            prop_assert_eq!(inbox.page(&rows, None, 1_000).expect("in memory"), expected);
            let next_three = inbox.page_of(&rows, ORIGIN, Some(up_to), 3).expect("in memory");
            prop_assert_eq!(next_three.len(), arrived.saturating_sub(taken).min(3));
        }
    }
}

#[test]
fn a_bundle_that_is_not_in_the_row_of_its_neighbours_is_missing() {
    let (inbox, mut rows) = start();
    let sent = bundles_of(0, &[3, 5, 127, 128, 129], None);
    inbox.arrive(&mut rows, ORIGIN, sent.iter());
    let between = Bundle { cursor: Cursor { transaction: 4, ..at(0) }, ..sent[1].clone() };
    let missing = Unfit::Missing(vec![(ORIGIN, between.cursor)]);
    assert_eq!(check(&inbox, &rows, vec![receive(&sent[0]), receive(&between), receive(&sent[1])]), Err(missing));
    assert_eq!(check(&inbox, &rows, sent.iter().map(receive).collect()), Ok(()), "of two rows");
}
