//! The terms of the newest leaves, in memory: what the writer has committed and not yet written as runs.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

use ssbtek_access_log::Term;

use super::{bucket::Record, prefix, run::Run, search::Wanted};
use crate::hashed::Hashed;

/// One leaf with what leads to it.
pub(crate) struct NewLeaf {
    pub(crate) tree: i64,
    pub(crate) index: u64,
    /// The entry's id.
    pub(crate) entry: Term,
    /// The key that the leaf is sealed under.
    pub(crate) key_id: String,
    /// Blind terms.
    pub(crate) terms: Vec<Term>,
}

impl NewLeaf {
    /// The records of its blind terms.
    pub(super) fn records(&self) -> impl Iterator<Item = Record> + '_ {
        self.terms.iter().map(|term| (prefix(term), self.index))
    }
}

/// Prefixes with the leaves that they lead to, in the order in which they came.
#[derive(Debug, Default)]
struct Prefixes {
    all: Vec<Place>,
    /// Where in `all` each prefix came last.
    newest: HashMap<u64, u32, Hashed>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    prefix: u64,
    /// Counted from the tail's first leaf.
    leaf: u32,
    /// Where in `all` the same prefix came before, if it did.
    before: Option<u32>,
}

impl Prefixes {
    fn push(&mut self, prefix: u64, leaf: u32) {
        let before = self.newest.insert(prefix, self.all.len() as u32);
        self.all.push(Place { prefix, leaf, before });
    }

    /// The leaves that a prefix leads to, in order.
    fn leaves(&self, prefix: u64) -> Vec<u32> {
        let place = |at: u32| self.all.get(at as usize);
        let newest = self.newest.get(&prefix).and_then(|at| place(*at));
        let mut leaves: Vec<u32> =
            std::iter::successors(newest, |found| place(found.before?)).map(|found| found.leaf).collect();
        leaves.reverse();
        leaves
    }
}

/// The newest leaves of one tree, without a gap.
#[derive(Debug, Default)]
struct Tail {
    first: u64,
    /// How many.
    count: u32,
    /// Of the entries' ids.
    entries: Prefixes,
    /// Of the blind terms.
    blind: Prefixes,
    /// From which leaf on, counted from the first, which key seals.
    keys: Vec<(u32, String)>,
}

impl Tail {
    fn push(&mut self, leaf: &NewLeaf) {
        if self.count == 0 {
            *self = Self { first: leaf.index, ..Self::default() };
        }
        let place = self.count;
        if self.keys.last().is_none_or(|(_, key)| *key != leaf.key_id) {
            self.keys.push((place, leaf.key_id.clone()));
        }
        self.entries.push(prefix(&leaf.entry), place);
        for term in &leaf.terms {
            self.blind.push(prefix(term), place);
        }
        self.count += 1;
    }

    fn leaves(&self, wanted: &Wanted) -> Vec<u64> {
        let prefixes = match wanted {
            Wanted::Entry(_) => &self.entries,
            Wanted::Blind(_) => &self.blind,
        };
        let leaves = prefixes.leaves(wanted.prefix());
        leaves.into_iter().map(|leaf| self.first + u64::from(leaf)).collect()
    }

    fn key_of(&self, place: u32) -> &str {
        let at = self.keys.partition_point(|(from, _)| *from <= place);
        self.keys.get(at.wrapping_sub(1)).map_or("", |(_, key)| key)
    }
}

/// What was committed last, shared between the writer and the readers: all boards' newest leaves, and the runs that hold the
/// others. One lock for both, so that no leaf is seen in neither.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    held: RwLock<Held>,
}

#[derive(Debug, Default)]
struct Held {
    tails: HashMap<i64, Tail>,
    /// By tree: those in use, the newest last.
    runs: HashMap<i64, Arc<[Run]>>,
}

impl Recent {
    /// Takes what was committed: forgets the leaves of trees that were `flushed` to runs, adds new ones, each the next of its
    /// tree, and takes the runs of trees whose runs have changed.
    pub(crate) fn commit(&self, flushed: &[i64], leaves: &[NewLeaf], runs: HashMap<i64, Arc<[Run]>>) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        for tree in flushed {
            held.tails.remove(tree);
        }
        for leaf in leaves {
            held.tails.entry(leaf.tree).or_default().push(leaf);
        }
        held.runs.extend(runs);
    }

    fn held(&self) -> RwLockReadGuard<'_, Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many leaves of each tree are held.
    pub(crate) fn sizes(&self) -> Vec<(i64, usize)> {
        self.held().tails.iter().map(|(tree, tail)| (*tree, tail.count as usize)).collect()
    }

    /// Whether any leaf of a tree that is held is sealed under one of these keys.
    pub(crate) fn holds_key(&self, tree: i64, keys: &[&str]) -> bool {
        let held = self.held();
        held.tails
            .get(&tree)
            .is_some_and(|tail| tail.keys.iter().any(|(_, key)| keys.contains(&key.as_str())))
    }

    /// Of a tree, the newest leaves that a prefix leads to, in order, and the runs that hold the older ones.
    pub(crate) fn look_up(&self, tree: i64, wanted: &Wanted) -> (Vec<u64>, Arc<[Run]>) {
        let held = self.held();
        let runs = held.runs.get(&tree).cloned().unwrap_or_default();
        (held.tails.get(&tree).map_or_else(Vec::new, |tail| tail.leaves(wanted)), runs)
    }

    /// A tree's records by key, the entries' under the empty one; and the index after its last leaf.
    pub(crate) fn records(&self, tree: i64) -> Option<(u64, BTreeMap<String, Vec<Record>>)> {
        let held = self.held();
        let tail = held.tails.get(&tree).filter(|tail| tail.count > 0)?;
        let record = |place: &Place| (place.prefix, tail.first + u64::from(place.leaf));
        let mut by_key: BTreeMap<String, Vec<Record>> = BTreeMap::new();
        by_key.insert(String::new(), tail.entries.all.iter().map(record).collect());
        for place in &tail.blind.all {
            let key = tail.key_of(place.leaf);
            match by_key.get_mut(key) {
                Some(records) => records.push(record(place)),
                None => drop(by_key.insert(key.to_owned(), vec![record(place)])),
            }
        }
        Some((tail.first + u64::from(tail.count), by_key))
    }
}
