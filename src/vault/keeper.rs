//! Who may use which key when. The order that the room rests on:
//!
//! * whoever touches a key's file holds its claim, and only who holds the claim puts the key among those in memory;
//! * destroying begins with a tombstone, under the lock: from then on nobody gets the key, whatever becomes of its file;
//! * then the key leaves memory, its file is overwritten, its name removed, all durably; only then the tombstone goes.
//!
//! What fails on the way leaves the tombstone: such a key is not had again before it is gone for good.
//!
//! That a key is not there has three meanings, which are never taken for each other: it was destroyed; something rests on it, and its
//! file is gone; or nobody has said that it is to be, and it may be made.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError},
};

use ssbtek_domain::Entropy;

use crate::{
    DoomedKey, Key, KeyId, Vault, VaultError,
    files::{Found, KeyFiles},
    key::empty_secret,
    recent::Recent,
    sync::{Condvar, Mutex, RwLock, step},
};

/// Keys destroyed under one claim, with one sync of the directory.
const DESTROYED_AT_ONCE: usize = 32;

/// The rules, over any place where files can lie.
#[derive(Debug)]
pub(crate) struct Keeper<F> {
    pub(crate) files: F,
    entropy: Arc<dyn Entropy>,
    recent: RwLock<Recent>,
    names: Mutex<Names>,
    released: Condvar,
}

#[derive(Debug, Default)]
struct Names {
    /// Whose files somebody works on: whoever else would waits.
    claimed: HashSet<KeyId>,
    /// Destroyed, whatever still lies on the disk.
    tombstones: HashSet<KeyId>,
    /// Destroyed, and nothing lies there.
    destroyed: HashSet<KeyId>,
    /// To be there, and by what each is known, where that is known.
    expected: HashMap<KeyId, Option<[u8; 32]>>,
}

/// The right to touch the files of some keys, until it is dropped.
struct Claim<'k, F> {
    keeper: &'k Keeper<F>,
    ids: Vec<KeyId>,
}

impl<F: KeyFiles> Keeper<F> {
    /// With at most `max_in_memory` keys in memory.
    pub(crate) fn new(files: F, entropy: Arc<dyn Entropy>, max_in_memory: usize) -> Self {
        let recent = RwLock::new(Recent::bounded(max_in_memory));
        Self { files, entropy, recent, names: Mutex::default(), released: Condvar::default() }
    }

    fn in_memory(&self, id: &KeyId) -> Option<Arc<Key>> {
        let recent = self.recent.read().unwrap_or_else(PoisonError::into_inner);
        let (young, is_old) = (recent.young(id), recent.is_old(id));
        drop(recent);
        if !is_old {
            return young;
        }
        self.recent.write().unwrap_or_else(PoisonError::into_inner).renew(id)
    }

    /// Waits until nobody else works on these keys. `None`: `unless_dead`, and one of them has a tombstone.
    fn claim(&self, ids: &[&KeyId], unless_dead: bool) -> Option<Claim<'_, F>> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if unless_dead && ids.iter().any(|id| names.tombstones.contains(id)) {
                return None;
            }
            if !ids.iter().any(|id| names.claimed.contains(id)) {
                break;
            }
            names = self.released.wait(names).unwrap_or_else(PoisonError::into_inner);
        }
        let ids: Vec<KeyId> = ids.iter().map(|id| (*id).clone()).collect();
        names.claimed.extend(ids.iter().cloned());
        Some(Claim { keeper: self, ids })
    }

    /// Dead from here on. To be called with the claim.
    fn bury(&self, ids: &[&KeyId]) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.tombstones.extend(ids.iter().map(|id| (*id).clone()));
        names.destroyed.extend(ids.iter().map(|id| (*id).clone()));
        names.expected.retain(|id, _| !ids.contains(&id));
        // Under the same lock: who has met a tombstone must not find the key in memory after that.
        let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
        ids.iter().for_each(|id| recent.remove(id));
    }

    /// Ends the destruction of keys that have tombstones. To be called with the claim.
    fn finish(&self, ids: &[&KeyId]) -> Result<(), VaultError> {
        for id in ids {
            step();
            if !matches!(self.files.read(id)?, Found::Nothing) {
                step();
                self.files.wipe(id)?;
            }
        }
        step();
        self.files.remove(ids)?;
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.tombstones.retain(|name| !ids.contains(&name));
        Ok(())
    }

    fn remember(&self, id: &KeyId, key: Key) -> Arc<Key> {
        let key = Arc::new(key);
        self.recent.write().unwrap_or_else(PoisonError::into_inner).insert(id, key.clone());
        key
    }

    fn is_dead(&self, id: &KeyId) -> bool {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).tombstones.contains(id)
    }

    /// It was gone before it was to be destroyed.
    fn is_gone_for_good(&self, id: &KeyId) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.expected.remove(id);
        names.destroyed.insert(id.clone());
    }

    /// What it means that a key is not there.
    fn absent(&self, id: &KeyId) -> VaultError {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if names.tombstones.contains(id) || names.destroyed.contains(id) {
            VaultError::Destroyed(id.clone())
        } else if names.expected.contains_key(id) {
            VaultError::Gone(id.clone())
        } else {
            VaultError::Missing(id.clone())
        }
    }

    /// What lies under a key's name. To be called with the claim.
    fn on_disk(&self, id: &KeyId) -> Result<Option<Key>, VaultError> {
        match self.files.read(id).map_err(|error| VaultError::Unreadable(id.clone(), error.kind()))? {
            Found::Whole(secret) => {
                let key = Key::new(secret);
                let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
                match names.expected.get(id) {
                    Some(Some(known_by)) if *known_by != key.known_by() => {
                        Err(VaultError::Damaged(id.clone()))
                    }
                    _ => Ok(Some(key)),
                }
            }
            Found::Damaged => Err(VaultError::Damaged(id.clone())),
            Found::Wiped | Found::Nothing => Ok(None),
        }
    }

    /// Holds a key against its file.
    fn look_at(&self, id: &KeyId) -> Result<(), VaultError> {
        let Some(_claim) = self.claim(&[id], true) else { return Ok(()) };
        step();
        let (found, absent) = (self.on_disk(id), self.absent(id));
        let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
        let fault = match found {
            Ok(Some(key)) if recent.any(id).is_none_or(|used| used.is(&key)) => return Ok(()),
            Ok(Some(_)) | Err(VaultError::Damaged(_)) => VaultError::Damaged(id.clone()),
            // It may be there all the same.
            Err(error) => return Err(error),
            Ok(None) => match (absent, recent.any(id)) {
                (VaultError::Destroyed(_), _) | (VaultError::Missing(_), None) => return Ok(()),
                _ => VaultError::Gone(id.clone()),
            },
        };
        recent.remove(id);
        Err(fault)
    }

    fn destroy_some(&self, doomed: &[DoomedKey]) -> Result<usize, VaultError> {
        let ids: Vec<&KeyId> = doomed.iter().map(|doomed| &doomed.id).collect();
        let _claim = self.claim(&ids, false);
        let mut dying = Vec::new();
        for DoomedKey { id, check } in doomed {
            step();
            let goes = match self.files.read(id)? {
                Found::Whole(secret) => check.as_ref() == Some(&Key::new(secret).check()),
                // It opens nothing, and is in the way of nothing but a key that is wanted.
                Found::Wiped | Found::Damaged => true,
                Found::Nothing => {
                    if check.is_none() && !self.is_dead(id) {
                        self.is_gone_for_good(id);
                    }
                    self.is_dead(id)
                }
            };
            if goes {
                dying.push(id);
            }
        }
        if dying.is_empty() {
            return Ok(0);
        }
        self.bury(&dying);
        self.finish(&dying)?;
        Ok(dying.len())
    }
}

