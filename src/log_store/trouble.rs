//! What the store could not do is told of where it is handed to a caller, and nowhere else, so that it is told once.

use std::panic::Location;

use ssbtek_domain::OrganisationNumber;
use ssbtek_telemetry::{Fault as Told, FaultKind};

use crate::Fault;

/// Tells of a fault that a caller hears of as "not now".
pub(crate) fn tell(at: &Location<'_>, board: Option<OrganisationNumber>, fault: Fault) {
    tell_kind(at, board, kind_of(fault), "the store could not do what it was asked");
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
        Fault::Vault => FaultKind::Key,
        Fault::Damaged(_) => FaultKind::Damaged,
    }
}
