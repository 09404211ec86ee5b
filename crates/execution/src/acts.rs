//! What can be done to a chain, by its owners through operations and by applications at run time. Who may was checked before.

use crate::{
    problem::{Problem, Stop},
    run::Run,
};
use myceline_state::Snapshot;
use myceline_types::{
    Account, Amount, ApplicationDescription, ApplicationId, Blob, BlobId, BlobKind, ChainConfig, ChainDescription,
    ChainId, Holder, Message, MessageContent, MessageKind, ModuleId, Opaque, Origin, Owner, Ownership, Permissions,
    SystemMessage,
};
use std::sync::Arc;

impl<S: Snapshot> Run<'_, S> {
    /// Opens a chain whose first balance `payer` gives.
    pub(crate) fn open_chain(&mut self, payer: Holder, config: ChainConfig) -> Result<ChainId, Stop> {
        config.ownership.check().map_err(Problem::from)?;
        self.debit(payer, config.balance)?;
        let description = ChainDescription {
            origin: Origin::Child {
                parent: self.block.chain,
                height: self.block.height,
                index: self.record.opened_count(),
            },
            epoch: self.block.epoch,
            timestamp: self.block.timestamp,
            config,
        };
        let chain = description.id();
        self.record.open(description);
        Ok(chain)
    }

    /// From now on the chain only rejects bundles.
    pub(crate) fn close_chain(&mut self) {
        Arc::make_mut(&mut self.config).closed = true;
        self.save_config();
    }

    pub(crate) fn change_ownership(&mut self, ownership: Ownership) -> Result<(), Stop> {
        ownership.check().map_err(Problem::from)?;
        Arc::make_mut(&mut self.config).ownership = ownership;
        self.save_config();
        Ok(())
    }

    pub(crate) fn change_permissions(&mut self, permissions: Permissions) {
        Arc::make_mut(&mut self.config).permissions = permissions;
        self.save_config();
    }

    /// Asks a chain to pay out of an account there. On another chain it is a message without value, which that chain may
    /// discard.
    pub(crate) fn claim(&mut self, owner: Owner, chain: ChainId, to: Account, amount: Amount) -> Result<(), Stop> {
        if chain == self.block.chain {
            return self.transfer(Holder::Owner(owner), to, amount);
        }
        if amount.is_zero() {
            return Err(Problem::ZeroAmount.into());
        }
        let content = MessageContent::System(SystemMessage::Withdraw { owner, amount, recipient: to });
        self.send(chain, Message { kind: MessageKind::Simple, authority: Some(owner), content })
    }

    /// Creates an application of a module that is published. Its instance is still to be called.
    pub(crate) fn create(&mut self, module: ModuleId, parameters: Opaque) -> Result<ApplicationId, Stop> {
        self.blob(module.contract_blob())?;
        self.blob(module.service_blob())?;
        let description = ApplicationDescription {
            module,
            creator: self.block.chain,
            height: self.block.height,
            index: self.record.count_application(),
            parameters,
        };
        let blob = description.blob();
        let id = ApplicationId(blob.id().hash);
        self.record.create(blob);
        Ok(id)
    }

    /// Makes a blob at run time.
    pub(crate) fn create_blob(&mut self, blob: Blob) -> Result<BlobId, Stop> {
        self.check_blob(&blob)?;
        let id = blob.id();
        self.record.create(blob);
        Ok(id)
    }

    /// Blobs have a size at most, and code is looked at before it is paid for.
    pub(crate) fn check_blob(&self, blob: &Blob) -> Result<(), Problem> {
        let limits = &self.environment.policy.limits;
        let size = blob.bytes.0.len() as u64;
        let (what, limit) = match blob.kind {
            BlobKind::Contract | BlobKind::Service => ("bytes in a module", limits.module_bytes),
            _ => ("bytes in a blob", limits.blob_bytes),
        };
        if size > limit {
            return Err(Problem::Limit { what, limit });
        }
        if matches!(blob.kind, BlobKind::Contract | BlobKind::Service) {
            self.environment.engine.check(blob.kind, &blob.bytes.0, self.code_limits())?;
        }
        Ok(())
    }
}
