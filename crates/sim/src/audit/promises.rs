//! What was acknowledged: by validators to whoever brought a certificate, and to devices about their payments.

use super::{Found, Rule, absent, ledger::Ledger};
use myceline_node::layout::CHAINS;
use myceline_state::Snapshot;
use myceline_types::{BlockHash, BlockHeight, ChainId};
use std::collections::BTreeMap;

/// All that was acknowledged.
#[derive(Default)]
pub(super) struct Promises {
    /// The next height that a validator has said it is at.
    committed: BTreeMap<(u8, ChainId), BlockHeight>,
    /// The block of each payment that its device was told of.
    paid: BTreeMap<u128, BlockHash>,
}

impl Promises {
    /// A validator says that a block is committed.
    pub(super) fn committed(&mut self, place: u8, chain: ChainId, next: BlockHeight) {
        let promised = self.committed.entry((place, chain)).or_default();
        *promised = next.max(*promised);
    }

    /// A device is told that a payment is made.
    pub(super) fn paid(&mut self, tag: u128, block: BlockHash) {
        self.paid.insert(tag, block);
    }

    /// After a restart a validator is where it said that it was.
    pub(super) fn kept(&self, place: u8, view: &impl Snapshot) -> Found {
        for ((_, chain), promised) in self.committed.iter().filter(|((by, _), _)| *by == place) {
            let next = CHAINS.get(view, chain).map_err(absent)?.map_or(BlockHeight::ZERO, |row| row.tip.next);
            Rule::Acknowledged.holds(next >= *promised, || {
                format!("v{place} said that chain {chain} is at {promised}, and is at {next} after a crash")
            })?;
        }
        Ok(())
    }

    /// Each payment that a device was told of is in the block that it was told of.
    pub(super) fn check_paid(&self, ledger: &Ledger) -> Found {
        for (tag, block) in &self.paid {
            let found = ledger.block_of(*tag);
            let told = || format!("payment {tag} was acknowledged in block {block}, and is in {found:?}");
            Rule::Acknowledged.holds(found == Some(*block), told)?;
        }
        Ok(())
    }
}
