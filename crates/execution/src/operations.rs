//! What the operations of a block's author do.

use crate::{
    problem::{Need, Problem, Stop},
    run::Run,
    session::{Call, Half, Returns, Session},
    system::System,
};
use myceline_state::Snapshot;
use myceline_types::{
    Account, Amount, ApplicationId, BlobId, ChainConfig, ChainId, Fact, Holder, ModuleId, Opaque, Operation, Owner,
    Ownership, Permissions, encoding,
    guest::{CallFacts, Entry, StreamUpdate},
};

impl<S: Snapshot> Run<'_, S> {
    /// Does what an operation says.
    pub(crate) fn operate(&mut self, session: &mut Session, operation: &Operation) -> Result<(), Stop> {
        self.check_permitted(operation)?;
        match operation {
            Operation::Transfer { from, to, amount } => self.operate_transfer(*from, *to, *amount),
            Operation::Approve { spender, amount } => self.operate_approve(*spender, *amount),
            Operation::TransferFrom { owner, to, amount } => self.operate_transfer_from(*owner, *to, *amount),
            Operation::Claim { chain, to, amount } => self.operate_claim(*chain, *to, *amount),
            Operation::OpenChain(config) => self.operate_open_chain(config),
            Operation::CloseChain => self.operate_close_chain(),
            Operation::ChangeOwnership(ownership) => self.operate_change_ownership(ownership),
            Operation::ChangePermissions(permissions) => self.operate_change_permissions(permissions),
            Operation::PublishBlob(blob) => self.operate_publish_blob(*blob),
            Operation::PublishModule(module) => self.operate_publish_module(*module),
            Operation::CreateApplication { module, parameters, argument } => {
                self.operate_create_application(session, *module, parameters, argument)
            }
            Operation::UpdateStream { application, update } => {
                self.operate_update_stream(session, *application, update)
            }
            Operation::Epoch(_) => Err(Problem::Epochs.into()),
            Operation::Application { id, bytes } => self.operate_application(session, *id, bytes),
        }
    }

    /// Closed chains do nothing, and a chain may leave everything to its applications.
    fn check_permitted(&self, operation: &Operation) -> Result<(), Problem> {
        if self.config.closed {
            return Err(Problem::Closed);
        }
        let Some(allowed) = &self.config.permissions.operations else { return Ok(()) };
        match operation {
            Operation::Application { id, .. } if allowed.contains(id) => Ok(()),
            Operation::Application { id, .. } => Err(Problem::ApplicationForbidden(*id)),
            Operation::Epoch(_) | Operation::UpdateStream { .. } => Ok(()),
            _ => Err(Problem::SystemOperation),
        }
    }

    fn author(&self) -> Result<Owner, Problem> {
        self.block.author.ok_or(Problem::NoAuthor)
    }

    /// The author acts for the chain if they own it, and for themselves.
    fn check_acts_for(&self, holder: Holder) -> Result<(), Problem> {
        let author = self.author()?;
        let may = match holder {
            Holder::Chain => self.config.ownership.is_owner(&author),
            Holder::Owner(owner) => owner == author,
        };
        if may { Ok(()) } else { Err(Problem::NotAuthorised { author, holder }) }
    }

    fn operate_transfer(&mut self, from: Holder, to: Account, amount: Amount) -> Result<(), Stop> {
        self.check_acts_for(from)?;
        self.transfer(from, to, amount)
    }

    fn operate_approve(&mut self, spender: Owner, amount: Amount) -> Result<(), Stop> {
        let author = self.author()?;
        System(&mut self.entries).set_allowance(author, spender, amount);
        Ok(())
    }

    fn operate_transfer_from(&mut self, owner: Owner, to: Account, amount: Amount) -> Result<(), Stop> {
        let author = self.author()?;
        self.spend_allowance(owner, author, amount)?;
        self.transfer(Holder::Owner(owner), to, amount)
    }

    fn operate_claim(&mut self, chain: ChainId, to: Account, amount: Amount) -> Result<(), Stop> {
        let author = self.author()?;
        self.claim(author, chain, to, amount)
    }

    fn operate_open_chain(&mut self, config: &ChainConfig) -> Result<(), Stop> {
        self.check_acts_for(Holder::Chain)?;
        let chain = self.open_chain(Holder::Chain, config.clone())?;
        self.record.result(self.transaction, encoding::to_bytes(&chain));
        Ok(())
    }

    fn operate_close_chain(&mut self) -> Result<(), Stop> {
        self.check_acts_for(Holder::Chain)?;
        self.close_chain();
        Ok(())
    }

    fn operate_change_ownership(&mut self, ownership: &Ownership) -> Result<(), Stop> {
        self.check_acts_for(Holder::Chain)?;
        self.change_ownership(ownership.clone())
    }

    fn operate_change_permissions(&mut self, permissions: &Permissions) -> Result<(), Stop> {
        self.check_acts_for(Holder::Chain)?;
        self.change_permissions(permissions.clone());
        Ok(())
    }

    /// The content travels beside the proposal; here only its size matters.
    fn operate_publish_blob(&mut self, blob: BlobId) -> Result<(), Stop> {
        let offered = self.environment.world.offered(blob).ok_or(Stop::Needs(Need::Fact(Fact::Blob(blob))))?;
        self.check_blob(offered)?;
        self.record.publish(blob);
        Ok(())
    }

    fn operate_publish_module(&mut self, module: ModuleId) -> Result<(), Stop> {
        self.operate_publish_blob(module.contract_blob())?;
        self.operate_publish_blob(module.service_blob())
    }

    fn operate_create_application(
        &mut self,
        session: &mut Session,
        module: ModuleId,
        parameters: &Opaque,
        argument: &Opaque,
    ) -> Result<(), Stop> {
        let facts = CallFacts { signer: Some(self.author()?), caller: None, message: None };
        let application = self.create(module, parameters.clone())?;
        self.call(session, contract_call(application, Entry::Instantiate, argument.0.clone(), facts))?;
        self.record.result(self.transaction, encoding::to_bytes(&application));
        Ok(())
    }

    /// The events are there, and are the next ones for this follower.
    fn operate_update_stream(
        &mut self,
        session: &mut Session,
        application: ApplicationId,
        update: &StreamUpdate,
    ) -> Result<(), Stop> {
        let StreamUpdate { chain, stream, first, next } = update;
        let follows = System(&self.entries).subscription(application, *chain, stream)?;
        if follows != Some(*first) || next <= first {
            return Err(Problem::NotNext(application).into());
        }
        self.event(*chain, stream, next - 1)?;
        System(&mut self.entries).set_subscription(application, *chain, stream, Some(*next));
        let facts = CallFacts { signer: self.block.author, caller: None, message: None };
        let argument = encoding::to_bytes(&vec![update]);
        self.call(session, contract_call(application, Entry::Streams, argument, facts))?;
        Ok(())
    }

    fn operate_application(&mut self, session: &mut Session, id: ApplicationId, bytes: &Opaque) -> Result<(), Stop> {
        let facts = CallFacts { signer: self.block.author, caller: None, message: None };
        let result = self.call(session, contract_call(id, Entry::Operation, bytes.0.clone(), facts))?;
        if !result.is_empty() {
            self.record.result(self.transaction, result);
        }
        Ok(())
    }
}

/// A call of a contract by the system.
pub(crate) fn contract_call(application: ApplicationId, entry: Entry, argument: Vec<u8>, facts: CallFacts) -> Call {
    Call { application, half: Half::Contract, entry, argument, facts, returns: Returns::Bytes }
}
