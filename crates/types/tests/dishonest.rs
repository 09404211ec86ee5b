//! Every way in which a certificate, vote, proposal or request can be dishonest, each with the error that it gets.
//!
//! Each case is judged twice: by a verifier that knows nothing, and by one that remembers honest values. Memory may save
//! work but never change an answer.

mod network;

use myceline_types::{
    ApplicationId, Authority, Ballot, BlockHeight, Certificate, CertificateKind, ChainId, CryptoVerifier, Epoch, Hash,
    InvalidCertificate, InvalidRequest, Justification, NetworkId, Owner, OwnerSecret, Proposal, Report, Round,
    SignedVote, Signers, Slot, TimeoutCertificate, TimeoutRequest, ValidatorSignature, Verifier, Vote, VoteSignature,
    crypto::{self, EthereumSecret},
    encoding, merkle,
    vote::VOTES_PER_SIGNATURE_MAX,
};
use network::{BLOCK, Network, OTHER_BLOCK, SLOT};

use CertificateKind::{Confirmed, Validated};
use InvalidCertificate::{Signature, TooLight, UnknownSigner};
use std::sync::Arc;

/// Judges values with a fresh verifier and with one that has seen all honest ones.
struct Judge {
    network: Network,
    warm: CryptoVerifier,
}

impl Judge {
    fn new() -> Judge {
        let judge = Judge { network: Network::new(), warm: CryptoVerifier::new() };
        let authority = judge.authority(&judge.warm);
        for kind in [Validated, Confirmed] {
            assert!(authority.certificate(judge.network.certificate(kind)).is_ok());
        }
        assert!(authority.proposal(judge.network.proposal(None)).is_ok());
        assert!(authority.timeout_request(judge.network.timeout_request()).is_ok());
        judge
    }

    fn authority<'a>(&'a self, verifier: &'a dyn Verifier) -> Authority<'a> {
        Authority { network: self.network.id, committee: &self.network.committee, verifier }
    }

