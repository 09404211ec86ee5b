//! Accounts: where on which chain tokens are.

use crate::{ChainId, Owner};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// An account of a chain: the chain's own balance, or an owner's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Holder {
    /// The chain itself: its owners may spend it, and it pays for blocks first.
    Chain,
    /// Somebody who may spend it wherever they have it.
    Owner(Owner),
}

/// An account on a chain. As text: a chain's id, or a chain's id, a slash and an owner.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Account {
    /// The chain.
    pub chain: ChainId,
    /// The account there.
    pub holder: Holder,
}

impl Account {
    /// The balance of a chain itself.
    pub fn of_chain(chain: ChainId) -> Account {
        Account { chain, holder: Holder::Chain }
    }
}

/// A text that names no account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no account: expected {expected}")]
pub struct ParseAccountError {
    text: String,
    expected: &'static str,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Holder::Chain => f.write_str("chain"),
            Holder::Owner(owner) => owner.fmt(f),
        }
    }
}

impl FromStr for Holder {
    type Err = ParseAccountError;

    fn from_str(text: &str) -> Result<Holder, ParseAccountError> {
        if text == "chain" {
            return Ok(Holder::Chain);
        }
        let expected = "'chain' or an owner such as ed25519:<64 hex digits>";
        text.parse().map(Holder::Owner).map_err(|_| ParseAccountError { text: text.into(), expected })
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.holder {
            Holder::Chain => self.chain.fmt(f),
            Holder::Owner(owner) => write!(f, "{}/{owner}", self.chain),
        }
    }
}

impl FromStr for Account {
    type Err = ParseAccountError;

    fn from_str(text: &str) -> Result<Account, ParseAccountError> {
        let (chain, holder) = text.split_once('/').unwrap_or((text, "chain"));
        let expected = "a chain's id of 64 hex digits, optionally followed by / and an owner";
        let chain = chain.parse().map_err(|_| ParseAccountError { text: text.into(), expected })?;
        Ok(Account { chain, holder: holder.parse()? })
    }
}

/// How these look in the canonical encoding; JSON shows the text form instead.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Holder")]
enum BinaryHolder {
    Chain,
    Owner(Owner),
}

impl Serialize for Holder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        match *self {
            Holder::Chain => BinaryHolder::Chain,
            Holder::Owner(owner) => BinaryHolder::Owner(owner),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Holder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Holder, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom);
        }
        Ok(match BinaryHolder::deserialize(deserializer)? {
            BinaryHolder::Chain => Holder::Chain,
            BinaryHolder::Owner(owner) => Holder::Owner(owner),
        })
    }
}

impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        (self.chain, self.holder).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Account, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom);
        }
        <(ChainId, Holder)>::deserialize(deserializer).map(|(chain, holder)| Account { chain, holder })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Hash, encoding};

    #[test]
    fn text_and_bytes_round_trip() {
        let chain = ChainId(Hash([7; 32]));
        for holder in [Holder::Chain, Holder::Owner(Owner::Ethereum([1; 20]))] {
            let account = Account { chain, holder };
            assert_eq!(account.to_string().parse(), Ok(account));
            assert_eq!(encoding::from_bytes(&encoding::to_bytes(&account)), Ok(account));
        }
        assert!("abc".parse::<Account>().unwrap_err().to_string().contains("64 hex digits"));
        assert!(format!("{chain}/bob").parse::<Account>().unwrap_err().to_string().contains("an owner such as"));
    }
}
