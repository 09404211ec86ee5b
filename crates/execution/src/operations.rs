//! What the operations of a block's author do.

use crate::{
    problem::{Need, Problem, Stop},
    run::Run,
    system::System,
};
use myceline_state::Snapshot;
use myceline_types::{
    Account, Amount, BlobId, ChainConfig, ChainDescription, ChainId, Holder, Message, MessageContent, MessageKind,
    Operation, Origin, Owner, Ownership, Permissions, SystemMessage, encoding,
};

impl<S: Snapshot> Run<'_, S> {
    /// Does what an operation says.
    pub(crate) fn operate(&mut self, operation: &Operation) -> Result<(), Stop> {
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
            Operation::Epoch(_) => Err(Problem::Epochs.into()),
            Operation::Application { id, bytes } => self.operate_application(*id, &bytes.0),
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
            Operation::Epoch(_) => Ok(()),
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

    /// On another chain it is a message without value, which that chain may discard.
    fn operate_claim(&mut self, chain: ChainId, to: Account, amount: Amount) -> Result<(), Stop> {
        let author = self.author()?;
        if chain == self.block.chain {
            return self.transfer(Holder::Owner(author), to, amount);
        }
        if amount.is_zero() {
            return Err(Problem::ZeroAmount.into());
        }
        let content = MessageContent::System(SystemMessage::Withdraw { owner: author, amount, recipient: to });
        self.send(chain, Message { kind: MessageKind::Simple, authority: Some(author), content })
    }

    fn operate_open_chain(&mut self, config: &ChainConfig) -> Result<(), Stop> {
        self.check_acts_for(Holder::Chain)?;
        config.ownership.check().map_err(Problem::from)?;
        self.debit(Holder::Chain, config.balance)?;
        let description = ChainDescription {
            origin: Origin::Child {
                parent: self.block.chain,
                height: self.block.height,
                index: self.record.opened_count(),
            },
            epoch: self.block.epoch,
            timestamp: self.block.timestamp,
            config: config.clone(),
        };
        self.record.result(self.transaction, encoding::to_bytes(&description.id()));
        self.record.open(description);
        Ok(())
    }

    fn operate_close_chain(&mut self) -> Result<(), Stop> {
        self.check_acts_for(Holder::Chain)?;
        self.config.closed = true;
        self.save_config();
        Ok(())
    }

    fn operate_change_ownership(&mut self, ownership: &Ownership) -> Result<(), Stop> {
        self.check_acts_for(Holder::Chain)?;
        ownership.check().map_err(Problem::from)?;
        self.config.ownership = ownership.clone();
        self.save_config();
        Ok(())
    }

    fn operate_change_permissions(&mut self, permissions: &Permissions) -> Result<(), Stop> {
        self.check_acts_for(Holder::Chain)?;
        self.config.permissions = permissions.clone();
        self.save_config();
        Ok(())
    }

    /// The content travels beside the proposal; here only its size matters.
    fn operate_publish_blob(&mut self, blob: BlobId) -> Result<(), Stop> {
        let size = *self.environment.blob_sizes.get(&blob).ok_or(Stop::Needs(Need::Blob(blob)))?;
        let limit = self.environment.policy.limits.blob_bytes;
        if size > limit {
            return Err(Problem::Limit { what: "bytes in a blob", limit }.into());
        }
        self.record.publish(blob);
        Ok(())
    }

    fn operate_application(&mut self, id: myceline_types::ApplicationId, bytes: &[u8]) -> Result<(), Stop> {
        let result = self.environment.engine.operate(id, bytes).map_err(|why| Problem::Application { id, why })?;
        if !result.is_empty() {
            self.record.result(self.transaction, result);
        }
        Ok(())
    }
}
