//! Keys that something here rests on: the vault is told of them, so that one whose file is gone is never taken for one that never was or
//! was destroyed, and none is made in its place; and each is held against its file, at a start and now and then.
//!
//! Cases' keys are not among them: there are too many. Of these the row that one has sealed says that it is to be there, when it is read.

use std::panic::Location;

use ssbtek_access_log::StoreError;
use ssbtek_domain::OrganisationNumber;
use ssbtek_telemetry::keys_were_looked_at;
use ssbtek_vault::{KeyId, Vault, VaultError};

use crate::{
    CheckpointSigner, Fault, Store,
    authentic::{last_started_with, provider_index},
    documents::is_any_under,
    engine::{Done, Rows},
    index_keys, trouble,
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
        let wrong = self.readers.run(None, move |rows| {
            expect(rows, &*vault, &signer)?;
            Ok(vault.look())
        });
        let wrong = wrong.await?;
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

/// Tells the vault of every key that something rests on.
pub(crate) fn expect(rows: &dyn Rows, vault: &dyn Vault, signer: &CheckpointSigner) -> Done<()> {
    vault.expect(&provider_index(), None);
    let provider = KeyId::new(&["registry", "provider"]);
    if is_any_under(rows, &provider)? {
        vault.expect(&provider, None);
    }
    for tree in rows.trees()?.iter().filter(|tree| tree.size > 0) {
        // A board's number that is none is told of by who holds the trees against their checkpoints.
        let Ok(board) = OrganisationNumber::parse(&tree.board) else { continue };
        let (index, registry) = of(board);
        match last_started_with(rows, vault, index.as_str()) {
            Ok(Some(known_by)) => vault.expect(&index, Some(*known_by.as_bytes())),
            // Told of by who reads all such rows.
            Ok(None) | Err(Fault::Damaged(_)) => {}
            Err(fault) => return Err(fault),
        }
        if is_any_under(rows, &registry)? {
            vault.expect(&registry, None);
        }
        for (key, _) in rows.sealing_keys(tree.id, "", AFTER_ALL)? {
            if let Some(key) = KeyId::parse(&key) {
                vault.expect(&key, None);
            }
        }
        signer.ids(board).iter().for_each(|key| vault.expect(key, None));
    }
    Ok(())
}

/// From now on something rests on what this append was sealed under.
pub(crate) fn expect_of(vault: &dyn Vault, record: &Record) {
    vault.expect(&record.append.leaf.key, None);
    if !record.documents.is_empty() {
        let (index, registry) = of(record.append.board);
        for key in [index, registry] {
            // One that a purge has just destroyed, or of a board that has none, is not.
            if vault.open(&key).is_ok() {
                vault.expect(&key, None);
            }
        }
    }
}

fn of(board: OrganisationNumber) -> (KeyId, KeyId) {
    (index_keys::id(board), KeyId::new(&["registry", board.as_str()]))
}
