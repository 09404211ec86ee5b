//! A network of four validators whose keys, owners and chains follow from their numbers.

use myceline_client::{
    Clock,
    local::{LocalNode, Options},
};
use myceline_node::{Candidate, Draft, NativeOnly, Network, Offline, Role, Staged};
use myceline_rpc::{InMemory, Peer};
use myceline_storage::{Memory, Store};
use myceline_types::{
    Account, Amount, Certificate, CertificateKind, CertifiedBlock, ChainConfig, ChainId, Committee, Genesis, Hash,
    Holder, Operation, Ownership, Permissions, Policy, Proposal, Resilience, Round, Signers, Timestamp, Transaction,
    Validator as Member,
    api::{CertificateRequest, ProposeRequest, Request, Response},
    crypto::{OwnerSecret, ValidatorSecret},
    proposal::proposal_digest,
    vote::{SignedVote, Slot},
};
use myceline_validator::{Gateway, Guests, Validator};
use std::sync::Arc;

/// Members of the committee: one may be faulty, and the fast quorum is all of them.
pub const VALIDATORS: u8 = 4;
/// What each chain begins with.
pub const TOKENS: u64 = 100;

pub fn validator_secret(place: u8) -> ValidatorSecret {
    ValidatorSecret::from_seed([place + 1; 32])
}

/// The key of the owner of the chain with this number.
pub fn owner_secret(chain: u8) -> OwnerSecret {
    OwnerSecret::from_seed([chain + 100; 32])
}

/// So many chains with a fast owner each.
pub fn network(chains: u8) -> Arc<Network> {
    let member = |place| {
        let secret = validator_secret(place);
        Member { key: secret.public(), account: secret.address(), weight: 1, address: "http://127.0.0.1:1".into() }
    };
    let config = |chain| ChainConfig {
        ownership: Ownership::single_fast(owner_secret(chain).owner()),
        permissions: Permissions::default(),
        balance: Amount::from_tokens(TOKENS),
    };
    let genesis = Genesis {
        name: "test".into(),
        protocol: 1,
        timestamp: Timestamp(1),
        committee: Committee::new((0..VALIDATORS).map(member).collect(), Resilience::Classic).unwrap(),
        policy: Policy::default(),
        chains: (0..chains).map(config).collect(),
        salt: Hash::ZERO,
    };
    Arc::new(Network::new(genesis).unwrap())
}

/// The chains of a network in the order of its genesis.
pub fn chains(network: &Network) -> Vec<ChainId> {
    network.genesis().descriptions().map(|description| description.id()).collect()
}

/// The validator at a place of the committee.
pub fn validator<S: Store>(network: &Arc<Network>, place: u8, store: S) -> Validator<S> {
    Validator::start(network.clone(), store, validator_secret(place), 1, Guests::none(), |error| panic!("{error}"))
        .unwrap()
}

pub fn transfer(to: ChainId, tokens: u64) -> Transaction {
    transfer_of(to, Amount::from_tokens(tokens))
}

pub fn transfer_of(to: ChainId, amount: Amount) -> Transaction {
    Transaction::Execute(Operation::Transfer { from: Holder::Chain, to: Account::of_chain(to), amount })
}

pub fn slot(candidate: &Candidate) -> Slot {
    let header = &candidate.header;
    Slot { chain: header.chain, height: header.height, epoch: header.epoch }
}

/// A proposal of an executed block, signed.
pub fn proposal(network: &Network, secret: &OwnerSecret, candidate: &Candidate, round: Round) -> Proposal {
    let digest = proposal_digest(network.id(), slot(candidate), round, candidate.hash);
    Proposal {
        body: candidate.block.body(),
        block: candidate.hash,
        round,
        justification: None,
        proposer: secret.owner(),
        signature: secret.sign(digest),
    }
}

/// A proposal with nothing beside it.
pub fn request(proposal: Proposal) -> ProposeRequest {
    ProposeRequest { proposal, parent: None, blobs: Vec::new(), origins: Vec::new() }
}

