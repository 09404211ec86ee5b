//! House rules for every Rust file of the workspace.

use super::{
    Finding,
    source::{Ban, Source},
};

/// A longer file is more than one idea.
const LINES_MAX: usize = 800;
/// What most files stay below.
const LINES_AIM: usize = 400;

/// Words that mean unfinished work, in tests too.
const UNFINISHED: &[Ban] = &[
    Ban { word: "todo!", instead: "write it, or leave the whole path out" },
    Ban { word: "unimplemented!", instead: "write it, or return a typed error" },
    Ban { word: "dbg!", instead: "remove it, or log through `tracing`" },
    Ban { word: "#[ignore]", instead: "make the test quick, or give the slow form an xtask subcommand" },
];

/// Folders, below the root of a file system, that exist on one machine and not on another.
const MACHINE_FOLDERS: &[&str] = &["home", "root", "tmp", "Users", "work", "workspace"];

/// Checks one file against every rule.
pub fn check(source: &Source) -> Vec<Finding> {
    let mut findings = source.banned(source.all_words(), UNFINISHED);
    findings.extend(begins_with_its_doc(source));
    findings.extend(is_one_idea(source));
    findings.extend(names_no_machine(source));
    findings
}

fn begins_with_its_doc(source: &Source) -> Option<Finding> {
    let advice = "begin with a module doc (`//!`) that says what the file is and what it is not";
    (!source.text.starts_with("//! ")).then(|| Finding::on_line(&source.path, 1, advice))
}

fn is_one_idea(source: &Source) -> Option<Finding> {
    let lines = source.text.lines().count();
    let advice = format!("{lines} lines: split it, one idea per file; aim at {LINES_AIM}, never more than {LINES_MAX}");
    (lines > LINES_MAX).then(|| Finding::at(&source.path, advice))
}

fn names_no_machine(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (line, text) in source.lines() {
        for folder in MACHINE_FOLDERS.iter().filter(|folder| names_folder(text, folder)) {
            let advice = format!("names a path of one machine (`/{folder}`): take it as an argument or use `tempfile`");
            findings.push(Finding::on_line(&source.path, line, advice));
        }
    }
    findings
}

/// Whether an absolute path into `folder` stands in `text`: at its beginning or after something that ends a word.
fn names_folder(text: &str, folder: &str) -> bool {
    let is_start = |before: &str| before.ends_with([' ', '"', '\'', '`', '(', '=', ':']) || before.is_empty();
    text.match_indices(&format!("/{folder}/")).any(|(at, _)| is_start(&text[..at]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::listed;
    use expect_test::{Expect, expect};

    fn check(text: &str, expected: Expect) {
        let source = Source::new("crates/types/src/lib.rs", text.into()).unwrap();
        expected.assert_eq(&listed(&super::check(&source)));
    }

    #[test]
    fn a_good_file_passes() {
        check("//! A noun.\n\n/// See https://example.org/home/page and `std/tmp/`.\npub struct Noun;\n", expect![""]);
    }

    #[test]
    fn a_file_says_what_it_is() {
        check(
            "use std::fmt;\n",
            expect![
                "crates/types/src/lib.rs:1: begin with a module doc (`//!`) that says what the file is and what it is not"
            ],
        );
    }

    #[test]
    fn a_file_is_one_idea() {
        let just_fits = format!("//! Long.\n{}", "\n".repeat(LINES_MAX - 1));
        check(&just_fits, expect![""]);
        check(
            &format!("{just_fits}\n"),
            expect!["crates/types/src/lib.rs: 801 lines: split it, one idea per file; aim at 400, never more than 800"],
        );
    }

    #[test]
    fn unfinished_work_is_found_in_tests_too() {
        let text =
            "//! Work.\nfn f() { todo!() }\n#[cfg(test)]\nmod tests {\n#[test]\n#[ignore]\nfn g() { dbg!(1); }\n}";
        check(
            text,
            expect![[r#"
            crates/types/src/lib.rs:2: `todo!` has no place here: write it, or leave the whole path out
            crates/types/src/lib.rs:6: `#[ignore]` has no place here: make the test quick, or give the slow form an xtask subcommand
            crates/types/src/lib.rs:7: `dbg!` has no place here: remove it, or log through `tracing`"#]],
        );
    }

    #[test]
    fn paths_of_a_machine_are_found() {
        check(
            "//! Runs in /home/ann.\nconst DATA: &str = \"/tmp/data\";\n",
            expect![[r#"
            crates/types/src/lib.rs:1: names a path of one machine (`/home`): take it as an argument or use `tempfile`
            crates/types/src/lib.rs:2: names a path of one machine (`/tmp`): take it as an argument or use `tempfile`"#]],
        );
    }
}
