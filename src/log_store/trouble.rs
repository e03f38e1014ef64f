//! What the store could not do is told of where it is handed to a caller, and nowhere else, so that it is told once.

use std::panic::Location;

use ssbtek_domain::OrganisationNumber;
use ssbtek_telemetry::{Fault as Told, FaultKind};
use ssbtek_vault::{KeyId, KeyState, VaultError};

use crate::Fault;

/// What a key is for, and its state.
type WrongKey = (&'static str, KeyState);

/// Tells of a fault that a caller hears of as "not now".
pub(crate) fn tell(at: &Location<'_>, board: Option<OrganisationNumber>, fault: Fault) {
    let key = if let Fault::Vault(key) = fault { Some(key) } else { None };
    tell_of(at, board, (kind_of(fault), key), "the store could not do what it was asked");
}

/// Tells of a board's key.
pub(crate) fn tell_of_key(at: &Location<'_>, board: OrganisationNumber, key: WrongKey, what: &'static str) {
    tell_of(at, Some(board), (FaultKind::Key, Some(key)), what);
}

/// Tells of a key that cannot be had, of its owner's.
pub(crate) fn tell_key(at: &Location<'_>, error: &VaultError, what: &'static str) {
    let owner = error.fault().and_then(|(id, _)| owner(id));
    tell_of(at, owner, (FaultKind::Key, Some(error.told())), what);
}

/// Tells of a key in this state, of its owner's.
pub(crate) fn tell_key_state(at: &Location<'_>, id: &KeyId, state: KeyState, what: &'static str) {
    tell_of(at, owner(id), (FaultKind::Key, Some((id.kind(), state))), what);
}

fn owner(id: &KeyId) -> Option<OrganisationNumber> {
    OrganisationNumber::parse(id.owner()?).ok()
}

/// Tells of a fault of this kind.
pub(crate) fn tell_kind(
    at: &Location<'_>,
    board: Option<OrganisationNumber>,
    kind: FaultKind,
    what: &'static str,
) {
    tell_of(at, board, (kind, None), what);
}

fn tell_of(
    at: &Location<'_>,
    board: Option<OrganisationNumber>,
    (kind, key): (FaultKind, Option<WrongKey>),
    what: &'static str,
) {
    let mut told = Told::new(at, kind);
    if let Some((key, state)) = key {
        told = told.of_key((key, state.as_str()));
    }
    told.of_one(board.as_ref()).tell(&what);
}

/// What kind it is told as.
pub(crate) fn kind_of(fault: Fault) -> FaultKind {
    match fault {
        Fault::Busy | Fault::Full => FaultKind::InTheWay,
        Fault::Io => FaultKind::Database,
        Fault::Vault(_) => FaultKind::Key,
        Fault::Damaged(_) => FaultKind::Damaged,
    }
}
