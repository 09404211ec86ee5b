//! Validator processes killed with -9 in the middle of a load: no acknowledged block is lost, and no validator signs two votes
//! in one position.
//!
//! Four validators run as `myceline validator run` does. Clients in this process talk to them over gRPC and write down every
//! answer; at the end the stores of the validators are held against all that they said. `cargo xtask test` kills three
//! times, `cargo xtask kill --full` twenty times within 10,000 blocks.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

mod load;
mod net;
mod witness;

use load::Load;
use myceline_storage_crash::Dice;
use net::Net;
use std::{env, time::Duration};

/// Set by `cargo xtask kill --full`.
const FULL: &str = "MYCELINE_FULL";
/// Chooses whom to kill and when.
const SEED: u64 = 4;
/// A killed validator stays dead for less than this.
const DEAD_MS_MAX: usize = 400;
/// How often it is looked whether the load is far enough for the next kill.
const LOOK_PAUSE: Duration = Duration::from_millis(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_validators_said_is_undone_by_kill_9() {
    let (blocks, kills) = if env::var_os(FULL).is_some() { (10_000, 20) } else { (300, 3) };
    let mut net = Net::start().await;
    let load = Load::start(&net, blocks);
    let mut dice = Dice(SEED);
    for kill in 0..kills {
        // Somewhere within its part of the load.
        let part = blocks / kills;
        let moment = kill * part + dice.below(part);
        while load.blocks() < moment {
            tokio::time::sleep(LOOK_PAUSE).await;
        }
        let place = dice.below(net::VALIDATORS);
        net.kill(place);
        tokio::time::sleep(Duration::from_millis(dice.below(DEAD_MS_MAX) as u64)).await;
        net.revive(place).await;
    }
    let made = load.finish().await;
    net.wait_until_all_have(&made).await;
    net.stop();
    let report = net.audit(&made);
    println!("{kills} kills within {} blocks: {report}", made.len());
}
