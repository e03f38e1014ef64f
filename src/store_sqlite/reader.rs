//! Read connections, used on blocking threads so that no slow disk stalls the runtime.

use std::{
    ops::Deref,
    panic::Location,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, OpenFlags};
use ssbtek_access_log::StoreError;
use ssbtek_domain::OrganisationNumber;
use tokio::sync::Semaphore;

use crate::{documents::ReadFault, schema, trouble};

/// A few read connections; who finds all in use waits, because opening one costs more than most reads.
#[derive(Clone)]
pub(crate) struct Readers {
    path: Arc<Path>,
    idle: Arc<Mutex<Vec<Connection>>>,
    places: Arc<Semaphore>,
    cache_kib: u32,
}

impl Readers {
    pub(crate) fn new(path: &Path, connections: usize, cache_kib: u32) -> Self {
        let places = Arc::new(Semaphore::new(connections.max(1)));
        Self { path: path.into(), idle: Arc::default(), places, cache_kib }
    }

    /// Runs `read`, about a board if it is about one, with a connection of its own. A fault leaves an event, here and nowhere else.
    #[track_caller]
    pub(crate) fn run<R: Send + 'static>(
        &self,
        board: impl Into<Option<OrganisationNumber>>,
        read: impl FnOnce(&Connection) -> Result<R, StoreError> + Send + 'static,
    ) -> impl Future<Output = Result<R, StoreError>> + Send {
        self.run_told(board, |connection| Ok(read(connection)?))
    }

    /// As [`Readers::run`], for what tells the kinds of its faults.
    #[track_caller]
    pub(crate) fn run_told<R: Send + 'static>(
        &self,
        board: impl Into<Option<OrganisationNumber>>,
        read: impl FnOnce(&Connection) -> Result<R, ReadFault> + Send + 'static,
    ) -> impl Future<Output = Result<R, StoreError>> + Send {
        let (at, board, readers) = (Location::caller(), board.into(), self.clone());
        async move {
            readers.try_run(read).await.map_err(|fault| {
                trouble::tell(at, board, &fault);
                StoreError
            })
        }
    }

    async fn try_run<R: Send + 'static>(
        self,
        read: impl FnOnce(&Connection) -> Result<R, ReadFault> + Send + 'static,
    ) -> Result<R, ReadFault> {
        let readers = self.clone();
        let place = self.places.clone().acquire_owned().await.map_err(|_| StoreError)?;
        let task = tokio::task::spawn_blocking(move || {
            let connection = readers.take()?;
            let result = read(&connection);
            if result.is_ok() {
                readers.put(connection);
            }
            drop(place);
            result
        });
        task.await.map_err(|_| ReadFault::Unreadable)?
    }

    /// As [`Readers::run`], on the calling thread.
    #[track_caller]
    pub(crate) fn run_here<R>(
        &self,
        board: OrganisationNumber,
        read: impl FnOnce(&Connection) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        let at = Location::caller();
        let result = self.take().and_then(|connection| {
            let result = read(&connection)?;
            self.put(connection);
            Ok(result)
        });
        result.inspect_err(|error| trouble::tell(at, Some(board), &(*error).into()))
    }

    fn take(&self) -> Result<Connection, StoreError> {
        if let Some(connection) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(connection);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags).map_err(|_| StoreError)?;
        schema::configure_reader(&connection).map_err(|_| StoreError)?;
        schema::size(&connection, self.cache_kib).map_err(|_| StoreError)?;
        Ok(connection)
    }

    fn put(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

/// A read transaction: all that is read in it is of one moment.
pub(crate) struct Snapshot<'c>(&'c Connection);

impl<'c> Snapshot<'c> {
    /// Begins one; its moment is that of the first read.
    pub(crate) fn of(connection: &'c Connection) -> rusqlite::Result<Self> {
        connection.prepare_cached("BEGIN")?.execute([])?;
        Ok(Self(connection))
    }
}

impl Deref for Snapshot<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        // A connection that cannot end it fails its next read, and is then thrown away.
        let _ = self.0.prepare_cached("ROLLBACK").and_then(|mut rollback| rollback.execute([]));
    }
}
