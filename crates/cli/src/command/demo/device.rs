//! A device with a wallet: it pays, takes in what others send as soon as it hears of it, and says what it holds.

use super::link::Link;
use crate::{
    CliError, Code,
    engine::Applications,
    keystore::{Keystore, KeystoreError},
    live::{KeySigner, open_client},
    output::human,
    wallet::{Folder, Wallet},
};
use myceline_client::{Client, Following, Incoming, RequestId, SubmitError};
use myceline_rpc::GrpcPeer;
use myceline_storage::Embedded;
use myceline_types::{Account, Amount, BlockHeight, CertifiedBlock, ChainId, Holder, Operation, Transaction};
use std::{future::Future, time::Duration};

/// How often a device looks whether something has come.
const LOOK_PAUSE: Duration = Duration::from_millis(1);
/// How often a payment is submitted, and the pause between.
const TRIES_MAX: u32 = 5;
const TRY_PAUSE: Duration = Duration::from_millis(200);
/// How long anything in the demo may take that takes milliseconds.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);

/// A device with a wallet.
pub(super) struct Device {
    /// What it is called when it pays.
    pub(super) name: String,
    /// Whose wallet it has.
    pub(super) wallet: String,
    /// The wallet's chain.
    pub(super) chain: ChainId,
    client: Client<Embedded, Link, KeySigner>,
    following: Option<Following>,
}

impl Device {
    /// Opens the wallet in a folder. `link` says how each validator is reached from here.
    pub(super) fn open(folder: &Folder, name: &str, link: impl Fn(u8, GrpcPeer) -> Link) -> Result<Device, CliError> {
        let wallet = Wallet::open(folder)?;
        // Keys that follow from a seed lie open, so nobody is asked.
        let keys =
            Keystore::open(&folder.keys())?.unlock(|| Err(KeystoreError::WrongPassword { path: folder.keys() }))?;
        let keys = KeySigner::new(keys);
        let client = open_client(folder, &wallet, keys, Applications::OfCommands, link)?;
        Ok(Device { name: name.into(), wallet: name.into(), chain: wallet.default_chain()?, client, following: None })
    }

    /// A device among several with the same wallet.
    pub(super) fn of_wallet(self, wallet: &str) -> Device {
        Device { wallet: wallet.into(), ..self }
    }

    /// From now on takes in by itself what others send.
    pub(super) fn follow(&mut self) {
        self.following = Some(self.client.follow(vec![self.chain], Incoming::Receive));
    }

    /// Pays, says when the block is executed here, and answers in which block it became final.
    ///
    /// Where validators cannot settle it now, it asks again under the same request, so that it pays once.
    pub(super) async fn pay(
        &self,
        to: ChainId,
        amount: Amount,
        mut preconfirmed: impl FnMut(),
    ) -> Result<BlockHeight, CliError> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|error| CliError::telling(Code::General, &error))?;
        let transfer = Operation::Transfer { from: Holder::Chain, to: Account::of_chain(to), amount };
        let mut tries = 1..TRIES_MAX;
        loop {
            let transactions = vec![Transaction::Execute(transfer.clone())];
            let done = match self.client.submit(self.chain, RequestId(id), transactions, Vec::new()).await {
                Ok(submission) => {
                    preconfirmed();
                    submission.finality().await
                }
                Err(error) => Err(error),
            };
            match done {
                Ok(block) => return Ok(block.height()),
                Err(SubmitError::NoQuorum { .. } | SubmitError::Contention) if tries.next().is_some() => {
                    tokio::time::sleep(TRY_PAUSE).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Waits until what an origin's block at this height sent can be spent here.
    pub(super) async fn receives(&self, origin: ChainId, height: BlockHeight) -> Result<(), CliError> {
        let has_received = move || async move {
            let look = self.client.look(self.chain, move |work| Ok(work.received(origin)?));
            Ok(look.await?.is_some_and(|last| last.height >= height))
        };
        until(&format!("{} to receive block {height} of {}", self.name, human::short(origin)), has_received).await
    }

    /// What is on the chain, as this device has seen it.
    pub(super) async fn balance(&self) -> Result<Amount, CliError> {
        Ok(self.client.balance(self.chain, Holder::Chain).await?)
    }

    /// The next height of the chain, as this device has seen it.
    pub(super) async fn next_height(&self) -> Result<BlockHeight, CliError> {
        Ok(self.client.next_height(self.chain).await?)
    }

    /// The chain's block at a height, if this device has it.
    pub(super) async fn block(&self, height: BlockHeight) -> Result<Option<CertifiedBlock>, CliError> {
        Ok(self.client.block(self.chain, height).await?)
    }

    /// Brings the chain up to this height, which others have reached.
    pub(super) async fn catches_up(&self, next: BlockHeight) -> Result<(), CliError> {
        let has_caught_up = move || async move { Ok(self.client.sync(self.chain).await?.next >= next) };
        until(&format!("{} to learn of the blocks below {next}", self.name), has_caught_up).await
    }
}

/// Waits until something is so, but not for ever.
pub(super) async fn until<F: Future<Output = Result<bool, CliError>>>(
    what: &str,
    mut is_so: impl FnMut() -> F,
) -> Result<(), CliError> {
    let waiting = async {
        while !is_so().await? {
            tokio::time::sleep(LOOK_PAUSE).await;
        }
        Ok(())
    };
    let too_late = |_| {
        let waited = human::duration(PATIENCE);
        Err(CliError::new(Code::General, format_args!("waited {waited} in vain for {what}")))
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(too_late)
}
