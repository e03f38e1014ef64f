//! Faults that this room finds: a key that cannot be had, a record that is not what was written. Told here, where their kind is
//! still known; what goes on from here says "not now" and no more. What the store hands on, the store has told of.

use std::panic::Location;

use ssbtek_domain::OrganisationNumber;
use ssbtek_telemetry::{Fault, FaultKind, KeyFault};
use ssbtek_transparency::bundle::WriteError;
use ssbtek_vault::VaultError;

use crate::{LogError, ReadError};

/// That there was a fault, which has been told of.
pub(crate) struct Told;

impl From<Told> for LogError {
    fn from(_: Told) -> Self {
        LogError::Unavailable
    }
}

impl From<Told> for ReadError {
    fn from(_: Told) -> Self {
        ReadError::Unavailable
    }
}

/// What kind of fault an error is.
pub(crate) trait Faulty {
    const KIND: FaultKind;
    const WHAT: &'static str;

    /// Of which key, if it is of one.
    fn key(&self) -> Option<KeyFault> {
        None
    }
}

impl Faulty for VaultError {
    const KIND: FaultKind = FaultKind::Key;
    const WHAT: &'static str = "a key that the access log needs cannot be had";

    fn key(&self) -> Option<KeyFault> {
        let (kind, state) = self.told();
        Some((kind, state.as_str()))
    }
}

impl Faulty for serde_json::Error {
    const KIND: FaultKind = FaultKind::Damaged;
    const WHAT: &'static str = "what was stored does not have its form";
}

impl Faulty for WriteError {
    const KIND: FaultKind = FaultKind::Unreadable;
    const WHAT: &'static str = "a bundle cannot be written";
}

/// Results whose errors are faults of ours.
pub(crate) trait OrTell<T> {
    /// The value; or the fault is told of.
    #[track_caller]
    fn or_tell(self, board: impl Into<Option<OrganisationNumber>>) -> Result<T, Told>;
}

impl<T, E: Faulty> OrTell<T> for Result<T, E> {
    #[track_caller]
    fn or_tell(self, board: impl Into<Option<OrganisationNumber>>) -> Result<T, Told> {
        let at = Location::caller();
        self.map_err(|error| {
            let fault = Fault::new(at, E::KIND);
            let fault = error.key().map_or(fault, |key| fault.of_key(key));
            fault.of_one(board.into().as_ref()).tell(&E::WHAT);
            Told
        })
    }
}

/// A record that is not as it was written, or is missing.
#[track_caller]
pub(crate) fn tampered(board: OrganisationNumber, index: u64) -> ReadError {
    tell_of(board, FaultKind::Damaged, ReadError::Tampered { index })
}

/// Tells of what a record of a board's log turned out to be.
#[track_caller]
pub(crate) fn tell_of(board: OrganisationNumber, kind: FaultKind, error: ReadError) -> ReadError {
    Fault::new(Location::caller(), kind).of(&board).tell(&error);
    error
}
