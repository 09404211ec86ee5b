//! Validators stepped by hand: real cells and real groups over stores in memory, without threads or transports.

use myceline_node::{
    Answers, Candidate, Cell, Draft, KnownBlobs, Moment, NativeOnly, Network, Patience, Role, Sealer, Staged, VoteKey,
    Work,
};
use myceline_state::MemorySnapshot;
use myceline_types::{
    Account, Amount, Blob, Certificate, CertificateKind, ChainConfig, ChainId, Committee, Genesis, Hash, Holder,
    Operation, Ownership, Permissions, Policy, Proposal, Resilience, Round, Signers, Slot, Timestamp, Transaction,
    Validator,
    api::{ProposeRequest, Response},
    crypto::{CryptoVerifier, OwnerSecret, ValidatorSecret},
    proposal::proposal_digest,
    vote::SignedVote,
};
use std::{collections::BTreeMap, sync::Arc};

/// Validators of the test network.
pub const VALIDATORS: u8 = 4;

/// The network: four validators, and as many chains of one fast owner each as asked for, with 100 tokens.
pub fn network(chains: u8) -> Arc<Network> {
    let member = |place| {
        let secret = validator_secret(place);
        Validator { key: secret.public(), account: secret.address(), weight: 1, address: "http://127.0.0.1:1".into() }
    };
    let config = |number| ChainConfig {
        ownership: Ownership::single_fast(owner_secret(number).owner()),
        permissions: Permissions::default(),
        balance: Amount::from_tokens(100),
    };
    let genesis = Genesis {
        name: "test".into(),
        protocol: 1,
        timestamp: Timestamp(1),
        committee: Committee::new((0..VALIDATORS).map(member).collect(), Resilience::Classic)
            .expect("four equal validators"),
        policy: Policy::default(),
        chains: (0..chains).map(config).collect(),
        salt: Hash::ZERO,
    };
    Arc::new(Network::new(genesis).expect("a network of this kind can start"))
}

pub fn validator_secret(place: u8) -> ValidatorSecret {
    ValidatorSecret::from_seed([place + 1; 32])
}

pub fn owner_secret(number: u8) -> OwnerSecret {
    OwnerSecret::from_seed([number + 100; 32])
}

/// The chains of a network in the order of its genesis.
pub fn chains(network: &Network) -> Vec<ChainId> {
    network.genesis().descriptions().map(|description| description.id()).collect()
}

/// One node: what it has in memory, and what is durable.
pub struct Node {
    pub network: Arc<Network>,
    pub store: MemorySnapshot,
    /// The chains that it has learnt to be public.
    pub public: Vec<ChainId>,
    verifier: CryptoVerifier,
    role: Role,
    place: Option<u8>,
    cells: BTreeMap<ChainId, Cell>,
    sealer: Sealer,
}

impl Node {
    /// The validator at a place of the committee, or a client.
    pub fn new(network: &Arc<Network>, place: Option<u8>) -> Node {
        let role = if place.is_some() { Role::Validator } else { Role::Client };
        Node {
            network: network.clone(),
            store: MemorySnapshot::new(),
            public: Vec::new(),
            verifier: CryptoVerifier::new(),
            role,
            place,
            cells: BTreeMap::new(),
            sealer: sealer(network, place),
        }
    }

    /// Loses everything that is not durable.
    pub fn restart(&mut self) {
        self.cells.clear();
        self.sealer = sealer(&self.network, self.place);
    }

