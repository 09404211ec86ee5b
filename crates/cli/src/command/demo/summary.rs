//! What the demo has shown, in numbers, and what to try next.

use super::{audit::Audit, cast::Times};
use crate::{
    output::{Table, human, style, table::Column},
    timeline::millis,
};
use myceline_types::Amount;
use serde::Serialize;
use std::{fmt, time::Duration};

/// What happened beside the payments.
pub(super) struct Facts {
    /// Blocks that a validator had missed.
    pub(super) missed: u64,
    /// How long a chain took to heal.
    pub(super) healed: Duration,
    /// What was counted at the end.
    pub(super) audit: Audit,
    /// All of it.
    pub(super) took: Duration,
}

/// What the demo has shown.
#[derive(Serialize)]
#[serde(tag = "event", rename = "summary")]
pub(super) struct Summary {
    payments: usize,
    blocks: u64,
    preconfirmed_ms: Spread,
    final_ms: Spread,
    received_ms: Spread,
    blocks_caught_up: u64,
    #[serde(rename = "healed_ms", serialize_with = "millis")]
    healed: Duration,
    supply: Amount,
    #[serde(rename = "took_ms", serialize_with = "millis")]
    took: Duration,
}

/// The middle and the end of some times.
#[derive(Serialize, Clone, Copy)]
struct Spread {
    #[serde(serialize_with = "millis")]
    median: Duration,
    #[serde(serialize_with = "millis")]
    slowest: Duration,
}

impl Summary {
    pub(super) fn new(facts: Facts, payments: &[Times]) -> Summary {
        let spread = |stage: fn(&Times) -> Duration| Spread::of(payments.iter().map(stage).collect());
        Summary {
            payments: payments.len(),
            blocks: facts.audit.blocks,
            preconfirmed_ms: spread(|times| times.preconfirmed),
            final_ms: spread(|times| times.finality),
            received_ms: spread(|times| times.received),
            blocks_caught_up: facts.missed,
            healed: facts.healed,
            supply: facts.audit.supply,
            took: facts.took,
        }
    }
}

impl Spread {
    fn of(mut times: Vec<Duration>) -> Spread {
        times.sort();
        let at = |index: usize| times.get(index).copied().unwrap_or_default();
        Spread { median: at(times.len() / 2), slowest: at(times.len().saturating_sub(1)) }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let took = human::duration(self.took);
        let counts = format!("{} payments in {} blocks, final and counted, in {took}", self.payments, self.blocks);
        writeln!(f, "{}\n", style::strong(counts))?;
        let mut table = Table::new([Column::Left("a payment is"), Column::Right("median"), Column::Right("slowest")]);
        for (stage, spread) in
            [("pre-confirmed", self.preconfirmed_ms), ("final", self.final_ms), ("received", self.received_ms)]
        {
            table.row([stage.into(), human::duration(spread.median), human::duration(spread.slowest)]);
        }
        writeln!(f, "{table}\n")?;
        writeln!(f, "{}", style::dim("Slow ones had a validator less, or another device in their way. Try next:"))?;
        write!(f, "  {} net up", program())
    }
}

/// How this program was called, so that the next command can be pasted.
fn program() -> String {
    std::env::args_os().next().map_or("myceline".into(), |name| name.to_string_lossy().into_owned())
}
