//! How many exchanges it takes until a block is final: the table of the specification, counted on real machines.

use crate::{
    kit::*,
    network::{Ending, Network, other_device},
};
use myceline_consensus::Move;
use myceline_types::{BlockHash, Round};

/// The committees of the table: name, weights, f, p.
const COMMITTEES: [(&str, &[u64], u64, u64); 4] = [
    ("4 validators, p = 0", &[1; 4], 1, 0),
    ("5 validators, p = 0", &[1; 5], 1, 0),
    ("6 validators, p = 1", &[1; 6], 1, 1),
    ("weights 1,1,1,1,2, p = 1", &[1, 1, 1, 1, 2], 1, 1),
];

/// Runs `story` on each committee, first with everybody answering, then with one validator of weight 1 silent. Expects the
/// fewest and the most exchanges of both, one text for each committee.
fn check(pattern: &str, story: impl Fn(&World, &[u8], &mut Vec<Ending>), expected: [&str; 4]) {
    for ((name, weights, faulty, slow), expected) in COMMITTEES.into_iter().zip(expected) {
        let world = World { committee: committee(weights, faulty, slow), ownership: rounds(pattern) };
        let told = [&world.everybody()[..], &world.everybody()[1..]].map(|answering| {
            let mut endings = Vec::new();
            story(&world, answering, &mut endings);
            assert!(endings.iter().all(|ending| ending.block.is_some()), "{name}: {endings:?}");
            let exchanges = || endings.iter().map(|ending| ending.exchanges);
            let (fewest, most) = (exchanges().min().unwrap_or(0), exchanges().max().unwrap_or(0));
            if fewest == most { most.to_string() } else { format!("{fewest} to {most}") }
        });
        assert_eq!(told.join(", then "), expected, "{pattern}, {name}");
    }
}

/// One client makes block `number` on a chain that nobody has touched.
fn alone(number: i8) -> impl Fn(&World, &[u8], &mut Vec<Ending>) {
    move |world, answering, endings| {
        let mut network = Network::new(world, answering);
        let mut client = network.client(Some(&header(number)));
        endings.push(network.run(&mut client));
    }
}

/// Every way in which some validators voted for another device's block in round 0, before this client proposes its own.
/// Those ways count in which the other block has a quorum of votes, or those in which it has not.
fn two_devices(other_has_quorum: bool) -> impl Fn(&World, &[u8], &mut Vec<Ending>) {
    move |world, answering, endings| {
        for split in 1..1usize << answering.len() {
            let mut network = Network::new(world, answering);
            let voters: Vec<usize> = (0..answering.len()).filter(|index| split >> index & 1 == 1).collect();
            let weight: u64 = voters.iter().map(|index| world.committee.weight(answering[*index])).sum();
            if (weight >= world.committee.quorum()) != other_has_quorum {
                continue;
            }
            voters.into_iter().for_each(|index| other_device(&mut network, index));
            let mut client = network.client(Some(&header(1)));
            client.see_header(&header(2));
            let ending = network.run(&mut client);
            assert!(!other_has_quorum || ending.block == Some(block(2)), "R28: finish that block first");
            endings.push(ending);
        }
    }
}

#[test]
fn a_fast_owner_needs_one_exchange_or_two() {
    check("FMMS", alone(1), ["1, then 2", "1, then 2", "1, then 1", "1, then 1"]);
}

#[test]
fn a_block_with_oracle_record_needs_two_exchanges() {
    check("FMMS", alone(-1), ["2, then 2", "2, then 2", "2, then 2", "2, then 2"]);
}

#[test]
fn a_chain_without_round_0_needs_two_exchanges() {
    check("MMS", alone(1), ["2, then 2", "2, then 2", "2, then 2", "2, then 2"]);
    check("S", alone(1), ["2, then 2", "2, then 2", "2, then 2", "2, then 2"]);
}

