//! By what each board's index key is known, so that the offline check finds one that is gone or another. Data keys need no such
//! row: what they sealed does not open without them. Of a log with few records nothing else rests on its index key.

use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::Hash;
use ssbtek_vault::{Key, KeyId, Vault};

use crate::{
    authentic::{forget_started_with, keep_started_with},
    engine::{Changes, Done},
};

pub(crate) fn id(board: OrganisationNumber) -> KeyId {
    KeyId::new(&["index", board.as_str()])
}

/// The index key that a row of `started` is about, if it is about one.
pub(crate) fn of_name(name: &str) -> Option<KeyId> {
    KeyId::parse(name).filter(|id| id.as_str().starts_with("index."))
}

/// What a key is known by; tells nothing of the key.
pub(crate) fn known_by(key: &Key) -> Hash {
    Hash::from_bytes(key.known_by())
}

/// Keeps what a board's index key is known by, once it has one.
pub(crate) fn keep(changes: &dyn Changes, vault: &dyn Vault, board: OrganisationNumber) -> Done<()> {
    let id = id(board);
    match vault.open(&id) {
        Ok(key) if changes.started(id.as_str())?.is_none() => {
            keep_started_with(changes, vault, id.as_str(), known_by(&key))
        }
        _ => Ok(()),
    }
}

/// Forgets it: the key was destroyed with everything of the board's.
pub(crate) fn forget(changes: &dyn Changes, vault: &dyn Vault, board: OrganisationNumber) -> Done<()> {
    forget_started_with(changes, vault, id(board).as_str())
}
