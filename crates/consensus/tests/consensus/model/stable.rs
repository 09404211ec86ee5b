//! The machines that a search meets: each real machine once, by number, and what each real step does to it. Before every
//! step a machine is restarted from its durable bytes.

use super::{
    Mixed,
    scene::{CertificateId, ReportId, Scene, TimeoutId, View},
};
use crate::kit::*;
use myceline_consensus::{FastVote, Lock, Machine, Opening, Verdict};
use myceline_types::{
    Ballot, Certificate, Checked, Justification, Proposal, Report, Round, TimeoutCertificate, Timestamp, encoding,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A machine by number.
pub type MachineId = u32;

/// What a proposal shows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Shown {
    Nothing,
    Certificate(CertificateId),
    Timeout(TimeoutId),
}

/// A proposal by what matters of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Offer {
    pub round: u8,
    pub block: u8,
    pub shown: Shown,
}

/// An event at one validator. An execution may answer at any later time, so answers come on their own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Event {
    Proposal(Offer),
    Executed(Offer),
    Certificate(CertificateId),
    Timeout(TimeoutId),
    Leave(u8),
}

/// A vote by what matters of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cast {
    pub round: u8,
    pub said: Said,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Said {
    Validate(u8),
    Confirm(u8),
    Timeout(ReportId),
}

/// The durable state of a machine as it lies on disk.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Disk {
    round: Round,
    timer: Option<Timestamp>,
    ballots: Vec<Ballot>,
    fast_vote: Option<FastVote>,
    lock: Option<Lock>,
    highest: Option<Certificate>,
    timeout: Option<TimeoutCertificate>,
    opening: Option<Box<Opening>>,
    decided: Option<Certificate>,
}

impl Disk {
    /// R11. A disk that lost the round-0 vote.
    pub fn lose_fast_vote(&mut self) {
        self.ballots.retain(|ballot| !matches!(ballot, Ballot::Validate(_)));
        self.fast_vote = None;
    }

    /// R11. A disk that lost the lock and its certificate.
    pub fn lose_lock(&mut self) {
        self.lock = None;
        self.highest = None;
    }

    /// R11. A disk that lost that a round was left.
    pub fn lose_timeout_vote(&mut self) {
        self.ballots.retain(|ballot| !matches!(ballot, Ballot::Timeout(_)));
    }

    /// Drops what no later vote depends on: of the votes of a round only the last one orders those to come, and what a
    /// timeout vote reported is said.
    fn forget_evidence(&mut self) {
        self.timeout = None;
        self.opening = None;
        self.ballots.drain(..self.ballots.len().saturating_sub(1));
        if let Some(Ballot::Timeout(report)) = self.ballots.last_mut() {
            *report = Report::Nothing;
        }
    }
}

/// How much of a machine a search tells apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keeps {
    /// What votes depend on.
    Votes,
    /// Also what refusals show.
    Evidence,
}

/// All machines met so far.
pub struct Stable {
    keeps: Keeps,
    machines: Vec<Machine>,
    numbers: HashMap<Vec<u8>, MachineId, Mixed>,
    steps: HashMap<(MachineId, Event), (MachineId, Option<Cast>), Mixed>,
    proposals: HashMap<Offer, Checked<Proposal>, Mixed>,
    renamed: HashMap<(MachineId, u8), MachineId, Mixed>,
    /// R13: a machine that forgot what it had been shown.
    pub forgetful: Option<Event>,
}

impl Stable {
    pub fn new(keeps: Keeps) -> Stable {
        Stable {
            keeps,
            machines: Vec::new(),
            numbers: HashMap::default(),
            steps: HashMap::default(),
            proposals: HashMap::default(),
            renamed: HashMap::default(),
            forgetful: None,
        }
    }

    pub fn machine(&self, id: MachineId) -> &Machine {
        &self.machines[id as usize]
    }

    pub fn count(&self) -> usize {
        self.machines.len()
    }

    /// The number of a machine, after a restart from its durable bytes.
    pub fn number(&mut self, machine: &Machine) -> MachineId {
        let mut disk: Disk = encoding::from_bytes(&encoding::to_bytes(machine)).unwrap();
        disk.timer = None;
        if self.keeps == Keeps::Votes {
            disk.forget_evidence();
        }
        self.numbered(&encoding::to_bytes(&disk))
    }

    /// A machine for which `round` and all before are over: what its votes in later rounds depend on.
    pub fn past(&mut self, id: MachineId, round: u8) -> MachineId {
        self.damage(id, |disk| {
            disk.round = Round(round.into());
            disk.ballots = vec![Ballot::Timeout(Report::Nothing)];
        })
    }

    fn numbered(&mut self, bytes: &[u8]) -> MachineId {
        if let Some(number) = self.numbers.get(bytes) {
            return *number;
        }
        let number = MachineId::try_from(self.machines.len()).unwrap();
        self.machines.push(encoding::from_bytes(bytes).unwrap());
        self.numbers.insert(bytes.to_vec(), number);
        number
    }

    /// A restart from a disk that lost something.
    pub fn damage(&mut self, id: MachineId, damage: impl FnOnce(&mut Disk)) -> MachineId {
        let mut disk: Disk = encoding::from_bytes(&encoding::to_bytes(self.machine(id))).unwrap();
        damage(&mut disk);
        self.numbered(&encoding::to_bytes(&disk))
    }

