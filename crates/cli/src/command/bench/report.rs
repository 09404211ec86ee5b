//! What a run has shown, for scripts and for people. The keys never change their names; what a scenario does not measure is
//! null.

use super::{
    figures::{Percentiles, median, share},
    ground::Sample,
    recheck::Checked,
};
use crate::output::{Table, human, style, table::Column};
use serde::Serialize;
use std::{fmt, time::Duration};

const MIB: f64 = 1_048_576.0;

/// What was run.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Setting {
    /// Which scenario.
    pub(super) scenario: &'static str,
    /// Validators of the network.
    pub(super) validators: usize,
    /// How many of them were stopped.
    pub(super) dead: usize,
    /// Chains that took part, the bank left out.
    pub(super) chains: usize,
    /// Transactions of each block.
    pub(super) transactions_per_block: usize,
}

/// What was counted and timed in the window.
#[derive(Clone, Default, PartialEq, Debug)]
pub(super) struct Counted {
    /// Blocks that became final.
    pub(super) blocks: u64,
    /// What was asked for in them.
    pub(super) transactions: u64,
    /// Chains that they opened.
    pub(super) opened: u64,
    /// From submission to pre-confirmed, in milliseconds.
    pub(super) preconfirmed_ms: Vec<f64>,
    /// From submission to final.
    pub(super) final_ms: Vec<f64>,
    /// From submission to spendable at the other chain.
    pub(super) received_ms: Vec<f64>,
    /// From submission until a contract that takes long is final, in milliseconds.
    pub(super) contract_ms: Vec<f64>,
}

/// What a run has shown.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Report {
    #[serde(flatten)]
    setting: Setting,
    duration_s: f64,
    blocks: u64,
    blocks_per_second: f64,
    transactions_per_second: f64,
    chains_per_second: Option<f64>,
    preconfirmed_ms: Option<Percentiles>,
    final_ms: Option<Percentiles>,
    received_ms: Option<Percentiles>,
    contract_ms: Option<Percentiles>,
    cpu_us_per_block: Option<f64>,
    cpu_us_validators: Option<f64>,
    cpu_us_client: Option<f64>,
    write_bytes_per_block: Option<f64>,
    store_bytes_per_block: Option<f64>,
    certificate_bytes: Option<u64>,
    rss_mib_per_validator: Option<f64>,
    rss_mib_at_start: Option<f64>,
    rss_bytes_per_idle_chain: Option<f64>,
    fsync_ms: Option<Percentiles>,
    checked: Checked,
}

/// Everything that a report is made of.
pub(super) struct Findings {
    /// What was run.
    pub(super) setting: Setting,
    /// How long the window was.
    pub(super) window: Duration,
    /// What was counted in it.
    pub(super) counted: Counted,
    /// What was used in it.
    pub(super) used: Sample,
    /// Bytes of memory of each validator when the run began.
    pub(super) resident_at_start: Vec<u64>,
    /// Bytes that each validator's store grew by for each block of the whole run, tidied up.
    pub(super) store_bytes_per_block: Option<f64>,
    /// Bytes of memory that each validator keeps for each chain that nobody uses.
    pub(super) rss_bytes_per_idle_chain: Option<f64>,
    /// How long small appends took to be durable, in milliseconds.
    pub(super) fsync_ms: Vec<f64>,
    /// What was checked again.
    pub(super) checked: Checked,
}

impl From<Findings> for Report {
    fn from(findings: Findings) -> Report {
        let Findings { setting, window, counted, used, store_bytes_per_block, rss_bytes_per_idle_chain, .. } = findings;
        let Counted { blocks, transactions, opened, preconfirmed_ms, final_ms, received_ms, contract_ms } = counted;
        let per_second = |count| share(count, 1).unwrap_or_default() / window.as_secs_f64();
        let validators = u64::try_from(used.validators.len()).unwrap_or(u64::MAX);
        let (cpu_validators, cpu_client) =
            (used.validators.iter().map(|usage| usage.cpu).sum::<Duration>(), used.client.cpu);
        let cpu_per_block = |cpu: Duration| share(micros(cpu), blocks);
        let written = used.validators.iter().map(|usage| usage.written).sum();
        let resident = used.validators.iter().map(|usage| usage.resident).collect();
        Report {
            setting,
            duration_s: window.as_secs_f64(),
            blocks,
            blocks_per_second: per_second(blocks),
            transactions_per_second: per_second(transactions),
            chains_per_second: (opened > 0).then(|| per_second(opened)),
            preconfirmed_ms: Percentiles::of(preconfirmed_ms),
            final_ms: Percentiles::of(final_ms),
            received_ms: Percentiles::of(received_ms),
            contract_ms: Percentiles::of(contract_ms),
            cpu_us_per_block: cpu_per_block(cpu_validators + cpu_client),
            cpu_us_validators: cpu_per_block(cpu_validators),
            cpu_us_client: cpu_per_block(cpu_client),
            write_bytes_per_block: share(written, blocks * validators),
            store_bytes_per_block,
            certificate_bytes: median(findings.checked.certificate_bytes.clone()),
            rss_mib_per_validator: mean_mib(resident),
            rss_mib_at_start: mean_mib(findings.resident_at_start),
            rss_bytes_per_idle_chain,
            fsync_ms: Percentiles::of(findings.fsync_ms),
            checked: findings.checked,
        }
    }
}

