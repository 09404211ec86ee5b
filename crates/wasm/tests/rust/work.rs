//! What a guest in Rust does with its argument: whatever compilers find many instructions for. Natively it does the same.

#![allow(
    clippy::cast_possible_truncation,
    clippy::disallowed_types,
    clippy::manual_clamp,
    clippy::precedence,
    reason = "what would be doubtful elsewhere is what engines have to do alike"
)]

use std::{
    collections::{BTreeMap, HashSet},
    fmt::Write as _,
};

/// All kinds of work, by the first byte of the argument.
pub fn work(argument: &[u8]) -> Vec<u8> {
    let (kind, rest) = argument.split_first().unwrap_or((&0, &[]));
    match kind % 8 {
        0 => sorted(rest),
        1 => counted(rest),
        2 => floats(rest),
        3 => wide(rest),
        4 => moved(rest),
        5 => narrowed(rest),
        6 => dispatched(rest),
        _ => written(rest),
    }
}

fn numbers(bytes: &[u8]) -> Vec<u64> {
    bytes.chunks(3).map(|chunk| chunk.iter().fold(7, |sum, byte| sum * 1_000_003 + u64::from(*byte))).collect()
}

fn sorted(bytes: &[u8]) -> Vec<u8> {
    let mut numbers = numbers(bytes);
    numbers.sort_by_key(|number| number.rotate_left(17));
    numbers.dedup();
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn counted(bytes: &[u8]) -> Vec<u8> {
    let mut counts: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
    bytes.windows(2).for_each(|pair| *counts.entry(pair.to_vec()).or_default() += 1);
    // A hash set iterates in an order of its own; only how many there are may be seen.
    let distinct = bytes.iter().collect::<HashSet<_, std::hash::BuildHasherDefault<std::hash::DefaultHasher>>>().len();
    format!("{counts:?} {distinct}").into_bytes()
}

fn floats(bytes: &[u8]) -> Vec<u8> {
    let mut sum = 0.5_f64;
    for (number, byte) in numbers(bytes).into_iter().zip(bytes) {
        let x = f64::from_bits(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let y = (f64::from(*byte) - 128.0) / 3.0;
        sum = (sum * y + x.min(1e9).max(-1e9)).abs().sqrt() - y.floor() + f64::from(sum as f32).trunc();
        // The bits of what is not a number are each machine's own affair outside of a guest.
        sum = if sum.is_nan() { -1.0 } else { sum };
    }
    let saturated = (sum as i32, sum as u8, (sum * 1e30) as i64, sum as f32 as u64);
    format!("{sum} {sum:e} {saturated:?}").into_bytes()
}

fn wide(bytes: &[u8]) -> Vec<u8> {
    let mut value = 0x0123_4567_89ab_cdef_u128;
    for number in numbers(bytes) {
        value = value.wrapping_mul(u128::from(number) | 1).rotate_left((number % 128) as u32) ^ u128::from(number);
        value = value.checked_div(u128::from(number % 1_000)).unwrap_or(value);
        value = value.wrapping_add(value.leading_zeros().into());
    }
    (value as i128).wrapping_neg().to_string().into_bytes()
}

fn moved(bytes: &[u8]) -> Vec<u8> {
    let mut room = vec![0xa5; 5_000];
    for (at, byte) in bytes.iter().enumerate() {
        let (at, length) = (at * 37 % 2_000, usize::from(*byte));
        room.copy_within(at..at + length, 4_000 - at);
        room[at..at + length].fill(*byte);
    }
    room.rotate_right(123);
    room
}

fn narrowed(bytes: &[u8]) -> Vec<u8> {
    let numbers = numbers(bytes);
    let narrow = numbers.iter().map(|number| {
        let (byte, short, word) = (*number as i8, (*number >> 5) as i16, (*number >> 9) as i32);
        i64::from(byte) * i64::from(short) ^ i64::from(word.wrapping_abs().checked_rem(i32::from(byte)).unwrap_or(7))
    });
    narrow.flat_map(i64::to_le_bytes).collect()
}

fn dispatched(bytes: &[u8]) -> Vec<u8> {
    let steps: [Box<dyn Fn(u64) -> u64>; 4] = [
        Box::new(|x| x.swap_bytes()),
        Box::new(|x| x ^ x >> 3),
        Box::new(|x| u64::from(x.count_ones()) << 32 | x & 0xffff),
        Box::new(|x| x.checked_mul(31).unwrap_or(x / 31)),
    ];
    let value = bytes.iter().fold(99, |value, byte| steps[usize::from(byte % 4)](value));
    value.to_le_bytes().to_vec()
}

fn written(bytes: &[u8]) -> Vec<u8> {
    let mut text = String::new();
    for character in String::from_utf8_lossy(bytes).chars() {
        let _ = write!(text, "{character:?}{:04x}{}", u32::from(character), character.to_uppercase());
    }
    text.into_bytes()
}
