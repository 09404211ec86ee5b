//! What is in the stores: each commit leaves what its block says, and at rest all stores say the same.

use super::{Found, Rule, absent, ledger::Ledger};
use crate::trace::Actor;
use myceline_execution::System;
use myceline_node::{
    Cell, Network,
    layout::{CHAINS, entry_space, of_chain, table},
    read,
};
use myceline_state::{Batch, MemorySnapshot, Overlay, Snapshot, tree::Tree};
use myceline_types::{Block, BlockHeight, ChainId, Holder};
use std::sync::Arc;

/// What a committed block sends is in the inboxes of its recipients, or was consumed there already.
pub(super) fn check_delivered(who: Actor, block: &Block, view: &impl Snapshot) -> Found {
    let origin = block.proposed.chain;
    for (recipient, bundle) in block.bundles() {
        let waits = waiting(view, recipient)?.contains(&(origin, bundle.cursor));
        let received = system(view, recipient).received(origin).map_err(absent)?;
        let is_there = waits || received >= Some(bundle.cursor);
        let lost = || format!("{who} commits {origin}:{} and not its bundle to {recipient}", block.proposed.height);
        Rule::Delivered.holds(is_there, lost)?;
    }
    Ok(())
}

/// The state of a chain is the one that its last block says.
pub(super) fn check_state(
    who: Actor,
    chain: ChainId,
    network: &Arc<Network>,
    ledger: &Ledger,
    view: &impl Snapshot,
) -> Found {
    let Some(row) = CHAINS.get(view, &chain).map_err(absent)? else { return Ok(()) };
    let Some(height) = row.tip.next.previous() else { return Ok(()) };
    let unknown = || Rule::OneBlock.broken(format!("{who} is at {chain}:{height}, which nobody committed"));
    let entry = ledger.at(chain, height).ok_or_else(unknown)?;
    let cell = Cell::load(network, chain, view).map_err(absent)?;
    let root = cell.map(|cell| cell.state_root());
    Rule::State.holds(root == Some(entry.state), || {
        format!("{who} has {root:?} at {chain}:{height}, and the header says {:?}", entry.state)
    })?;
    let held = held(view, chain)?;
    Rule::Value.holds(held == entry.held, || format!("{chain} holds {held} at {who}, and should {}", entry.held))
}

/// The same for all chains.
pub(super) fn check_chains(who: Actor, network: &Arc<Network>, ledger: &Ledger, view: &impl Snapshot) -> Found {
    ledger.chains().try_for_each(|chain| check_state(who, chain, network, ledger, view))
}

/// Every honest validator has every block, and nothing waits.
pub(super) fn check_at_rest<S: Snapshot>(ledger: &Ledger, validators: &[(u8, S)]) -> Found {
    for chain in ledger.chains() {
        let Some((last, _)) = ledger.last(chain) else { continue };
        for (place, view) in validators {
            let next = CHAINS.get(view, &chain).map_err(absent)?.map_or(BlockHeight::ZERO, |row| row.tip.next);
            let is_there = Some(next) == last.next();
            Rule::Progress.holds(is_there, || format!("v{place} is at {chain}:{next}, which ends with {last}"))?;
        }
    }
    let travelling = ledger.travelling();
    Rule::Progress.holds(travelling.is_none(), || format!("{travelling:?} was never received"))?;
    for (place, view) in validators {
        for recipient in ledger.chains() {
            for (origin, cursor) in waiting(view, recipient)? {
                let received = system(view, recipient).received(origin).map_err(absent)?;
                let unread = || format!("{cursor} from {origin} waits at v{place} in {recipient}");
                Rule::Progress.holds(received >= Some(cursor), unread)?;
            }
        }
    }
    Ok(())
}

/// The root of a chain's entries, built from nothing, is the root in its last header.
pub(super) fn check_from_scratch(place: u8, ledger: &Ledger, view: &impl Snapshot) -> Found {
    for chain in ledger.chains() {
        let Some((height, entry)) = ledger.last(chain) else { continue };
        let prefix = of_chain(table::STATE, chain);
        let mut entries = Batch::new();
        for (key, value) in view.scan(&prefix, &prefix, usize::MAX).map_err(absent)? {
            entries.put(key[prefix.len()..].to_vec(), value);
        }
        let update = Tree::new(entry_space(chain)).update(&MemorySnapshot::new(), &entries).map_err(absent)?;
        let root = update.tree.root();
        Rule::State.holds(root == entry.state, || {
            format!("the entries of {chain}:{height} at v{place} have root {root}, and the header says {}", entry.state)
        })?;
    }
    Ok(())
}

/// All validators have the same entries.
pub(super) fn check_same<S: Snapshot>(ledger: &Ledger, validators: &[(u8, S)]) -> Found {
    let Some(((_, first), rest)) = validators.split_first() else { return Ok(()) };
    for chain in ledger.chains() {
        let prefix = of_chain(table::STATE, chain);
        let entries = |view: &S| view.scan(&prefix, &prefix, usize::MAX).map_err(absent);
        let expected = entries(first)?;
        for (place, view) in rest {
            let is_same = entries(view)? == expected;
            Rule::State.holds(is_same, || format!("the state of {chain} at v{place} is another one"))?;
        }
    }
    Ok(())
}

fn waiting(view: &impl Snapshot, chain: ChainId) -> Result<Vec<(ChainId, myceline_types::Cursor)>, super::Violation> {
    let entries = read::waiting(view, chain, None, usize::MAX).map_err(absent)?;
    Ok(entries.into_iter().map(|(origin, cursor, _)| (origin, cursor)).collect())
}

fn system<S: Snapshot>(view: &S, chain: ChainId) -> System<Overlay<&S>> {
    System(Overlay::new(view, of_chain(table::STATE, chain)))
}

/// All value on a chain, fees included.
fn held(view: &impl Snapshot, chain: ChainId) -> Result<u128, super::Violation> {
    let system = system(view, chain);
    let accounts = system.balances(None, usize::MAX).map_err(absent)?.into_iter().map(|(_, amount)| amount.0);
    let own = system.balance(&Holder::Chain).map_err(absent)?.0;
    Ok(accounts.sum::<u128>() + own + system.fees().map_err(absent)?.0)
}
