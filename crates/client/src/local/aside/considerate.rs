//! Guests that give way to others: whoever runs for seconds lets those first who need a moment, and yet comes to an end.

use super::{late::Late, portions::resume, priority::cpu_time};
use myceline_node::engine::{CodeLimits, Engine, EngineFault, Guest, Input, InvalidModule, Turn};
use myceline_types::{BlobId, BlobKind};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// How long a guest is watched before it counts as starved.
const WATCHED: Duration = Duration::from_millis(500);
/// Who has less of a processor than one part in so many is starved.
const SHARE: u32 = 20;

/// An engine whose guests let others run every now and then.
pub(super) struct Considerate {
    pub(super) engine: Arc<dyn Engine>,
    pub(super) late: Late,
}

impl Considerate {
    fn considerate(&self, guest: Box<dyn Guest>) -> Box<dyn Guest> {
        Box::new(GivesWay { guest, late: self.late.clone(), watch: Watch::begin() })
    }
}

impl Engine for Considerate {
    fn check(&self, kind: BlobKind, code: &[u8], limits: CodeLimits) -> Result<(), InvalidModule> {
        self.engine.check(kind, code, limits)
    }

    fn cached(&self, module: BlobId, limits: CodeLimits) -> Result<Option<Box<dyn Guest>>, EngineFault> {
        Ok(self.engine.cached(module, limits)?.map(|guest| self.considerate(guest)))
    }

    fn instantiate(&self, module: BlobId, code: &[u8], limits: CodeLimits) -> Result<Box<dyn Guest>, EngineFault> {
        Ok(self.considerate(self.engine.instantiate(module, code, limits)?))
    }
}

/// A guest that runs in portions, and elsewhere once it is starved here.
struct GivesWay {
    guest: Box<dyn Guest>,
    late: Late,
    watch: Watch,
}

impl Guest for GivesWay {
    fn resume(&mut self, input: Input<'_>, fuel: &mut i64) -> Turn {
        match input {
            Input::Fuel if self.watch.is_starved() => self.late.resume(&mut self.guest, fuel),
            input => resume(&mut *self.guest, input, fuel),
        }
    }
}

/// Watches how much of a processor this thread has.
struct Watch {
    begun: Instant,
    had: Option<Duration>,
    is_starved: bool,
}

impl Watch {
    fn begin() -> Watch {
        Watch { begun: Instant::now(), had: cpu_time(), is_starved: false }
    }

    /// Whether this thread had too little lately. Who was starved once stays so: it is not what makes the machine busy.
    fn is_starved(&mut self) -> bool {
        let elapsed = self.begun.elapsed();
        if self.is_starved || elapsed < WATCHED {
            return self.is_starved;
        }
        let had = cpu_time().zip(self.had).map(|(now, before)| now.saturating_sub(before));
        *self = Watch { is_starved: had.is_some_and(|had| is_too_little(had, elapsed)), ..Watch::begin() };
        self.is_starved
    }
}

fn is_too_little(had: Duration, elapsed: Duration) -> bool {
    had < elapsed / SHARE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::aside::{
        late,
        portions::tests::{Pieces, run},
    };

    #[test]
    fn a_starved_guest_goes_on_elsewhere_as_it_would_have_here() {
        let late = late::start();
        for given in [100_000, 3_500_000, 1 << 40] {
            let watch = Watch { is_starved: true, ..Watch::begin() };
            let guest = GivesWay { guest: Box::new(Pieces(100)), late: late.clone(), watch };
            assert_eq!(run(guest, given), run(Pieces(100), given), "given {given}");
        }
    }

    #[test]
    fn who_has_less_than_a_share_of_a_processor_for_a_while_is_starved() {
        let second = Duration::from_secs(1);
        assert!(is_too_little(second / SHARE - Duration::from_millis(1), second));
        assert!(!is_too_little(second / SHARE, second));
        let watched = |begun| Watch { begun, had: cpu_time(), is_starved: false }.is_starved();
        assert!(!watched(Instant::now()), "it was not watched for long enough");
        let long_ago = Instant::now().checked_sub(WATCHED).expect("machines run for longer");
        assert_eq!(watched(long_ago), cpu_time().is_some(), "it had nothing since");
    }
}
