//! Owners' signatures through the public interface: each scheme accepts one written form, and batches agree with singles.

use curve25519_dalek::{EdwardsPoint, Scalar, constants, edwards::CompressedEdwardsY, traits::IsIdentity};
use myceline_types::{
    ApplicationId, CryptoVerifier, Hash, Owner, OwnerSecret, OwnerSignature, Verifier,
    crypto::{EthereumSecret, OwnerClaim},
    encoding::ByteArray,
};
use proptest::prelude::*;
use sha2::{Digest as _, Sha512};

/// Somebody's say about what somebody signed.
#[derive(Clone)]
struct Claim {
    owner: Owner,
    digest: Hash,
    signature: OwnerSignature,
}

impl Claim {
    fn honest(seed: u8) -> Claim {
        let secret = OwnerSecret::from_seed([seed; 32]);
        let digest = Hash([seed; 32]);
        Claim { owner: secret.owner(), digest, signature: secret.sign(digest) }
    }

    fn ed25519(key: [u8; 32], digest: Hash, r: [u8; 32], s: [u8; 32]) -> Claim {
        let signature =
            OwnerSignature::Ed25519(ByteArray(std::array::from_fn(|at| if at < 32 { r[at] } else { s[at - 32] })));
        Claim { owner: Owner::Ed25519(key), digest, signature }
    }

    fn as_ref(&self) -> OwnerClaim<'_> {
        OwnerClaim { owner: &self.owner, digest: self.digest, signature: &self.signature }
    }

    fn holds_alone(&self) -> bool {
        CryptoVerifier::new().owner(&self.owner, self.digest, &self.signature)
    }
}

fn batch(verifier: &CryptoVerifier, claims: &[Claim]) -> Vec<bool> {
    let claims: Vec<OwnerClaim<'_>> = claims.iter().map(Claim::as_ref).collect();
    verifier.verify_owner_batch(&claims)
}

/// What a claim is worth alone, which must be what it is worth among others, where the one equation decides.
fn holds(claim: &Claim) -> bool {
    let alone = claim.holds_alone();
    let among = [Claim::honest(1), claim.clone(), Claim::honest(2)];
    assert_eq!(batch(&CryptoVerifier::new(), &among), [true, alone, true]);
    alone
}