    /// The machine with its blocks renamed by the renaming of this number: block `n` of the plan becomes block `names[n]`.
    pub fn rename(&mut self, scene: &Scene, id: MachineId, renaming: u8, names: &[u8]) -> MachineId {
        if let Some(number) = self.renamed.get(&(id, renaming)) {
            return *number;
        }
        let mut bytes = encoding::to_bytes(self.machine(id));
        let hashes: Vec<[u8; 32]> = scene.plan.blocks.iter().map(|number| block(*number).0.0).collect();
        let mut at = 0;
        while at + 32 <= bytes.len() {
            if let Some(old) = hashes.iter().position(|hash| bytes[at..at + 32] == hash[..]) {
                bytes[at..at + 32].copy_from_slice(&hashes[usize::from(names[old])]);
                at += 32;
            } else {
                at += 1;
            }
        }
        let machine = self.canonical(scene, encoding::from_bytes(&bytes).unwrap());
        let number = self.number(&machine);
        self.renamed.insert((id, renaming), number);
        number
    }

    /// Certificates are one object each, whoever is said to have signed them.
    fn canonical(&self, scene: &Scene, machine: Machine) -> Machine {
        let mut disk: Disk = encoding::from_bytes(&encoding::to_bytes(&machine)).unwrap();
        if let Some(highest) = &disk.highest {
            let round = u8::try_from(highest.round.0).unwrap();
            let id = scene.certificate_id(round, scene.place_of(highest.block));
            disk.highest = Some(Certificate::clone(scene.certificate(id)));
        }
        encoding::from_bytes(&encoding::to_bytes(&disk)).unwrap()
    }

    /// What an event does to a machine.
    pub fn step(&mut self, scene: &Scene, id: MachineId, event: Event) -> (MachineId, Option<Cast>) {
        if let Some(known) = self.steps.get(&(id, event)) {
            return *known;
        }
        let mut machine = self.machine(id).clone();
        let verdict = self.deliver(scene, &mut machine, event);
        if scene.must_remember() && forgot(scene, &machine, event) {
            self.forgetful = Some(event);
        }
        let cast = match verdict {
            Verdict::Sign(vote) => Some(cast(scene, vote.round, vote.ballot)),
            _ => None,
        };
        let after = (self.number(&machine), cast);
        self.steps.insert((id, event), after);
        after
    }

    fn deliver(&mut self, scene: &Scene, machine: &mut Machine, event: Event) -> Verdict {
        let terms = scene.world.terms();
        match event {
            Event::Proposal(offer) => machine.on_proposal(&terms, NOW, self.proposal(scene, offer)),
            Event::Executed(offer) => {
                let executed = executed(scene.plan.blocks[usize::from(offer.block)]);
                machine.on_executed(&terms, NOW, self.proposal(scene, offer), executed)
            }
            Event::Certificate(id) => machine.on_certificate(&terms, NOW, scene.certificate(id)),
            Event::Timeout(id) => machine.on_timeout_certificate(&terms, NOW, scene.timeout(id)),
            Event::Leave(round) => {
                machine.on_timeout_request(&terms, NOW, &scene.world.request(round.into(), ANN), &[])
            }
        }
    }

    fn proposal(&mut self, scene: &Scene, offer: Offer) -> &Checked<Proposal> {
        self.proposals.entry(offer).or_insert_with(|| {
            let justification = match offer.shown {
                Shown::Nothing => None,
                Shown::Certificate(id) => Some(Justification::Certificate(Certificate::clone(scene.certificate(id)))),
                Shown::Timeout(id) => Some(Justification::Timeout(TimeoutCertificate::clone(scene.timeout(id)))),
            };
            let number = scene.plan.blocks[usize::from(offer.block)];
            scene.world.proposal(offer.round.into(), number, justification)
        })
    }
}

fn cast(scene: &Scene, round: Round, ballot: Ballot) -> Cast {
    let said = match ballot {
        Ballot::Validate(block) => Said::Validate(scene.place_of(block)),
        Ballot::Confirm(block) => Said::Confirm(scene.place_of(block)),
        Ballot::Timeout(report) => Said::Timeout(scene.report_id(report)),
    };
    Cast { round: u8::try_from(round.0).unwrap(), said }
}

/// R13. Whether an event showed a validated certificate that the machine does not know afterwards.
fn forgot(scene: &Scene, machine: &Machine, event: Event) -> bool {
    let shown = match event {
        Event::Proposal(offer) | Event::Executed(offer) => match offer.shown {
            Shown::Certificate(id) => Some(scene.certificate(id).round),
            Shown::Timeout(id) => scene.timeout(id).attached.as_ref().map(|attached| attached.round),
            Shown::Nothing => None,
        },
        Event::Certificate(id) => Some(scene.certificate(id).round),
        Event::Timeout(id) => scene.timeout(id).attached.as_ref().map(|attached| attached.round),
        Event::Leave(_) => None,
    };
    shown > machine.highest().map(|highest| highest.round)
}

/// Every event that can be made of a view, for rounds up to the last one of the plan.
pub fn events(scene: &Scene, view: &View) -> Vec<Event> {
    let certificates = || (0..32).filter(|id| view.certificates >> id & 1 == 1);
    let shown: Vec<Shown> = std::iter::once(Shown::Nothing)
        .chain(certificates().map(Shown::Certificate))
        .chain(scene.timeouts_of(view).map(Shown::Timeout))
        .collect();
    let mut events: Vec<Event> = certificates().map(Event::Certificate).collect();
    events.extend(scene.timeouts_of(view).map(Event::Timeout));
    for round in scene.first..=scene.last {
        if round < scene.last {
            events.push(Event::Leave(round));
        }
        for block in 0..scene.block_count() {
            let offers = shown.iter().map(|shown| Offer { round, block, shown: *shown });
            events.extend(offers.flat_map(|offer| [Event::Proposal(offer), Event::Executed(offer)]));
        }
    }
    events
}
