//! What rests on a key says whether what lies in its place is that key. A file alone cannot say it: one of before there were checks may be
//! any 32 bytes, and one of another installation has the check of its name. So at a start, before anything is written, and whenever a
//! file comes back, rows are opened under it.

use std::panic::Location;

use ssbtek_authorize::DocumentRef;
use ssbtek_domain::OrganisationNumber;
use ssbtek_vault::{Key, KeyId, KeyState, Proof, Proven, Vault, VaultError};

use crate::{
    CheckpointSigner, Fault, OpenError,
    authentic::{last_started_with, mac_with, provider_index},
    documents,
    engine::{Done, Engine, Rows, read},
    format, index_keys, trouble,
};

/// Rows that are tried under a key at most: one of them may be damaged itself.
const TRIED: usize = 8;
/// Keys that are held against rows of one moment.
const AT_ONCE: usize = 256;
/// Leaves that are looked through for one under a key in the first go, and twice as many in each further one.
const FIRST_LEAVES: u64 = 16;
/// Told of a file that had no check any more.
const GIVEN: &str =
    "a key's file had lost its check; what rests on it opens under it, and it was given one again";

/// Told of a key that was destroyed, and whose file had come back.
pub(crate) const CAME_BACK: &str = "the file of a key that was destroyed has come back, from a backup or with a mount, and was destroyed again";

/// The first level of the data format under which every key's file has a check.
const EVERY_FILE_CHECKED: u32 = 5;

/// Before anything else at a start: the key that binds all rows is the one that bound them.
pub(crate) fn provider(engine: &dyn Engine, vault: &dyn Vault) -> Result<(), OpenError> {
    let unchecked = vault.demand_checks().map_err(Fault::from)?;
    if unchecked > 0 {
        tracing::info!(keys = unchecked, "key files without a check are held against what rests on them");
    }
    read(engine, |rows| {
        let proven = one(rows, vault, None, &provider_index())?;
        if let Err(error) = &proven
            && !error.is_absence()
        {
            trouble::tell_key(
                Location::caller(),
                error,
                "nothing starts before the key that binds what is stored is there",
            );
            return Ok(Err(OpenError::Fault(Fault::Vault(error.told()))));
        }
        Ok(Ok(()))
    })?
}

/// Then all others that something is written under, and whichever has no check. What is found wrong waits, with all that rests on it.
/// `level`: of the data format, as it was found.
pub(crate) fn all(
    engine: &dyn Engine,
    vault: &dyn Vault,
    signer: &CheckpointSigner,
    (level, written_under): (u32, Vec<KeyId>),
) -> Done<()> {
    let mut ids = vault.unproven();
    ids.extend(written_under);
    ids.sort_unstable();
    ids.dedup();
    for part in ids.chunks(AT_ONCE) {
        let proven = read(engine, |rows| some(rows, vault, signer, part))?;
        if level >= EVERY_FILE_CHECKED {
            proven.iter().for_each(tell);
        }
    }
    Ok(())
}

/// Whether any of those that were to be proven has been. Each that had lost its check is told of.
pub(crate) fn those_that_are_back(
    rows: &dyn Rows,
    vault: &dyn Vault,
    signer: &CheckpointSigner,
) -> Done<bool> {
    let before = vault.unproven();
    some(rows, vault, signer, &before)?.iter().for_each(tell);
    Ok(vault.unproven().len() < before.len())
}

/// What became of those of some of which there is something to tell.
fn some(
    rows: &dyn Rows,
    vault: &dyn Vault,
    signer: &CheckpointSigner,
    ids: &[KeyId],
) -> Done<Vec<(KeyId, Proven)>> {
    let mut all = Vec::new();
    for id in ids {
        // What is wrong with a key is told of with all others that are.
        if let Ok(proven) = one(rows, vault, Some(signer), id)? {
            all.push((id.clone(), proven));
        }
    }
    Ok(all)
}

fn tell((id, proven): &(KeyId, Proven)) {
    let (state, what) = match proven {
        Proven::Known => return,
        Proven::Given => (KeyState::Unchecked, GIVEN),
        Proven::Destroyed => (KeyState::CameBack, CAME_BACK),
    };
    trouble::tell_key_state(Location::caller(), id, state, what);
}

