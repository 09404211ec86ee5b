//! What Ethereum makes of our hashes and signatures, computed by a library that shares no code with ours: a wallet shows
//! the same typed data, Solidity's `abi.encode` gives the same words, and `ecrecover` finds the validators.

mod network;

use alloy_primitives::{Address, B256, Signature, U256, keccak256};
use alloy_sol_types::{Eip712Domain, SolStruct, SolValue, sol};
use myceline_types::{
    ApplicationId, Ballot, BlockHash, BlockHeight, CertificateKind, Hash, Header, NetworkId, Owner, OwnerSecret,
    OwnerSignature, Report, Roots, Round, Timestamp, Vote,
    api::Info,
    crypto::EthereumSecret,
    proposal::{proposal_digest, timeout_request_digest},
    vote::batch_digest,
};
use network::{BLOCK, Network, SLOT};

sol! {
    struct Proposal { bytes32 chain; uint64 height; uint32 epoch; uint32 round; bytes32 block; }
    struct TimeoutRequest { bytes32 chain; uint64 height; uint32 epoch; uint32 round; }
    struct VoteBatch { bytes32 root; }
    struct HeaderWords {
        bytes32 tag; bytes32 chain; uint32 epoch; uint64 height; uint64 timestamp; bytes32 previous; bytes32 author;
        bytes32 transactions; bytes32 messages; bytes32 events; bytes32 oracle; bytes32 blobs; bytes32 results;
        bytes32 messageLinks; bytes32 eventLinks; bytes32 state;
    }
    struct VoteWords {
        bytes32 tag; bytes32 network; bytes32 chain; uint64 height; uint32 epoch; uint32 round; uint8 kind;
        uint32 reported; bytes32 block;
    }
}

/// The types of the API, whose names would be in the way above.
mod api {
    alloy_sol_types::sol! { struct Info { bytes32 info; } }
}

const NETWORK: NetworkId = NetworkId(Hash([0xee; 32]));

fn word(hash: Hash) -> B256 {
    hash.0.into()
}

/// Solidity's `bytes32("text")`.
fn tag(text: &str) -> B256 {
    B256::right_padding_from(text.as_bytes())
}

fn domain(network: NetworkId) -> Eip712Domain {
    Eip712Domain::new(Some("Myceline".into()), Some("1".into()), None, None, Some(word(network.0)))
}

fn same_digest(ours: Hash, theirs: &impl SolStruct) {
    assert_eq!(word(ours), theirs.eip712_signing_hash(&domain(NETWORK)));
}

#[test]
fn what_owners_and_validators_sign_is_typed_data() {
    let (chain, height, epoch) = (word(SLOT.chain.0), SLOT.height.0, SLOT.epoch.0);
    for round in [0, 1, u32::MAX] {
        let theirs = Proposal { chain, height, epoch, round, block: word(BLOCK.0) };
        same_digest(proposal_digest(NETWORK, SLOT, Round(round), BLOCK), &theirs);
        let theirs = TimeoutRequest { chain, height, epoch, round };
        same_digest(timeout_request_digest(NETWORK, SLOT, Round(round)), &theirs);
    }
    let top = Hash([0x77; 32]);
    same_digest(batch_digest(NETWORK, top), &VoteBatch { root: word(top) });
    let info = Info { chain: SLOT.chain, nonce: 1, next: SLOT.height, tip: Some(BLOCK), round: Round(2), vote: None };
    same_digest(info.digest(NETWORK), &api::Info { info: word(Hash::of_value("Info", &info)) });
}

fn header() -> Header {
    let hash = |byte| Hash([byte; 32]);
    Header {
        chain: SLOT.chain,
        epoch: SLOT.epoch,
        height: BlockHeight(u64::MAX),
        timestamp: Timestamp(1_234_567),
        previous: Some(BlockHash(hash(1))),
        author: Some(Owner::Application(ApplicationId(hash(2)))),
        roots: Roots {
            transactions: hash(3),
            messages: hash(4),
            events: hash(5),
            oracle: hash(6),
            blobs: hash(7),
            results: hash(8),
            message_links: hash(9),
            event_links: hash(10),
            state: hash(11),
        },
    }
}

