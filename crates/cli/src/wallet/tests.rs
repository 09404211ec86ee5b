//! A wallet comes back as it was, finds chains as people mean them, and is used by one command at a time.

use super::*;
use crate::CliError;
use myceline_types::{
    Amount, ChainConfig, Committee, Hash, Ownership, Permissions, Policy, Resilience, Timestamp, Validator,
    ValidatorKey, genesis::PROTOCOL_VERSION,
};
use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

const NOW: Duration = Duration::ZERO;

fn genesis() -> Genesis {
    let account = Owner::Ethereum([1; 20]);
    let validator = Validator { key: ValidatorKey([2; 33]), account, weight: 1, address: "http://[::1]:9000".into() };
    let ownership = Ownership::single_fast(Owner::Ed25519([3; 32]));
    Genesis {
        name: "test".into(),
        protocol: PROTOCOL_VERSION,
        timestamp: Timestamp(1),
        committee: Committee::new(vec![validator], Resilience::Classic).unwrap(),
        policy: Policy::default(),
        chains: vec![ChainConfig { ownership, permissions: Permissions::default(), balance: Amount::ONE }],
        salt: Hash::ZERO,
    }
}

fn id(digits: &str) -> ChainId {
    format!("{digits:0<64}").parse().unwrap()
}

fn named(name: &str) -> WalletChain {
    WalletChain { name: Some(name.into()), owner: None }
}

fn silent(holder: &str) {
    panic!("nobody holds the wallet, not even {holder}");
}

#[test]
fn a_wallet_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Folder::new(folder.path().join("deep/wallet"));
    assert!(matches!(Wallet::open(&folder), Err(WalletError::NoWallet { .. })));

    let mut wallet = Wallet::new(genesis());
    wallet.put(id("aa"), WalletChain { owner: Some(Owner::Ed25519([7; 32])), ..named("ann") }).unwrap();
    wallet.put(id("bb"), WalletChain::default()).unwrap();
    wallet.save(&folder.lock(NOW, silent).unwrap(), &folder).unwrap();
    assert_eq!(Wallet::open(&folder).unwrap(), wallet);
}

#[test]
fn a_chain_is_found_by_name_id_or_beginning() {
    let mut wallet = Wallet::new(genesis());
    wallet.put(id("abcd1"), named("ann")).unwrap();
    wallet.put(id("abcd2"), named("bob")).unwrap();
    assert_eq!(wallet.find("ann").unwrap(), id("abcd1"));
    assert_eq!(wallet.find("abcd2").unwrap(), id("abcd2"));
    assert_eq!(wallet.find(&id("abcd2").to_string()).unwrap(), id("abcd2"));
    assert!(matches!(wallet.find("abcd"), Err(WalletError::Ambiguous { .. })));
    for text in ["carol", "abc", "", &id("ff").to_string()] {
        assert!(matches!(wallet.find(text), Err(WalletError::NoChain { .. })), "{text}");
    }
}

#[test]
fn names_are_unique_and_can_be_typed() {
    let mut wallet = Wallet::new(genesis());
    wallet.put(id("aa"), named("ann")).unwrap();
    wallet.put(id("aa"), named("ann")).unwrap();
    assert!(matches!(wallet.put(id("bb"), named("ann")), Err(WalletError::NameTaken { .. })));
    for name in ["", "a b", "a/b", "tab\t", &"x".repeat(33)] {
        assert!(matches!(wallet.put(id("bb"), named(name)), Err(WalletError::BadName { .. })), "{name}");
    }
    assert_eq!(wallet.chains().len(), 1);
}

#[test]
fn the_first_chain_is_the_default_until_another_is_or_it_is_forgotten() {
    let mut wallet = Wallet::new(genesis());
    assert!(matches!(wallet.default_chain(), Err(WalletError::NoDefault)));
    wallet.put(id("aa"), named("ann")).unwrap();
    wallet.put(id("bb"), named("bob")).unwrap();
    assert_eq!(wallet.default_chain().unwrap(), id("aa"));
    wallet.set_default(id("bb")).unwrap();
    assert_eq!(wallet.forget(id("bb")).unwrap(), named("bob"));
    assert!(matches!(wallet.default_chain(), Err(WalletError::NoDefault)));
    assert!(matches!(wallet.set_default(id("bb")), Err(WalletError::NoChain { .. })));
}

#[test]
fn the_second_command_waits_and_says_for_whom() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = Folder::new(temporary.path().into());
    let held = folder.lock(NOW, silent).unwrap();
    let (said, heard) = mpsc::channel();
    let second = thread::spawn({
        let folder = folder.clone();
        move || folder.lock(Duration::from_secs(60), |holder| said.send(holder.to_owned()).unwrap()).map(drop)
    });
    let holder = heard.recv().unwrap();
    assert!(holder.starts_with(&format!("process {} (", std::process::id())), "{holder}");
    drop(held);
    second.join().unwrap().unwrap();
}

#[test]
fn the_second_command_gives_up_and_names_the_holder() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = Folder::new(temporary.path().into());
    let _held = folder.lock(NOW, silent).unwrap();
    let patience = Duration::from_millis(50);
    let begun = Instant::now();
    let error = CliError::from(folder.lock(patience, |_| ()).unwrap_err());
    assert!(begun.elapsed() >= patience);
    assert_eq!(error.code(), crate::Code::Busy);
    assert!(error.to_string().contains(&format!("is in use by process {}", std::process::id())), "{error}");
}
