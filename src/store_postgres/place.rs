//! The writer's place: one process at a time, told apart by an epoch that every transaction names. Whoever takes the place raises it, and
//! from then on no transaction of the one before can end: a second process can stop the first, and never write a second history.

use std::{
    thread,
    time::{Duration, Instant},
};

use ssbtek_log_store::{Fault, engine::Done};

use crate::{
    OpenError,
    connection::{Connection, bound},
};

/// How long a session is waited for that seems to be there still: that of a process that was killed ends within milliseconds.
const WAIT_FOR_FORMER: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

pub(crate) const BEGIN: &str =
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL synchronous_commit = on";

/// Whether the session that writes is there. What it began with may be hidden from another user: then it is.
macro_rules! former {
    ($end:literal) => {
        concat!(
            "SELECT EXISTS (SELECT FROM pg_stat_activity AS session
                 WHERE session.pid = writer.session AND session.pid <> pg_backend_pid()
                 AND (session.backend_start IS NULL
                      OR (extract(epoch FROM session.backend_start) * 1000000)::bigint = writer.began))
             FROM ssbtek.writer AS writer ",
            $end
        )
    };
}
const FORMER: &str = former!("FOR UPDATE OF writer");
const IS_HELD: &str = former!("");

const TAKE: &str = "UPDATE ssbtek.writer SET epoch = epoch + 1, session = pg_backend_pid(), began = (
        SELECT (extract(epoch FROM backend_start) * 1000000)::bigint FROM pg_stat_activity
        WHERE pid = pg_backend_pid())
    WHERE one RETURNING epoch, change";

const RESUME: &str = "UPDATE ssbtek.writer SET looked = looked + 1, session = pg_backend_pid(), began = (
        SELECT (extract(epoch FROM backend_start) * 1000000)::bigint FROM pg_stat_activity
        WHERE pid = pg_backend_pid())
    WHERE one AND epoch = $1 RETURNING change";

/// Locks the writer's row first, and numbers the transaction in it. No row: another process has the place.
const ENTER: &str = "UPDATE ssbtek.writer SET change = $2::bigint WHERE one AND epoch = $1::bigint AND change = $2::bigint - 1
    RETURNING current_setting('synchronous_commit') = 'on' AND current_setting('fsync') = 'on'
    AND current_setting('full_page_writes') = 'on'";

/// The place, as its holder names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) epoch: i64,
    /// The number of the newest transaction that is known to be durable.
    pub(crate) change: i64,
}

/// Takes the place, unless the session of a process that has it is there.
pub(crate) fn take(connection: &Connection) -> Result<Place, OpenError> {
    let until = Instant::now() + WAIT_FOR_FORMER;
    loop {
        match try_take(connection) {
            Ok(Some(place)) => return Ok(place),
            Ok(None) | Err(Fault::Busy) if Instant::now() < until => thread::sleep(LOOK_AGAIN),
            Ok(None) => return Err(OpenError::InUse),
            Err(fault) => return Err(fault.into()),
        }
    }
}

fn try_take(connection: &Connection) -> Done<Option<Place>> {
    connection.begins();
    connection.send_text(BEGIN);
    let taken = connection.ask(FORMER, bound![]).and_then(|rows| {
        let there: bool = rows.first().and_then(|row| row.try_get(0).ok()).unwrap_or(true);
        if there { Ok(None) } else { connection.ask(TAKE, bound![]).map(|rows| rows.into_iter().next()) }
    });
    let Ok(Some(row)) = taken else {
        connection.run_text("ROLLBACK")?;
        return taken.map(|_| None);
    };
    let read =
        |column: usize| row.try_get(column).map_err(|_| Fault::Damaged("the writer's row has not its form"));
    let place = Place { epoch: read(0)?, change: read(1)? };
    if connection.commits() { Ok(Some(place)) } else { Err(Fault::Busy) }
}

/// Whether a process has the place.
pub(crate) fn is_held(connection: &Connection) -> Done<bool> {
    let rows = connection.ask(IS_HELD, bound![])?;
    Ok(rows.first().and_then(|row| row.try_get(0).ok()).unwrap_or(true))
}

/// On a new session, the number of the newest transaction, once nobody can change it any more: this waits for the row that a transaction
/// under way holds, and is itself as durable as what it tells of. `None`: another process has the place.
pub(crate) fn resume(connection: &Connection, epoch: i64) -> Done<Option<i64>> {
    connection.begins();
    connection.send_text(BEGIN);
    let Some(row) = connection.ask(RESUME, bound![epoch])?.into_iter().next() else { return Ok(None) };
    let change = row.try_get(0).map_err(|_| Fault::Damaged("the writer's row has not its form"))?;
    if connection.commits() { Ok(Some(change)) } else { Err(Fault::Busy) }
}

/// Begins a transaction in the place. `false`: it is another's, or the server no longer keeps what it says it has written.
pub(crate) fn enter(connection: &Connection, epoch: i64, change: i64) -> Done<bool> {
    connection.begins();
    connection.send_text(BEGIN);
    let rows = connection.ask(ENTER, bound![epoch, change])?;
    Ok(rows.first().and_then(|row| row.try_get(0).ok()).unwrap_or(false))
}
