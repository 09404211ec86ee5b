//! The native token in the hands of applications.

use super::{Reply, reply};
use crate::{
    problem::{Problem, Stop},
    run::Run,
    session::Session,
    system::System,
};
use myceline_state::Snapshot;
use myceline_types::{
    Account, Amount, Holder, Owner,
    guest::{
        Approve, Claim, ClaimRequest, GetAllowance, GetBalance, ListAllowances, ListBalances, Transfer, TransferFrom,
    },
};

/// The most accounts or allowances that one question gets.
const PAGE_MAX: u32 = 1_000;

impl<S: Snapshot> Run<'_, S> {
    pub(super) fn get_balance(&self, holder: Holder) -> Result<Reply, Stop> {
        reply::<GetBalance>(System(&self.entries).balance(&holder)?)
    }

    pub(super) fn list_balances(&self, after: Option<Owner>, limit: u32) -> Result<Reply, Stop> {
        reply::<ListBalances>(System(&self.entries).balances(after, limit.min(PAGE_MAX) as usize)?)
    }

    pub(super) fn get_allowance(&self, owner: Owner, spender: Owner) -> Result<Reply, Stop> {
        reply::<GetAllowance>(System(&self.entries).allowance(owner, spender)?)
    }

    pub(super) fn list_allowances(&self, after: Option<(Owner, Owner)>, limit: u32) -> Result<Reply, Stop> {
        reply::<ListAllowances>(System(&self.entries).allowances(after, limit.min(PAGE_MAX) as usize)?)
    }

    pub(super) fn ask_transfer(
        &mut self,
        session: &Session,
        from: Holder,
        to: Account,
        amount: Amount,
    ) -> Result<Reply, Stop> {
        self.check_may_act(session, from)?;
        self.transfer(from, to, amount)?;
        reply::<Transfer>(())
    }

    pub(super) fn ask_claim(&mut self, session: &Session, claim: ClaimRequest) -> Result<Reply, Stop> {
        let ClaimRequest { chain, owner, to, amount } = claim;
        self.check_may_act(session, Holder::Owner(owner))?;
        self.claim(owner, chain, to, amount)?;
        reply::<Claim>(())
    }

    pub(super) fn ask_approve(
        &mut self,
        session: &Session,
        owner: Owner,
        spender: Owner,
        amount: Amount,
    ) -> Result<Reply, Stop> {
        self.check_may_act(session, Holder::Owner(owner))?;
        System(&mut self.entries).set_allowance(owner, spender, amount);
        reply::<Approve>(())
    }

    pub(super) fn ask_transfer_from(
        &mut self,
        session: &Session,
        owner: Owner,
        spender: Owner,
        to: Account,
        amount: Amount,
    ) -> Result<Reply, Stop> {
        self.check_may_act(session, Holder::Owner(spender))?;
        self.spend_allowance(owner, spender, amount)?;
        self.transfer(Holder::Owner(owner), to, amount)?;
        reply::<TransferFrom>(())
    }

    /// An application acts for itself, for the signer whose authority it was given, and for the chain if that signer owns it.
    pub(crate) fn check_may_act(&self, session: &Session, holder: Holder) -> Result<(), Problem> {
        let frame = session.top();
        let itself = Owner::Application(frame.application);
        let may = match (holder, frame.facts.signer) {
            (Holder::Owner(owner), signer) => owner == itself || signer == Some(owner),
            (Holder::Chain, Some(signer)) => self.config.ownership.is_owner(&signer),
            (Holder::Chain, None) => false,
        };
        if may { Ok(()) } else { Err(Problem::NotAuthorised { author: itself, holder }) }
    }
}