fn mean_mib(bytes: Vec<u64>) -> Option<f64> {
    let parts = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    share(bytes.into_iter().sum(), parts).map(|bytes| bytes / MIB)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.headline())?;
        let rates = self.rates();
        writeln!(f, "{rates}\n")?;
        writeln!(f, "{}\n", self.times())?;
        writeln!(f, "{}\n", self.costs())?;
        write!(f, "{}", self.checks())
    }
}

impl Report {
    fn headline(&self) -> String {
        let Setting { scenario, validators, dead, chains, transactions_per_block } = &self.setting;
        let dead = if *dead > 0 { format!(", {dead} of them dead") } else { String::new() };
        let told = format!(
            "{validators} validators{dead}; {chains} chains, {transactions_per_block} a block, {:.1} s",
            self.duration_s
        );
        format!("{}  {}", style::strong(scenario), style::dim(told))
    }

    fn rates(&self) -> Table<2> {
        let mut table = Table::new([Column::Left("each second"), Column::Right("")]);
        table.row(["blocks final".into(), count(self.blocks_per_second)]);
        table.row(["transactions".into(), count(self.transactions_per_second)]);
        if let Some(opened) = self.chains_per_second {
            table.row(["chains opened".into(), count(opened)]);
        }
        table
    }

    fn times(&self) -> Table<4> {
        let columns = [Column::Left("milliseconds"), Column::Right("p50"), Column::Right("p95"), Column::Right("p99")];
        let mut table = Table::new(columns);
        let rows = [
            ("pre-confirmed", self.preconfirmed_ms),
            ("final", self.final_ms),
            ("received and spendable", self.received_ms),
            ("a long contract final", self.contract_ms),
            ("an fsync here", self.fsync_ms),
        ];
        for (name, times) in rows {
            if let Some(Percentiles { p50, p95, p99 }) = times {
                table.row([name.into(), format!("{p50:.2}"), format!("{p95:.2}"), format!("{p99:.2}")]);
            }
        }
        table
    }

    fn costs(&self) -> Table<2> {
        let mut table = Table::new([Column::Left("costs"), Column::Right("")]);
        let bytes = self.certificate_bytes.and_then(|bytes| share(bytes, 1));
        let rows = [
            ("CPU a block, everything, µs", self.cpu_us_per_block),
            ("  all validators", self.cpu_us_validators),
            ("  the client", self.cpu_us_client),
            ("bytes written a block and validator", self.write_bytes_per_block),
            ("bytes stored a block and validator, tidied up", self.store_bytes_per_block),
            ("bytes of a certificate", bytes),
            ("memory of a validator before, MiB", self.rss_mib_at_start),
            ("memory of a validator after, MiB", self.rss_mib_per_validator),
            ("memory of an idle chain, bytes", self.rss_bytes_per_idle_chain),
        ];
        for (name, cost) in rows {
            if let Some(cost) = cost {
                table.row([name.into(), count(cost)]);
            }
        }
        table
    }

    fn checks(&self) -> String {
        let Checked { certificates, chains, drained_bundles, drained_s, supply, .. } = &self.checked;
        let lines = [
            format!("{certificates} certificates verified again, every signature of them"),
            format!("{chains} chains: all validators have the same last block"),
            format!("{drained_bundles} bundles taken in after the window in {drained_s:.1} s, and none waits"),
            format!("{} tokens before and after", human::amount(*supply)),
        ];
        lines.map(|line| format!("{} {line}", style::good("✓"))).join("\n")
    }
}

/// A figure with three digits at least, its thousands set apart.
fn count(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join("'")
}

#[cfg(test)]
mod tests;
