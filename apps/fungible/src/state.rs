//! Who has how much on a chain, and who may spend it.

use myceline_sdk::{
    Map, State,
    types::{Amount, Owner},
};

/// The accounts of a chain. Empty ones are not kept.
#[derive(Debug, State)]
pub struct FungibleState {
    /// What owners have.
    pub balances: Map<Owner, Amount>,
    /// What owners let spenders spend.
    pub allowances: Map<(Owner, Owner), Amount>,
}

impl FungibleState {
    /// Adds to an account.
    pub fn credit(&mut self, owner: Owner, amount: Amount) {
        let sum = self.balances.get_or_default(&owner).checked_add(amount);
        keep(&mut self.balances, owner, sum.expect("there are fewer tokens than can be counted"));
    }

    /// Takes from an account, which must have so much.
    pub fn debit(&mut self, owner: Owner, amount: Amount) {
        let balance = self.balances.get_or_default(&owner);
        let rest = balance.checked_sub(amount);
        let rest = rest.unwrap_or_else(|| panic!("{owner} has {balance}, which is less than {amount}"));
        keep(&mut self.balances, owner, rest);
    }

    /// Takes from an allowance, which must be so large.
    pub fn spend(&mut self, owner: Owner, spender: Owner, amount: Amount) {
        let allowed = self.allowances.get_or_default(&(owner, spender));
        let rest = allowed.checked_sub(amount);
        let rest =
            rest.unwrap_or_else(|| panic!("{owner} lets {spender} spend {allowed}, which is less than {amount}"));
        self.allow(owner, spender, rest);
    }

    /// Replaces an allowance.
    pub fn allow(&mut self, owner: Owner, spender: Owner, amount: Amount) {
        keep(&mut self.allowances, (owner, spender), amount);
    }
}

fn keep<K: myceline_sdk::OrderedKey>(amounts: &mut Map<K, Amount>, key: K, amount: Amount) {
    if amount.is_zero() { amounts.remove(&key) } else { amounts.insert(&key, amount) }
}
