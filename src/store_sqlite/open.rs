//! Opening a database file.

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use rusqlite::Connection;
use ssbtek_log_store::{Around, Store, StoreOptions, engine::Engine};
use ssbtek_vault::Vault;

use crate::{
    OpenError,
    engine::{End, Sqlite, checkpoint_openly},
    format,
    lock::DatabaseLock,
    reserve::Reserve,
    schema,
};

/// Bounds of the store.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// The database file.
    pub path: PathBuf,
    /// Space kept for what must still be written when the disk is full, in bytes; 0: none.
    pub reserve_bytes: u64,
    /// Pages of the write-ahead log after which the writer moves them into the database.
    pub checkpoint_pages: u32,
    /// The writer's page cache, in KiB.
    pub writer_cache_kib: u32,
    /// Each reader's page cache, in KiB.
    pub reader_cache_kib: u32,
    /// Those of the store over it.
    pub store: StoreOptions,
}

impl SqliteOptions {
    /// The usual bounds for a database file.
    pub fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            reserve_bytes: 0,
            checkpoint_pages: 4096,
            writer_cache_kib: 32_768,
            reader_cache_kib: 16_384,
            store: StoreOptions::default(),
        }
    }
}

/// Opens the log's store in a database file.
pub fn open(options: &SqliteOptions, around: Around) -> Result<Store, OpenError> {
    let engine = engine(options, &*around.vault)?;
    Ok(Store::open(engine, &options.store, around)?)
}

/// Opens a database file as an engine, and brings it to the newest schema.
pub fn engine(options: &SqliteOptions, vault: &dyn Vault) -> Result<Arc<dyn Engine>, OpenError> {
    let lock = DatabaseLock::take(&options.path)?;
    // SQLite gives its other files the mode of the first.
    ssbtek_vault::private_file(&options.path).map_err(|error| OpenError::File(error.kind()))?;
    format::refuse_newer(&options.path)?;
    let mut connection = Connection::open(&options.path)?;
    schema::configure(&connection)?;
    schema::size(&connection, options.writer_cache_kib)?;
    checkpoint_openly(&mut connection, options.checkpoint_pages)?;
    schema::migrate(&mut connection, vault)?;
    let reserve = Reserve::beside(&options.path, options.reserve_bytes);
    let end = End { connection, reserve, blocks: RefCell::default(), free: u64::MAX, broken: false, lock };
    Ok(Arc::new(Sqlite {
        path: options.path.clone(),
        reader_cache_kib: options.reader_cache_kib,
        idle: Mutex::default(),
        end: Mutex::new(Some(end)),
    }))
}
