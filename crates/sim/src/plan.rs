//! What a seed decides before anything happens: the network, who takes part, how bad the weather is, who is dishonest.

use crate::{byzantine::Behaviour, dice::Dice};
use myceline_node::{InvalidNetwork, Network};
use myceline_types::{
    Amount, ChainConfig, ChainId, Committee, Genesis, Hash, OwnerSecret, OwnerSet, Ownership, Permissions, Policy,
    Prices, Resilience, Timestamp, Validator, ValidatorSecret, genesis::PROTOCOL_VERSION, ownership::DEFAULT_WEIGHT,
};
use std::collections::{BTreeMap, BTreeSet};

/// When simulations begin, in microseconds since the Unix epoch.
pub const BEGINNING: Timestamp = Timestamp(1_700_000_000_000_000);
/// What each chain begins with.
const BALANCE: Amount = Amount::from_tokens(1_000);

/// Of so many seeds one tells a story in fair weather, in which a validator is away from the beginning to the end: there a
/// quorum answers at any time, and nobody may be told that none does.
const FAIR_EVERY: u64 = 8;

/// A defect that is put in on purpose, to see that it is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Mutation {
    /// Two of four validators vote for anything: one more than may.
    TwoEquivocators,
    /// The disks of validators say that they have synced and have not.
    LyingValidatorDisks,
    /// The disks of devices do.
    LyingDeviceDisks,
    /// Validators lose inbox entries now and then.
    DroppedInbox,
    /// An honest validator's log of votes is lost in every crash.
    LostVotes,
}

/// Faults for as long as the storm lasts.
#[derive(Clone, Debug)]
pub struct Weather {
    /// Messages lost, of a thousand.
    pub loss: u64,
    /// Requests that arrive twice, of a thousand.
    pub twice: u64,
    /// The longest way of a message, in milliseconds.
    pub delay_ms: u64,
    /// The longest fsync, in milliseconds.
    pub disk_ms: u64,
    /// Validators that take so many times longer.
    pub slow: BTreeMap<u8, u64>,
    /// Milliseconds between crashes, partitions and failing disks, at most.
    pub calm_ms: u64,
    /// How long the storm lasts, in milliseconds.
    pub lasts_ms: u64,
    /// Whether there is no storm at all.
    pub is_fair: bool,
}

/// Everything that a seed decides at the beginning.
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// What was broken on purpose.
    pub mutation: Option<Mutation>,
    /// The secrets of the validators, in the committee's order.
    pub validators: Vec<ValidatorSecret>,
    /// Those who are dishonest, and how.
    pub dishonest: BTreeMap<u8, Behaviour>,
    /// The secrets of the owners.
    pub owners: Vec<OwnerSecret>,
    /// Which owner uses each device.
    pub devices: Vec<usize>,
    /// By how many milliseconds the clocks of validators and then of devices are late.
    pub late_ms: Vec<u64>,
    /// How often each device wants something.
    pub wishes: u64,
    /// The storm.
    pub weather: Weather,
    /// The owners of each chain of genesis.
    ownerships: Vec<Ownership>,
}

impl Plan {
    /// What a seed decides.
    pub fn new(seed: u64, mutation: Option<Mutation>, dice: &mut Dice) -> Plan {
        let count = if dice.chance(150) { 6 } else { 4 };
        let owners: Vec<OwnerSecret> = (0..dice.between(2, 3)).map(|number| owner(seed, number)).collect();
        // One owner has two devices; any of the others has one.
        let devices: Vec<usize> = [0].into_iter().chain(0..owners.len()).collect();
        let ownerships = (0..owners.len()).map(|index| ownership(dice, &owners, index)).collect();
        let clocks = usize::from(count) + devices.len();
        let is_fair = seed % FAIR_EVERY == FAIR_EVERY - 1 && mutation.is_none();
        let late_ms = (0..clocks).map(|_| if dice.chance(300) { dice.below(1500) } else { dice.below(3) }).collect();
        Plan {
            seed,
            mutation,
            validators: (0..count).map(|place| ValidatorSecret::from_seed([place + 1; 32])).collect(),
            dishonest: if is_fair { away(count, dice) } else { dishonest(mutation, count, dice) },
            owners,
            devices,
            late_ms,
            wishes: dice.between(3, 7),
            weather: Weather::new(count, is_fair, dice),
            ownerships,
        }
    }