impl<F: KeyFiles + Send + Sync + std::fmt::Debug> Vault for Keeper<F> {
    fn create(&self, id: &KeyId) -> Result<Arc<Key>, VaultError> {
        if let Some(key) = self.in_memory(id) {
            return Ok(key);
        }
        let _claim = self.claim(&[id], false);
        if let Some(key) = self.in_memory(id) {
            return Ok(key);
        }
        if self.is_dead(id) {
            self.finish(&[id])?;
        }
        step();
        if let Some(key) = self.on_disk(id)? {
            return Ok(self.remember(id, key));
        }
        if let gone @ VaultError::Gone(_) = self.absent(id) {
            return Err(gone);
        }
        // What is left of one that was being destroyed.
        self.files.remove(&[id])?;
        let mut secret = empty_secret();
        self.entropy.fill(&mut secret);
        step();
        if !self.files.write(id, &secret)? {
            // Another process works in the same directory, which nobody should do.
            return Err(VaultError::Damaged(id.clone()));
        }
        self.forget_destroyed(std::slice::from_ref(id));
        Ok(self.remember(id, Key::new(secret)))
    }

    fn open(&self, id: &KeyId) -> Result<Arc<Key>, VaultError> {
        if let Some(key) = self.in_memory(id) {
            return Ok(key);
        }
        let Some(_claim) = self.claim(&[id], true) else { return Err(VaultError::Destroyed(id.clone())) };
        if let Some(key) = self.in_memory(id) {
            return Ok(key);
        }
        step();
        match self.on_disk(id)? {
            Some(key) => Ok(self.remember(id, key)),
            None => Err(self.absent(id)),
        }
    }

    fn destroy(&self, doomed: &[DoomedKey]) -> Result<usize, VaultError> {
        doomed.chunks(DESTROYED_AT_ONCE).map(|some| self.destroy_some(some)).sum()
    }

    fn list(&self) -> Result<Vec<KeyId>, VaultError> {
        let mut ids = self.files.list()?;
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        ids.retain(|id| !names.tombstones.contains(id));
        Ok(ids)
    }

    fn expect(&self, id: &KeyId, known_by: Option<[u8; 32]>) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if names.destroyed.contains(id) {
            return;
        }
        let expected = names.expected.entry(id.clone()).or_default();
        *expected = known_by.or(*expected);
    }

    fn have_been_destroyed(&self, ids: &[KeyId]) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.destroyed.extend(ids.iter().cloned());
        names.expected.retain(|id, _| !ids.contains(id));
    }

    fn forget_destroyed(&self, ids: &[KeyId]) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.destroyed.retain(|id| !ids.contains(id));
    }

    fn look(&self) -> Vec<VaultError> {
        let mut ids = self.recent.read().unwrap_or_else(PoisonError::into_inner).ids();
        ids.extend(self.names.lock().unwrap_or_else(PoisonError::into_inner).expected.keys().cloned());
        ids.iter().filter_map(|id| self.look_at(id).err()).collect()
    }
}

impl<F> Drop for Claim<'_, F> {
    fn drop(&mut self) {
        let mut names = self.keeper.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.claimed.retain(|name| !self.ids.contains(name));
        drop(names);
        self.keeper.released.notify_all();
    }
}