fn words_of(header: &Header) -> HeaderWords {
    let roots = &header.roots;
    HeaderWords {
        tag: tag("myceline.block.v1"),
        chain: word(header.chain.0),
        epoch: header.epoch.0,
        height: header.height.0,
        timestamp: header.timestamp.0,
        previous: header.previous.map_or(B256::ZERO, |block| word(block.0)),
        author: header.author.map_or(B256::ZERO, |owner| word(owner.word())),
        transactions: word(roots.transactions),
        messages: word(roots.messages),
        events: word(roots.events),
        oracle: word(roots.oracle),
        blobs: word(roots.blobs),
        results: word(roots.results),
        messageLinks: word(roots.message_links),
        eventLinks: word(roots.event_links),
        state: word(roots.state),
    }
}

#[test]
fn a_block_is_named_by_the_words_of_its_header() {
    let first = Header { previous: None, author: None, height: BlockHeight(0), ..header() };
    for header in [header(), first] {
        let words = words_of(&header).abi_encode();
        assert_eq!(words.len(), 16 * 32);
        assert_eq!(word(header.hash().0), keccak256(words));
    }
}

#[test]
fn a_vote_is_named_by_its_words() {
    let check = |ballot, kind, reported: u32, block: Hash| {
        let vote = Vote { slot: SLOT, round: Round(9), ballot };
        let words = VoteWords {
            tag: tag("myceline.vote.v1"),
            network: word(NETWORK.0),
            chain: word(SLOT.chain.0),
            height: SLOT.height.0,
            epoch: SLOT.epoch.0,
            round: 9,
            kind,
            reported,
            block: word(block),
        };
        assert_eq!(word(vote.leaf(NETWORK)), keccak256(words.abi_encode()));
    };
    check(Ballot::Validate(BLOCK), 1, 0, BLOCK.0);
    check(Ballot::Confirm(BLOCK), 2, 0, BLOCK.0);
    check(Ballot::Timeout(Report::Nothing), 3, 0, Hash::ZERO);
    check(Ballot::Timeout(Report::Fast(BLOCK)), 4, 0, BLOCK.0);
    check(Ballot::Timeout(Report::Certificate(Round(8), BLOCK)), 5, 8, BLOCK.0);
}

/// What `ecrecover` does.
fn recover(digest: Hash, signature: &[u8; 65]) -> Owner {
    let (r, s) = (U256::from_be_slice(&signature[..32]), U256::from_be_slice(&signature[32..64]));
    assert!(matches!(signature[64], 27 | 28));
    let signature = Signature::new(r, s, signature[64] == 28);
    assert_eq!(signature.normalize_s(), None, "s is low already");
    let address: Address = signature.recover_address_from_prehash(&word(digest)).expect("a signature");
    Owner::Ethereum(address.into())
}

#[test]
fn ecrecover_finds_the_validators_behind_a_certificate() {
    let network = Network::new();
    let certificate = network.certificate(CertificateKind::Confirmed);
    let leaf = certificate.vote().leaf(network.id);
    for (signer, signature) in certificate.signers.iter().zip(&*certificate.signatures) {
        let top = signature.path.top(leaf).unwrap();
        let found = recover(batch_digest(network.id, top), &signature.signature.0);
        assert_eq!(found, network.committee.get(signer).unwrap().account);
    }
}

#[test]
fn ecrecover_finds_owners_and_validators_as_owners() {
    let digest = proposal_digest(NETWORK, SLOT, Round(1), BLOCK);
    let by_owner = OwnerSecret::Ethereum(EthereumSecret::from_seed([3; 32]));
    let validator = &Network::new().secrets[0];
    for (owner, signature) in
        [(by_owner.owner(), by_owner.sign(digest)), (validator.address(), validator.sign_as_owner(digest))]
    {
        let OwnerSignature::Ethereum(bytes) = signature else { unreachable!("made by an Ethereum key") };
        assert_eq!(recover(digest, &bytes.0), owner);
    }
}
