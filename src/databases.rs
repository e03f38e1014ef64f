//! The database that a configuration names: a SQLite file, or PostgreSQL's. Only here is it known which there are.

use std::fs;

use anyhow::{Context, Result, ensure};
use ssbtek_config::{Config, DatabaseConfig};
use ssbtek_log_store::{Around, CheckOptions, CheckReport, Store, StoreOptions};
use ssbtek_store_postgres::PostgresOptions;
use ssbtek_store_sqlite::SqliteOptions;
use zeroize::Zeroizing;

/// Where the password is looked for beside `database.password_file`.
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
        gather_ms: of_store.gather_ms,
        max_group: of_store.max_group,
        max_queue: of_store.max_queue,
        max_readers: of_store.max_readers,
        reserve_bytes: bounds.reserve_bytes,
        checkpoint_pages: bounds.checkpoint_pages,
        writer_cache_kib: bounds.writer_cache_kib,
        reader_cache_kib: bounds.reader_cache_kib,
        max_tokens: of_store.max_tokens,
        max_token_life_s: of_store.max_token_life_s,
        take_up_rows: of_store.take_up_rows,
        max_kept_checkpoints: of_store.max_kept_checkpoints,
        lifetimes: of_store.lifetimes,
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
    use ssbtek_store_postgres::OpenError as Postgres;
    use ssbtek_store_sqlite::OpenError as Sqlite;
    let file = matches!(
        error.downcast_ref(),
        Some(Sqlite::Newer { .. } | Sqlite::Older { .. } | Sqlite::InUse | Sqlite::NotWhole)
    );
    file || matches!(error.downcast_ref::<Postgres>(), Some(error) if !matches!(error, Postgres::Store(_) | Postgres::NotOurs))
}

fn postgres(config: &Config, database: &DatabaseConfig) -> Result<PostgresOptions> {
    let password = match &database.password_file {
        Some(file) => {
            let text = fs::read_to_string(file).map(Zeroizing::new);
            let text =
                text.with_context(|| format!("database.password_file: {} cannot be read", file.display()))?;
            let password = ssbtek_store_postgres::password_from(&text);
            Some(password.with_context(|| format!("database.password_file: {} is empty", file.display()))?)
        }
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
