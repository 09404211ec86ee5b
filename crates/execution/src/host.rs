//! Answers what guests ask: one short function for each question, over the block that is being executed.

mod chains;
mod effects;
mod facts;
mod oracles;
mod state;
mod value;

use crate::{
    problem::{Problem, Stop},
    run::Run,
    session::{Call, Half, Session},
};
use myceline_state::Snapshot;
use myceline_types::{
    encoding,
    guest::{Asked, Question},
};

/// Fuel for any question, besides what its answer costs: about what stopping and resuming a guest takes.
const QUESTION_FUEL: u64 = 500;
/// Fuel for each byte that a question or an answer has: it is copied and encoded.
const BYTE_FUEL: u64 = 1;

/// What becomes of a question.
pub(crate) enum Reply {
    /// Its answer, as canonical bytes.
    Answer(Vec<u8>),
    /// Somebody else is called first.
    Call(Call),
}

/// The answer to a question.
fn reply<Q: Question>(answer: Q::Answer) -> Result<Reply, Stop> {
    Ok(Reply::Answer(encoding::to_bytes(&answer)))
}

impl<S: Snapshot> Run<'_, S> {
    /// Answers what the guest on top asks.
    pub(crate) fn answer(&mut self, session: &mut Session, code: u32, bytes: &[u8]) -> Result<Reply, Stop> {
        let asked = Asked::decode(code, bytes).ok_or(Problem::UnknownQuestion { code })?;
        let asked = asked.map_err(|error| Problem::MalformedQuestion { code, why: error.why })?;
        check_half(session, &asked)?;
        self.burn(QUESTION_FUEL + BYTE_FUEL * bytes.len() as u64)?;
        let reply = self.dispatch(session, asked)?;
        if let Reply::Answer(answer) = &reply {
            self.burn(BYTE_FUEL * answer.len() as u64)?;
        }
        Ok(reply)
    }

    fn dispatch(&mut self, session: &mut Session, asked: Asked) -> Result<Reply, Stop> {
        match asked {
            Asked::GetFacts(()) => self.get_facts(session),
            Asked::GetCall(()) => self.get_call(session),
            Asked::GetParameters(()) => self.get_parameters(session),
            Asked::DescribeApplication(id) => self.describe_application(id),
            Asked::Panic(why) => Err(Problem::Application { id: session.top().application, why }.into()),
            Asked::Log(line) => self.log(session, line),
            Asked::RemainingFuel(()) => self.remaining_fuel(),
            Asked::Get(key) => self.get(session, key),
            Asked::Scan(range) => self.scan(session, range),
            Asked::Put((key, value)) => self.put(session, key, value),
            Asked::GetBalance(holder) => self.get_balance(holder),
            Asked::ListBalances((after, limit)) => self.list_balances(after, limit),
            Asked::GetAllowance((owner, spender)) => self.get_allowance(owner, spender),
            Asked::ListAllowances((after, limit)) => self.list_allowances(after, limit),
            Asked::Transfer((from, to, amount)) => self.ask_transfer(session, from, to, amount),
            Asked::Claim(claim) => self.ask_claim(session, claim),
            Asked::Approve((owner, spender, amount)) => self.ask_approve(session, owner, spender, amount),
            Asked::TransferFrom((owner, spender, to, amount)) => {
                self.ask_transfer_from(session, owner, spender, to, amount)
            }
            Asked::Send(message) => self.ask_send(session, message),
            Asked::Call((callee, is_authenticated, bytes)) => self.ask_call(session, callee, is_authenticated, bytes),
            Asked::Emit((name, value)) => self.emit(session, name, value),
            Asked::ReadEvent((chain, stream, index)) => self.read_event(chain, &stream, index),
            Asked::Subscribe((chain, stream, from)) => self.subscribe(session, chain, stream, from),
            Asked::Unsubscribe((chain, stream)) => self.unsubscribe(session, chain, stream),
            Asked::GetOwnership(()) => self.get_ownership(),
            Asked::GetPermissions(()) => self.get_permissions(),
            Asked::OpenChain(config) => self.ask_open_chain(session, config),
            Asked::CloseChain(()) => self.ask_close_chain(session),
            Asked::ChangeOwnership(ownership) => self.ask_change_ownership(session, ownership),
            Asked::ChangePermissions(permissions) => self.ask_change_permissions(session, permissions),
            Asked::PublishBlob(bytes) => self.ask_publish_blob(bytes),
            Asked::PublishModule((contract, service)) => self.ask_publish_module(contract, service),
            Asked::CreateApplication((module, parameters, argument)) => {
                self.ask_create_application(session, module, parameters, argument)
            }
            Asked::ReadBlob(id) => self.read_blob(id),
            Asked::AssertBlob(id) => self.assert_blob(id),
            Asked::AssertBefore(time) => self.assert_before(session, time),
            Asked::AskWeb(request) => self.ask_web(session, request),
            Asked::QueryService((application, query)) => self.query_service(session, application, query),
            Asked::Schedule(operation) => self.schedule(session, operation),
        }
    }

    /// Burns fuel for what the host does.
    pub(crate) fn burn(&mut self, fuel: u64) -> Result<(), Problem> {
        self.meter.fuel = self.meter.fuel.saturating_add(fuel);
        let limit = self.environment.policy.limits.fuel;
        if self.meter.fuel > limit { Err(Problem::Limit { what: "fuel", limit }) } else { Ok(()) }
    }
}

/// A service changes nothing, and a contract schedules nothing: it can do at once what it wants to have done.
fn check_half(session: &Session, asked: &Asked) -> Result<(), Problem> {
    let is_allowed = match session.top().half {
        Half::Contract => !matches!(asked, Asked::Schedule(_)),
        Half::Service => match asked {
            Asked::GetFacts(_)
            | Asked::GetCall(_)
            | Asked::GetParameters(_)
            | Asked::DescribeApplication(_)
            | Asked::Panic(_)
            | Asked::Log(_)
            | Asked::RemainingFuel(_)
            | Asked::Get(_)
            | Asked::Scan(_)
            | Asked::GetBalance(_)
            | Asked::ListBalances(_)
            | Asked::GetAllowance(_)
            | Asked::ListAllowances(_)
            | Asked::ReadEvent(_)
            | Asked::GetOwnership(_)
            | Asked::GetPermissions(_)
            | Asked::ReadBlob(_)
            | Asked::AssertBlob(_)
            | Asked::AskWeb(_)
            | Asked::QueryService(_)
            | Asked::Schedule(_) => true,
            Asked::Put(_)
            | Asked::Transfer(_)
            | Asked::Claim(_)
            | Asked::Approve(_)
            | Asked::TransferFrom(_)
            | Asked::Send(_)
            | Asked::Call(_)
            | Asked::Emit(_)
            | Asked::Subscribe(_)
            | Asked::Unsubscribe(_)
            | Asked::OpenChain(_)
            | Asked::CloseChain(_)
            | Asked::ChangeOwnership(_)
            | Asked::ChangePermissions(_)
            | Asked::PublishBlob(_)
            | Asked::PublishModule(_)
            | Asked::CreateApplication(_)
            | Asked::AssertBefore(_) => false,
        },
    };
    if is_allowed { Ok(()) } else { Err(Problem::WrongHalf { question: asked.name() }) }
}
