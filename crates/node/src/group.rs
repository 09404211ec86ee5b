//! Group commit: the steps of many chains become one batch with one signature, one fsync and then all their answers.
//!
//! A validator seals a group, commits its batch, and only then sends what the group says. The next group is sealed after
//! that, so whatever the key and the counters need is durable.

use crate::{
    layout::{COMMITS, HEIGHTS, NEXT_COMMIT},
    step::{Answer, Step, TimeoutParts},
    vote_key::VoteKey,
};
use myceline_state::{Absent, Batch, Overlay, Snapshot};
use myceline_types::{
    BlockHeight, ChainId, Refusal, TimeoutAnswer, Vote,
    api::{Notification, Reason, Response},
    crypto::SignedTop,
};

/// Turns steps into groups. One for each store.
pub struct Sealer {
    key: Option<VoteKey>,
    next_notice: u64,
}

/// A group that is ready to be made durable.
#[derive(Debug)]
pub struct Sealed {
    /// To be committed as one; later ones win.
    pub batches: Vec<Batch>,
    /// Then to be sent: an answer for each step that has one, in the order of the steps.
    pub responses: Vec<Option<Response>>,
    /// Then to be told.
    pub notifications: Vec<Notification>,
    /// Chains that the validators lead from now on (R31).
    pub public: Vec<ChainId>,
    /// The votes that the group gives, in the order in which they were signed.
    pub votes: Vec<Vote>,
    /// What the key has put its signature under for them.
    pub tops: Vec<SignedTop>,
    /// The blocks that the group commits.
    pub commits: Committed,
}

/// Blocks that were committed one after the other.
#[derive(Clone, Debug, Default)]
pub struct Committed {
    /// The place of the first one in the order of commits.
    pub first: u64,
    /// Which they are.
    pub blocks: Vec<(ChainId, BlockHeight)>,
}

impl Sealer {
    /// Seals groups of a validator with this key, or of a client, which has none. Notifications are numbered from
    /// `first_notice` on, which must be beyond those of earlier lives: a clock will do.
    pub fn new(key: Option<VoteKey>, first_notice: u64) -> Sealer {
        Sealer { key, next_notice: first_notice }
    }

    /// Makes one group of `steps`. `view` shows all groups before this one.
    pub fn seal<S: Snapshot>(&mut self, view: &S, steps: Vec<Step>) -> Result<Sealed, Absent> {
        let mut rows = Overlay::new(view, []);
        let (votes, tops) = self.sign_votes(&mut rows, &steps)?;
        let commits = write_commits(&mut rows, &steps)?;
        let mut batches = Vec::with_capacity(steps.len() + 1);
        let mut responses = Vec::with_capacity(steps.len());
        let (mut notifications, mut public) = (Vec::new(), Vec::new());
        for step in steps {
            batches.push(step.rows);
            public.extend(step.public);
            notifications.extend(step.notices.into_iter().map(|reason| self.number(reason)));
            responses.push(step.answer.map(|answer| self.complete(&rows, answer)).transpose()?);
        }
        batches.push(rows.into_changes());
        batches.retain(|batch| !batch.is_empty());
        Ok(Sealed { batches, responses, notifications, public, votes, tops, commits })
    }

    fn sign_votes<S: Snapshot>(
        &mut self,
        rows: &mut Overlay<S>,
        steps: &[Step],
    ) -> Result<(Vec<Vote>, Vec<SignedTop>), Absent> {
        let votes: Vec<Vote> = steps.iter().filter_map(|step| step.answer.as_ref()?.new_vote()).collect();
        let tops = match &mut self.key {
            Some(key) => key.sign(rows, &votes)?,
            None => Vec::new(),
        };
        Ok((votes, tops))
    }

    fn number(&mut self, reason: Reason) -> Notification {
        let sequence = self.next_notice;
        self.next_notice += 1;
        Notification { sequence, reason }
    }

    /// Adds the signatures that an answer lacks. A vote that the key refused to sign leaves nothing to say; nor does one of a
    /// height that another step of the group has decided, or of a round that it has left: whoever asks again learns how.
    fn complete<S: Snapshot>(&mut self, rows: &Overlay<S>, answer: Answer) -> Result<Response, Absent> {
        let Some(key) = &mut self.key else { return Ok(without_key(answer)) };
        let is_over = answer.vote().is_some_and(|vote| key.is_past(vote));
        let response = match answer {
            Answer::Ready(response) => Some(response),
            Answer::Info(info) => Some(Response::Info(Box::new(key.sign_info(info)))),
            Answer::Vote(vote) => key.signed(rows, &vote)?.map(Response::Vote),
            Answer::Voted(vote, body) => key.signed(rows, &vote)?.map(|vote| refused(Refusal::Voted { vote, body })),
            Answer::Timeout(parts) => timeout(key, rows, parts)?.map(|answer| Response::Timeout(Box::new(answer))),
            Answer::Closed(parts) => {
                timeout(key, rows, parts)?.map(|answer| refused(Refusal::Closed(Box::new(answer))))
            }
        };
        Ok(response.unwrap_or_else(|| refused(if is_over { Refusal::Busy } else { Refusal::Halted })))
    }
}

impl Answer {
    /// The vote that the answer is about.
    fn vote(&self) -> Option<&Vote> {
        match self {
            Answer::Vote(vote) | Answer::Voted(vote, _) => Some(vote),
            Answer::Timeout(parts) | Answer::Closed(parts) => Some(&parts.vote),
            Answer::Ready(_) | Answer::Info(_) => None,
        }
    }

    /// The vote that the key has to sign for this answer, unless it has already.
    pub(crate) fn new_vote(&self) -> Option<Vote> {
        match self {
            Answer::Vote(vote) => Some(*vote),
            Answer::Timeout(parts) => Some(parts.vote),
            Answer::Ready(_) | Answer::Voted(..) | Answer::Closed(_) | Answer::Info(_) => None,
        }
    }
}

fn timeout<S: Snapshot>(
    key: &mut VoteKey,
    rows: &Overlay<S>,
    parts: TimeoutParts,
) -> Result<Option<TimeoutAnswer>, Absent> {
    let TimeoutParts { vote, certificate, body } = parts;
    Ok(key.signed(rows, &vote)?.map(|vote| TimeoutAnswer { vote, certificate, body }))
}

fn refused(refusal: Refusal) -> Response {
    Response::Refused(Box::new(refusal))
}

/// A client votes for nothing; what else it answers is complete.
fn without_key(answer: Answer) -> Response {
    match answer {
        Answer::Ready(response) => response,
        Answer::Vote(_) | Answer::Timeout(_) | Answer::Voted(..) | Answer::Closed(_) | Answer::Info(_) => {
            refused(Refusal::Halted)
        }
    }
}

/// Gives each committed block its place in the order of commits.
fn write_commits<S: Snapshot>(rows: &mut Overlay<S>, steps: &[Step]) -> Result<Committed, Absent> {
    let first = NEXT_COMMIT.get_or_default(rows)?;
    let mut blocks = Vec::new();
    for (place, commit) in (first..).zip(steps.iter().flat_map(|step| &step.commits)) {
        COMMITS.insert(rows, &place, commit);
        HEIGHTS.insert(rows, &commit.place(), &place);
        blocks.push(commit.place());
    }
    if !blocks.is_empty() {
        NEXT_COMMIT.set(rows, &(first + blocks.len() as u64));
    }
    Ok(Committed { first, blocks })
}
