//! Cases of ekonomiskt bistånd: the case decides who may be asked about.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ssbtek_domain::{CaseId, CaseWorkerId, DateTime, NaiveDate, Personnummer, Role, Utc};

/// Whether questions may be asked in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum CaseState {
    /// Ongoing.
    Active,
    /// Closed, for good.
    Closed {
        /// When.
        at: DateTime<Utc>,
    },
}

/// A person of the household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who. Written only into a sealed document.
    #[serde(with = "ssbtek_domain::as_text")]
    pub person: Personnummer,
    /// In which role.
    pub role: Role,
    /// First day in the household; open if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// Last day in the household; open if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// The board knows that the person has a protected identity. False says nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protected: bool,
}

impl Member {
    /// A member without bounds in time.
    pub fn new(person: Personnummer, role: Role) -> Self {
        Self { person, role, from: None, to: None, protected: false }
    }

    /// Whether the person belongs to the household on a day.
    pub fn is_on(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// A case and its household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The board's own id.
    pub id: CaseId,
    /// The household.
    pub members: Vec<Member>,
    /// Accounts that may ask in it.
    pub case_workers: BTreeSet<CaseWorkerId>,
    /// Active or closed.
    pub state: CaseState,
    /// Last day of a provisional case (first contact, not yet confirmed); `None` once confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisional_to: Option<NaiveDate>,
}

/// Why a case cannot be registered or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// No person, or more than a household holds.
    #[error("members: must hold 1 to 20 persons")]
    MemberCount,
    /// The same person twice.
    #[error("members: the same person is listed twice")]
    MemberTwice,
    /// Not exactly one applicant.
    #[error("members: exactly one person must have the role applicant")]
    Applicant,
    /// A member who leaves before coming.
    #[error("members: a member's last day lies before the first")]
    MemberDates,
    /// The case is not provisional.
    #[error("case_id: the case is not provisional")]
    NotProvisional,
    /// The provisional case has lapsed.
    #[error("case_id: the provisional case has lapsed")]
    Lapsed,
    /// No case worker, or more than a case may have.
    #[error("case_workers: must hold 1 to 50 accounts")]
    CaseWorkerCount,
    /// The case is closed.
    #[error("case_id: the case is closed")]
    Closed,
}

impl Case {
    /// Most persons in one household.
    pub const MAX_MEMBERS: usize = 20;
    /// Most accounts assigned to one case.
    pub const MAX_CASE_WORKERS: usize = 50;

    /// A new, active case.
    pub fn register(
        id: CaseId,
        members: Vec<Member>,
        case_workers: BTreeSet<CaseWorkerId>,
    ) -> Result<Self, CaseError> {
        if members.is_empty() || members.len() > Self::MAX_MEMBERS {
            return Err(CaseError::MemberCount);
        }
        let persons: BTreeSet<&Personnummer> = members.iter().map(|member| &member.person).collect();
        if persons.len() != members.len() {
            return Err(CaseError::MemberTwice);
        }
        if members.iter().filter(|member| member.role == Role::Applicant).count() != 1 {
            return Err(CaseError::Applicant);
        }
        if members
            .iter()
            .any(|member| matches!((member.from, member.to), (Some(from), Some(to)) if to < from))
        {
            return Err(CaseError::MemberDates);
        }
        check_count(&case_workers)?;
        Ok(Self { id, members, case_workers, state: CaseState::Active, provisional_to: None })
    }

    /// Replaces the household, by the same rules as at registration.
    pub fn set_members(&mut self, members: Vec<Member>) -> Result<(), CaseError> {
        self.must_be_active()?;
        let checked = Self::register(self.id.clone(), members, self.case_workers.clone())?;
        self.members = checked.members;
        Ok(())
    }

    /// Confirms a provisional case that has not lapsed.
    pub fn confirm(&mut self, today: NaiveDate) -> Result<(), CaseError> {
        self.must_be_active()?;
        let to = self.provisional_to.ok_or(CaseError::NotProvisional)?;
        if to < today {
            return Err(CaseError::Lapsed);
        }
        self.provisional_to = None;
        Ok(())
    }

    /// Whether the case is provisional and its days are over.
    pub fn has_lapsed(&self, today: NaiveDate) -> bool {
        self.provisional_to.is_some_and(|to| to < today)
    }

    /// Adds and removes case workers.
    pub fn assign(&mut self, add: Vec<CaseWorkerId>, remove: &[CaseWorkerId]) -> Result<(), CaseError> {
        self.must_be_active()?;
        let mut case_workers = self.case_workers.clone();
        case_workers.extend(add);
        case_workers.retain(|worker| !remove.contains(worker));
        check_count(&case_workers)?;
        self.case_workers = case_workers;
        Ok(())
    }

    /// Closes the case.
    pub fn close(&mut self, at: DateTime<Utc>) -> Result<(), CaseError> {
        self.must_be_active()?;
        self.state = CaseState::Closed { at };
        Ok(())
    }

    fn must_be_active(&self) -> Result<(), CaseError> {
        if self.state == CaseState::Active { Ok(()) } else { Err(CaseError::Closed) }
    }
}

fn check_count(case_workers: &BTreeSet<CaseWorkerId>) -> Result<(), CaseError> {
    if (1..=Case::MAX_CASE_WORKERS).contains(&case_workers.len()) {
        Ok(())
    } else {
        Err(CaseError::CaseWorkerCount)
    }
}
