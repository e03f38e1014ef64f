//! The log's store in an embedded SQLite database: WAL, `synchronous=FULL`, one connection that writes.
//!
//! Rows, transactions, migrations, and nothing of what rows mean: that is `log_store`. SQL types do not leave this room. After an I/O
//! error on a commit nothing more is written, because SQLite may acknowledge what was lost.

mod bring_over;
mod check;
mod engine;
mod fault;
mod format;
mod lock;
mod open;
mod reserve;
mod rows;
mod schema;
mod sealed;

pub use check::check;
pub use format::{Written, refuse_newer};
pub use open::{SqliteOptions, engine, open};

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite's own error; it holds no row data at this point.
    #[error("the database cannot be opened: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// What stands in it, or a key.
    #[error(transparent)]
    Store(#[from] ssbtek_log_store::OpenError),
    /// The database is of a later version than this program.
    #[error(
        "the database was written by a newer version of this program (schema {}, format {}; this one knows schema {}, format {}); nothing is wrong with it: see docs/runbooks/go-back.md",
        .found.schema, .found.level, .known.schema, .known.level
    )]
    Newer {
        /// What was found.
        found: Written,
        /// The newest that is known.
        known: Written,
    },
    /// The look-up index is still being made anew.
    #[error("the look-up index is not whole yet: start this program first, which makes it anew")]
    NotWhole,
    /// The database is of an earlier version, and nothing may be changed in it now.
    #[error(
        "the database was last opened by an older version of this program (schema {found}, not {known}): check it with that one, or start this one first"
    )]
    Older {
        /// Version of the schema found.
        found: u32,
        /// This program's.
        known: u32,
    },
    /// Another process has the database open: two would sign two histories.
    #[error("the database is in use by another process")]
    InUse,
    /// The lock beside the database cannot be had.
    #[error("the lock file beside the database cannot be used: {0}")]
    Lock(std::io::ErrorKind),
    /// The database file cannot be made, or not be closed to others.
    #[error("the database file cannot be made or closed to others: {0}")]
    File(std::io::ErrorKind),
    /// The key that binds rows cannot be had.
    #[error("a key of the log cannot be had: {0}")]
    Vault(ssbtek_vault::VaultError),
}

impl From<ssbtek_log_store::Fault> for OpenError {
    fn from(fault: ssbtek_log_store::Fault) -> Self {
        OpenError::Store(fault.into())
    }
}
