//! Keys used lately, a bounded number of them.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use crate::{Key, KeyId};

/// Two generations: when the young one is full it becomes the old one, and what was in the old one and not used since goes.
#[derive(Debug)]
pub(crate) struct Recent {
    max_young: usize,
    young: HashMap<KeyId, Arc<Key>>,
    old: HashMap<KeyId, Arc<Key>>,
}

impl Recent {
    /// Holds at most `max` keys, and at least two.
    pub(crate) fn bounded(max: usize) -> Self {
        Self { max_young: (max / 2).max(1), young: HashMap::new(), old: HashMap::new() }
    }

    /// A key that was used very lately.
    pub(crate) fn young(&self, id: &KeyId) -> Option<Arc<Key>> {
        self.young.get(id).cloned()
    }

    /// A key that is held.
    pub(crate) fn any(&self, id: &KeyId) -> Option<&Arc<Key>> {
        self.young.get(id).or_else(|| self.old.get(id))
    }

    /// The names of all that are held.
    pub(crate) fn ids(&self) -> BTreeSet<KeyId> {
        self.young.keys().chain(self.old.keys()).cloned().collect()
    }

    /// Whether a key is held that is about to go.
    pub(crate) fn is_old(&self, id: &KeyId) -> bool {
        self.old.contains_key(id)
    }

    /// A key that is held; from now on it is young.
    pub(crate) fn renew(&mut self, id: &KeyId) -> Option<Arc<Key>> {
        if let Some(key) = self.old.remove(id) {
            self.insert(id, key);
        }
        self.young(id)
    }

    pub(crate) fn insert(&mut self, id: &KeyId, key: Arc<Key>) {
        if self.young.len() >= self.max_young {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(id.clone(), key);
    }

    pub(crate) fn remove(&mut self, id: &KeyId) {
        self.young.remove(id);
        self.old.remove(id);
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::empty_secret;

    #[test]
    fn keys_in_memory_are_bounded_and_what_is_used_stays() {
        let mut recent = Recent::bounded(8);
        let id = |n: u32| KeyId::new(&["case", &n.to_string()]);
        recent.insert(&id(0), Arc::new(Key::new(empty_secret())));
        for n in 1..1000 {
            recent.insert(&id(n), Arc::new(Key::new(empty_secret())));
            assert!(recent.len() <= 8, "{} after {n}", recent.len());
            assert!(recent.renew(&id(0)).is_some(), "used all the while, gone after {n}");
        }
        assert!(recent.renew(&id(1)).is_none());
        recent.remove(&id(0));
        assert!(recent.renew(&id(0)).is_none() && !recent.is_old(&id(0)));
    }
}
