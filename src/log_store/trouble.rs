//! What the store could not do is told of where it is handed to a caller, and nowhere else, so that it is told once.

use std::panic::Location;

use ssbtek_domain::OrganisationNumber;
use ssbtek_telemetry::{Fault as Told, FaultKind, KeyFault};
use ssbtek_vault::VaultError;

use crate::Fault;

/// Tells of a fault that a caller hears of as "not now".
pub(crate) fn tell(at: &Location<'_>, board: Option<OrganisationNumber>, fault: Fault) {
    let told = Told::new(at, kind_of(fault));
    let told = if let Fault::Vault(key) = fault { told.of_key(key) } else { told };
    let what = "the store could not do what it was asked";
    match &board {
        Some(board) => told.of(board).tell(&what),
        None => told.tell(&what),
    }
}

/// Tells of a board's key: what it is for, and its state.
pub(crate) fn tell_of_key(at: &Location<'_>, board: OrganisationNumber, key: KeyFault, what: &'static str) {
    Told::new(at, FaultKind::Key).of_key(key).of(&board).tell(&what);
}

/// Tells of a key that cannot be had, of its owner's.
pub(crate) fn tell_key(at: &Location<'_>, error: &VaultError, what: &'static str) {
    let told = Told::new(at, FaultKind::Key).of_key(error.told());
    let owner = error.fault().and_then(|(id, _)| OrganisationNumber::parse(id.owner()?).ok());
    match &owner {
        Some(board) => told.of(board).tell(&what),
        None => told.tell(&what),
    }
}

/// Tells of a fault of this kind.
pub(crate) fn tell_kind(
    at: &Location<'_>,
    board: Option<OrganisationNumber>,
    kind: FaultKind,
    what: &'static str,
) {
    let fault = Told::new(at, kind);
    match &board {
        Some(board) => fault.of(board).tell(&what),
        None => fault.tell(&what),
    }
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