    fn judge<E: PartialEq + std::fmt::Debug>(
        &self,
        name: &str,
        ask: impl Fn(Authority<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let fresh = ask(self.authority(&CryptoVerifier::new()));
        assert_eq!(ask(self.authority(&self.warm)), fresh, "{name}: memory changes the answer");
        fresh
    }

    fn certificate(&self, name: &str, value: &Certificate, expected: Result<(), InvalidCertificate>) {
        assert_eq!(self.judge(name, |by| by.certificate(value.clone()).map(drop)), expected, "{name}");
    }

    fn timeout(&self, name: &str, value: &TimeoutCertificate, expected: Result<(), InvalidCertificate>) {
        assert_eq!(self.judge(name, |by| by.timeout(value.clone()).map(drop)), expected, "{name}");
    }

    fn vote(&self, name: &str, value: &SignedVote, expected: Result<(), InvalidCertificate>) {
        assert_eq!(self.judge(name, |by| by.vote(value.clone()).map(drop)), expected, "{name}");
    }

    fn proposal(&self, name: &str, value: &Proposal, expected: Result<(), InvalidRequest>) {
        assert_eq!(self.judge(name, |by| by.proposal(value.clone()).map(drop)), expected, "{name}");
    }

    fn request(&self, name: &str, value: &TimeoutRequest, expected: Result<(), InvalidRequest>) {
        assert_eq!(self.judge(name, |by| by.timeout_request(value.clone()).map(drop)), expected, "{name}");
    }
}

/// A bitmap as somebody else may write it.
fn bitmap(bytes: &[u8]) -> Signers {
    encoding::from_bytes(&encoding::to_bytes(&bytes.to_vec())).expect("any bytes are a bitmap")
}

/// The same signature with the other s and the other v: valid by the textbook.
fn with_high_s(signature: ValidatorSignature) -> ValidatorSignature {
    let parsed = k256::ecdsa::Signature::from_slice(&signature.0[..64]).expect("r and s");
    let other = k256::ecdsa::Signature::from_scalars(parsed.r(), -parsed.s()).expect("r and s");
    let mut bytes = [27 + 28 - signature.0[64]; 65];
    bytes[..64].copy_from_slice(&other.to_bytes());
    ValidatorSignature(bytes)
}

fn with_v(signature: ValidatorSignature, v: u8) -> ValidatorSignature {
    let mut bytes = signature.0;
    bytes[64] = v;
    ValidatorSignature(bytes)
}

fn signatures(certificate: &mut Certificate) -> &mut Vec<VoteSignature> {
    Arc::make_mut(&mut certificate.signatures)
}

#[test]
fn certificates() {
    let judge = Judge::new();
    let honest = judge.network.certificate(Validated);
    let check = |name: &str, change: &dyn Fn(&mut Certificate), expected| {
        let mut certificate = honest.clone();
        change(&mut certificate);
        judge.certificate(name, &certificate, expected);
    };
    check("honest", &|_| (), Ok(()));
    check(
        "signed by nobody",
        &|c| (c.signers, c.signatures) = Default::default(),
        Err(TooLight { weight: 0, needed: 3 }),
    );
    let two_of_four =
        |c: &mut Certificate| (c.signers, c.signatures) = ((0..2).collect(), c.signatures[..2].to_vec().into());
    check("too light", &two_of_four, Err(TooLight { weight: 2, needed: 3 }));
    check("unknown signer", &|c| c.signers = [0, 1, 4].into_iter().collect(), Err(UnknownSigner(4)));
    check("far away signer", &|c| c.signers = [0, 1, 255].into_iter().collect(), Err(UnknownSigner(255)));
    let signers = || Err(InvalidCertificate::Signers);
    check(
        "a signature too many",
        &|c| {
            let again = c.signatures[0].clone();
            signatures(c).push(again);
        },
        signers(),
    );
    check("a signature repeated for its signer", &|c| c.signers = bitmap(&[0b11]), signers());
    check("a signer too many", &|c| c.signers.insert(3), signers());
    check("bitmap with a zero at its end", &|c| c.signers = bitmap(&[0b111, 0]), signers());
    check(
        "bitmap longer than a committee",
        &|c| c.signers = bitmap(&[&[0b11][..], &[0; 31], &[1]].concat()),
        signers(),
    );
    check("another signer", &|c| c.signers = [0, 1, 3].into_iter().collect(), Err(Signature(3)));
    check("signatures in another order", &|c| signatures(c).swap(1, 2), Err(Signature(1)));
    check("one signature bent", &|c| signatures(c)[2].signature.0[40] ^= 1, Err(Signature(2)));
    check("one signature twice", &|c| signatures(c)[1] = c.signatures[0].clone(), Err(Signature(1)));
    check("empty signature", &|c| signatures(c)[0].signature.0 = [0; 65], Err(Signature(0)));
    check("high s", &|c| signatures(c)[1].signature = with_high_s(c.signatures[1].signature), Err(Signature(1)));
    check("the other v", &|c| signatures(c)[1].signature.0[64] ^= 27 ^ 28, Err(Signature(1)));
    for v in [0, 1, 26, 29, 255] {
        check("no v at all", &|c| signatures(c)[0].signature = with_v(c.signatures[0].signature, v), Err(Signature(0)));
    }
    check("another block", &|c| c.block = OTHER_BLOCK, Err(Signature(0)));
    check("another round", &|c| c.round = Round(4), Err(Signature(0)));
    check("another kind", &|c| c.kind = Confirmed, Err(Signature(0)));
    check("another chain", &|c| c.slot.chain = ChainId(Hash::ZERO), Err(Signature(0)));
    check("another height", &|c| c.slot.height = BlockHeight(8), Err(Signature(0)));
    check("another epoch", &|c| c.slot.epoch = Epoch(3), Err(Signature(0)));
    let elsewhere = Network { id: NetworkId(Hash([0xef; 32])), ..Network::new() };
    judge.certificate("another network", &elsewhere.certificate(Validated), Err(Signature(0)));
}

#[test]
fn votes_and_the_batches_that_they_are_signed_in() {
    let judge = Judge::new();
    let network = &judge.network;
    let honest = network.vote(2, Ballot::Validate(BLOCK));
    judge.vote("honest", &honest, Ok(()));
    judge.vote("unknown signer", &SignedVote { signer: 4, ..honest.clone() }, Err(UnknownSigner(4)));
    judge.vote("of somebody else", &SignedVote { signer: 1, ..honest.clone() }, Err(Signature(1)));
    let other = Vote { ballot: Ballot::Validate(OTHER_BLOCK), ..honest.vote };
    judge.vote("for something else", &SignedVote { vote: other, ..honest.clone() }, Err(Signature(2)));

    let along =
        |path: merkle::Path| SignedVote { signature: network.sign_along(2, &honest.vote, path), ..honest.clone() };
    let levels = VOTES_PER_SIGNATURE_MAX.ilog2() as usize;
    let path = |index, levels| merkle::Path { index, siblings: vec![Hash([1; 32]); levels] };
    judge.vote("the largest batch", &along(path(31, levels)), Ok(()));
    judge.vote("path too long", &along(path(31, levels + 1)), Err(Signature(2)));
    let with_path = |path| {
        let signature =
            VoteSignature { path, ..along(merkle::Path { index: 5, siblings: vec![Hash([1; 32]); 3] }).signature };
        SignedVote { signature, ..honest.clone() }
    };
    judge.vote("the right path", &with_path(path(5, 3)), Ok(()));
    judge.vote("another place", &with_path(path(4, 3)), Err(Signature(2)));
    judge.vote("index beyond the path", &with_path(path(8, 3)), Err(Signature(2)));
    judge.vote("index far beyond the path", &with_path(path(u64::MAX, 3)), Err(Signature(2)));
    judge.vote("half the path", &with_path(path(1, 2)), Err(Signature(2)));
    judge.vote("no path", &with_path(path(0, 0)), Err(Signature(2)));
}

#[test]
fn every_vote_of_a_batch_holds_and_nothing_else_under_its_root() {
    let judge = Judge::new();
    let votes: Vec<Vote> = (0..32)
        .map(|height| Vote {
            slot: Slot { height: BlockHeight(height), ..SLOT },
            round: Round(0),
            ballot: Ballot::Validate(BLOCK),
        })
        .collect();
    let leaves: Vec<Hash> = votes.iter().map(|vote| vote.leaf(judge.network.id)).collect();
    let (top, paths) = merkle::top_and_paths(&leaves);
    let signature = judge.network.secrets[0].sign_batch(judge.network.id, top);
    for (vote, path) in votes.iter().zip(&paths) {
        let signature = VoteSignature { signature, path: path.clone() };
        let signed = SignedVote { vote: *vote, signer: 0, signature };
        judge.vote("honest", &signed, Ok(()));
        judge.vote("under a known root", &SignedVote { signer: 1, ..signed.clone() }, Err(Signature(1)));
        let elsewhere = Vote { slot: Slot { epoch: Epoch(9), ..vote.slot }, ..*vote };
        judge.vote("not under a known root", &SignedVote { vote: elsewhere, ..signed }, Err(Signature(0)));
    }
    let twisted = VoteSignature { signature: with_high_s(signature), path: paths[0].clone() };
    judge.vote("twisted", &SignedVote { vote: votes[0], signer: 0, signature: twisted }, Err(Signature(0)));
}

#[test]
fn timeout_certificates() {
    let judge = Judge::new();
    let network = &judge.network;
    let attached = || Some(network.certificate(Validated));
    let reported = Report::Certificate(Round(3), BLOCK);
    let honest = network.timeout([Report::Nothing, Report::Fast(OTHER_BLOCK), reported], attached());
    let check = |name: &str, change: &dyn Fn(&mut TimeoutCertificate), expected| {
        let mut timeout = honest.clone();
        change(&mut timeout);
        judge.timeout(name, &timeout, expected);
    };
    check("honest", &|_| (), Ok(()));
    let nothing = network.timeout([Report::Nothing; 3], None);
    judge.timeout("nothing to report", &nothing, Ok(()));
    judge.timeout("more attached than reported", &TimeoutCertificate { attached: attached(), ..nothing }, Ok(()));
    check("two votes of four", &|t| t.votes.truncate(2), Err(TooLight { weight: 2, needed: 3 }));
    check("unknown signer", &|t| t.votes[2].signer = 9, Err(UnknownSigner(9)));
    check("repeated vote", &|t| t.votes.push(t.votes[2].clone()), Err(InvalidCertificate::Signers));
    check("votes in another order", &|t| t.votes.swap(0, 1), Err(InvalidCertificate::Signers));
    check("another signer", &|t| t.votes[2].signer = 3, Err(Signature(3)));
    check("another report", &|t| t.votes[0].report = Report::Fast(BLOCK), Err(Signature(0)));
    check("a report left out", &|t| t.votes[1].report = Report::Nothing, Err(Signature(1)));
    check("another round", &|t| t.round = Round(6), Err(Signature(0)));
    check("another slot", &|t| t.slot.height = BlockHeight(1), Err(Signature(0)));
    check("the other v", &|t| t.votes[1].signature.signature.0[64] ^= 27 ^ 28, Err(Signature(1)));

    let misfit = || Err(InvalidCertificate::Attached);
    check("attached certificate missing", &|t| t.attached = None, misfit());
    let in_round = |round| Some(network.certificate_in(SLOT, Round(round), Validated));
    check("attached certificate too low", &|t| t.attached = in_round(2), misfit());
    check("attached certificate of this round", &|t| t.attached = in_round(5), Ok(()));
    check("attached certificate too high", &|t| t.attached = in_round(6), misfit());
    check("attached certificate of confirmed votes", &|t| t.attached = Some(network.certificate(Confirmed)), misfit());
    let elsewhere = Slot { height: BlockHeight(8), ..SLOT };
    let of_other_slot = network.certificate_in(elsewhere, Round(3), Validated);
    check(
        "attached certificate of another slot",
        &|t| t.attached = Some(of_other_slot.clone()),
        Err(InvalidCertificate::Slot),
    );
    let change_attached = |change: &dyn Fn(&mut Certificate)| {
        let mut certificate = network.certificate(Validated);
        change(&mut certificate);
        Some(certificate)
    };
    let light = |c: &mut Certificate| (c.signers, c.signatures) = ((0..1).collect(), c.signatures[..1].to_vec().into());
    check(
        "attached certificate too light",
        &|t| t.attached = change_attached(&light),
        Err(TooLight { weight: 1, needed: 3 }),
    );
    let forged = |c: &mut Certificate| c.block = OTHER_BLOCK;
    check("attached certificate forged", &|t| t.attached = change_attached(&forged), Err(Signature(0)));
}

#[test]
fn proposals() {
    let judge = Judge::new();
    let network = &judge.network;
    let owner = network.owner.owner();
    let honest = network.proposal(None);
    let check = |name: &str, change: &dyn Fn(&mut Proposal), expected| {
        let mut proposal = honest.clone();
        change(&mut proposal);
        judge.proposal(name, &proposal, expected);
    };
    let unsigned = || Err(InvalidRequest::Signature(owner));
    check("honest", &|_| (), Ok(()));
    check("another block", &|p| p.block = OTHER_BLOCK, unsigned());
    check("another round", &|p| p.round = Round(7), unsigned());
    check("another height", &|p| p.body.proposed.height = BlockHeight(8), unsigned());
    check("another chain", &|p| p.body.proposed.chain = ChainId(Hash::ZERO), unsigned());
    check("another epoch", &|p| p.body.proposed.epoch = Epoch(3), unsigned());
    check("a signature of something else", &|p| p.signature = network.owner.sign(Hash::ZERO), unsigned());
    let stranger = OwnerSecret::from_seed([8; 32]);
    let in_name_of = |proposer: Owner| (proposer, Err(InvalidRequest::Signature(proposer)));
    for (proposer, expected) in [
        in_name_of(stranger.owner()),
        in_name_of(OwnerSecret::Ethereum(EthereumSecret::from_seed([8; 32])).owner()),
        in_name_of(Owner::Passkey([2; 33])),
        in_name_of(Owner::Application(ApplicationId(Hash::ZERO))),
    ] {
        check("in the name of somebody else", &|p| p.proposer = proposer, expected);
    }
    let elsewhere = Network { id: NetworkId(Hash([0xef; 32])), ..Network::new() };
    judge.proposal("another network", &elsewhere.proposal(None), unsigned());

    let justified = |name: &str, justification, expected: Result<(), InvalidCertificate>| {
        let proposal = network.proposal(Some(justification));
        judge.proposal(name, &proposal, expected.map_err(InvalidRequest::Justification));
    };
    let by_certificate = |certificate| Justification::Certificate(certificate);
    let by_timeout = |timeout| Justification::Timeout(timeout);
    let timeout = || network.timeout([Report::Nothing; 3], None);
    justified("a certificate", by_certificate(network.certificate(Validated)), Ok(()));
    justified("a timeout", by_timeout(timeout()), Ok(()));
    let next = Slot { height: BlockHeight(8), ..SLOT };
    let of_other_slot = network.certificate_in(next, Round(3), Validated);
    justified("a certificate of another slot", by_certificate(of_other_slot), Err(InvalidCertificate::Slot));
    let of_other_slot = TimeoutCertificate { slot: next, ..timeout() };
    justified("a timeout of another slot", by_timeout(of_other_slot), Err(InvalidCertificate::Slot));
    let forged = Certificate { block: OTHER_BLOCK, ..network.certificate(Validated) };
    justified("a forged certificate", by_certificate(forged), Err(Signature(0)));
    let forged = TimeoutCertificate { round: Round(4), ..timeout() };
    justified("a forged timeout", by_timeout(forged), Err(Signature(0)));
    let mut light = timeout();
    light.votes.pop();
    justified("a timeout too light", by_timeout(light), Err(TooLight { weight: 2, needed: 3 }));
}

#[test]
fn requests_to_leave_a_round() {
    let judge = Judge::new();
    let owner = judge.network.owner.owner();
    let honest = judge.network.timeout_request();
    let check = |name: &str, change: &dyn Fn(&mut TimeoutRequest), expected| {
        let mut request = honest.clone();
        change(&mut request);
        judge.request(name, &request, expected);
    };
    let unsigned = || Err(InvalidRequest::Signature(owner));
    check("honest", &|_| (), Ok(()));
    check("another round", &|r| r.round = Round(6), unsigned());
    check("another height", &|r| r.slot.height = BlockHeight(8), unsigned());
    check("another chain", &|r| r.slot.chain = ChainId(Hash::ZERO), unsigned());
    check("another epoch", &|r| r.slot.epoch = Epoch(3), unsigned());
    check("the signature of a proposal", &|r| r.signature = judge.network.proposal(None).signature, unsigned());
    let stranger = OwnerSecret::from_seed([8; 32]).owner();
    check("in the name of somebody else", &|r| r.requester = stranger, Err(InvalidRequest::Signature(stranger)));
    let elsewhere = Network { id: NetworkId(Hash([0xef; 32])), ..Network::new() };
    judge.request("another network", &elsewhere.timeout_request(), unsigned());
}

#[test]
fn a_validator_leads_a_public_chain_under_the_address_of_its_key() {
    let judge = Judge::new();
    let secret = &judge.network.secrets[1];
    let leader = judge.network.committee.validators()[1].account;
    let mut proposal = judge.network.proposal(None);
    proposal.proposer = leader;
    proposal.signature = secret.sign_as_owner(proposal.digest(judge.network.id));
    judge.proposal("by its leader", &proposal, Ok(()));
    let other = judge.network.committee.validators()[2].account;
    proposal.proposer = other;
    judge.proposal("by another validator", &proposal, Err(InvalidRequest::Signature(other)));
}

#[test]
fn a_committee_whose_accounts_are_not_those_of_its_keys_is_refused() {
    use myceline_types::{Committee, InvalidCommittee, Resilience, ValidatorKey};
    let network = Network::new();
    assert_eq!(crypto::check_accounts(&network.committee), Ok(()));
    let with = |change: &dyn Fn(&mut Vec<myceline_types::Validator>)| {
        let mut validators = network.committee.validators().to_vec();
        change(&mut validators);
        crypto::check_accounts(&Committee::new(validators, Resilience::Classic).expect("still a committee"))
    };
    let key = network.committee.validators()[3].key;
    assert_eq!(with(&|all| all[3].account = all[2].account), Err(InvalidCommittee::NoAddress(key)));
    let no_key = ValidatorKey([0xff; 33]);
    assert_eq!(with(&|all| all[0].key = no_key), Err(InvalidCommittee::NoAddress(no_key)));
}
