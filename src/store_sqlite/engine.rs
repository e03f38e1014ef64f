//! The engine: read connections, and the one that writes.

use std::{
    cell::RefCell,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use rusqlite::{Connection, OpenFlags};
use ssbtek_log_store::{
    Fault,
    engine::{Changes, Done, Engine, Room, Rows, WritingEnd},
};
use ssbtek_purge::Compaction;

use crate::{
    fault::{fault_of, told},
    lock::DatabaseLock,
    reserve::Reserve,
    rows::SqliteRows,
    schema,
    sealed::SealedBlocks,
};

/// Pages given back in one turn of the writer.
const PAGES_PER_TURN: u32 = 256;

/// A database file, open.
pub(crate) struct Sqlite {
    pub(crate) path: PathBuf,
    pub(crate) reader_cache_kib: u32,
    /// Connections that nobody reads with: opening one costs more than most reads.
    pub(crate) idle: Mutex<Vec<Connection>>,
    /// Until it is taken.
    pub(crate) end: Mutex<Option<End>>,
}

impl Sqlite {
    fn take(&self) -> Done<Connection> {
        if let Some(connection) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(connection);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = || {
            let connection = Connection::open_with_flags(&self.path, flags)?;
            schema::configure_reader(&connection)?;
            schema::size(&connection, self.reader_cache_kib)?;
            Ok(connection)
        };
        told(open())
    }
}

impl Engine for Sqlite {
    fn read(&self, work: &mut dyn FnMut(&dyn Rows) -> Done<()>) -> Done<()> {
        let connection = self.take()?;
        told(connection.prepare_cached("BEGIN").and_then(|mut begin| begin.execute([])))?;
        let blocks = RefCell::default();
        work(&SqliteRows { connection: &connection, blocks: &blocks })?;
        // After a fault, and if it cannot end its transaction, a connection is thrown away.
        if connection.prepare_cached("ROLLBACK").and_then(|mut rollback| rollback.execute([])).is_ok() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        Ok(())
    }

    fn writing_end(&self) -> Done<Box<dyn WritingEnd>> {
        let end = self.end.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(Box::new(end.ok_or(Fault::Busy)?))
    }
}

/// The connection that writes, with what belongs to it.
pub(crate) struct End {
    pub(crate) connection: Connection,
    pub(crate) reserve: Reserve,
    pub(crate) blocks: RefCell<SealedBlocks>,
    /// Free pages that the last turn of compacting left.
    pub(crate) free: u64,
    /// A commit has failed in a way that leaves it open what is on disk.
    pub(crate) broken: bool,
    /// Held until the writer ends.
    #[expect(dead_code, reason = "held, not read")]
    pub(crate) lock: DatabaseLock,
}

impl WritingEnd for End {
    fn change(&mut self, work: &mut dyn FnMut(&dyn Changes) -> Done<()>) -> Done<()> {
        if self.broken {
            return Err(Fault::Io);
        }
        let changed = told(self.connection.execute_batch("BEGIN IMMEDIATE"))
            .and_then(|()| work(&SqliteRows { connection: &self.connection, blocks: &self.blocks }))
            .and_then(|()| told(self.connection.execute_batch("COMMIT")));
        if let Err(fault) = changed {
            // Failing to roll back is no news: there may be no transaction, and the next BEGIN tells.
            let _ = self.connection.execute_batch("ROLLBACK");
            self.blocks.get_mut().forget();
            self.broken = fault == Fault::Io;
        }
        changed
    }

    fn room(&mut self) -> Room {
        match self.reserve.is_full() {
            false => Room::Everything,
            true if self.reserve.has_half() => Room::Refusals,
            true => Room::Ends,
        }
    }

    fn make_room(&mut self) -> Option<Room> {
        if self.reserve.give_half() {
            Some(Room::Refusals)
        } else {
            self.reserve.give_all().then_some(Room::Ends)
        }
    }

    fn found_full(&mut self) {
        self.reserve.found_full();
    }

    fn lend_room(&mut self) {
        self.reserve.lend();
    }

    fn take_room_back(&mut self) {
        self.reserve.take_back();
    }

    fn compact(&mut self) -> Done<Option<Compaction>> {
        told(compact(&self.connection, &mut self.free))
    }

    fn close(&mut self) {
        // Nothing stays behind in the write-ahead log, where a damaged page would cut off the newest entries.
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }
}

fn compact(connection: &Connection, before: &mut u64) -> rusqlite::Result<Option<Compaction>> {
    // Free pages hold zeros; a few at a time are given back to the file system.
    {
        let mut step = connection.prepare(&format!("PRAGMA incremental_vacuum({PAGES_PER_TURN})"))?;
        let mut rows = step.query([])?;
        while rows.next()?.is_some() {}
    }
    let left = connection.query_row("PRAGMA freelist_count", [], |row| row.get(0).map(i64::unsigned_abs))?;
    if left > 0 && left < *before {
        *before = left;
        return Ok(None);
    }
    *before = u64::MAX;
    // Never waits: a reader must not make questions wait for a purge.
    connection.pragma_update(None, "busy_timeout", 0)?;
    let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    connection.pragma_update(None, "busy_timeout", 5000)?;
    Ok(Some(if busy? == 0 { Compaction::Done } else { Compaction::Busy }))
}

/// Lets the connection move the write-ahead log into the database itself once it holds so many pages, and report what fails: SQLite's
/// own way hides a failed sync of the database file and later throws away the log that still held what was lost.
pub(crate) fn checkpoint_openly(connection: &mut Connection, after_pages: u32) -> rusqlite::Result<()> {
    connection.wal_hook(Some(move |wal: &mut rusqlite::hooks::Wal, pages: i32| {
        if pages.unsigned_abs() < after_pages {
            return Ok(());
        }
        match wal.checkpoint() {
            // No space in the database file, or a reader in the way: what was committed is safe in the log.
            Err(error) if fault_of(&error) != Fault::Io => Ok(()),
            done => done,
        }
    }))
}