fn one(
    rows: &dyn Rows,
    vault: &dyn Vault,
    signer: Option<&CheckpointSigner>,
    id: &KeyId,
) -> Done<Result<Proven, VaultError>> {
    let mut fault = None;
    let proven = vault.prove(id, &mut |key| match says(rows, vault, signer, (id, key)) {
        Ok(proof) => proof,
        Err(error) => {
            fault = Some(error);
            Proof::NotKnown
        }
    });
    fault.map_or(Ok(proven), Err)
}

/// What rows say of a key.
fn says(
    rows: &dyn Rows,
    vault: &dyn Vault,
    signer: Option<&CheckpointSigner>,
    (id, key): (&KeyId, &Key),
) -> Done<Proof> {
    let board = id.owner().and_then(|owner| OrganisationNumber::parse(owner).ok());
    match (id.kind(), board) {
        ("index", None) => of_provider(rows, key),
        ("index", Some(board)) => of_index(rows, vault, board, key),
        ("sign", Some(board)) => signer.map_or(Ok(Proof::NotKnown), |signer| signer.says(rows, board, key)),
        (_, board) => {
            let mut opened = under_leaves(rows, board, id, key)?;
            if opened.is_empty() {
                opened = documents::opened_under(rows, id, key, TRIED)?;
            }
            Ok(if opened.is_empty() {
                Proof::NothingRests
            } else if opened.contains(&true) {
                Proof::Opens
            } else {
                Proof::OpensNot
            })
        }
    }
}

/// The level of the data format is bound to it, and so is whatever was said at a start; before there was a level, its documents' names.
fn of_provider(rows: &dyn Rows, key: &Key) -> Done<Proof> {
    if let Some((level, found)) = rows.format()? {
        let is_it = found == mac_with(key, format::TABLE, &format::row(level));
        return Ok(if is_it { Proof::Opens } else { Proof::OpensNot });
    }
    let any = documents::is_any_under(rows, &KeyId::new(&["registry", "provider"]))?;
    named(rows, key, &DocumentRef::provider(), any)
}

/// It is known by a row; or the name of its board's document is made with it.
fn of_index(rows: &dyn Rows, vault: &dyn Vault, board: OrganisationNumber, key: &Key) -> Done<Proof> {
    match last_started_with(rows, vault, index_keys::id(board).as_str()) {
        Ok(Some(known)) if known == index_keys::known_by(key) => Ok(Proof::Opens),
        Ok(Some(_)) => Ok(Proof::OpensNot),
        // Told of by who reads all such rows.
        Ok(None) | Err(Fault::Damaged(_)) => {
            let any = documents::is_any_under(rows, &KeyId::new(&["registry", board.as_str()]))?;
            named(rows, key, &DocumentRef::board(board), any)
        }
        Err(fault) => Err(fault),
    }
}

fn named(rows: &dyn Rows, key: &Key, reference: &DocumentRef, any: bool) -> Done<Proof> {
    Ok(match rows.document(&documents::name_with(key, reference), None)? {
        Some(_) => Proof::Opens,
        None if any => Proof::OpensNot,
        None => Proof::NothingRests,
    })
}

/// Whether the newest leaves under a key open.
fn under_leaves(
    rows: &dyn Rows,
    board: Option<OrganisationNumber>,
    id: &KeyId,
    key: &Key,
) -> Done<Vec<bool>> {
    let mut opened = Vec::new();
    let Some(tree) = board.map(|board| rows.tree(board)).transpose()?.flatten() else { return Ok(opened) };
    // No key's name lies between one and the same with a space behind it.
    let under = rows.sealing_keys(tree.id, id.as_str(), &format!("{id} "))?;
    let Some((_, end)) = under.first() else { return Ok(opened) };
    let (mut end, mut at_once) = (tree.size.min(*end), FIRST_LEAVES);
    while end > 0 && opened.is_empty() {
        let begin = end.saturating_sub(at_once);
        let limit = u32::try_from(at_once).unwrap_or(u32::MAX);
        let leaves = rows.leaves(tree.id, begin..end, limit)?.into_iter().rev();
        let sealed = leaves
            .filter(|leaf| leaf.key == id.as_str())
            .filter_map(|leaf| Some((leaf.sealed?, leaf.header)));
        opened.extend(sealed.take(TRIED).map(|(sealed, header)| key.open(&header, &sealed).is_some()));
        (end, at_once) = (begin, (at_once * 2).min(4096));
    }
    Ok(opened)
}
