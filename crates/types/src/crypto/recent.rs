//! A set that remembers what was asked for lately and never grows beyond a bound.

use std::{collections::BTreeSet, mem};

/// Two generations of facts: a fact that is asked for moves to the young one; when that is full the old one is forgotten.
/// So a fact stays for at least half the bound of other facts, and each question costs one or two look-ups.
pub struct Recent<T> {
    generation_max: usize,
    young: BTreeSet<T>,
    old: BTreeSet<T>,
}

impl<T: Ord> Recent<T> {
    /// A set of at most `max` facts.
    pub const fn new(max: usize) -> Recent<T> {
        Recent { generation_max: max / 2, young: BTreeSet::new(), old: BTreeSet::new() }
    }

    /// Whether the fact is remembered; if so it is young again.
    pub fn contains(&mut self, fact: &T) -> bool {
        if self.young.contains(fact) {
            return true;
        }
        let found = self.old.take(fact);
        let is_known = found.is_some();
        found.into_iter().for_each(|fact| self.insert(fact));
        is_known
    }

    /// Remembers a fact.
    pub fn insert(&mut self, fact: T) {
        if self.young.len() >= self.generation_max {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(fact);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_is_forgotten() {
        let mut recent = Recent::new(8);
        (0..1000).for_each(|number| {
            recent.insert(number);
            assert!(recent.contains(&0), "asked for all the time");
            assert!(recent.young.len() + recent.old.len() <= 8);
        });
        assert!(recent.contains(&999) && recent.contains(&997));
        assert!(!recent.contains(&990));
    }
}
