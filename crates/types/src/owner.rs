//! Who may act: the holder of a key, or an application.

use crate::{ApplicationId, Hash, encoding::ByteArray};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// Somebody who owns accounts or chains. A key names its owner, so that no registry is needed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// The holder of an Ed25519 key: the public key.
    Ed25519([u8; 32]),
    /// The holder of an Ethereum key: its address. Validators act on public chains under theirs.
    Ethereum([u8; 20]),
    /// The holder of a passkey: its P-256 public key, compressed.
    Passkey([u8; 33]),
    /// An application. It never signs; it acts through its contract.
    Application(ApplicationId),
}

impl Owner {
    /// One word for a block's header.
    pub fn word(&self) -> Hash {
        Hash::of_value("Owner", self)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Owner::Ed25519(key) => write!(f, "ed25519:{}", hex::encode(key)),
            Owner::Ethereum(address) => write!(f, "0x{}", hex::encode(address)),
            Owner::Passkey(key) => write!(f, "passkey:{}", hex::encode(key)),
            Owner::Application(id) => write!(f, "application:{id}"),
        }
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.to_string();
        f.write_str(&text[..text.len().min(20)])
    }
}

/// A text that names no owner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no owner: expected ed25519:<64 hex digits>, 0x<40 hex digits>, passkey:<66 hex digits> or application:<64 hex digits>"
)]
pub struct ParseOwnerError(String);

impl FromStr for Owner {
    type Err = ParseOwnerError;

    fn from_str(text: &str) -> Result<Owner, ParseOwnerError> {
        let error = || ParseOwnerError(text.into());
        if let Some(address) = text.strip_prefix("0x") {
            return bytes(address).map(Owner::Ethereum).ok_or_else(error);
        }
        let (kind, digits) = text.split_once(':').ok_or_else(error)?;
        match kind {
            "ed25519" => bytes(digits).map(Owner::Ed25519),
            "passkey" => bytes(digits).map(Owner::Passkey),
            "application" => bytes(digits).map(|bytes| Owner::Application(ApplicationId(Hash(bytes)))),
            _ => None,
        }
        .ok_or_else(error)
    }
}

fn bytes<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(digits, &mut bytes).ok().map(|()| bytes)
}

/// How an owner looks in the canonical encoding; JSON shows the text form instead.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Owner")]
enum Binary {
    Ed25519(ByteArray<32>),
    Ethereum(ByteArray<20>),
    Passkey(ByteArray<33>),
    Application(ApplicationId),
}

impl Serialize for Owner {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        match *self {
            Owner::Ed25519(key) => Binary::Ed25519(ByteArray(key)),
            Owner::Ethereum(address) => Binary::Ethereum(ByteArray(address)),
            Owner::Passkey(key) => Binary::Passkey(ByteArray(key)),
            Owner::Application(id) => Binary::Application(id),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Owner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Owner, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom);
        }
        Ok(match Binary::deserialize(deserializer)? {
            Binary::Ed25519(key) => Owner::Ed25519(key.0),
            Binary::Ethereum(address) => Owner::Ethereum(address.0),
            Binary::Passkey(key) => Owner::Passkey(key.0),
            Binary::Application(id) => Owner::Application(id),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding;

    #[test]
    fn text_round_trips_and_bad_text_says_what_is_expected() {
        let owners = [
            Owner::Ed25519([1; 32]),
            Owner::Ethereum([2; 20]),
            Owner::Passkey([3; 33]),
            Owner::Application(ApplicationId(Hash([4; 32]))),
        ];
        for owner in owners {
            assert_eq!(owner.to_string().parse(), Ok(owner));
            assert_eq!(encoding::from_bytes(&encoding::to_bytes(&owner)), Ok(owner));
        }
        for text in ["", "0x12", "ed25519:zz", "somebody", "rsa:00"] {
            assert!(text.parse::<Owner>().unwrap_err().to_string().contains("ed25519:<64 hex digits>"));
        }
    }
}
