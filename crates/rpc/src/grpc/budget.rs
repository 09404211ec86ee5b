//! The memory that strangers may fill: what is being read, what is worked on, and what waits to leave. Whoever needs more
//! than is left does not wait for it, but is refused.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// So many bytes, of which a part may be taken. A connection's budget is itself a part of the server's.
#[derive(Debug)]
pub struct Budget {
    limit: usize,
    taken: AtomicUsize,
    whole: Option<Arc<Budget>>,
}

/// Somebody's part of a budget, given back when it is dropped.
#[derive(Debug)]
pub struct Share {
    budget: Arc<Budget>,
    bytes: AtomicUsize,
}

/// There is not so much left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exhausted;

impl Budget {
    /// A budget of its own, or one that is also limited by a whole.
    pub fn new(limit: usize, whole: Option<Arc<Budget>>) -> Arc<Budget> {
        Arc::new(Budget { limit, taken: AtomicUsize::new(0), whole })
    }

    /// A part of it. It can grow and shrink.
    pub fn share(self: &Arc<Budget>, bytes: usize) -> Result<Share, Exhausted> {
        let share = self.nothing();
        share.grow(bytes)?;
        Ok(share)
    }

    /// A part that is empty yet.
    pub fn nothing(self: &Arc<Budget>) -> Share {
        Share { budget: self.clone(), bytes: AtomicUsize::new(0) }
    }

    fn take(&self, bytes: usize) -> Result<(), Exhausted> {
        // Only sums matter, so no order among threads is needed.
        let taken = self.taken.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        let outcome = if taken > self.limit { Err(Exhausted) } else { self.take_from_whole(bytes) };
        if outcome.is_err() {
            self.taken.fetch_sub(bytes, Ordering::Relaxed);
        }
        outcome
    }

    fn take_from_whole(&self, bytes: usize) -> Result<(), Exhausted> {
        self.whole.as_ref().map_or(Ok(()), |whole| whole.take(bytes))
    }

    fn give_back(&self, bytes: usize) {
        self.taken.fetch_sub(bytes, Ordering::Relaxed);
        if let Some(whole) = &self.whole {
            whole.give_back(bytes);
        }
    }
}

impl Share {
    /// Takes more.
    pub fn grow(&self, bytes: usize) -> Result<(), Exhausted> {
        self.budget.take(bytes)?;
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }

    /// Gives some of it back, at most all.
    pub fn shrink(&self, bytes: usize) {
        let held = self.bytes.load(Ordering::Relaxed);
        let bytes = bytes.min(held);
        self.bytes.store(held - bytes, Ordering::Relaxed);
        self.budget.give_back(bytes);
    }

    /// Gives back all of it and takes so much instead. Where that is not left, it has nothing.
    pub fn replace(&self, bytes: usize) -> Result<(), Exhausted> {
        self.shrink(usize::MAX);
        self.grow(bytes)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.give_back(*self.bytes.get_mut());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(budget: &Budget) -> usize {
        budget.taken.load(Ordering::Relaxed)
    }

    #[test]
    fn a_share_is_given_back() {
        let budget = Budget::new(10, None);
        let share = budget.share(6).unwrap();
        assert_eq!(budget.share(5).err(), Some(Exhausted));
        share.grow(4).unwrap();
        assert_eq!(share.grow(1), Err(Exhausted));
        share.shrink(7);
        assert_eq!(taken(&budget), 3);
        share.replace(10).unwrap();
        assert_eq!(share.replace(11), Err(Exhausted));
        assert_eq!(taken(&budget), 0);
        share.grow(1).unwrap();
        drop(share);
        assert_eq!(taken(&budget), 0);
    }

    #[test]
    fn parts_are_limited_by_the_whole() {
        let whole = Budget::new(10, None);
        let (ann, bob) = (Budget::new(8, Some(whole.clone())), Budget::new(8, Some(whole.clone())));
        let anns = ann.share(8).unwrap();
        assert_eq!(bob.share(3).err(), Some(Exhausted));
        assert_eq!((taken(&ann), taken(&bob), taken(&whole)), (8, 0, 8));
        let bobs = bob.share(2).unwrap();
        drop((anns, bobs));
        assert_eq!((taken(&ann), taken(&bob), taken(&whole)), (0, 0, 0));
    }
}