/// Validators with stores in memory, and the local node of somebody who has all keys.
pub struct Net {
    pub network: Arc<Network>,
    pub validators: Vec<Validator<Memory>>,
    pub peers: Vec<InMemory<Gateway<Memory>>>,
    pub wallet: LocalNode<Memory>,
    pub chains: Vec<ChainId>,
}

impl Net {
    pub fn start(chains: u8) -> Net {
        let network = network(chains);
        let validators: Vec<_> = (0..VALIDATORS).map(|place| validator(&network, place, Memory::new())).collect();
        let peers = validators.iter().map(|validator| InMemory::new(Arc::new(validator.gateway()))).collect();
        let options = Options {
            role: Role::Client,
            key: None,
            workers: 1,
            clock: Clock::default(),
            engine: Arc::new(NativeOnly),
            web: Arc::new(Offline),
            on_durable: Box::new(|_| ()),
            on_failure: Box::new(|error| panic!("{error}")),
        };
        let wallet = LocalNode::start(network.clone(), Memory::new(), options);
        let chains = self::chains(&network);
        Net { network, validators, peers, wallet, chains }
    }

    /// A block on the chain as the wallet knows it.
    pub async fn stage(&self, chain: u8, incoming: Vec<Transaction>, wanted: Vec<Transaction>) -> Arc<Candidate> {
        let author = Some(owner_secret(chain).owner());
        let draft = Draft { author, incoming, wanted, ..Draft::default() };
        let stage = move |work: &mut myceline_node::Work<'_, _>| work.stage(draft.clone());
        match self.wallet.act(self.chains[usize::from(chain)], stage).durable().await.unwrap() {
            Staged::Block(candidate) => candidate,
            other => panic!("{other:?}"),
        }
    }

    /// A proposal of such a block in round 0.
    pub fn propose(&self, chain: u8, candidate: &Candidate) -> Proposal {
        proposal(&self.network, &owner_secret(chain), candidate, Round::FAST)
    }

    /// Makes a block, has it voted for by all, and answers it with its certificate.
    pub async fn certify(&self, chain: u8, incoming: Vec<Transaction>, wanted: Vec<Transaction>) -> CertifiedBlock {
        let candidate = self.stage(chain, incoming, wanted).await;
        let request = request(self.propose(chain, &candidate));
        let mut votes = Vec::new();
        for peer in &self.peers {
            match peer.call(Request::Propose(Box::new(request.clone())).into()).await.unwrap() {
                Response::Vote(vote) => votes.push(vote),
                other => panic!("{other:?}"),
            }
        }
        CertifiedBlock { block: candidate.block.clone(), certificate: certificate(&candidate, &votes) }
    }

    /// Shows everybody, the wallet included, a certified block.
    pub async fn commit(&self, certified: &CertifiedBlock) {
        let CertifiedBlock { block, certificate } = certified.clone();
        let request = CertificateRequest { certificate, block: Some(block), blobs: Vec::new() };
        for peer in &self.peers {
            let answer = peer.call(Request::Certificate(Box::new(request.clone())).into()).await.unwrap();
            assert!(matches!(answer, Response::Committed { .. }), "{answer:?}");
        }
        self.keep(certified).await;
    }

    /// Commits a block in the wallet only.
    pub async fn keep(&self, certified: &CertifiedBlock) {
        let CertifiedBlock { block, certificate } = certified.clone();
        let request = CertificateRequest { certificate, block: Some(block), blobs: Vec::new() };
        let height = certified.block.proposed.height;
        let act = move |work: &mut myceline_node::Work<'_, _>| {
            work.certificate(&request)?;
            Ok(work.tip().next)
        };
        let next = self.wallet.act(certified.block.proposed.chain, act).durable().await.unwrap();
        assert_eq!(Some(next), height.next());
    }
}

/// Votes of round 0 for a block, as a certificate.
pub fn certificate(candidate: &Candidate, votes: &[SignedVote]) -> Certificate {
    let signers: Signers = votes.iter().map(|vote| vote.signer).collect();
    let signatures = Arc::new(votes.iter().map(|vote| vote.signature.clone()).collect());
    let (slot, block) = (slot(candidate), candidate.hash);
    Certificate { slot, round: Round::FAST, kind: CertificateKind::Validated, block, signers, signatures }
}
