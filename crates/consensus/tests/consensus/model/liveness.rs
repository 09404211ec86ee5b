//! From any state that honest validators may be in, an honest client finishes the height: faulty validators are silent, all
//! honest ones answer. It never finishes another block than one that is final already.

use super::scene::Scene;
use crate::{kit::*, network::Network};
use myceline_consensus::{Machine, RoundKind};
use myceline_types::Round;

/// The client's own block, which nobody has seen.
const OWN: i8 = 4;

/// The most exchanges that an honest client needed: one that asks first, and one that proposes at once.
pub type Worst = [u32; 2];

/// Lets a client that asks first, and one that proposes at once, finish the height. `finals` are the bits of the blocks that
/// are final already.
pub fn check(scene: &Scene, machines: &[Machine], finals: u32) -> Result<Worst, String> {
    Ok([finish(scene, machines, finals, true)?, finish(scene, machines, finals, false)?])
}

fn finish(scene: &Scene, machines: &[Machine], finals: u32, asks: bool) -> Result<u32, String> {
    let machines = (0..).zip(machines.iter().cloned());
    let mut network = Network { world: &scene.world, machines: machines.collect(), now: NOW };
    let bound = bound(scene, &network, asks);
    let mut client = network.client(Some(&header(OWN)));
    if asks {
        network.ask(&mut client);
    }
    let ending = network.run(&mut client);
    let exchanges = ending.exchanges + u32::from(asks);
    let Some(finished) = ending.block else { return Err(format!("not finished, asks first: {asks}")) };
    let is_other = |place: usize| finals >> place & 1 == 1 && block(scene.plan.blocks[place]) != finished;
    if (0..scene.plan.blocks.len()).any(is_other) {
        return Err("another block than the final one".into());
    }
    if exchanges > bound { Err(format!("{exchanges} exchanges, asks first: {asks}")) } else { Ok(exchanges) }
}

/// How many exchanges it may take: to ask, to leave the round, to validate, to confirm; where a multi-leader round is next and
/// need not wait for round 0 to be left, nothing is left. Who does not ask may try twice in vain before.
fn bound(scene: &Scene, network: &Network<'_>, asks: bool) -> u32 {
    let terms = scene.world.terms();
    let round = network.machines.iter().map(|(_, machine)| machine.round()).max().unwrap();
    let next_is_multi_leader = terms.kind(Round(round.0 + 1)) == Some(RoundKind::MultiLeader) && !round.is_fast();
    match (asks, next_is_multi_leader) {
        (true, true) => 3,
        (true, false) => 4,
        (false, _) => 6,
    }
}
