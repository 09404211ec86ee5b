//! Seeds that must end well, seeds that once did not, and defects that must be found.

use myceline_sim::{Mutation, audit::Rule, run};

/// Seeds that every change must survive. More of them: `cargo xtask sim --seeds N`.
const SEEDS: u64 = 40;

/// Seeds that found something, and what.
const FOUND: [(u64, &str); 11] = [
    (2, "a proposal that waited for its bundles took a parent block into memory and never to the disk"),
    (9, "a vote that was signed together with one of the next round was answered as if its validator had halted"),
    (9, "a wallet that missed the body of a block span until the last validator answered"),
    (
        15,
        "a validator that lagged was not brought up to date by who asked it to leave a round, so that three of four were no quorum",
    ),
    (127, "a wallet waited for the answer of a silent validator whenever it showed its last block"),
    (1335, "a wallet that had begun to finish another owner's block offered it as its own after a restart"),
    (1958, "a fast owner with two devices could not end a height while the only regular owner was away"),
    (2342, "the same in a committee of six"),
    (2649, "the same, when the rules of the rotation were others"),
    (2945, "a final block whose certificate nobody had got was never shown again"),
    (12, "a wallet waited two timers for each leader that was away, and forgot what it had reached when it gave up"),
];

/// How many seeds a defect may stay hidden.
const HIDDEN_MAX: u64 = 40;

fn check(seed: u64) {
    let report = run(seed, None, false);
    assert_eq!(report.violation, None, "tell all of it with `cargo xtask sim --seed {seed} --trace`");
}

#[test]
fn every_story_ends_well() {
    (0..SEEDS).for_each(check);
}

#[test]
fn seeds_that_found_something_end_well_now() {
    FOUND.into_iter().for_each(|(seed, _)| check(seed));
}

#[test]
fn a_seed_is_always_the_same_story() {
    for seed in 100..105 {
        let (one, other) = (run(seed, None, true), run(seed, None, false));
        assert_eq!((one.trace_hash, one.events, one.blocks), (other.trace_hash, other.events, other.blocks));
        assert_eq!(u64::try_from(one.trace.len()), Ok(one.events));
    }
    assert_ne!(run(100, None, false).trace_hash, run(101, None, false).trace_hash);
}

/// A defect is found, and by the invariant that it breaks.
fn found(mutation: Mutation, rule: Rule) {
    let finds = |seed| run(seed, Some(mutation), false).violation.is_some_and(|violation| violation.rule == rule);
    assert!((0..HIDDEN_MAX).any(finds), "{HIDDEN_MAX} seeds do not find {mutation:?}");
}

#[test]
fn two_final_blocks_at_a_height_are_found() {
    found(Mutation::TwoEquivocators, Rule::OneBlock);
}

#[test]
fn votes_lost_by_a_lying_disk_are_found() {
    found(Mutation::LyingValidatorDisks, Rule::OneVote);
}

#[test]
fn a_forgotten_log_of_votes_is_found() {
    found(Mutation::LostVotes, Rule::OneVote);
}

#[test]
fn a_dropped_inbox_entry_is_found() {
    found(Mutation::DroppedInbox, Rule::Delivered);
}

#[test]
fn a_payment_made_twice_after_a_device_lost_its_notes_is_found() {
    found(Mutation::LyingDeviceDisks, Rule::Value);
}
