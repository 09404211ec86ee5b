//! The round-ordered search. By R12 each vote depends on votes at lower positions only, so every run can be sorted by round
//! and phase: first all `Validate` votes of a round, then all `Confirm` votes, then all `Timeout` votes. That leaves few states.
//! Mutants that break the order of positions are out of its reach.

//! The round-ordered search. By R12 each vote depends on votes at lower positions only, so every run can be sorted by round
//! and phase: first all `Validate` votes of a round, then all `Confirm` votes, then all `Timeout` votes. That leaves few states.
//! Mutants that break the order of positions are out of its reach.

use super::{
    HONEST_MAX, Mixed, Report, rename_bits,
    scene::{Left, Plan, Scene, TimeoutId, View},
    stable::{Cast, Event, Keeps, MachineId, Offer, Said, Shown, Stable, events},
    views::{ViewId, Views},
};
use myceline_consensus::{Machine, RoundKind};
use myceline_types::{Mutation, Round};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    rc::Rc,
};

/// The machines of all honest validators, what can be shown by number, and the bits of the blocks that are final.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct State {
    machines: [MachineId; HONEST_MAX],
    view: ViewId,
    finals: u32,
}

/// What a validator can come to in a phase: its machine, and the block voted for.
type Way = (MachineId, Option<u8>);

/// The two phases in which the adversary has a choice.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Step {
    Validate,
    Confirm,
}

/// What can be shown in a phase of a round.
type Moment = (ViewId, u8, Step);

struct Search {
    scene: Scene,
    stable: Stable,
    views: Views,
    ways: HashMap<(MachineId, Moment), Rc<[Way]>, Mixed>,
    events: HashMap<Moment, Rc<[Event]>, Mixed>,
    report: Report,
}

/// Searches everything, up to `limit` states.
pub fn search(plan: Plan, limit: usize) -> Report {
    let scene = Scene::new(plan);
    let mut search = Search {
        views: Views::new(&scene),
        scene,
        stable: Stable::new(Keeps::Votes),
        ways: HashMap::default(),
        events: HashMap::default(),
        report: Report { is_complete: true, ..Report::default() },
    };
    let idle = search.stable.number(&Machine::new(&search.scene.world.terms()));
    let start = State { machines: [idle; HONEST_MAX], view: search.views.number(View::default()), finals: 0 };
    let mut layer = HashSet::from_iter([start]);
    for round in search.scene.first..=search.scene.last {
        layer = search.phase(&layer, round, Step::Validate, limit);
        layer = search.phase(&layer, round, Step::Confirm, limit);
        layer = layer.iter().map(|state| search.leave(state, round)).collect();
    }
    search.report.machines = search.stable.count();
    search.report
}

impl Search {
    /// All states after a phase of a round.
    fn phase(&mut self, layer: &HashSet<State, Mixed>, round: u8, step: Step, limit: usize) -> HashSet<State, Mixed> {
        let mut next = HashSet::default();
        for state in layer {
            let ways: Vec<Rc<[Way]>> =
                self.honest(state).iter().map(|machine| self.ways(*machine, state.view, round, step)).collect();
            let mut chosen = vec![0; ways.len()];
            while self.report.is_complete {
                self.report.transitions += 1;
                let picked: Vec<Way> = ways.iter().zip(&chosen).map(|(ways, choice)| ways[*choice]).collect();
                let after = self.after(state, &picked, round, step);
                next.insert(self.canonical(&after));
                if !self.next_choice(state, &ways, &mut chosen) {
                    break;
                }
            }
            self.report.is_complete &= self.report.states + next.len() <= limit;
        }
        self.report.states += next.len();
        next
    }

