//! Keys outside the database, each in a file of its own, so that destroying one erases all that was sealed under it —
//! also in database backups. Personal data reaches the disk only through [`Key::seal`].
//!
//! Must never hand out a key's bytes, and never be backed up together with the database.

//! | module | holds |
//! |---|---|
//! | `key` | one key: what it seals, opens and blinds |
//! | `keeper` | who may use which key when: claims, tombstones, what is in memory |
//! | `names` | what is known of keys by their names: which are to be there, which were destroyed and how often, which are to be proven |
//! | `files` | where keys lie |
//! | `patience` | how long a disk is waited for |
//! | `directory` | the two together: a vault in a directory |

mod directory;
mod files;
mod keeper;
mod key;
#[cfg(test)]
mod model;
mod names;
mod patience;
mod private;
mod recent;
mod sync;

use std::sync::Arc;

use ssbtek_telemetry::ANY_KEY;

pub use directory::DirectoryVault;
pub use key::{DoomedKey, Key, KeyId, Unsealed};
pub use private::{create_private, private_directory, private_file};

/// Why a key could not be had. Never says what it protects.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The vault's directory cannot be read or written.
    #[error("the key vault cannot be read or written: {0}")]
    Io(std::io::ErrorKind),
    /// A key's file is there, and cannot be read.
    #[error("key file {0} cannot be read: {1}")]
    Unreadable(KeyId, std::io::ErrorKind),
    /// A key's file is not one that was written under this name.
    #[error("key file {0} is damaged")]
    Damaged(KeyId),
    /// The key is not there, and nobody has said that it is to be: where nothing was sealed under it, it never was.
    #[error("key {0} does not exist")]
    Missing(KeyId),
    /// The key was destroyed, as it should be.
    #[error("key {0} was destroyed")]
    Destroyed(KeyId),
    /// The key is not there, and nobody has destroyed it.
    #[error("key file {0} is gone")]
    Gone(KeyId),
}

impl VaultError {
    /// Which key it is about, and what is wrong with it, where something is.
    pub fn fault(&self) -> Option<(&KeyId, KeyState)> {
        match self {
            VaultError::Io(_) => None,
            VaultError::Unreadable(id, _) => Some((id, KeyState::Unreadable)),
            VaultError::Damaged(id) => Some((id, KeyState::Damaged)),
            VaultError::Missing(id) | VaultError::Destroyed(id) | VaultError::Gone(id) => {
                Some((id, KeyState::Gone))
            }
        }
    }

    /// Whether nothing is wrong: there is no such key, or there is none any more.
    pub fn is_absence(&self) -> bool {
        matches!(self, VaultError::Missing(_) | VaultError::Destroyed(_))
    }

    /// The same of a key under which something lies that nobody has erased.
    pub fn is_erasure(&self) -> bool {
        matches!(self, VaultError::Destroyed(_))
    }

    /// What the key is for, as events say it, and its state.
    pub fn told(&self) -> (&'static str, KeyState) {
        self.fault().map_or((ANY_KEY, KeyState::Unreadable), |(id, state)| (id.kind(), state))
    }
}

/// What is wrong with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyState {
    /// Its file is not there.
    Gone,
    /// Its file is not what was written under its name.
    Damaged,
    /// Its file is there and cannot be read, or what lies there is no regular file.
    Unreadable,
    /// Its file had lost its check; what rests on it opened under it, and it was given one again.
    Unchecked,
    /// It was destroyed, and its file had come back; it was destroyed again.
    CameBack,
}

impl KeyState {
    /// Its name in events and findings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Damaged => "damaged",
            Self::Unreadable => "unreadable",
            Self::Unchecked => "unchecked",
            Self::CameBack => "came_back",
        }
    }
}

impl From<std::io::Error> for VaultError {
    fn from(error: std::io::Error) -> Self {
        VaultError::Io(error.kind())
    }
}

/// What something that rests on a key says of what lies in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It opens under it.
    Opens,
    /// It does not.
    OpensNot,
    /// Nothing rests on that key, so that no harm comes of whichever it is.
    NothingRests,
    /// That cannot be told now.
    NotKnown,
}

/// What became of a key that something was asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proven {
    /// Nothing speaks against it.
    Known,
    /// It is the key; its file had lost its check, and was given one again.
    Given,
    /// It was destroyed again: a file without a check, of a name of which a key was destroyed, on which nothing rests.
    Destroyed,
}

/// What a look at the keys has found.
#[derive(Debug, Default)]
pub struct Looked {
    /// What is wrong with which.
    pub wrong: Vec<VaultError>,
    /// Destroyed keys whose files had come back, and were destroyed again.
    pub destroyed_again: Vec<KeyId>,
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

    /// From here on this key is to be there until it is destroyed, known by this if that is known ([`Key::known_by`]): something rests
    /// on it. It is never made anew, and where it is not there it is [`VaultError::Gone`]. Nothing is said of one that was destroyed.
    fn expect(&self, id: &KeyId, known_by: Option<[u8; 32]>);

    /// From here on a file that holds no check is no key before [`Vault::prove`] says that it is one. Returns how many there are.
    fn demand_checks(&self) -> Result<usize, VaultError>;

    /// Keys of which something has to show that they are what they were before they are used.
    fn unproven(&self) -> Vec<KeyId>;

    /// Asks `proof` of what lies under a name, which must not ask for that key itself. Proven, it is used from here on, and no other
    /// where it is expected; a file without a check is given one. Where something that rests on it does not open it
    /// is [`VaultError::Damaged`], until another lies there and is proven.
    fn prove(&self, id: &KeyId, proof: &mut dyn FnMut(&Key) -> Proof) -> Result<Proven, VaultError>;

    /// How many keys of this name were destroyed, as far as is known here.
    fn generation(&self, id: &KeyId) -> u32;

    /// A purge of these has begun. Until it has ended, nothing is a later key of such a name but what says so itself: all else that lies
    /// there, or comes to lie there, is dead, and is overwritten where it is met.
    fn purge_begins(&self, doomed: &[DoomedKey]);

    /// That purge has ended: nothing that these sealed is left.
    fn purge_ended(&self, doomed: &[DoomedKey]);

    /// These were destroyed, in this process or before it. A file of one of them that comes back is overwritten when it is met.
    fn have_been_destroyed(&self, doomed: &[DoomedKey]);

    /// Nothing that these sealed is left: a later key of the same name is another.
    fn forget_destroyed(&self, ids: &[KeyId]);

    /// Holds every key that is expected or in memory against its file. One whose file is gone or another leaves memory, so that it is
    /// not used any longer, and is used again once its file is back. Overwrites what was destroyed and has come back.
    fn look(&self) -> Looked;
}
