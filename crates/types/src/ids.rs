//! Names of things: hashes that say what they are the hash of, and numbers that cannot be mixed up.

use crate::{Hash, hash::ParseHashError};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

macro_rules! hash_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub Hash);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseHashError;

            fn from_str(text: &str) -> Result<$name, ParseHashError> {
                text.parse().map($name)
            }
        }
    };
}

hash_id! {
    /// The hash of a genesis: tells one network from another. Part of everything that is signed.
    NetworkId
}
hash_id! {
    /// The hash of a chain's description.
    ChainId
}
hash_id! {
    /// The hash of a block's header. It commits to everything in the block and to its outcome (R4).
    BlockHash
}
hash_id! {
    /// The hash of an application's description.
    ApplicationId
}
hash_id! {
    /// The hash of a bundle's canonical bytes.
    BundleHash
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        pub struct $name(pub $inner);

        impl $name {
            /// The first one.
            pub const ZERO: $name = $name(0);

            /// The one after this, or `None` after the last.
            pub fn next(self) -> Option<$name> {
                self.0.checked_add(1).map($name)
            }

            /// The one before this, or `None` before the first.
            pub fn previous(self) -> Option<$name> {
                self.0.checked_sub(1).map($name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<$name, Self::Err> {
                text.parse().map($name)
            }
        }
    };
}

number! {
    /// How many blocks come before this one on its chain.
    BlockHeight(u64)
}
number! {
    /// Which committee is in office.
    Epoch(u32)
}
number! {
    /// A round of the consensus on one height. Round 0 is the fast round (R2).
    Round(u32)
}

impl Round {
    /// Round 0: only chains with a fast owner have it, so a vote for it means "fast" to anybody (R2).
    pub const FAST: Round = Round(0);

    /// Whether this is round 0.
    pub fn is_fast(self) -> bool {
        self == Round::FAST
    }
}
