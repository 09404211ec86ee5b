//! The one module that owns a validator's key, and the log of what the key has signed.
//!
//! It checks R12 by itself on every vote, whoever asks. Votes of a group are leaves of a tree whose top is signed once;
//! signatures and paths are in the batch that makes the votes durable, so that a vote is sent again byte for byte.

use crate::{layout::VOTES, rows::VoteRow};
use myceline_consensus::Signed;
use myceline_state::{Absent, Overlay, Snapshot};
use myceline_types::{
    ChainId, Hash, NetworkId, ValidatorKey, Vote,
    api::{Info, SignedInfo},
    crypto::{SignedTop, ValidatorSecret},
    merkle,
    vote::{SignedVote, VOTES_PER_SIGNATURE_MAX, VoteSignature},
};
use std::collections::{BTreeMap, btree_map::Entry};

/// A validator's key with its log.
pub struct VoteKey {
    secret: ValidatorSecret,
    public: ValidatorKey,
    signer: u8,
    network: NetworkId,
    recent: BTreeMap<ChainId, VoteRow>,
}

/// Chains whose votes are kept in memory; beyond that the log is read again from the store.
const RECENT_MAX: usize = 4_096;

impl VoteKey {
    /// The key of the validator at place `signer` of the committee.
    pub fn new(secret: ValidatorSecret, signer: u8, network: NetworkId) -> VoteKey {
        VoteKey { public: secret.public(), secret, signer, network, recent: BTreeMap::new() }
    }

    /// Signs what may be signed of `votes`, in order, and writes the log's rows. A vote that R12 forbids is left out. The rows
    /// of the call before this one must be durable. Answers what it has put its signature under.
    pub fn sign<S: Snapshot>(&mut self, rows: &mut Overlay<S>, votes: &[Vote]) -> Result<Vec<SignedTop>, Absent> {
        self.forget();
        let mut new = Vec::new();
        for (vote, leaf) in votes.iter().zip(Vote::leaves(self.network, votes)) {
            let identity = Signed { position: vote.position(), leaf };
            if self.log_of(rows, vote)?.is_some_and(|row| row.log.record(identity)) {
                new.push((*vote, leaf));
            }
        }
        let mut tops = Vec::new();
        for chunk in new.chunks(VOTES_PER_SIGNATURE_MAX) {
            let (top, votes) = self.sign_together(chunk);
            tops.push(top);
            for signed in votes {
                let row = self.recent.entry(signed.vote.slot.chain).or_default();
                row.signed.retain(|earlier| earlier.vote.round == signed.vote.round);
                row.signed.push(signed);
            }
        }
        for (vote, _) in &new {
            VOTES.insert(rows, &vote.slot.chain, &self.recent[&vote.slot.chain]);
        }
        Ok(tops)
    }

    /// A vote as it was signed, if it was.
    pub fn signed<S: Snapshot>(&mut self, rows: &Overlay<S>, vote: &Vote) -> Result<Option<SignedVote>, Absent> {
        let Some(row) = self.log_of(rows, vote)? else { return Ok(None) };
        Ok(row.signed.iter().find(|signed| signed.vote == *vote).cloned())
    }

    /// Whether the key has signed at a later height or in a later round than that of `vote`.
    pub(crate) fn is_past(&self, vote: &Vote) -> bool {
        let is_past = |row: &VoteRow| {
            let newest = row.signed.last().map(|signed| (row.height, signed.vote.round));
            row.height > vote.slot.height || newest > Some((vote.slot.height, vote.round))
        };
        self.recent.get(&vote.slot.chain).is_some_and(is_past)
    }

    /// Signs where a chain stands.
    pub fn sign_info(&self, info: Info) -> SignedInfo {
        SignedInfo { info, signer: self.signer, signature: self.secret.sign_as_owner(info.digest(self.network)) }
    }

    /// Signs votes, which come with their leaves, once.
    fn sign_together(&self, votes: &[(Vote, Hash)]) -> (SignedTop, Vec<SignedVote>) {
        let leaves: Vec<Hash> = votes.iter().map(|(_, leaf)| *leaf).collect();
        let (top, paths) = merkle::top_and_paths(&leaves);
        let signature = self.secret.sign_batch(self.network, top);
        let levels = paths.first().map_or(0, |path| path.siblings.len());
        let signed = |((vote, _), path): (&(Vote, Hash), merkle::Path)| SignedVote {
            vote: *vote,
            signer: self.signer,
            signature: VoteSignature { signature, path },
        };
        let votes = votes.iter().zip(paths).map(signed).collect();
        (SignedTop { signer: self.public, signature, top, levels }, votes)
    }

    /// The log of the vote's height; none where the chain is past it. That of an earlier height is over.
    fn log_of<S: Snapshot>(&mut self, rows: &Overlay<S>, vote: &Vote) -> Result<Option<&mut VoteRow>, Absent> {
        let Vote { slot, .. } = vote;
        let row = match self.recent.entry(slot.chain) {
            Entry::Occupied(row) => row.into_mut(),
            Entry::Vacant(place) => place.insert(VOTES.get(rows, &slot.chain)?.unwrap_or_default()),
        };
        if row.height < slot.height {
            *row = VoteRow { height: slot.height, ..VoteRow::default() };
        }
        Ok((row.height == slot.height).then_some(row))
    }

    /// Keeps memory bounded. Only called when all rows are durable, so that what is forgotten can be read again.
    fn forget(&mut self) {
        if self.recent.len() > RECENT_MAX {
            self.recent.clear();
        }
    }
}
