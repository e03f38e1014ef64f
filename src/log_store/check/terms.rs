//! Terms of retention, and what the store was started with.

use ssbtek_access_log::{Header, RecordKind};
use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::Hash;
use ssbtek_vault::{KeyId, VaultError};

use super::Check;
use crate::{
    Fault,
    authentic::last_started_with,
    beside,
    engine::Done,
    index_keys, key_rows, retention,
    rows::{TreeId, TreeRow},
    signer,
};

impl Check<'_> {
    /// Every board with a tree has its row, as it was written, and no older than the log tells.
    pub(super) fn retention(&mut self) -> Done<()> {
        let trees = self.rows.trees()?;
        let has_tree = |board: &String| trees.iter().any(|tree| tree.board == *board);
        let strays = self.rows.boards_with_terms()?.iter().filter(|board| !has_tree(board)).count();
        if strays > 0 {
            self.found(format!("{strays} terms of retention belong to no board's log"));
        }
        for TreeRow { id, board, .. } in trees.iter().filter(|tree| tree.size > 0) {
            let Ok(board) = OrganisationNumber::parse(board) else { continue };
            match retention::read(self.rows, &*self.options.vault, board) {
                Ok(Some(stored)) => self.terms_of(board, *id, stored.leaf)?,
                Ok(None) => {}
                Err(Fault::Damaged(what)) => self.found(format!("board {board}: {what}")),
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }

    fn terms_of(&mut self, board: OrganisationNumber, tree: TreeId, leaf: Option<u64>) -> Done<()> {
        if self.terms_changed.get(&board).is_some_and(|newest| leaf.is_none_or(|leaf| leaf < *newest)) {
            self.found(format!("board {board}: its terms of retention are older than its log tells"));
        }
        let Some(leaf) = leaf else { return Ok(()) };
        let record = self.rows.leaves(tree, leaf..leaf.saturating_add(1), 1)?.pop();
        let header = record.and_then(|record| Header::from_bytes(&record.header));
        if !matches!(header.map(|header| header.kind), Some(RecordKind::RegistryChange | RecordKind::Purge)) {
            self.found(format!("board {board}: no record tells of its terms of retention"));
        }
        Ok(())
    }

    /// Every key that signs is listed, or has signed since the log began; those that no longer do are remembered.
    pub(super) fn signing_keys(&mut self) -> Done<()> {
        for tree in self.rows.trees()?.iter().filter(|tree| tree.size > 0) {
            let Ok(board) = OrganisationNumber::parse(&tree.board) else { continue };
            if !self.options.signer.signs(board)? {
                let state = self.options.signer.state(board).as_str();
                self.found(format!("board {board}: the key that signs its log (sign) is {state}"));
            }
        }
        let (vault, signer) = (&*self.options.vault, &self.options.signer);
        let unknown = match key_rows::remember_retired(self.rows, vault, signer) {
            Err(Fault::Damaged(what)) => {
                self.found(what.to_owned());
                return Ok(());
            }
            remembered => remembered?,
        };
        if !unknown.is_empty() {
            unknown.iter().for_each(|(board, what)| self.found(format!("board {board}: {what}")));
            return Ok(());
        }
        let Ok(keys) = vault.list() else {
            self.found("the key vault cannot be listed".to_owned());
            return Ok(());
        };
        for (board, generation) in keys.iter().filter_map(signer::of_key).filter(|(_, n)| *n > 1) {
            let listed = key_rows::read(self.rows, vault, board)?;
            let active = listed.iter().filter(|key| key.until.is_none()).count();
            if active == 0 {
                self.found(format!("board {board}: signing key {generation} is not listed"));
            }
        }
        Ok(())
    }

    /// What lies outside the database is still what the store was last started with.
    pub(super) fn started(&mut self) -> Done<()> {
        if let Some(newest) = self.beside()? {
            match beside::is_whole(self.rows, &*self.options.vault, newest) {
                Ok(true) => {}
                Ok(false) => {
                    self.found("rows of `started` are missing, or older than the logs say".to_owned())
                }
                // Told below, by its name.
                Err(Fault::Damaged(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
        for name in self.rows.started_names()? {
            match last_started_with(self.rows, &*self.options.vault, &name) {
                Ok(last) => {
                    if let Some(id) = index_keys::of_name(&name) {
                        self.index_key(&id, last);
                        continue;
                    }
                    let now = self.options.started_with.get(&name).copied();
                    if now.is_some() && now != last {
                        // Whoever may edit it may have: that is for people to tell.
                        let note = format!("the {name} is another than the store was last started with");
                        self.report.notes.push(note);
                    }
                }
                Err(Fault::Damaged(what)) => self.found(format!("{name}: {what}")),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// A board's index key is the one that its log was begun with, unless it was purged.
    fn index_key(&mut self, id: &KeyId, last: Option<Hash>) {
        let board = id.owner().unwrap_or_default();
        match self.options.vault.open(id) {
            Ok(key) if Some(index_keys::known_by(&key)) == last => {}
            Err(VaultError::Missing(_)) if self.purged.contains(id) => {}
            Err(VaultError::Missing(_)) => {
                self.found(format!("board {board}: the key {id} is gone, and no purge tells of it"))
            }
            Ok(_) => {
                self.found(format!("board {board}: the key {id} is another than the log was written with"))
            }
            Err(error) => self.found(format!("board {board}: the key {id} is {}", error.told().1.as_str())),
        }
    }
}
