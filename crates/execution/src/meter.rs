//! What the applications of a block use, counted. The same counters limit a block and price a transaction.

use crate::{fees::Bill, problem::Problem};
use myceline_types::{Amount, Limits, Prices};

/// What has been used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Meter {
    /// Fuel burnt.
    pub fuel: u64,
    /// Reads of state.
    pub reads: u64,
    /// Bytes that came of them, and of events.
    pub read_bytes: u64,
    /// Writes to state.
    pub writes: u64,
    /// Bytes written.
    pub written_bytes: u64,
    /// Blobs read.
    pub blobs: u64,
    /// Bytes of them.
    pub blob_bytes: u64,
    /// Questions to the web.
    pub web: u64,
    /// Queries of services.
    pub services: u64,
}

impl Meter {
    /// What was used since `mark`.
    pub fn since(&self, mark: &Meter) -> Meter {
        Meter {
            fuel: self.fuel - mark.fuel,
            reads: self.reads - mark.reads,
            read_bytes: self.read_bytes - mark.read_bytes,
            writes: self.writes - mark.writes,
            written_bytes: self.written_bytes - mark.written_bytes,
            blobs: self.blobs - mark.blobs,
            blob_bytes: self.blob_bytes - mark.blob_bytes,
            web: self.web - mark.web,
            services: self.services - mark.services,
        }
    }

    /// What it costs; `None` where that cannot be counted.
    pub fn bill(&self, prices: &Prices) -> Option<Bill> {
        let storage = [
            (prices.read, self.reads),
            (prices.read_byte, self.read_bytes),
            (prices.write, self.writes),
            (prices.write_byte, self.written_bytes),
            (prices.blob_read, self.blobs),
            (prices.blob_read_byte, self.blob_bytes),
        ];
        Some(Bill {
            fuel: prices.fuel.checked_mul(self.fuel)?,
            storage: sum(storage)?,
            oracles: sum([(prices.web, self.web), (prices.service, self.services)])?,
            ..Bill::default()
        })
    }

    /// Checks the limits of a block.
    pub fn check(&self, limits: &Limits) -> Result<(), Problem> {
        let bounds = [
            ("fuel", self.fuel, limits.fuel),
            ("bytes read", self.read_bytes.saturating_add(self.blob_bytes), limits.read_bytes),
            ("bytes written", self.written_bytes, limits.written_bytes),
            ("oracle answers", self.web + self.services, limits.oracle_answers),
        ];
        match bounds.into_iter().find(|(_, used, limit)| used > limit) {
            Some((what, _, limit)) => Err(Problem::Limit { what, limit }),
            None => Ok(()),
        }
    }
}

fn sum(parts: impl IntoIterator<Item = (Amount, u64)>) -> Option<Amount> {
    parts.into_iter().try_fold(Amount::ZERO, |sum, (price, count)| sum.checked_add(price.checked_mul(count)?))
}
