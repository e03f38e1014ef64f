//! Rows beside the logs that are missing at a start: told at once, and not only when somebody asks what stood there.

use std::{collections::HashMap, panic::Location};

use ssbtek_domain::OrganisationNumber;
use ssbtek_telemetry::FaultKind;
use ssbtek_vault::Vault;

use crate::{
    Fault,
    beside::Beside,
    engine::{Done, Rows},
    retention,
    rows::TreeId,
    trouble::tell_kind,
};

/// Told of a board whose terms of retention are not there as they were written.
const TERMS: &str = "a board's terms of retention were removed or changed: nothing is read or written of it before they are there again";
/// Told of a log of which checkpoints are missing.
pub(crate) const KEPT: &str = "checkpoints that witnesses cosigned were removed: the log is less well proven until they cosign it again";

/// Tells of every board whose rows are missing. Returns the size of the newest checkpoint that is kept of each tree.
pub(crate) fn look(rows: &dyn Rows, vault: &dyn Vault) -> Done<HashMap<TreeId, u64>> {
    let mut kept = HashMap::new();
    for tree in rows.trees()?.iter().filter(|tree| tree.size > 0) {
        let Ok(board) = OrganisationNumber::parse(&tree.board) else { continue };
        let told = |what| tell_kind(Location::caller(), Some(board), FaultKind::Damaged, what);
        match retention::read(rows, vault, board) {
            Ok(_) => {}
            Err(Fault::Damaged(_)) => told(TERMS),
            Err(fault) => return Err(fault),
        }
        let newest = rows.kept(tree.id, 1)?.last().map_or(0, |kept| kept.size);
        if is_any_missing(Beside::said_by(vault, tree)?, newest) {
            told(KEPT);
        }
        kept.insert(tree.id, newest);
    }
    Ok(kept)
}

/// Whether a tree says that there was a later checkpoint than the newest that is kept.
pub(crate) fn is_any_missing(said: Beside, newest: u64) -> bool {
    said.kept.is_some_and(|kept| newest < kept)
}
