//! The tokens that are on a chain.

use async_graphql::SimpleObject;
use myceline_sdk::{
    Describe, Map, Register, Set, State,
    types::{ChainId, Hash, Owner},
};
use serde::{Deserialize, Serialize};

/// The tokens that are on a chain.
#[derive(Debug, State)]
pub struct NonFungibleState {
    /// Tokens by their ids.
    pub tokens: Map<Hash, Token>,
    /// The same by their owners.
    pub by_owner: Set<(Owner, Hash)>,
    /// How many were made here: each gets a number of its own.
    pub minted: Register<u64>,
}

/// A token.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe, SimpleObject)]
pub struct Token {
    /// Its id, which no other token ever has.
    pub id: Hash,
    /// Whose it is.
    pub owner: Owner,
    /// What it is called.
    pub name: String,
    /// Who made it.
    pub minter: Owner,
    /// The hash of the blob with its image.
    pub image: Hash,
}

/// What makes a token different from all others: on which chain it was made, and as which one there.
#[derive(Serialize)]
struct Origin {
    chain: ChainId,
    number: u64,
}

impl NonFungibleState {
    /// An id that no token has.
    pub fn next_id(&mut self, chain: ChainId) -> Hash {
        let number = self.minted.update(|minted| {
            *minted += 1;
            *minted
        });
        Hash::of_value("NonFungibleToken", &Origin { chain, number })
    }

    /// Puts a token on this chain.
    pub fn add(&mut self, token: Token) {
        self.by_owner.insert(&(token.owner, token.id));
        self.tokens.insert(&token.id.clone(), token);
    }

    /// Takes a token off this chain.
    pub fn remove(&mut self, id: Hash) -> Token {
        let token = self.tokens.get(&id).unwrap_or_else(|| panic!("token {id} is not on this chain"));
        self.tokens.remove(&id);
        self.by_owner.remove(&(token.owner, id));
        token
    }
}
