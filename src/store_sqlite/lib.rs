//! Trees and documents in an embedded SQLite database: WAL, `synchronous=FULL`, one writer thread with group commit.
//!
//! Nothing personal is stored unsealed; keys live in the vault. SQL types do not leave this room. After an I/O error on a
//! commit the store is poisoned: it acknowledges nothing more, because SQLite may acknowledge what was lost.

mod answers;
mod apply;
mod asked;
mod authentic;
mod check;
mod commit;
mod documents;
mod erase;
mod fault;
mod format;
mod growing;
mod hashed;
mod index;
mod index_keys;
mod kept;
mod lock;
mod log_keys;
mod maintain;
mod reader;
mod reserve;
mod retention;
mod schema;
mod sealed;
mod signer;
mod store;
mod tiles;
mod tokens;
mod tree_store;
mod trees;
mod trouble;
mod visible;
mod writer;

pub use check::{CheckOptions, CheckReport, check};
pub use format::{Written, refuse_newer};
pub use signer::CheckpointSigner;
pub use store::{SqliteOptions, SqliteStore};
pub use visible::Lifetimes;

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite's own error; it holds no row data at this point.
    #[error("the database cannot be opened: {0}")]
    Sqlite(#[from] rusqlite::Error),
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
    /// A record is what was written under its key, in a form that this program does not know.
    #[error(
        "a record was written by a newer version of this program; nothing is wrong with it: see docs/runbooks/go-back.md"
    )]
    NewerRecord,
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
    /// A board's tree does not agree with its own checkpoint.
    #[error(
        "the access log of board {0} does not agree with its checkpoint: it was damaged or tampered with"
    )]
    Tree(String),
    /// Another process has the database open: two would sign two histories.
    #[error("the database is in use by another process")]
    InUse,
    /// The lock beside the database cannot be had.
    #[error("the lock file beside the database cannot be used: {0}")]
    Lock(std::io::ErrorKind),
    /// The database file cannot be made, or not be closed to others.
    #[error("the database file cannot be made or closed to others: {0}")]
    File(std::io::ErrorKind),
    /// A key cannot be had without which nothing here can be read, or trusted.
    #[error("a key of the log cannot be had: {0}")]
    Vault(ssbtek_vault::VaultError),
    /// The writer thread could not be started.
    #[error("the writer thread cannot be started: {0}")]
    Thread(std::io::ErrorKind),
}
