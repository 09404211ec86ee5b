//! What hashes and signatures cost on one core: the table of docs/performance/crypto.md.
//!
//! The best of many short rounds, which on a busy machine comes closest to the cost itself. Not a benchmark of the network.

use base64ct::{Base64UrlUnpadded, Encoding};
use myceline_types::{
    Ballot, BlockHash, BlockHeight, ChainId, CryptoVerifier, Epoch, Hash, Header, NetworkId, Opaque, Owner,
    OwnerSecret, OwnerSignature, Roots, Round, Slot, Timestamp, ValidatorKey, ValidatorSecret, Verifier, Vote,
    VoteSignature,
    crypto::{EthereumSecret, OwnerClaim},
    encoding::ByteArray,
    merkle,
    proposal::proposal_digest,
};
use p256::ecdsa::{Signature, SigningKey, signature::hazmat::PrehashSigner};
use sha2::{Digest as _, Sha256};
use std::{hint::black_box, time::Instant};

const NETWORK: NetworkId = NetworkId(Hash([1; 32]));
const BLOCK: BlockHash = BlockHash(Hash([2; 32]));
const SLOT: Slot = Slot { chain: ChainId(Hash([3; 32])), height: BlockHeight(7), epoch: Epoch(0) };
/// Votes of a full batch, and owners' signatures of a frame.
const BATCH: usize = 32;
const FRAME: usize = 64;

/// How long a round takes at least, and how many there are.
const ROUND_MICROS: u128 = 5_000;
const ROUNDS: usize = 60;

fn main() {
    println!("| what | µs |\n|---|---|");
    hashes();
    votes();
    owners();
}

/// Prints the cost of one of the `parts` that `work` does at once.
fn row<T>(name: &str, parts: usize, mut work: impl FnMut() -> T) {
    let mut round = |repeats: u32| {
        let start = Instant::now();
        (0..repeats).for_each(|_| drop(black_box(work())));
        start.elapsed()
    };
    let mut repeats = 1;
    while round(repeats).as_micros() < ROUND_MICROS {
        repeats *= 2;
    }
    let best = (0..ROUNDS).map(|_| round(repeats)).min().unwrap_or_default();
    let parts = u32::try_from(parts).unwrap_or(u32::MAX);
    println!("| {name} | {:.2} |", best.as_secs_f64() * 1e6 / f64::from(repeats) / f64::from(parts));
}

fn hashes() {
    let header = Header {
        chain: SLOT.chain,
        epoch: SLOT.epoch,
        height: SLOT.height,
        timestamp: Timestamp(1),
        previous: Some(BLOCK),
        author: Some(Owner::Ed25519([4; 32])),
        roots: Roots::default(),
    };
    row("Keccak-256 of 32 bytes", 1, || Hash::of_parts(&[&[7; 32]]));
    row("Keccak-256 of 64 KiB", 1, || Hash::of_parts(&[&[7; 65_536]]));
    let node: [&[u8]; 3] = [&[1], &[7; 32], &[8; 32]];
    row("node of a tree, alone", 1, || Hash::of_parts(&node));
    row("node of a tree, 8 side by side, each", 8, || Hash::of_each(&[node; 8]));
    row("hash of a header (16 words)", 1, || header.hash());
    row("leaf of a vote (9 words)", 1, || vote(0).leaf(NETWORK));
    row("digest of a proposal", 1, || proposal_digest(NETWORK, SLOT, Round(0), BLOCK));
}

fn vote(height: u64) -> Vote {
    let slot = Slot { height: BlockHeight(height), ..SLOT };
    Vote { slot, round: Round(0), ballot: Ballot::Validate(BLOCK) }
}

