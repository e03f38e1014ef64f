//! The database that a configuration names: a SQLite file, or PostgreSQL's. Only here is it known which there are.

use std::{fs, path::Path};

use anyhow::{Result, ensure};
use ssbtek_config::{Config, DatabaseConfig};
use ssbtek_log_store::{Around, CheckOptions, CheckReport, Store, StoreOptions};
use ssbtek_store_postgres::{OpenError, PostgresOptions};
use ssbtek_store_sqlite::SqliteOptions;
use zeroize::Zeroizing;

/// The environment's password, where there is no `database.password_file`.
const PASSWORD: &str = "SSBTEK_DATABASE_PASSWORD";

/// Refuses what a newer version of this program has written, before anything else is read or made; and a server that cannot be used.
pub(crate) fn refuse(config: &Config) -> Result<()> {
    match &config.database {
        Some(database) => Ok(ssbtek_store_postgres::look(&postgres(config, database)?)?),
        None => Ok(ssbtek_store_sqlite::refuse_newer(&config.store.database)?),
    }
}

/// Refuses a database that is not there, where looking must not make one.
pub(crate) fn must_be_there(config: &Config) -> Result<()> {
    // Of another database the server tells, when it is looked at.
    ensure!(config.database.is_some() || config.store.database.is_file(), "store.database: is not there");
    Ok(())
}

/// Opens the log's store.
pub(crate) fn open(config: &Config, around: Around) -> Result<Store> {
    let bounds = &config.store;
    let max_token_life_s = config.assertion.max_life_s + config.assertion.max_skew_s;
    let of_store = StoreOptions {
        gather_ms: bounds.gather_ms,
        max_group: bounds.max_group,
        max_queue: bounds.max_queue,
        max_readers: bounds.max_readers,
        max_tokens: bounds.max_used_assertions,
        max_token_life_s: u32::try_from(max_token_life_s).unwrap_or(u32::MAX),
        take_up_rows: bounds.take_up_rows,
        max_kept_checkpoints: bounds.max_kept_checkpoints,
        lifetimes: crate::retention::lifetimes(config),
    };
    if let Some(database) = &config.database {
        return Ok(ssbtek_store_postgres::open(&postgres(config, database)?, &of_store, around)?);
    }
    let options = SqliteOptions {
        path: bounds.database.clone(),
        reserve_bytes: bounds.reserve_bytes,
        checkpoint_pages: bounds.checkpoint_pages,
        writer_cache_kib: bounds.writer_cache_kib,
        reader_cache_kib: bounds.reader_cache_kib,
        store: of_store,
    };
    Ok(ssbtek_store_sqlite::open(&options, around)?)
}

/// Checks a database that no broker has open.
pub(crate) fn check(config: &Config, options: &CheckOptions) -> Result<CheckReport> {
    match &config.database {
        Some(database) => Ok(ssbtek_store_postgres::check(&postgres(config, database)?, options)?),
        None => Ok(ssbtek_store_sqlite::check(&config.store.database, options)?),
    }
}

/// Whether nothing could be looked at, and nothing is known to be wrong.
pub(crate) fn is_unchecked(error: &anyhow::Error) -> bool {
    use ssbtek_store_sqlite::OpenError as Sqlite;
    let file = matches!(
        error.downcast_ref(),
        Some(Sqlite::Newer { .. } | Sqlite::Older { .. } | Sqlite::InUse | Sqlite::NotWhole)
    );
    file || matches!(error.downcast_ref::<OpenError>(), Some(error) if !matches!(error, OpenError::Store(_) | OpenError::NotOurs))
}

fn postgres(config: &Config, database: &DatabaseConfig) -> Result<PostgresOptions, OpenError> {
    let password = match &database.password_file {
        Some(file) => Some(password_in(file)?),
        None => std::env::var(PASSWORD).ok().map(Zeroizing::new),
    };
    Ok(PostgresOptions {
        url: database.url.clone(),
        password,
        ca: database.ca.clone(),
        deployment: config.deployment.clone(),
        connect_timeout_ms: database.connect_timeout_ms,
        answer_timeout_ms: database.answer_timeout_ms,
        outcome_timeout_ms: database.outcome_timeout_ms,
    })
}

/// A file's first line.
fn password_in(file: &Path) -> Result<Zeroizing<String>, OpenError> {
    let text = fs::read_to_string(file).map(Zeroizing::new);
    let text = text.map_err(|error| OpenError::PasswordFile { file: file.to_owned(), why: error.kind() })?;
    let line = text.lines().next().filter(|line| !line.is_empty());
    line.map(|line| Zeroizing::new(line.to_owned())).ok_or_else(|| OpenError::NoPassword(file.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_no_password_can_be_had_nothing_was_looked_at_and_nothing_is_called_damaged() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("password");
        let unreadable = password_in(&file).unwrap_err();
        fs::write(&file, "\n").unwrap();
        let empty = password_in(&file).unwrap_err();
        for error in [unreadable, empty] {
            assert!(error.to_string().starts_with("database.password_file: "), "{error}");
            assert!(is_unchecked(&error.into()));
        }
        fs::write(&file, "secret\nmore").unwrap();
        assert_eq!(**password_in(&file).unwrap(), *"secret");
    }
}
