//! What reaches others: calls on this chain, messages to other chains, events for whoever follows.

use super::{Reply, reply};
use crate::{
    problem::{Need, Problem, Stop},
    run::Run,
    session::{Call, Half, Returns, Session},
    system::System,
};
use myceline_state::Snapshot;
use myceline_types::{
    ApplicationId, ChainId, Fact, Holder, Message, MessageContent, MessageKind, Opaque, StreamId,
    guest::{self, CallFacts, Entry, OutgoingMessage, STREAM_NAME_BYTES_MAX},
};

impl<S: Snapshot> Run<'_, S> {
    pub(super) fn ask_call(
        &mut self,
        session: &Session,
        callee: ApplicationId,
        is_authenticated: bool,
        bytes: Opaque,
    ) -> Result<Reply, Stop> {
        if session.is_storing {
            return Err(Problem::CallWhileStoring.into());
        }
        let frame = session.top();
        let facts = CallFacts {
            signer: frame.facts.signer.filter(|_| is_authenticated),
            caller: is_authenticated.then_some(frame.application),
            message: None,
        };
        Ok(Reply::Call(Call {
            application: callee,
            half: Half::Contract,
            entry: Entry::Operation,
            argument: bytes.0,
            facts,
            returns: Returns::Bytes,
        }))
    }

    pub(super) fn ask_send(&mut self, session: &Session, message: OutgoingMessage) -> Result<Reply, Stop> {
        let OutgoingMessage { recipient, bytes, is_authenticated, is_tracked, grant } = message;
        let frame = session.top();
        if !grant.is_zero() {
            self.check_may_act(session, Holder::Chain)?;
            self.debit(Holder::Chain, grant)?;
        }
        let kind = if is_tracked { MessageKind::Tracked } else { MessageKind::Simple };
        let authority = frame.facts.signer.filter(|_| is_authenticated);
        let content = MessageContent::Application { id: frame.application, bytes, grant };
        self.send(recipient, Message { kind, authority, content })?;
        reply::<guest::Send>(())
    }

    pub(super) fn emit(&mut self, session: &Session, name: Opaque, value: Opaque) -> Result<Reply, Stop> {
        check_name(&name)?;
        let limit = self.environment.policy.limits.event_bytes;
        if value.0.len() as u64 > limit {
            return Err(Problem::Limit { what: "bytes in an event", limit }.into());
        }
        let stream = StreamId { application: session.top().application, name };
        let mut system = System(&mut self.entries);
        let emitted = system.emitted(&stream)?;
        system.set_emitted(&stream, emitted.count.checked_add(1).ok_or(Problem::StreamFull)?, self.block.height);
        self.record.emit(self.transaction, stream, emitted, self.block.height, value);
        reply::<guest::Emit>(emitted.count)
    }

    pub(super) fn read_event(&mut self, chain: ChainId, stream: &StreamId, index: u32) -> Result<Reply, Stop> {
        let found = match self.record.event(stream, index).filter(|_| chain == self.block.chain) {
            Some(value) => value.clone(),
            None => self.event(chain, stream, index)?,
        };
        self.meter.read_bytes += found.0.len() as u64;
        self.meter.check(&self.environment.policy.limits)?;
        reply::<guest::ReadEvent>(found)
    }

    /// A certified event, or the need for one.
    pub(crate) fn event(&self, chain: ChainId, stream: &StreamId, index: u32) -> Result<Opaque, Stop> {
        let needed = || Stop::Needs(Need::Fact(Fact::Event(chain, stream.clone(), index)));
        self.environment.world.event(chain, stream, index)?.ok_or_else(needed)
    }

    pub(super) fn subscribe(
        &mut self,
        session: &Session,
        chain: ChainId,
        stream: StreamId,
        from: u32,
    ) -> Result<Reply, Stop> {
        check_name(&stream.name)?;
        System(&mut self.entries).set_subscription(session.top().application, chain, &stream, Some(from));
        reply::<guest::Subscribe>(())
    }

    pub(super) fn unsubscribe(&mut self, session: &Session, chain: ChainId, stream: StreamId) -> Result<Reply, Stop> {
        System(&mut self.entries).set_subscription(session.top().application, chain, &stream, None);
        reply::<guest::Unsubscribe>(())
    }
}

fn check_name(name: &Opaque) -> Result<(), Problem> {
    let limit = STREAM_NAME_BYTES_MAX as u64;
    if name.0.len() as u64 > limit {
        return Err(Problem::Limit { what: "bytes in the name of a stream", limit });
    }
    Ok(())
}
