//! The schema, by version. A migration, once released, never changes.

use rusqlite::{Connection, config::DbConfig};
use ssbtek_log_store::authentication::provider_index;
use ssbtek_vault::Vault;

use crate::{OpenError, Written, bring_over};

pub(crate) const MIGRATIONS: [&str; 12] = [
    include_str!("migrations/0001_trees_and_documents.sql"),
    include_str!("migrations/0002_kept_checkpoints.sql"),
    include_str!("migrations/0003_retention.sql"),
    include_str!("migrations/0004_sorted_runs.sql"),
    include_str!("migrations/0005_authenticated_terms.sql"),
    include_str!("migrations/0006_tokens_by_group.sql"),
    include_str!("migrations/0007_sealed_blocks.sql"),
    include_str!("migrations/0008_format_level.sql"),
    include_str!("migrations/0009_plain_index.sql"),
    include_str!("migrations/0010_leases.sql"),
    include_str!("migrations/0011_rows_beside.sql"),
    include_str!("migrations/0012_operators_found.sql"),
];

/// The newest version.
pub(crate) const VERSION: u32 = MIGRATIONS.len() as u32;

/// Compiled statements kept by a connection: more than this room has, so that none is ever compiled twice.
const STATEMENTS: usize = 128;

/// Sets the connection's pragmas. Every connection needs them.
pub(crate) fn configure(connection: &Connection) -> rusqlite::Result<()> {
    keep_plans(connection)?;
    connection.execute_batch(
        "PRAGMA busy_timeout = 5000;
         PRAGMA auto_vacuum = INCREMENTAL;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA secure_delete = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA journal_size_limit = 67108864;",
    )
}

/// Bounds what a connection holds in memory: pages, in KiB, and compiled statements.
pub(crate) fn size(connection: &Connection, cache_kib: u32) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "cache_size", -i64::from(cache_kib))
}

/// The first version whose rows of retention and kept checkpoints are authenticated.
const AUTHENTICATED_TERMS: u32 = 5;
/// The first version in which spent tokens share rows.
const TOKENS_BY_GROUP: u32 = 6;
/// The first version whose look-up index is one table.
const PLAIN_INDEX: u32 = 9;

/// The first version in which trees say how far the rows beside them have come, and where their times run backwards.
const ROWS_BESIDE: u32 = 11;

/// Brings the database to the newest version, one transaction per migration.
pub(crate) fn migrate(connection: &mut Connection, vault: &dyn Vault) -> Result<(), OpenError> {
    let found = Written::not_newer(connection)?;
    // Of a database that there is, the key is there too, or nothing in it can be trusted.
    let key = if found.schema == 0 { vault.create(&provider_index()) } else { vault.open(&provider_index()) };
    key.map_err(OpenError::Vault)?;
    for (index, migration) in MIGRATIONS.iter().enumerate().skip(found.schema as usize) {
        let transaction = connection.transaction()?;
        let version = index as u32 + 1;
        let spent = match version {
            TOKENS_BY_GROUP => bring_over::tokens(&transaction)?,
            _ => Vec::new(),
        };
        // What the former index held was sealed under the months' keys: zeros over it would be a log as large as it was.
        transaction.pragma_update(None, "secure_delete", version != PLAIN_INDEX)?;
        transaction.execute_batch(migration)?;
        bring_over::keep_together(&transaction, vault, &spent)?;
        if version == AUTHENTICATED_TERMS {
            bring_over::authenticate(&transaction, vault)?;
        }
        if version == ROWS_BESIDE {
            bring_over::rows_beside(&transaction, vault)?;
        }
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(())
}

/// Pragmas for a read-only connection.
pub(crate) fn configure_reader(connection: &Connection) -> rusqlite::Result<()> {
    keep_plans(connection)?;
    connection.execute_batch(
        "PRAGMA busy_timeout = 5000;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA query_only = ON;",
    )
}

/// One plan for a statement, whatever is bound to it. Without this SQLite plans a look-up by prefix of a key anew for
/// every value, which costs several times the look-up itself.
fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rusqlite::{OptionalExtension, StatementStatus};
    use ssbtek_domain::SystemEntropy;
    use ssbtek_vault::DirectoryVault;

    use super::*;

    #[test]
    fn neither_writer_nor_reader_makes_temporary_files_and_what_is_deleted_is_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("broker.db");
        let (writer, reader) = (Connection::open(&path).unwrap(), Connection::open(&path).unwrap());
        configure(&writer).unwrap();
        configure_reader(&reader).unwrap();
        let set = |connection: &Connection, name| {
            connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap()
        };
        assert_eq!((set(&writer, "temp_store"), set(&reader, "temp_store")), (2, 2), "2: in memory");
        assert_eq!(set(&writer, "secure_delete"), 1);
        assert_eq!(set(&writer, "auto_vacuum"), 2, "2: incremental, in place, without VACUUM's copy");
    }

    #[test]
    fn a_look_up_is_planned_once_and_not_for_every_document() {
        let mut connection = Connection::open_in_memory().unwrap();
        configure(&connection).unwrap();
        let keys = tempfile::tempdir().unwrap();
        let vault = DirectoryVault::open(keys.path(), Arc::new(SystemEntropy)).unwrap();
        migrate(&mut connection, &vault).unwrap();
        let sql = "SELECT version FROM document WHERE doc = ?1 ORDER BY version DESC LIMIT 1";
        let mut statement = connection.prepare(sql).unwrap();
        for document in 0..10u8 {
            statement.query_row([[document; 32]], |row| row.get::<_, i64>(0)).optional().unwrap();
        }
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
