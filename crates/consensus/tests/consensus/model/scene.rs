//! What an adversary can show: it owns all proposers, the faulty validators and the network, but not the keys of honest
//! validators. From the votes that those gave, the certificates and timeout certificates that can be put together. Each is
//! judged by the real `Authority`, `finality` and `permits`; what they say is remembered.

use super::{Mixed, renamings};
use crate::kit::*;
use myceline_consensus::{Permission, finality, permits};
use myceline_types::{BlockHash, Certificate, CertificateKind, Checked, Mutation, Report, Round, TimeoutCertificate};
use std::collections::{BTreeMap, HashMap};

/// Rounds that a search goes through, at most.
pub const ROUNDS_MAX: usize = 6;

/// What is searched.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Weights of the honest validators, equal ones side by side.
    pub honest: &'static [u64],
    /// Weights of the faulty ones.
    pub faulty: &'static [u64],
    /// f and p of the committee.
    pub resilience: (u64, u64),
    /// The rounds to search, as letters.
    pub rounds: &'static str,
    /// The blocks that may be proposed; negative numbers have an oracle record.
    pub blocks: &'static [i8],
    /// The rule that is dropped.
    pub dropped: Option<Mutation>,
}

/// A validated certificate: its round times the number of blocks, plus its block's place.
pub type CertificateId = u8;

/// What a search distinguishes of a timeout certificate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TimeoutId {
    /// The round that is left.
    pub round: u8,
    /// The certificate attached and the block permitted, as one number below 64.
    pub kind: u8,
}

/// What a timeout vote reports: nothing, then the blocks, then the certificates.
pub type ReportId = u8;

/// What can be shown at some moment. It only grows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct View {
    /// Bits of the validated certificates.
    pub certificates: u32,
    /// For each round the bits of the kinds of timeout certificates.
    pub timeouts: [u64; ROUNDS_MAX],
}

/// A timeout vote of an honest validator: the round it is of, and what it reports.
pub type Left = Option<(u8, ReportId)>;

/// The committee and the chain of a plan, and what is known about what its votes make.
pub struct Scene {
    pub plan: Plan,
    pub world: World,
    pub first: u8,
    pub last: u8,
    quorums: Vec<bool>,
    fast_finals: Vec<Vec<bool>>,
    slow_finals: Vec<bool>,
    certificates: Vec<Checked<Certificate>>,
    timeouts: BTreeMap<TimeoutId, Checked<TimeoutCertificate>>,
    judged: HashMap<Vec<u8>, Option<TimeoutId>, Mixed>,
    permitted: HashMap<(u8, Vec<Left>, u32), u64, Mixed>,
}

impl Scene {
    pub fn new(plan: Plan) -> Scene {
        let weights = [plan.honest, plan.faulty].concat();
        let (faulty, slow) = plan.resilience;
        let committee = committee_dropping(&weights, faulty, slow, plan.dropped);
        let world = World { committee, ownership: rounds(plan.rounds) };
        let first = u8::try_from(world.terms().first_round().0).unwrap();
        let last = first + u8::try_from(plan.rounds.len()).unwrap() - 1;
        let mut scene = Scene {
            plan,
            first,
            last,
            quorums: Vec::new(),
            fast_finals: Vec::new(),
            slow_finals: Vec::new(),
            certificates: Vec::new(),
            timeouts: BTreeMap::new(),
            judged: HashMap::default(),
            permitted: HashMap::default(),
            world,
        };
        scene.weigh_votes();
        scene
    }

    /// Asks the real code about every set of honest voters, all faulty ones joining.
    fn weigh_votes(&mut self) {
        use CertificateKind::{Confirmed, Validated};
        let made = |kind, round, number, mask| {
            let certificate = self.world.certificate(kind, round, block(number), &self.signers(mask)).ok()?;
            Some(finality(&certificate, &self.world.committee, &header(number)).is_some())
        };
        let masks = || 0..1u32 << self.plan.honest.len();
        let some_block = self.plan.blocks[0];
        let quorums = masks().map(|mask| made(Validated, 1, some_block, mask).is_some()).collect();
        let slow_finals = masks().map(|mask| made(Confirmed, 1, some_block, mask) == Some(true)).collect();
        let fast = |number: &i8| masks().map(|mask| made(Validated, 0, *number, mask) == Some(true)).collect();
        let fast_finals = self.plan.blocks.iter().map(fast).collect();
        let ids = 0..(self.last + 1) * self.block_count();
        let certificates = ids.map(|id| {
            let everybody = self.signers(u32::MAX);
            self.world.certificate(Validated, self.round_of(id).into(), self.block_of(id), &everybody).unwrap()
        });
        let certificates = certificates.collect();
        (self.quorums, self.slow_finals, self.fast_finals, self.certificates) =
            (quorums, slow_finals, fast_finals, certificates);
    }

