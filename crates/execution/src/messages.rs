//! Consuming bundles: accepted, rejected or skipped, always the next one of its origin.

use crate::{
    problem::{Problem, Stop},
    run::Run,
    system::System,
};
use myceline_state::Snapshot;
use myceline_types::{
    BundleAction, ChainId, Cursor, IncomingBundle, Message, MessageContent, MessageKind, MessageLink, SystemMessage,
};

impl<S: Snapshot> Run<'_, S> {
    /// Consumes the next bundle of an origin.
    pub(crate) fn receive(&mut self, incoming: &IncomingBundle) -> Result<(), Stop> {
        let IncomingBundle { origin, bundle, action } = incoming;
        let last = System(&self.entries).received(*origin)?;
        if bundle.previous != last {
            let follows = bundle.previous;
            return Err(Problem::BundleOrder { origin: *origin, found: bundle.cursor, follows, last }.into());
        }
        System(&mut self.entries).set_received(*origin, bundle.cursor);
        match action {
            BundleAction::Accept if self.config.closed => Err(Problem::Closed.into()),
            BundleAction::Accept => bundle.messages.iter().try_for_each(|message| self.accept(*origin, message)),
            BundleAction::Reject => bundle.messages.iter().try_for_each(|message| self.reject(*origin, message)),
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

    fn accept(&mut self, origin: ChainId, message: &Message) -> Result<(), Stop> {
        match &message.content {
            MessageContent::System(system) if message.kind == MessageKind::Bouncing => self.take_back(system),
            MessageContent::System(system) => self.accept_system(message, system),
            MessageContent::Application { id, bytes } => {
                let engine = self.environment.engine;
                engine
                    .receive(*id, origin, message.kind, &bytes.0)
                    .map_err(|why| Problem::Application { id: *id, why })?;
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

    fn reject(&mut self, origin: ChainId, message: &Message) -> Result<(), Stop> {
        match message.kind {
            MessageKind::Simple => Ok(()),
            MessageKind::Tracked => self.send(origin, Message { kind: MessageKind::Bouncing, ..message.clone() }),
            MessageKind::Bouncing => self.accept(origin, message),
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
