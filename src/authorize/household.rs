//! Everybody in a case's household, for one question about all of them.

use ssbtek_domain::{DateTime, Personnummer, Role, Utc, stockholm_date};

use crate::{Ask, Caller, Denial, Facts, decide::standing};

/// Who somebody is in a household, without a number: the first who has the role, the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Whom {
    /// In which role.
    pub role: Role,
    /// Which of those who have the role, from 1 on, in the order of the case.
    pub nth: u16,
}

/// Everybody who belongs to the case's household today: applicant, co-applicants, children. Whoever may not know of the case learns
/// nothing of it.
pub fn household_today(
    caller: &Caller,
    ask: &Ask,
    facts: &Facts,
    now: DateTime<Utc>,
) -> Result<Vec<(Whom, Personnummer)>, Denial> {
    let (case, today) = (standing(caller, &ask.case, facts, now)?.case, stockholm_date(now));
    let mut everybody = Vec::new();
    for role in Role::ALL {
        let with_role = case.members.iter().filter(|member| member.role == role && member.is_on(today));
        everybody.extend(with_role.zip(1..).map(|(found, nth)| (Whom { role, nth }, found.person.clone())));
    }
    if everybody.is_empty() { Err(Denial::RoleNotInCase) } else { Ok(everybody) }
}

impl Ask {
    /// The same question about one member of the household.
    #[must_use]
    pub fn about(&self, whom: Whom, person: Personnummer) -> Self {
        Self { role: Some(whom.role), person: Some(person), ..self.clone() }
    }
}
