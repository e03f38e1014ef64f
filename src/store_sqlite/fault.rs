//! What a SQLite error means for the promise that an acknowledged record survives.

use rusqlite::{Error, ErrorCode, ffi::SQLITE_IOERR_SHMSIZE};

/// How to go on after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing was written; later attempts may succeed (busy).
    Passing,
    /// Nothing was written: there is no space.
    Full,
    /// The disk cannot be trusted any more: acknowledge nothing, stop the process.
    Fatal,
}

impl Fault {
    pub(crate) fn of(error: &Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Fault::Full,
            // The index of the write-ahead log cannot grow; that comes before anything is committed.
            Some(ErrorCode::SystemIoFailure)
                if error.sqlite_extended_error_code() == Some(SQLITE_IOERR_SHMSIZE) =>
            {
                Fault::Full
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Fault::Passing,
            Some(ErrorCode::OutOfMemory | ErrorCode::TooBig | ErrorCode::ConstraintViolation) => {
                Fault::Passing
            }
            // I/O errors, corruption, a lost file: after one failed fsync SQLite acknowledges later commits although
            // earlier pages may be gone.
            _ => Fault::Fatal,
        }
    }
}