    /// The network.
    pub fn network(&self) -> Result<Network, InvalidNetwork> {
        let member = |secret: &ValidatorSecret| Validator {
            key: secret.public(),
            account: secret.address(),
            weight: 1,
            address: String::new(),
        };
        let resilience = if self.validators.len() == 6 { Resilience::Fast } else { Resilience::Classic };
        let chain = |ownership: &Ownership| ChainConfig {
            ownership: ownership.clone(),
            permissions: Permissions::default(),
            balance: BALANCE,
        };
        let members = self.validators.iter().map(member).collect();
        let prices = Prices { operation: Amount(3), message: Amount(1), ..Prices::default() };
        Network::new(Genesis {
            name: "simulation".into(),
            protocol: PROTOCOL_VERSION,
            timestamp: Timestamp(1),
            committee: Committee::new(members, resilience).expect("four or six equal validators may be a committee"),
            policy: Policy { prices, ..Policy::default() },
            chains: self.ownerships.iter().map(chain).collect(),
            salt: Hash::of_parts(&[&self.seed.to_be_bytes()]),
        })
    }

    /// The chains of genesis that a device may propose on.
    pub fn chains_of(&self, device: u8, network: &Network) -> Vec<ChainId> {
        let owner = self.owners[self.devices[usize::from(device)]].owner();
        let is_theirs = |(_, ownership): &(ChainId, &Ownership)| ownership.is_owner(&owner);
        let chains = network.genesis().descriptions().map(|description| description.id());
        chains.zip(&self.ownerships).filter(is_theirs).map(|(chain, _)| chain).collect()
    }
}

impl Weather {
    fn new(validators: u8, is_fair: bool, dice: &mut Dice) -> Weather {
        let is_bad = dice.chance(700);
        let slow = (0..validators).filter(|_| dice.chance(100)).map(|place| (place, 20));
        Weather {
            slow: slow.collect(),
            loss: if is_bad { dice.below(60) } else { 0 },
            twice: if is_bad { dice.below(60) } else { 0 },
            delay_ms: dice.between(1, 12),
            disk_ms: dice.between(0, 6),
            calm_ms: dice.between(100, 1500),
            lasts_ms: if is_fair { 0 } else { dice.between(1_000, 8_000) },
            is_fair,
        }
    }
}

fn owner(seed: u64, number: u64) -> OwnerSecret {
    OwnerSecret::from_seed(Hash::of_parts(&[b"owner", &seed.to_be_bytes(), &number.to_be_bytes()]).0)
}

/// A chain with a fast round, without one, or shared by two owners.
fn ownership(dice: &mut Dice, owners: &[OwnerSecret], index: usize) -> Ownership {
    let (me, other) = (owners[index].owner(), owners[(index + 1) % owners.len()].owner());
    let multi_leader_rounds = u32::try_from(dice.below(4)).unwrap_or_default();
    match dice.below(10) {
        0..5 => Ownership::single_fast(me),
        5 => Ownership::single(me),
        6 | 7 => Ownership::owners(OwnerSet {
            fast: BTreeSet::from([me]),
            regular: BTreeMap::from([(other, DEFAULT_WEIGHT)]),
            multi_leader_rounds,
            open_multi_leader: false,
        }),
        8 => Ownership::owners(OwnerSet {
            fast: BTreeSet::from([me, other]),
            multi_leader_rounds,
            ..OwnerSet::default()
        }),
        _ => Ownership::owners(OwnerSet {
            regular: BTreeMap::from([(me, DEFAULT_WEIGHT), (other, DEFAULT_WEIGHT)]),
            multi_leader_rounds,
            ..OwnerSet::default()
        }),
    }
}

fn dishonest(mutation: Option<Mutation>, validators: u8, dice: &mut Dice) -> BTreeMap<u8, Behaviour> {
    if mutation == Some(Mutation::TwoEquivocators) {
        return BTreeMap::from([(0, Behaviour::Equivocates), (1, Behaviour::Equivocates)]);
    }
    let behaviour = match dice.below(6) {
        0 => Behaviour::Silent,
        1 => Behaviour::Equivocates,
        _ => return BTreeMap::new(),
    };
    BTreeMap::from([(anybody(validators, dice), behaviour)])
}

/// One of them is away, or takes what it is sent and says nothing.
fn away(validators: u8, dice: &mut Dice) -> BTreeMap<u8, Behaviour> {
    let behaviour = if dice.chance(500) { Behaviour::Away } else { Behaviour::Silent };
    BTreeMap::from([(anybody(validators, dice), behaviour)])
}

fn anybody(validators: u8, dice: &mut Dice) -> u8 {
    u8::try_from(dice.below(validators.into())).unwrap_or_default()
}
