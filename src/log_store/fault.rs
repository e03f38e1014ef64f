//! What went wrong beneath the store, in the kinds that somebody has to act on differently.

use ssbtek_access_log::StoreError;
use ssbtek_vault::{KeyState, VaultError};

/// What an engine answers with.
pub type Done<T> = Result<T, Fault>;

/// Why an engine, or what is read from it, did not do what it was asked. Never says what was read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nothing was written; a later attempt may succeed.
    #[error("the store is busy")]
    Busy,
    /// Nothing was written: there is no space.
    #[error("there is no space")]
    Full,
    /// What is stored is not what this program wrote: somebody else has, or the disk is damaged.
    #[error("{0}")]
    Damaged(&'static str),
    /// A key cannot be had: what it is for, and its state.
    #[error("a key cannot be had: {} is {}", .0.0, .0.1.as_str())]
    Vault((&'static str, KeyState)),
    /// The engine failed: what it says of later writes cannot be trusted.
    #[error("the engine has failed")]
    Io,
}

impl From<VaultError> for Fault {
    fn from(error: VaultError) -> Self {
        Fault::Vault(error.told())
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Busy | Fault::Full => StoreError::Busy,
            Fault::Damaged(_) => StoreError::Damaged,
            Fault::Vault(_) => StoreError::Vault,
            Fault::Io => StoreError::Io,
        }
    }
}
