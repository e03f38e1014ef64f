//! Case workers (handläggare) of a board.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ssbtek_domain::{CaseWorkerId, Unit};

/// What an account may do. Kept apart: who asks does not administer, who audits does not ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// Asks questions in cases assigned to the account.
    Asks,
    /// Registers, assigns and closes cases (usually the case system's own account).
    KeepsCases,
    /// Reads and reviews the board's access log.
    Audits,
    /// Registers and blocks the board's case workers.
    Administers,
}

/// One account of a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseWorker {
    /// The account, as assertions name it.
    pub id: CaseWorkerId,
    /// Name, for the board's own auditors.
    pub name: String,
    /// Organisational unit.
    pub unit: Unit,
    /// What it may do.
    pub duties: BTreeSet<Duty>,
    /// Blocked: not one more question.
    pub blocked: bool,
}

impl CaseWorker {
    /// Whether the account is active and may do this.
    pub fn may(&self, duty: Duty) -> bool {
        !self.blocked && self.duties.contains(&duty)
    }
}
