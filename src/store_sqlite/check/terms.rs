//! Terms of retention, and what the store was started with.

use rusqlite::OptionalExtension;
use ssbtek_access_log::{Header, RecordKind};
use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::Hash;
use ssbtek_vault::{KeyId, VaultError};

use super::Check;
use crate::{authentic::last_started_with, index_keys, log_keys, retention, signer, trees::leaf_id};

impl Check<'_> {
    /// Every board with a tree has its row, as it was written, and no older than the log tells.
    pub(super) fn retention(&mut self) -> rusqlite::Result<()> {
        let boards: Vec<(i64, String)> = {
            let mut statement =
                self.connection.prepare("SELECT id, organisation FROM tree WHERE size > 0 ORDER BY id")?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?
        };
        let strays: i64 = self.connection.query_row(
            "SELECT count(*) FROM retention WHERE board NOT IN (SELECT organisation FROM tree)",
            [],
            |row| row.get(0),
        )?;
        if strays > 0 {
            self.found(format!("{strays} terms of retention belong to no board's log"));
        }
        for (tree, name) in boards {
            let Ok(board) = OrganisationNumber::parse(&name) else { continue };
            match retention::read(&self.connection, &*self.options.vault, board) {
                Ok(Some(stored)) => self.terms_of(board, tree, stored.leaf)?,
                Ok(None) => {}
                Err(rusqlite::Error::ToSqlConversionFailure(what)) => {
                    self.found(format!("board {board}: {what}"));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn terms_of(&mut self, board: OrganisationNumber, tree: i64, leaf: Option<u64>) -> rusqlite::Result<()> {
        if self.terms_changed.get(&board).is_some_and(|newest| leaf.is_none_or(|leaf| leaf < *newest)) {
            self.found(format!("board {board}: its terms of retention are older than its log tells"));
        }
        let Some(leaf) = leaf else { return Ok(()) };
        let header: Option<Vec<u8>> = self
            .connection
            .prepare_cached("SELECT header FROM leaf WHERE id = ?1")?
            .query_row([leaf_id(tree, leaf)], |row| row.get(0))
            .optional()?;
        let kind = header.and_then(|header| Header::from_bytes(&header)).map(|header| header.kind);
        if !matches!(kind, Some(RecordKind::RegistryChange | RecordKind::Purge)) {
            self.found(format!("board {board}: no record tells of its terms of retention"));
        }
        Ok(())
    }

    /// Every key that signs is listed, or has signed since the log began; those that no longer do are remembered.
    pub(super) fn signing_keys(&mut self) -> rusqlite::Result<()> {
        let (vault, signer) = (&*self.options.vault, &self.options.signer);
        match log_keys::remember_retired(&self.connection, vault, signer) {
            Err(rusqlite::Error::ToSqlConversionFailure(what)) => {
                self.found(what.to_string());
                return Ok(());
            }
            remembered => remembered?,
        }
        let Ok(keys) = vault.list() else {
            self.found("the key vault cannot be listed".to_owned());
            return Ok(());
        };
        for (board, generation) in keys.iter().filter_map(signer::of_key).filter(|(_, n)| *n > 1) {
            let listed = log_keys::read(&self.connection, vault, board)?;
            let active = listed.iter().filter(|key| key.until.is_none()).count();
            if active == 0 {
                self.found(format!("board {board}: signing key {generation} is not listed"));
            }
        }
        Ok(())
    }

    /// What lies outside the database is still what the store was last started with.
    pub(super) fn started(&mut self) -> rusqlite::Result<()> {
        let names: Vec<String> = {
            let mut statement = self.connection.prepare("SELECT name FROM started ORDER BY name")?;
            statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        for name in names {
            match last_started_with(&self.connection, &*self.options.vault, &name) {
                Ok(last) => {
                    if let Some(id) = index_keys::of_name(&name) {
                        self.index_key(&id, last);
                        continue;
                    }
                    let now = self.options.started_with.get(&name).copied();
                    if now.is_some() && now != last {
                        self.found(format!("the {name} is not the one that the store was last started with"));
                    }
                }
                Err(rusqlite::Error::ToSqlConversionFailure(what)) => self.found(format!("{name}: {what}")),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// A board's index key is the one that its log was begun with, unless it was purged.
    fn index_key(&mut self, id: &KeyId, last: Option<Hash>) {
        match self.options.vault.open(id) {
            Ok(key) if Some(index_keys::known_by(&key)) == last => {}
            Err(VaultError::Missing(_)) if self.purged.contains(id) => {}
            Err(VaultError::Missing(_)) => {
                self.found(format!("the key {id} is gone, and no purge tells of it"))
            }
            Ok(_) => self.found(format!("the key {id} is another than the log was written with")),
            Err(_) => self.found(format!("the key {id} cannot be read")),
        }
    }
}
