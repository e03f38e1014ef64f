//! The engine: sessions that read, and the one that writes.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use ssbtek_log_store::{
    Fault,
    engine::{Changes, Done, Engine, Rows, WritingEnd},
};

use crate::{
    OpenError,
    connect::Server,
    connection::{Connection, bound},
    place::{self, Place},
    rows::PostgresRows,
};

const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// The first statement of a read: from it on everything is of one moment.
const EPOCH: &str = "SELECT epoch FROM ssbtek.writer";
/// How long a commit is not looked up again of which nothing could be learned.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// A database, open.
pub(crate) struct Postgres {
    pub(crate) server: Arc<Server>,
    pub(crate) epoch: i64,
    /// Sessions that nobody reads with: beginning one costs more than most reads.
    pub(crate) idle: Mutex<Vec<Connection>>,
    /// Until it is taken.
    pub(crate) end: Mutex<Option<End>>,
}

impl Postgres {
    fn idle(&self) -> Option<Connection> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// A session with a transaction that reads.
    fn begun(&self) -> Done<Connection> {
        // One that has been idle may have ended meanwhile; a new one tells.
        if let Some(connection) = self.idle()
            && let Ok(()) = self.begin(&connection)
        {
            return Ok(connection);
        }
        let connection = self.server.connect().map_err(for_now)?;
        self.begin(&connection)?;
        Ok(connection)
    }

    fn begin(&self, connection: &Connection) -> Done<()> {
        // What ended the last transaction must have been taken, or the session is none to go on with.
        connection.begins();
        connection.send_text(BEGIN_READ);
        let rows = connection.ask(EPOCH, bound![])?;
        // Another process has the place: what this one would answer is no longer its to answer.
        let is_ours = rows.first().and_then(|row| row.try_get::<_, i64>(0).ok()) == Some(self.epoch);
        is_ours.then_some(()).ok_or(Fault::Io)
    }
}

impl Engine for Postgres {
    fn read(&self, work: &mut dyn FnMut(&dyn Rows) -> Done<()>) -> Done<()> {
        let connection = self.begun()?;
        work(&PostgresRows { connection: &connection })?;
        // After a fault a session is thrown away.
        if connection.failed().is_none() {
            connection.send_text("ROLLBACK");
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        Ok(())
    }

    fn writing_end(&self) -> Done<Box<dyn WritingEnd>> {
        let end = self.end.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(Box::new(end.ok_or(Fault::Busy)?))
    }

    /// One process at a time has the writer's place: who takes it finds leases of who is gone.
    fn is_shared(&self) -> bool {
        false
    }
}

/// A database that cannot be reached now may be later; what was refused by name at the start is told there.
fn for_now(error: OpenError) -> Fault {
    match error {
        OpenError::OtherServer | OpenError::NotDurable { .. } => Fault::Io,
        _ => Fault::Busy,
    }
}

/// The session that writes.
pub(crate) struct End {
    pub(crate) server: Arc<Server>,
    /// `None` after a fault, until the next transaction.
    pub(crate) connection: Option<Connection>,
    pub(crate) place: Place,
    /// How long the outcome of a commit is looked up.
    pub(crate) outcome: Duration,
    /// Nobody knows what is durable, or another process has the place.
    pub(crate) broken: bool,
}

impl End {
    /// The session, or a new one, on which the newest transaction is the one that this process knows of.
    fn connection(&mut self) -> Done<Connection> {
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        let connection = self.server.connect().map_err(for_now)?;
        match place::resume(&connection, self.place.epoch)? {
            Some(change) if change == self.place.change => Ok(connection),
            _ => Err(Fault::Io),
        }
    }

    fn try_change(&mut self, work: &mut dyn FnMut(&dyn Changes) -> Done<()>) -> Done<()> {
        let (mut connection, number) = (self.connection()?, self.place.change + 1);
        let mut entered = place::enter(&connection, self.place.epoch, number);
        if entered == Err(Fault::Busy) {
            // A session may have ended while nobody used it. Nothing was begun: a new one tells.
            connection = self.connection()?;
            entered = place::enter(&connection, self.place.epoch, number);
        }
        if !entered? {
            return Err(Fault::Io);
        }
        let worked = work(&PostgresRows { connection: &connection }).and_then(|()| connection.flush());
        // A fault that was passed over counts too: after it the server would undo everything, and say that it went well.
        let worked = worked.and_then(|()| connection.failed().map_or(Ok(()), Err));
        if let Err(fault) = worked {
            // A session on which something failed is thrown away, and with it its transaction.
            if connection.failed().is_none() && connection.run_text("ROLLBACK").is_ok() {
                self.connection = Some(connection);
            }
            return Err(fault);
        }
        if connection.commits() {
            self.place.change = number;
            self.connection = Some(connection);
            return Ok(());
        }
        // Dropped, and never cancelled.
        drop(connection);
        self.look_up(number)
    }

    /// Whether the transaction of this number is durable, of which the server did not say so in time and without a warning.
    fn look_up(&mut self, number: i64) -> Done<()> {
        let until = Instant::now() + self.outcome;
        while Instant::now() < until {
            let found = self.server.connect().map_err(|_| Fault::Busy);
            let found =
                found.and_then(|connection| Ok((place::resume(&connection, self.place.epoch)?, connection)));
            match found {
                Ok((Some(change), connection)) if change == number => {
                    (self.place.change, self.connection) = (number, Some(connection));
                    return Ok(());
                }
                Ok((Some(change), connection)) if change == self.place.change => {
                    self.connection = Some(connection);
                    return Err(Fault::Busy);
                }
                Ok(_) => return Err(Fault::Io),
                Err(_) => thread::sleep(LOOK_AGAIN),
            }
        }
        Err(Fault::Io)
    }
}

impl WritingEnd for End {
    fn change(&mut self, work: &mut dyn FnMut(&dyn Changes) -> Done<()>) -> Done<()> {
        if self.broken {
            return Err(Fault::Io);
        }
        let changed = self.try_change(work);
        self.broken = changed == Err(Fault::Io);
        changed
    }

    fn close(&mut self) {
        // Who comes next finds the session gone.
        self.connection = None;
    }
}
