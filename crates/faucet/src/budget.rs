//! How much is given in a while: so many at once, and so many more as time goes by.

use std::time::Duration;

/// A bucket that fills as time goes by. Time comes in as a value, since the faucet began.
#[derive(Clone, Debug)]
pub struct Budget {
    per_minute: u32,
    /// What is there, in parts of a claim: a minute of one claim per minute fills one.
    level: u64,
    filled_at: Duration,
}

/// Parts of a claim: one fills in a millisecond at one claim per minute.
const PARTS: u64 = 60_000;

impl Budget {
    /// So many a minute, and as many at once.
    pub fn new(per_minute: u32) -> Budget {
        Budget { per_minute, level: Budget::full(per_minute), filled_at: Duration::ZERO }
    }

    fn full(per_minute: u32) -> u64 {
        u64::from(per_minute) * PARTS
    }

    /// Takes one, or says how long to wait for one.
    pub fn take(&mut self, now: Duration) -> Result<(), Duration> {
        self.fill(now);
        if self.level >= PARTS {
            self.level -= PARTS;
            return Ok(());
        }
        let missing = PARTS - self.level;
        Err(Duration::from_millis(missing.div_ceil(u64::from(self.per_minute).max(1))))
    }

    /// Puts one back that was taken and not given.
    pub fn put_back(&mut self) {
        self.level = (self.level + PARTS).min(Budget::full(self.per_minute));
    }

    fn fill(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.filled_at);
        let millis = u64::try_from(passed.as_millis()).unwrap_or(u64::MAX);
        self.level =
            millis.saturating_mul(self.per_minute.into()).saturating_add(self.level).min(Budget::full(self.per_minute));
        self.filled_at += Duration::from_millis(millis);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_gives_so_many_and_the_next_ones_come_evenly() {
        let mut budget = Budget::new(3);
        let at = Duration::from_secs;
        assert_eq!([budget.take(at(0)), budget.take(at(0)), budget.take(at(0))], [Ok(()); 3]);
        assert_eq!(budget.take(at(0)), Err(at(20)));
        assert_eq!(budget.take(at(15)), Err(at(5)));
        assert_eq!(budget.take(at(20)), Ok(()));
        assert_eq!(budget.take(at(3_600)), Ok(()), "an hour fills it, and not more");
        assert_eq!([budget.take(at(3_600)), budget.take(at(3_600))], [Ok(()); 2]);
        assert!(budget.take(at(3_600)).is_err());
    }

    #[test]
    fn what_was_not_given_can_be_taken_again() {
        let mut budget = Budget::new(1);
        assert_eq!(budget.take(Duration::ZERO), Ok(()));
        budget.put_back();
        assert_eq!(budget.take(Duration::ZERO), Ok(()));
        assert!(Budget::new(0).take(Duration::MAX).is_err(), "a faucet that is shut stays shut");
    }
}
