//! Who wrote the database: an older program must say that it does not know what a newer one wrote, and never call it damaged.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use ssbtek_access_log::{FORMAT_LEVEL, OpenFault, read_leaf};
use ssbtek_domain::OrganisationNumber;
use ssbtek_vault::Vault;

use crate::{
    OpenError,
    authentic::{damaged, mac_of},
    schema,
    store::stored_leaf,
    trees::leaf_id,
};

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
        let level = if schema < SAYS_ITS_LEVEL { None } else { stored(connection)?.map(|(level, _)| level) };
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

/// Newest records of each tree that are looked at before anything is done with it.
const LOOKED_AT: u64 = 16;

/// Refuses a log whose newest records this program does not know, although the level says that it does.
pub(crate) fn knows_newest(connection: &Connection, vault: &dyn Vault) -> Result<(), OpenError> {
    let mut trees = connection.prepare("SELECT id, organisation, size FROM tree")?;
    let mut trees = trees.query([])?;
    while let Some(row) = trees.next()? {
        let (tree, board, size): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (Ok(board), size) = (OrganisationNumber::parse(&board), size.unsigned_abs()) else { continue };
        let mut leaves = connection.prepare_cached(
            "SELECT id, header, commitment, sealed, key_id FROM leaf WHERE id >= ?1 AND id < ?2",
        )?;
        let mut leaves =
            leaves.query([leaf_id(tree, size.saturating_sub(LOOKED_AT)), leaf_id(tree, size)])?;
        while let Some(row) = leaves.next()? {
            // What else is wrong with it is told where it is read.
            let newer = stored_leaf(row).map(|leaf| read_leaf(vault, board, &leaf).err());
            if newer == Ok(Some(OpenFault::Newer)) {
                return Err(OpenError::NewerRecord);
            }
        }
    }
    Ok(())
}

fn stored(connection: &Connection) -> rusqlite::Result<Option<(u32, [u8; 16])>> {
    connection
        .query_row("SELECT level, mac FROM format WHERE one = 1", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

fn mac(vault: &dyn Vault, level: u32) -> rusqlite::Result<[u8; 16]> {
    mac_of(vault, "format", &level.to_be_bytes())
}

/// Whether the level stands there as it was written. `None`: no level is there.
pub(crate) fn is_authentic(connection: &Connection, vault: &dyn Vault) -> rusqlite::Result<Option<bool>> {
    stored(connection)?.map(|(level, found)| Ok(found == mac(vault, level)?)).transpose()
}

/// From now on this program's records may stand here.
pub(crate) fn raise(connection: &Connection, vault: &dyn Vault) -> rusqlite::Result<()> {
    if is_authentic(connection, vault)? == Some(false) {
        return Err(damaged("the level of the data format is not as it was written"));
    }
    if stored(connection)?.is_none_or(|(level, _)| level < FORMAT_LEVEL) {
        connection.execute(
            "INSERT OR REPLACE INTO format (one, level, mac) VALUES (1, ?1, ?2)",
            params![FORMAT_LEVEL, mac(vault, FORMAT_LEVEL)?],
        )?;
    }
    Ok(())
}
