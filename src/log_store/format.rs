//! Who wrote the database: an older program must say that it does not know what a newer one wrote, and never call it damaged.

use ssbtek_access_log::{FORMAT_LEVEL, OpenFault, read_leaf};
use ssbtek_domain::OrganisationNumber;
use ssbtek_vault::Vault;

use crate::{
    Fault, OpenError,
    authentic::{mac_of, provider_index},
    engine::{Changes, Done, Rows},
};

/// Newest records of each tree that are looked at before anything is done with it.
const LOOKED_AT: u32 = 16;

/// What its row is authenticated as.
pub(crate) const TABLE: &str = "format";

/// What is authenticated of it.
pub(crate) fn row(level: u32) -> [u8; 4] {
    level.to_be_bytes()
}

fn mac(vault: &dyn Vault, level: u32) -> Done<[u8; 16]> {
    mac_of(vault, TABLE, &row(level))
}

/// Whether the level stands there as it was written. `None`: no level is there.
pub(crate) fn is_authentic(rows: &dyn Rows, vault: &dyn Vault) -> Done<Option<bool>> {
    rows.format()?.map(|(level, found)| Ok(found == mac(vault, level)?)).transpose()
}

/// From now on this program's records may stand here, unless a newer program's do. Where nothing stands yet, the key is made that binds
/// all rows; where something does, it is there, or nothing here can be trusted. Gives the level that was found.
pub(crate) fn begin(changes: &dyn Changes, vault: &dyn Vault) -> Done<Result<u32, OpenError>> {
    let found = changes.format()?;
    if found.is_none() && changes.trees()?.is_empty() {
        vault.create(&provider_index())?;
    }
    match found {
        Some((level, _)) if level > FORMAT_LEVEL => {
            Ok(Err(OpenError::Newer { found: level, known: FORMAT_LEVEL }))
        }
        _ if is_authentic(changes, vault)? == Some(false) => {
            Err(Fault::Damaged("the level of the data format is not as it was written"))
        }
        Some((level, _)) if level == FORMAT_LEVEL => Ok(Ok(level)),
        found => {
            changes.set_format(FORMAT_LEVEL, mac(vault, FORMAT_LEVEL)?)?;
            // Of before there were levels.
            Ok(Ok(found.map_or(0, |(level, _)| level)))
        }
    }
}

/// Refuses a log whose newest records this program does not know, although the level says that it does.
pub(crate) fn knows_newest(rows: &dyn Rows, vault: &dyn Vault) -> Done<Result<(), OpenError>> {
    for tree in rows.trees()? {
        let Ok(board) = OrganisationNumber::parse(&tree.board) else { continue };
        let newest = tree.size.saturating_sub(LOOKED_AT.into())..tree.size;
        for leaf in rows.leaves(tree.id, newest, LOOKED_AT)? {
            // What else is wrong with it is told where it is read.
            let Ok(leaf) = leaf.stored() else { continue };
            if read_leaf(vault, board, &leaf).err() == Some(OpenFault::Newer) {
                return Ok(Err(OpenError::NewerRecord));
            }
        }
    }
    Ok(Ok(()))
}
