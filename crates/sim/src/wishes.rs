//! What somebody wants of their device: payments, chains, receiving. Nobody gives up before it is done or cannot be.

use crate::{
    audit::Rule,
    device::{Device, Wallet},
    dice::Dice,
    process::Pulse,
};
use myceline_client::{FinalBlock, RequestId, SubmitError};
use myceline_types::{Account, Amount, ChainConfig, ChainId, Holder, Operation, Ownership, Permissions, Transaction};
use std::sync::Arc;

/// Payments are of about so much.
const PAYMENT: Amount = Amount::from_tokens(5);
/// What a new chain begins with.
const DOWRY: Amount = Amount::from_tokens(20);

/// Something that is to be done once.
struct Wish {
    chain: ChainId,
    id: RequestId,
    operation: Operation,
    /// What a payment is recognized by: its amount.
    tag: Option<u128>,
}

/// What became of an attempt.
enum Attempt {
    Done(Box<FinalBlock>),
    Again,
    Never,
}

/// Wants things of a device, one after the other, and looks at each of them once more when it is done.
pub async fn live(device: Arc<Device>, mut dice: Dice) {
    let wishes = device.world.plan.wishes;
    for number in 0..wishes {
        tokio::time::sleep(dice.millis(0, 400)).await;
        match dice.below(10) {
            0 => look_around(&device, &mut dice).await,
            1 => open(&device, number, &mut dice).await,
            2 | 3 => receive(&device, &mut dice).await,
            _ => pay_somebody(&device, number, &mut dice).await,
        }
    }
}

/// Finishes what a crash has interrupted, and receives everything that waits for the device's chains.
pub async fn tidy_up(device: &Arc<Device>) {
    for chain in device.chains() {
        let (wallet, pulse) = device.wallet().await;
        // A block may be final though its wallet ended before anybody was shown the certificate.
        let synced = wallet.sync(chain).await;
        let name = device.world.name(chain);
        device.world.trace.note(device.actor(), format_args!("syncs {name}: {synced:?}"));
        take_in(device, &wallet, &pulse, chain).await;
    }
}

async fn take_in(device: &Device, wallet: &Wallet, pulse: &Pulse, chain: ChainId) {
    match wallet.receive(chain).await {
        Ok(blocks) => blocks.iter().for_each(|done| device.told(done)),
        Err(why) => note(device, pulse, "receiving", &why),
    }
}

async fn receive(device: &Arc<Device>, dice: &mut Dice) {
    let chains = device.chains();
    let Some(chain) = dice.pick(&chains) else { return };
    let (wallet, pulse) = device.wallet().await;
    take_in(device, &wallet, &pulse, *chain).await;
}

async fn look_around(device: &Arc<Device>, dice: &mut Dice) {
    let chains = device.chains();
    let Some(chain) = dice.pick(&chains) else { return };
    let (wallet, _) = device.wallet().await;
    let synced = wallet.sync(*chain).await;
    let name = device.world.name(*chain);
    device.world.trace.note(device.actor(), format_args!("syncs {name}: {synced:?}"));
}

async fn pay_somebody(device: &Arc<Device>, number: u64, dice: &mut Dice) {
    let chains = device.chains();
    let everybody: Vec<ChainId> =
        device.world.network.genesis().descriptions().map(|description| description.id()).collect();
    if let (Some(from), Some(to)) = (dice.pick(&chains), dice.pick(&everybody)) {
        pay(device, *from, *to, 2 * number, dice).await;
    }
}

async fn pay(device: &Arc<Device>, from: ChainId, to: ChainId, number: u64, dice: &mut Dice) {
    // No two payments are alike, so that one which is made twice is found.
    let tag = PAYMENT.0 + u128::from(device.number) * 1_000 + u128::from(number);
    let operation = Operation::Transfer { from: Holder::Chain, to: Account::of_chain(to), amount: Amount(tag) };
    let wish = Wish { chain: from, id: id(device, number), operation, tag: Some(tag) };
    let Some(done) = insist(device, &wish, dice).await else { return };
    device.world.audit.acknowledged(tag, done.hash());
    if dice.chance(300) {
        let Some(again) = insist(device, &wish, dice).await else { return };
        let is_same = again.hash() == done.hash();
        if !is_same {
            let what = format!("payment {tag} was made in {} and, asked again, in {}", done.hash(), again.hash());
            device.world.audit.raise(Rule::Acknowledged.broken(what));
        }
    }
}

async fn open(device: &Arc<Device>, number: u64, dice: &mut Dice) {
    let chains = device.chains();
    let Some(parent) = dice.pick(&chains).copied() else { return };
    let owner = device.world.plan.owners[device.world.plan.devices[usize::from(device.number)]].owner();
    let ownership = Ownership::single_fast(owner);
    let config = ChainConfig { ownership, permissions: Permissions::default(), balance: DOWRY };
    let operation = Operation::OpenChain(Box::new(config));
    let wish = Wish { chain: parent, id: id(device, 2 * number), operation, tag: None };
    let Some(done) = insist(device, &wish, dice).await else { return };
    for child in done.opened() {
        device.adds(child);
        pay(device, child, parent, 2 * number + 1, dice).await;
    }
}

fn id(device: &Device, number: u64) -> RequestId {
    RequestId((u128::from(device.number) << 64 | u128::from(number)).to_be_bytes())
}

/// Tries until it is done, or cannot be.
async fn insist(device: &Arc<Device>, wish: &Wish, dice: &mut Dice) -> Option<FinalBlock> {
    loop {
        let (wallet, pulse) = device.wallet().await;
        match attempt(device, &wallet, &pulse, wish).await {
            Attempt::Done(done) => return Some(*done),
            Attempt::Never => return None,
            Attempt::Again => tokio::time::sleep(dice.millis(1, 500)).await,
        }
    }
}

async fn attempt(device: &Device, wallet: &Wallet, pulse: &Pulse, wish: &Wish) -> Attempt {
    let name = device.world.name(wish.chain);
    device.world.trace.note(device.actor(), format_args!("wants {:?} {name} {:?}", wish.id.0[15], wish.tag));
    let transactions = vec![Transaction::Execute(wish.operation.clone())];
    let finality = match wallet.submit(wish.chain, wish.id, transactions, Vec::new()).await {
        Ok(submission) => submission.finality().await,
        Err(why) => Err(why),
    };
    match finality {
        Ok(done) => {
            device.told(&done);
            Attempt::Done(Box::new(done))
        }
        Err(why) => {
            note(device, pulse, "its wish", &why);
            match why {
                SubmitError::Fails { .. } => Attempt::Never,
                _ => Attempt::Again,
            }
        }
    }
}

/// Notes what went wrong, which some things must not while the device lives.
fn note(device: &Device, pulse: &Pulse, what: &str, why: &SubmitError) {
    device.world.trace.note(device.actor(), format_args!("fails with {what}: {why}"));
    let is_bug = match why {
        SubmitError::NotOwner(_)
        | SubmitError::Nothing
        | SubmitError::Lacks(_)
        | SubmitError::Fault(_)
        | SubmitError::Sign(_) => true,
        SubmitError::Rejected(_) | SubmitError::RejectedBefore | SubmitError::Ended => pulse.beats(),
        SubmitError::NoQuorum { .. } => device.world.plan.weather.is_fair,
        SubmitError::Fails { .. }
        | SubmitError::OutOfTime
        | SubmitError::Contention
        | SubmitError::Sync(_)
        | SubmitError::Local(_) => false,
    };
    if is_bug {
        device.world.audit.raise(Rule::Progress.broken(format!("{} fails with {what}: {why}", device.actor())));
    }
}
