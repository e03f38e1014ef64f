//! A board's terms of retention, authenticated row by row.

use ssbtek_access_log::{BoardTerms, PurgeScope};
use ssbtek_authorize::Versioned;
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};
use ssbtek_purge::RetentionRow;
use ssbtek_vault::Vault;

use crate::{
    Fault,
    authentic::mac_of,
    engine::{Changes, Done, Rows},
    index_keys,
    rows::TermsRow,
};

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
    changes: &dyn Changes,
    vault: &dyn Vault,
    board: OrganisationNumber,
    terms: &BoardTerms,
    leaf: u64,
) -> Done<()> {
    let closing = read(changes, vault, board)?.is_some_and(|stored| stored.closing);
    let stored = StoredTerms { terms: terms.clone(), closing, leaf: Some(leaf) };
    write(changes, vault, board, &stored)
}

/// The row of a board that has none yet: nothing is agreed but what holds for all.
pub(crate) fn begin(changes: &dyn Changes, vault: &dyn Vault, board: OrganisationNumber) -> Done<()> {
    if read(changes, vault, board)?.is_none() {
        write(changes, vault, board, &StoredTerms::default())?;
    }
    Ok(())
}

/// From now on a board's log takes nothing but the receipt of its purge.
pub(crate) fn close(changes: &dyn Changes, vault: &dyn Vault, board: OrganisationNumber) -> Done<()> {
    let stored = read(changes, vault, board)?.unwrap_or_default();
    write(changes, vault, board, &StoredTerms { closing: true, ..stored })
}

/// Whether a board's log takes nothing but the receipt of its purge.
pub(crate) fn is_closing(rows: &dyn Rows, vault: &dyn Vault, board: OrganisationNumber) -> Done<bool> {
    Ok(read(rows, vault, board)?.is_some_and(|stored| stored.closing))
}

/// A board's terms and their version.
pub(crate) fn versioned(
    rows: &dyn Rows,
    vault: &dyn Vault,
    board: OrganisationNumber,
) -> Done<Versioned<BoardTerms>> {
    let stored = read(rows, vault, board)?.unwrap_or_default();
    Ok(Versioned { version: stored.version(), body: stored.terms })
}

/// After the receipt of a purge, which is the record at index `leaf`: a purged board's terms are forgotten, a hold that has
/// ended has been told of. What the purge was about decides, not the time: terms that fell due meanwhile stay.
pub(crate) fn reopen(
    changes: &dyn Changes,
    vault: &dyn Vault,
    board: OrganisationNumber,
    (scope, now): (PurgeScope, DateTime<Utc>),
    leaf: u64,
) -> Done<()> {
    let Some(mut stored) = read(changes, vault, board)? else { return Ok(()) };
    let today = ssbtek_domain::stockholm_date(now);
    if scope == PurgeScope::Board {
        index_keys::forget(changes, vault, board)?;
        stored = StoredTerms { leaf: Some(leaf), ..StoredTerms::default() };
    } else if stored.terms.held.as_ref().is_some_and(|held| held.until < today) {
        stored.terms.held = None;
        stored.leaf = Some(leaf);
    } else {
        return Ok(());
    }
    write(changes, vault, board, &stored)
}

/// A board's row; `None` if it has none. An error if the row is not as it was written, or a board with a tree has lost it.
pub(crate) fn read(
    rows: &dyn Rows,
    vault: &dyn Vault,
    board: OrganisationNumber,
) -> Done<Option<StoredTerms>> {
    if let Some(row) = rows.terms(board.as_str())? {
        return parse(&row, vault).map(Some);
    }
    let has_tree = rows.tree(board)?.is_some_and(|tree| tree.size > 0);
    if has_tree { Err(Fault::Damaged("a board's terms of retention are missing")) } else { Ok(None) }
}

/// What is known of a board's retention; `None` if its row is not as it was written.
pub(crate) fn row(
    rows: &dyn Rows,
    vault: &dyn Vault,
    board: OrganisationNumber,
) -> Done<Option<RetentionRow>> {
    let stored = match read(rows, vault, board) {
        Ok(stored) => stored.unwrap_or_default(),
        Err(Fault::Damaged(_)) => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let (version, closing) = (stored.version(), stored.closing);
    Ok(Some(RetentionRow { board, terms: stored.terms, version, closing }))
}

fn board_of(name: &str) -> Done<OrganisationNumber> {
    OrganisationNumber::parse(name).map_err(|_| Fault::Damaged("a board's number is none"))
}

/// A row from before rows were authenticated, as it is written now.
pub fn authenticated(row: &TermsRow, vault: &dyn Vault) -> Done<TermsRow> {
    to_row(vault, board_of(&row.board)?, &unauthenticated(row)?)
}

/// The row of a board with which nothing is agreed but what holds for all.
pub fn first_row(board: &str, vault: &dyn Vault) -> Done<TermsRow> {
    to_row(vault, board_of(board)?, &StoredTerms::default())
}

fn write(
    changes: &dyn Changes,
    vault: &dyn Vault,
    board: OrganisationNumber,
    stored: &StoredTerms,
) -> Done<()> {
    changes.set_terms(&to_row(vault, board, stored)?)
}

fn to_row(vault: &dyn Vault, board: OrganisationNumber, stored: &StoredTerms) -> Done<TermsRow> {
    let terms = &stored.terms;
    Ok(TermsRow {
        board: board.to_string(),
        log_months: terms.log_months,
        ended_on: terms.ended_on.map(|day| day.to_string()),
        due_at: terms.due_at.map(|at| at.timestamp()),
        held: terms.held.as_ref().and_then(|held| serde_json::to_string(held).ok()),
        handed_over_at: terms.handed_over_at.map(|at| at.timestamp()),
        closing: stored.closing.into(),
        leaf: stored.leaf,
        mac: Some(mac(vault, board.as_str(), stored)?),
    })
}

/// The row's parts, each in one spelling, with its absence told apart from any value.
fn mac(vault: &dyn Vault, board: &str, stored: &StoredTerms) -> Done<[u8; 16]> {
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
    let row = serde_json::to_vec(&row).map_err(|_| malformed())?;
    mac_of(vault, "retention", &row)
}

/// The row, if it is as it was written.
fn parse(row: &TermsRow, vault: &dyn Vault) -> Done<StoredTerms> {
    let stored = unauthenticated(row)?;
    let held = stored.terms.held.as_ref().and_then(|held| serde_json::to_string(held).ok());
    if row.held == held && row.mac == Some(mac(vault, &row.board, &stored)?) {
        Ok(stored)
    } else {
        Err(Fault::Damaged("a board's terms of retention are not as they were written"))
    }
}

fn malformed() -> Fault {
    Fault::Damaged("a board's terms of retention have not their form")
}

fn unauthenticated(row: &TermsRow) -> Done<StoredTerms> {
    let at = |seconds: Option<i64>| match seconds {
        None => Ok(None),
        Some(seconds) => DateTime::from_timestamp(seconds, 0).map(Some).ok_or_else(malformed),
    };
    let ended_on = row.ended_on.as_ref().map(|day| day.parse()).transpose().map_err(|_| malformed())?;
    let held = row.held.as_ref().map(|held| serde_json::from_str(held)).transpose();
    let closing = match row.closing {
        0 => false,
        1 => true,
        _ => return Err(malformed()),
    };
    let terms = BoardTerms {
        log_months: row.log_months,
        ended_on,
        due_at: at(row.due_at)?,
        held: held.map_err(|_| malformed())?,
        handed_over_at: at(row.handed_over_at)?,
    };
    Ok(StoredTerms { terms, closing, leaf: row.leaf })
}
