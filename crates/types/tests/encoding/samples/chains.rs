//! Samples of ids, numbers, owners, accounts, chains and what a network starts from.

use super::{Samples, hash};
use myceline_types::{
    Account, Amount, ApplicationId, Blob, BlobId, BlobKind, BlockHash, BlockHeight, BundleHash, ChainConfig,
    ChainDescription, ChainId, Committee, Epoch, Genesis, Holder, InvalidOwnership, Leaders, Limits, NetworkId, Opaque,
    Origin, Owner, OwnerSet, Ownership, Permissions, Policy, Prices, Resilience, Round, TimeDelta, Timeouts, Timestamp,
    Validator, ValidatorKey, WebPolicy, encoding::ByteArray,
};

pub fn add(samples: &mut Samples) {
    ids(samples);
    owners(samples);
    networks(samples);
}

fn ids(samples: &mut Samples) {
    samples.one("Hash", hash(1));
    samples.one("NetworkId", NetworkId(hash(2)));
    samples.one("ChainId", ChainId(hash(3)));
    samples.one("BlockHash", BlockHash(hash(4)));
    samples.one("ApplicationId", ApplicationId(hash(5)));
    samples.one("BundleHash", BundleHash(hash(6)));
    samples.one("BlockHeight", BlockHeight(0x0102_0304_0506_0708));
    samples.one("Epoch", Epoch(0x0102_0304));
    samples.one("Round", Round(0x0102_0304));
    samples.one("Timestamp", Timestamp(1_700_000_000_000_000));
    samples.one("TimeDelta", TimeDelta::from_millis(1500));
    samples.one("Amount", Amount::from_tokens(12));
    samples.one("Opaque", Opaque(vec![1, 2, 3]));
    samples.one("ByteArray", ByteArray([7; 20]));
    samples.one("BlobId", BlobId { kind: BlobKind::Committee, hash: hash(7) });
    samples.one("Blob", Blob::data(b"some data".to_vec()));
    samples.variants(
        "BlobKind",
        [
            ("Data", BlobKind::Data),
            ("Committee", BlobKind::Committee),
            ("Contract", BlobKind::Contract),
            ("Service", BlobKind::Service),
            ("Application", BlobKind::Application),
        ],
    );
}

/// An owner of the usual kind.
pub fn owner() -> Owner {
    Owner::Ed25519([0x0a; 32])
}

fn owners(samples: &mut Samples) {
    let application = Owner::Application(ApplicationId(hash(5)));
    samples.variants(
        "Owner",
        [
            ("Ed25519", owner()),
            ("Ethereum", Owner::Ethereum([0x0b; 20])),
            ("Passkey", Owner::Passkey([2; 33])),
            ("Application", application),
        ],
    );
    samples.variants("Holder", [("Chain", Holder::Chain), ("Owner", Holder::Owner(owner()))]);
    samples.one("Account", Account { chain: ChainId(hash(3)), holder: Holder::Owner(owner()) });
    samples.one("OwnerSet", owner_set());
    samples.variants("Leaders", [("Owners", Leaders::Owners(owner_set())), ("Validators", Leaders::Validators)]);
    samples.one("Timeouts", Timeouts::default());
    samples.one("Ownership", ownership());
    samples.variants(
        "InvalidOwnership",
        [
            ("NoOwner", InvalidOwnership::NoOwner),
            ("ZeroWeight", InvalidOwnership::ZeroWeight(owner())),
            ("WeightOverflow", InvalidOwnership::WeightOverflow),
            ("TooManyOwners", InvalidOwnership::TooManyOwners),
            ("ApplicationCannotPropose", InvalidOwnership::ApplicationCannotPropose(application)),
            ("OpenWithoutRounds", InvalidOwnership::OpenWithoutRounds),
            ("ZeroTimeout", InvalidOwnership::ZeroTimeout),
            ("NoGrowth", InvalidOwnership::NoGrowth),
        ],
    );
}

fn owner_set() -> OwnerSet {
    OwnerSet {
        fast: [owner(), Owner::Ed25519([0x0b; 32])].into(),
        regular: [(Owner::Ethereum([0x0b; 20]), 100), (Owner::Passkey([2; 33]), 1)].into(),
        multi_leader_rounds: 5,
        open_multi_leader: false,
    }
}

/// Owners of three kinds.
pub fn ownership() -> Ownership {
    Ownership::owners(owner_set())
}

/// All three lists filled.
pub fn permissions() -> Permissions {
    let applications = |first| vec![ApplicationId(hash(first)), ApplicationId(hash(first + 1))];
    Permissions {
        operations: Some(applications(1)),
        mandatory: applications(3),
        manage_chain: applications(5),
        oracles: Some(applications(7)),
    }
}

/// What somebody opens a chain with.
pub fn config() -> ChainConfig {
    ChainConfig { ownership: ownership(), permissions: permissions(), balance: Amount::from_tokens(3) }
}

/// A chain that another one opened.
pub fn description() -> ChainDescription {
    ChainDescription { origin: child(), epoch: Epoch(1), timestamp: Timestamp(2), config: config() }
}

fn child() -> Origin {
    Origin::Child { parent: ChainId(hash(3)), height: BlockHeight(4), index: 5 }
}

fn validator(byte: u8) -> Validator {
    Validator {
        key: ValidatorKey([byte; 33]),
        account: Owner::Ethereum([byte; 20]),
        weight: 10,
        address: "https://validator.example:443".into(),
    }
}

fn committee() -> Committee {
    Committee::new((1..=6).map(validator).collect(), Resilience::Fast).expect("six equal weights are a committee")
}

fn policy() -> Policy {
    let prices = Prices {
        operation: Amount(1),
        operation_byte: Amount(2),
        message: Amount(3),
        message_byte: Amount(4),
        blob: Amount(5),
        blob_byte: Amount(6),
        chain: Amount(7),
        fuel: Amount(8),
        read: Amount(9),
        read_byte: Amount(10),
        write: Amount(11),
        write_byte: Amount(12),
        event: Amount(13),
        event_byte: Amount(14),
        blob_read: Amount(15),
        blob_read_byte: Amount(16),
        web: Amount(17),
        service: Amount(18),
    };
    Policy { prices, limits: Limits::default(), web: web(), metering: 1 }
}

fn web() -> WebPolicy {
    WebPolicy { servers: vec!["https://api.example:443".into()], allows_private: false, timeout_ms: 3_000 }
}

/// A network of six validators and one chain.
pub fn genesis() -> Genesis {
    Genesis {
        name: "mycelium".into(),
        protocol: 1,
        timestamp: Timestamp(3),
        committee: committee(),
        policy: policy(),
        chains: vec![config()],
        salt: hash(8),
    }
}

fn networks(samples: &mut Samples) {
    samples.one("Permissions", permissions());
    samples.one("ChainConfig", config());
    let root = Origin::Root { network: NetworkId(hash(2)), index: 1 };
    samples.variants("Origin", [("Root", root), ("Child", child())]);
    samples.one("ChainDescription", description());
    samples.one("ValidatorKey", ValidatorKey([3; 33]));
    samples.one("Validator", validator(1));
    samples.one("Committee", committee());
    samples.one("Prices", policy().prices);
    samples.one("Limits", Limits::default());
    samples.one("WebPolicy", web());
    samples.one("Policy", policy());
    samples.one("Genesis", genesis());
}
