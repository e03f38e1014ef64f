//! Who wrote the database: an older program must say that it does not know what a newer one wrote, and never call it damaged.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use ssbtek_access_log::FORMAT_LEVEL;

use crate::{OpenError, schema};

/// The first version of the schema that says the level of the data format.
const SAYS_ITS_LEVEL: u32 = 8;

/// What both numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The version of the schema.
    pub schema: u32,
    /// The level of the data format; 0 from before it was said.
    pub level: u32,
}

impl Written {
    /// By this program.
    pub const HERE: Self = Self { schema: schema::VERSION, level: FORMAT_LEVEL };

    fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let schema = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let level = if schema < SAYS_ITS_LEVEL { None } else { stored(connection)? };
        Ok(Self { schema, level: level.unwrap_or(0) })
    }

    /// Refuses what a newer version of this program has written.
    pub(crate) fn not_newer(connection: &Connection) -> Result<Self, OpenError> {
        let found = Self::read(connection)?;
        if found.schema > Self::HERE.schema || found.level > Self::HERE.level {
            return Err(OpenError::Newer { found, known: Self::HERE });
        }
        Ok(found)
    }
}

/// Refuses a database that a newer version of this program has written; to be asked before anything else is read. One that is
/// not there yet is none.
pub fn refuse_newer(path: &Path) -> Result<(), OpenError> {
    if !path.exists() {
        return Ok(());
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // What cannot be read here is told where it is opened, by who knows more of it.
    match Written::not_newer(&connection) {
        Err(OpenError::Newer { found, known }) => Err(OpenError::Newer { found, known }),
        _ => Ok(()),
    }
}

fn stored(connection: &Connection) -> rusqlite::Result<Option<u32>> {
    connection.query_row("SELECT level FROM format WHERE one = 1", [], |row| row.get(0)).optional()
}
