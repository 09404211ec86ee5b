//! A model checker that drives the real machine. An adversary owns all proposers, faulty weight f and the network; searches
//! go through all that it can make honest machines do, and look for two final blocks at one height, or for a height that an
//! honest client cannot finish. Signatures are symbols and time does not pass: rounds may be left at once.
//!
//! Each machine is restarted from its durable bytes before every step, and the answer of an execution may come at any time.

mod interleaved;
mod liveness;
mod mutants;
mod phased;
mod scene;
mod searches;
mod stable;
mod views;

use scene::Plan;
use std::hash::{BuildHasherDefault, Hasher};

/// Honest validators in a search, at most.
const HONEST_MAX: usize = 7;

/// A quick hash for tables of numbers that no adversary chooses.
#[derive(Default)]
pub struct Mixer(u64);

/// Tables that use it.
pub type Mixed = BuildHasherDefault<Mixer>;

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 29;
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        mixed ^ (mixed >> 32)
    }
}

/// What a search found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    pub states: usize,
    pub transitions: u64,
    pub machines: usize,
    /// From so many states an honest client finished the height.
    pub finished: usize,
    /// The most exchanges that it needed, asking first and not.
    pub worst: liveness::Worst,
    /// Whether everything was searched.
    pub is_complete: bool,
    /// What went wrong, told in a line.
    pub found: Option<String>,
}

/// All ways to rename the blocks of a plan that keep oracle records where they are.
fn renamings(plan: &Plan) -> Vec<Vec<u8>> {
    let count = plan.blocks.len();
    let mut all: Vec<Vec<u8>> = vec![Vec::new()];
    for _ in 0..count {
        let longer = |names: &Vec<u8>| {
            let free: Vec<u8> = (0u8..).take(count).filter(|name| !names.contains(name)).collect();
            free.into_iter().map(|name| [&names[..], &[name]].concat()).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    let same_kind = |names: &Vec<u8>| {
        names.iter().zip(plan.blocks).all(|(name, number)| (plan.blocks[usize::from(*name)] < 0) == (*number < 0))
    };
    all.into_iter().filter(same_kind).collect()
}

/// The bits of blocks or certificates with the blocks renamed.
fn rename_bits(bits: u32, names: &[u8]) -> u32 {
    let count = u32::try_from(names.len()).unwrap();
    let renamed = |bit: u32| bit / count * count + u32::from(names[(bit % count) as usize]);
    (0..32).filter(|bit| bits >> bit & 1 == 1).fold(0, |all, bit| all | 1 << renamed(bit))
}
