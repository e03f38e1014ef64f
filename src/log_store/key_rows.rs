//! What rows of log keys mean: which key signed a board's checkpoints from when until when. Authenticated; private halves are in the
//! vault alone.

use ssbtek_access_log::LogKey;
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};
use ssbtek_transparency::{Hash, NoteVerifier};
use ssbtek_vault::Vault;

use crate::{
    CheckpointSigner, Fault,
    authentic::{keep_started_with, last_started_with, mac_of},
    engine::{Changes, Done, Rows},
    rows::LogKeyRow,
};

/// Tells the signer of the keys that sign no longer. One that was being destroyed when the process ended is destroyed now. Returns
/// the boards of which it cannot be told which keys sign, each with what is wrong.
pub(crate) fn remember_retired(
    rows: &dyn Rows,
    vault: &dyn Vault,
    signer: &CheckpointSigner,
) -> Done<Vec<(OrganisationNumber, &'static str)>> {
    let (mut unknown, mut boards) = (Vec::new(), Vec::new());
    for row in rows.log_keys(None)? {
        let board = OrganisationNumber::parse(&row.board);
        let board = board.map_err(|_| Fault::Damaged("a board's number is none"))?;
        if !boards.contains(&board) {
            boards.push(board);
        }
        match parse(&row, vault, board) {
            Ok(key) if key.until.is_none() => {}
            Ok(key) => {
                if signer.retire(board, &key.key).is_none() {
                    unknown.push((board, "a key cannot be destroyed"));
                }
            }
            Err(Fault::Damaged(what)) => unknown.push((board, what)),
            Err(fault) => return Err(fault),
        }
    }
    boards.extend(rows.started_names()?.iter().filter_map(|name| of_name(name)));
    boards.sort_unstable();
    boards.dedup();
    for board in boards {
        match last_started_with(rows, vault, &name(board)) {
            Ok(Some(listed)) if listed != sum(rows, board)? => unknown.push((board, REMOVED)),
            // From before it was kept; or told of as what it is.
            Ok(_) | Err(Fault::Damaged(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(unknown)
}

const REMOVED: &str = "rows of its log keys were removed, added or put back";

/// The row of `started` that says which rows of log keys a board has.
fn name(board: OrganisationNumber) -> String {
    format!("log_key.{board}")
}

/// Whose that row is, if it is one.
fn of_name(name: &str) -> Option<OrganisationNumber> {
    OrganisationNumber::parse(name.strip_prefix("log_key.")?).ok()
}

/// Which rows of log keys a board has: few, since each is an operator's act.
fn sum(rows: &dyn Rows, board: OrganisationNumber) -> Done<Hash> {
    let mut macs: Vec<_> = rows.log_keys(Some(board.as_str()))?.iter().map(|row| row.mac).collect();
    macs.sort_unstable();
    Ok(Hash::of(macs.as_flattened()))
}

pub(crate) fn read(rows: &dyn Rows, vault: &dyn Vault, board: OrganisationNumber) -> Done<Vec<LogKey>> {
    rows.log_keys(Some(board.as_str()))?.iter().map(|row| parse(row, vault, board)).collect()
}

pub(crate) fn write(
    changes: &dyn Changes,
    vault: &dyn Vault,
    board: OrganisationNumber,
    key: &LogKey,
) -> Done<()> {
    let seconds = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp());
    changes.set_log_key(&LogKeyRow {
        board: board.to_string(),
        vkey: key.key.vkey(),
        since: seconds(key.since),
        first_size: key.first_size,
        until: seconds(key.until),
        last_size: key.last_size,
        mac: mac(vault, board, key)?,
    })?;
    keep_started_with(changes, vault, &name(board), sum(changes, board)?)
}

fn parse(row: &LogKeyRow, vault: &dyn Vault, board: OrganisationNumber) -> Done<LogKey> {
    let altered = Fault::Damaged("a log key's row is not as it was written");
    let at = |seconds: Option<i64>| seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let key = LogKey {
        key: NoteVerifier::parse(&row.vkey).map_err(|_| altered)?,
        since: at(row.since),
        first_size: row.first_size,
        until: at(row.until),
        last_size: row.last_size,
    };
    if key.key.vkey() == row.vkey && row.mac == mac(vault, board, &key)? { Ok(key) } else { Err(altered) }
}

fn mac(vault: &dyn Vault, board: OrganisationNumber, key: &LogKey) -> Done<[u8; 16]> {
    let seconds = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp());
    let row = (
        board.as_str(),
        key.key.vkey(),
        seconds(key.since),
        key.first_size,
        seconds(key.until),
        key.last_size,
    );
    let row = serde_json::to_vec(&row).map_err(|_| Fault::Damaged("a log key's row has not its form"))?;
    mac_of(vault, "log_key", &row)
}