    /// Takes steps of several chains as one group, and answers once it is durable.
    pub fn group(&mut self, acts: Vec<(ChainId, Act<'_>)>) -> Vec<Option<Response>> {
        let mut steps = Vec::new();
        for (chain, mut act) in acts {
            let cell = self.cells.entry(chain).or_insert_with(|| {
                Cell::load(&self.network, chain, &self.store).expect("in memory").expect("genesis lists the chain")
            });
            let moment = Moment {
                now: Timestamp(100),
                view: &self.store,
                verifier: &self.verifier,
                known_blobs: &KnownBlobs::default(),
                role: self.role,
                engine: &NativeOnly,
                web: &Answers::new(),
                patience: Patience::Endless,
            };
            steps.push(cell.step(moment, |work| act(work)).expect("a store in memory lacks nothing"));
        }
        let sealed = self.sealer.seal(&self.store, steps).expect("a store in memory lacks nothing");
        self.public.extend(sealed.public);
        sealed.batches.into_iter().for_each(|batch| self.store.apply(batch));
        sealed.responses
    }

    /// Takes one step.
    pub fn step(&mut self, chain: ChainId, act: Act<'_>) -> Response {
        self.group(vec![(chain, act)]).remove(0).expect("this step answers")
    }

    pub fn propose(&mut self, request: &ProposeRequest) -> Response {
        self.step(request.proposal.body.proposed.chain, Box::new(|work| work.propose(request)))
    }

    /// Executes a block on the chain as this node knows it.
    pub fn stage(&mut self, chain: ChainId, owner: u8, wanted: Vec<Transaction>, blobs: Vec<Blob>) -> Arc<Candidate> {
        let mut staged = None;
        let author = Some(owner_secret(owner).owner());
        self.group(vec![(
            chain,
            Box::new(|work| {
                let (wanted, blobs) = (wanted.clone(), blobs.clone());
                staged = Some(work.stage(Draft { author, wanted, blobs, ..Draft::default() })?);
                Ok(())
            }),
        )]);
        match staged.expect("the step was taken") {
            Staged::Block(candidate) => candidate,
            other => panic!("{other:?}"),
        }
    }
}

/// A step in code.
pub type Act<'a> = Box<dyn FnMut(&mut Work<'_, MemorySnapshot>) -> Result<(), myceline_node::Lacking> + 'a>;

fn sealer(network: &Network, place: Option<u8>) -> Sealer {
    Sealer::new(place.map(|place| VoteKey::new(validator_secret(place), place, network.id())), 0)
}

/// A transfer of whole tokens from the chain to another one.
pub fn transfer(to: ChainId, tokens: u64) -> Transaction {
    Transaction::Execute(Operation::Transfer {
        from: Holder::Chain,
        to: Account::of_chain(to),
        amount: Amount::from_tokens(tokens),
    })
}

/// A proposal of an executed block in round 0.
pub fn request(network: &Network, owner: u8, candidate: &Candidate, parent: Option<Certificate>) -> ProposeRequest {
    let secret = owner_secret(owner);
    let digest = proposal_digest(network.id(), slot(candidate), Round::FAST, candidate.hash);
    let proposal = Proposal {
        body: candidate.block.body(),
        block: candidate.hash,
        round: Round::FAST,
        justification: None,
        proposer: secret.owner(),
        signature: secret.sign(digest),
    };
    ProposeRequest { proposal, parent, blobs: Vec::new(), origins: Vec::new() }
}

fn slot(candidate: &Candidate) -> Slot {
    let header = &candidate.header;
    Slot { chain: header.chain, height: header.height, epoch: header.epoch }
}

/// Has all validators vote and makes a certificate of it.
pub fn certify(validators: &mut [Node], request: &ProposeRequest, candidate: &Candidate) -> Certificate {
    let votes: Vec<SignedVote> = validators.iter_mut().map(|validator| vote(validator.propose(request))).collect();
    let signers: Signers = votes.iter().map(|vote| vote.signer).collect();
    let signatures = Arc::new(votes.iter().map(|vote| vote.signature.clone()).collect());
    let (slot, block) = (slot(candidate), candidate.hash);
    Certificate { slot, round: Round::FAST, kind: CertificateKind::Validated, block, signers, signatures }
}

/// The vote in an answer.
pub fn vote(response: Response) -> SignedVote {
    match response {
        Response::Vote(vote) => vote,
        other => panic!("a vote was expected: {other:?}"),
    }
}
