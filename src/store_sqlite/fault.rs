//! What a SQLite error means for the promise that an acknowledged record survives.

use rusqlite::{Error, ErrorCode, ffi::SQLITE_IOERR_SHMSIZE};
use ssbtek_log_store::Fault;

/// How to go on after an error.
pub(crate) fn fault_of(error: &Error) -> Fault {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Fault::Full,
        // The index of the write-ahead log cannot grow; that comes before anything is committed.
        Some(ErrorCode::SystemIoFailure)
            if error.sqlite_extended_error_code() == Some(SQLITE_IOERR_SHMSIZE) =>
        {
            Fault::Full
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Fault::Busy,
        Some(ErrorCode::OutOfMemory | ErrorCode::TooBig | ErrorCode::ConstraintViolation) => Fault::Busy,
        // I/O errors, corruption, a lost file: after one failed fsync SQLite acknowledges later commits although
        // earlier pages may be gone.
        Some(_) => Fault::Io,
        // Not SQLite's own: a value has another type or length than was written.
        None => Fault::Damaged("a row has not its form"),
    }
}

/// A result as those above see it.
pub(crate) fn told<T>(result: rusqlite::Result<T>) -> Result<T, Fault> {
    result.map_err(|error| fault_of(&error))
}
