//! The nouns of the protocol as keys: each sorts by its bytes as it does by itself.

use super::{KeyBuffer, OrderedKey};
use myceline_types::{
    Amount, ApplicationId, BlockHash, BlockHeight, BundleHash, ChainId, Cursor, Epoch, Hash, Owner, Round, Timestamp,
};

macro_rules! wrappers {
    ($($noun:ident($inner:ty))*) => {$(
        impl OrderedKey for $noun {
            fn encode_into(&self, out: &mut KeyBuffer) {
                self.0.encode_into(out);
            }

            fn decode_from(bytes: &mut &[u8]) -> Option<Self> {
                <$inner>::decode_from(bytes).map($noun)
            }
        }
    )*};
}
wrappers! {
    ChainId(Hash) ApplicationId(Hash) BlockHash(Hash) BundleHash(Hash)
    BlockHeight(u64) Epoch(u32) Round(u32) Timestamp(u64) Amount(u128)
}

impl OrderedKey for Cursor {
    fn encode_into(&self, out: &mut KeyBuffer) {
        (self.height, self.transaction).encode_into(out);
    }

    fn decode_from(bytes: &mut &[u8]) -> Option<Self> {
        let (height, transaction) = OrderedKey::decode_from(bytes)?;
        Some(Cursor { height, transaction })
    }
}

/// The kind of owner, then as many bytes as that kind has.
impl OrderedKey for Owner {
    fn encode_into(&self, out: &mut KeyBuffer) {
        match self {
            Owner::Ed25519(key) => (0u8, *key).encode_into(out),
            Owner::Ethereum(address) => (1u8, *address).encode_into(out),
            Owner::Passkey(key) => (2u8, *key).encode_into(out),
            Owner::Application(id) => (3u8, *id).encode_into(out),
        }
    }

    fn decode_from(bytes: &mut &[u8]) -> Option<Self> {
        match u8::decode_from(bytes)? {
            0 => OrderedKey::decode_from(bytes).map(Owner::Ed25519),
            1 => OrderedKey::decode_from(bytes).map(Owner::Ethereum),
            2 => OrderedKey::decode_from(bytes).map(Owner::Passkey),
            3 => OrderedKey::decode_from(bytes).map(Owner::Application),
            _ => None,
        }
    }
}
