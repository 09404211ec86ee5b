//! The acts of the demo, in their order. Each one is real, checks what it claims, and fails if that is not so.

use super::{
    audit,
    cast::{ANN, BOB, Narrator},
    device::{Device, until},
    link::{FirstVotes, Link},
    race,
    summary::{Facts, Summary},
    troupe::{Blocks, Troupe},
};
use crate::{
    CliError, Code,
    command::net::{FirstWallet, Plan, Wanted},
    timeline::{DemoEvent, Timeline},
};
use myceline_types::Policy;
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// How many validators play.
const VALIDATORS: u16 = 4;
/// The one that is killed.
const VICTIM: usize = 2;

/// Plays all of it in a folder of its own.
pub(super) async fn play(folder: &Path, timeline: &Timeline) -> Result<Summary, CliError> {
    let (narrator, begun) = (Narrator::new(timeline), Instant::now());
    let mut troupe =
        narrator.act("Four validators start, each a process with a disk of its own", start(folder, &narrator)).await?;
    let (ann, bob) = narrator.act("Ann and Bob open their wallets", open_wallets(&troupe, &narrator)).await?;
    narrator.act("They pay each other", pay(&narrator, &ann, &bob)).await?;
    let known = narrator
        .act("Validator 3 is killed, the other three carry on", carry_on(&mut troupe, &narrator, &ann, &bob))
        .await?;
    let missed = narrator.act("It comes back and catches up", catch_up(&mut troupe, &narrator, &known)).await?;
    let racing = race::race(&troupe, &narrator, ann, &bob);
    let (ann, healed) =
        narrator.act("Ann's phone and laptop have copies of one wallet and propose at once", racing).await?;
    let counting = audit::audit(&troupe, &narrator, [&ann, &bob]);
    let audit = narrator.act("A stranger reads everything and counts", counting).await?;
    let facts = Facts { missed, healed, audit, took: begun.elapsed() };
    Ok(Summary::new(facts, &narrator.payments()))
}

async fn start(folder: &Path, narrator: &Narrator) -> Result<Troupe, CliError> {
    let servers = Vec::new();
    let (wallets, policy) = (&[ANN, BOB], Policy::default());
    let wanted = Wanted { validators: VALIDATORS, seed: 0, port: 0, public: 0, wallets, policy, servers };
    let plan = Plan::open(folder, wanted)?;
    Troupe::start(plan, &narrator.stage).await
}

async fn open_wallets(troupe: &Troupe, narrator: &Narrator) -> Result<(Device, Device), CliError> {
    Ok((open_wallet(troupe, narrator, &ANN).await?, open_wallet(troupe, narrator, &BOB).await?))
}

async fn open_wallet(troupe: &Troupe, narrator: &Narrator, wallet: &FirstWallet) -> Result<Device, CliError> {
    let votes = FirstVotes::default();
    let near = |_, peer| Link::new(peer, Duration::ZERO, &votes);
    let mut device = Device::open(&troupe.plan().wallet(wallet), wallet.chain, near)?;
    device.follow();
    let (wallet, balance) = (device.wallet.clone(), device.balance().await?);
    narrator.stage.show(DemoEvent::Opened { wallet, chain: device.chain, balance });
    narrator.pause().await;
    Ok(device)
}

async fn pay(narrator: &Narrator, ann: &Device, bob: &Device) -> Result<(), CliError> {
    narrator.pay(ann, bob, 50).await?;
    narrator.pause().await;
    narrator.pay(bob, ann, 20).await?;
    narrator.pause().await;
    let both = tokio::join!(narrator.pay(ann, bob, 5), narrator.pay(bob, ann, 8));
    both.0.and(both.1).map(drop)
}

/// Answers what the victim knew when it died.
async fn carry_on(troupe: &mut Troupe, narrator: &Narrator, ann: &Device, bob: &Device) -> Result<Blocks, CliError> {
    let known = troupe.settled().await?;
    troupe.kill(VICTIM)?;
    for (from, to, tokens) in [(ann, bob, 12), (bob, ann, 7), (ann, bob, 3), (bob, ann, 4), (ann, bob, 2)] {
        narrator.pause().await;
        narrator.pay(from, to, tokens).await?;
    }
    Ok(known)
}

/// Answers how many blocks the victim had missed.
async fn catch_up(troupe: &mut Troupe, narrator: &Narrator, known: &Blocks) -> Result<u64, CliError> {
    let wanted = troupe.settled().await?;
    let missed = wanted.difference(known).count() as u64;
    if missed == 0 {
        return Err(CliError::new(Code::General, "nothing was decided while the validator was away"));
    }
    let (begun, validator) = (Instant::now(), VICTIM + 1);
    troupe.restart(VICTIM)?;
    narrator.stage.show(DemoEvent::CatchingUp { validator, behind: missed });
    troupe.wait_for(VICTIM).await?;
    let has_all = || async { Ok(troupe.blocks(VICTIM).await?.is_superset(&wanted)) };
    until("the validator to catch up", has_all).await?;
    narrator.stage.show(DemoEvent::CaughtUp { validator, blocks: missed, after: begun.elapsed() });
    Ok(missed)
}
