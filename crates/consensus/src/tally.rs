//! The owner's side: votes found in answers and refusals, counted, and made into certificates.

use myceline_types::{
    Ballot, BlockHash, Certificate, CertificateKind, Checked, Committee, Report, Round, SignedVote, Slot,
    TimeoutCertificate, TimeoutVote, Vote, VoteSignature,
};
use std::{collections::BTreeMap, sync::Arc};

/// What is voted on: a block in a phase of a round.
type Question = (Round, CertificateKind, BlockHash);

/// Checked votes of one height (R28). Each validator counts once for each question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tally {
    slot: Slot,
    blocks: BTreeMap<Question, BTreeMap<u8, VoteSignature>>,
    timeouts: BTreeMap<Round, BTreeMap<u8, (Report, VoteSignature)>>,
}

impl Tally {
    /// No votes yet.
    pub fn new(slot: Slot) -> Tally {
        Tally { slot, blocks: BTreeMap::new(), timeouts: BTreeMap::new() }
    }

    /// Counts a vote; one about another height is no vote here. Of two timeout votes of one validator the first counts.
    pub fn add(&mut self, signed: &Checked<SignedVote>) {
        let SignedVote { vote, signer, signature } = &**signed;
        if vote.slot != self.slot {
            return;
        }
        let mut count = |kind, block| {
            self.blocks.entry((vote.round, kind, block)).or_default().insert(*signer, signature.clone());
        };
        match vote.ballot {
            Ballot::Validate(block) => count(CertificateKind::Validated, block),
            Ballot::Confirm(block) => count(CertificateKind::Confirmed, block),
            Ballot::Timeout(report) => {
                self.timeouts.entry(vote.round).or_default().entry(*signer).or_insert((report, signature.clone()));
            }
        }
    }

    /// What the votes for a block in a phase of a round weigh.
    pub fn weight(&self, committee: &Committee, round: Round, kind: CertificateKind, block: BlockHash) -> u64 {
        self.blocks.get(&(round, kind, block)).map_or(0, |votes| weigh(committee, votes.keys()))
    }

    /// What those weigh who left `round`.
    pub fn weight_leaving(&self, committee: &Committee, round: Round) -> u64 {
        self.timeouts.get(&round).map_or(0, |votes| weigh(committee, votes.keys()))
    }

    /// R28. All certificates that the votes make, whoever proposed the block, from the lowest round to the highest.
    pub fn certificates(&self, committee: &Committee) -> Vec<Certificate> {
        let is_quorum = |votes: &BTreeMap<u8, VoteSignature>| weigh(committee, votes.keys()) >= committee.quorum();
        let certificate = |(&(round, kind, block), votes): (&Question, &BTreeMap<u8, VoteSignature>)| Certificate {
            slot: self.slot,
            round,
            kind,
            block,
            signers: votes.keys().copied().collect(),
            signatures: Arc::new(votes.values().cloned().collect()),
        };
        self.blocks.iter().filter(|(_, votes)| is_quorum(votes)).map(certificate).collect()
    }

    /// R9. The timeout certificate of `round`, if enough votes can stand in it. The highest certificate in hand is attached;
    /// a vote that reports a higher one, which its sender did not show, is left out.
    pub fn timeout(
        &self,
        committee: &Committee,
        round: Round,
        highest: Option<&Certificate>,
    ) -> Option<TimeoutCertificate> {
        let attached = highest.filter(|certificate| certificate.round <= round);
        let is_shown = |report: &Report| match report {
            Report::Certificate(reported, _) => attached.is_some_and(|certificate| certificate.round >= *reported),
            Report::Fast(_) | Report::Nothing => true,
        };
        let votes = self.timeouts.get(&round)?.iter().filter(|(_, (report, _))| is_shown(report));
        let votes: Vec<TimeoutVote> = votes
            .map(|(signer, (report, signature))| TimeoutVote {
                signer: *signer,
                report: *report,
                signature: signature.clone(),
            })
            .collect();
        let weight = weigh(committee, votes.iter().map(|vote| &vote.signer));
        let timeout = TimeoutCertificate { slot: self.slot, round, votes, attached: attached.cloned() };
        (weight >= committee.timeout_quorum()).then_some(timeout)
    }

    /// R16 (c). The votes of those who left `round`, to be shown to the others.
    pub fn leaving(&self, round: Round) -> Vec<SignedVote> {
        let signed = |(signer, (report, signature)): (&u8, &(Report, VoteSignature))| SignedVote {
            vote: Vote { slot: self.slot, round, ballot: Ballot::Timeout(*report) },
            signer: *signer,
            signature: signature.clone(),
        };
        self.timeouts.get(&round).into_iter().flatten().map(signed).collect()
    }

    /// Whether somebody voted in `round` for another block than `block`, or left it.
    pub(crate) fn is_spoilt(&self, round: Round, block: BlockHash) -> bool {
        let is_other = |question: &Question| question.0 == round && question.2 != block;
        self.timeouts.contains_key(&round) || self.blocks.keys().any(is_other)
    }

    /// Whether nobody is known to have voted.
    pub(crate) fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.timeouts.is_empty()
    }

    /// Who voted in a phase of `round`, for whatever block.
    pub(crate) fn voters(&self, round: Round, kind: CertificateKind) -> impl Iterator<Item = u8> + '_ {
        let of_phase = move |(question, _): &(&Question, _)| question.0 == round && question.1 == kind;
        self.blocks.iter().filter(of_phase).flat_map(|(_, votes)| votes.keys().copied())
    }
}

fn weigh<'a>(committee: &Committee, signers: impl Iterator<Item = &'a u8>) -> u64 {
    signers.map(|signer| committee.weight(*signer)).sum()
}
