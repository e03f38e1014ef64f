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

/// A person's number. Written only into a sealed document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Number(#[serde(with = "ssbtek_domain::as_text")] pub Personnummer);

/// That a number in a case was wrong, and which is right: both are the same person's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The one that stood there.
    pub wrong: Number,
    /// The one that stands there since.
    pub right: Number,
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
    /// Whoever stood in the household and does not any more: who once shared it may live together still.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub earlier: BTreeSet<Number>,
    /// Which numbers were corrected to which, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
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
    /// Most persons who have left a household, and most corrections, that are kept with it. Of more ([`Case::is_beyond`]), everybody in
    /// it counts as beside somebody protected.
    pub const MAX_EARLIER: usize = 100;

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
        Ok(Self {
            id,
            members,
            case_workers,
            state: CaseState::Active,
            provisional_to: None,
            earlier: BTreeSet::new(),
            corrections: Vec::new(),
        })
    }

    /// Replaces the household, by the same rules as at registration.
    pub fn set_members(&mut self, members: Vec<Member>) -> Result<(), CaseError> {
        self.must_be_active()?;
        let checked = Self::register(self.id.clone(), members, self.case_workers.clone())?;
        self.replace(checked.members);
        Ok(())
    }

    /// Corrects who somebody is, or the role; the days in the household stay. A closed case can be wrong too.
    pub fn correct_member(
        &mut self,
        wrong: &Personnummer,
        right: (Personnummer, Role),
    ) -> Result<(), CaseError> {
        let mut members = self.members.clone();
        for member in members.iter_mut().filter(|member| member.person == *wrong) {
            (member.person, member.role) = right.clone();
        }
        let checked = Self::register(self.id.clone(), members, self.case_workers.clone())?;
        self.replace(checked.members);
        let correction = Correction { wrong: Number(wrong.clone()), right: Number(right.0) };
        let is_new = correction.wrong != correction.right && !self.corrections.contains(&correction);
        if is_new && self.corrections.len() <= Self::MAX_EARLIER {
            self.corrections.push(correction);
        }
        Ok(())
    }

    /// Keeps of whoever is no longer in the household that the person was.
    fn replace(&mut self, members: Vec<Member>) {
        let left = std::mem::replace(&mut self.members, members).into_iter();
        if self.earlier.len() <= Self::MAX_EARLIER {
            self.earlier.extend(left.map(|member| Number(member.person)));
        }
        self.earlier.retain(|one| !self.members.iter().any(|member| member.person == one.0));
    }

    /// Whether more have left the household, or were corrected in it, than are kept.
    pub fn is_beyond(&self) -> bool {
        self.earlier.len().max(self.corrections.len()) > Self::MAX_EARLIER
    }

    /// Everybody who stands or stood in the household.
    pub fn everybody(&self) -> BTreeSet<&Personnummer> {
        self.members
            .iter()
            .map(|member| &member.person)
            .chain(self.earlier.iter().map(|one| &one.0))
            .collect()
    }

    /// The other numbers of the same person by this case's corrections, from one to the next.
    pub fn numbers_of<'a>(&'a self, person: &'a Personnummer) -> BTreeSet<&'a Personnummer> {
        let mut numbers = BTreeSet::from([person]);
        loop {
            let before = numbers.len();
            for Correction { wrong, right } in &self.corrections {
                if numbers.contains(&wrong.0) || numbers.contains(&right.0) {
                    numbers.extend([&wrong.0, &right.0]);
                }
            }
            if numbers.len() == before {
                numbers.remove(person);
                return numbers;
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn person(nth: u32) -> Personnummer {
        let nine = format!("2015{:02}{:02}{}", nth / 280 + 1, nth / 10 % 28 + 1, 980 + nth % 10);
        (0..10).find_map(|check| Personnummer::parse_undated(&format!("{nine}{check}")).ok()).unwrap()
    }

    #[test]
    fn who_has_left_and_what_was_corrected_is_kept_to_a_bound_beyond_which_the_case_says_so() {
        let worker = CaseWorkerId::parse("anna").unwrap();
        let member = |nth| vec![Member::new(person(nth), Role::Applicant)];
        let id = CaseId::parse("EB-1").unwrap();
        let new = Case::register(id, member(0), [worker].into()).unwrap();
        let (mut replaced, mut corrected) = (new.clone(), new);
        for nth in 1..=250 {
            replaced.set_members(member(nth)).unwrap();
            corrected.correct_member(&person(nth - 1), (person(nth), Role::Applicant)).unwrap();
            assert_eq!((replaced.is_beyond(), corrected.is_beyond()), (nth > 100, nth > 100), "{nth}");
        }
        assert!(replaced.earlier.len() < 150 && corrected.corrections.len() < 150);
        // Who comes back is no longer one who has left.
        replaced.set_members(member(5)).unwrap();
        assert!(!replaced.earlier.contains(&Number(person(5))) && replaced.everybody().contains(&person(5)));
    }
}