    fn signers(&self, mask: u32) -> Vec<u8> {
        let honest = u8::try_from(self.plan.honest.len()).unwrap();
        let is_signer = |place: &u8| *place >= honest || mask >> place & 1 == 1;
        self.world.everybody().into_iter().filter(is_signer).collect()
    }

    /// Whether timeout certificates may hold votes of earlier rounds (R9).
    pub fn mixes_rounds(&self) -> bool {
        self.plan.dropped == Some(Mutation::MixedRounds)
    }

    /// Whether machines keep every certificate that they are shown (R13). The mutants of other rules that forget some are to be
    /// found by what comes of it.
    pub fn must_remember(&self) -> bool {
        matches!(self.plan.dropped, None | Some(Mutation::RefusedCertificateForgotten))
    }

    pub fn block_count(&self) -> u8 {
        u8::try_from(self.plan.blocks.len()).unwrap()
    }

    pub fn certificate_id(&self, round: u8, block: u8) -> CertificateId {
        round * self.block_count() + block
    }

    pub fn round_of(&self, id: CertificateId) -> u8 {
        id / self.block_count()
    }

    fn block_of(&self, id: CertificateId) -> BlockHash {
        block(self.plan.blocks[usize::from(id % self.block_count())])
    }

    /// The place of a block in the plan.
    pub fn place_of(&self, hash: BlockHash) -> u8 {
        let place = self.plan.blocks.iter().position(|number| block(*number) == hash).unwrap();
        u8::try_from(place).unwrap()
    }

    pub fn is_quorum(&self, mask: u32) -> bool {
        self.quorums[mask as usize]
    }

    pub fn is_slow_final(&self, mask: u32) -> bool {
        self.slow_finals[mask as usize]
    }

    pub fn is_fast_final(&self, block: u8, mask: u32) -> bool {
        self.fast_finals[usize::from(block)][mask as usize]
    }

    /// The certificate of this identity, signed by all: machines do not look at its signers.
    pub fn certificate(&self, id: CertificateId) -> &Checked<Certificate> {
        &self.certificates[usize::from(id)]
    }

    /// A timeout certificate of this identity.
    pub fn timeout(&self, id: TimeoutId) -> &Checked<TimeoutCertificate> {
        &self.timeouts[&id]
    }

    /// A report as its identity.
    pub fn report_id(&self, report: Report) -> ReportId {
        match report {
            Report::Nothing => 0,
            Report::Fast(block) => 1 + self.place_of(block),
            Report::Certificate(round, block) => {
                let round = u8::try_from(round.0).unwrap();
                1 + self.block_count() + self.certificate_id(round, self.place_of(block))
            }
        }
    }

    fn report(&self, id: ReportId) -> Report {
        match id.checked_sub(1) {
            None => Report::Nothing,
            Some(block) if block < self.block_count() => Report::Fast(self.block_of(block)),
            Some(other) => {
                let id = other - self.block_count();
                Report::Certificate(Round(self.round_of(id).into()), self.block_of(id))
            }
        }
    }

    /// The kinds of timeout certificates of `round` that these votes make, with any faulty votes and any certificate attached.
    pub fn permitted(&mut self, round: u8, left: &[Left], certificates: u32) -> u64 {
        let shown = certificates & ((1u32 << ((round + 1) * self.block_count())) - 1);
        let mut sorted = left.to_vec();
        self.sort_equal(&mut sorted);
        let key = (round, sorted, shown);
        if let Some(kinds) = self.permitted.get(&key) {
            return *kinds;
        }
        let kinds = self.enumerate(round, &key.1, shown);
        self.permitted.insert(key, kinds);
        kinds
    }

    /// Sorts what belongs to validators of equal weight.
    pub fn sort_equal<T: Ord>(&self, of_validators: &mut [T]) {
        let mut start = 0;
        for equal in self.plan.honest.chunk_by(|a, b| a == b) {
            of_validators[start..start + equal.len()].sort_unstable();
            start += equal.len();
        }
    }

