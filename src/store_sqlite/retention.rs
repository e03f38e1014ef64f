//! The retention table: a board's terms, authenticated row by row.

use rusqlite::{Connection, OptionalExtension, Row, params};
use ssbtek_access_log::{BoardTerms, PurgeScope, StoreError};
use ssbtek_authorize::Versioned;
use ssbtek_domain::{DateTime, NaiveDate, OrganisationNumber, Utc};
use ssbtek_purge::RetentionRow;
use ssbtek_vault::Vault;

use crate::{
    authentic::{damaged, mac_of},
    index_keys,
};

const COLUMNS: &str = "board, log_months, ended_on, due_at, held, handed_over_at, closing, leaf, mac";

/// A row as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StoredTerms {
    pub(crate) terms: BoardTerms,
    /// Whether a purge of the whole board has begun.
    pub(crate) closing: bool,
    /// Index of the record that last changed the terms.
    pub(crate) leaf: Option<u64>,
}

impl StoredTerms {
    /// One more than the index of the record that last changed the terms, so that every change makes a later one; 0 if nothing
    /// has changed them yet.
    fn version(&self) -> u64 {
        self.leaf.map_or(0, |leaf| leaf.saturating_add(1))
    }
}

/// Writes a board's terms as the record at index `leaf` changes them, leaving `closing` as it is.
pub(crate) fn write_terms(
    connection: &Connection,
    vault: &dyn Vault,
    board: OrganisationNumber,
    terms: &BoardTerms,
    leaf: u64,
) -> rusqlite::Result<()> {
    let closing = read(connection, vault, board)?.is_some_and(|stored| stored.closing);
    let stored = StoredTerms { terms: terms.clone(), closing, leaf: Some(leaf) };
    write(connection, vault, board, &stored)
}

/// The row of a board that has none yet: nothing is agreed but what holds for all.
pub(crate) fn begin(
    connection: &Connection,
    vault: &dyn Vault,
    board: OrganisationNumber,
) -> rusqlite::Result<()> {
    if read(connection, vault, board)?.is_none() {
        write(connection, vault, board, &StoredTerms::default())?;
    }
    Ok(())
}

/// From now on a board's log takes nothing but the receipt of its purge.
pub(crate) fn close(
    connection: &Connection,
    vault: &dyn Vault,
    board: OrganisationNumber,
) -> rusqlite::Result<()> {
    let stored = read(connection, vault, board)?.unwrap_or_default();
    write(connection, vault, board, &StoredTerms { closing: true, ..stored })
}

/// Whether a board's log takes nothing but the receipt of its purge.
pub(crate) fn is_closing(
    connection: &Connection,
    vault: &dyn Vault,
    board: OrganisationNumber,
) -> rusqlite::Result<bool> {
    Ok(read(connection, vault, board)?.is_some_and(|stored| stored.closing))
}

/// A board's terms and their version.
pub(crate) fn versioned(
    connection: &Connection,
    vault: &dyn Vault,
    board: OrganisationNumber,
) -> rusqlite::Result<Versioned<BoardTerms>> {
    let stored = read(connection, vault, board)?.unwrap_or_default();
    Ok(Versioned { version: stored.version(), body: stored.terms })
}

/// After the receipt of a purge, which is the record at index `leaf`: a purged board's terms are forgotten, a hold that has
/// ended has been told of. What the purge was about decides, not the time: terms that fell due meanwhile stay.
pub(crate) fn reopen(
    connection: &Connection,
    vault: &dyn Vault,
    board: OrganisationNumber,
    (scope, now): (PurgeScope, DateTime<Utc>),
    leaf: u64,
) -> rusqlite::Result<()> {
    let Some(mut stored) = read(connection, vault, board)? else { return Ok(()) };
    let today = ssbtek_domain::stockholm_date(now);
    if scope == PurgeScope::Board {
        index_keys::forget(connection, board)?;
        stored = StoredTerms { leaf: Some(leaf), ..StoredTerms::default() };
    } else if stored.terms.held.as_ref().is_some_and(|held| held.until < today) {
        stored.terms.held = None;
        stored.leaf = Some(leaf);
    } else {
        return Ok(());
    }
    write(connection, vault, board, &stored)
}

/// A board's row; `None` if it has none. An error if the row is not as it was written, or a board with a tree has lost it.
pub(crate) fn read(
    connection: &Connection,
    vault: &dyn Vault,
    board: OrganisationNumber,
) -> rusqlite::Result<Option<StoredTerms>> {
    let found = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM retention WHERE board = ?1"))?
        .query_row([board.as_str()], |row| parse(row, vault))
        .optional()?;
    if found.is_some() {
        return Ok(found.map(|(_, stored)| stored));
    }
    let has_tree = connection
        .prepare_cached("SELECT 1 FROM tree WHERE organisation = ?1 AND size > 0")?
        .exists([board.as_str()])?;
    if has_tree { Err(damaged("a board's terms of retention are missing")) } else { Ok(None) }
}

