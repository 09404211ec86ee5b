//! Facts by name: it remembers what was asked for lately and never grows beyond a bound.

use std::{collections::BTreeMap, mem};

/// Two generations of facts: a fact that is asked for moves to the young one; when that is full the old one is forgotten.
/// So a fact stays for at least half the bound of other facts, and each question costs one or two look-ups.
pub struct Recent<K, V> {
    generation_max: usize,
    young: BTreeMap<K, V>,
    old: BTreeMap<K, V>,
}

impl<K: Ord, V> Recent<K, V> {
    /// At most `max` facts.
    pub const fn new(max: usize) -> Recent<K, V> {
        Recent { generation_max: max / 2, young: BTreeMap::new(), old: BTreeMap::new() }
    }

    /// What is remembered under `name`; if anything is, it is young again.
    pub fn get(&mut self, name: &K) -> Option<&mut V> {
        if !self.young.contains_key(name) {
            let (name, fact) = self.old.remove_entry(name)?;
            self.insert(name, fact);
        }
        self.young.get_mut(name)
    }

    /// Remembers a fact.
    pub fn insert(&mut self, name: K, fact: V) {
        if self.young.len() >= self.generation_max {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(name, fact);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_is_forgotten() {
        let mut recent = Recent::new(8);
        (0..1000).for_each(|number| {
            recent.insert(number, ());
            assert!(recent.get(&0).is_some(), "asked for all the time");
            assert!(recent.young.len() + recent.old.len() <= 8);
        });
        assert!(recent.get(&999).is_some() && recent.get(&997).is_some());
        assert!(recent.get(&990).is_none());
    }
}