    fn enumerate(&mut self, round: u8, left: &[Left], shown: u32) -> u64 {
        let attachable: Vec<Option<CertificateId>> =
            std::iter::once(None).chain((0..32).filter(|id| shown >> id & 1 == 1).map(Some)).collect();
        let mut kinds = 0;
        for present in 0..1u32 << left.len() {
            let honest: Vec<(u8, u8, ReportId)> = (0..)
                .zip(left)
                .filter(|(place, _)| present >> place & 1 == 1)
                .filter_map(|(place, left)| left.map(|(of, report)| (place, of, report)))
                .collect();
            if honest.len() != present.count_ones() as usize {
                continue;
            }
            for lies in self.lies(round) {
                let votes = [&honest[..], &lies].concat();
                for attached in &attachable {
                    kinds |= self.judge(round, &votes, *attached).map_or(0, |id| 1 << id.kind);
                }
            }
        }
        kinds
    }

    /// All that the faulty validators may say: each is absent, reports nothing, or a vote of round 0.
    fn lies(&self, round: u8) -> Vec<Vec<(u8, u8, ReportId)>> {
        let mut all = vec![Vec::new()];
        let honest = u8::try_from(self.plan.honest.len()).unwrap();
        for (place, _) in (honest..).zip(self.plan.faulty) {
            let with = |lies: &Vec<_>, report| [&lies[..], &[(place, round, report)]].concat();
            let reports = 0..=self.block_count();
            let longer: Vec<_> = all.iter().flat_map(|lies| reports.clone().map(|report| with(lies, report))).collect();
            all.extend(longer);
        }
        all
    }

    /// Whether these votes make a timeout certificate, and of which kind.
    fn judge(&mut self, round: u8, votes: &[(u8, u8, ReportId)], attached: Option<CertificateId>) -> Option<TimeoutId> {
        let key: Vec<u8> = [round, attached.map_or(u8::MAX, |id| id)]
            .into_iter()
            .chain(votes.iter().flat_map(|(place, of, report)| [*place, *of, *report]))
            .collect();
        if let Some(known) = self.judged.get(&key) {
            return *known;
        }
        let judgement = self.judge_anew(round, votes, attached);
        self.judged.insert(key, judgement);
        judgement
    }

    /// Asks the real code. One timeout certificate of each kind is kept, and its likeness under every renaming of blocks.
    fn judge_anew(
        &mut self,
        round: u8,
        votes: &[(u8, u8, ReportId)],
        attached: Option<CertificateId>,
    ) -> Option<TimeoutId> {
        let (id, timeout) = self.make(round, votes, attached)?;
        if self.timeouts.insert(id, timeout).is_none() {
            for names in renamings(&self.plan) {
                let renamed =
                    |(place, of, report): &(u8, u8, ReportId)| (*place, *of, self.rename_report(*report, &names));
                let votes: Vec<_> = votes.iter().map(renamed).collect();
                let attached = attached.map(|id| self.rename_certificate(id, &names));
                let (id, timeout) = self.make(round, &votes, attached)?;
                self.timeouts.insert(id, timeout);
            }
        }
        Some(id)
    }

    fn make(
        &self,
        round: u8,
        votes: &[(u8, u8, ReportId)],
        attached: Option<CertificateId>,
    ) -> Option<(TimeoutId, Checked<TimeoutCertificate>)> {
        let votes: Vec<_> =
            votes.iter().map(|(place, of, report)| (*place, u32::from(*of), self.report(*report))).collect();
        let shown = attached.map(|id| Certificate::clone(self.certificate(id)));
        let timeout = self.world.timeout_of(round.into(), &votes, shown).ok()?;
        let permitted = match permits(&timeout, &self.world.committee) {
            Permission::Any => 0,
            Permission::Certified(block) | Permission::Reported(block) => 1 + self.place_of(block),
        };
        let kind = attached.map_or(0, |id| id + 1) * (self.block_count() + 1) + permitted;
        Some((TimeoutId { round, kind }, timeout))
    }

    /// A certificate with the blocks renamed.
    pub fn rename_certificate(&self, id: CertificateId, names: &[u8]) -> CertificateId {
        self.certificate_id(self.round_of(id), names[usize::from(id % self.block_count())])
    }

    /// A report with the blocks renamed.
    pub fn rename_report(&self, id: ReportId, names: &[u8]) -> ReportId {
        match id.checked_sub(1) {
            None => 0,
            Some(block) if block < self.block_count() => 1 + names[usize::from(block)],
            Some(other) => 1 + self.block_count() + self.rename_certificate(other - self.block_count(), names),
        }
    }

    /// The timeout certificates of a view.
    pub fn timeouts_of(&self, view: &View) -> impl Iterator<Item = TimeoutId> + use<> {
        let timeouts = view.timeouts;
        (0..).zip(timeouts).flat_map(|(round, kinds)| {
            (0..64).filter(move |kind| kinds >> kind & 1 == 1).map(move |kind| TimeoutId { round, kind })
        })
    }
}
