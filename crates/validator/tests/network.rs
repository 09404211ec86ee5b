//! Four validators in one process with stores in memory: a transfer becomes final, arrives and is spent.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

use myceline_client::{
    Clock,
    local::{LocalNode, Options},
};
use myceline_node::{Draft, Network, Role, Staged, read};
use myceline_rpc::{InMemory, Peer};
use myceline_storage::Memory;
use myceline_types::{
    Account, Amount, BlockHash, BlockHeight, BundleAction, Certificate, CertificateKind, CertifiedBlock, ChainConfig,
    ChainId, Committee, Genesis, Hash, Holder, IncomingBundle, Operation, Ownership, Permissions, Policy, Proposal,
    Refusal, Resilience, Round, Signers, Timestamp, Transaction, Validator as Member,
    api::{CertificateRequest, ProposeRequest, Request, Response},
    crypto::{OwnerSecret, ValidatorSecret},
    proposal::proposal_digest,
    vote::{SignedVote, Slot},
};
use myceline_validator::{Gateway, Validator};
use std::sync::Arc;

struct Net {
    network: Arc<Network>,
    validators: Vec<Validator<Memory>>,
    peers: Vec<InMemory<Gateway<Memory>>>,
    wallet: LocalNode<Memory>,
    owners: Vec<OwnerSecret>,
    chains: Vec<ChainId>,
}

fn start() -> Net {
    let secrets: Vec<ValidatorSecret> = (1..=4).map(|byte| ValidatorSecret::from_seed([byte; 32])).collect();
    let member = |secret: &ValidatorSecret| Member {
        key: secret.public(),
        account: secret.address(),
        weight: 1,
        address: "http://127.0.0.1:1".into(),
    };
    let owners: Vec<OwnerSecret> = (1..=2).map(|byte| OwnerSecret::from_seed([byte + 100; 32])).collect();
    let chain = |owner: &OwnerSecret| ChainConfig {
        ownership: Ownership::single_fast(owner.owner()),
        permissions: Permissions::default(),
        balance: Amount::from_tokens(100),
    };
    let genesis = Genesis {
        name: "test".into(),
        protocol: 1,
        timestamp: Timestamp(1),
        committee: Committee::new(secrets.iter().map(member).collect(), Resilience::Classic).unwrap(),
        policy: Policy::default(),
        chains: owners.iter().map(chain).collect(),
        salt: Hash::ZERO,
    };
    let chains = genesis.descriptions().map(|description| description.id()).collect();
    let network = Arc::new(Network::new(genesis).unwrap());
    let validators: Vec<Validator<Memory>> = secrets
        .into_iter()
        .map(|secret| Validator::start(network.clone(), Memory::new(), secret, 1, |error| panic!("{error}")).unwrap())
        .collect();
    let peers = validators.iter().map(|validator| InMemory::new(Arc::new(validator.gateway()))).collect();
    let options = Options {
        role: Role::Client,
        key: None,
        workers: 1,
        clock: Clock::default(),
        on_durable: Box::new(|_| ()),
        on_failure: Box::new(|error| panic!("{error}")),
    };
    let wallet = LocalNode::start(network.clone(), Memory::new(), options);
    Net { network, validators, peers, wallet, owners, chains }
}

impl Net {
    /// Makes a block, has it voted for by all, and answers it with its certificate.
    async fn certify(&self, chain: usize, incoming: Vec<Transaction>, wanted: Vec<Transaction>) -> CertifiedBlock {
        let secret = &self.owners[chain];
        let draft = Draft { author: Some(secret.owner()), incoming, wanted, blobs: Vec::new() };
        let staged =
            self.wallet.act(self.chains[chain], move |work| work.stage(draft.clone())).durable().await.unwrap();
        let Staged::Block(candidate) = staged else { panic!("{staged:?}") };
        let header = &candidate.header;
        let slot = Slot { chain: header.chain, height: header.height, epoch: header.epoch };
        let digest = proposal_digest(self.network.id(), slot, Round::FAST, candidate.hash);
        let proposal = Proposal {
            body: candidate.block.body(),
            block: candidate.hash,
            round: Round::FAST,
            justification: None,
            proposer: secret.owner(),
            signature: secret.sign(digest),
        };
        let request = ProposeRequest { proposal, parent: None, blobs: Vec::new(), origins: Vec::new() };
        let mut votes = Vec::new();
        for peer in &self.peers {
            match peer.call(Request::Propose(Box::new(request.clone())).into()).await.unwrap() {
                Response::Vote(vote) => votes.push(vote),
                other => panic!("{other:?}"),
            }
        }
        let certificate = certificate(slot, candidate.hash, &votes);
        CertifiedBlock { block: candidate.block.clone(), certificate }
    }

