//! Where the bad requests are made: Ann has paid Bob three times and Bob has taken in the first, Eve has closed her chain,
//! and each of them has proposed nonsense already, so that the clock of their next height runs (R17).

use crate::kit::{self, Net, owner_secret};
use myceline_node::Candidate;
use myceline_rpc::Peer;
use myceline_types::{
    BlockHash, BundleAction, CertifiedBlock, Hash, IncomingBundle, Operation, Proposal, ProposedBlock, Round,
    Transaction,
    api::{Request, Response},
    proposal::proposal_digest,
};
use std::sync::Arc;

/// Whose chain is whose.
pub const ANN: u8 = 0;
pub const BOB: u8 = 1;
pub const EVE: u8 = 2;

pub struct Scene {
    pub net: Net,
    /// Ann's payments to Bob.
    pub payments: Vec<CertifiedBlock>,
    /// A good next block of Ann's, which nobody has voted for.
    pub good: Arc<Candidate>,
}

impl Scene {
    pub async fn set() -> Scene {
        let net = Net::start(3);
        let mut payments = Vec::new();
        for tokens in 1..=3 {
            let payment = net.certify(ANN, vec![], vec![kit::transfer(net.chains[1], tokens)]).await;
            net.commit(&payment).await;
            payments.push(payment);
        }
        let received = net.certify(BOB, vec![accept(&payments[0])], vec![]).await;
        net.commit(&received).await;
        let closed = net.certify(EVE, vec![], vec![Transaction::Execute(Operation::CloseChain)]).await;
        net.commit(&closed).await;
        let good = net.stage(ANN, vec![], vec![kit::transfer(net.chains[1], 4)]).await;
        let scene = Scene { net, payments, good };
        for chain in [ANN, BOB, EVE] {
            let nonsense = scene.proposal(chain, |_| ());
            let answer = scene.net.peers[0].call(propose(nonsense)).await.unwrap();
            assert!(matches!(answer, Response::Refused(_)), "{answer:?}");
        }
        scene
    }

    /// The next block of a chain without transactions, changed by `change` and signed by its owner for round 0. Its hash is
    /// made up, since nothing was executed.
    pub fn proposal(&self, chain: u8, change: impl FnOnce(&mut ProposedBlock)) -> Proposal {
        let mut proposal = self.net.propose(ANN, &self.good);
        let proposed = &mut proposal.body.proposed;
        if chain != ANN {
            let tip = match chain {
                BOB => (1, self.tips().0),
                _ => (1, self.tips().1),
            };
            (proposed.chain, proposed.height, proposed.previous) =
                (self.net.chains[usize::from(chain)], myceline_types::BlockHeight(tip.0), Some(tip.1));
        }
        proposed.author = Some(owner_secret(chain).owner());
        proposed.transactions.clear();
        change(proposed);
        proposal.block = BlockHash(Hash([9; 32]));
        self.sign(chain, proposal)
    }

    /// A next block of a chain with these transactions.
    pub fn block(&self, chain: u8, transactions: Vec<Transaction>) -> Proposal {
        self.proposal(chain, |proposed| proposed.transactions = transactions)
    }

    /// Has the owner of a chain sign a proposal as it is.
    pub fn sign(&self, chain: u8, mut proposal: Proposal) -> Proposal {
        let secret = owner_secret(chain);
        proposal.proposer = secret.owner();
        proposal.signature = secret.sign(proposal.digest(self.net.network.id()));
        proposal
    }

    /// Has the owner of Ann's chain sign a proposal in another round.
    pub fn in_round(&self, round: Round) -> Proposal {
        self.sign(ANN, Proposal { round, ..self.net.propose(ANN, &self.good) })
    }

    /// The signature that another network would take for Ann's.
    pub fn of_another_network(&self) -> Proposal {
        let mut proposal = self.net.propose(ANN, &self.good);
        let network = myceline_types::NetworkId(Hash([7; 32]));
        let digest = proposal_digest(network, proposal.slot(), proposal.round, proposal.block);
        proposal.signature = owner_secret(ANN).sign(digest);
        proposal
    }

    /// The last blocks of Bob's and of Eve's chain.
    fn tips(&self) -> (BlockHash, BlockHash) {
        let tip = |chain: usize| {
            let view = self.net.validators[0].local().view();
            let height = myceline_types::BlockHeight::ZERO;
            let certified = myceline_node::read::certified(&view, self.net.chains[chain], height).unwrap();
            certified.unwrap().certificate.block
        };
        (tip(1), tip(2))
    }

    /// After all that the good block is voted for.
    pub async fn still_works(&self) {
        let answer = self.net.peers[0].call(propose(self.net.propose(ANN, &self.good))).await.unwrap();
        assert!(matches!(answer, Response::Vote(_)), "{answer:?}");
    }
}

/// A proposal as a request.
pub fn propose<T: From<Request>>(proposal: Proposal) -> T {
    Request::Propose(Box::new(kit::request(proposal))).into()
}

/// Takes in the first bundle of a payment.
pub fn accept(payment: &CertifiedBlock) -> Transaction {
    let (_, bundle) = payment.block.bundles().remove(0);
    let origin = payment.block.proposed.chain;
    Transaction::Receive(IncomingBundle { origin, bundle, action: BundleAction::Accept })
}
