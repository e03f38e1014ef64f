//! Who may use which key when. The order that the room rests on:
//!
//! * whoever touches a key's file holds its claim, and only who holds the claim puts the key among those in memory;
//! * destroying begins with a tombstone, under the lock: from then on nobody gets the key, whatever becomes of its file;
//! * then the key leaves memory, its file is overwritten, its name removed, all durably; only then the tombstone goes.
//!
//! What fails on the way leaves the tombstone: such a key is not had again before it is gone for good.
//!
//! What was destroyed stays dead although its file comes back, from a backup or with a mount: a file says after how many destroyed keys
//! of its name it was made, and one of before the last of them is overwritten wherever it is met.
//!
//! That a key is not there has three meanings, which are never taken for each other: it was destroyed; something rests on it, and its
//! file is gone; or nobody has said that it is to be, and it may be made.

use std::sync::{Arc, PoisonError};

use ssbtek_domain::Entropy;

use crate::{
    DoomedKey, Key, KeyId, Looked, Proof, Proven, Vault, VaultError,
    files::{Found, KeyFiles},
    key::empty_secret,
    names::{Names, Standing},
    recent::Recent,
    sync::{Condvar, Mutex, MutexGuard, RwLock, step},
};

/// Keys destroyed under one claim, with one sync of the directory.
const DESTROYED_AT_ONCE: usize = 32;
/// What is said of something that is certainly no regular file.
const NO_FILE: std::io::ErrorKind = std::io::ErrorKind::Unsupported;

/// The rules, over any place where files can lie.
#[derive(Debug)]
pub(crate) struct Keeper<F> {
    pub(crate) files: F,
    entropy: Arc<dyn Entropy>,
    recent: RwLock<Recent>,
    names: Mutex<Names>,
    released: Condvar,
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

