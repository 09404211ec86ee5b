//! The network's own token behind the interface of [`fungible`], so that an application which handles tokens handles it too.
//!
//! It keeps nothing: accounts and allowances are the chain's. An application cannot spend what it owns itself through it, since
//! the chain pays out only to whom an account belongs, or to its signer; through its own runtime it can.

pub use fungible::{FungibleAbi as NativeFungibleAbi, Operation, Parameters, Supply};
