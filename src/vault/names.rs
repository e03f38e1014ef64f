//! What is known of keys by their names, whatever lies on the disk.

use std::collections::{HashMap, HashSet};

use crate::{DoomedKey, Key, KeyId, VaultError, key::FileCheck};

#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Whose files somebody works on: whoever else would waits.
    pub(crate) claimed: HashSet<KeyId>,
    /// Destroyed, whatever still lies on the disk.
    pub(crate) tombstones: HashSet<KeyId>,
    /// Destroyed, and what they sealed may still be there.
    destroyed: HashSet<KeyId>,
    /// Destroyed in this process or being so, and nothing that they sealed is left.
    ended: HashSet<KeyId>,
    /// Of a purge that has begun and not ended.
    purging: HashSet<KeyId>,
    /// By what those that were destroyed are told from later ones, where they could be had ([`Key::check`]).
    dead: HashMap<KeyId, HashSet<String>>,
    /// How many of a name were destroyed: a file of an earlier one is dead, whenever it comes back.
    generations: HashMap<KeyId, u32>,
    /// To be there, and by what each is known, where that is known.
    expected: HashMap<KeyId, Option<[u8; 32]>>,
    /// Of whose files something has to show first that they are what they were.
    unproven: HashSet<KeyId>,
    /// Whether a file without a check is no key before something shows that it is.
    demands_checks: bool,
}

/// What a secret with its check is to its name.
pub(crate) enum Standing {
    /// The key that bears the name.
    Current,
    /// One that was destroyed, as its check says, or the secret itself.
    Dead,
    /// One that is being destroyed, or whatever lies in its place: nothing in the file says whose it is.
    Doomed,
    /// None.
    Stranger,
    /// Not to be told from the file: it holds no check.
    Unchecked,
}

impl Names {
    pub(crate) fn generation(&self, id: &KeyId) -> u32 {
        self.generations.get(id).copied().unwrap_or_default()
    }

    /// What lies under a name, by the file alone. A file that tells of more destroyed keys than are known here knows better.
    pub(crate) fn standing(&mut self, id: &KeyId, key: &Key, check: Option<&FileCheck>) -> Standing {
        let known = self.generation(id);
        if self.dead.get(id).is_some_and(|dead| dead.contains(&key.check())) {
            // What lies under another name too may be another key's, unless its check says that it is this one's.
            let is_its = check.is_some_and(|check| key.generation(id, check, known).is_some());
            return if is_its { Standing::Dead } else { Standing::Doomed };
        }
        let Some(check) = check else {
            return if self.is_purging(id) { Standing::Doomed } else { Standing::Unchecked };
        };
        match key.generation(id, check, known) {
            None if self.is_purging(id) => Standing::Doomed,
            None => Standing::Stranger,
            Some(generation) if generation < known => Standing::Dead,
            Some(generation) => {
                if generation > known {
                    self.generations.insert(id.clone(), generation);
                }
                Standing::Current
            }
        }
    }

    /// Whether nothing may be used under this name but what says itself that it is a later key.
    pub(crate) fn is_purging(&self, id: &KeyId) -> bool {
        self.purging.contains(id)
    }

    /// Whether what would speak for a file without a check may itself be of the one that was destroyed.
    pub(crate) fn is_erasing(&self, id: &KeyId) -> bool {
        self.destroyed.contains(id) && self.generation(id) > 0
    }

    /// Whether this is the key of its name, as far as is known; otherwise what is wrong.
    pub(crate) fn judge(
        &mut self,
        id: &KeyId,
        key: &Key,
        check: Option<&FileCheck>,
    ) -> Result<bool, VaultError> {
        match self.standing(id, key, check) {
            Standing::Stranger => return Err(VaultError::Damaged(id.clone())),
            Standing::Dead | Standing::Doomed => return Ok(false),
            Standing::Unchecked if self.is_erasing(id) => {
                self.unproven.insert(id.clone());
                return Ok(false);
            }
            Standing::Unchecked if self.demands_checks || self.generation(id) > 0 => {
                self.unproven.insert(id.clone());
                return Err(VaultError::Damaged(id.clone()));
            }
            Standing::Unchecked | Standing::Current => {}
        }
        match self.expected.get(id) {
            Some(Some(known_by)) if *known_by != key.known_by() => Err(VaultError::Damaged(id.clone())),
            // Nobody has held it against anything yet.
            _ if self.unproven.contains(id) => Err(VaultError::Damaged(id.clone())),
            _ => Ok(true),
        }
    }

