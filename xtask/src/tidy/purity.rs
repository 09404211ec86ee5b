//! Purity: deciding never touches a clock, disk, socket or random source, so that every bug has a seed.
//!
//! Checked twice: on the words of the source, and on everything that the crate leans on.

use super::{
    Finding,
    source::{Ban, Source},
    workspace::Workspace,
};
use crate::process::{cargo, output};
use anyhow::Result;

/// Crates that decide: events in, effects out.
const PURE: &[&str] = &["types", "consensus", "state", "chain", "execution", "sessions"];

/// Crates that may reach the world, but never wait for it.
const SYNCHRONOUS: &[&str] = &["node"];

/// What the source of a synchronous crate does without.
const WAITING: &[Ban] = &[
    Ban { word: "async", instead: "take an event, push an effect, and let a driver do the waiting" },
    Ban { word: "await", instead: "take an event, push an effect, and let a driver do the waiting" },
    Ban { word: "tokio", instead: "take an event, push an effect, and let a driver do the waiting" },
];

/// What the source of a pure crate does without, besides waiting.
const WORLD: &[Ban] = &[
    Ban { word: "Instant", instead: "take `now` as an argument" },
    Ban { word: "SystemTime", instead: "take `now` as an argument" },
    Ban { word: "std::fs", instead: "read through a `Snapshot`, write through a `Batch`" },
    Ban { word: "std::net", instead: "push an effect that the driver sends" },
    Ban { word: "std::thread", instead: "step one machine at a time; drivers run many of them" },
    Ban { word: "std::process", instead: "return an error and let a program decide to end" },
    Ban { word: "std::env", instead: "take settings as an argument" },
    Ban { word: "rand", instead: "take a seed as an argument" },
    Ban { word: "HashMap", instead: "use `BTreeMap`, whose order is the same everywhere" },
    Ban { word: "HashSet", instead: "use `BTreeSet`, whose order is the same everywhere" },
    Ban { word: "println!", instead: "return what there is to say" },
    Ban { word: "eprintln!", instead: "return what there is to say" },
    Ban { word: "tracing", instead: "push an effect; drivers log and count effects" },
];

/// What must not be found anywhere below a pure crate: runtimes, sockets, randomness, metrics.
const HEAVY: &[&str] = &["async-std", "getrandom", "metrics", "mio", "prometheus", "rand", "smol", "socket2", "tokio"];

/// Checks the crates that are pure and those that are only synchronous.
pub fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for source in &workspace.sources {
        findings.extend(check_source(source));
    }
    for (name, package) in workspace.crates().filter(|(name, _)| PURE.contains(name)) {
        findings.extend(check_closure(name, &closure(&package.name)?));
    }
    Ok(findings)
}

fn check_source(source: &Source) -> Vec<Finding> {
    let is_in = |crates: &[&str]| crates.iter().any(|name| source.path.starts_with(format!("crates/{name}/src")));
    let mut findings = Vec::new();
    if is_in(PURE) || is_in(SYNCHRONOUS) {
        findings.extend(source.banned(source.words(), WAITING));
    }
    if is_in(PURE) {
        findings.extend(source.banned(source.words(), WORLD));
    }
    findings
}

/// Everything that goes into the crate when it is built alone: not what other members add, nor macros and build scripts.
fn closure(package: &str) -> Result<String> {
    let arguments = "tree --edges normal,no-proc-macro --prefix none --format {lib} --package";
    output(cargo(arguments).arg(package))
}

fn check_closure(name: &str, closure: &str) -> Vec<Finding> {
    let found = HEAVY.iter().filter(|heavy| closure.lines().any(|line| line == heavy.replace('-', "_")));
    let advice = |heavy| {
        format!("leans on `{heavy}`; `cargo tree -e normal -p myceline-{name} -i {heavy}` shows how it got there")
    };
    found.map(|heavy| Finding::at(name, advice(heavy))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::listed;
    use expect_test::{Expect, expect};

    fn check(path: &str, text: &str, expected: Expect) {
        let source = Source::new(path, text.into()).unwrap();
        expected.assert_eq(&listed(&check_source(&source)));
    }

    #[test]
    fn a_pure_crate_sees_no_world() {
        let text = "use std::{collections::HashMap, time::Instant};\nasync fn f() {\n std::fs::read(rand::random())\n}";
        check(
            "crates/chain/src/lib.rs",
            text,
            expect![[r#"
            crates/chain/src/lib.rs:2: `async` has no place here: take an event, push an effect, and let a driver do the waiting
            crates/chain/src/lib.rs:1: `HashMap` has no place here: use `BTreeMap`, whose order is the same everywhere
            crates/chain/src/lib.rs:1: `Instant` has no place here: take `now` as an argument
            crates/chain/src/lib.rs:3: `std::fs` has no place here: read through a `Snapshot`, write through a `Batch`
            crates/chain/src/lib.rs:3: `rand` has no place here: take a seed as an argument"#]],
        );
    }

    #[test]
    fn a_synchronous_crate_never_waits_but_sees_the_world() {
        check(
            "crates/node/src/lib.rs",
            "use std::fs;\nasync fn f() {}",
            expect![
                "crates/node/src/lib.rs:2: `async` has no place here: take an event, push an effect, and let a driver do the waiting"
            ],
        );
    }

    #[test]
    fn drivers_and_tests_are_free() {
        check("crates/client/src/lib.rs", "async fn f() {}", expect![""]);
        check("crates/chain/src/lib.rs", "#[cfg(test)]\nmod tests { use std::fs; }", expect![""]);
        check("crates/chain/tests/story.rs", "use std::fs;", expect![""]);
    }

    #[test]
    fn a_runtime_below_a_pure_crate_is_found() {
        let found = check_closure("types", "myceline_types\nserde\nasync_std\nrand_core\n");
        expect![
            "types: leans on `async-std`; `cargo tree -e normal -p myceline-types -i async-std` shows how it got there"
        ]
        .assert_eq(&listed(&found));
    }
}
