//! Ids, amounts and times as people like to read them. Scripts get them in full.

use myceline_types::Amount;
use std::{fmt::Display, time::Duration};

/// Digits of an id that are enough to tell it from others on one screen.
const SHORT_DIGITS: usize = 8;
/// Digits of an amount between two marks.
const GROUP_DIGITS: usize = 3;

/// The beginning of an id, or of what follows the kind of an owner.
pub fn short(id: impl Display) -> String {
    let text = id.to_string();
    let kind = text.find(':').map_or(0, |colon| colon + 1);
    let start = if text.starts_with("0x") { 2 } else { kind };
    match text.char_indices().nth(start + SHORT_DIGITS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// An amount with its thousands set apart: 1'234'567.5.
pub fn amount(amount: Amount) -> String {
    let text = amount.to_string();
    let (whole, part) = text.split_once('.').map_or((text.as_str(), None), |(whole, part)| (whole, Some(part)));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(GROUP_DIGITS) {
            grouped.push('\'');
        }
        grouped.push(digit);
    }
    part.map_or(grouped.clone(), |part| format!("{grouped}.{part}"))
}

/// A short time: 0.4 ms, 17 ms, 2.1 s.
pub fn duration(duration: Duration) -> String {
    let millis = duration.as_secs_f64() * 1000.0;
    match millis {
        ..9.95 => format!("{millis:.1} ms"),
        9.95..999.5 => format!("{millis:.0} ms"),
        _ => format!("{:.1} s", millis / 1000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_types::{Hash, Owner};

    #[test]
    fn ids_are_cut_after_what_tells_them_apart() {
        assert_eq!(short(Hash([0xab; 32])), "abababab…");
        assert_eq!(short(Owner::Ed25519([0x12; 32])), "ed25519:12121212…");
        assert_eq!(short(Owner::Ethereum([0x12; 20])), "0x12121212…");
        assert_eq!(short("ann"), "ann");
        assert_eq!(short("müllerstraße 12"), "müllerst…");
    }

    #[test]
    fn amounts_have_groups_and_keep_every_digit() {
        for (text, expected) in [("0", "0"), ("123", "123"), ("1234", "1'234"), ("1234567.0625", "1'234'567.0625")] {
            assert_eq!(amount(text.parse().unwrap()), expected);
        }
    }

    #[test]
    fn times_have_two_or_three_digits() {
        for (micros, expected) in
            [(400, "0.4 ms"), (9_949, "9.9 ms"), (9_951, "10 ms"), (999_600, "1.0 s"), (61_000_000, "61.0 s")]
        {
            assert_eq!(duration(Duration::from_micros(micros)), expected);
        }
    }
}