    /// Whether what lies under a doomed key's name is one that is meant.
    pub(crate) fn is_doomed(&mut self, doomed: &DoomedKey, key: &Key, check: Option<&FileCheck>) -> bool {
        let Some(meant) = doomed.generation else { return false };
        match check {
            Some(check) => key.generation(&doomed.id, check, meant).is_none_or(|of| of <= meant),
            // What lay there when it was doomed; once its purge has ended it may be a later one that was cut.
            None => self.generation(&doomed.id) <= meant || self.is_purging(&doomed.id),
        }
    }

    /// Dead from here on.
    pub(crate) fn bury(&mut self, doomed: &[&DoomedKey]) {
        self.tombstones.extend(doomed.iter().map(|doomed| doomed.id.clone()));
        doomed.iter().for_each(|doomed| self.destroyed(doomed));
    }

    /// It was destroyed, or was gone before it was to be.
    pub(crate) fn destroyed(&mut self, doomed: &DoomedKey) {
        let DoomedKey { id, generation, check } = doomed;
        self.ended.remove(id);
        self.destroyed.insert(id.clone());
        if let Some(check) = check {
            self.dead.entry(id.clone()).or_default().insert(check.clone());
        }
        self.expected.remove(id);
        self.unproven.remove(id);
        if let Some(generation) = generation {
            let known = self.generations.entry(id.clone()).or_default();
            *known = generation.saturating_add(1).max(*known);
        }
    }

    pub(crate) fn forget_destroyed(&mut self, id: &KeyId) {
        self.destroyed.remove(id);
        self.ended.remove(id);
    }

    /// Where it is not known of which generation a doomed key is, only that very key is meant.
    pub(crate) fn purge_begins(&mut self, doomed: &DoomedKey) {
        if doomed.generation.is_some() {
            self.purging.insert(doomed.id.clone());
        }
    }

    pub(crate) fn purge_ended(&mut self, id: &KeyId) {
        self.purging.remove(id);
        if self.destroyed.remove(id) {
            self.ended.insert(id.clone());
        }
    }

    /// A key was made.
    pub(crate) fn made(&mut self, id: &KeyId) {
        self.destroyed.remove(id);
        self.ended.remove(id);
        self.unproven.remove(id);
    }

    pub(crate) fn expect(&mut self, id: &KeyId, known_by: Option<[u8; 32]>) {
        if !self.destroyed.contains(id) && !self.ended.contains(id) {
            let expected = self.expected.entry(id.clone()).or_default();
            *expected = known_by.or(*expected);
        }
    }

    pub(crate) fn is_expected(&self, id: &KeyId) -> bool {
        self.expected.contains_key(id)
    }

    pub(crate) fn expected(&self) -> impl Iterator<Item = &KeyId> {
        self.expected.keys()
    }

    pub(crate) fn demand_checks(&mut self, unchecked: &[KeyId]) {
        self.demands_checks = true;
        self.unproven.extend(unchecked.iter().cloned());
    }

    /// Something has shown that this is the key.
    pub(crate) fn is_proven(&mut self, id: &KeyId, key: &Key) {
        self.unproven.remove(id);
        if let Some(known_by) = self.expected.get_mut(id) {
            *known_by = Some(key.known_by());
        }
    }

    /// Nothing can show it, and nothing speaks against it; or there is none.
    pub(crate) fn may_be_used(&mut self, id: &KeyId) {
        self.unproven.remove(id);
    }

    /// Something has to show it first.
    pub(crate) fn is_unproven(&mut self, id: &KeyId) {
        self.unproven.insert(id.clone());
    }

    pub(crate) fn unproven(&self) -> Vec<KeyId> {
        self.unproven.iter().cloned().collect()
    }

    /// Names of which some were destroyed.
    pub(crate) fn had_earlier(&self, id: &KeyId) -> bool {
        self.generations.contains_key(id) || self.dead.contains_key(id) || self.is_purging(id)
    }

    /// What it means that a key is not there.
    pub(crate) fn absent(&self, id: &KeyId) -> VaultError {
        if self.tombstones.contains(id) || self.destroyed.contains(id) || self.ended.contains(id) {
            VaultError::Destroyed(id.clone())
        } else if self.expected.contains_key(id) {
            VaultError::Gone(id.clone())
        } else {
            VaultError::Missing(id.clone())
        }
    }
}
