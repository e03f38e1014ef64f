//! What is told first: that the questions are logged.

use ssbtek_access_log::Opened;
use ssbtek_authorize::{Denial, Whom};
use ssbtek_domain::EntryId;

use crate::{Begun, HouseholdBegun, Part, QueryError, put::Question};

/// What is told first.
pub(crate) enum FirstPart {
    Begun(Begun),
    Household(HouseholdBegun),
}

impl FirstPart {
    /// Under which the answer is taken up again.
    pub(crate) fn entry(&self) -> EntryId {
        match self {
            FirstPart::Begun(begun) => begun.entry,
            FirstPart::Household(begun) => begun.entry,
        }
    }

    pub(crate) fn part(&self) -> Part {
        match self {
            FirstPart::Begun(begun) => Part::Begun(*begun),
            FirstPart::Household(begun) => Part::HouseholdBegun(begun.clone()),
        }
    }
}

pub(crate) fn begun(
    questions: &[Question],
    opened: &[Opened],
    held_back: &[(Whom, Denial)],
) -> Result<FirstPart, QueryError> {
    // There is a first.
    let first = opened.first().ok_or(QueryError::Unavailable)?;
    let (entry, asked_at) = (first.entry(), first.at());
    let of_members = questions.iter().zip(opened);
    let of_members = of_members.filter_map(|(of, opened)| of.whom.map(|whom| (whom, Ok(opened.entry()))));
    let held_back = held_back.iter().map(|(whom, denial)| (*whom, Err(*denial)));
    let mut members: Vec<_> = of_members.chain(held_back).collect();
    members.sort_by_key(|(whom, _)| *whom);
    Ok(match members.is_empty() {
        true => FirstPart::Begun(Begun { entry, asked_at }),
        false => FirstPart::Household(HouseholdBegun { entry, asked_at, members }),
    })
}
