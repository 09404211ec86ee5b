//! What a guest may know: where and why it runs, and what it was created with.

use super::{Reply, reply};
use crate::{problem::Stop, run::Run, session::Session};
use myceline_state::Snapshot;
use myceline_types::{
    ApplicationId,
    guest::{DescribeApplication, Facts, GetCall, GetFacts, GetParameters, Log, LogLine, RemainingFuel},
};

impl<S: Snapshot> Run<'_, S> {
    pub(super) fn get_facts(&self, session: &Session) -> Result<Reply, Stop> {
        reply::<GetFacts>(Facts {
            application: session.top().application,
            creator: session.description().creator,
            chain: self.block.chain,
            height: self.block.height,
            timestamp: self.block.timestamp,
        })
    }

    pub(super) fn get_call(&self, session: &Session) -> Result<Reply, Stop> {
        reply::<GetCall>(session.top().facts.clone())
    }

    pub(super) fn get_parameters(&self, session: &Session) -> Result<Reply, Stop> {
        reply::<GetParameters>(session.description().parameters.clone())
    }

    pub(super) fn describe_application(&self, id: ApplicationId) -> Result<Reply, Stop> {
        reply::<DescribeApplication>(self.describe(id)?)
    }

    pub(super) fn log(&mut self, session: &Session, line: LogLine) -> Result<Reply, Stop> {
        self.record.log(session.top().application, line);
        reply::<Log>(())
    }

    pub(super) fn remaining_fuel(&self) -> Result<Reply, Stop> {
        reply::<RemainingFuel>(self.environment.policy.limits.fuel.saturating_sub(self.meter.fuel))
    }
}
