//! Each rule dropped, one at a time: a search must notice, or the rule would not be needed, or not be tested. Four validators,
//! one of them faulty.

use super::{
    Report,
    interleaved::{self, Extras},
    phased,
    scene::Plan,
    stable::Disk,
};
use myceline_types::Mutation::{self, *};

/// The states within which a mutant must be found.
const LIMIT: usize = 1_000_000;

/// How a mutant is looked for.
#[derive(Clone, Copy)]
enum By {
    /// The round-ordered search.
    Phases,
    /// The complete search.
    Events,
    /// The complete search, an honest client finishing the height from every state.
    Finishing,
}
use By::{Events, Finishing, Phases};

fn plan(rounds: &'static str, blocks: &'static [i8], dropped: Option<Mutation>) -> Plan {
    let honest: &[u64] = if dropped == Some(TooWeak) { &[1, 1] } else { &[1, 1, 1] };
    Plan { honest, faulty: &[1], resilience: (1, 0), rounds, blocks, dropped }
}

fn search(rule: Mutation, rounds: &'static str, blocks: &'static [i8], by: By) -> Report {
    let plan = plan(rounds, blocks, Some(rule));
    match by {
        Phases => phased::search(plan, LIMIT),
        Events => interleaved::search(plan, Extras::default(), LIMIT),
        Finishing => interleaved::search(plan, Extras { lively: 1, ..Extras::default() }, LIMIT),
    }
}

/// A dropped rule is found in these rounds, by what it leads to.
fn check(rule: Mutation, rounds: &'static str, by: By, expected: &str) {
    check_with(rule, rounds, &[1, 2], by, expected);
}

fn check_with(rule: Mutation, rounds: &'static str, blocks: &'static [i8], by: By, expected: &str) {
    let report = search(rule, rounds, blocks, by);
    println!("{rule:?}, {rounds}: {} states, {} transitions", report.states, report.transitions);
    let found = report.found.unwrap_or_else(|| panic!("{rule:?} is not found in {} states", report.states));
    assert!(found.starts_with(expected), "{rule:?}: {found}");
}

const TWO_FINALS: &str = "two final blocks";

#[test]
fn r1_r2_thresholds_and_round_0_are_needed() {
    check(TooWeak, "FS", Phases, TWO_FINALS);
    check(QuorumOneLess, "FS", Phases, TWO_FINALS);
    check(FastQuorumOneLess, "FS", Phases, TWO_FINALS);
    check(TimeoutQuorumOneLess, "FS", Phases, TWO_FINALS);
    check(FastRoundEverywhere, "MM", Phases, TWO_FINALS);
}

#[test]
fn r5_r6_reports_are_needed() {
    check_with(OracleBlocksFast, "FS", &[1, -1], Phases, TWO_FINALS);
    check(NoFastReports, "FS", Phases, TWO_FINALS);
    check(FastReportsOnlyInRoundZero, "FSS", Phases, TWO_FINALS);
    check(NoFastReportsInMultiLeader, "FMS", Phases, TWO_FINALS);
    check(NoCertificateReports, "FS", Phases, TWO_FINALS);
    check(FirstCertificateReported, "SSS", Phases, TWO_FINALS);
}

#[test]
fn r9_the_form_of_timeout_certificates_is_needed() {
    check(MixedRounds, "SSS", Events, TWO_FINALS);
    check(ReportNotShown, "FS", Phases, TWO_FINALS);
    check(LowerCertificateAttached, "SSS", Phases, TWO_FINALS);
}

#[test]
fn r10_the_order_and_threshold_of_permission_are_needed() {
    check(ReportsBeforeCertificate, "FS", Phases, TWO_FINALS);
    check(ReportThresholdOneMore, "FS", Phases, TWO_FINALS);
    check(ReportThresholdOneLess, "FS", Phases, TWO_FINALS);
}

#[test]
fn r11_all_of_the_durable_state_is_needed() {
    check(NothingKeptOfConfirm, "MM", Phases, TWO_FINALS);
    let lost = |rounds, damage: fn(&mut Disk)| {
        let report =
            interleaved::search(plan(rounds, &[1, 2], None), Extras { damage: Some(damage), lively: 0 }, LIMIT);
        assert_eq!(report.found.as_deref(), Some(TWO_FINALS), "{} states", report.states);
    };
    lost("FS", Disk::lose_fast_vote);
    lost("MM", Disk::lose_lock);
    lost("FS", Disk::lose_timeout_vote);
}

#[test]
fn r12_the_order_of_positions_is_needed() {
    check(TwoValidates, "FS", Events, TWO_FINALS);
    check(ValidateZeroAfterLeaving, "FS", Events, TWO_FINALS);
    check(ValidateInLeftRound, "FSS", Events, TWO_FINALS);
    check(ConfirmAfterTimeout, "FS", Events, TWO_FINALS);
    check(ConfirmInLeftRound, "MM", Events, TWO_FINALS);
}

#[test]
fn r12_one_confirm_in_a_round_follows_from_the_other_rules() {
    for rounds in ["MM", "FS"] {
        let report = search(TwoConfirms, rounds, &[1, 2], Events);
        assert!(report.is_complete && report.found.is_none(), "{report:?}");
    }
}

#[test]
fn r14_r15_the_rules_about_votes_are_needed() {
    check(RulesNotAskedAgain, "FS", Events, TWO_FINALS);
    check(ConfirmWithLowerCertificate, "MMM", Events, TWO_FINALS);
}

#[test]
fn r22_r24_justifications_are_needed() {
    check(NoTimeoutInSingleLeader, "FS", Phases, TWO_FINALS);
    check(OlderTimeoutInSingleLeader, "SSS", Phases, TWO_FINALS);
    check(FreshAfterRoundZero, "FM", Phases, TWO_FINALS);
}

#[test]
fn r25_the_lock_is_needed() {
    check(NoLock, "MM", Phases, TWO_FINALS);
    check(AnyCertificateReleases, "FMM", Phases, TWO_FINALS);
    check(AnyTimeoutReleases, "MMM", Phases, TWO_FINALS);
}

#[test]
fn without_these_rules_a_height_may_not_be_finished() {
    check(RefusedCertificateForgotten, "FM", Events, "shown and not kept");
    check_with(OracleBlocksReported, "FS", &[1, -1], Finishing, "not finished");
    check(TimeoutDoesNotRelease, "SS", Finishing, "5 exchanges, asks first: true");
    check(LockNotShown, "MMM", Finishing, "5 exchanges, asks first: true");
    check(TimeoutNeedsAllWeight, "SS", Finishing, "not finished");
}