#[test]
fn two_devices_in_round_0_heal_in_four_exchanges() {
    check(
        "FMMS",
        two_devices(false),
        ["2 to 4, then 4", "2 to 4, then 4", "1 to 4, then 2 to 4", "1 to 4, then 2 to 4"],
    );
    check("FS", two_devices(false), ["2 to 4, then 4", "2 to 4, then 4", "1 to 4, then 2 to 4", "1 to 4, then 2 to 4"]);
}

#[test]
fn r28_a_block_that_others_voted_for_is_finished_in_one_exchange_or_two() {
    check(
        "FMMS",
        two_devices(true),
        ["1 to 2, then 2", "1 to 2, then 2", "1 to 2, then 1 to 2", "1 to 2, then 1 to 2"],
    );
}

/// A chain on which one validator confirmed block 2 in `round`, and left that round with so many others that the rest, who
/// saw nothing of it, are too few to confirm.
fn left_after_confirming<'a>(world: &'a World, answering: &[u8], round: u32) -> Network<'a> {
    let mut network = Network::new(world, answering);
    network.deliver(0, &Move::SendForConfirm(world.validated(round, 2).into_inner()));
    let mut staying = world.committee.total();
    for (index, signer) in answering.iter().enumerate() {
        if staying >= world.committee.quorum() {
            network.machines[index].1.on_timeout_certificate(&world.terms(), NOW, &world.idle_timeout(round - 1));
            network.deliver(index, &Move::AskTimeout { round: Round(round), entry: None, left: Vec::new() });
            staying -= world.committee.weight(*signer);
        }
    }
    network
}

/// A client that comes to such a chain, asking first or proposing at once.
fn comes_later(round: u32, asks: bool) -> impl Fn(&World, &[u8], &mut Vec<Ending>) {
    move |world, answering, endings| {
        let mut network = left_after_confirming(world, answering, round);
        let mut client = network.client(Some(&header(1)));
        if asks {
            network.ask(&mut client);
        }
        let ending = network.run(&mut client);
        endings.push(Ending { exchanges: ending.exchanges + u32::from(asks), ..ending });
    }
}

#[test]
fn an_unknown_state_with_a_multi_leader_round_next_needs_three_exchanges() {
    check("MMMS", comes_later(1, true), ["3, then 3", "3, then 3", "3, then 3", "3, then 3"]);
    check("MMMS", comes_later(1, false), ["3, then 3", "3, then 3", "3, then 3", "3, then 3"]);
}

#[test]
fn an_unknown_state_in_any_round_needs_four_exchanges() {
    check("SS", comes_later(3, true), ["4, then 4", "4, then 4", "4, then 4", "4, then 4"]);
    check("FS", comes_later(2, true), ["4, then 4", "4, then 4", "4, then 4", "4, then 4"]);
}

#[test]
fn each_silent_leader_costs_one_exchange() {
    let world = World { ownership: owned_by("S", &[ANN, BOB]), ..World::four("S") };
    let mut rounds = (1..).map(Round).take_while(|round| world.terms().leader(*round) == Some(BOB)).count();
    let mut network = Network::new(&world, &[0, 1, 2]);
    let mut client = network.client(Some(&header(1)));
    let ending = network.run(&mut client);
    rounds += 2;
    assert_eq!(ending, Ending { exchanges: u32::try_from(rounds).unwrap(), block: Some(block(1)) });
}

#[test]
fn an_only_block_is_final_whoever_made_it() {
    let is_known = |hash: Option<BlockHash>| [Some(block(1)), Some(block(2))].contains(&hash);
    let world = World::four("FMMS");
    for split in 0..16usize {
        let mut network = Network::new(&world, &[0, 1, 2, 3]);
        (0..4).filter(|index| split >> index & 1 == 1).for_each(|index| other_device(&mut network, index));
        let mut one = network.client(Some(&header(1)));
        let mut two = network.client(Some(&header(2)));
        let (first, second) = (network.run(&mut one), network.run(&mut two));
        assert!(is_known(first.block));
        assert_eq!(first.block, second.block, "split {split:04b}");
    }
}