/// Every board with a tree or with terms. A row that is damaged is told beside the others.
#[expect(clippy::type_complexity, reason = "each board's name stands by what is known of it")]
pub(crate) fn boards(
    connection: &Connection,
    vault: &dyn Vault,
) -> Result<Vec<(OrganisationNumber, Result<RetentionRow, StoreError>)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT board FROM retention UNION SELECT organisation FROM tree WHERE size > 0 ORDER BY 1",
    )?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    names
        .iter()
        .map(|name| {
            let board = OrganisationNumber::parse(name)?;
            let stored = read(connection, vault, board).map(Option::unwrap_or_default);
            let row = stored.map(|stored| {
                let (version, closing) = (stored.version(), stored.closing);
                RetentionRow { board, terms: stored.terms, version, closing }
            });
            Ok((board, row.map_err(StoreError::from)))
        })
        .collect()
}

/// Authenticates the rows of a database from before rows were authenticated, and gives every board one.
pub(crate) fn authenticate_all(connection: &Connection, vault: &dyn Vault) -> rusqlite::Result<()> {
    let rows: Vec<(String, StoredTerms)> = {
        let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM retention"))?;
        statement.query_map([], unauthenticated)?.collect::<Result<_, _>>()?
    };
    for (board, stored) in rows {
        let board = OrganisationNumber::parse(&board).map_err(|_| damaged("a board's number is none"))?;
        write(connection, vault, board, &stored)?;
    }
    let boards: Vec<String> = {
        let mut statement = connection.prepare(
            "SELECT organisation FROM tree WHERE organisation NOT IN (SELECT board FROM retention)",
        )?;
        statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
    };
    for board in boards {
        let board = OrganisationNumber::parse(&board).map_err(|_| damaged("a board's number is none"))?;
        write(connection, vault, board, &StoredTerms::default())?;
    }
    Ok(())
}

fn write(
    connection: &Connection,
    vault: &dyn Vault,
    board: OrganisationNumber,
    stored: &StoredTerms,
) -> rusqlite::Result<()> {
    let terms = &stored.terms;
    let held = terms.held.as_ref().map(serde_json::to_string).transpose();
    let held = held.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    connection
        .prepare_cached(&format!(
            "INSERT OR REPLACE INTO retention ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
        ))?
        .execute(params![
            board.as_str(),
            terms.log_months,
            terms.ended_on.map(|day| day.to_string()),
            terms.due_at.map(|at| at.timestamp()),
            held,
            terms.handed_over_at.map(|at| at.timestamp()),
            stored.closing,
            stored.leaf.map(|leaf| leaf as i64),
            mac(vault, board.as_str(), stored)?,
        ])?;
    Ok(())
}

/// The row's parts, each in one spelling, with its absence told apart from any value.
fn mac(vault: &dyn Vault, board: &str, stored: &StoredTerms) -> rusqlite::Result<[u8; 16]> {
    let StoredTerms { terms, closing, leaf } = stored;
    let row = (
        board,
        terms.log_months,
        terms.ended_on,
        terms.due_at.map(|at| at.timestamp()),
        &terms.held,
        terms.handed_over_at.map(|at| at.timestamp()),
        closing,
        leaf,
    );
    let row = serde_json::to_vec(&row).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()));
    mac_of(vault, "retention", &row?)
}

/// The board and its row, if it is as it was written.
pub(crate) fn parse(row: &Row<'_>, vault: &dyn Vault) -> rusqlite::Result<(String, StoredTerms)> {
    let (board, stored) = unauthenticated(row)?;
    let held: Option<String> = row.get("held")?;
    let one_spelling = held == stored.terms.held.as_ref().and_then(|held| serde_json::to_string(held).ok());
    let stated: Option<[u8; 16]> = row.get("mac")?;
    if one_spelling && stated == Some(mac(vault, &board, &stored)?) {
        Ok((board, stored))
    } else {
        Err(damaged("a board's terms of retention are not as they were written"))
    }
}

fn unauthenticated(row: &Row<'_>) -> rusqlite::Result<(String, StoredTerms)> {
    let malformed = || damaged("a board's terms of retention have not their form");
    let at = |seconds: Option<i64>| match seconds {
        None => Ok(None),
        Some(seconds) => DateTime::from_timestamp(seconds, 0).map(Some).ok_or_else(malformed),
    };
    let (ended_on, held): (Option<String>, Option<String>) = (row.get("ended_on")?, row.get("held")?);
    let ended_on = ended_on.map(|day| day.parse::<NaiveDate>()).transpose().map_err(|_| malformed())?;
    let held = held.map(|held| serde_json::from_str(&held)).transpose().map_err(|_| malformed())?;
    let leaf: Option<i64> = row.get("leaf")?;
    let closing = match row.get::<_, i64>("closing")? {
        0 => false,
        1 => true,
        _ => return Err(malformed()),
    };
    let terms = BoardTerms {
        log_months: row.get("log_months")?,
        ended_on,
        due_at: at(row.get("due_at")?)?,
        held,
        handed_over_at: at(row.get("handed_over_at")?)?,
    };
    Ok((row.get("board")?, StoredTerms { terms, closing, leaf: leaf.map(|leaf| leaf as u64) }))
}
