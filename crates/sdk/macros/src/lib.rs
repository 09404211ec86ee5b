//! The derives of the SDK. They only spell out what an author could write by hand; what it means is in `myceline-sdk`.

mod describe;
mod mutations;
mod state;

use proc_macro::TokenStream;
use syn::{DeriveInput, Error, parse_macro_input};

/// Gives each field of a struct a place among the entries of an application, by its position.
#[proc_macro_derive(State)]
pub fn derive_state(input: TokenStream) -> TokenStream {
    expand(&parse_macro_input!(input as DeriveInput), state::expand)
}

/// Says what a type looks like in canonical bytes and in JSON, as serde's derives have it.
#[proc_macro_derive(Describe, attributes(serde))]
pub fn derive_describe(input: TokenStream) -> TokenStream {
    expand(&parse_macro_input!(input as DeriveInput), describe::expand)
}

/// Makes a GraphQL mutation of every case of an enum of operations: `Operation` gives `OperationMutations`. The crate needs
/// `async-graphql` itself. A mutation schedules its operation and answers `true`.
#[proc_macro_derive(Mutations)]
pub fn derive_mutations(input: TokenStream) -> TokenStream {
    expand(&parse_macro_input!(input as DeriveInput), mutations::expand)
}

fn expand(input: &DeriveInput, derive: fn(&DeriveInput) -> Result<proc_macro2::TokenStream, Error>) -> TokenStream {
    derive(input).unwrap_or_else(|error| error.to_compile_error()).into()
}
