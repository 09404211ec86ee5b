//! The load: owners pay each other across chains as fast as they can, and two devices of one owner race now and then.

use crate::{net::Net, witness::Witness};
use futures_util::future;
use myceline_client::{Client, MemorySigner, Options, RequestId, SubmitError};
use myceline_storage::Memory;
use myceline_types::{Account, Amount, BlockHash, BlockHeight, ChainId, Holder, Operation, OwnerSecret, Transaction};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinHandle;

/// Chains with an owner each.
pub const CHAINS: u8 = 16;
/// What each chain begins with.
pub const TOKENS: u64 = 1_000_000;
/// An owner takes in what was sent after so many payments.
const RECEIVE_EVERY: u64 = 20;
/// A second device of the first owner makes one payment while the others make so many.
const RIVAL_EVERY: usize = 100;
/// How often something is tried while validators are killed. Each try takes up to half a minute.
const TRIES_MAX: usize = 20;

/// Between two tries: a validator that was killed starts meanwhile.
const PAUSE: Duration = Duration::from_millis(100);

/// All blocks that were said to be final, by chain and height.
pub type Made = BTreeMap<(ChainId, BlockHeight), BlockHash>;

type Device = Client<Memory, Witness, MemorySigner>;

/// The key of the owner of the chain with this number.
pub fn owner_secret(chain: u8) -> OwnerSecret {
    OwnerSecret::from_seed([chain + 1; 32])
}

/// Owners at work.
pub struct Load {
    blocks: Arc<AtomicUsize>,
    device: Device,
    chains: Vec<ChainId>,
    work: JoinHandle<()>,
}

impl Load {
    /// Starts making so many blocks.
    pub fn start(net: &Net, blocks: usize) -> Load {
        let chains = net.chains();
        let (device, rival) = (device(net), device(net));
        let made = Arc::new(AtomicUsize::new(0));
        let each = blocks.div_ceil(chains.len());
        let all = (0..chains.len()).map(|own| pay(device.clone(), chains.clone(), own, each, made.clone()));
        let race = race(rival, chains.clone(), blocks / RIVAL_EVERY);
        let all: Vec<_> = all.map(tokio::spawn).collect();
        let work = tokio::spawn(async move {
            race.await;
            future::join_all(all).await.into_iter().for_each(|owner| owner.unwrap());
        });
        Load { blocks: made, device, chains, work }
    }

    /// How many blocks are final.
    pub fn blocks(&self) -> usize {
        self.blocks.load(Ordering::Relaxed)
    }

    /// Waits for the end, has everything received, and checks that all value is there. Answers all blocks.
    pub async fn finish(self) -> Made {
        self.work.await.unwrap();
        let (mut made, mut value) = (Made::new(), 0);
        for chain in &self.chains {
            self.device.sync(*chain).await.unwrap();
            receive(&self.device, *chain).await;
        }
        for chain in self.chains {
            value += self.device.balance(chain, Holder::Chain).await.unwrap().0;
            for height in (0..self.device.next_height(chain).await.unwrap().0).map(BlockHeight) {
                let block = self.device.block(chain, height).await.unwrap().unwrap().certificate.block;
                made.insert((chain, height), block);
            }
        }
        assert_eq!(Amount(value), Amount::from_tokens(TOKENS * u64::from(CHAINS)), "value is conserved");
        made
    }
}

/// A device that holds the keys of all owners.
fn device(net: &Net) -> Device {
    let signer: MemorySigner = (0..CHAINS).map(owner_secret).collect();
    Client::open(net.network(), Memory::new(), net.witnesses(), signer, Options::default()).unwrap()
}

/// An owner pays one after the other of the others.
async fn pay(device: Device, chains: Vec<ChainId>, own: usize, payments: usize, made: Arc<AtomicUsize>) {
    for number in 0..payments as u64 {
        let to = chains[(own + 1 + usize::try_from(number).unwrap()) % chains.len()];
        transfer(&device, chains[own], name(0, number), to).await;
        made.fetch_add(1, Ordering::Relaxed);
        if number % RECEIVE_EVERY == RECEIVE_EVERY - 1 {
            receive(&device, chains[own]).await;
        }
    }
}

/// Pays from the first chain, which another device uses at the same time.
async fn race(rival: Device, chains: Vec<ChainId>, payments: usize) {
    for number in 0..payments as u64 {
        transfer(&rival, chains[0], name(1, number), chains[1]).await;
    }
}

async fn transfer(device: &Device, from: ChainId, request: RequestId, to: ChainId) {
    let (to, amount) = (Account::of_chain(to), Amount::from_tokens(1));
    let transfer = Transaction::Execute(Operation::Transfer { from: Holder::Chain, to, amount });
    for _ in 0..TRIES_MAX {
        let done = match device.submit(from, request, vec![transfer.clone()], Vec::new()).await {
            Ok(submission) => submission.finality().await.map(drop),
            Err(why) => Err(why),
        };
        if is_done(done) {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("a payment does not go through");
}

async fn receive(device: &Device, chain: ChainId) {
    for _ in 0..TRIES_MAX {
        if is_done(device.receive(chain).await.map(drop)) {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("nothing can be received");
}

/// Where too few validators answered in time, it is tried again: it is done once.
fn is_done(tried: Result<(), SubmitError>) -> bool {
    match tried {
        Err(SubmitError::NoQuorum { .. } | SubmitError::OutOfTime | SubmitError::Contention) => false,
        done => {
            done.unwrap();
            true
        }
    }
}

/// The name of a payment by a device.
fn name(device: u8, number: u64) -> RequestId {
    let mut name = [device; 16];
    name[8..].copy_from_slice(&number.to_be_bytes());
    RequestId(name)
}
