//! Moving value: between accounts of this chain, and into messages. Nothing is ever made or lost.

use crate::{
    problem::{Problem, Stop},
    run::Run,
    system::System,
};
use myceline_state::Snapshot;
use myceline_types::{Account, Amount, Holder, Message, MessageContent, MessageKind, Owner, SystemMessage};

impl<S: Snapshot> Run<'_, S> {
    /// Moves `amount` out of an account here to an account anywhere. The caller has checked who may.
    pub(crate) fn transfer(&mut self, from: Holder, to: Account, amount: Amount) -> Result<(), Stop> {
        if amount.is_zero() {
            return Err(Problem::ZeroAmount.into());
        }
        self.debit(from, amount)?;
        if to.chain == self.block.chain {
            return self.credit(to.holder, amount);
        }
        let content = MessageContent::System(SystemMessage::Credit { target: to.holder, amount, source: from });
        self.send(to.chain, Message { kind: MessageKind::Tracked, authority: self.block.author, content })
    }

    /// Takes value out of an account.
    pub(crate) fn debit(&mut self, holder: Holder, amount: Amount) -> Result<(), Stop> {
        let mut system = System(&mut self.entries);
        let balance = system.balance(&holder)?;
        let rest = balance.checked_sub(amount).ok_or(Problem::Balance { holder, balance, needed: amount })?;
        system.set_balance(&holder, rest);
        Ok(())
    }

    /// Puts value into an account. Too much to count is refused, never cut off.
    pub(crate) fn credit(&mut self, holder: Holder, amount: Amount) -> Result<(), Stop> {
        let mut system = System(&mut self.entries);
        let sum = system.balance(&holder)?.checked_add(amount).ok_or(Problem::Overflow { holder })?;
        system.set_balance(&holder, sum);
        Ok(())
    }

    /// Uses up part of what `owner` lets `spender` spend.
    pub(crate) fn spend_allowance(&mut self, owner: Owner, spender: Owner, needed: Amount) -> Result<(), Stop> {
        let mut system = System(&mut self.entries);
        let allowed = system.allowance(owner, spender)?;
        let rest = allowed.checked_sub(needed).ok_or(Problem::Allowance { owner, spender, allowed, needed })?;
        system.set_allowance(owner, spender, rest);
        Ok(())
    }
}