fn votes() {
    let secret = ValidatorSecret::from_seed([5; 32]);
    let leaves: Vec<Hash> = (0..BATCH as u64).map(|height| vote(height).leaf(NETWORK)).collect();
    row(&format!("tree of {BATCH} votes with all paths, each vote"), BATCH, || merkle::top_and_paths(&leaves));
    let (top, paths) = merkle::top_and_paths(&leaves);
    row("sign a batch of votes", 1, || secret.sign_batch(NETWORK, top));

    let alone = VoteSignature { signature: secret.sign_batch(NETWORK, leaves[0]), path: merkle::Path::default() };
    let in_batch = VoteSignature { signature: secret.sign_batch(NETWORK, top), path: paths[0].clone() };
    let key = secret.public();
    row("check a vote signed alone", 1, || check(&CryptoVerifier::new(), &key, leaves[0], &alone));
    row("check a vote of a new batch", 1, || check(&CryptoVerifier::new(), &key, leaves[0], &in_batch));
    let warm = CryptoVerifier::new();
    row("check it again, signed alone", 1, || check(&warm, &key, leaves[0], &alone));
    row(&format!("check a vote under a remembered root of {BATCH}"), 1, || check(&warm, &key, leaves[0], &in_batch));
}

fn check(verifier: &CryptoVerifier, key: &ValidatorKey, leaf: Hash, signature: &VoteSignature) {
    assert!(verifier.vote(NETWORK, key, leaf, signature));
}

fn owners() {
    let digest = Hash([6; 32]);
    let simple = OwnerSecret::from_seed([7; 32]);
    let wallet = OwnerSecret::Ethereum(EthereumSecret::from_seed([7; 32]));
    row("sign as an Ed25519 owner", 1, || simple.sign(digest));
    row("check an Ed25519 owner", 1, checking(simple.owner(), digest, simple.sign(digest)));
    frames();
    let warm = CryptoVerifier::new();
    assert!(warm.owner(&simple.owner(), digest, &simple.sign(digest)));
    let (owner, signature) = (simple.owner(), simple.sign(digest));
    row("check it again", 1, || assert!(warm.owner(&owner, digest, &signature)));
    row("sign as an Ethereum owner", 1, || wallet.sign(digest));
    row("check an Ethereum owner", 1, checking(wallet.owner(), digest, wallet.sign(digest)));
    let (owner, signature) = passkey(digest);
    row("check a passkey", 1, checking(owner, digest, signature));
}

/// Asks a verifier that knows nothing.
fn checking(owner: Owner, digest: Hash, signature: OwnerSignature) -> impl FnMut() {
    move || assert!(CryptoVerifier::new().owner(&owner, digest, &signature))
}

/// Proposals of many owners that come in one frame.
fn frames() {
    let signed = (0..FRAME as u64).map(|seed| {
        let secret = OwnerSecret::from_seed(Hash::of_parts(&[&seed.to_le_bytes()]).0);
        let digest = Hash::of_parts(&[b"digest", &seed.to_le_bytes()]);
        (secret.owner(), digest, secret.sign(digest))
    });
    let signed: Vec<(Owner, Hash, OwnerSignature)> = signed.collect();
    let claims: Vec<OwnerClaim<'_>> =
        signed.iter().map(|(owner, digest, signature)| OwnerClaim { owner, digest: *digest, signature }).collect();
    for size in [2, 4, 8, 16, 32, FRAME] {
        row(&format!("check {size} Ed25519 owners at once, each"), size, || {
            assert!(CryptoVerifier::new().verify_owner_batch(&claims[..size]).iter().all(|holds| *holds));
        });
    }
}

fn passkey(digest: Hash) -> (Owner, OwnerSignature) {
    let key = SigningKey::from_slice(&[8; 32]).expect("a number below the order");
    let challenge = Base64UrlUnpadded::encode_string(&digest.0);
    let page = format!(r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"https://wallet.example"}}"#);
    let data = [&[9; 32][..], &[1, 0, 0, 0, 1]].concat();
    let signed = Sha256::new().chain_update(&data).chain_update(Sha256::digest(&page)).finalize();
    let signature: Signature = key.sign_prehash(&signed).expect("32 bytes");
    let signature = OwnerSignature::Passkey {
        authenticator_data: Opaque(data),
        client_data_json: Opaque(page.into_bytes()),
        signature: ByteArray(signature.normalize_s().to_bytes().into()),
    };
    let public = key.verifying_key().to_sec1_point(true);
    (Owner::Passkey(public.as_bytes().try_into().expect("33 bytes")), signature)
}
