//! Modules in memory, shared by all chains; those that were not used for the longest time go first.

use myceline_execution::engine::{CodeLimits, EngineFault};
use myceline_types::BlobId;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

/// Code under the limits that it was made for.
type Key = (BlobId, u32, u32);

fn key(blob: BlobId, limits: CodeLimits) -> Key {
    (blob, limits.metering, limits.memory_pages)
}

/// A place for a module, which one thread fills while others wait.
type Place<T> = Arc<OnceLock<Result<T, EngineFault>>>;

/// Modules by the blob that they were made from.
pub struct Modules<T> {
    /// How many are kept.
    most: usize,
    kept: Mutex<Kept<T>>,
}

struct Kept<T> {
    /// With the tick of its last use.
    places: BTreeMap<Key, (u64, Place<T>)>,
    ticks: u64,
}

impl<T: Clone> Modules<T> {
    /// Keeps nothing yet, and never more than so many.
    pub fn new(most: usize) -> Modules<T> {
        Modules { most, kept: Mutex::new(Kept { places: BTreeMap::new(), ticks: 0 }) }
    }

    /// The module of a blob, if it was made before and is still here.
    pub fn find(&self, blob: BlobId, limits: CodeLimits) -> Option<T> {
        let mut kept = self.lock();
        let ticks = kept.ticks + 1;
        kept.ticks = ticks;
        let (used, place) = kept.places.get_mut(&key(blob, limits))?;
        *used = ticks;
        place.get()?.clone().ok()
    }

    /// The module of a blob, made by `make` if it is not here. What failed is tried again the next time.
    pub fn get(
        &self,
        blob: BlobId,
        limits: CodeLimits,
        make: impl FnOnce() -> Result<T, EngineFault>,
    ) -> Result<T, EngineFault> {
        let key = key(blob, limits);
        let place = self.lock().place(key, self.most);
        let module = place.get_or_init(make).clone();
        if module.is_err() {
            self.lock().places.remove(&key);
        }
        module
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept<T>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Kept<T> {
    fn place(&mut self, key: Key, most: usize) -> Place<T> {
        self.ticks += 1;
        if let Some((used, place)) = self.places.get_mut(&key) {
            *used = self.ticks;
            return place.clone();
        }
        self.make_room(most);
        let place = Place::default();
        self.places.insert(key, (self.ticks, place.clone()));
        place
    }

    fn make_room(&mut self, most: usize) {
        if self.places.len() < most {
            return;
        }
        let oldest = self.places.iter().min_by_key(|(_, (used, _))| *used).map(|(key, _)| *key);
        oldest.map(|key| self.places.remove(&key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_types::{BlobKind, Hash};

    const KEPT: usize = 5;
    const LIMITS: CodeLimits = CodeLimits { metering: 0, memory_pages: 1 };

    fn blob(number: usize) -> BlobId {
        BlobId { kind: BlobKind::Contract, hash: Hash::of_parts(&[&number.to_le_bytes()]) }
    }

    #[test]
    fn what_was_not_used_for_longest_is_made_again() {
        let modules = Modules::new(KEPT);
        (0..KEPT).for_each(|number| assert_eq!(modules.get(blob(number), LIMITS, || Ok(number)), Ok(number)));
        assert_eq!(modules.get(blob(0), LIMITS, || unreachable!("it is kept")), Ok(0));
        assert_eq!(modules.get(blob(KEPT), LIMITS, || Ok(7)), Ok(7));
        assert_eq!(modules.get(blob(0), LIMITS, || unreachable!("it was just used")), Ok(0));
        assert_eq!(modules.get(blob(1), LIMITS, || Ok(99)), Ok(99), "it had to go");
    }

    #[test]
    fn what_was_made_is_found() {
        let modules = Modules::new(KEPT);
        assert_eq!(modules.find(blob(0), LIMITS), None);
        assert_eq!(modules.get(blob(0), LIMITS, || Ok(1)), Ok(1));
        assert_eq!(modules.find(blob(0), LIMITS), Some(1));
        assert_eq!(modules.find(blob(1), LIMITS), None);
    }

    #[test]
    fn a_failure_is_not_kept() {
        let modules = Modules::new(KEPT);
        let fault = EngineFault("no memory".into());
        assert_eq!(modules.get(blob(0), LIMITS, || Err(fault.clone())), Err(fault));
        assert_eq!(modules.get(blob(0), LIMITS, || Ok(1)), Ok(1));
    }

    #[test]
    fn other_limits_are_another_module() {
        let modules = Modules::new(KEPT);
        assert_eq!(modules.get(blob(0), LIMITS, || Ok(1)), Ok(1));
        assert_eq!(modules.get(blob(0), CodeLimits { memory_pages: 2, ..LIMITS }, || Ok(2)), Ok(2));
    }
}
