//! What the key checks for itself before it signs, from its own log and without the machine (R12).
//!
//! The machine already keeps the order of votes. The module that owns the key keeps it once more, so that a fault in one
//! of them never makes a validator vote twice.

use myceline_types::{Hash, Position};
use serde::{Deserialize, Serialize};

/// A vote as the key sees it: where it stands, and the leaf that is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Signed {
    /// Its round and phase.
    pub position: Position,
    /// Its identity.
    pub leaf: Hash,
}

/// Whether the key signs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyAnswer {
    /// Record it, then sign.
    Sign,
    /// Signed before: send the stored bytes.
    Resend,
    /// Never: it stands at or before a vote that was signed.
    Refuse,
}

/// The votes that a key signed in the newest round of one height of one chain, in order: at most one for each phase.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct VoteLog(Vec<Signed>);

impl VoteLog {
    /// R12. A new vote must stand after every one signed before; a signed one is sent again.
    pub fn answer(&self, vote: &Signed) -> KeyAnswer {
        match self.0.last() {
            _ if self.0.contains(vote) => KeyAnswer::Resend,
            Some(newest) if vote.position <= newest.position => KeyAnswer::Refuse,
            _ => KeyAnswer::Sign,
        }
    }

    /// R12. Notes a vote that is about to be signed. Says no, and notes nothing, unless the answer was to sign.
    pub fn record(&mut self, vote: Signed) -> bool {
        let is_new = self.answer(&vote) == KeyAnswer::Sign;
        if is_new {
            self.0.retain(|signed| signed.position.round == vote.position.round);
            self.0.push(vote);
        }
        is_new
    }

    /// The newest vote.
    pub fn newest(&self) -> Option<&Signed> {
        self.0.last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_types::{Phase, Round};

    fn vote(round: u32, phase: Phase, leaf: u8) -> Signed {
        Signed { position: Position { round: Round(round), phase }, leaf: Hash([leaf; 32]) }
    }

    #[test]
    fn r12_key_signs_at_rising_positions_only() {
        let mut log = VoteLog::default();
        assert!(log.record(vote(1, Phase::Validate, 1)));
        assert_eq!(log.answer(&vote(1, Phase::Validate, 1)), KeyAnswer::Resend);
        assert_eq!(log.answer(&vote(1, Phase::Validate, 2)), KeyAnswer::Refuse);
        assert_eq!(log.answer(&vote(0, Phase::Timeout, 3)), KeyAnswer::Refuse);
        assert!(log.record(vote(1, Phase::Timeout, 4)));
        assert_eq!(log.answer(&vote(1, Phase::Confirm, 5)), KeyAnswer::Refuse);
        assert_eq!(log.answer(&vote(1, Phase::Validate, 1)), KeyAnswer::Resend);
        assert!(log.record(vote(2, Phase::Confirm, 6)));
        assert!(!log.record(vote(1, Phase::Timeout, 4)));
        assert_eq!(log, VoteLog(vec![vote(2, Phase::Confirm, 6)]));
    }
}
