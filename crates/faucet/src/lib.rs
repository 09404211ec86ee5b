//! Gives newcomers a chain of their own.
//!
//! ```text
//!   page, GraphQL ──► Faucet::claim ──► queue ──► Teller ──► one block that opens many chains (Giver)
//!                        │                          │
//!                        └── Book: who has which    └── Budget: how many a minute
//! ```
//!
//! An owner gets one chain, however often they ask and whatever fails in between: what was given stands in the blocks of
//! the chain that gives, and the [`Book`] is read from there when the faucet starts. No file has to agree with them.

mod book;
mod budget;
mod faucet;
mod graph;
mod server;
mod teller;

pub use book::Book;
pub use budget::Budget;
pub use faucet::{ClaimError, Faucet, Settings};
pub use server::{About, serve};
pub use teller::{GiveError, Giver};
