//! A vault of files in one directory.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use ssbtek_domain::Entropy;
use zeroize::Zeroizing;

use crate::{
    Key, KeyId, Vault, VaultError,
    key::{SECRET_BYTES, empty_secret},
    private::{create_private, private_directory},
};

/// Keys as files of 32 bytes, readable by the owner alone. Put the directory on a volume of its own that is not part of
/// the database's backups.
#[derive(Debug)]
pub struct DirectoryVault {
    directory: PathBuf,
    entropy: Arc<dyn Entropy>,
    known: RwLock<HashMap<KeyId, Arc<Key>>>,
}

impl DirectoryVault {
    /// Opens the vault, creating its directory (mode 0700) if needed.
    pub fn open(directory: &Path, entropy: Arc<dyn Entropy>) -> Result<Self, VaultError> {
        private_directory(directory)?;
        Ok(Self { directory: directory.to_owned(), entropy, known: RwLock::default() })
    }

    fn path(&self, id: &KeyId) -> PathBuf {
        self.directory.join(id.as_str())
    }

    fn read(&self, id: &KeyId) -> Result<Arc<Key>, VaultError> {
        let mut file = File::open(self.path(id)).map_err(|error| match error.kind() {
            ErrorKind::NotFound => VaultError::Missing(id.clone()),
            kind => VaultError::Io(kind),
        })?;
        let mut secret = empty_secret();
        file.read_exact(&mut secret).map_err(|_| VaultError::Damaged(id.clone()))?;
        if file.read(&mut [0u8; 1])? != 0 {
            return Err(VaultError::Damaged(id.clone()));
        }
        Ok(self.remember(id, Key::new(secret)))
    }

    /// Writes the secret under a temporary name, syncs, and links it into place, so that a key is whole or absent and
    /// two writers agree on the first.
    fn create(&self, id: &KeyId) -> Result<Arc<Key>, VaultError> {
        let mut secret = empty_secret();
        self.entropy.fill(&mut secret);
        let key = Key::new(secret);
        let mut suffix = [0u8; 8];
        self.entropy.fill(&mut suffix);
        let temporary = self.directory.join(format!(".new-{:016x}", u64::from_le_bytes(suffix)));
        let mut file = create_private(&temporary)?;
        let written = file.write_all(key.secret()).and_then(|()| file.sync_all());
        if let Err(error) = written {
            // A full disk must not be left with more and more halves of keys.
            let _ = fs::remove_file(&temporary);
            return Err(error.into());
        }
        let linked = fs::hard_link(&temporary, self.path(id));
        fs::remove_file(&temporary)?;
        self.sync_directory()?;
        match linked {
            Ok(()) => Ok(self.remember(id, key)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => self.read(id),
            Err(error) => Err(error.into()),
        }
    }

    fn remember(&self, id: &KeyId, key: Key) -> Arc<Key> {
        let key = Arc::new(key);
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), key.clone());
        key
    }

    fn sync_directory(&self) -> Result<(), VaultError> {
        Ok(File::open(&self.directory)?.sync_all()?)
    }
}

impl Vault for DirectoryVault {
    fn get_or_create(&self, id: &KeyId) -> Result<Arc<Key>, VaultError> {
        match self.get(id) {
            Err(VaultError::Missing(_)) => self.create(id),
            found => found,
        }
    }

    fn get(&self, id: &KeyId) -> Result<Arc<Key>, VaultError> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        known.map_or_else(|| self.read(id), Ok)
    }

    fn destroy(&self, id: &KeyId) -> Result<bool, VaultError> {
        self.known.write().unwrap_or_else(PoisonError::into_inner).remove(id);
        let path = self.path(id);
        let mut file = match OpenOptions::new().write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        // Overwritten in place first: unlinking alone leaves the bytes in free blocks.
        file.write_all(&[0u8; SECRET_BYTES])?;
        file.sync_all()?;
        fs::remove_file(&path)?;
        self.sync_directory()?;
        Ok(true)
    }

    fn is_wiped(&self, id: &KeyId) -> Result<bool, VaultError> {
        let mut bytes = Zeroizing::new(Vec::new());
        match File::open(self.path(id)) {
            Ok(mut file) => file.read_to_end(&mut bytes)?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        Ok(!bytes.is_empty() && bytes.iter().all(|byte| *byte == 0))
    }

    fn list(&self) -> Result<Vec<KeyId>, VaultError> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            ids.extend(entry?.file_name().to_str().and_then(KeyId::parse));
        }
        ids.sort();
        Ok(ids)
    }
}

#[cfg(test)]
mod tests {
    use ssbtek_domain::SystemEntropy;

    use super::*;

    fn vault(directory: &Path) -> DirectoryVault {
        DirectoryVault::open(directory, Arc::new(SystemEntropy)).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_after_a_restart_and_only_in_its_context() {
        let directory = tempfile::tempdir().unwrap();
        let id = KeyId::new(&["log", "162120000142", "2026-11"]);
        let sealed =
            vault(directory.path()).get_or_create(&id).unwrap().seal(&SystemEntropy, b"leaf 1", b"canary");
        let key = vault(directory.path()).get(&id).unwrap();
        assert_eq!(&key.open(b"leaf 1", &sealed).unwrap()[..], b"canary");
        assert!(key.open(b"leaf 2", &sealed).is_none());
        assert!(key.open(b"leaf 1", &sealed[1..]).is_none());
    }

    #[test]
    fn a_destroyed_key_is_gone_and_destroying_again_is_harmless() {
        let directory = tempfile::tempdir().unwrap();
        let vault = vault(directory.path());
        let id = KeyId::new(&["case", "1"]);
        let before = vault.get_or_create(&id).unwrap().blind("person", b"x");
        assert!(vault.destroy(&id).unwrap());
        assert!(!vault.destroy(&id).unwrap());
        assert!(matches!(vault.get(&id), Err(VaultError::Missing(_))));
        assert!(vault.list().unwrap().is_empty());
        assert_ne!(vault.get_or_create(&id).unwrap().blind("person", b"x"), before);
    }

    #[test]
    fn a_truncated_key_file_is_named_and_never_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let id = KeyId::new(&["case", "2"]);
        fs::write(directory.path().join(id.as_str()), [1u8; 31]).unwrap();
        assert!(matches!(vault(directory.path()).get_or_create(&id), Err(VaultError::Damaged(_))));
    }
}