/// Every way to write a point of small order: the shortest one, and those with a sign where x is zero or y + p.
fn small_order_points() -> Vec<[u8; 32]> {
    let mut forms = Vec::new();
    for point in constants::EIGHT_TORSION {
        let shortest = point.compress().0;
        let mut longer = shortest;
        // p is 2^255 - 19: only y below 19 leaves room, and of those points it is 0 or 1.
        longer[0] = longer[0].wrapping_add(0xed);
        longer[1..31].fill(0xff);
        longer[31] |= 0x7f;
        let is_below_19 = shortest[0] < 19 && shortest[1..31] == [0; 30] && shortest[31] & 0x7f == 0;
        for form in [Some(shortest), is_below_19.then_some(longer)].into_iter().flatten() {
            let mut other_sign = form;
            other_sign[31] ^= 0x80;
            forms.extend([form, other_sign]);
        }
    }
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// The hash that an Ed25519 signature is bound to, as a number.
fn challenge(r: [u8; 32], key: [u8; 32], digest: Hash) -> Scalar {
    let hash: [u8; 64] = Sha512::new().chain_update(r).chain_update(key).chain_update(digest.0).finalize().into();
    Scalar::from_bytes_mod_order_wide(&hash)
}

#[test]
fn zip_215_accepts_small_order_points_in_every_form_alone_and_in_batches() {
    let points = small_order_points();
    assert_eq!(points.len(), 14, "the eight points have fourteen forms");
    for point in &points {
        assert!(CompressedEdwardsY(*point).decompress().unwrap().mul_by_cofactor().is_identity());
    }
    let claims: Vec<Claim> =
        points.iter().flat_map(|key| points.iter().map(|r| Claim::ed25519(*key, Hash([7; 32]), *r, [0; 32]))).collect();
    assert!(claims.iter().all(Claim::holds_alone));
    assert!(batch(&CryptoVerifier::new(), &claims).into_iter().all(|holds| holds));
    assert!(claims.iter().step_by(17).all(holds));
}

#[test]
fn zip_215_accepts_a_key_and_a_nonce_with_parts_of_small_order() {
    let (secret, nonce, digest) = (Scalar::from(123_456_u64), Scalar::from(654_321_u64), Hash([5; 32]));
    for (torsion_of_key, torsion_of_nonce) in [(1, 0), (0, 1), (1, 3), (4, 4)] {
        let with_torsion = |scalar: Scalar, index: usize| -> [u8; 32] {
            (EdwardsPoint::mul_base(&scalar) + constants::EIGHT_TORSION[index]).compress().0
        };
        let (key, r) = (with_torsion(secret, torsion_of_key), with_torsion(nonce, torsion_of_nonce));
        let s = nonce + challenge(r, key, digest) * secret;
        assert!(holds(&Claim::ed25519(key, digest, r, s.to_bytes())));
        let wrong = s + Scalar::ONE;
        assert!(!holds(&Claim::ed25519(key, digest, r, wrong.to_bytes())));
    }
}

#[test]
fn a_second_form_of_an_ed25519_signature_is_refused() {
    let honest = Claim::honest(9);
    let OwnerSignature::Ed25519(ByteArray(bytes)) = honest.signature else { unreachable!("made by an Ed25519 secret") };
    // s plus the order of the group, little-endian.
    let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
    let mut longer = bytes;
    let mut carry = 0;
    for (byte, add) in longer[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert!(holds(&honest));
    assert!(!holds(&Claim { signature: OwnerSignature::Ed25519(ByteArray(longer)), ..honest }));
}

#[test]
fn one_culprit_in_a_batch_is_found_and_the_others_hold() {
    let mut claims: Vec<Claim> = (0..64).map(Claim::honest).collect();
    assert_eq!(batch(&CryptoVerifier::new(), &claims), [true; 64]);
    claims[17].digest = Hash([18; 32]);
    claims[42].owner = claims[43].owner;
    let mut expected = [true; 64];
    expected[17] = false;
    expected[42] = false;
    assert_eq!(batch(&CryptoVerifier::new(), &claims), expected);
    assert_eq!(batch(&CryptoVerifier::new(), &[]), [false; 0]);
}

/// Two false claims whose errors cancel if added up plainly: the coefficients must keep them apart.
#[test]
fn errors_that_cancel_each_other_are_found() {
    let shift = |claim: &Claim, by: Scalar| {
        let (Owner::Ed25519(key), OwnerSignature::Ed25519(ByteArray(bytes))) = (claim.owner, &claim.signature) else {
            unreachable!("made by an Ed25519 secret")
        };
        let s = Scalar::from_canonical_bytes(bytes[32..].try_into().unwrap()).unwrap() + by;
        Claim::ed25519(key, claim.digest, bytes[..32].try_into().unwrap(), s.to_bytes())
    };
    let claims = [shift(&Claim::honest(1), Scalar::ONE), shift(&Claim::honest(2), -Scalar::ONE)];
    assert_eq!(batch(&CryptoVerifier::new(), &claims), [false, false]);
}

#[test]
fn what_a_batch_has_checked_holds_later_and_nothing_else_does() {
    let verifier = CryptoVerifier::new();
    let honest = Claim::honest(3);
    let false_claim = Claim { digest: Hash([4; 32]), ..honest.clone() };
    for _ in 0..2 {
        assert_eq!(batch(&verifier, &[honest.clone(), false_claim.clone()]), [true, false]);
        assert!(verifier.owner(&honest.owner, honest.digest, &honest.signature));
        assert!(!verifier.owner(&false_claim.owner, false_claim.digest, &false_claim.signature));
        assert!(!verifier.owner(&Claim::honest(4).owner, honest.digest, &honest.signature));
    }
}

#[test]
fn an_ethereum_owner_signs_with_low_s_and_v_of_27_or_28() {
    let secret = OwnerSecret::Ethereum(EthereumSecret::from_seed([1; 32]));
    let digest = Hash([6; 32]);
    let signature = secret.sign(digest);
    let claim = Claim { owner: secret.owner(), digest, signature: signature.clone() };
    assert!(holds(&claim));
    assert_eq!(secret.sign(digest), signature, "signing is a function");
    let OwnerSignature::Ethereum(ByteArray(bytes)) = signature else { unreachable!("made by an Ethereum secret") };
    for bit in 0..8 * bytes.len() {
        let mut bent = bytes;
        bent[bit / 8] ^= 1 << (bit % 8);
        assert!(!Claim { signature: OwnerSignature::Ethereum(ByteArray(bent)), ..claim.clone() }.holds_alone());
    }
    let without_27 = |v: u8| v - 27;
    let mut parity = bytes;
    parity[64] = without_27(bytes[64]);
    assert!(!holds(&Claim { signature: OwnerSignature::Ethereum(ByteArray(parity)), ..claim.clone() }));
    assert!(!holds(&Claim { digest: Hash([7; 32]), ..claim }));
}

#[test]
fn a_signature_of_another_scheme_or_by_an_application_proves_nothing() {
    let (simple, wallet) = (OwnerSecret::from_seed([1; 32]), OwnerSecret::Ethereum(EthereumSecret::from_seed([1; 32])));
    let digest = Hash([1; 32]);
    let application = Owner::Application(ApplicationId(Hash::ZERO));
    for (owner, secret) in
        [(simple.owner(), &wallet), (wallet.owner(), &simple), (application, &simple), (application, &wallet)]
    {
        assert!(!holds(&Claim { owner, digest, signature: secret.sign(digest) }));
    }
}

#[test]
fn secrets_do_not_show() {
    let secrets = [OwnerSecret::from_seed([1; 32]), OwnerSecret::Ethereum(EthereumSecret::from_seed([1; 32]))];
    for secret in secrets {
        let bytes = match &secret {
            OwnerSecret::Ed25519(secret) => secret.expose(),
            OwnerSecret::Ethereum(secret) => *secret.expose(),
        };
        let shown = format!("{secret:?}");
        assert!(!shown.contains(&hex::encode(&bytes[..4])) && !shown.contains(&format!("{}, {}", bytes[0], bytes[1])));
        assert!(shown.contains(secret.owner().to_string().trim_start_matches("ed25519:")), "the public part: {shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_batch_agrees_with_singles_however_signatures_are_bent(bends in proptest::collection::vec((0..96usize, 0..8u32, any::<bool>()), 1..12)) {
        let claims: Vec<Claim> = (0..).zip(&bends).map(|(seed, (byte, bit, bend))| bent(Claim::honest(seed), *byte, u8::from(*bend) << bit)).collect();
        let alone: Vec<bool> = claims.iter().map(Claim::holds_alone).collect();
        prop_assert_eq!(batch(&CryptoVerifier::new(), &claims), alone);
    }
}

/// The claim with a byte of key or signature changed.
fn bent(mut claim: Claim, byte: usize, by: u8) -> Claim {
    match (&mut claim.owner, &mut claim.signature) {
        (Owner::Ed25519(key), _) if byte < 32 => key[byte] ^= by,
        (_, OwnerSignature::Ed25519(ByteArray(bytes))) => bytes[byte - 32] ^= by,
        _ => unreachable!("made by an Ed25519 secret"),
    }
    claim
}
