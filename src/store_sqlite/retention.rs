//! The retention table: reading and writing terms.

use rusqlite::{Connection, OptionalExtension, Row, params};
use ssbtek_access_log::{BoardTerms, StoreError};
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};
use ssbtek_purge::RetentionRow;

/// Writes a board's terms, leaving `closing` as it is.
pub(crate) fn write_terms(
    connection: &Connection,
    board: OrganisationNumber,
    terms: &BoardTerms,
) -> rusqlite::Result<()> {
    let held = terms.held.as_ref().map(serde_json::to_string).transpose();
    let held = held.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    connection
        .prepare_cached(
            "INSERT INTO retention (board, log_months, ended_on, due_at, held, handed_over_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (board) DO UPDATE SET log_months = ?2, ended_on = ?3, due_at = ?4, held = ?5,
                 handed_over_at = ?6",
        )?
        .execute(params![
            board.as_str(),
            terms.log_months,
            terms.ended_on.map(|day| day.to_string()),
            terms.due_at.map(|at| at.timestamp()),
            held,
            terms.handed_over_at.map(|at| at.timestamp()),
        ])?;
    Ok(())
}

/// Whether a board's log takes nothing but the receipt of its purge.
pub(crate) fn is_closing(connection: &Connection, board: OrganisationNumber) -> rusqlite::Result<bool> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM retention WHERE board = ?1 AND closing = 1")?
        .query_row([board.as_str()], |_| Ok(()))
        .optional()?
        .is_some())
}

/// After a receipt: a purged board's terms are forgotten, a hold that has ended has been told of.
pub(crate) fn reopen(
    connection: &Connection,
    board: OrganisationNumber,
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM retention WHERE board = ?1 AND (closing = 1 OR due_at <= ?2)")?
        .execute(params![board.as_str(), now.timestamp()])?;
    connection
        .prepare_cached("UPDATE retention SET held = NULL WHERE board = ?1 AND held ->> 'until' < ?2")?
        .execute(params![board.as_str(), ssbtek_domain::stockholm_date(now).to_string()])?;
    Ok(())
}

/// Every board with a tree or with terms.
pub(crate) fn boards(connection: &Connection) -> Result<Vec<RetentionRow>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT board, log_months, ended_on, due_at, held, handed_over_at, closing FROM retention
         UNION ALL
         SELECT organisation, NULL, NULL, NULL, NULL, NULL, 0 FROM tree
         WHERE organisation NOT IN (SELECT board FROM retention)
         ORDER BY 1",
    )?;
    let mut rows = statement.query([])?;
    let mut boards = Vec::new();
    while let Some(row) = rows.next()? {
        boards.push(parse(row)?);
    }
    Ok(boards)
}

fn parse(row: &Row<'_>) -> Result<RetentionRow, StoreError> {
    let at = |seconds: Option<i64>| seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let (ended_on, held): (Option<String>, Option<String>) = (row.get(2)?, row.get(4)?);
    Ok(RetentionRow {
        board: OrganisationNumber::parse(&row.get::<_, String>(0)?)?,
        terms: BoardTerms {
            log_months: row.get(1)?,
            ended_on: ended_on.map(|day| day.parse()).transpose()?,
            due_at: at(row.get(3)?),
            held: held.map(|held| serde_json::from_str(&held)).transpose()?,
            handed_over_at: at(row.get(5)?),
        },
        closing: row.get::<_, i64>(6)? == 1,
    })
}
