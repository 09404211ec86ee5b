//! The searches of the rules as they are. None finds two final blocks, or a height that an honest client cannot finish. The
//! numbers of states are part of the test: a change of the machine that reaches more or fewer of them shows here.

use super::{
    interleaved::{self, Extras},
    phased,
    scene::Plan,
};

/// Four validators, one of them faulty.
const FOUR: Plan =
    Plan { honest: &[1; 3], faulty: &[1], resilience: (1, 0), rounds: "", blocks: &[1, 2], dropped: None };
/// Five validators, one of them faulty.
const FIVE: Plan = Plan { honest: &[1; 4], ..FOUR };
/// Six validators, one of them faulty and one slow.
const SIX: Plan = Plan { honest: &[1; 5], resilience: (1, 1), ..FOUR };
/// Weights 1, 1, 1, 2 and a faulty one.
const UNEQUAL: Plan = Plan { honest: &[1, 1, 1, 2], resilience: (1, 1), ..FOUR };

/// A round-ordered search reaches just so many states, and nothing is wrong with any of them.
fn phases(plan: Plan, rounds: &'static str, states: usize) {
    let report = phased::search(Plan { rounds, ..plan }, STATES_MAX);
    println!("phases, {} honest, {rounds}, blocks {:?}: {report:?}", plan.honest.len(), plan.blocks);
    assert!(report.is_complete, "{rounds}: {report:?}");
    assert_eq!(report.states, states, "{rounds}");
}

/// The same for a complete search.
fn events(plan: Plan, rounds: &'static str, states: usize) {
    let report = interleaved::search(Plan { rounds, ..plan }, Extras::default(), STATES_MAX);
    println!("events, {} honest, {rounds}, blocks {:?}: {report:?}", plan.honest.len(), plan.blocks);
    assert!(report.is_complete, "{rounds}: {report:?}");
    assert_eq!(report.states, states, "{rounds}");
}

/// From one in `one_in` of the first `states` states of a complete search, in the order of their distance from the start, an
/// honest client finishes the height.
fn finishing(plan: Plan, rounds: &'static str, one_in: u64, states: usize) {
    let report = interleaved::search(Plan { rounds, ..plan }, Extras { lively: one_in, damage: None }, states);
    println!("finishing, {} honest, {rounds}, blocks {:?}: {report:?}", plan.honest.len(), plan.blocks);
    assert_eq!(report.found, None, "{rounds}");
    assert!(report.finished > 0 && report.worst <= [4, 6], "{rounds}: {report:?}");
}

/// A search that has not ended by then would take more than a few gigabytes.
const STATES_MAX: usize = 60_000_000;

#[test]
fn four_validators_with_round_0_in_order() {
    phases(FOUR, "FSS", 111_508);
    phases(FOUR, "FMM", 219_939);
    phases(FOUR, "FMS", 111_508);
    phases(Plan { blocks: &[1, 2, 3], ..FOUR }, "FS", 9_926);
}

#[test]
fn four_validators_without_round_0_in_order() {
    phases(FOUR, "MMM", 48_631);
    phases(FOUR, "MMS", 18_382);
    phases(FOUR, "SSS", 17_889);
    phases(FOUR, "MMSS", 173_552);
    phases(Plan { blocks: &[1, 2, 3], ..FOUR }, "MM", 1_979);
}

#[test]
fn four_validators_with_an_oracle_block_in_order() {
    phases(Plan { blocks: &[1, -1], ..FOUR }, "FSS", 239_899);
}

#[test]
fn five_validators_in_order() {
    phases(FIVE, "FS", 24_337);
    phases(FIVE, "FM", 24_337);
    phases(FIVE, "MM", 5_276);
    phases(FIVE, "SS", 3_412);
    phases(FIVE, "MMM", 217_686);
}

#[test]
fn unequal_validators_in_order() {
    phases(UNEQUAL, "FS", 172_580);
}

#[test]
fn four_validators_in_any_order() {
    events(FOUR, "FS", 29_342);
    events(FOUR, "MM", 84_680);
    events(FOUR, "SS", 34_182);
    events(FOUR, "FM", 36_154);
    events(Plan { blocks: &[1, 2, 3], ..FOUR }, "MM", 117_211);
    events(Plan { blocks: &[1, -1], ..FOUR }, "FS", 63_490);
}

#[test]
fn five_validators_in_any_order() {
    events(FIVE, "MM", 652_740);
    events(FIVE, "FS", 136_338);
}

#[test]
fn four_validators_let_a_client_finish() {
    finishing(FOUR, "MMM", 50, 200_000);
    finishing(FOUR, "FMM", 50, 200_000);
    finishing(FOUR, "SS", 100, 200_000);
    finishing(Plan { blocks: &[1, -1], ..FOUR }, "FS", 100, 200_000);
}

#[test]
fn six_validators_let_a_client_finish() {
    finishing(SIX, "FS", 100, 200_000);
}

/// What takes minutes and gigabytes.
#[cfg(feature = "full-model")]
mod full {
    use super::*;

    /// So many states of a complete search that does not end soon.
    fn events_in_part(plan: Plan, rounds: &'static str, states: usize) {
        let report = interleaved::search(Plan { rounds, ..plan }, Extras::default(), states);
        println!("events, in part, {} honest, {rounds}, blocks {:?}: {report:?}", plan.honest.len(), plan.blocks);
        assert_eq!(report.found, None, "{rounds}");
    }

    #[test]
    fn more_rounds_in_order() {
        phases(FOUR, "FSSS", 1_068_359);
        phases(FOUR, "FMMS", 1_226_792);
        phases(FOUR, "FMMM", 6_278_803);
        phases(FOUR, "SSSS", 173_035);
        phases(FOUR, "MMMM", 1_294_820);
    }

    #[test]
    fn three_blocks_in_order() {
        let plan = Plan { blocks: &[1, 2, 3], ..FOUR };
        phases(plan, "FSS", 195_420);
        phases(plan, "FMM", 404_985);
        phases(plan, "MMM", 65_259);
    }

    #[test]
    fn more_validators_in_order() {
        phases(FIVE, "FSS", 580_265);
        phases(FIVE, "FMM", 1_248_966);
        phases(SIX, "FS", 334_322);
        phases(UNEQUAL, "FM", 172_580);
    }

    #[test]
    fn three_rounds_in_any_order() {
        events(FOUR, "SSS", 21_211_457);
        events(FOUR, "FSS", 16_533_859);
        events(FOUR, "FMM", 43_011_279);
        events_in_part(FOUR, "MMM", STATES_MAX);
    }

    #[test]
    fn more_validators_in_any_order() {
        events(UNEQUAL, "FS", 1_351_399);
        events(SIX, "FS", 4_840_505);
    }

    #[test]
    fn a_client_finishes_from_many_more_states() {
        for rounds in ["FSS", "FMM", "MMM", "SSS"] {
            finishing(FOUR, rounds, 20, 3_000_000);
        }
        finishing(UNEQUAL, "FS", 100, 3_000_000);
    }
}
