//! One step of a loaded chain, by whoever takes it: with what it asks for, and rows fetched as they are found to be lacking.

use super::{
    Context,
    job::{Attempt, ChainRequest, Unstepped},
};
use myceline_node::{Answers, Lacking, Moment, Patience, Work};
use myceline_storage::Store;

/// How often fetching rows is tried for one step before the store counts as broken.
const FETCHES_MAX: usize = 64;

impl<S: Store> Attempt<S> {
    /// Takes a step by `step`, fetching what the view lacks.
    pub(super) fn take<T>(
        &mut self,
        context: &Context<S>,
        view: &S::View,
        patience: Patience,
        mut step: impl FnMut(Moment<'_, S::View>, &mut ChainRequest<S>) -> Result<T, Lacking>,
    ) -> Result<T, Unstepped> {
        let mut fetched: Option<S::View> = None;
        for _ in 0..FETCHES_MAX {
            let moment = context.moment(fetched.as_ref().unwrap_or(view), &self.answers, patience);
            let absent = match step(moment, &mut self.request) {
                Ok(taken) => return Ok(taken),
                Err(Lacking::Rows(absent)) => absent,
                Err(Lacking::Answer(request)) => return Err(Unstepped::Asks(request)),
                Err(Lacking::Time) => return Err(Unstepped::TooLong),
            };
            let view = fetched.get_or_insert_with(|| view.clone());
            pollster::block_on(context.store.prefetch(view, &absent))
                .map_err(|error| Unstepped::Unreadable(error.to_string()))?;
        }
        Err(Unstepped::Unreadable("the store does not answer for rows that it was asked to fetch".into()))
    }
}

impl<S: Store> ChainRequest<S> {
    /// Whether all that whoever asks learns is an answer.
    pub(super) fn is_answered(&self) -> bool {
        !matches!(self, ChainRequest::Act(_) | ChainRequest::Look(_))
    }

    /// Does what is asked.
    pub(super) fn act(&mut self, work: &mut Work<'_, S::View>) -> Result<(), Lacking> {
        match self {
            ChainRequest::Propose(request) => work.propose(request),
            ChainRequest::Certificate(request) => work.certificate(request),
            ChainRequest::TimeoutCertificate(timeout) => work.timeout_certificate(timeout),
            ChainRequest::LeaveRound(request) => work.leave_round(request),
            ChainRequest::Info(nonce) => {
                work.info(*nonce);
                Ok(())
            }
            ChainRequest::Act(act) | ChainRequest::Look(act) => act(work),
        }
    }
}

impl<S: Store> Context<S> {
    fn moment<'a>(&'a self, view: &'a S::View, web: &'a Answers, patience: Patience) -> Moment<'a, S::View> {
        let Context { verifier, known_blobs, role, engine, clock, .. } = self;
        let (verifier, engine) = (&**verifier, &**engine);
        Moment { now: clock.now(), view, verifier, known_blobs, role: *role, engine, web, patience }
    }
}
