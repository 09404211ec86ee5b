//! `cargo xtask fuzz`: fuzzes what applications give to validators, guided by coverage, on stable Rust.
//!
//! The compiler's pass for coverage is switched on by flags of LLVM, and libFuzzer is compiled by the machine's C++ compiler; nothing
//! else in the project needs either. What is found lies in `target/fuzz`; `--keep` takes what reaches new code over
//! into `fuzz/corpus`, which ordinary tests replay.

use crate::process::{self, cargo};
use anyhow::{Context, Result};
use cargo_metadata::{MetadataCommand, camino::Utf8PathBuf};
use std::{fs, process::Command};

/// What is fuzzed: the programs of package `fuzz`.
const TARGETS: [&str; 2] = ["modules", "questions"];

/// Counts how often each edge is taken, and tells libFuzzer what is compared with what.
const COVERAGE: [&str; 8] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "-Cdebug-assertions",
    "-Coverflow-checks",
];

/// The longest input. Larger modules reach the same code more slowly.
const INPUT_BYTES_MAX: u32 = 16 << 10;
/// The longest input that tests replay: the repository grows with them.
const KEPT_BYTES_MAX: u64 = 1_536;
/// An input that takes longer is a finding.
const INPUT_SECONDS_MAX: u32 = 30;
/// A process that takes more memory is one, too.
const MEGABYTES_MAX: u32 = 4_096;

/// Fuzzes each target for so many seconds, and where `keep` says so adds what it brings to the corpus.
pub fn run(seconds: u32, target: Option<&str>, keep: bool) -> Result<()> {
    let metadata = MetadataCommand::new().no_deps().exec()?;
    let folder = metadata.target_directory.join("fuzz");
    let host = host()?;
    build(&folder, &host)?;
    for name in TARGETS.into_iter().filter(|name| target.is_none_or(|target| target == *name)) {
        let program = folder.join(&host).join("debug").join(name);
        let lair = Lair::open(&folder, metadata.workspace_root.join("fuzz/corpus").join(name), name)?;
        lair.fuzz(&program, seconds)?;
        if keep {
            lair.keep(&program)?;
        }
    }
    Ok(())
}

/// The folders of a target.
struct Lair {
    /// What the fuzzer gathers.
    gathered: Utf8PathBuf,
    /// Those of it that are small.
    small: Utf8PathBuf,
    /// What made it fail.
    findings: Utf8PathBuf,
    /// What tests replay.
    corpus: Utf8PathBuf,
}

impl Lair {
    fn open(folder: &Utf8PathBuf, corpus: Utf8PathBuf, name: &str) -> Result<Lair> {
        let lair = Lair {
            gathered: folder.join("gathered").join(name),
            small: folder.join("small").join(name),
            findings: folder.join("findings").join(name),
            corpus,
        };
        for folder in [&lair.gathered, &lair.findings, &lair.corpus] {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {folder}"))?;
        }
        Ok(lair)
    }

    fn fuzz(&self, program: &Utf8PathBuf, seconds: u32) -> Result<()> {
        let mut fuzzer = Command::new(program);
        fuzzer.args([&self.gathered, &self.corpus]).arg(format!("-max_total_time={seconds}"));
        fuzzer.arg(format!("-artifact_prefix={}/", self.findings)).arg("-print_final_stats=1");
        fuzzer.arg(format!("-max_len={INPUT_BYTES_MAX}")).arg(format!("-timeout={INPUT_SECONDS_MAX}"));
        fuzzer.arg(format!("-rss_limit_mb={MEGABYTES_MAX}"));
        process::run(&mut fuzzer)
    }

    /// Copies the small inputs that reach code which the corpus does not.
    fn keep(&self, program: &Utf8PathBuf) -> Result<()> {
        let _ = fs::remove_dir_all(&self.small);
        fs::create_dir_all(&self.small).with_context(|| format!("cannot make {}", self.small))?;
        for entry in self.gathered.read_dir_utf8()? {
            let entry = entry?;
            if entry.metadata()?.len() <= KEPT_BYTES_MAX {
                fs::copy(entry.path(), self.small.join(entry.file_name()))?;
            }
        }
        // Which edges are reached, however often: counts would keep many more.
        let mut merge = Command::new(program);
        process::run(merge.args(["-merge=1", "-use_counters=0"]).args([&self.corpus, &self.small]))
    }
}

fn build(folder: &Utf8PathBuf, host: &str) -> Result<()> {
    // With a target, the flags are not for build scripts and macros, which have nobody who counts.
    let arguments = format!("build --package fuzz --bins --features libfuzzer --target {host} --target-dir {folder}");
    process::run(cargo(&arguments).env("CARGO_ENCODED_RUSTFLAGS", COVERAGE.join("\u{1f}")))
}

/// The platform that this Rust builds for.
fn host() -> Result<String> {
    let version = process::output(Command::new("rustc").args(["--version", "--verbose"]))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say which platform it builds for")?.to_owned())
}
