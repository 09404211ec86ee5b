//! What a run did, checked again afterwards: no figure counts unless all of it holds.
//!
//! 1. Every block that the client was told is final is the one that the validators have at its height, under a certificate
//!    whose signatures are all checked anew.
//! 2. All validators have the same last block of every chain, those too that were stopped meanwhile.
//! 3. All bundles were taken in: no validator has one waiting.
//! 4. There is as much value as before.

use super::{
    ground::{BenchClient, Ground},
    lanes::Made,
};
use crate::{CliError, Code, output::Progress};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use myceline_rpc::Peer as _;
use myceline_sessions::Trust;
use myceline_types::{
    Amount, BlockHash, BlockHeight, CertifiedBlock, ChainId, CryptoVerifier, Holder, Transaction,
    api::{PAGE_MAX, Request, Response},
    encoding,
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// Chains that are looked at at once.
const TOGETHER: usize = 16;
/// How long validators may take to agree once nothing more is asked of them. One that was stopped catches up meanwhile.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often they are asked.
const PAUSE: Duration = Duration::from_millis(50);

/// What was checked, and what it showed.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Checked {
    /// Blocks whose certificates were verified again, every signature of them.
    pub(super) certificates: usize,
    /// Chains on which all validators have the same last block and nothing waits.
    pub(super) chains: usize,
    /// Bundles that were taken in after the window.
    pub(super) drained_bundles: u64,
    /// How long that took.
    pub(super) drained_s: f64,
    /// What all chains of the run have together, before and after.
    pub(super) supply: Amount,
    /// Canonical bytes of each certificate.
    #[serde(skip)]
    pub(super) certificate_bytes: Vec<u64>,
}

/// What a run left behind, and what there was before.
pub(super) struct Left<'a> {
    /// The network.
    pub(super) ground: &'a Ground,
    /// The client that made the blocks.
    pub(super) client: &'a BenchClient,
    /// All chains that took part, the bank too.
    pub(super) chains: Vec<ChainId>,
    /// What they had together before.
    pub(super) supply: Amount,
    /// The blocks that were said to be final.
    pub(super) blocks: &'a [Made],
}