    fn honest<'a>(&self, state: &'a State) -> &'a [MachineId] {
        &state.machines[..self.scene.plan.honest.len()]
    }

    /// The next combination of ways; validators that are alike take them in ascending order.
    fn next_choice(&self, state: &State, ways: &[Rc<[Way]>], chosen: &mut [usize]) -> bool {
        let weights = self.scene.plan.honest;
        for index in (0..chosen.len()).rev() {
            if chosen[index] + 1 == ways[index].len() {
                continue;
            }
            chosen[index] += 1;
            for later in index + 1..chosen.len() {
                let is_alike =
                    weights[later] == weights[later - 1] && state.machines[later] == state.machines[later - 1];
                chosen[later] = if is_alike { chosen[later - 1] } else { 0 };
            }
            return true;
        }
        false
    }

    /// The state in which every validator went its way, with what their votes make.
    fn after(&mut self, state: &State, picked: &[Way], round: u8, step: Step) -> State {
        let mut after = *state;
        for (machine, way) in after.machines.iter_mut().zip(picked) {
            *machine = way.0;
        }
        for block in 0..self.scene.block_count() {
            let is_voter = |(place, way): (u32, &Way)| u32::from(way.1 == Some(block)) << place;
            let voters = (0..).zip(picked).map(is_voter).sum();
            match step {
                Step::Validate => self.validated(&mut after, round, block, voters),
                Step::Confirm if self.scene.is_slow_final(voters) => after.finals |= 1 << block,
                Step::Confirm => (),
            }
        }
        if after.finals.count_ones() > 1 {
            self.found(format!("two final blocks in round {round}"));
        }
        if let Some(event) = self.stable.forgetful {
            self.found(format!("shown and not kept: {event:?}"));
        }
        after
    }

    fn found(&mut self, what: String) {
        self.report.found = Some(what);
        self.report.is_complete = false;
    }

    fn validated(&mut self, after: &mut State, round: u8, block: u8, voters: u32) {
        if self.scene.is_quorum(voters) {
            let mut view = *self.views.view(after.view);
            view.certificates |= 1 << self.scene.certificate_id(round, block);
            after.view = self.views.number(view);
        }
        if round == 0 && self.scene.is_fast_final(block, voters) {
            after.finals |= 1 << block;
        }
    }

    /// Everybody leaves the round who is in it: to hold a vote back is the adversary's choice when it makes a certificate.
    /// From then on the round is over for all.
    fn leave(&mut self, state: &State, round: u8) -> State {
        let mut after = *state;
        let mut left: Vec<Left> = Vec::new();
        for machine in &mut after.machines[..self.scene.plan.honest.len()] {
            let (_, cast) = self.stable.step(&self.scene, *machine, Event::Leave(round));
            *machine = self.stable.past(*machine, round);
            left.push(match cast {
                Some(Cast { said: Said::Timeout(report), .. }) => Some((round, report)),
                _ => None,
            });
        }
        let mut view = *self.views.view(after.view);
        if round < self.scene.last {
            view.timeouts[usize::from(round)] = self.scene.permitted(round, &left, view.certificates);
        }
        if !self.still_matters(round) {
            view.timeouts[..usize::from(round)].fill(0);
        }
        after.view = self.views.number(view);
        self.canonical(&after)
    }

    /// Whether a timeout certificate older than that of `round` can still justify anything.
    fn still_matters(&self, round: u8) -> bool {
        let next = self.scene.world.terms().kind(Round(u32::from(round) + 1));
        next != Some(RoundKind::SingleLeader) || self.scene.plan.dropped == Some(Mutation::OlderTimeoutInSingleLeader)
    }

    /// All that a machine can come to in a phase, by any sequence of events with at most one vote, which is of that phase.
    fn ways(&mut self, machine: MachineId, view: ViewId, round: u8, step: Step) -> Rc<[Way]> {
        let key = (machine, (view, round, step));
        if let Some(known) = self.ways.get(&key) {
            return known.clone();
        }
        let events = self.events(view, round, step);
        let mut found = BTreeSet::from([(machine, None)]);
        let mut open = vec![(machine, None)];
        while let Some((machine, voted)) = open.pop() {
            for event in events.iter() {
                let (after, cast) = self.stable.step(&self.scene, machine, *event);
                let way = match (cast, step) {
                    (None, _) => (after, voted),
                    (Some(cast), _) if cast.round != round || voted.is_some() => continue,
                    (Some(Cast { said: Said::Validate(block), .. }), Step::Validate) => (after, Some(block)),
                    (Some(Cast { said: Said::Confirm(block), .. }), Step::Confirm) => (after, Some(block)),
                    (Some(_), _) => continue,
                };
                if found.insert(way) {
                    open.push(way);
                }
            }
        }
        let ways: Rc<[Way]> = found.into_iter().collect();
        self.ways.insert(key, ways.clone());
        ways
    }

    fn events(&mut self, view: ViewId, round: u8, step: Step) -> Rc<[Event]> {
        let (scene, views) = (&self.scene, &self.views);
        let listed = || events_of(scene, views.view(view), round, step).into();
        self.events.entry((view, round, step)).or_insert_with(listed).clone()
    }

    /// The least of all states that differ in the names of equal validators and of blocks.
    fn canonical(&mut self, state: &State) -> State {
        let mut least: Option<State> = None;
        for renaming in 0..self.views.renamings.len() {
            let renamed = self.renamed(state, renaming);
            least = Some(least.map_or(renamed, |least| least.min(renamed)));
        }
        least.unwrap()
    }

    fn renamed(&mut self, state: &State, renaming: usize) -> State {
        let mut renamed = *state;
        let honest = self.scene.plan.honest.len();
        if renaming > 0 {
            let names = &self.views.renamings[renaming];
            for machine in &mut renamed.machines[..honest] {
                *machine = self.stable.rename(&self.scene, *machine, u8::try_from(renaming).unwrap(), names);
            }
            renamed.finals = rename_bits(state.finals, names);
            renamed.view = self.views.rename(&self.scene, state.view, renaming);
        }
        self.scene.sort_equal(&mut renamed.machines[..honest]);
        renamed
    }
}

/// The events of a phase. Those of other rounds, and timeout certificates older than that of the round before, do nothing
/// here that showing a certificate does not do.
fn events_of(scene: &Scene, view: &View, round: u8, step: Step) -> Vec<Event> {
    let is_newest = |id: &TimeoutId| id.round + 1 == round;
    let belongs = |event: &Event| match (event, step) {
        (Event::Certificate(_), _) => true,
        (Event::Timeout(id), Step::Validate) => is_newest(id),
        (Event::Proposal(offer) | Event::Executed(offer), Step::Validate) => offer.round == round,
        (Event::Proposal(Offer { round: of, block: 0, shown: Shown::Certificate(_) }), Step::Confirm) => *of == round,
        _ => false,
    };
    events(scene, view).into_iter().filter(belongs).collect()
}
