//! A vault of files in one directory.

use std::{path::Path, sync::Arc, time::Duration};

use ssbtek_domain::Entropy;

use crate::{
    DoomedKey, Key, KeyId, Looked, Proof, Proven, Vault, VaultError, files::Directory, keeper::Keeper,
};

/// Keys held in memory at most, where nobody says otherwise.
const MAX_IN_MEMORY: usize = 8192;
/// How long a read is waited for, where nobody says otherwise.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// Keys as files of 48 bytes, 32 of them secret, readable by the owner alone. Put the directory on a volume of its own that is not part of
/// the database's backups. One process at a time may work in it.
#[derive(Debug)]
pub struct DirectoryVault(Keeper<Directory>);

impl DirectoryVault {
    /// Opens the vault, creating its directory (mode 0700) if needed.
    pub fn open(directory: &Path, entropy: Arc<dyn Entropy>) -> Result<Self, VaultError> {
        Self::bounded(directory, entropy, MAX_IN_MEMORY, MAX_WAIT)
    }

    /// The same with at most `max_in_memory` keys in memory; the others are read when they are used, and a read is waited for for
    /// `max_wait`.
    pub fn bounded(
        directory: &Path,
        entropy: Arc<dyn Entropy>,
        max_in_memory: usize,
        max_wait: Duration,
    ) -> Result<Self, VaultError> {
        Ok(Self(Keeper::new(Directory::open(directory, max_wait)?, entropy, max_in_memory)))
    }

    /// Overwrites and removes keys that a former process was making when it ended. For who is alone with the directory.
    /// What cannot be is in nobody's way; it is returned with what is wrong.
    pub fn remove_unfinished(&self) -> Result<Vec<VaultError>, VaultError> {
        Ok(self.0.files.remove_unfinished()?)
    }
}

impl Vault for DirectoryVault {
    fn create(&self, id: &KeyId) -> Result<Arc<Key>, VaultError> {
        self.0.create(id)
    }

    fn open(&self, id: &KeyId) -> Result<Arc<Key>, VaultError> {
        self.0.open(id)
    }

    fn destroy(&self, doomed: &[DoomedKey]) -> Result<usize, VaultError> {
        self.0.destroy(doomed)
    }

    fn list(&self) -> Result<Vec<KeyId>, VaultError> {
        self.0.list()
    }

    fn expect(&self, id: &KeyId, known_by: Option<[u8; 32]>) {
        self.0.expect(id, known_by);
    }

    fn unproven(&self) -> Vec<KeyId> {
        self.0.unproven()
    }

    fn demand_checks(&self) -> Result<usize, VaultError> {
        self.0.demand_checks()
    }

    fn prove(&self, id: &KeyId, proof: &mut dyn FnMut(&Key) -> Proof) -> Result<Proven, VaultError> {
        self.0.prove(id, proof)
    }

    fn generation(&self, id: &KeyId) -> u32 {
        self.0.generation(id)
    }

    fn have_been_destroyed(&self, doomed: &[DoomedKey]) {
        self.0.have_been_destroyed(doomed);
    }

    fn purge_begins(&self, doomed: &[DoomedKey]) {
        self.0.purge_begins(doomed);
    }

    fn purge_ended(&self, doomed: &[DoomedKey]) {
        self.0.purge_ended(doomed);
    }

    fn forget_destroyed(&self, ids: &[KeyId]) {
        self.0.forget_destroyed(ids);
    }

    fn look(&self) -> Looked {
        self.0.look()
    }
}
