//! The storm: machines end and start again, disks break, parts of the network are cut off, until it is over.

use crate::{device::Device, dice::Dice, disk::Break, trace::Actor, validator::Validator, world::World};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// Who can be struck.
pub struct Targets {
    /// The honest validators.
    pub validators: Vec<Arc<Validator>>,
    /// The devices.
    pub devices: Vec<Arc<Device>>,
}

/// Strikes until the storm is over, and then lets everybody start again.
pub async fn rage(world: Arc<World>, targets: &Targets, mut dice: Dice) {
    if world.plan.weather.is_fair {
        return world.calm();
    }
    let end = Instant::now() + Duration::from_millis(world.plan.weather.lasts_ms);
    while Instant::now() < end {
        tokio::time::sleep(dice.millis(1, world.plan.weather.calm_ms)).await;
        strike(&world, targets, &mut dice);
    }
    world.mend();
    world.calm();
    for validator in &targets.validators {
        // Whoever is slow is so for as long as it runs.
        validator.kill("the storm is over");
        validator.mend_disk();
        validator.start();
    }
    for device in &targets.devices {
        device.mend_disk();
        device.start();
    }
}

fn strike(world: &Arc<World>, targets: &Targets, dice: &mut Dice) {
    match dice.below(10) {
        0..3 => strike_validator(targets, dice),
        3 | 4 => strike_device(targets, dice),
        5 | 6 => cut_somebody_off(world, dice),
        7 => world.mend(),
        _ => {
            targets.validators.iter().for_each(Validator::start);
            targets.devices.iter().for_each(Device::start);
        }
    }
}

fn strike_validator(targets: &Targets, dice: &mut Dice) {
    let Some(validator) = dice.pick(&targets.validators) else { return };
    match how(dice) {
        Some(at) => validator.break_disk(at),
        None => validator.kill("it is killed"),
    }
    restart_later(dice, validator.clone(), |validator| validator.start());
}

fn strike_device(targets: &Targets, dice: &mut Dice) {
    let Some(device) = dice.pick(&targets.devices) else { return };
    match how(dice) {
        Some(at) => device.break_disk(at),
        None => device.kill("it is killed"),
    }
    restart_later(dice, device.clone(), |device| device.start());
}

fn how(dice: &mut Dice) -> Option<Break> {
    dice.pick(&[None, Some(Break::Before), Some(Break::Unsynced), Some(Break::After)]).copied().flatten()
}

fn restart_later<T: Send + Sync + 'static>(dice: &mut Dice, machine: Arc<T>, start: fn(&Arc<T>)) {
    let after = dice.millis(1, 1_500);
    tokio::spawn(async move {
        tokio::time::sleep(after).await;
        start(&machine);
    });
}

/// Some validators are cut off from everybody else, or from one device.
fn cut_somebody_off(world: &World, dice: &mut Dice) {
    let devices: Vec<Actor> = world.devices().map(Actor::Device).collect();
    let others: Vec<Actor> = world.places().map(Actor::Validator).chain(devices.iter().copied()).collect();
    let from_all = dice.chance(500);
    for place in world.places().map(Actor::Validator) {
        if !dice.chance(400) {
            continue;
        }
        world.trace.note(place, format_args!("is cut off from {}", if from_all { "everybody" } else { "a device" }));
        if from_all {
            others.iter().for_each(|other| world.cut(*other, place));
        } else if let Some(device) = dice.pick(&devices) {
            world.cut(*device, place);
        }
    }
}
