//! Who may use which key when. The order that the room rests on:
//!
//! * whoever touches a key's file holds its claim, and only who holds the claim puts the key among those in memory;
//! * destroying begins with a tombstone, under the lock: from then on nobody gets the key, whatever becomes of its file;
//! * then the key leaves memory, its file is overwritten, its name removed, all durably; only then the tombstone goes.
//!
//! What fails on the way leaves the tombstone: such a key is not had again before it is gone for good.

use std::{
    collections::HashSet,
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
                Found::Nothing => self.is_dead(id),
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
        match self.files.read(id)? {
            Found::Whole(secret) => return Ok(self.remember(id, Key::new(secret))),
            Found::Damaged => return Err(VaultError::Damaged(id.clone())),
            Found::Wiped => self.files.remove(&[id])?,
            Found::Nothing => {}
        }
        let mut secret = empty_secret();
        self.entropy.fill(&mut secret);
        step();
        if !self.files.write(id, &secret)? {
            // Another process works in the same directory, which nobody should do.
            return Err(VaultError::Damaged(id.clone()));
        }
        Ok(self.remember(id, Key::new(secret)))
    }

    fn open(&self, id: &KeyId) -> Result<Arc<Key>, VaultError> {
        if let Some(key) = self.in_memory(id) {
            return Ok(key);
        }
        let Some(_claim) = self.claim(&[id], true) else { return Err(VaultError::Missing(id.clone())) };
        if let Some(key) = self.in_memory(id) {
            return Ok(key);
        }
        step();
        match self.files.read(id)? {
            Found::Whole(secret) => Ok(self.remember(id, Key::new(secret))),
            Found::Damaged => Err(VaultError::Damaged(id.clone())),
            Found::Wiped | Found::Nothing => Err(VaultError::Missing(id.clone())),
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
}

impl<F> Drop for Claim<'_, F> {
    fn drop(&mut self) {
        let mut names = self.keeper.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.claimed.retain(|name| !self.ids.contains(name));
        drop(names);
        self.keeper.released.notify_all();
    }
}
