//! The state of an application on a chain, as collections that are fields of a struct.
//!
//! ```
//! use myceline_sdk::{Map, Register, State, mock::Mock};
//! use myceline_sdk::types::{Amount, Owner};
//!
//! #[derive(State)]
//! struct Bank {
//!     balances: Map<Owner, Amount>,
//!     transfers: Register<u64>,
//! }
//!
//! let mock = Mock::new(); // in a contract: `Bank::load(runtime.root_view_storage_context())`
//! let mut bank = Bank::load(mock.storage());
//! let ann = Owner::Ed25519([1; 32]);
//! bank.balances.insert(&ann, Amount::ONE);
//! bank.transfers.update(|count| *count += 1);
//! assert_eq!(bank.balances.get(&ann), Some(Amount::ONE));
//! assert_eq!(bank.transfers.get(), 1);
//! ```
//!
//! Collections hold no data. Every read asks the host and every write goes there at once; where a transaction fails, the
//! host undoes its writes. Reading a value twice is a question twice: keep it in a variable.

mod family;
mod log;
mod map;
mod queue;
mod register;
mod set;
mod storage;

pub use family::Family;
pub use log::Log;
pub use map::Map;
pub use queue::Queue;
pub use register::Register;
pub use set::Set;
pub use storage::Storage;

use myceline_state::Absent;
use std::iter;

/// Something that has a place among the entries of an application: a collection, or a struct of such that derives this.
///
/// The derived one gives each field its position as a prefix, so new fields come last and no field is ever removed or
/// moved, or stored data would be read as something else.
pub trait State: Sized {
    /// This state under the keys that begin with `prefix`.
    fn at(prefix: Vec<u8>) -> Self;

    /// This state as all that the application has.
    fn load(_storage: Storage) -> Self {
        Self::at(Vec::new())
    }
}

/// The key of a field of a struct: what the derived [`State`] puts it under.
#[doc(hidden)]
pub fn field(prefix: &[u8], index: u8) -> Vec<u8> {
    [prefix, &[index]].concat()
}

/// How many entries an iterator asks for at first; each time twice as many, up to [`PAGE_MAX`]. Who looks at one entry pays
/// for few, and a long walk asks seldom.
const PAGE_FIRST: usize = 8;
/// The most that it asks for at once.
const PAGE_MAX: usize = 256;

/// All items of a collection, fetched in pages. `page` is given the item before it, and how many are wanted.
fn walk<T: Clone>(mut page: impl FnMut(Option<&T>, usize) -> Vec<T>) -> impl Iterator<Item = T> {
    let mut limit = PAGE_FIRST;
    let mut last: Option<T> = None;
    let mut is_over = false;
    let pages = iter::from_fn(move || {
        if is_over {
            return None;
        }
        let items = page(last.as_ref(), limit);
        is_over = items.len() < limit;
        last = items.last().cloned();
        limit = (limit * 2).min(PAGE_MAX);
        Some(items)
    });
    pages.flatten()
}

/// All values of a collection that is read by their places, fetched in pages. `page` is given how many came before it, and how
/// many are wanted.
fn walk_in_order<T: Clone>(page: impl Fn(u64, usize) -> Vec<T>) -> impl Iterator<Item = T> {
    let mut seen = 0;
    walk(move |_: Option<&T>, limit| {
        let values = page(seen, limit);
        seen += values.len() as u64;
        values
    })
}

/// A host has all entries of an application, so that none is ever absent.
fn present<T>(answer: Result<T, Absent>) -> T {
    match answer {
        Ok(value) => value,
        Err(_) => panic!("the host has every entry of the application"),
    }
}

/// Implements [`State`] for a collection that wraps one of crate `state`.
macro_rules! at_its_prefix {
    ($($collection:ident<$($of:ident),*>)*) => {$(
        impl<$($of),*> State for $collection<$($of),*> {
            fn at(prefix: Vec<u8>) -> Self {
                $collection { inner: myceline_state::collections::Collection::at(prefix.into()) }
            }
        }
    )*};
}
at_its_prefix! { Register<T> Map<K, V> Set<K> Queue<T> Log<T> }
