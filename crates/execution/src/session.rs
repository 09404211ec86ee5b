//! One transaction's guests: loaded once, called on a stack of frames, and asked to store at the end.
//!
//! Calls inside calls are frames that wait, not functions that call themselves: the loop in [`Run::call`] runs whatever is
//! on top until the stack is empty.

use crate::{
    engine::{CodeLimits, Guest, Input, Turn},
    host::Reply,
    problem::{Need, Problem, Stop},
    run::Run,
};
use myceline_state::Snapshot;
use myceline_types::{
    Amount, ApplicationDescription, ApplicationId, BlobId, ChainId, Fact, Holder, encoding,
    guest::{CallFacts, Entry},
};
use std::collections::BTreeMap;

/// Fuel that a guest gets at once: some milliseconds of work, after which whoever steps may think again.
const SLICE: i64 = 5_000_000;

/// Which half of an application runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Half {
    Contract,
    Service,
}

/// A call of an entry point.
pub(crate) struct Call {
    pub(crate) application: ApplicationId,
    pub(crate) half: Half,
    pub(crate) entry: Entry,
    pub(crate) argument: Vec<u8>,
    pub(crate) facts: CallFacts,
    /// What whoever called gets, once the call returns.
    pub(crate) returns: Returns,
}

/// What a caller gets for what its callee returned.
pub(crate) enum Returns {
    /// The bytes.
    Bytes,
    /// This, whatever was returned.
    Instead(Vec<u8>),
    /// The bytes, which are recorded as an oracle's answer.
    Recorded,
}

/// A call that is going on.
pub(crate) struct Frame {
    pub(crate) application: ApplicationId,
    pub(crate) half: Half,
    pub(crate) facts: CallFacts,
    returns: Returns,
}

/// A guest with what is known about it.
struct Loaded {
    guest: Box<dyn Guest>,
    description: ApplicationDescription,
}

/// The guests of one transaction.
#[derive(Default)]
pub(crate) struct Session {
    guests: BTreeMap<(ApplicationId, Half), Loaded>,
    /// Contracts in the order in which they were loaded.
    contracts: Vec<ApplicationId>,
    stack: Vec<Frame>,
    /// The end of the transaction: nobody may be called any more.
    pub(crate) is_storing: bool,
    /// Operations that services want in a block.
    pub(crate) scheduled: Vec<Vec<u8>>,
    /// What messages brought to pay for their execution, and from where.
    pub(crate) grants: Option<(ChainId, Amount)>,
}

impl Session {
    /// The call that is going on.
    pub(crate) fn top(&self) -> &Frame {
        self.stack.last().expect("questions are asked inside of calls")
    }

    /// A message came with something to pay for its execution. All messages of a transaction are from one chain.
    pub(crate) fn add_grant(&mut self, origin: ChainId, grant: Amount) -> Result<(), Stop> {
        if !grant.is_zero() {
            let before = self.grants.map_or(Amount::ZERO, |(_, amount)| amount);
            let sum = before.checked_add(grant).ok_or(Problem::Overflow { holder: Holder::Chain })?;
            self.grants = Some((origin, sum));
        }
        Ok(())
    }

    /// What the application that is running was created from.
    pub(crate) fn description(&self) -> &ApplicationDescription {
        let Frame { application, half, .. } = self.top();
        &self.guests.get(&(*application, *half)).expect("who is called was loaded").description
    }

    /// Whether a contract was called in this transaction.
    pub(crate) fn contracts(&self) -> &[ApplicationId] {
        &self.contracts
    }

    fn guest(&mut self) -> &mut dyn Guest {
        let Frame { application, half, .. } = self.stack.last().expect("somebody is running");
        &mut *self.guests.get_mut(&(*application, *half)).expect("who is called was loaded").guest
    }
}

