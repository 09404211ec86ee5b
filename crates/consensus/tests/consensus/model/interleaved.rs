//! The complete search: any event at any validator at any time, in any order. It needs no argument about orders, finds what
//! breaks them, and has many more states.

use super::{
    HONEST_MAX, Mixed, Report, liveness,
    scene::{Left, Plan, Scene, View},
    stable::{Cast, Disk, Event, Keeps, MachineId, Said, Stable, events},
    views::{ViewId, Views},
};
use myceline_consensus::Machine;
use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::BuildHasher as _,
    rc::Rc,
};

/// A validator by number: its machine and the votes that it has given.
type ValidatorId = u32;

/// The validators in a state; equal ones in ascending order.
type State = [ValidatorId; HONEST_MAX];

/// Ways of a validator that are remembered; beyond that they are found again.
const WAYS_MAX: usize = 4_000_000;

/// What an interleaved search does beside looking for two final blocks.
#[derive(Clone, Copy, Default)]
pub struct Extras {
    /// What a restart may lose (R11).
    pub damage: Option<fn(&mut Disk)>,
    /// Lets an honest client finish the height from one state in so many; from none if zero.
    pub lively: u64,
}

/// The votes that a validator has given: two bits of votes for each certificate, then reports, five bits for each round.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
struct History {
    validated: u32,
    confirmed: u32,
    left: u64,
}

struct Search {
    scene: Scene,
    stable: Stable,
    views: Views,
    extras: Extras,
    validators: Vec<(MachineId, History)>,
    numbers: HashMap<(MachineId, History), ValidatorId, Mixed>,
    renamed: HashMap<(ValidatorId, usize), ValidatorId, Mixed>,
    ways: HashMap<(ValidatorId, ViewId), Rc<[ValidatorId]>, Mixed>,
    events: HashMap<ViewId, Rc<[Event]>, Mixed>,
    report: Report,
}

/// Searches everything, up to `limit` states.
pub fn search(plan: Plan, extras: Extras, limit: usize) -> Report {
    let scene = Scene::new(plan);
    let mut search = Search {
        views: Views::new(&scene),
        scene,
        stable: Stable::new(if extras.lively > 0 { Keeps::Evidence } else { Keeps::Votes }),
        extras,
        validators: Vec::new(),
        numbers: HashMap::default(),
        renamed: HashMap::default(),
        ways: HashMap::default(),
        events: HashMap::default(),
        report: Report { is_complete: true, ..Report::default() },
    };
    if extras.lively > 0 {
        search.views.renamings.truncate(1);
    }
    search.run(limit);
    search.report.machines = search.stable.count();
    search.report
}

impl Search {
    fn run(&mut self, limit: usize) {
        let idle = self.stable.number(&Machine::new(&self.scene.world.terms()));
        let start = [self.validator(idle, History::default()); HONEST_MAX];
        let mut seen: HashSet<State, Mixed> = HashSet::from_iter([start]);
        let mut open = VecDeque::from([start]);
        while let Some(state) = self.next(&mut open) {
            let view = self.view(&state);
            self.judge(&state);
            for index in 0..self.scene.plan.honest.len() {
                if self.is_like_the_one_before(&state, index) {
                    continue;
                }
                for way in self.ways(state[index], view).iter() {
                    self.report.transitions += 1;
                    let mut after = state;
                    after[index] = *way;
                    let after = self.canonical(&after);
                    if seen.insert(after) {
                        open.push_back(after);
                    }
                }
            }
            self.report.states = seen.len();
            if self.report.found.is_some() || self.report.states > limit {
                self.report.is_complete = false;
                return;
            }
        }
    }

    /// The newest state first, so that few are open; but what keeps a client from finishing takes few events, so then the oldest.
    fn next(&self, open: &mut VecDeque<State>) -> Option<State> {
        if self.extras.lively > 0 { open.pop_front() } else { open.pop_back() }
    }

    fn is_like_the_one_before(&self, state: &State, index: usize) -> bool {
        let weights = self.scene.plan.honest;
        index > 0 && weights[index] == weights[index - 1] && state[index] == state[index - 1]
    }

    fn validator(&mut self, machine: MachineId, history: History) -> ValidatorId {
        let validators = &mut self.validators;
        *self.numbers.entry((machine, history)).or_insert_with(|| {
            validators.push((machine, history));
            ValidatorId::try_from(validators.len() - 1).unwrap()
        })
    }

    fn honest(&self, state: &State) -> Vec<(MachineId, History)> {
        let honest = &state[..self.scene.plan.honest.len()];
        honest.iter().map(|validator| self.validators[*validator as usize]).collect()
    }

    /// Two final blocks, a forgotten certificate, or a height that an honest client cannot finish.
    fn judge(&mut self, state: &State) {
        let finals = self.finals(state);
        if finals.count_ones() > 1 {
            self.report.found = Some("two final blocks".into());
        }
        if let Some(event) = self.stable.forgetful {
            self.report.found = Some(format!("shown and not kept: {event:?}"));
        }
        if self.extras.lively > 0 && Mixed::default().hash_one(state) % self.extras.lively == 0 {
            self.report.finished += 1;
            let machines: Vec<Machine> =
                self.honest(state).iter().map(|(machine, _)| self.stable.machine(*machine).clone()).collect();
            match liveness::check(&self.scene, &machines, finals) {
                Ok(worst) => self.report.worst = [0, 1].map(|client| self.report.worst[client].max(worst[client])),
                Err(why) => self.report.found = Some(why),
            }
        }
    }

