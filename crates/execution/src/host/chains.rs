//! What an application may do with chains, code and blobs at run time.

use super::{Reply, reply};
use crate::{
    problem::{Problem, Stop},
    run::Run,
    session::{Call, Half, Returns, Session},
};
use myceline_state::Snapshot;
use myceline_types::{
    Blob, BlobKind, ChainConfig, Holder, ModuleId, Opaque, Owner, Ownership, Permissions, encoding,
    guest::{
        self, CallFacts, ChangeOwnership, ChangePermissions, CloseChain, Entry, GetOwnership, GetPermissions,
        OpenChain, PublishBlob, PublishModule,
    },
};

impl<S: Snapshot> Run<'_, S> {
    pub(super) fn get_ownership(&self) -> Result<Reply, Stop> {
        reply::<GetOwnership>(self.config.ownership.clone())
    }

    pub(super) fn get_permissions(&self) -> Result<Reply, Stop> {
        reply::<GetPermissions>(self.config.permissions.clone())
    }

    pub(super) fn ask_open_chain(&mut self, session: &Session, config: ChainConfig) -> Result<Reply, Stop> {
        let payer = Holder::Owner(Owner::Application(session.top().application));
        reply::<OpenChain>(self.open_chain(payer, config)?)
    }

    pub(super) fn ask_close_chain(&mut self, session: &Session) -> Result<Reply, Stop> {
        self.check_manages(session)?;
        self.close_chain();
        reply::<CloseChain>(())
    }

    pub(super) fn ask_change_ownership(&mut self, session: &Session, ownership: Ownership) -> Result<Reply, Stop> {
        self.check_manages(session)?;
        self.change_ownership(ownership)?;
        reply::<ChangeOwnership>(())
    }

    pub(super) fn ask_change_permissions(
        &mut self,
        session: &Session,
        permissions: Permissions,
    ) -> Result<Reply, Stop> {
        self.check_manages(session)?;
        self.change_permissions(permissions);
        reply::<ChangePermissions>(())
    }

    fn check_manages(&self, session: &Session) -> Result<(), Problem> {
        let application = session.top().application;
        let manages = self.config.permissions.manage_chain.contains(&application);
        if manages { Ok(()) } else { Err(Problem::NotManager(application)) }
    }

    pub(super) fn ask_publish_blob(&mut self, bytes: Opaque) -> Result<Reply, Stop> {
        reply::<PublishBlob>(self.create_blob(Blob { kind: BlobKind::Data, bytes })?)
    }

    pub(super) fn ask_publish_module(&mut self, contract: Opaque, service: Opaque) -> Result<Reply, Stop> {
        let contract = self.create_blob(Blob { kind: BlobKind::Contract, bytes: contract })?;
        let service = self.create_blob(Blob { kind: BlobKind::Service, bytes: service })?;
        reply::<PublishModule>(ModuleId { contract: contract.hash, service: service.hash })
    }

    pub(super) fn ask_create_application(
        &mut self,
        session: &Session,
        module: ModuleId,
        parameters: Opaque,
        argument: Opaque,
    ) -> Result<Reply, Stop> {
        if session.is_storing {
            return Err(Problem::CallWhileStoring.into());
        }
        let frame = session.top();
        let facts = CallFacts { signer: frame.facts.signer, caller: Some(frame.application), message: None };
        let application = self.create(module, parameters)?;
        Ok(Reply::Call(Call {
            application,
            half: Half::Contract,
            entry: Entry::Instantiate,
            argument: argument.0,
            facts,
            returns: Returns::Instead(encoding::to_bytes::<<guest::CreateApplication as guest::Question>::Answer>(
                &application,
            )),
        }))
    }
}
