//! Situations in which instructions are counted: a validator that is about to be asked something, and a tree about to grow.
//!
//! They are the same on every machine and in every run. What is counted in them is in `benches/hot_paths.rs`.

// The validators stepped by hand of the tests of `node`: what is counted is what is tested.
#[path = "../../crates/node/tests/steps/kit.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod kit;

use kit::{Node, VALIDATORS, certify, chains, network, request, transfer};
use myceline_state::{Batch, EntrySpace, MemorySnapshot, Tree, Update};
use myceline_types::{
    Authority, Certificate, Checked, CryptoVerifier, Epoch, InvalidCertificate,
    api::{CertificateRequest, ProposeRequest, Response},
};

/// As long as a table byte and a chain's id.
const PREFIX_LEN: usize = 33;

/// A validator that is about to be asked for its vote.
pub struct Voting {
    validator: Node,
    request: ProposeRequest,
}

/// A validator that is about to be shown a certificate.
pub struct Committing {
    validator: Node,
    request: CertificateRequest,
}

/// A certificate that somebody who remembers nothing is about to check.
pub struct Checking {
    node: Node,
    certificate: Certificate,
}

/// A tree of entries, and changes that are about to be made.
pub struct Growing {
    store: MemorySnapshot,
    tree: Tree,
    changes: Batch,
}

impl Voting {
    /// For the first block of a chain, with so many transfers.
    pub fn on_first(transfers: usize) -> Voting {
        let network = network(2);
        let chains = chains(&network);
        let mut wallet = Node::new(&network, None);
        let candidate = wallet.stage(chains[0], 0, vec![transfer(chains[1], 1); transfers], Vec::new());
        Voting { validator: Node::new(&network, Some(0)), request: request(&network, 0, &candidate, None) }
    }

    /// For the second block of a chain, whose proposal carries the certificate of the first.
    pub fn on_second() -> Voting {
        let network = network(2);
        let chains = chains(&network);
        let mut wallet = Node::new(&network, None);
        let mut validators: Vec<Node> = (0..VALIDATORS).map(|place| Node::new(&network, Some(place))).collect();
        let first = wallet.stage(chains[0], 0, vec![transfer(chains[1], 1)], Vec::new());
        let certificate = certify(&mut validators, &request(&network, 0, &first, None), &first);
        let kept = CertificateRequest { certificate: certificate.clone(), block: None, blobs: Vec::new() };
        wallet.group(vec![(chains[0], Box::new(|work| work.certificate(&kept)))]);
        let second = wallet.stage(chains[0], 0, vec![transfer(chains[1], 1)], Vec::new());
        Voting { validator: validators.remove(0), request: request(&network, 0, &second, Some(certificate)) }
    }

    /// Checks the proposal, executes it, votes, signs the vote and writes it.
    pub fn vote(&mut self) -> Response {
        self.validator.propose(&self.request)
    }
}

impl Committing {
    /// That of a block for which the validator has voted.
    pub fn after_vote() -> Committing {
        let network = network(2);
        let chains = chains(&network);
        let candidate = Node::new(&network, None).stage(chains[0], 0, vec![transfer(chains[1], 1)], Vec::new());
        let mut validators: Vec<Node> = (0..VALIDATORS).map(|place| Node::new(&network, Some(place))).collect();
        let certificate = certify(&mut validators, &request(&network, 0, &candidate, None), &candidate);
        let request = CertificateRequest { certificate, block: None, blobs: Vec::new() };
        Committing { validator: validators.remove(0), request }
    }

    /// Checks the certificate, and commits the block and the bundles that it sends.
    pub fn commit(&mut self) -> Response {
        let chain = self.request.certificate.slot.chain;
        let request = &self.request;
        self.validator.step(chain, Box::new(|work| work.certificate(request)))
    }
}

impl Checking {
    /// One of four validators that each signed by themselves.
    pub fn of_four() -> Checking {
        let Committing { validator, request } = Committing::after_vote();
        Checking { node: validator, certificate: request.certificate }
    }

    /// Checks all signatures and their weight.
    pub fn check(self) -> Result<Checked<Certificate>, InvalidCertificate> {
        let (network, verifier) = (&self.node.network, CryptoVerifier::new());
        let committee = network.committee(Epoch::ZERO).expect("genesis has a committee");
        Authority { network: network.id(), committee, verifier: &verifier }.certificate(self.certificate)
    }
}

impl Growing {
    /// A tree in memory of so many entries, some of which change.
    pub fn new(entries: u64, touched: u64) -> Growing {
        let space = EntrySpace { entries: [b'e'; PREFIX_LEN].into(), tree: [b't'; PREFIX_LEN].into() };
        let (mut all, mut changes) = (Batch::new(), Batch::new());
        (0..entries).for_each(|number| all.put(number.to_be_bytes(), [0; 32]));
        (0..touched).for_each(|number| changes.put((number * (entries / touched)).to_be_bytes(), [1; 32]));
        let mut store = MemorySnapshot::new();
        let first = Tree::new(space.clone()).update(&store, &all).expect("the whole store is here");
        store.apply(all.under(&space.entries));
        store.apply(first.rows);
        Growing { store, tree: first.tree, changes }
    }

    /// The tree and its root after the changes.
    pub fn update(&self) -> Update {
        self.tree.update(&self.store, &self.changes).expect("the whole store is here")
    }
}
