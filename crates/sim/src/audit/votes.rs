//! All votes that honest validators have signed, and those that they have shown.

use super::{Found, Rule, absent};
use myceline_node::{layout::VOTES, rows::VoteRow};
use myceline_state::Snapshot;
use myceline_types::{ChainId, Position, Refusal, SignedVote, Slot, Vote, api::Response};
use std::collections::BTreeMap;

/// The votes of each validator at each height, by their positions.
#[derive(Default)]
pub(super) struct Votes(BTreeMap<(u8, ChainId), BTreeMap<Slot, BTreeMap<Position, Vote>>>);

impl Votes {
    /// A validator's log is durable as this row says.
    pub(super) fn durable(&mut self, place: u8, row: &VoteRow) -> Found {
        for SignedVote { vote, .. } in &row.signed {
            let given = self.0.entry((place, vote.slot.chain)).or_default();
            let is_past = given.keys().next_back().is_some_and(|slot| *slot > vote.slot);
            let given = given.entry(vote.slot).or_default();
            let position = vote.position();
            match given.get(&position) {
                Some(before) => Rule::OneVote
                    .holds(before == vote, || format!("v{place} signs {vote:?} where it had signed {before:?}"))?,
                None => {
                    let is_back = is_past || given.keys().next_back().is_some_and(|last| *last > position);
                    Rule::OneVote.holds(!is_back, || format!("v{place} goes back to sign {vote:?}"))?;
                    given.insert(position, *vote);
                }
            }
        }
        Ok(())
    }

    /// A validator shows a vote.
    pub(super) fn shown(&self, place: u8, signed: &SignedVote) -> Found {
        let vote = &signed.vote;
        let given = self.0.get(&(place, vote.slot.chain)).and_then(|given| given.get(&vote.slot));
        let is_durable = given.and_then(|given| given.get(&vote.position())) == Some(vote);
        // Evidence may show votes of others, whose names do not lie here.
        Rule::OneVote.holds(is_durable || signed.signer != place, || format!("v{place} shows {vote:?} too early"))
    }

    /// After a restart the newest vote of every chain is still there.
    pub(super) fn kept(&self, place: u8, view: &impl Snapshot) -> Found {
        for ((_, chain), given) in self.0.iter().filter(|((by, _), _)| *by == place) {
            let Some((slot, votes)) = given.last_key_value() else { continue };
            let row = VOTES.get(view, chain).map_err(absent)?.unwrap_or_default();
            let newest = votes.last_key_value().map(|(_, vote)| vote);
            let has = row.height > slot.height || row.signed.iter().any(|signed| Some(&signed.vote) == newest);
            Rule::OneVote.holds(has, || format!("v{place} has forgotten {newest:?} in a crash"))?;
        }
        Ok(())
    }
}

/// The votes of the validator itself in what it answers.
pub(super) fn in_answer(response: &Response) -> Vec<&SignedVote> {
    match response {
        Response::Vote(vote) => vec![vote],
        Response::Timeout(answer) => vec![&answer.vote],
        Response::Refused(refusal) => match &**refusal {
            Refusal::Voted { vote, .. } => vec![vote],
            Refusal::Closed(answer) => vec![&answer.vote],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// No honest validator is ever shown a contradiction while no more than f are dishonest.
pub(super) fn check_not_halted(place: u8, response: &Response) -> Found {
    let is_halted = matches!(response, Response::Refused(refusal) if **refusal == Refusal::Halted);
    Rule::OneVote.holds(!is_halted, || format!("v{place} has halted"))
}
