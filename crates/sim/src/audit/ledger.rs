//! All final blocks, by whoever had them first, and the value that they move.

use super::{Found, Rule};
use crate::trace::Actor;
use myceline_node::Network;
use myceline_types::{Block, BlockHash, BlockHeight, Bundle, ChainId, Cursor, Hash, Operation, Transaction, encoding};
use std::collections::BTreeMap;

/// The final blocks of all chains.
pub(super) struct Ledger {
    supply: u128,
    blocks: BTreeMap<(ChainId, BlockHeight), Entry>,
    /// What each chain holds after its last block, fees included.
    held: BTreeMap<ChainId, u128>,
    /// Bundles that were sent and not consumed: to whom, from whom, which.
    travelling: BTreeMap<(ChainId, ChainId, Cursor), u128>,
    /// The block of each payment, by its amount, which no two payments share.
    payments: BTreeMap<u128, BlockHash>,
    /// What devices were told is final.
    told: BTreeMap<(ChainId, BlockHeight), BlockHash>,
}

/// A final block.
pub(super) struct Entry {
    hash: BlockHash,
    /// The root of the state after it.
    pub(super) state: Hash,
    /// What the chain holds after it.
    pub(super) held: u128,
}

impl Ledger {
    pub(super) fn new(network: &Network) -> Ledger {
        let held: BTreeMap<ChainId, u128> =
            network.roots().map(|(chain, description)| (*chain, description.config.balance.0)).collect();
        let supply = held.values().sum();
        let (blocks, travelling, payments, told) = Default::default();
        Ledger { supply, blocks, held, travelling, payments, told }
    }

    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// The chains that exist.
    pub(super) fn chains(&self) -> impl Iterator<Item = ChainId> {
        self.held.keys().copied()
    }

    /// The last block of a chain.
    pub(super) fn last(&self, chain: ChainId) -> Option<(BlockHeight, &Entry)> {
        let blocks = self.blocks.range((chain, BlockHeight::ZERO)..=(chain, BlockHeight(u64::MAX)));
        blocks.last().map(|((_, height), entry)| (*height, entry))
    }

    /// A block of a chain.
    pub(super) fn at(&self, chain: ChainId, height: BlockHeight) -> Option<&Entry> {
        self.blocks.get(&(chain, height))
    }

    /// The block that makes a payment.
    pub(super) fn block_of(&self, tag: u128) -> Option<BlockHash> {
        self.payments.get(&tag).copied()
    }

    /// The first bundle that is on its way.
    pub(super) fn travelling(&self) -> Option<(ChainId, ChainId, Cursor)> {
        self.travelling.keys().next().copied()
    }

    /// A device is told that a block is final.
    pub(super) fn told(&mut self, who: Actor, hash: BlockHash, block: &Block) -> Found {
        let place = (block.proposed.chain, block.proposed.height);
        let known = self.blocks.get(&place).map(|entry| entry.hash).or(self.told.get(&place).copied());
        self.told.insert(place, hash);
        Rule::OneBlock.holds(known.is_none_or(|known| known == hash), || {
            format!("{who} is told that {hash} is final at {place:?}, where {known:?} is")
        })
    }

    /// Somebody commits a block.
    pub(super) fn add(&mut self, who: Actor, hash: BlockHash, block: &Block) -> Found {
        let (chain, height) = (block.proposed.chain, block.proposed.height);
        if let Some(known) = self.blocks.get(&(chain, height)) {
            let differs = || format!("{who} commits {hash} at {chain}:{height}, where {} is final", known.hash);
            return Rule::OneBlock.holds(known.hash == hash, differs);
        }
        let told = self.told.get(&(chain, height));
        let differs = || format!("{who} commits {hash} at {chain}:{height}, and a device was told of {told:?}");
        Rule::OneBlock.holds(told.is_none_or(|told| *told == hash), differs)?;
        let before = height.previous().and_then(|previous| self.at(chain, previous)).map(|entry| entry.hash);
        let follows = before == block.proposed.previous && block.hash() == hash;
        Rule::OneBlock.holds(follows, || format!("{who} commits {hash} at {chain}:{height}, which follows nothing"))?;
        let held = self.move_value(hash, block)?;
        self.blocks.insert((chain, height), Entry { hash, state: block.outcome.state, held });
        let sum = self.held.values().chain(self.travelling.values()).sum::<u128>();
        Rule::Value.holds(sum == self.supply, || format!("{sum} instead of {} after {hash}", self.supply))
    }

    /// What the chain holds after a block, and what is on its way then.
    fn move_value(&mut self, hash: BlockHash, block: &Block) -> Result<u128, super::Violation> {
        let chain = block.proposed.chain;
        let mut held = *self.held.get(&chain).ok_or_else(|| Rule::Value.broken(format!("nobody opened {chain}")))?;
        for transaction in &block.proposed.transactions {
            match transaction {
                Transaction::Receive(incoming) => {
                    let key = (chain, incoming.origin, incoming.bundle.cursor);
                    let value = self.travelling.remove(&key).filter(|value| *value == value_of(&incoming.bundle));
                    let unknown = || Rule::Value.broken(format!("{hash} consumes {key:?}, which is not on its way"));
                    held += value.ok_or_else(unknown)?;
                }
                Transaction::Execute(Operation::Transfer { amount, .. }) => {
                    let before = self.payments.insert(amount.0, hash);
                    Rule::Value.holds(before.is_none(), || format!("{hash} makes payment {amount} again"))?;
                }
                _ => (),
            }
        }
        for (recipient, bundle) in block.bundles() {
            held = held.checked_sub(value_of(&bundle)).ok_or_else(|| Rule::Value.broken("a debt"))?;
            self.travelling.insert((recipient, chain, bundle.cursor), value_of(&bundle));
        }
        for (child, balance) in opened(block) {
            held = held.checked_sub(balance).ok_or_else(|| Rule::Value.broken("a debt"))?;
            self.held.insert(child, balance);
        }
        self.held.insert(chain, held);
        Ok(held)
    }
}

fn value_of(bundle: &Bundle) -> u128 {
    bundle.messages.iter().map(|message| message.value().0).sum()
}

/// The chains that a block opens, with what they begin with.
fn opened(block: &Block) -> Vec<(ChainId, u128)> {
    let mut opened = Vec::new();
    for (index, transaction) in (0u32..).zip(&block.proposed.transactions) {
        let Transaction::Execute(Operation::OpenChain(config)) = transaction else { continue };
        let result = block.outcome.results.iter().find(|result| result.transaction == index);
        if let Some(Ok(child)) = result.map(|result| encoding::from_bytes::<ChainId>(&result.bytes.0)) {
            opened.push((child, config.balance.0));
        }
    }
    opened
}
