//! Case workers (handläggare) of a board.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ssbtek_domain::{CaseWorkerId, DateTime, Unit, Utc};

use crate::Provider;

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
    /// Decides that a person is told later of the questions in a case.
    DelaysDisclosure,
}

/// The account's own word that it has read instructions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// Which version.
    pub version: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A follow-up: somebody looked whether the account is still needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// The administrator who looked.
    pub by: CaseWorkerId,
    /// When.
    pub at: DateTime<Utc>,
}

/// What kind of holder an account has. It never changes: another kind is another account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AccountKind {
    /// A person.
    #[default]
    Person,
    /// A system in which several persons ask, and which does not say which of them.
    System {
        /// The account of the person who answers for it.
        responsible: CaseWorkerId,
    },
}

impl AccountKind {
    /// Whether the holder is a person, so that the account says who it was.
    pub fn is_person(&self) -> bool {
        matches!(self, AccountKind::Person)
    }

    /// The account of the person who answers for it, where the holder is none.
    pub fn responsible(&self) -> Option<&CaseWorkerId> {
        match self {
            AccountKind::Person => None,
            AccountKind::System { responsible } => Some(responsible),
        }
    }

    /// Why an account of this kind may not have these duties; `None` if it may.
    pub fn conflict(&self, duties: &BTreeSet<Duty>) -> Option<&'static str> {
        let fits = |duty: &Duty| matches!(duty, Duty::Asks | Duty::KeepsCases);
        let refused = !self.is_person() && !duties.iter().all(fits);
        refused.then_some("a system asks and keeps cases, and nothing else")
    }
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
    /// Instructions it has confirmed, oldest first.
    #[serde(default)]
    pub confirmed: Vec<Confirmed>,
    /// Follow-ups, oldest first.
    #[serde(default)]
    pub follow_ups: Vec<FollowUp>,
    /// When it was registered.
    #[serde(default)]
    pub registered_at: Option<DateTime<Utc>>,
    /// The holder's own person number under the board's index key, hexadecimal, so that review can point at questions
    /// about oneself. The number itself is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_number: Option<String>,
    /// What kind of holder it has.
    #[serde(default, skip_serializing_if = "AccountKind::is_person")]
    pub kind: AccountKind,
    /// The sign-in (issuer and subject of OpenID Connect) that leads to it, blinded under the board's index key, hexadecimal. `None`: nobody
    /// signs in to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<String>,
}

impl Duty {
    /// Why these duties may not be one account's; `None` if they may. Who audits does nothing else, and who administers
    /// does not ask.
    pub fn conflict(duties: &BTreeSet<Duty>) -> Option<&'static str> {
        let has = |duty| duties.contains(&duty);
        if duties.is_empty() {
            Some("must name at least one duty")
        } else if has(Duty::Audits) && duties.len() > 1 {
            Some("an account that audits has no other duty")
        } else if has(Duty::Administers) && has(Duty::Asks) {
            Some("an account that administers does not ask")
        } else {
            None
        }
    }
}

impl CaseWorker {
    /// Whether the account is active and may do this.
    pub fn may(&self, duty: Duty) -> bool {
        !self.blocked && self.duties.contains(&duty)
    }

    /// Whether this sign-in, blinded, leads to the account.
    pub fn is_signed_in_by(&self, sign_in: &[u8; 32]) -> bool {
        let hexadecimal: String = sign_in.iter().map(|byte| format!("{byte:02x}")).collect();
        self.sign_in.as_ref() == Some(&hexadecimal)
    }

    /// The holder's family name, as far as the registered name tells: its last word.
    pub fn family_name(&self) -> Option<&str> {
        self.name.split_whitespace().next_back()
    }

    /// Whether it has confirmed the instructions in force at `now`. Without instructions nothing is confirmed.
    pub fn has_confirmed(&self, provider: Option<&Provider>, now: DateTime<Utc>) -> bool {
        let in_force = provider.and_then(|provider| provider.instructions_at(now));
        in_force.is_some_and(|in_force| self.confirmed.iter().any(|c| c.version == in_force.version))
    }
}
