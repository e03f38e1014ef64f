//! Keys outside the database, each in a file of its own, so that destroying one erases all that was sealed under it —
//! also in database backups. Personal data reaches the disk only through [`Key::seal`].
//!
//! Must never hand out a key's bytes, and never be backed up together with the database.

//! | module | holds |
//! |---|---|
//! | `key` | one key: what it seals, opens and blinds |
//! | `keeper` | who may use which key when: claims, tombstones, what is in memory |
//! | `files` | where keys lie |
//! | `directory` | the two together: a vault in a directory |

mod directory;
mod files;
mod keeper;
mod key;
#[cfg(test)]
mod model;
mod private;
mod recent;
mod sync;

use std::sync::Arc;

pub use directory::DirectoryVault;
pub use key::{DoomedKey, Key, KeyId, Unsealed};
pub use private::{create_private, private_directory, private_file};

/// Why a key could not be had. Never says what it protects.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The vault's directory cannot be read or written.
    #[error("the key vault cannot be read or written: {0}")]
    Io(std::io::ErrorKind),
    /// A key file does not have the length of a key.
    #[error("key file {0} is damaged")]
    Damaged(KeyId),
    /// The key was destroyed, or never was.
    #[error("key {0} does not exist")]
    Missing(KeyId),
}

impl From<std::io::Error> for VaultError {
    fn from(error: std::io::Error) -> Self {
        VaultError::Io(error.kind())
    }
}

/// Where keys live. A deployment may put a hardware module behind it.
///
/// Only [`Vault::create`] makes a key. It is for writes that are to begin something — a log's month, a case, a board — and
/// for nothing else; whatever reads, or goes on with what there is, opens.
pub trait Vault: Send + Sync + std::fmt::Debug {
    /// The key, made durably if there is none.
    fn create(&self, id: &KeyId) -> Result<Arc<Key>, VaultError>;

    /// The key, if it exists. Makes none.
    fn open(&self, id: &KeyId) -> Result<Arc<Key>, VaultError>;

    /// Destroys these very keys for good: nobody gets them from here on; overwritten, removed, synced when it returns. Keys of the
    /// same names that were made later stay. Returns how many there were, so it can be repeated.
    fn destroy(&self, doomed: &[DoomedKey]) -> Result<usize, VaultError>;

    /// Every key that exists.
    fn list(&self) -> Result<Vec<KeyId>, VaultError>;
}
