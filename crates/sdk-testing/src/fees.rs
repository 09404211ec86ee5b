//! What the blocks of a test cost, each with the line of the test that made it.

use myceline_client::{Bill, Cost};
use myceline_types::{Amount, TimeDelta};
use std::{fmt, panic::Location};

/// What every block of a network cost, in order.
#[derive(Clone, Debug, Default)]
pub struct Fees {
    /// One for each block.
    pub entries: Vec<Entry>,
}

/// What one block cost.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What the test did.
    pub what: &'static str,
    /// Where.
    pub place: &'static Location<'static>,
    /// What it took, and its price.
    pub cost: Cost,
    /// From the beginning until all validators had it: a hint, on a machine that does other things too.
    pub took: TimeDelta,
}

impl Entry {
    /// The price of all of it.
    pub fn total(&self) -> Amount {
        self.cost.bill.total().unwrap_or(Amount::MAX)
    }
}

impl Fees {
    /// What all blocks cost together, by category.
    pub fn bill(&self) -> Bill {
        let add = |sum: Bill, entry: &Entry| sum.checked_add(entry.cost.bill);
        self.entries.iter().try_fold(Bill::default(), add).expect("a test spends less than there can be")
    }

    /// What all blocks cost together.
    pub fn total(&self) -> Amount {
        self.bill().total().unwrap_or(Amount::MAX)
    }

    /// The fuel of all blocks.
    pub fn fuel(&self) -> u64 {
        self.entries.iter().map(|entry| entry.cost.used.fuel).sum()
    }
}

impl fmt::Display for Fees {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<12} {:>10} {:>9} {:>9} {:>12} {:>12} {:>12} {:>12} {:>12} {:>12}  where",
            "block", "fuel", "read", "written", "operations", "messages", "events", "fuel", "storage", "total"
        )?;
        for Entry { what, place, cost, .. } in &self.entries {
            let (used, bill) = (cost.used, cost.bill);
            let total = bill.total().unwrap_or(Amount::MAX);
            let counts = format!("{:>10} {:>9} {:>9}", used.fuel, used.read_bytes, used.written_bytes);
            writeln!(f, "{what:<12} {counts} {}  {}:{}", prices(&bill, total), place.file(), place.line())?;
        }
        write!(f, "{:<12} {:>10} {:>19} {}", "all", self.fuel(), "", prices(&self.bill(), self.total()))
    }
}

fn prices(bill: &Bill, total: Amount) -> String {
    let Bill { operations, messages, events, fuel, storage, oracles } = *bill;
    let storage = storage.checked_add(oracles).unwrap_or(Amount::MAX);
    let each = [operations, messages, events, fuel, storage, total];
    each.map(|amount| format!("{:>12}", amount.to_string())).join(" ")
}
