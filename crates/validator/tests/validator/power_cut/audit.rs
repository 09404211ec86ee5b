//! Puts everything to a validator once more that it was asked before a cut, and what contradicts it, and looks at its votes.

use crate::kit::{self, owner_secret};
use myceline_node::{Draft, Network, Staged};
use myceline_rpc::{InMemory, Peer};
use myceline_storage::Embedded;
use myceline_storage_crash::promises::{Promises, is_final};
use myceline_types::{
    Ballot, ChainId, Proposal, Round, SignedVote, Slot, TimeoutRequest, Vote,
    api::{Info, LeaveRoundRequest, Request, Response},
};
use myceline_validator::{Gateway, Validator};
use std::sync::Arc;

/// Asks a validator that was started on what a cut has left.
pub struct Audit<'a> {
    network: &'a Network,
    validator: &'a Validator<Embedded>,
    peer: InMemory<Gateway<Embedded>>,
    promises: &'a mut Promises,
}

impl<'a> Audit<'a> {
    pub fn new(network: &'a Network, validator: &'a Validator<Embedded>, promises: &'a mut Promises) -> Audit<'a> {
        let peer = InMemory::new(Arc::new(validator.gateway()));
        Audit { network, validator, peer, promises }
    }

    /// First what was asked and never decided, with rivals before and after it, then everything in its old order.
    pub async fn put_again(&mut self, asked: &[&Request]) -> Result<(), String> {
        for (number, chain) in (0..).zip(kit::chains(self.network)) {
            self.put_open(number, chain, asked).await?;
        }
        for request in asked {
            self.ask((*request).clone()).await?;
        }
        Ok(())
    }

    /// The height that a chain is at: rivals come first on every other chain.
    async fn put_open(&mut self, number: u8, chain: ChainId, asked: &[&Request]) -> Result<(), String> {
        let info = self.info(chain).await?;
        let open: Vec<&Request> = asked.iter().copied().filter(|request| self.is_open(request, &info)).collect();
        let rival = self.rival(number, chain, info.round).await?;
        let rivals_first = number % 2 == 1;
        if rivals_first {
            self.ask(rival.clone()).await?;
        }
        for request in &open {
            let answer = self.ask((*request).clone()).await?;
            self.expect_old_vote(request, &info, &answer)?;
        }
        self.ask(rival.clone()).await?;
        self.ask(self.leave(number, chain, &info)).await?;
        for request in open {
            self.ask(request.clone()).await?;
        }
        self.ask(rival).await.map(drop)
    }

    /// Asks, and takes note of every vote in the answer.
    async fn ask(&mut self, request: Request) -> Result<Response, String> {
        let answer = self.peer.call(request.clone().into()).await.map_err(|why| why.to_string())?;
        self.promises.note(&self.network.genesis().committee, &request, &answer)?;
        Ok(answer)
    }

    async fn info(&mut self, chain: ChainId) -> Result<Info, String> {
        match self.ask(Request::Info { chain, nonce: 1 }).await? {
            Response::Info(info) => Ok(info.info),
            other => Err(format!("instead of where {chain} stands: {other:?}")),
        }
    }

    /// Whether a request is about the height that a chain is at, and does not end it.
    fn is_open(&self, request: &Request, info: &Info) -> bool {
        let is_at = |slot: Slot| slot.chain == info.chain && slot.height == info.next;
        match request {
            Request::Propose(request) => is_at(request.proposal.slot()),
            Request::Certificate(request) => {
                is_at(request.certificate.slot) && !is_final(&self.network.genesis().committee, &request.certificate)
            }
            Request::LeaveRound(request) => is_at(request.request.slot),
            Request::TimeoutCertificate(timeout) => is_at(timeout.slot),
            _ => false,
        }
    }

    /// R12. A vote of the current round that was shown before comes back as it was, to whoever asks for it again.
    fn expect_old_vote(&self, request: &Request, info: &Info, answer: &Response) -> Result<(), String> {
        let Some(old) = self.vote_for(request).filter(|old| old.vote.round == info.round) else { return Ok(()) };
        match answer {
            Response::Vote(again) if again == old => Ok(()),
            Response::Timeout(again) if again.vote == *old => Ok(()),
            other => Err(format!("instead of the vote {old:?}: {other:?}")),
        }
    }

    /// The vote that the recorded validator was seen to give for a request.
    fn vote_for(&self, request: &Request) -> Option<&SignedVote> {
        let wanted = |vote: &Vote| match request {
            Request::Propose(request) => {
                let Proposal { block, round, .. } = request.proposal;
                *vote == Vote { slot: request.proposal.slot(), round, ballot: Ballot::Validate(block) }
            }
            Request::Certificate(request) => {
                let certificate = &request.certificate;
                let ballot = Ballot::Confirm(certificate.block);
                *vote == Vote { slot: certificate.slot, round: certificate.round, ballot }
            }
            Request::LeaveRound(request) => {
                let TimeoutRequest { slot, round, .. } = request.request;
                (vote.slot, vote.round) == (slot, round) && matches!(vote.ballot, Ballot::Timeout(_))
            }
            _ => false,
        };
        self.promises.votes().iter().find(|signed| signed.signer == 0 && wanted(&signed.vote))
    }

    /// Another block than anybody has proposed, in the round that the chain is in.
    async fn rival(&self, number: u8, chain: ChainId, round: Round) -> Result<Request, String> {
        let secret = owner_secret(number);
        let draft = Draft { author: Some(secret.owner()), wanted: vec![kit::transfer(chain, 2)], ..Draft::default() };
        let staged = self.validator.local().act(chain, move |work| work.stage(draft.clone())).durable().await;
        match staged.map_err(|why| why.to_string())? {
            Staged::Block(candidate) => {
                let request = kit::request(kit::proposal(self.network, &secret, &candidate, round));
                Ok(Request::Propose(Box::new(request)))
            }
            other => Err(format!("a rival block cannot be made: {other:?}")),
        }
    }

    /// Asks to leave the round that the chain is in.
    fn leave(&self, number: u8, chain: ChainId, info: &Info) -> Request {
        let secret = owner_secret(number);
        let epoch = myceline_types::Epoch::ZERO;
        let slot = Slot { chain, height: info.next, epoch };
        let digest = myceline_types::proposal::timeout_request_digest(self.network.id(), slot, info.round);
        let (requester, signature) = (secret.owner(), secret.sign(digest));
        let request = TimeoutRequest { slot, round: info.round, requester, signature };
        Request::LeaveRound(Box::new(LeaveRoundRequest { request, votes: Vec::new() }))
    }
}