impl<S: Snapshot> Run<'_, S> {
    /// Calls an application and gives what it returns.
    pub(crate) fn call(&mut self, session: &mut Session, call: Call) -> Result<Vec<u8>, Stop> {
        let mut turn = self.enter(session, call)?;
        loop {
            turn = match turn {
                Turn::Asks(code, bytes) => match self.answer(session, code, &bytes)? {
                    Reply::Answer(answer) => self.resume(session, Input::Answer(&answer))?,
                    Reply::Call(call) => self.enter(session, call)?,
                },
                Turn::Returns(bytes) => match self.leave(session, bytes)? {
                    Left::End(bytes) => return Ok(bytes),
                    Left::Caller(answer) => self.resume(session, Input::Answer(&answer))?,
                },
                Turn::Hungry => self.feed(session)?,
                Turn::Traps(trap) => {
                    return Err(Problem::Application { id: session.top().application, why: trap.to_string() }.into());
                }
                Turn::Faults(fault) => return Err(Stop::Fault(fault)),
            };
        }
    }

    /// Lets every contract store what it keeps in memory, the last one loaded first.
    pub(crate) fn store(&mut self, session: &mut Session) -> Result<(), Stop> {
        session.is_storing = true;
        for application in session.contracts.clone().into_iter().rev() {
            let facts = CallFacts { signer: None, caller: None, message: None };
            let call = Call {
                application,
                half: Half::Contract,
                entry: Entry::Store,
                argument: Vec::new(),
                facts,
                returns: Returns::Bytes,
            };
            self.call(session, call)?;
        }
        Ok(())
    }

    fn enter(&mut self, session: &mut Session, call: Call) -> Result<Turn, Stop> {
        let Call { application, half, entry, argument, facts, returns } = call;
        let limits = &self.environment.policy.limits;
        if session.stack.iter().any(|frame| frame.application == application && frame.half == half) {
            return Err(Problem::Reentrant(application).into());
        }
        if session.stack.len() >= limits.call_depth as usize {
            return Err(Problem::Limit { what: "calls inside calls", limit: limits.call_depth.into() }.into());
        }
        self.load(session, application, half)?;
        session.stack.push(Frame { application, half, facts, returns });
        self.resume(session, Input::Call(entry, &argument))
    }

    fn leave(&mut self, session: &mut Session, bytes: Vec<u8>) -> Result<Left, Stop> {
        let frame = session.stack.pop().expect("whoever returns was called");
        let answer = match frame.returns {
            Returns::Bytes => bytes,
            Returns::Instead(answer) => return Ok(Left::of(session, answer)),
            Returns::Recorded => self.record_service(frame.application, bytes)?,
        };
        let is_outermost = session.stack.is_empty();
        Ok(if is_outermost { Left::End(answer) } else { Left::Caller(encoding::to_bytes(&encoding::Opaque(answer))) })
    }

    /// Lets a hungry guest go on, if there is anything left for it.
    fn feed(&mut self, session: &mut Session) -> Result<Turn, Stop> {
        let limit = self.environment.policy.limits.fuel;
        if self.meter.fuel >= limit {
            return Err(Problem::Limit { what: "fuel", limit }.into());
        }
        self.resume(session, Input::Fuel)
    }

    /// Runs the guest on top for a slice of fuel.
    fn resume(&mut self, session: &mut Session, input: Input<'_>) -> Result<Turn, Stop> {
        if self.meter.fuel > self.environment.patience {
            return Err(Stop::TooLong);
        }
        let limit = self.environment.policy.limits.fuel;
        let left = limit.checked_sub(self.meter.fuel).ok_or(Problem::Limit { what: "fuel", limit })?;
        let slice = i64::try_from(left).unwrap_or(i64::MAX).min(SLICE);
        let mut fuel = slice;
        let turn = session.guest().resume(input, &mut fuel);
        let burnt = slice.saturating_sub(fuel).max(0).unsigned_abs();
        self.meter.fuel = self.meter.fuel.saturating_add(burnt);
        if self.meter.fuel > limit {
            return Err(Problem::Limit { what: "fuel", limit }.into());
        }
        Ok(turn)
    }

    /// Makes an instance of an application's code, unless this transaction has one.
    fn load(&mut self, session: &mut Session, application: ApplicationId, half: Half) -> Result<(), Stop> {
        if session.guests.contains_key(&(application, half)) {
            return Ok(());
        }
        let limits = &self.environment.policy.limits;
        if session.guests.len() >= limits.loaded as usize {
            return Err(Problem::Limit { what: "loaded applications", limit: limits.loaded.into() }.into());
        }
        let description = self.describe(application)?;
        let module = match half {
            Half::Contract => description.module.contract_blob(),
            Half::Service => description.module.service_blob(),
        };
        let guest = self.instantiate(module)?;
        session.guests.insert((application, half), Loaded { guest, description });
        if half == Half::Contract {
            session.contracts.push(application);
        }
        Ok(())
    }

    fn instantiate(&self, module: BlobId) -> Result<Box<dyn Guest>, Stop> {
        if let Some(guest) = self.environment.engine.cached(module, self.code_limits()).map_err(Stop::Fault)? {
            return Ok(guest);
        }
        let code = self.blob(module)?;
        // To compile takes as long as the code is: nobody waits for that either.
        if self.environment.patience < u64::MAX {
            return Err(Stop::TooLong);
        }
        self.environment.engine.instantiate(module, &code.bytes.0, self.code_limits()).map_err(Stop::Fault)
    }

    /// What the policy says about code.
    pub(crate) fn code_limits(&self) -> CodeLimits {
        CodeLimits::of(self.environment.policy)
    }

    /// What an application was created from.
    pub(crate) fn describe(&self, application: ApplicationId) -> Result<ApplicationDescription, Stop> {
        let blob = self.blob(application.blob())?;
        let description = encoding::from_bytes(&blob.bytes.0);
        Ok(description.map_err(|_| Problem::UnknownApplication(application))?)
    }

    /// A blob that is certified, or that this block has published.
    pub(crate) fn blob(&self, id: BlobId) -> Result<myceline_types::Blob, Stop> {
        if let Some(blob) = self.record.created(id) {
            return Ok(blob.clone());
        }
        if self.record.publishes(id)
            && let Some(blob) = self.environment.world.offered(id)
        {
            return Ok(blob.clone());
        }
        self.environment.world.certified(id)?.ok_or(Stop::Needs(Need::Fact(Fact::Blob(id))))
    }
}

/// Where a returned call leads.
enum Left {
    /// To whoever began it all.
    End(Vec<u8>),
    /// To the guest that called, with the answer to its question.
    Caller(Vec<u8>),
}

impl Left {
    fn of(session: &Session, answer: Vec<u8>) -> Left {
        if session.stack.is_empty() { Left::End(answer) } else { Left::Caller(answer) }
    }
}