impl Left<'_> {
    /// Takes in what waits, and checks everything.
    pub(super) async fn check(self, progress: &Progress) -> Result<Checked, CliError> {
        let begun = Instant::now();
        let drained_bundles = self.drain(progress).await?;
        let drained_s = begun.elapsed().as_secs_f64();
        progress.say("asking whether all validators agree");
        self.agree().await?;
        progress.say("verifying certificates");
        let certificate_bytes = self.verify().await?;
        let supply = supply(self.client, &self.chains).await?;
        if supply != self.supply {
            return Err(wrong(format_args!("there were {} tokens and now there are {supply}", self.supply)));
        }
        let (certificates, chains) = (certificate_bytes.len(), self.chains.len());
        Ok(Checked { certificates, chains, drained_bundles, drained_s, supply, certificate_bytes })
    }

    /// Takes in all bundles.
    async fn drain(&self, progress: &Progress) -> Result<u64, CliError> {
        progress.say("taking in what was sent");
        let deliver = |chain| async move { Ok::<_, CliError>(self.client.deliver(chain).await?) };
        each(&self.chains, deliver).await?;
        let drained = each(&self.chains, |chain| self.drain_chain(chain, progress)).await?;
        each(&self.chains, deliver).await?;
        Ok(drained.into_iter().sum())
    }

    async fn drain_chain(&self, chain: ChainId, progress: &Progress) -> Result<u64, CliError> {
        let mut bundles = 0;
        loop {
            let blocks = self.client.receive(chain).await?;
            if blocks.is_empty() {
                return Ok(bundles);
            }
            let transactions = blocks.iter().flat_map(|block| &block.block().proposed.transactions);
            let taken = transactions.filter(|transaction| matches!(transaction, Transaction::Receive(_))).count();
            let taken = u64::try_from(taken).unwrap_or(u64::MAX);
            progress.advance(taken);
            bundles += taken;
        }
    }

    /// Waits until all validators have the same last block of every chain, and nothing that waits.
    async fn agree(&self) -> Result<(), CliError> {
        let until = Instant::now() + PATIENCE;
        each(&self.chains, |chain| self.agree_on(chain, until)).await.map(drop)
    }

    async fn agree_on(&self, chain: ChainId, until: Instant) -> Result<(), CliError> {
        let tip = self.client.look(chain, |work| Ok((work.tip().next, work.tip().block))).await?;
        for place in self.places() {
            while let Err(why) = self.stands_at(place, chain, tip).await {
                if Instant::now() > until {
                    return Err(wrong(format_args!("validator {place} {why} chain {chain}")));
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(())
    }

    /// Whether a chain ends with this block at a validator, and nothing waits for it there. If not, what the validator does.
    async fn stands_at(
        &self,
        place: u8,
        chain: ChainId,
        tip: (BlockHeight, Option<BlockHash>),
    ) -> Result<(), &'static str> {
        let peer = self.client.peer(place);
        let info = peer.call(Request::Info { chain, nonce: 0 }.into()).await;
        let Ok(Response::Info(signed)) = info else { return Err("does not answer about") };
        if (signed.info.next, signed.info.tip) != tip {
            return Err("has another last block of");
        }
        match peer.call(Request::Inbox { chain, after: None, limit: 1 }.into()).await {
            Ok(Response::Inbox(waiting)) if waiting.is_empty() => Ok(()),
            Ok(Response::Inbox(_)) => Err("still has bundles that wait for"),
            Ok(_) | Err(_) => Err("does not answer about the inbox of"),
        }
    }

    /// Reads all blocks of the run from the validators and checks everything that was signed. Gives the sizes of the
    /// certificates.
    async fn verify(&self) -> Result<Vec<u64>, CliError> {
        let mut acknowledged: BTreeMap<ChainId, BTreeMap<BlockHeight, BlockHash>> = BTreeMap::new();
        for made in self.blocks {
            acknowledged.entry(made.chain).or_default().insert(made.height, made.hash);
        }
        let verifier = Arc::new(CryptoVerifier::new());
        let chains: Vec<_> = acknowledged.into_iter().collect();
        let places = u8::try_from(self.ground.validators()).unwrap_or(u8::MAX);
        let jobs = (0..places).cycle().zip(&chains);
        let verify = jobs.map(|(place, (chain, blocks))| self.verify_chain(place, *chain, blocks, verifier.clone()));
        let sizes: Vec<Vec<u64>> = stream::iter(verify).buffer_unordered(TOGETHER).try_collect().await?;
        Ok(sizes.concat())
    }

    async fn verify_chain(
        &self,
        place: u8,
        chain: ChainId,
        blocks: &BTreeMap<BlockHeight, BlockHash>,
        verifier: Arc<CryptoVerifier>,
    ) -> Result<Vec<u64>, CliError> {
        let mut sizes = Vec::with_capacity(blocks.len());
        let mut wanted = blocks.keys().next().copied();
        while let Some(from) = wanted {
            let request = Request::Blocks { chain, from, limit: PAGE_MAX };
            let answer = self.client.peer(place).call(request.into()).await;
            let Ok(Response::Blocks(found)) = answer else {
                return Err(wrong(format_args!("validator {place} does not show the blocks of chain {chain}")));
            };
            let last = found.last().map(|certified| certified.block.proposed.height);
            let expected: BTreeMap<_, _> =
                blocks.range(from..=last.unwrap_or(from)).map(|(at, hash)| (*at, *hash)).collect();
            let (network, verifier) = (self.ground.network.clone(), verifier.clone());
            let checking = tokio::task::spawn_blocking(move || {
                let committee = |epoch| network.committee(epoch);
                let trust = Trust { network: network.id(), committee: &committee, verifier: &*verifier };
                check_page(trust, expected, &found)
            });
            sizes.extend(checking.await.map_err(|why| CliError::telling(Code::General, &why))??);
            wanted = last.and_then(|last| blocks.range(last.next()?..).next()).map(|(height, _)| *height);
        }
        Ok(sizes)
    }

    fn places(&self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).take(self.ground.validators())
    }
}

/// Checks that what was acknowledged is what is there, and final. Gives the sizes of the certificates.
fn check_page(
    trust: Trust<'_>,
    mut expected: BTreeMap<BlockHeight, BlockHash>,
    found: &[CertifiedBlock],
) -> Result<Vec<u64>, CliError> {
    let mut sizes = Vec::with_capacity(expected.len());
    for certified in found {
        let Some(hash) = expected.remove(&certified.block.proposed.height) else { continue };
        trust.check(certified).map_err(|why| wrong("a certificate does not hold").because(&why))?;
        if certified.certificate.block != hash {
            return Err(wrong(format_args!("another block than the acknowledged one is final: {hash}")));
        }
        let bytes = encoding::to_bytes(&certified.certificate).len();
        sizes.push(u64::try_from(bytes).unwrap_or(u64::MAX));
    }
    match expected.into_values().next() {
        Some(lost) => Err(wrong(format_args!("an acknowledged block is lost: {lost}"))),
        None => Ok(sizes),
    }
}

/// What chains have together, as the client has seen them.
pub(super) async fn supply(client: &BenchClient, chains: &[ChainId]) -> Result<Amount, CliError> {
    let balances = each(chains, |chain| async move { Ok(client.balance(chain, Holder::Chain).await?) }).await?;
    Amount::checked_sum(balances).ok_or_else(|| wrong("there is more value than there can be"))
}

/// Does something with every chain, with some of them at once.
pub(super) async fn each<T, F: Future<Output = Result<T, CliError>>>(
    chains: &[ChainId],
    act: impl Fn(ChainId) -> F,
) -> Result<Vec<T>, CliError> {
    stream::iter(chains.iter().copied().map(act)).buffer_unordered(TOGETHER).try_collect().await
}

pub(super) fn wrong(what: impl std::fmt::Display) -> CliError {
    CliError::new(Code::General, what).hint("this run proves nothing; keep the folder of the network and report it")
}
