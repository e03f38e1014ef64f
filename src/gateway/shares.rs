//! Places that many share, so that nobody can take them all.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// So many places for all, and so many for each at most. Beyond that nobody may hold as many as are still free: one who
/// takes all it can leaves half, three leave a quarter, so that a newcomer always finds a place.
#[derive(Debug)]
pub(crate) struct Shares<K: Eq + Hash + Copy> {
    max: usize,
    max_each: usize,
    held: Mutex<Held<K>>,
}

#[derive(Debug)]
struct Held<K> {
    all: usize,
    each: HashMap<K, usize>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Share<K: Eq + Hash + Copy> {
    of: Arc<Shares<K>>,
    key: K,
}

impl<K: Eq + Hash + Copy> Shares<K> {
    pub(crate) fn new(max: usize, max_each: usize) -> Arc<Self> {
        Arc::new(Self { max, max_each, held: Mutex::new(Held { all: 0, each: HashMap::new() }) })
    }

    /// A place, if this one may have another.
    pub(crate) fn take(self: &Arc<Self>, key: K) -> Option<Share<K>> {
        let mut held = self.held();
        let own = held.each.get(&key).copied().unwrap_or(0);
        let free = self.max.saturating_sub(held.all);
        if own >= self.max_each || own >= free {
            return None;
        }
        held.all += 1;
        held.each.insert(key, own + 1);
        Some(Share { of: self.clone(), key })
    }

    fn held(&self) -> MutexGuard<'_, Held<K>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash + Copy> Drop for Share<K> {
    fn drop(&mut self) {
        let mut held = self.of.held();
        held.all = held.all.saturating_sub(1);
        if let Some(own) = held.each.get_mut(&self.key) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                held.each.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_holds_more_than_each_may_and_what_is_given_back_can_be_had_again() {
        let shares = Shares::new(100, 3);
        let held: Vec<_> = (0..3).map(|_| shares.take(1).unwrap()).collect();
        assert!(shares.take(1).is_none());
        drop(held);
        assert!(shares.take(1).is_some());
        assert!(shares.held().each.is_empty(), "nobody is remembered who holds nothing");
    }

    #[test]
    fn a_newcomer_finds_a_place_however_many_take_all_they_can() {
        for greedy in 1..40 {
            let shares = Shares::new(64, 1_000);
            let mut held = Vec::new();
            // Turn by turn, and again and again, until nobody gets another.
            while (0..greedy).filter_map(|key| shares.take(key)).map(|share| held.push(share)).count() > 0 {}
            assert!(shares.take(greedy).is_some(), "{greedy} take all they can");
        }
    }

    #[test]
    fn one_alone_can_take_half_and_a_last_place_is_given() {
        let shares = Shares::new(10, 100);
        let held: Vec<_> = std::iter::from_fn(|| shares.take(1)).collect();
        assert_eq!(held.len(), 5);
        let one = Shares::new(1, 1);
        let place = one.take(1).unwrap();
        assert!(one.take(2).is_none());
        drop(place);
        assert!(one.take(2).is_some());
    }
}
