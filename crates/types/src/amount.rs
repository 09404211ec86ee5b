//! Amounts of the native token, with checked arithmetic only.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// An amount of the native token in attos: 10^18 make one token. Shown and parsed as a decimal number of tokens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(pub u128);

/// Digits after the decimal point.
const DECIMALS: usize = 18;

impl Amount {
    /// Nothing.
    pub const ZERO: Amount = Amount(0);
    /// One token.
    pub const ONE: Amount = Amount(1_000_000_000_000_000_000);
    /// More than there can be.
    pub const MAX: Amount = Amount(u128::MAX);

    /// So many whole tokens. There are no more than 2^64 of them, so this cannot overflow.
    pub const fn from_tokens(tokens: u64) -> Amount {
        Amount(tokens as u128 * Amount::ONE.0)
    }

    /// The sum, or `None` where it is too large to exist.
    pub fn checked_add(self, other: Amount) -> Option<Amount> {
        self.0.checked_add(other.0).map(Amount)
    }

    /// The difference, or `None` where `other` is larger.
    pub fn checked_sub(self, other: Amount) -> Option<Amount> {
        self.0.checked_sub(other.0).map(Amount)
    }

    /// This amount `times` times, or `None` where that is too large to exist.
    pub fn checked_mul(self, times: u64) -> Option<Amount> {
        self.0.checked_mul(times.into()).map(Amount)
    }

    /// The difference, or zero where `other` is larger. For messages to people, never for accounts.
    pub fn saturating_sub(self, other: Amount) -> Amount {
        Amount(self.0.saturating_sub(other.0))
    }

    /// The sum of all, or `None` where it is too large to exist.
    pub fn checked_sum(amounts: impl IntoIterator<Item = Amount>) -> Option<Amount> {
        amounts.into_iter().try_fold(Amount::ZERO, Amount::checked_add)
    }

    /// Whether this is nothing.
    pub fn is_zero(self) -> bool {
        self == Amount::ZERO
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / Amount::ONE.0, self.0 % Amount::ONE.0);
        if part == 0 {
            return write!(f, "{whole}");
        }
        let digits = format!("{part:0DECIMALS$}");
        write!(f, "{whole}.{}", digits.trim_end_matches('0'))
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Amount({self})")
    }
}

/// A text that is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseAmountError {
    /// Something other than digits and at most one point.
    #[error("expected a decimal number of tokens such as 12 or 0.05, got {0:?}")]
    NotANumber(String),
    /// More digits after the point than an amount has.
    #[error("an amount has at most 18 digits after the point: {0:?}")]
    TooFine(String),
    /// More than can exist.
    #[error("too large: {0:?}")]
    TooLarge(String),
}

impl FromStr for Amount {
    type Err = ParseAmountError;

    fn from_str(text: &str) -> Result<Amount, ParseAmountError> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(part) || whole.is_empty() && part.is_empty() || text.ends_with('.') {
            return Err(ParseAmountError::NotANumber(text.into()));
        }
        if part.len() > DECIMALS {
            return Err(ParseAmountError::TooFine(text.into()));
        }
        let digits = format!("{whole}{part:0<DECIMALS$}");
        digits.parse().map(Amount).map_err(|_| ParseAmountError::TooLarge(text.into()))
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { self.0.serialize(serializer) }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Amount, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
        } else {
            u128::deserialize(deserializer).map(Amount)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_and_bad_text_says_why() {
        for (text, amount) in [
            ("0", 0),
            ("1", 10u128.pow(18)),
            ("0.05", 5 * 10u128.pow(16)),
            ("1.000000000000000001", 10u128.pow(18) + 1),
        ] {
            assert_eq!(text.parse(), Ok(Amount(amount)));
            assert_eq!(Amount(amount).to_string(), text);
        }
        assert_eq!(".5".parse(), Ok(Amount(5 * 10u128.pow(17))));
        for text in ["", ".", "1.", "-1", "1e3", "1,5", " 1"] {
            assert_eq!(text.parse::<Amount>(), Err(ParseAmountError::NotANumber(text.into())));
        }
        assert!(matches!("0.0000000000000000001".parse::<Amount>(), Err(ParseAmountError::TooFine(_))));
        assert!(matches!("999999999999999999999".parse::<Amount>(), Err(ParseAmountError::TooLarge(_))));
    }

    #[test]
    fn arithmetic_never_wraps() {
        assert_eq!(Amount::MAX.checked_add(Amount(1)), None);
        assert_eq!(Amount::ZERO.checked_sub(Amount(1)), None);
        assert_eq!(Amount::MAX.checked_mul(2), None);
        assert_eq!(Amount::checked_sum([Amount(1), Amount(2)]), Some(Amount(3)));
        assert_eq!(Amount::checked_sum([Amount::MAX, Amount(1)]), None);
    }
}
