//! Facts by name: it remembers what was asked for lately and never grows beyond a bound.

use std::{collections::BTreeMap, mem};

/// The name of a fact.
pub trait Name: Eq {
    /// A part of the name in which names differ. Who makes two names agree in it makes one of the facts be forgotten early.
    fn index(&self) -> u64;
}

/// Two generations of facts: a fact that is asked for moves to the young one; when that is full the old one is forgotten.
/// So a fact stays for at least half the bound of other facts, and each question costs one or two look-ups.
pub struct Recent<N, V> {
    generation_max: usize,
    young: BTreeMap<u64, (N, V)>,
    old: BTreeMap<u64, (N, V)>,
}

impl<N: Name, V> Recent<N, V> {
    /// At most `max` facts.
    pub const fn new(max: usize) -> Recent<N, V> {
        Recent { generation_max: max / 2, young: BTreeMap::new(), old: BTreeMap::new() }
    }

    /// What is remembered under `name`; if anything is, it is young again.
    pub fn get(&mut self, name: &N) -> Option<&mut V> {
        let index = name.index();
        if !self.young.contains_key(&index) {
            let (name, fact) = self.old.remove(&index)?;
            self.insert(name, fact);
        }
        self.young.get_mut(&index).filter(|(found, _)| found == name).map(|(_, fact)| fact)
    }

    /// Remembers a fact.
    pub fn insert(&mut self, name: N, fact: V) {
        if self.young.len() >= self.generation_max {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(name.index(), (name, fact));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names below 2,000 have indices of their own.
    impl Name for u64 {
        fn index(&self) -> u64 {
            self % 2000
        }
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_is_forgotten() {
        let mut recent = Recent::new(8);
        (0..1000u64).for_each(|number| {
            recent.insert(number, ());
            assert!(recent.get(&0).is_some(), "asked for all the time");
            assert!(recent.young.len() + recent.old.len() <= 8);
        });
        assert!(recent.get(&999).is_some() && recent.get(&997).is_some());
        assert!(recent.get(&990).is_none());
    }

    #[test]
    fn a_fact_is_never_taken_for_another_one() {
        let mut recent = Recent::new(8);
        recent.insert(7, "seven");
        assert!(recent.get(&2007).is_none());
        recent.insert(2007, "more");
        assert_eq!((recent.get(&7).copied(), recent.get(&2007).copied()), (None, Some("more")));
    }
}
