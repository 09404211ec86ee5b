//! The faucet of a local network: a wallet of its own, beside the funded one, with a chain that the funded one opens.
//!
//! So whoever uses the funded wallet meets no faucet in it, and the network's ids are the same with a faucet and without.

use super::{MAIN, Plan};
use crate::{
    CliError, Context,
    keystore::Keys,
    wallet::{Folder, Wallet, WalletChain},
};
use myceline_types::{
    Amount, ChainConfig, ChainId, Hash, Operation, Ownership, Permissions, Transaction, crypto::OwnerSecret,
};
use std::time::Duration;

/// What the faucet has to give.
const FUNDS: Amount = Amount::from_tokens(1_000_000);
/// What the wallet calls its chain.
const NAME: &str = "faucet";
/// How long another process may have the wallet that is being made.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// The wallet of a network's faucet: made now, and given funds, if the network has none. The network must run.
pub(super) fn wallet(plan: &Plan, context: &Context) -> Result<Context, CliError> {
    let faucet = Context { folder: Folder::new(plan.dir.join("faucet")), ..context.clone() };
    if !faucet.folder.wallet().exists() {
        make(plan, &faucet)?;
    }
    Ok(faucet)
}

fn make(plan: &Plan, faucet: &Context) -> Result<(), CliError> {
    let lock = faucet.folder.lock(LOCK_WAIT, |_| ())?;
    // As the other keys of a local network, it is no secret.
    let secret = OwnerSecret::from_seed(Hash::of_value("myceline local faucet", &plan.genesis.network()).0);
    let keys = faucet.folder.keys();
    // Where this broke off before, the key is there already.
    let owner = if keys.exists() { secret.owner() } else { Keys::create(&keys, None)?.add(secret)? };
    let chain = open_chain(
        plan,
        faucet,
        ChainConfig { ownership: Ownership::single_fast(owner), permissions: Permissions::default(), balance: FUNDS },
    )?;
    let mut wallet = Wallet::new(plan.genesis.clone());
    wallet.put(chain, WalletChain { name: Some(NAME.into()), owner: Some(owner) })?;
    Ok(wallet.save(&lock, &faucet.folder)?)
}

/// Opens the faucet's chain from the network's funded one.
fn open_chain(plan: &Plan, context: &Context, config: ChainConfig) -> Result<ChainId, CliError> {
    let funded = Context { folder: plan.wallet(&MAIN), ..context.clone() };
    funded.with_wallet(async |live| {
        let parent = live.chain(None)?;
        let open = Transaction::Execute(Operation::OpenChain(Box::new(config)));
        let settled = live.submit(parent, vec![open]).await?;
        Ok(*settled.opened.first().expect("a final block that opens a chain names it"))
    })
}