    /// The bits of the blocks that are final by the votes given (R8).
    fn finals(&self, state: &State) -> u32 {
        let honest = self.honest(state);
        let mut finals = 0;
        for block in 0..self.scene.block_count() {
            let is_slow = |round| {
                let id = self.scene.certificate_id(round, block);
                self.scene.is_slow_final(voters(&honest, |history| history.confirmed >> id & 1 == 1))
            };
            let fast_id = self.scene.certificate_id(0, block);
            let fast = voters(&honest, |history| history.validated >> fast_id & 1 == 1);
            let is_fast = self.scene.first == 0 && self.scene.is_fast_final(block, fast);
            if is_fast || (self.scene.first..=self.scene.last).any(is_slow) {
                finals |= 1 << block;
            }
        }
        finals
    }

    /// What can be shown of the votes given.
    fn view(&mut self, state: &State) -> ViewId {
        let honest = self.honest(state);
        let mut view = View::default();
        for id in self.scene.certificate_id(self.scene.first, 0)..self.scene.certificate_id(self.scene.last + 1, 0) {
            let made = self.scene.is_quorum(voters(&honest, |history| history.validated >> id & 1 == 1));
            view.certificates |= u32::from(made) << id;
        }
        for round in self.scene.first..self.scene.last {
            let left: Vec<Left> =
                honest.iter().map(|(_, history)| history.left(round, self.scene.mixes_rounds())).collect();
            view.timeouts[usize::from(round)] = self.scene.permitted(round, &left, view.certificates);
        }
        self.views.number(view)
    }

    /// All that one event makes of a validator.
    fn ways(&mut self, validator: ValidatorId, view: ViewId) -> Rc<[ValidatorId]> {
        if let Some(known) = self.ways.get(&(validator, view)) {
            return known.clone();
        }
        let (machine, history) = self.validators[validator as usize];
        let mut ways = Vec::new();
        for event in self.events(view).iter() {
            let (after, cast) = self.stable.step(&self.scene, machine, *event);
            let history = cast.map_or(history, |cast| history.with(&self.scene, cast));
            ways.push(self.validator(after, history));
        }
        if let Some(damage) = self.extras.damage {
            let damaged = self.stable.damage(machine, damage);
            ways.push(self.validator(damaged, history));
        }
        ways.sort_unstable();
        ways.dedup();
        ways.retain(|way| *way != validator);
        let ways: Rc<[ValidatorId]> = ways.into();
        if self.ways.len() >= WAYS_MAX {
            self.ways.clear();
        }
        self.ways.insert((validator, view), ways.clone());
        ways
    }

    fn events(&mut self, view: ViewId) -> Rc<[Event]> {
        let (scene, views) = (&self.scene, &self.views);
        self.events.entry(view).or_insert_with(|| events(scene, views.view(view)).into()).clone()
    }

    /// The least of all states that differ in the names of equal validators and of blocks.
    fn canonical(&mut self, state: &State) -> State {
        let mut least = self.sorted(*state);
        for renaming in 1..self.views.renamings.len() {
            let mut renamed = *state;
            for validator in &mut renamed[..self.scene.plan.honest.len()] {
                *validator = self.rename(*validator, renaming);
            }
            least = least.min(self.sorted(renamed));
        }
        least
    }

    fn sorted(&self, mut state: State) -> State {
        self.scene.sort_equal(&mut state[..self.scene.plan.honest.len()]);
        state
    }

    fn rename(&mut self, validator: ValidatorId, renaming: usize) -> ValidatorId {
        if let Some(renamed) = self.renamed.get(&(validator, renaming)) {
            return *renamed;
        }
        let (machine, history) = self.validators[validator as usize];
        let names = &self.views.renamings[renaming];
        let history = history.renamed(&self.scene, names);
        let machine = self.stable.rename(&self.scene, machine, u8::try_from(renaming).unwrap(), names);
        let renamed = self.validator(machine, history);
        self.renamed.insert((validator, renaming), renamed);
        renamed
    }
}

/// The bits of the validators that gave some vote.
fn voters(honest: &[(MachineId, History)], gave: impl Fn(&History) -> bool) -> u32 {
    (0..).zip(honest).map(|(place, (_, history)): (u32, _)| u32::from(gave(history)) << place).sum()
}

impl History {
    fn with(mut self, scene: &Scene, cast: Cast) -> History {
        match cast.said {
            Said::Validate(block) => self.validated |= 1 << scene.certificate_id(cast.round, block),
            Said::Confirm(block) => self.confirmed |= 1 << scene.certificate_id(cast.round, block),
            Said::Timeout(report) => self.left |= u64::from(report + 1) << (5 * cast.round),
        }
        self
    }

    /// The timeout vote of a round; where rounds mix, the newest up to it.
    fn left(&self, round: u8, mixes: bool) -> Left {
        let lowest = if mixes { 0 } else { round };
        let in_round = |round: u8| {
            let vote = u8::try_from(self.left >> (5 * round) & 31).unwrap();
            vote.checked_sub(1).map(|report| (round, report))
        };
        (lowest..=round).rev().find_map(in_round)
    }

    fn renamed(self, scene: &Scene, names: &[u8]) -> History {
        let report = |round: u8| match u8::try_from(self.left >> (5 * round) & 31).unwrap() {
            0 => 0,
            vote => u64::from(1 + scene.rename_report(vote - 1, names)) << (5 * round),
        };
        History {
            validated: super::rename_bits(self.validated, names),
            confirmed: super::rename_bits(self.confirmed, names),
            left: (0..12).map(report).sum(),
        }
    }
}
