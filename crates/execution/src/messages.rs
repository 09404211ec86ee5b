//! Consuming bundles: accepted, rejected or skipped, always the next one of its origin.

use crate::{
    operations::contract_call,
    problem::{Problem, Stop},
    run::Run,
    session::Session,
    system::System,
};
use myceline_state::Snapshot;
use myceline_types::{
    BundleAction, ChainId, Cursor, IncomingBundle, Message, MessageContent, MessageKind, MessageLink, SystemMessage,
    Timestamp,
    guest::{CallFacts, Entry, MessageFacts},
};

impl<S: Snapshot> Run<'_, S> {
    /// Consumes the next bundle of an origin.
    pub(crate) fn receive(&mut self, session: &mut Session, incoming: &IncomingBundle) -> Result<(), Stop> {
        let IncomingBundle { origin, bundle, action } = incoming;
        let last = System(&self.entries).received(*origin)?;
        if bundle.previous != last {
            let follows = bundle.previous;
            return Err(Problem::BundleOrder { origin: *origin, found: bundle.cursor, follows, last }.into());
        }
        System(&mut self.entries).set_received(*origin, bundle.cursor);
        match action {
            BundleAction::Accept if self.config.closed => Err(Problem::Closed.into()),
            BundleAction::Accept => {
                let mut messages = bundle.messages.iter();
                messages.try_for_each(|message| self.accept(session, *origin, bundle.timestamp, message))
            }
            BundleAction::Reject => {
                let mut messages = bundle.messages.iter();
                messages.try_for_each(|message| self.reject(session, *origin, bundle.timestamp, message))
            }
        }
    }

    /// Moves the cursor past bundles that nobody needs to read. That they are skippable is checked by who votes.
    pub(crate) fn skip(&mut self, origin: ChainId, up_to: Cursor) -> Result<(), Stop> {
        let last = System(&self.entries).received(origin)?;
        if let Some(last) = last.filter(|last| *last >= up_to) {
            return Err(Problem::SkipBackwards { origin, last }.into());
        }
        System(&mut self.entries).set_received(origin, up_to);
        Ok(())
    }

    fn accept(
        &mut self,
        session: &mut Session,
        origin: ChainId,
        timestamp: Timestamp,
        message: &Message,
    ) -> Result<(), Stop> {
        let is_bouncing = message.kind == MessageKind::Bouncing;
        match &message.content {
            MessageContent::System(system) if is_bouncing => self.take_back(system),
            MessageContent::System(system) => self.accept_system(message, system),
            MessageContent::Application { id, bytes, grant } => {
                session.add_grant(origin, *grant)?;
                let facts = CallFacts {
                    signer: message.authority.filter(|_| !is_bouncing),
                    caller: None,
                    message: Some(MessageFacts { origin, timestamp, is_bouncing }),
                };
                self.call(session, contract_call(*id, Entry::Message, bytes.0.clone(), facts))?;
                Ok(())
            }
        }
    }

    fn accept_system(&mut self, message: &Message, content: &SystemMessage) -> Result<(), Stop> {
        match *content {
            SystemMessage::Credit { target, amount, .. } => self.credit(target, amount),
            SystemMessage::Withdraw { owner, amount, recipient } => {
                if message.authority != Some(owner) {
                    return Err(Problem::NotTheirs.into());
                }
                self.transfer(myceline_types::Holder::Owner(owner), recipient, amount)
            }
        }
    }

    /// What this chain sent comes back to where it was taken from.
    fn take_back(&mut self, content: &SystemMessage) -> Result<(), Stop> {
        match *content {
            SystemMessage::Credit { source, amount, .. } => self.credit(source, amount),
            SystemMessage::Withdraw { .. } => Ok(()),
        }
    }

    /// Tracked messages go back; what came to pay for the execution does in any case.
    fn reject(
        &mut self,
        session: &mut Session,
        origin: ChainId,
        timestamp: Timestamp,
        message: &Message,
    ) -> Result<(), Stop> {
        match message.kind {
            MessageKind::Simple => session.add_grant(origin, message.grant()),
            MessageKind::Tracked => {
                session.add_grant(origin, message.grant())?;
                let content = message.content.clone().without_grant();
                self.send(origin, Message { kind: MessageKind::Bouncing, content, ..message.clone() })
            }
            MessageKind::Bouncing => self.accept(session, origin, timestamp, message),
        }
    }

    /// Sends a message, and keeps the links that let a reader find it.
    pub(crate) fn send(&mut self, recipient: ChainId, message: Message) -> Result<(), Stop> {
        let cursor = Cursor { height: self.block.height, transaction: self.transaction };
        let last = System(&self.entries).sent(recipient)?;
        if last != Some(cursor) {
            if let Some(previous) = last.filter(|last| last.height < cursor.height) {
                self.record.link(MessageLink { recipient, previous });
            }
            System(&mut self.entries).set_sent(recipient, cursor);
        }
        self.record.send(self.transaction, recipient, message);
        Ok(())
    }
}
