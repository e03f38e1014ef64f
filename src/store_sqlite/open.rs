//! Opening a database file.

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use rusqlite::Connection;
use ssbtek_log_store::{Around, Lifetimes, Store, StoreOptions, engine::Engine};
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
    /// Longest wait for company before a group is committed, in milliseconds.
    pub gather_ms: u64,
    /// Most appends in one group.
    pub max_group: usize,
    /// Most appends waiting; beyond it they are refused at once.
    pub max_queue: usize,
    /// Most reads at once, each on a connection that stays open; more wait.
    pub max_readers: usize,
    /// Space kept for what must still be written when the disk is full, in bytes; 0: none.
    pub reserve_bytes: u64,
    /// Pages of the write-ahead log after which the writer moves them into the database.
    pub checkpoint_pages: u32,
    /// The writer's page cache, in KiB.
    pub writer_cache_kib: u32,
    /// Each reader's page cache, in KiB.
    pub reader_cache_kib: u32,
    /// Most spent assertions remembered at once; beyond it questions are refused until some expire.
    pub max_tokens: usize,
    /// How far ahead of now a token may expire, in seconds: where spent ones were removed, those that expire until then are spent.
    pub max_token_life_s: u32,
    /// Take what stands in `started` for what belongs there, though rows are missing: an operator has looked.
    pub take_up_rows: bool,
    /// Most checkpoints kept of each board because witnesses cosigned them: the newest, the oldest, the fewer the older.
    pub max_kept_checkpoints: usize,
    /// How long things are visible where no board says otherwise.
    pub lifetimes: Lifetimes,
}

impl SqliteOptions {
    /// The usual bounds for a database file.
    pub fn at(path: &Path) -> Self {
        let usual = StoreOptions::default();
        Self {
            path: path.to_owned(),
            gather_ms: usual.gather_ms,
            max_group: usual.max_group,
            max_queue: usual.max_queue,
            max_readers: usual.max_readers,
            reserve_bytes: 0,
            checkpoint_pages: 4096,
            writer_cache_kib: 32_768,
            reader_cache_kib: 16_384,
            max_tokens: usual.max_tokens,
            max_token_life_s: usual.max_token_life_s,
            take_up_rows: usual.take_up_rows,
            max_kept_checkpoints: usual.max_kept_checkpoints,
            lifetimes: usual.lifetimes,
        }
    }

    fn of_store(&self) -> StoreOptions {
        StoreOptions {
            gather_ms: self.gather_ms,
            max_group: self.max_group,
            max_queue: self.max_queue,
            max_readers: self.max_readers,
            max_tokens: self.max_tokens,
            max_token_life_s: self.max_token_life_s,
            take_up_rows: self.take_up_rows,
            max_kept_checkpoints: self.max_kept_checkpoints,
            lifetimes: self.lifetimes,
        }
    }
}

/// Opens the log's store in a database file.
pub fn open(options: &SqliteOptions, around: Around) -> Result<Store, OpenError> {
    let engine = engine(options, &*around.vault)?;
    Ok(Store::open(engine, &options.of_store(), around)?)
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
