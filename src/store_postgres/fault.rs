//! What a PostgreSQL error means for the promise that an acknowledged record survives. What an error says is never handed on: it can
//! quote a row.

use ssbtek_log_store::Fault;
use tokio_postgres::{Error, error::SqlState};

/// How to go on after an error before anything was committed.
pub(crate) fn fault_of(error: &Error) -> Fault {
    let Some(code) = error.code() else {
        // The server did not say it. Nothing was committed; a value of another type than its column's was written by somebody else.
        return if error.is_closed() || is_transport(error) {
            Fault::Busy
        } else {
            Fault::Damaged("a row has not its form")
        };
    };
    match code.code().get(..2).unwrap_or_default() {
        _ if *code == SqlState::DISK_FULL => Fault::Full,
        // Connections; constraints; what is not for now: read-only, rolled back; resources; locks; operators; privileges.
        "08" | "23" | "25" | "40" | "53" | "55" | "57" | "42" | "28" | "3D" => Fault::Busy,
        _ => Fault::Io,
    }
}

fn is_transport(error: &Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
}

/// A result as those above see it.
pub(crate) fn told<T>(result: Result<T, Error>) -> Result<T, Fault> {
    result.map_err(|error| fault_of(&error))
}
