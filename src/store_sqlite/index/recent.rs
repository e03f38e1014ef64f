//! The terms of the newest leaves, in memory: what the writer has committed and not yet written as runs.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{PoisonError, RwLock},
};

use ssbtek_access_log::Term;

use super::{bucket::Record, prefix, search::Wanted};

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

    fn is_named_by(&self, wanted: &Wanted) -> bool {
        match wanted {
            Wanted::Entry(entry) => self.entry == *entry,
            Wanted::Blind(term) => self.terms.contains(term),
        }
    }
}

/// The newest leaves of one tree, without a gap. Scanned from end to end: a few thousand numbers.
#[derive(Debug, Default)]
struct Tail {
    first: u64,
    /// Prefixes of the entries' ids, leaf by leaf.
    entries: Vec<u64>,
    /// Prefixes of blind terms with the leaf, counted from the first.
    blind: Vec<(u64, u32)>,
    /// From which leaf on, counted from the first, which key seals.
    keys: Vec<(u32, String)>,
}

impl Tail {
    fn push(&mut self, leaf: &NewLeaf) {
        if self.entries.is_empty() {
            *self = Self { first: leaf.index, ..Self::default() };
        }
        let place = (leaf.index - self.first) as u32;
        if self.keys.last().is_none_or(|(_, key)| *key != leaf.key_id) {
            self.keys.push((place, leaf.key_id.clone()));
        }
        self.entries.push(prefix(&leaf.entry));
        self.blind.extend(leaf.terms.iter().map(|term| (prefix(term), place)));
    }

    fn key_of(&self, place: u32) -> &str {
        let at = self.keys.partition_point(|(from, _)| *from <= place);
        self.keys.get(at.wrapping_sub(1)).map_or("", |(_, key)| key)
    }
}

/// All boards' newest leaves, shared between the writer and the readers.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    tails: RwLock<HashMap<i64, Tail>>,
}

impl Recent {
    /// Adds committed leaves, each the next of its tree.
    pub(crate) fn extend(&self, leaves: &[NewLeaf]) {
        let mut tails = self.tails.write().unwrap_or_else(PoisonError::into_inner);
        for leaf in leaves {
            tails.entry(leaf.tree).or_default().push(leaf);
        }
    }

    /// Forgets a tree's leaves: they are in runs.
    pub(crate) fn forget(&self, tree: i64) {
        self.tails.write().unwrap_or_else(PoisonError::into_inner).remove(&tree);
    }

    /// How many leaves of each tree are held.
    pub(crate) fn sizes(&self) -> Vec<(i64, usize)> {
        let tails = self.tails.read().unwrap_or_else(PoisonError::into_inner);
        tails.iter().map(|(tree, tail)| (*tree, tail.entries.len())).collect()
    }

    /// Whether any leaf of a tree that is held is sealed under one of these keys.
    pub(crate) fn holds_key(&self, tree: i64, keys: &[&str]) -> bool {
        let tails = self.tails.read().unwrap_or_else(PoisonError::into_inner);
        tails.get(&tree).is_some_and(|tail| tail.keys.iter().any(|(_, key)| keys.contains(&key.as_str())))
    }

    /// Leaves of a tree that a prefix leads to, in order.
    pub(crate) fn leaves(&self, tree: i64, wanted: &Wanted) -> Vec<u64> {
        let tails = self.tails.read().unwrap_or_else(PoisonError::into_inner);
        let Some(tail) = tails.get(&tree) else { return Vec::new() };
        let prefix = wanted.prefix();
        match wanted {
            Wanted::Entry(_) => {
                let places = tail.entries.iter().enumerate();
                places.filter(|(_, entry)| **entry == prefix).map(|(at, _)| tail.first + at as u64).collect()
            }
            Wanted::Blind(_) => {
                let found = tail.blind.iter().filter(|(term, _)| *term == prefix);
                found.map(|(_, place)| tail.first + u64::from(*place)).collect()
            }
        }
    }

    /// A tree's records by key, the entries' under the empty one; and the index after its last leaf.
    pub(crate) fn records(&self, tree: i64) -> Option<(u64, BTreeMap<String, Vec<Record>>)> {
        let tails = self.tails.read().unwrap_or_else(PoisonError::into_inner);
        let tail = tails.get(&tree).filter(|tail| !tail.entries.is_empty())?;
        let mut by_key: BTreeMap<String, Vec<Record>> = BTreeMap::new();
        let entries = (tail.first..).zip(&tail.entries).map(|(leaf, entry)| (*entry, leaf));
        by_key.insert(String::new(), entries.collect());
        for (term, place) in &tail.blind {
            let record = (*term, tail.first + u64::from(*place));
            match by_key.get_mut(tail.key_of(*place)) {
                Some(records) => records.push(record),
                None => drop(by_key.insert(tail.key_of(*place).to_owned(), vec![record])),
            }
        }
        Some((tail.first + tail.entries.len() as u64, by_key))
    }
}

/// Leaves of a group that is not committed yet, in order.
pub(crate) fn leaves_among(pending: &[NewLeaf], tree: i64, wanted: &Wanted) -> Vec<u64> {
    let found = pending.iter().filter(|leaf| leaf.tree == tree && leaf.is_named_by(wanted));
    found.map(|leaf| leaf.index).collect()
}
