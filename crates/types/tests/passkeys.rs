//! Passkeys: what an authenticator must have been asked, and the many ways in which an assertion can fall short.

use base64ct::{Base64UrlUnpadded, Encoding};
use myceline_types::{CryptoVerifier, Hash, Opaque, Owner, OwnerSignature, Verifier, encoding::ByteArray};
use p256::ecdsa::{Signature, SigningKey, signature::hazmat::PrehashSigner};
use sha2::{Digest as _, Sha256};

const DIGEST: Hash = Hash([0xa5; 32]);

/// An authenticator that signs whatever it is given.
struct Authenticator(SigningKey);

impl Authenticator {
    fn new() -> Authenticator {
        Authenticator(SigningKey::from_slice(&[3; 32]).expect("a number below the order"))
    }

    fn owner(&self) -> Owner {
        Owner::Passkey(self.0.verifying_key().to_sec1_point(true).as_bytes().try_into().expect("33 bytes"))
    }

    fn sign(&self, authenticator_data: &[u8], client_data_json: &str) -> OwnerSignature {
        let hash = Sha256::digest(client_data_json);
        let signed = Sha256::new().chain_update(authenticator_data).chain_update(hash).finalize();
        let signature: Signature = self.0.sign_prehash(&signed).expect("32 bytes");
        OwnerSignature::Passkey {
            authenticator_data: Opaque(authenticator_data.to_vec()),
            client_data_json: Opaque(client_data_json.as_bytes().to_vec()),
            signature: ByteArray(signature.normalize_s().to_bytes().into()),
        }
    }
}

/// A hash of the page's domain, flags and a counter.
fn authenticator_data(flags: u8) -> Vec<u8> {
    [&[9; 32][..], &[flags], &[0, 0, 0, 1]].concat()
}

fn client_data(kind: &str, challenge: &str) -> String {
    format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"https://wallet.example","crossOrigin":false}}"#)
}

fn challenge(digest: Hash) -> String {
    Base64UrlUnpadded::encode_string(&digest.0)
}

fn holds(owner: Owner, signature: &OwnerSignature) -> bool {
    CryptoVerifier::new().owner(&owner, DIGEST, signature)
}

#[test]
fn an_assertion_is_accepted_only_if_a_person_agreed_to_this_digest() {
    let authenticator = Authenticator::new();
    let check = |name: &str, data: &[u8], json: &str, expected: bool| {
        assert_eq!(holds(authenticator.owner(), &authenticator.sign(data, json)), expected, "{name}");
    };
    let (present, honest) = (authenticator_data(1), client_data("webauthn.get", &challenge(DIGEST)));
    check("honest", &present, &honest, true);
    check("verified as well", &authenticator_data(5), &honest, true);
    check("with extensions", &[&present[..], &[0xa0; 40]].concat(), &honest, true);
    check("nobody there", &authenticator_data(0), &honest, false);
    check("nobody there, but verified", &authenticator_data(4), &honest, false);
    check("no counter", &present[..36], &honest, false);
    check("no flags", &present[..32], &honest, false);
    check("nothing", &[], &honest, false);
    check("absurdly long data", &[&present[..], &[0; 1000]].concat(), &honest, false);
    check("a new key", &present, &client_data("webauthn.create", &challenge(DIGEST)), false);
    check("another digest", &present, &client_data("webauthn.get", &challenge(Hash([1; 32]))), false);
    check("padded", &present, &client_data("webauthn.get", &format!("{}=", challenge(DIGEST))), false);
    check("hexadecimal", &present, &client_data("webauthn.get", &DIGEST.to_string()), false);
    check("in another order", &present, &honest.replace("\"type\":\"webauthn.get\",", ""), false);
    check("with a space", &present, &honest.replace("\":\"", "\": \""), false);
    check("a challenge inside another string", &present, &format!("{{\"origin\":\"{honest}\"}}"), false);
    check("empty", &present, "", false);
    check("absurdly long page", &present, &honest.replace("wallet", &"w".repeat(4096)), false);
}

#[test]
fn only_the_low_s_of_the_right_key_passes() {
    let authenticator = Authenticator::new();
    let honest = authenticator.sign(&authenticator_data(1), &client_data("webauthn.get", &challenge(DIGEST)));
    let OwnerSignature::Passkey { authenticator_data, client_data_json, signature } = honest.clone() else {
        unreachable!("made by an authenticator")
    };
    let with = |signature: [u8; 64]| OwnerSignature::Passkey {
        authenticator_data: authenticator_data.clone(),
        client_data_json: client_data_json.clone(),
        signature: ByteArray(signature),
    };
    assert!(holds(authenticator.owner(), &honest));
    let low = Signature::from_slice(&signature.0).unwrap();
    let high = Signature::from_scalars(low.r(), -low.s()).unwrap();
    assert!(!holds(authenticator.owner(), &with(high.to_bytes().into())), "high s");
    for bit in (0..512).step_by(7) {
        let mut bent = signature.0;
        bent[bit / 8] ^= 1 << (bit % 8);
        assert!(!holds(authenticator.owner(), &with(bent)));
    }
    assert!(!holds(authenticator.owner(), &with([0; 64])));
    assert!(!holds(authenticator.owner(), &with([0xff; 64])));
}

#[test]
fn a_key_has_one_form() {
    let authenticator = Authenticator::new();
    let signature = authenticator.sign(&authenticator_data(1), &client_data("webauthn.get", &challenge(DIGEST)));
    let Owner::Passkey(key) = authenticator.owner() else { unreachable!("a passkey") };
    assert!(holds(Owner::Passkey(key), &signature));
    for tag in (0..=255).filter(|tag| *tag != key[0]) {
        let mut other = key;
        other[0] = tag;
        assert!(!holds(Owner::Passkey(other), &signature), "tag {tag}");
    }
    assert!(!holds(Owner::Passkey([2; 33]), &signature), "another key");
}
