//! How a report reads, for people and for scripts.

use super::*;
use crate::command::bench::process::Usage;
use expect_test::expect;
use myceline_types::Amount;
use std::time::Instant;

fn findings() -> Findings {
    let usage = |millis, written, resident| Usage { cpu: Duration::from_millis(millis), written, resident };
    Findings {
        setting: Setting { scenario: "transfers", validators: 4, dead: 1, chains: 100, transactions_per_block: 10 },
        window: Duration::from_secs(2),
        counted: Counted {
            blocks: 6_000,
            transactions: 60_000,
            opened: 0,
            preconfirmed_ms: vec![0.5, 1.5],
            final_ms: vec![2.25, 4.0],
            received_ms: Vec::new(),
            contract_ms: Vec::new(),
        },
        used: Sample {
            at: Instant::now(),
            client: usage(600, 0, 0),
            validators: vec![usage(400, 12_000_000, 20 << 20), usage(800, 24_000_000, 40 << 20)],
        },
        resident_at_start: vec![10 << 20, 20 << 20],
        store_bytes_per_block: Some(812.6),
        rss_bytes_per_idle_chain: None,
        fsync_ms: vec![0.125],
        checked: Checked {
            certificates: 6_100,
            chains: 101,
            drained_bundles: 61_000,
            drained_s: 1.25,
            supply: Amount::from_tokens(1_000_000),
            certificate_bytes: vec![700, 800, 900],
        },
    }
}

#[test]
fn people_read_a_table_and_what_was_checked() {
    let report = Report::from(findings());
    let plain = anstream::adapter::strip_str(&report.to_string()).to_string();
    expect![[r#"
        transfers  4 validators, 1 of them dead; 100 chains, 10 a block, 2.0 s

        each second
        blocks final   3'000
        transactions  30'000

        milliseconds    p50   p95   p99
        pre-confirmed  0.50  1.50  1.50
        final          2.25  4.00  4.00
        an fsync here  0.12  0.12  0.12

        costs
        CPU a block, everything, µs                      300
          all validators                                 200
          the client                                     100
        bytes written a block and validator            3'000
        bytes stored a block and validator, tidied up    813
        bytes of a certificate                           800
        memory of a validator before, MiB               15.0
        memory of a validator after, MiB                30.0

        ✓ 6100 certificates verified again, every signature of them
        ✓ 101 chains: all validators have the same last block
        ✓ 61000 bundles taken in after the window in 1.2 s, and none waits
        ✓ 1'000'000 tokens before and after"#]]
    .assert_eq(&plain);
}

#[test]
fn scripts_find_every_key() {
    let json = serde_json::to_string_pretty(&Report::from(findings())).unwrap();
    expect![[r#"
        {
          "scenario": "transfers",
          "validators": 4,
          "dead": 1,
          "chains": 100,
          "transactions_per_block": 10,
          "duration_s": 2.0,
          "blocks": 6000,
          "blocks_per_second": 3000.0,
          "transactions_per_second": 30000.0,
          "chains_per_second": null,
          "preconfirmed_ms": {
            "p50": 0.5,
            "p95": 1.5,
            "p99": 1.5
          },
          "final_ms": {
            "p50": 2.25,
            "p95": 4.0,
            "p99": 4.0
          },
          "received_ms": null,
          "contract_ms": null,
          "cpu_us_per_block": 300.0,
          "cpu_us_validators": 200.0,
          "cpu_us_client": 100.0,
          "write_bytes_per_block": 3000.0,
          "store_bytes_per_block": 812.6,
          "certificate_bytes": 800,
          "rss_mib_per_validator": 30.0,
          "rss_mib_at_start": 15.0,
          "rss_bytes_per_idle_chain": null,
          "fsync_ms": {
            "p50": 0.125,
            "p95": 0.125,
            "p99": 0.125
          },
          "checked": {
            "certificates": 6100,
            "chains": 101,
            "drained_bundles": 61000,
            "drained_s": 1.25,
            "supply": "1000000"
          }
        }"#]]
    .assert_eq(&json);
}

#[test]
fn without_blocks_there_are_no_figures_for_each() {
    let counted = Counted::default();
    let report = Report::from(Findings { counted, ..findings() });
    assert_eq!((report.cpu_us_per_block, report.write_bytes_per_block, report.final_ms), (None, None, None));
    assert!(report.blocks_per_second.abs() < f64::EPSILON);
}

#[test]
fn thousands_are_set_apart() {
    let told = [0.25, 99.9, 100.4, 1_234.0, 1_234_567.8].map(count);
    assert_eq!(told, ["0.2", "99.9", "100", "1'234", "1'234'568"]);
}
