//! Keys outside the database, each in a file of its own, so that destroying one erases all that was sealed under it —
//! also in database backups. Personal data reaches the disk only through [`Key::seal`].
//!
//! Must never hand out a key's bytes, and never be backed up together with the database.

mod directory;
mod key;
mod private;

pub use directory::DirectoryVault;
pub use key::{Key, KeyId, Unsealed};
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
pub trait Vault: Send + Sync + std::fmt::Debug {
    /// The key, created durably if it does not exist.
    fn get_or_create(&self, id: &KeyId) -> Result<std::sync::Arc<Key>, VaultError>;

    /// The key, if it exists.
    fn get(&self, id: &KeyId) -> Result<std::sync::Arc<Key>, VaultError>;

    /// Destroys the key for good: overwritten, removed, synced. `false` if there was none, so it can be repeated.
    fn destroy(&self, id: &KeyId) -> Result<bool, VaultError>;

    /// Whether the key was overwritten but is still there: its destruction was interrupted.
    fn is_wiped(&self, id: &KeyId) -> Result<bool, VaultError>;

    /// Every key that exists.
    fn list(&self) -> Result<Vec<KeyId>, VaultError>;
}
