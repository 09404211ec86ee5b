//! Catching up: what clients did not bring here, this validator fetches from its peers by their commit index.
//!
//! Peers are asked in turn which blocks they have committed since last time. What is missing here is pulled, verified and
//! committed in their order, so that a chain is opened before its first block comes. Where to go on is kept in the store.

use myceline_client::local::{ChainRequest, Done, Ended, LocalError, LocalNode};
use myceline_node::{layout, read};
use myceline_rpc::{CallError, Peer};
use myceline_state::{Batch, Overlay};
use myceline_storage::Store;
use myceline_types::{
    Blob, BlockHeight, CertifiedBlock, ChainId, ValidatorKey,
    api::{CertificateRequest, PAGE_MAX, Request, Response},
};
use std::{collections::BTreeMap, time::Duration};
use tokio::sync::oneshot;

/// How often a peer is asked. Clients bring nearly everything at once, so this only finds the rest.
const PAUSE: Duration = Duration::from_millis(1_000);
/// Blocks asked for at once.
const BLOCKS_AT_ONCE: u32 = 256;

/// Another member of the committee.
pub struct Neighbour<P> {
    /// Who it is.
    pub key: ValidatorKey,
    /// How it is reached.
    pub peer: P,
}

/// Why a round of catching up ended early. It goes on with the next peer, and here the next time.
#[derive(Debug, thiserror::Error)]
enum Interrupted {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Local(#[from] LocalError),
    #[error("the peer does not answer what it was asked")]
    OtherAnswer,
    #[error("a row cannot be read")]
    Unreadable,
    #[error("block {height} of chain {chain} was not taken: {why}")]
    NotTaken { chain: ChainId, height: BlockHeight, why: String },
}

/// Follows the peers' commit indexes until the task is dropped.
pub async fn catch_up<S: Store, P: Peer>(local: LocalNode<S>, neighbours: Vec<Neighbour<P>>) {
    loop {
        for neighbour in &neighbours {
            match follow(&local, neighbour).await {
                Ok(0) => (),
                Ok(blocks) => tracing::info!(peer = %neighbour.key, blocks, "caught up"),
                Err(why) => tracing::debug!(peer = %neighbour.key, %why, "cannot catch up from this peer now"),
            }
            tokio::time::sleep(PAUSE).await;
        }
        if neighbours.is_empty() {
            return;
        }
    }
}

/// Reads a peer's index to its end. Answers how many blocks were missing here.
async fn follow<S: Store, P: Peer>(local: &LocalNode<S>, neighbour: &Neighbour<P>) -> Result<u64, Interrupted> {
    let mut from = cursor(local, &neighbour.key)?;
    let mut taken = 0;
    loop {
        let (entries, next) = index(&neighbour.peer, from).await?;
        if entries.is_empty() {
            return Ok(taken);
        }
        if !has_all(local, &entries)? {
            for (place, (chain, height)) in (from..next).zip(entries) {
                if !has_block(local, chain, height)? {
                    taken += pull(local, &neighbour.peer, place, next).await?;
                }
            }
        }
        from = next;
        keep_cursor(local, &neighbour.key, from).await?;
    }
}

async fn index<P: Peer>(peer: &P, from: u64) -> Result<(Vec<(ChainId, BlockHeight)>, u64), Interrupted> {
    match peer.call(Request::CommitIndex { from, limit: PAGE_MAX }.into()).await? {
        Response::CommitIndex { entries, next } if next == from + entries.len() as u64 => Ok((entries, next)),
        _ => Err(Interrupted::OtherAnswer),
    }
}

/// Pulls blocks from a place on, and takes those that are missing here.
async fn pull<S: Store, P: Peer>(local: &LocalNode<S>, peer: &P, place: u64, end: u64) -> Result<u64, Interrupted> {
    let limit = u32::try_from(end - place).unwrap_or(u32::MAX).min(BLOCKS_AT_ONCE);
    let Response::Commits { commits, .. } = peer.call(Request::Commits { from: place, limit }.into()).await? else {
        return Err(Interrupted::OtherAnswer);
    };
    let mut taken = 0;
    for (certified, blobs) in commits {
        let (chain, height) = (certified.block.proposed.chain, certified.block.proposed.height);
        if !has_block(local, chain, height)? {
            take(local, certified, blobs).await?;
            taken += 1;
        }
    }
    Ok(taken)
}

/// Commits a block as if a client had brought it: nothing of what the peer says is believed.
async fn take<S: Store>(local: &LocalNode<S>, certified: CertifiedBlock, blobs: Vec<Blob>) -> Result<(), Interrupted> {
    let CertifiedBlock { block, certificate } = certified;
    let (chain, height) = (block.proposed.chain, block.proposed.height);
    let request = CertificateRequest { certificate, block: Some(block), blobs };
    let (done, ended) = oneshot::channel();
    let done: Done = Box::new(move |how| drop(done.send(how)));
    // A rejected job drops the channel, which the next line notices.
    let _ = local.submit(chain, ChainRequest::Certificate(Box::new(request)), done);
    match ended.await {
        Ok(Ended::Durable(Some(Response::Committed { .. }))) => Ok(()),
        Ok(other) => Err(Interrupted::NotTaken { chain, height, why: format!("{other:?}") }),
        Err(_) => Err(LocalError::Busy.into()),
    }
}

/// Whether nothing of a page is missing. A chain's blocks are committed in order, so its last one speaks for all: this is what
/// a validator that misses nothing asks about every block of every peer.
fn has_all<S: Store>(local: &LocalNode<S>, entries: &[(ChainId, BlockHeight)]) -> Result<bool, Interrupted> {
    let mut last = BTreeMap::new();
    for (chain, height) in entries {
        let newest = last.entry(*chain).or_insert(*height);
        *newest = (*newest).max(*height);
    }
    let view = local.view();
    for (chain, height) in last {
        if !read::has_block(&view, chain, height).map_err(|_| Interrupted::Unreadable)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn has_block<S: Store>(local: &LocalNode<S>, chain: ChainId, height: BlockHeight) -> Result<bool, Interrupted> {
    read::has_block(&local.view(), chain, height).map_err(|_| Interrupted::Unreadable)
}

fn cursor<S: Store>(local: &LocalNode<S>, peer: &ValidatorKey) -> Result<u64, Interrupted> {
    layout::PEER_CURSORS.get_or_default(&local.view(), &peer.0).map_err(|_| Interrupted::Unreadable)
}

async fn keep_cursor<S: Store>(local: &LocalNode<S>, peer: &ValidatorKey, cursor: u64) -> Result<(), Interrupted> {
    let mut rows = Overlay::new(local.view(), []);
    layout::PEER_CURSORS.insert(&mut rows, &peer.0, &cursor);
    let rows: Batch = rows.into_changes();
    Ok(local.write(rows).await?)
}
