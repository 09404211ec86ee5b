//! Whether a proposed block follows a chain's end: one table of blocks that do not.

use myceline_chain::{Fit, Fitness, Tip, tip::CLOCK_TOLERANCE};
use myceline_types::{
    Amount, BlockHash, BlockHeight, BlockProblem, Bundle, BundleAction, ChainId, Cursor, Epoch, Hash, IncomingBundle,
    Limits, Operation, Owner, ProposedBlock, Refusal, Timestamp, Transaction,
};

const NOW: Timestamp = Timestamp(100_000_000);
const TIP: Tip = Tip { next: BlockHeight(3), block: Some(BlockHash(Hash([3; 32]))), timestamp: Timestamp(50) };

fn good() -> ProposedBlock {
    let approve = Operation::Approve { spender: Owner::Ed25519([1; 32]), amount: Amount::ZERO };
    ProposedBlock {
        chain: ChainId(Hash([1; 32])),
        epoch: Epoch(0),
        height: TIP.next,
        timestamp: Timestamp(60),
        previous: TIP.block,
        author: None,
        transactions: vec![Transaction::Execute(approve)],
    }
}

fn received(timestamp: u64, action: BundleAction) -> Transaction {
    let cursor = Cursor { height: BlockHeight(0), transaction: 0 };
    let bundle = Bundle { cursor, previous: None, epoch: Epoch(0), timestamp: Timestamp(timestamp), messages: vec![] };
    Transaction::Receive(IncomingBundle { origin: ChainId(Hash([2; 32])), bundle, action })
}

fn check(change: impl FnOnce(&mut ProposedBlock, &mut Fit<'_>, &mut Limits)) -> Result<Fitness, Refusal> {
    let (mut block, mut limits) = (good(), Limits::default());
    let unused = Limits::default();
    let mut fit = Fit { epoch: Epoch(0), closed: false, limits: &unused, now: NOW };
    change(&mut block, &mut fit, &mut limits);
    TIP.check(&block, Fit { limits: &limits, ..fit })
}

#[test]
fn a_block_that_follows_fits_and_one_that_is_early_waits() {
    assert_eq!(check(|_, _, _| ()), Ok(Fitness::Fits));
    let soon = NOW.after(CLOCK_TOLERANCE);
    assert_eq!(check(|block, _, _| block.timestamp = soon), Ok(Fitness::At(soon)));
    assert_eq!(
        check(|block, _, _| block.timestamp = TIP.timestamp),
        Ok(Fitness::Fits),
        "at the same time as the last one"
    );
}

#[test]
fn what_does_not_follow_is_refused_with_what_repairs_it() {
    let problem = |problem| Err(Refusal::Block(problem));
    assert_eq!(check(|block, _, _| block.height = BlockHeight(4)), Err(Refusal::Lagging { next: TIP.next }));
    assert_eq!(check(|block, _, _| block.height = BlockHeight(2)), problem(BlockProblem::Previous));
    assert_eq!(check(|block, _, _| block.previous = None), problem(BlockProblem::Previous));
    let other_epoch = Err(Refusal::Epoch { chain: Epoch(0), asked: Epoch(1) });
    assert_eq!(check(|block, _, _| block.epoch = Epoch(1)), other_epoch);
    assert_eq!(check(|block, _, _| block.timestamp = Timestamp(49)), problem(BlockProblem::TimestampTooOld));
    let late_bundle = |block: &mut ProposedBlock, _: &mut Fit<'_>, _: &mut Limits| {
        block.transactions.push(received(61, BundleAction::Accept));
    };
    assert_eq!(check(late_bundle), problem(BlockProblem::TimestampTooOld));
    let far = Timestamp(NOW.after(CLOCK_TOLERANCE).0 + 1);
    assert_eq!(check(|block, _, _| block.timestamp = far), problem(BlockProblem::TimestampTooNew));
    assert_eq!(check(|block, _, _| block.transactions.clear()), problem(BlockProblem::Empty));
    assert_eq!(check(|_, fit, _| fit.closed = true), problem(BlockProblem::Closed));
}

#[test]
fn limits_and_closed_chains_are_kept_before_anything_is_executed() {
    let too_many = check(|_, _, limits| limits.transactions = 0);
    assert_eq!(too_many, Err(Refusal::Block(BlockProblem::Limit { what: "transactions".into(), limit: 0 })));
    let too_large = check(|_, _, limits| limits.block_bytes = 10);
    assert_eq!(too_large, Err(Refusal::Block(BlockProblem::Limit { what: "bytes".into(), limit: 10 })));
    let rejection = |block: &mut ProposedBlock, fit: &mut Fit<'_>, _: &mut Limits| {
        fit.closed = true;
        block.transactions = vec![received(1, BundleAction::Reject)];
    };
    assert_eq!(check(rejection), Ok(Fitness::Fits), "a closed chain still sends back");
}
