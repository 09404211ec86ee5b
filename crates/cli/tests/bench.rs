//! `myceline bench` against a small network: every scenario runs, finds what it must, and what it did holds when it is
//! checked again. How fast anything is, is not a test.

use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};
use tempfile::TempDir;

/// The keys that every scenario has, whatever it measures.
const KEYS: [&str; 17] = [
    "scenario",
    "blocks_per_second",
    "transactions_per_second",
    "chains_per_second",
    "preconfirmed_ms",
    "final_ms",
    "received_ms",
    "cpu_us_per_block",
    "cpu_us_validators",
    "cpu_us_client",
    "write_bytes_per_block",
    "store_bytes_per_block",
    "certificate_bytes",
    "rss_mib_per_validator",
    "rss_bytes_per_idle_chain",
    "fsync_ms",
    "checked",
];

/// A network in a folder, until this is dropped.
struct Network {
    folder: TempDir,
    up: Child,
}

impl Network {
    fn up() -> Network {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("tests have a folder on a disk");
        let mut up = Command::new(env!("CARGO_BIN_EXE_myceline"));
        up.args(["net", "up", "--json", "--port", "0", "--dir"]).arg(folder.path().join("net"));
        let mut up =
            up.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("the binary was built for this test");
        let mut line = String::new();
        let stdout = up.stdout.as_mut().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("it says when it is ready");
        assert!(line.contains("\"ready\":true"), "{line}");
        Network { folder, up }
    }

    fn dir(&self) -> PathBuf {
        self.folder.path().join("net")
    }

    fn bench(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_myceline"));
        command.arg("bench").args(words).arg("--dir").arg(self.dir()).stdin(Stdio::null());
        command.output().expect("the binary was built for this test")
    }

    /// Runs a scenario for a moment. It must find something, and leave nothing behind.
    fn measure(&self, words: &[&str]) -> Value {
        let output = self.bench(&[words, &["--duration", "1s", "--json"]].concat());
        assert!(output.status.success(), "{words:?}: {output:?}");
        let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON value");
        for key in KEYS {
            assert!(report.get(key).is_some(), "{words:?}: no {key} in {report}");
        }
        assert_eq!(report["scenario"], words[0]);
        assert!(number(&report["fsync_ms"]["p99"]) > 0.0 && number(&report["rss_mib_per_validator"]) > 1.0, "{report}");
        assert!(number(&report["checked"]["certificates"]) > 0.0, "{report}");
        let left = std::fs::read_dir(self.dir()).expect("the network is there").flatten();
        let left = left.filter(|entry| entry.file_name().to_string_lossy().starts_with("bench-"));
        assert_eq!(left.count(), 0, "a run removes what it wrote");
        report
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // Validators end with whoever started them.
        let _ = self.up.kill().and_then(|()| self.up.wait());
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// What any load that makes blocks has.
fn check_load(report: &Value) {
    for key in ["blocks_per_second", "cpu_us_per_block", "store_bytes_per_block", "certificate_bytes"] {
        assert!(number(&report[key]) > 0.0, "{key}: {report}");
    }
    let times = &report["final_ms"];
    assert!(
        number(&times["p50"]) <= number(&times["p95"]) && number(&times["p95"]) <= number(&times["p99"]),
        "{times}"
    );
    assert!(number(&report["preconfirmed_ms"]["p50"]) <= number(&times["p50"]), "{report}");
}

#[test]
fn every_scenario_measures_and_checks_itself() {
    let network = Network::up();

    let transfers = network.measure(&["transfers", "--chains", "6", "--transactions-per-block", "3"]);
    check_load(&transfers);
    let (blocks, transactions) =
        (number(&transfers["blocks_per_second"]), number(&transfers["transactions_per_second"]));
    assert!((transactions - 3.0 * blocks).abs() < 0.01, "{transfers}");
    assert!(number(&transfers["checked"]["drained_bundles"]) >= 3.0 * number(&transfers["blocks"]), "{transfers}");

    let opened = network.measure(&["open-chains", "--chains", "2", "--transactions-per-block", "5"]);
    check_load(&opened);
    assert_eq!(opened["chains_per_second"], opened["transactions_per_second"]);

    check_load(&network.measure(&["latency", "--chains", "3"]));
    let dead = network.measure(&["latency", "--dead", "1"]);
    check_load(&dead);
    assert_eq!(dead["dead"], 1, "and in the end it has caught up with the others");

    let received = network.measure(&["cross-chain"]);
    check_load(&received);
    assert!(number(&received["received_ms"]["p50"]) >= number(&received["final_ms"]["p50"]), "{received}");

    let idle = network.measure(&["idle", "--chains", "20"]);
    assert!(number(&idle["rss_bytes_per_idle_chain"]) >= 0.0, "{idle}");

    let told = network.bench(&["transfers", "--chains", "2", "--duration", "500ms"]);
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.starts_with("transfers  4 validators; 2 chains, 1 a block, 0.5 s\n"), "{told}");
    assert!(told.contains("certificates verified again"), "{told}");
}

#[test]
fn applications_on_wasm_are_loaded_too() {
    let network = Network::up();

    let calls = network.measure(&["calls", "--chains", "2", "--transactions-per-block", "2"]);
    check_load(&calls);

    let transfers = network.measure(&["app-transfers", "--chains", "3", "--transactions-per-block", "2"]);
    check_load(&transfers);
    assert!(number(&transfers["checked"]["drained_bundles"]) >= number(&transfers["blocks"]), "{transfers}");

    check_load(&network.measure(&["beside", "--contract", "100ms"]));
}

#[test]
fn a_network_that_does_not_run_is_not_measured() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let bench = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_myceline"));
        command.args(["bench", "latency", "--json", "--dir"]).arg(folder.path()).args(words).stdin(Stdio::null());
        let output = command.output().expect("the binary was built for this test");
        let value: Value = serde_json::from_slice(&output.stdout).expect("an error is one JSON value");
        (value["error"]["code"].clone(), value["error"]["hint"].to_string())
    };
    assert_eq!(bench(&[]).0, "not-found");
    assert_eq!(bench(&["--duration", "soon"]).0, "usage");
}
