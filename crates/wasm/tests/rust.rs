//! Guests that today's Rust compiles, at every level of optimization: both engines make of them what the same code makes
//! natively. Where this Rust cannot build for Wasm there is nothing to test.

mod kit;
#[path = "rust/work.rs"]
mod work;

use kit::{Call, ENOUGH, check, operation, run};
use myceline_execution::engine::{Trap, Turn};
use myceline_types::guest::Entry;
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};
use std::{path::Path, process::Command};

/// How guests are built: today's features at several levels, and code as the first Wasm had it.
const BUILDS: [(&str, &[&str]); 4] = [
    ("not optimized", &["-Copt-level=0"]),
    ("for speed", &["-Copt-level=3"]),
    ("for size, with overflow checks", &["-Copt-level=z", "-Coverflow-checks"]),
    ("for the least of machines", &["-Copt-level=2", "-Ctarget-cpu=mvp"]),
];

/// The guest, unless Rust's libraries for Wasm are not installed.
fn build(flags: &[&str]) -> Option<Vec<u8>> {
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("guest{}.wasm", flags.concat()));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rust/guest.rs");
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition=2024", "--target=wasm32-unknown-unknown", "--crate-type=cdylib", "-Cpanic=abort"]);
    // The memory of guests in tests is smaller than the stack that linkers give by default.
    rustc
        .args(["-Clink-arg=-zstack-size=262144", "-Cstrip=symbols", "--cap-lints=allow"])
        .args(flags)
        .arg("-o")
        .arg(&built)
        .arg(source);
    let output = rustc.output().expect("this test was built by rustc");
    if String::from_utf8_lossy(&output.stderr).contains("target may not be installed") {
        eprintln!("not tested: install Rust's target wasm32-unknown-unknown");
        return None;
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(std::fs::read(&built).expect("a guest"))
}

fn call(entry: Entry, argument: Vec<u8>) -> Call {
    Call { entry, argument, fuel: 1_000 * ENOUGH, portions: vec![ENOUGH] }
}

#[test]
fn both_engines_do_what_the_same_code_does_natively() {
    for (name, flags) in BUILDS {
        let Some(code) = build(flags) else { return };
        assert_eq!(check(&code), Ok(()), "{name}");
        let arguments = (0..8u8, vec(any::<u8>(), 0..200)).prop_map(|(kind, rest)| [vec![kind], rest].concat());
        let mut runner =
            TestRunner::new(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() });
        let outcome = runner.run(&arguments, |argument| {
            let expected = Turn::Returns(work::work(&argument));
            let found = run(&code, &[call(Entry::Operation, argument)]).remove(0).turns;
            prop_assert_eq!(found, [expected], "{}", name);
            Ok(())
        });
        outcome.unwrap_or_else(|failure| panic!("{failure}"));
    }
}

#[test]
fn a_panic_is_a_trap() {
    let Some(code) = build(&["-Copt-level=z"]) else { return };
    let outcome = run(&code, &[call(Entry::Message, Vec::new())]).remove(0);
    assert_eq!(outcome.turns, [Turn::Traps(Trap::Unreachable)]);
    let unharmed = run(&code, &[operation()]).remove(0);
    assert!(matches!(unharmed.turns.last(), Some(Turn::Returns(_))), "{:?}", unharmed.turns);
}
