//! Accounts of a board: register, block.

use std::collections::BTreeSet;

use ssbtek_access_log::DocumentWrite;
use ssbtek_authorize::{AskError, Caller, CaseWorker, DocumentRef, Duty, Versioned};
use ssbtek_domain::{CaseWorkerId, OrganisationNumber, Unit};

use crate::{By, Desk, DeskError};

/// A new account, still text.
pub struct NewAccount {
    /// The account.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// Organisational unit.
    pub unit: String,
    /// What it may do.
    pub duties: BTreeSet<Duty>,
}

impl NewAccount {
    /// Checks every field.
    pub(crate) fn parse(self) -> Result<CaseWorker, AskError> {
        let name = self.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            return Err(AskError::new("account.name", "must have 1 to 100 characters"));
        }
        if self.duties.is_empty() {
            return Err(AskError::new("account.duties", "must name at least one duty"));
        }
        Ok(CaseWorker {
            id: CaseWorkerId::parse(&self.id).map_err(|error| AskError::new("account.id", error))?,
            name,
            unit: Unit::parse(&self.unit).map_err(|error| AskError::new("account.unit", error))?,
            duties: self.duties,
            blocked: false,
        })
    }
}

impl Desk {
    /// Registers an account of the caller's board. Returns the version, 1.
    pub async fn register_case_worker(&self, caller: &Caller, account: NewAccount) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        let account = account.parse()?;
        self.write_account(&By::Account(caller), caller.board, "register_case_worker", 0, &account).await
    }

    /// Blocks an account of the caller's board: its next question is refused. Returns the new version.
    pub async fn block_case_worker(&self, caller: &Caller, id: &CaseWorkerId) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        let found: Option<Versioned<CaseWorker>> =
            self.log.document(&DocumentRef::case_worker(caller.board, id)).await?;
        let mut account = found.ok_or(DeskError::Unknown("id"))?;
        account.body.blocked = true;
        let by = By::Account(caller);
        self.write_account(&by, caller.board, "block_case_worker", account.version, &account.body).await
    }

    async fn write_account(
        &self,
        by: &By<'_>,
        board: OrganisationNumber,
        action: &'static str,
        expected: u64,
        account: &CaseWorker,
    ) -> Result<u64, DeskError> {
        let write = DocumentWrite::new(DocumentRef::case_worker(board, &account.id), expected, account)?;
        let once = match by {
            By::Account(caller) => Some(caller.token.clone()),
            By::Operator => None,
        };
        let changed = self.log.change(board, by.name(), action, once, vec![write]).await;
        match (changed, expected) {
            (Err(ssbtek_access_log::ChangeError::Conflict), 0) => Err(DeskError::Exists("account.id")),
            (changed, _) => Ok(changed?.version),
        }
    }
}
