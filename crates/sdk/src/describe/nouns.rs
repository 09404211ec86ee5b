//! The shapes of the types that everybody uses.

use super::{Describe, Format, Noun, Types};
use myceline_types::{
    Account, Amount, ApplicationId, BlobId, BlobKind, BlockHeight, ChainId, Hash, Holder, ModuleId, Owner, Timestamp,
    encoding::{ByteArray, Opaque},
};
use std::collections::{BTreeMap, BTreeSet};

use super::{Content, Field, Shape, Variant};

macro_rules! plain {
    ($($type:ty: $format:expr;)*) => {$(
        impl Describe for $type {
            fn format(_types: &mut Types) -> Format {
                $format
            }
        }
    )*};
}
plain! {
    (): Format::Unit;
    bool: Format::Bool;
    u8: Format::Unsigned(1);
    u16: Format::Unsigned(2);
    u32: Format::Unsigned(4);
    u64: Format::Unsigned(8);
    u128: Format::Unsigned(16);
    i8: Format::Signed(1);
    i16: Format::Signed(2);
    i32: Format::Signed(4);
    i64: Format::Signed(8);
    i128: Format::Signed(16);
    String: Format::Text;
    Opaque: Format::Bytes;
    Hash: Format::Fixed(32);
    ChainId: Format::Fixed(32);
    ApplicationId: Format::Fixed(32);
    BlockHeight: Format::Unsigned(8);
    Timestamp: Format::Unsigned(8);
    Amount: Format::Noun(Noun::Amount);
    Owner: Format::Noun(Noun::Owner);
    Holder: Format::Noun(Noun::Holder);
    Account: Format::Noun(Noun::Account);
}

impl<const N: usize> Describe for ByteArray<N> {
    fn format(_types: &mut Types) -> Format {
        Format::Fixed(N)
    }
}

impl<T: Describe> Describe for Option<T> {
    fn format(types: &mut Types) -> Format {
        Format::Option(Box::new(T::format(types)))
    }
}

impl<T: Describe> Describe for Box<T> {
    fn format(types: &mut Types) -> Format {
        T::format(types)
    }
}

impl<T: Describe> Describe for Vec<T> {
    fn format(types: &mut Types) -> Format {
        Format::List(Box::new(T::format(types)))
    }
}

/// Written in the order in which it is given; a contract that reads it sorts it.
impl<T: Describe> Describe for BTreeSet<T> {
    fn format(types: &mut Types) -> Format {
        Format::List(Box::new(T::format(types)))
    }
}

impl<T: Describe, const N: usize> Describe for [T; N] {
    fn format(types: &mut Types) -> Format {
        let each = T::format(types);
        Format::Tuple(vec![each; N])
    }
}

impl<K: Describe, V: Describe> Describe for BTreeMap<K, V> {
    fn format(types: &mut Types) -> Format {
        Format::Map(Box::new(K::format(types)), Box::new(V::format(types)))
    }
}

macro_rules! tuples {
    ($(($($part:ident),*))*) => {$(
        impl<$($part: Describe),*> Describe for ($($part,)*) {
            fn format(types: &mut Types) -> Format {
                Format::Tuple(vec![$($part::format(types)),*])
            }
        }
    )*};
}
tuples! { (A, B) (A, B, C) (A, B, C, D) }

/// The struct of a description, by its fields.
fn fields<const N: usize>(fields: [(&str, Format); N]) -> Shape {
    Shape::Struct(fields.map(|(name, format)| Field { name: name.into(), format }).into())
}

impl Describe for ModuleId {
    fn format(types: &mut Types) -> Format {
        types.named::<Self>("ModuleId", |_| fields([("contract", Format::Fixed(32)), ("service", Format::Fixed(32))]))
    }
}

impl Describe for BlobId {
    fn format(types: &mut Types) -> Format {
        types.named::<Self>("BlobId", |types| fields([("kind", BlobKind::format(types)), ("hash", Format::Fixed(32))]))
    }
}

impl Describe for BlobKind {
    fn format(types: &mut Types) -> Format {
        let kinds = ["Data", "Committee", "Contract", "Service", "Application"];
        let variants = kinds.map(|name| Variant { name: name.into(), content: Content::Nothing });
        types.named::<Self>("BlobKind", |_| Shape::Enum(variants.into()))
    }
}