    fn names(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nobody else works on these keys. `None`: `unless_dead`, and one of them has a tombstone.
    fn claim(&self, ids: &[&KeyId], unless_dead: bool) -> Option<Claim<'_, F>> {
        let mut names = self.names();
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
    fn bury(&self, doomed: &[&DoomedKey]) {
        let mut names = self.names();
        names.bury(doomed);
        // Under the same lock: who has met a tombstone must not find the key in memory after that.
        let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
        doomed.iter().for_each(|doomed| recent.remove(&doomed.id));
    }

    /// Ends the destruction of keys that have tombstones. One that cannot be reached keeps nobody else's from ending. To be called with
    /// the claim.
    fn finish(&self, ids: &[&KeyId]) -> Result<(), VaultError> {
        let (mut overwritten, mut failed) = (Vec::with_capacity(ids.len()), None);
        for id in ids {
            match self.overwrite(id) {
                Ok(()) => overwritten.push(*id),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        step();
        self.files.remove(&overwritten)?;
        self.names().tombstones.retain(|name| !overwritten.contains(&name));
        failed.map_or(Ok(()), Err)
    }

    /// Whatever lies under a name opens nothing from here on. To be called with the claim.
    fn overwrite(&self, id: &KeyId) -> Result<(), VaultError> {
        step();
        let unreadable = |error: std::io::Error| VaultError::Unreadable(id.clone(), error.kind());
        let is_its = match self.files.read(id).map_err(unreadable)? {
            Found::Nothing | Found::NoFile | Found::Empty => return Ok(()),
            Found::Wiped | Found::Damaged => false,
            Found::Secret(secret, check) => {
                let standing = self.names().standing(id, &Key::new(secret), check.as_ref());
                matches!(standing, Standing::Current | Standing::Dead)
            }
        };
        step();
        self.files.wipe(id, is_its).map_err(unreadable)
    }

    fn remember(&self, id: &KeyId, key: Key) -> Arc<Key> {
        let key = Arc::new(key);
        self.recent.write().unwrap_or_else(PoisonError::into_inner).insert(id, key.clone());
        key
    }

    fn is_dead(&self, id: &KeyId) -> bool {
        self.names().tombstones.contains(id)
    }

    /// What it means that a key is not there.
    fn absent(&self, id: &KeyId) -> VaultError {
        self.names().absent(id)
    }

    fn found(&self, id: &KeyId) -> Result<Found, VaultError> {
        self.files.read(id).map_err(|error| VaultError::Unreadable(id.clone(), error.kind()))
    }

    /// The key that lies under a name. To be called with the claim.
    fn on_disk(&self, id: &KeyId) -> Result<Option<Key>, VaultError> {
        match self.found(id)? {
            Found::Secret(secret, check) => {
                let key = Key::new(secret);
                Ok(self.names().judge(id, &key, check.as_ref())?.then_some(key))
            }
            Found::Damaged => Err(VaultError::Damaged(id.clone())),
            // Nobody's key was ever in it.
            Found::Empty if !self.names().is_expected(id) => Ok(None),
            Found::Empty => Err(VaultError::Damaged(id.clone())),
            Found::NoFile => Err(VaultError::Unreadable(id.clone(), NO_FILE)),
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
            // What is certainly no key is no more used than one that is gone: what is written under it might be lost.
            Err(error @ VaultError::Unreadable(_, NO_FILE)) => error,
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
        let (mut dying, mut there, mut failed) = (Vec::new(), 0, None);
        for doomed in doomed {
            step();
            let (is_there, goes) = match self.found(&doomed.id) {
                Ok(Found::Secret(secret, check)) => {
                    let key = Key::new(secret);
                    let is_it = doomed.check.as_ref() == Some(&key.check());
                    let goes = is_it || self.names().is_doomed(doomed, &key, check.as_ref());
                    (goes, goes)
                }
                // It opens nothing, and is in the way of nothing but a key that is wanted.
                Ok(Found::Wiped | Found::Damaged | Found::Empty | Found::NoFile) => (true, true),
                // Whatever comes back in its place later is dead.
                Ok(Found::Nothing) => (self.is_dead(&doomed.id), true),
                Err(error) => {
                    failed = failed.or(Some(error));
                    (false, doomed.generation.is_some())
                }
            };
            there += usize::from(is_there);
            if goes && (is_there || doomed.generation.is_some() || doomed.check.is_none()) {
                dying.push(doomed);
            }
        }
        self.bury(&dying);
        if dying.is_empty() {
            return failed.map_or(Ok(0), Err);
        }
        let ids: Vec<&KeyId> = dying.iter().map(|doomed| &doomed.id).collect();
        self.finish(&ids)?;
        failed.map_or(Ok(there), Err)
    }

    fn prove_claimed(&self, id: &KeyId, proof: &mut dyn FnMut(&Key) -> Proof) -> Result<Proven, VaultError> {
        let Found::Secret(secret, check) = self.found(id)? else {
            return self.on_disk(id).and_then(|_| Err(self.absent(id)));
        };
        let key = Key::new(secret.clone());
        let standing = self.names().standing(id, &key, check.as_ref());
        let given = match standing {
            Standing::Stranger => return Err(VaultError::Damaged(id.clone())),
            Standing::Dead | Standing::Doomed => return Err(self.absent(id)),
            Standing::Current => false,
            // What it would be held against may be there only until it is erased.
            Standing::Unchecked if self.names().is_erasing(id) => return Err(self.absent(id)),
            Standing::Unchecked => true,
        };
        match proof(&key) {
            Proof::NotKnown if given => return Err(VaultError::Damaged(id.clone())),
            Proof::NotKnown => {
                self.names().may_be_used(id);
                return Ok(Proven::Known);
            }
            Proof::OpensNot => return Err(VaultError::Damaged(id.clone())),
            // Of a name of which one was destroyed: nothing says that it is a later one.
            Proof::NothingRests if given && self.names().generation(id) > 0 => {
                self.overwrite(id)?;
                self.files.remove(&[id])?;
                self.names().may_be_used(id);
                return Ok(Proven::Destroyed);
            }
            Proof::Opens | Proof::NothingRests => {}
        }
        if given {
            self.files.replace(id, &secret, &key.file_check(id, self.names().generation(id)))?;
        }
        self.names().is_proven(id, &key);
        Ok(if given { Proven::Given } else { Proven::Known })
    }

    /// Destroys a dead key whose file has come back. Whether there was one.
    fn destroy_again(&self, id: &KeyId) -> Result<bool, VaultError> {
        let _claim = self.claim(&[id], false);
        step();
        let found = self.found(id)?;
        let mut names = self.names();
        let is_dead = names.tombstones.contains(id)
            || match &found {
                Found::Secret(secret, check) => {
                    let standing = names.standing(id, &Key::new(secret.clone()), check.as_ref());
                    if matches!(standing, Standing::Unchecked) && !names.is_erasing(id) {
                        // What rests on a later one of the name says whether it is that.
                        names.is_unproven(id);
                    }
                    matches!(standing, Standing::Dead | Standing::Doomed)
                }
                Found::Nothing => false,
                Found::Wiped | Found::Empty | Found::Damaged | Found::NoFile => names.is_purging(id),
            };
        drop(names);
        if !is_dead {
            return Ok(false);
        }
        self.finish(&[id])?;
        Ok(matches!(found, Found::Secret(..) | Found::Damaged))
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
        // What is left of one that was being destroyed, or has come back since.
        self.overwrite(id)?;
        self.files.remove(&[id])?;
        let mut secret = empty_secret();
        self.entropy.fill(&mut secret);
        let key = Key::new(secret.clone());
        let check = key.file_check(id, self.names().generation(id));
        step();
        if !self.files.write(id, &secret, &check)? {
            // Another process works in the same directory, which nobody should do.
            return Err(VaultError::Damaged(id.clone()));
        }
        self.names().made(id);
        Ok(self.remember(id, key))
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
        let names = self.names();
        ids.retain(|id| !names.tombstones.contains(id));
        Ok(ids)
    }

    fn expect(&self, id: &KeyId, known_by: Option<[u8; 32]>) {
        self.names().expect(id, known_by);
    }

    fn demand_checks(&self) -> Result<usize, VaultError> {
        let unchecked = self.files.unchecked()?;
        self.names().demand_checks(&unchecked);
        // Whoever has read one has done nothing with it yet.
        let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
        unchecked.iter().for_each(|id| recent.remove(id));
        Ok(unchecked.len())
    }

    fn unproven(&self) -> Vec<KeyId> {
        self.names().unproven()
    }

    fn prove(&self, id: &KeyId, proof: &mut dyn FnMut(&Key) -> Proof) -> Result<Proven, VaultError> {
        let Some(_claim) = self.claim(&[id], true) else { return Err(VaultError::Destroyed(id.clone())) };
        step();
        let proven = self.prove_claimed(id, proof);
        if proven.as_ref().is_err_and(VaultError::is_absence) {
            self.names().may_be_used(id);
        } else if proven.is_err() {
            self.names().is_unproven(id);
            self.recent.write().unwrap_or_else(PoisonError::into_inner).remove(id);
        }
        proven
    }

    fn generation(&self, id: &KeyId) -> u32 {
        self.names().generation(id)
    }

    fn have_been_destroyed(&self, doomed: &[DoomedKey]) {
        let mut names = self.names();
        doomed.iter().for_each(|doomed| names.destroyed(doomed));
    }

    fn purge_begins(&self, doomed: &[DoomedKey]) {
        let mut names = self.names();
        doomed.iter().for_each(|doomed| names.purge_begins(doomed));
    }

    fn purge_ended(&self, doomed: &[DoomedKey]) {
        let mut names = self.names();
        doomed.iter().for_each(|doomed| names.purge_ended(&doomed.id));
    }

    fn forget_destroyed(&self, ids: &[KeyId]) {
        let mut names = self.names();
        ids.iter().for_each(|id| names.forget_destroyed(id));
    }

    fn look(&self) -> Looked {
        let mut looked = Looked::default();
        match self.files.list() {
            Ok(mut there) => {
                let names = self.names();
                there.retain(|id| names.had_earlier(id));
                drop(names);
                for id in there {
                    match self.destroy_again(&id) {
                        Ok(true) => looked.destroyed_again.push(id),
                        Ok(false) => {}
                        Err(error) => looked.wrong.push(error),
                    }
                }
            }
            Err(error) => looked.wrong.push(error.into()),
        }
        let mut ids = self.recent.read().unwrap_or_else(PoisonError::into_inner).ids();
        let names = self.names();
        ids.extend(names.expected().cloned());
        ids.extend(names.unproven());
        drop(names);
        looked.wrong.extend(ids.iter().filter_map(|id| self.look_at(id).err()));
        looked
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