    async fn commit(&self, certified: &CertifiedBlock) {
        let CertifiedBlock { block, certificate } = certified.clone();
        let request = CertificateRequest { certificate, block: Some(block), blobs: Vec::new() };
        for peer in &self.peers {
            let answer = peer.call(Request::Certificate(Box::new(request.clone())).into()).await.unwrap();
            assert!(matches!(answer, Response::Committed { .. }), "{answer:?}");
        }
        self.keep(certified).await;
    }

    /// Commits a block in the wallet only.
    async fn keep(&self, certified: &CertifiedBlock) {
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

    /// Proposes a block of the second chain that consumes a bundle which has not arrived.
    async fn propose_in_vain(&self, origin: &CertifiedBlock, parent: Option<Certificate>) {
        let (secret, chain) = (&self.owners[1], self.chains[1]);
        let incoming = vec![receive(origin)];
        let draft = Draft { author: Some(secret.owner()), incoming, wanted: vec![], blobs: vec![] };
        let staged = self.wallet.act(chain, move |work| work.stage(draft.clone())).durable().await.unwrap();
        let Staged::Block(candidate) = staged else { panic!("{staged:?}") };
        let slot = Slot { chain, height: candidate.header.height, epoch: candidate.header.epoch };
        let digest = proposal_digest(self.network.id(), slot, Round::FAST, candidate.hash);
        let proposal = Proposal {
            body: candidate.block.body(),
            block: candidate.hash,
            round: Round::FAST,
            justification: None,
            proposer: secret.owner(),
            signature: secret.sign(digest),
        };
        let request = ProposeRequest { proposal, parent, blobs: Vec::new(), origins: Vec::new() };
        let answer = self.peers[0].call(Request::Propose(Box::new(request)).into()).await.unwrap();
        let Response::Refused(refusal) = answer else { panic!("{answer:?}") };
        let Refusal::Missing(missing) = *refusal else { panic!("{refusal:?}") };
        assert_eq!(missing.bundles.len(), 1);
    }

    async fn balance(&self, chain: usize) -> Amount {
        let balance = |work: &mut myceline_node::Work<'_, _>| Ok(work.balance(&Holder::Chain)?);
        let local = self.wallet.act(self.chains[chain], balance).durable().await.unwrap();
        for validator in &self.validators {
            assert_eq!(validator.local().act(self.chains[chain], balance).durable().await.unwrap(), local);
        }
        local
    }
}

fn certificate(slot: Slot, block: BlockHash, votes: &[SignedVote]) -> Certificate {
    let signers: Signers = votes.iter().map(|vote| vote.signer).collect();
    let signatures = votes.iter().map(|vote| vote.signature.clone()).collect();
    Certificate { slot, round: Round::FAST, kind: CertificateKind::Validated, block, signers, signatures }
}

fn transfer(to: ChainId, tokens: u64) -> Transaction {
    let to = Account::of_chain(to);
    Transaction::Execute(Operation::Transfer { from: Holder::Chain, to, amount: Amount::from_tokens(tokens) })
}

fn receive(certified: &CertifiedBlock) -> Transaction {
    let (_, bundle) = certified.block.bundles().remove(0);
    Transaction::Receive(IncomingBundle {
        origin: certified.block.proposed.chain,
        bundle,
        action: BundleAction::Accept,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn value_moves_between_chains_in_one_trip_each() {
    let net = start();
    let sent = net.certify(0, vec![], vec![transfer(net.chains[1], 30)]).await;
    net.commit(&sent).await;
    let received = net.certify(1, vec![receive(&sent)], vec![transfer(net.chains[0], 120)]).await;
    net.commit(&received).await;
    assert_eq!(net.balance(0).await, Amount::from_tokens(70));
    assert_eq!(net.balance(1).await, Amount::from_tokens(10));
    let back = net.certify(0, vec![receive(&received)], vec![]).await;
    net.commit(&back).await;
    assert_eq!(net.balance(0).await, Amount::from_tokens(190));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_that_was_never_sent_is_named_as_missing() {
    let net = start();
    let mut forged = net.certify(0, vec![], vec![transfer(net.chains[1], 30)]).await;
    forged.block.proposed.timestamp = Timestamp(2);
    net.propose_in_vain(&forged, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parent_that_comes_with_a_waiting_proposal_is_durable() {
    let net = start();
    let parent = net.certify(1, vec![], vec![transfer(net.chains[0], 1)]).await;
    net.keep(&parent).await;
    let mut forged = net.certify(0, vec![], vec![transfer(net.chains[1], 30)]).await;
    forged.block.proposed.timestamp = Timestamp(2);
    net.propose_in_vain(&forged, Some(parent.certificate)).await;
    let view = net.validators[0].local().view();
    assert!(read::has_block(&view, net.chains[1], BlockHeight(0)).unwrap());
}
