//! The keystore keeps what it is given, from everybody who lacks the password.

use super::*;
use myceline_types::{Verifier as _, crypto::CryptoVerifier};
use std::fs;
use tempfile::TempDir;

struct Story {
    folder: TempDir,
}

impl Story {
    fn new() -> Story {
        Story { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("keys.json")
    }

    fn create(&self, password: Option<&str>) -> Keys {
        Keys::create(&self.path(), password.map(password_of).as_ref()).unwrap()
    }

    fn unlock(&self, password: &str) -> Result<Keys, KeystoreError> {
        Keystore::open(&self.path())?.unlock(|| Ok(password_of(password)))
    }

    /// Rewrites the file as somebody would who can write it.
    fn tamper(&self, change: impl FnOnce(&mut serde_json::Value)) {
        let mut value = serde_json::from_slice(&fs::read(self.path()).unwrap()).unwrap();
        change(&mut value);
        fs::write(self.path(), value.to_string()).unwrap();
    }
}

fn password_of(text: &str) -> Password {
    Password::new(text.into())
}

fn damage(result: Result<Keys, KeystoreError>) -> String {
    match result {
        Err(KeystoreError::Document(DocumentError::Damaged { what, .. })) => what,
        other => panic!("expected damage, got {other:?}"),
    }
}

#[test]
fn keys_come_back_and_sign_for_their_owners() {
    let story = Story::new();
    let mut keys = story.create(Some("open sesame"));
    let owners = [keys.generate(KeyKind::Ed25519).unwrap(), keys.generate(KeyKind::Ethereum).unwrap()];
    assert!(Keystore::open(&story.path()).unwrap().owners().eq(owners), "owners are public");

    let keys = story.unlock("open sesame").unwrap();
    let digest = Hash([7; 32]);
    for owner in owners {
        let signature = keys.sign(&owner, digest).unwrap();
        assert!(CryptoVerifier::new().owner(&owner, digest, &signature));
    }
    let stranger = Owner::Ed25519([0; 32]);
    assert!(matches!(keys.sign(&stranger, digest), Err(KeystoreError::NoKey { owner }) if owner == stranger));
}

#[test]
fn a_key_is_added_to_an_unlocked_keystore_once() {
    let story = Story::new();
    let first = story.create(Some("a")).generate(KeyKind::Ed25519).unwrap();
    let mut keys = story.unlock("a").unwrap();
    let secret = OwnerSecret::from_seed([1; 32]);
    let second = keys.add(secret.clone()).unwrap();
    assert_eq!(keys.add(secret).unwrap(), second);
    assert!(story.unlock("a").unwrap().owners().eq([first, second]));
}

#[test]
fn a_wrong_password_is_told_from_damage() {
    let story = Story::new();
    story.create(Some("right")).generate(KeyKind::Ed25519).unwrap();
    assert!(matches!(story.unlock("wrong"), Err(KeystoreError::WrongPassword { .. })));
    assert!(matches!(story.unlock(""), Err(KeystoreError::WrongPassword { .. })));
}

#[test]
fn an_existing_keystore_is_never_replaced() {
    let story = Story::new();
    story.create(Some("a")).generate(KeyKind::Ed25519).unwrap();
    let again = Keys::create(&story.path(), None);
    assert!(matches!(again, Err(KeystoreError::AlreadyThere { .. })));
}

#[test]
fn a_changed_key_is_found() {
    let story = Story::new();
    let owner = story.create(Some("a")).generate(KeyKind::Ed25519).unwrap();
    story.tamper(|file| {
        let secret = file["keys"][0]["secret"].as_str().unwrap();
        let last = if secret.ends_with('0') { "1" } else { "0" };
        file["keys"][0]["secret"] = format!("{}{last}", &secret[..secret.len() - 1]).into();
    });
    assert_eq!(damage(story.unlock("a")), format!("the key of {owner} was changed"));
}

#[test]
fn two_keys_cannot_trade_places() {
    let story = Story::new();
    let mut keys = story.create(Some("a"));
    keys.generate(KeyKind::Ed25519).unwrap();
    keys.generate(KeyKind::Ed25519).unwrap();
    story.tamper(|file| {
        let first = file["keys"][0]["secret"].take();
        file["keys"][0]["secret"] = file["keys"][1]["secret"].take();
        file["keys"][1]["secret"] = first;
    });
    assert!(damage(story.unlock("a")).contains("was changed"));
}

#[test]
fn a_cost_that_would_stall_the_machine_is_refused() {
    for (cost, value) in [("memory_kib", u32::MAX), ("passes", u32::MAX), ("lanes", 1000), ("memory_kib", 0)] {
        let story = Story::new();
        story.create(Some("a")).generate(KeyKind::Ed25519).unwrap();
        story.tamper(|file| file["protection"][cost] = value.into());
        assert_eq!(damage(story.unlock("a")), "the cost of its password is out of bounds");
    }
}

#[test]
fn without_protection_nobody_asks_for_a_password_and_a_wrong_owner_is_found() {
    let story = Story::new();
    let owner = story.create(None).generate(KeyKind::Ethereum).unwrap();
    let unlock = || {
        let keystore = Keystore::open(&story.path()).unwrap();
        assert!(!keystore.is_encrypted());
        keystore.unlock(|| panic!("nobody asks"))
    };
    assert!(unlock().unwrap().owners().eq([owner]));
    story.tamper(|file| file["keys"][0]["owner"] = Owner::Ethereum([1; 20]).to_string().into());
    assert!(damage(unlock()).contains("was changed"));
}

#[test]
fn nothing_secret_is_shown_or_written() {
    let story = Story::new();
    let mut keys = story.create(Some("open sesame"));
    let secret = OwnerSecret::from_seed([1; 32]);
    let bytes = hex::encode(*exposed(&secret));
    keys.add(secret).unwrap();
    let keystore = Keystore::open(&story.path()).unwrap();
    let shown = format!("{keys:?} {keystore:?} {:?}", password_of("open sesame"));
    let written = fs::read_to_string(story.path()).unwrap();
    for secret in [&bytes, "open sesame"] {
        assert!(!shown.contains(secret) && !written.contains(secret));
    }
}
