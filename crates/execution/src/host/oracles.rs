//! What may differ between two honest validators: the web, services and clocks. In a block each answer leaves a record (R5);
//! blobs and events do not, since what was certified stays so.

use super::{Reply, reply};
use crate::{
    problem::{Need, Problem, Stop},
    run::Run,
    session::{Call, Half, Returns, Session},
    world::{Oracle, web_key},
};
use myceline_state::Snapshot;
use myceline_types::{
    ApplicationId, BlobId, Difference, Hash, Opaque, OracleAnswer, Timestamp,
    guest::{AskWeb, AssertBefore, AssertBlob, CallFacts, Entry, HttpAnswer, HttpRequest, ReadBlob, Schedule},
};

/// Operations that one query may schedule.
const SCHEDULED_MAX: usize = 256;

impl<S: Snapshot> Run<'_, S> {
    pub(super) fn read_blob(&mut self, id: BlobId) -> Result<Reply, Stop> {
        let blob = self.blob(id)?;
        self.meter.blobs += 1;
        self.meter.blob_bytes += blob.bytes.0.len() as u64;
        self.meter.check(&self.environment.policy.limits)?;
        reply::<ReadBlob>(blob.bytes)
    }

    pub(super) fn assert_blob(&mut self, id: BlobId) -> Result<Reply, Stop> {
        self.blob(id)?;
        self.meter.blobs += 1;
        reply::<AssertBlob>(())
    }

    pub(super) fn assert_before(&mut self, session: &Session, time: Timestamp) -> Result<Reply, Stop> {
        self.check_may_ask_oracles(session)?;
        match self.environment.oracle {
            Oracle::Own { now, .. } if now >= time => return Err(Problem::TooLate(time).into()),
            Oracle::Own { .. } => self.check_agrees(|| "the time".into(), &OracleAnswer::Before(time))?,
            Oracle::Recorded(_) if self.recorded()? == OracleAnswer::Before(time) => (),
            Oracle::Recorded(_) => return Err(Problem::OtherOracle.into()),
        }
        self.record.answered(self.transaction, OracleAnswer::Before(time));
        reply::<AssertBefore>(())
    }

    pub(super) fn ask_web(&mut self, session: &Session, request: HttpRequest) -> Result<Reply, Stop> {
        self.check_server(&request)?;
        if session.top().half == Half::Service {
            return reply::<AskWeb>(self.own_answer(request)?);
        }
        self.check_may_ask_oracles(session)?;
        self.meter.web += 1;
        self.meter.check(&self.environment.policy.limits)?;
        let answer = match self.environment.oracle {
            Oracle::Own { .. } => {
                let url = request.url.clone();
                let answer = self.own_answer(request)?;
                self.check_agrees(|| url, &OracleAnswer::Web(answer.clone()))?;
                answer
            }
            Oracle::Recorded(_) => match self.recorded()? {
                OracleAnswer::Web(answer) => answer,
                _ => return Err(Problem::OtherOracle.into()),
            },
        };
        self.record.answered(self.transaction, OracleAnswer::Web(answer.clone()));
        reply::<AskWeb>(answer)
    }

    fn own_answer(&self, request: HttpRequest) -> Result<HttpAnswer, Stop> {
        let Oracle::Own { web, .. } = self.environment.oracle else { return Err(Problem::OtherOracle.into()) };
        let Some(answer) = web.get(&web_key(&request)) else { return Err(Stop::Needs(Need::Web(Box::new(request)))) };
        let answer = answer.as_ref().map_err(|why| Stop::Unanswered { url: request.url, why: why.clone() })?;
        let limit = self.environment.policy.limits.oracle_bytes;
        if answer.body.0.len() as u64 > limit {
            return Err(Problem::Limit { what: "bytes in an oracle's answer", limit }.into());
        }
        Ok(answer.clone())
    }

    pub(super) fn query_service(
        &mut self,
        session: &Session,
        application: ApplicationId,
        query: Opaque,
    ) -> Result<Reply, Stop> {
        let is_oracle = session.top().half == Half::Contract;
        if is_oracle {
            if session.is_storing {
                return Err(Problem::CallWhileStoring.into());
            }
            self.check_may_ask_oracles(session)?;
            self.meter.services += 1;
            self.meter.check(&self.environment.policy.limits)?;
            if let Oracle::Recorded(_) = self.environment.oracle {
                let OracleAnswer::Service(answer) = self.recorded()? else { return Err(Problem::OtherOracle.into()) };
                self.record.answered(self.transaction, OracleAnswer::Service(answer.clone()));
                return reply::<myceline_types::guest::QueryService>(answer);
            }
        }
        Ok(Reply::Call(Call {
            application,
            half: Half::Service,
            entry: Entry::Query,
            argument: query.0,
            facts: CallFacts { signer: None, caller: None, message: None },
            returns: if is_oracle { Returns::Recorded } else { Returns::Bytes },
        }))
    }

    /// Records what a service answered to a contract.
    pub(crate) fn record_service(&mut self, service: ApplicationId, answer: Vec<u8>) -> Result<Vec<u8>, Stop> {
        let limit = self.environment.policy.limits.oracle_bytes;
        if answer.len() as u64 > limit {
            return Err(Problem::Limit { what: "bytes in an oracle's answer", limit }.into());
        }
        let recorded = OracleAnswer::Service(Opaque(answer.clone()));
        self.check_agrees(|| format!("the service of application {service}"), &recorded)?;
        self.record.answered(self.transaction, recorded);
        Ok(answer)
    }

    /// An oracle answers here what the block says, where there is a block. Found out at once: what follows from another answer
    /// would only hide that it was another one.
    fn check_agrees(&self, asked: impl FnOnce() -> String, answer: &OracleAnswer) -> Result<(), Stop> {
        let Oracle::Own { claimed: Some(claimed), .. } = self.environment.oracle else { return Ok(()) };
        let transaction = self.transaction;
        let claimed = claimed.get(self.record.oracle_count()).filter(|claimed| claimed.transaction == transaction);
        match claimed {
            Some(claimed) if claimed.answer == *answer => Ok(()),
            other => Err(Stop::Differs(Box::new(Difference {
                transaction,
                asked: asked(),
                here: digest(answer),
                claimed: other.map_or(Hash::ZERO, |other| digest(&other.answer)),
            }))),
        }
    }

    /// Who may be asked is part of the policy, so everybody agrees on it.
    fn check_server(&self, request: &HttpRequest) -> Result<(), Problem> {
        match request.server() {
            Some(server) if self.environment.policy.web.allows(&server) => Ok(()),
            Some(server) => Err(Problem::ServerForbidden(server)),
            None => Err(Problem::ServerForbidden(request.url.clone())),
        }
    }

    pub(super) fn schedule(&mut self, session: &mut Session, operation: Opaque) -> Result<Reply, Stop> {
        if session.scheduled.len() >= SCHEDULED_MAX {
            return Err(Problem::Limit { what: "scheduled operations", limit: SCHEDULED_MAX as u64 }.into());
        }
        session.scheduled.push(operation.0);
        reply::<Schedule>(())
    }

    /// The next answer that the block recorded. As many were recorded before it as this run has used.
    fn recorded(&self) -> Result<OracleAnswer, Problem> {
        let Oracle::Recorded(records) = self.environment.oracle else { return Err(Problem::OtherOracle) };
        let next = records.get(self.record.oracle_count()).filter(|next| next.transaction == self.transaction);
        next.map(|next| next.answer.clone()).ok_or(Problem::OtherOracle)
    }

    fn check_may_ask_oracles(&self, session: &Session) -> Result<(), Problem> {
        let application = session.top().application;
        match &self.config.permissions.oracles {
            Some(allowed) if !allowed.contains(&application) => Err(Problem::OraclesForbidden(application)),
            _ => Ok(()),
        }
    }
}

fn digest(answer: &OracleAnswer) -> Hash {
    Hash::of_value("OracleAnswer", answer)
}
