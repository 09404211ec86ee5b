//! Steps that cannot be taken at once: somebody else finds something out first, and then they come back to the worker.

use super::{WAITING_MAX, Worker, load};
use crate::local::{
    aside::Run,
    job::{Attempt, ChainRequest, Ended, Job, Stepped, Tried, TriedOut, Unstepped},
};
use myceline_node::{Patience, Step, Trial, web::Question, web_key};
use myceline_storage::Store;
use myceline_types::{
    api::Response,
    guest::{HttpAnswer, HttpRequest},
};

/// Questions to the web that one step may ask. A contract's are bounded by the policy, those of a service by this.
const QUESTIONS_MAX: usize = 64;

impl<S: Store> Worker<S> {
    /// Asks the web; the step is taken again with what it answers.
    pub(super) fn ask(&mut self, attempt: Attempt<S>, request: HttpRequest) {
        let policy = self.cells.get(&attempt.chain).and_then(|loaded| loaded.cell.policy());
        let Some(policy) = policy.filter(|_| attempt.answers.len() < QUESTIONS_MAX) else {
            return (attempt.done)(Ended::Unreadable(format!("it asks more than {QUESTIONS_MAX} questions")));
        };
        let key = web_key(&request);
        let question = Question { request, policy: policy.web.clone(), answer_bytes: policy.limits.oracle_bytes };
        let (me, bell) = (self.me.clone(), self.context.bell.clone());
        self.context.web.ask(
            question,
            Box::new(move |answer| {
                // Where there is no room the attempt is dropped, which tells the asker that this node is busy.
                let _ = me.try_send(Job::Answered { attempt: Box::new(attempt), key, answer });
                bell.inspect(|bell| bell.notify_one());
            }),
        );
    }

    pub(super) fn answered(
        &mut self,
        mut attempt: Attempt<S>,
        key: Vec<u8>,
        answer: Result<HttpAnswer, String>,
        view: &S::View,
        steps: &mut Vec<Stepped>,
    ) {
        attempt.answers.insert(key, answer);
        // With another answer it does something else.
        attempt.tried = None;
        self.step(attempt, view, steps, true);
    }

    /// Has a step tried out elsewhere, one of a chain at a time. Others of the chain that take long wait for that.
    pub(super) fn put_aside(&mut self, attempt: Attempt<S>, view: &S::View, steps: &mut Vec<Stepped>) {
        let (Some(aside), None) = (&self.aside, &attempt.tried) else { return self.step_at_last(attempt, view, steps) };
        let chain = attempt.chain;
        if let Some(waiting) = self.tried_out.get_mut(&chain) {
            if waiting.len() < WAITING_MAX {
                waiting.push(attempt);
            }
            return;
        }
        let Some(loaded) = self.cells.get(&chain) else { return };
        let (context, cell, view, worker) = (self.context.clone(), loaded.cell.clone(), view.clone(), self.me.clone());
        if aside.run(Run { context, cell, view, attempt, worker }) {
            self.tried_out.insert(chain, Vec::new());
        }
    }

    /// A step that takes long again after it was tried out: the block in it was refused, or is one that nothing is kept of.
    fn step_at_last(&mut self, mut attempt: Attempt<S>, view: &S::View, steps: &mut Vec<Stepped>) {
        let refused = attempt.tried.take().and_then(|tried| tried.refused);
        if let Some(refusal) = refused.filter(|_| attempt.request.is_answered()) {
            let answer = Some(Response::Refused(Box::new(refusal)).into());
            return steps.push(Stepped { step: Step { answer, ..Step::default() }, done: attempt.done });
        }
        match self.try_step(&mut attempt, view, Patience::Endless) {
            Ok(step) => self.stepped(step, attempt, steps, true),
            Err(why) => (attempt.done)(Ended::Unreadable(format!("{why:?}"))),
        }
    }

    /// A step was tried out: the chain learns what was executed, and the step is taken now, unless it only looked.
    pub(super) fn tried_out(
        &mut self,
        TriedOut { mut attempt, outcome }: TriedOut<S>,
        view: &S::View,
        steps: &mut Vec<Stepped>,
    ) {
        let waiting = self.tried_out.remove(&attempt.chain).unwrap_or_default();
        match outcome {
            Ok(trial) => {
                let is_here = self.learn(&mut attempt, &trial, view);
                attempt.tried = is_here.then_some(Tried { refused: trial.refused });
                match attempt.request {
                    ChainRequest::Look(_) => steps.push(Stepped { step: Step::default(), done: attempt.done }),
                    _ => self.step(attempt, view, steps, true),
                }
            }
            Err(Unstepped::Asks(request)) => self.ask(attempt, *request),
            Err(Unstepped::TooLong) => self.step_at_last(attempt, view, steps),
            Err(Unstepped::Unreadable(why)) => (attempt.done)(Ended::Unreadable(why)),
        }
        for attempt in waiting {
            self.step(attempt, view, steps, true);
        }
    }

    /// Lets the chain learn what was executed; `false` where it has moved on.
    fn learn(&mut self, attempt: &mut Attempt<S>, trial: &Trial, view: &S::View) -> bool {
        let Worker { context, cells, .. } = self;
        let chain = attempt.chain;
        // It may have left memory meanwhile.
        let learnt = attempt.take(context, view, Patience::Endless, |moment, _| {
            let loaded = load(cells, context, chain, moment.view)?;
            Ok(loaded.is_some_and(|loaded| loaded.cell.learn(trial)))
        });
        learnt.unwrap_or(false)
    }
}
