//! Keys that something here rests on: the vault is told of them, so that one whose file is gone is never taken for one that never was or
//! was destroyed, and none is made in its place; and each is held against its file, at a start and now and then.
//!
//! Cases' keys are not among them: there are too many. Of these the row that one has sealed says that it is to be there, when it is read.

use std::panic::Location;

use ssbtek_access_log::StoreError;
use ssbtek_domain::OrganisationNumber;
use ssbtek_telemetry::keys_were_looked_at;
use ssbtek_vault::{KeyId, KeyState, Looked, Vault, VaultError};

use crate::{
    CheckpointSigner, Fault, Store,
    authentic::{last_started_with, provider_index},
    documents::{self, is_any_under},
    engine::{Done, Rows},
    index_keys, prove, trouble,
    work::Record,
};

/// Told of a key that is not what it was.
const NOT_THERE: &str = "a key is not there as it was written: what rests on it waits until its file is put back; nothing else does";
/// No key's name comes after it.
const AFTER_ALL: &str = "~";

impl Store {
    /// Holds every key that something rests on, and every one in memory, against its file, and tells of each that is not what it was.
    /// Returns how many those are.
    pub async fn look_at_keys(&self) -> Result<usize, StoreError> {
        let (vault, signer) = (self.vault.clone(), self.signer.clone());
        let looked = self.readers.run(None, move |rows| {
            expect(rows, &*vault, &signer)?;
            prove::those_that_are_back(rows, &*vault, &signer)?;
            let looked = vault.look();
            // Some may only now have been met without a check.
            if !prove::those_that_are_back(rows, &*vault, &signer)? {
                return Ok(looked);
            }
            let Looked { wrong, destroyed_again } = vault.look();
            Ok(Looked { wrong, destroyed_again: [looked.destroyed_again, destroyed_again].concat() })
        });
        let Looked { wrong, destroyed_again } = looked.await?;
        self.rebuild_what_waited().await?;
        for id in destroyed_again {
            trouble::tell_key_state(Location::caller(), &id, KeyState::CameBack, prove::CAME_BACK);
        }
        let whose = |error: &VaultError| {
            let (id, _) = error.fault()?;
            let owner = id.owner().filter(|owner| OrganisationNumber::parse(owner).is_ok());
            Some((owner.map(str::to_owned), id.kind()))
        };
        // A board that is shut stays so whatever becomes of its keys, and has been told of.
        let shut = self.signer.shut_boards().into_iter().map(|board| (Some(board.to_string()), "sign"));
        keys_were_looked_at(&wrong.iter().filter_map(whose).chain(shut).collect());
        wrong.iter().for_each(|error| trouble::tell_key(Location::caller(), error, NOT_THERE));
        Ok(wrong.len())
    }
}

/// Tells the vault of every key that something rests on. Gives those of them that more is written under.
pub(crate) fn expect(rows: &dyn Rows, vault: &dyn Vault, signer: &CheckpointSigner) -> Done<Vec<KeyId>> {
    let mut written_under = vec![provider_index()];
    vault.expect(&provider_index(), None);
    let provider = KeyId::new(&["registry", "provider"]);
    if is_any_under(rows, &provider)? {
        vault.expect(&provider, None);
        written_under.push(provider);
    }
    for tree in rows.trees()?.iter().filter(|tree| tree.size > 0) {
        // A board's number that is none is told of by who holds the trees against their checkpoints.
        let Ok(board) = OrganisationNumber::parse(&tree.board) else { continue };
        let (index, registry) = of(board);
        let is_registered = is_any_under(rows, &registry)?;
        match last_started_with(rows, vault, index.as_str()) {
            Ok(Some(known_by)) => vault.expect(&index, Some(*known_by.as_bytes())),
            // A damaged row is told of by who reads all such rows.
            Ok(None) | Err(Fault::Damaged(_)) if is_registered => vault.expect(&index, None),
            Ok(None) | Err(Fault::Damaged(_)) => {}
            Err(fault) => return Err(fault),
        }
        written_under.push(index);
        if is_registered {
            vault.expect(&registry, None);
            written_under.push(registry);
        }
        let sealing = rows.sealing_keys(tree.id, "", AFTER_ALL)?;
        let newest = sealing.iter().map(|(_, end)| *end).max();
        for (key, end) in &sealing {
            let Some(key) = KeyId::parse(key) else { continue };
            vault.expect(&key, None);
            if key.kind() == "receipt" || Some(*end) == newest {
                written_under.push(key);
            }
        }
        signer.ids(board).iter().for_each(|key| vault.expect(key, None));
    }
    Ok(written_under)
}

/// From now on something rests on what this append was sealed under.
pub(crate) fn expect_of(vault: &dyn Vault, record: &Record) {
    let leaf = &record.append.leaf;
    vault.expect(&leaf.key, Some(leaf.sealed_by.known_by()));
    if !record.documents.is_empty() {
        let (index, registry) = of(record.append.board);
        for key in [index, registry] {
            // One that a purge has just destroyed, or of a board that has none, is not.
            if let Ok(known) = vault.open(&key) {
                vault.expect(&key, Some(known.known_by()));
            }
        }
    }
}

/// Every key of a board's that something rests on, but for the one that signs.
pub(crate) fn of_board(rows: &dyn Rows, board: OrganisationNumber) -> Done<Vec<KeyId>> {
    let mut keys = documents::keys_of_cases(rows, board)?;
    let (index, registry) = of(board);
    let is_registered = is_any_under(rows, &registry)?;
    if is_registered {
        keys.push(registry);
    }
    if is_registered || rows.started(index.as_str())?.is_some() {
        keys.push(index);
    }
    if let Some(tree) = rows.tree(board)? {
        let sealing = rows.sealing_keys(tree.id, "", AFTER_ALL)?;
        keys.extend(sealing.iter().filter_map(|(key, _)| KeyId::parse(key)));
    }
    Ok(keys)
}

fn of(board: OrganisationNumber) -> (KeyId, KeyId) {
    (index_keys::id(board), KeyId::new(&["registry", board.as_str()]))
}
