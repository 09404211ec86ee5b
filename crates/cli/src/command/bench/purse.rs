//! The chains of a run: opened and funded by the bank before anything is measured, each with an owner of its own.

use super::ground::{BenchClient, Ground};
use crate::{CliError, Code, output::Progress};
use myceline_node::rows::RequestId;
use myceline_types::{
    Account, Amount, ChainConfig, ChainId, Hash, Operation, OwnerSecret, Ownership, Permissions, Transaction,
};

/// What each chain of a run starts with: enough for ten thousand million payments.
const FUNDS: Amount = Amount::from_tokens(10);
/// What is sent each time.
pub(super) const PAYMENT: Amount = Amount(1_000_000_000);
/// Chains opened by one block of the bank, which keeps that block well below what a block may have.
const OPENED_TOGETHER: usize = 500;

/// The chains of a run and whose they are.
pub(super) struct Purse {
    /// Everything in this run follows from it; no two runs have the same.
    run: [u8; 8],
    owners: Vec<OwnerSecret>,
}

impl Purse {
    /// Owners for so many chains that nobody has seen before.
    pub(super) fn new(chains: usize) -> Result<Purse, CliError> {
        let run = getrandom::u64().map_err(|why| CliError::telling(Code::General, &why))?.to_be_bytes();
        let secret = |index: u64| OwnerSecret::from_seed(Hash::of_value("myceline bench", &(run, index)).0);
        Ok(Purse { run, owners: (0..).take(chains).map(secret).collect() })
    }

    /// The keys of all chains.
    pub(super) fn secrets(&self) -> impl Iterator<Item = OwnerSecret> + '_ {
        self.owners.iter().cloned()
    }

    /// Opens the chains, and returns when every validator that answers has them.
    pub(super) async fn open(
        &self,
        ground: &Ground,
        client: &BenchClient,
        progress: &Progress,
    ) -> Result<Vec<ChainId>, CliError> {
        progress.say("opening chains");
        client.sync(ground.bank).await?;
        let mut chains = Vec::with_capacity(self.owners.len());
        for (turn, owners) in (0..).zip(self.owners.chunks(OPENED_TOGETHER)) {
            let wanted = owners.iter().map(|owner| open_chain(owner, FUNDS)).collect();
            let submission = client.submit(ground.bank, self.request(u32::MAX, turn), wanted, Vec::new()).await?;
            chains.extend(submission.finality().await?.opened());
            progress.say(format!("opened {} of {} chains", chains.len(), self.owners.len()));
        }
        client.deliver(ground.bank).await?;
        Ok(chains)
    }

    /// The name of what a lane does at one of its turns.
    pub(super) fn request(&self, lane: u32, turn: u32) -> RequestId {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&self.run);
        id[8..12].copy_from_slice(&lane.to_be_bytes());
        id[12..].copy_from_slice(&turn.to_be_bytes());
        RequestId(id)
    }

    /// Whose the chain of a lane is.
    pub(super) fn owner(&self, lane: usize) -> &OwnerSecret {
        &self.owners[lane]
    }
}

/// Opens a chain for an owner, with a fast round as wallets do.
pub(super) fn open_chain(owner: &OwnerSecret, balance: Amount) -> Transaction {
    let ownership = Ownership::single_fast(owner.owner());
    let config = ChainConfig { ownership, permissions: Permissions::default(), balance };
    Transaction::Execute(Operation::OpenChain(Box::new(config)))
}

/// Sends a payment from a chain to another.
pub(super) fn pay(to: ChainId) -> Transaction {
    let from = myceline_types::Holder::Chain;
    Transaction::Execute(Operation::Transfer { from, to: Account::of_chain(to), amount: PAYMENT })
}
