//! What the store could not do leaves one event: where, what kind, which board, and how many it has been since the start.
//! Never what was read or written.

use std::{
    panic::Location,
    sync::atomic::{AtomicU64, Ordering},
};

use ssbtek_domain::OrganisationNumber;

use crate::Fault;

static COUNT: AtomicU64 = AtomicU64::new(0);

/// Tells of a fault. Called where the store hands it to its caller, and nowhere else, so that it is told once.
pub(crate) fn tell(at: &Location<'_>, board: Option<OrganisationNumber>, fault: Fault) {
    let kind = match fault {
        Fault::Busy => "busy",
        Fault::Full => "full",
        Fault::Io => "database",
        Fault::Vault => "key",
        Fault::Damaged(_) => "damaged",
    };
    let (at, count) = (format!("{}:{}", at.file(), at.line()), COUNT.fetch_add(1, Ordering::Relaxed) + 1);
    match board {
        Some(board) => {
            tracing::error!(at, kind, %board, count, alarm = "store_fault", "the store could not do what it was asked");
        }
        None => {
            tracing::error!(
                at,
                kind,
                count,
                alarm = "store_fault",
                "the store could not do what it was asked"
            );
        }
    }
}
