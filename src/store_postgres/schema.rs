//! The tables, by level. A migration, once released, never changes. One that adds may run while programs of the level before are at
//! work; one that takes something away raises `oldest` beyond them.

use tokio_postgres::error::SqlState;

use crate::{
    OpenError,
    connection::{Connection, bound},
};

const MIGRATIONS: [&str; 1] = [include_str!("migrations/0001_all.sql")];

/// The newest level.
pub(crate) const LEVEL: i64 = MIGRATIONS.len() as i64;

/// Two processes that find an empty database do not both fill it.
const ALONE: &str = "BEGIN; SELECT pg_advisory_xact_lock(7305112014)";

const IS_THERE: &str =
    "SELECT EXISTS (SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = 'ssbtek' AND relname = 'writer')";

const MAY_ALL: &str = "SELECT has_schema_privilege(relnamespace, 'USAGE') AND bool_and(
        has_table_privilege(pg_class.oid, 'SELECT') AND has_table_privilege(pg_class.oid, 'INSERT')
        AND has_table_privilege(pg_class.oid, 'UPDATE') AND has_table_privilege(pg_class.oid, 'DELETE'))
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = 'ssbtek' AND relkind = 'r' GROUP BY relnamespace";

const MAY_BEGIN: &str = "SELECT has_database_privilege(current_database(), 'CREATE')";

const FIRST: &str =
    "INSERT INTO ssbtek.writer (one, level, oldest, deployment, epoch, change, looked, session, began)
    VALUES (true, 0, 1, $1, 0, 0, 0, 0, 0)";

const STATED: &str = "SELECT level, oldest, deployment FROM ssbtek.writer";

const RAISE: &str = "UPDATE ssbtek.writer SET level = $1 WHERE one";

/// Makes the tables where there are none, and brings them to the newest level. Refuses what belongs to another deployment, or is newer
/// than this program can work with.
pub(crate) fn bring_up(connection: &Connection, deployment: &str) -> Result<(), OpenError> {
    named(connection, ALONE)?;
    let found = if is_there(connection)? { stated(connection, deployment)? } else { 0 };
    let from = usize::try_from(found).unwrap_or(0);
    for (level, migration) in (1i64..).zip(MIGRATIONS).skip(from) {
        if level == 1 {
            named(connection, "CREATE SCHEMA ssbtek")?;
        }
        named(connection, migration)?;
        if level == 1 {
            connection.run(FIRST, bound![deployment.to_owned()])?;
        }
        connection.run(RAISE, bound![level])?;
    }
    if connection.commits() { Ok(()) } else { Err(OpenError::Unreachable) }
}

/// Refuses, and changes nothing, what [`bring_up`] would refuse.
pub(crate) fn may_be_ours(connection: &Connection, deployment: &str) -> Result<(), OpenError> {
    if is_there(connection)? {
        return stated(connection, deployment).map(drop);
    }
    if says(connection, MAY_BEGIN)? { Ok(()) } else { Err(OpenError::Privilege) }
}

/// Refuses, where nothing may be changed, what [`bring_up`] would refuse or change.
pub(crate) fn is_newest(connection: &Connection, deployment: &str) -> Result<(), OpenError> {
    if !is_there(connection)? {
        return Err(OpenError::Empty);
    }
    match stated(connection, deployment)? {
        found if found < LEVEL => Err(OpenError::Older { found, known: LEVEL }),
        _ => Ok(()),
    }
}

fn is_there(connection: &Connection) -> Result<bool, OpenError> {
    says(connection, IS_THERE)
}

fn says(connection: &Connection, sql: &'static str) -> Result<bool, OpenError> {
    let rows = connection.ask(sql, bound![])?;
    Ok(rows.first().and_then(|row| row.try_get(0).ok()).unwrap_or(false))
}

fn stated(connection: &Connection, deployment: &str) -> Result<i64, OpenError> {
    if !says(connection, MAY_ALL)? {
        return Err(OpenError::Privilege);
    }
    let rows = connection.ask(STATED, bound![]).map_err(|_| OpenError::NotOurs)?;
    let row = rows.first().ok_or(OpenError::NotOurs)?;
    let read = |column: usize| row.try_get::<_, i64>(column).map_err(|_| OpenError::NotOurs);
    let (level, oldest) = (read(0)?, read(1)?);
    let whose: String = row.try_get(2).map_err(|_| OpenError::NotOurs)?;
    if whose != deployment {
        return Err(OpenError::OtherDeployment { found: whose, own: deployment.to_owned() });
    }
    if oldest > LEVEL {
        return Err(OpenError::Newer { found: level, known: LEVEL });
    }
    Ok(level)
}

fn named(connection: &Connection, text: &str) -> Result<(), OpenError> {
    connection.try_text(text).map_err(|error| match error.as_ref().and_then(tokio_postgres::Error::code) {
        Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => OpenError::Privilege,
        Some(code) if *code == SqlState::DUPLICATE_SCHEMA => OpenError::NotOurs,
        _ => OpenError::Unreachable,
    })
}
