//! The answers about everybody in a household.

use serde::Serialize;
use ssbtek_proto::broker::v1::{self as proto, member_answer};

use super::Answer;
use crate::{ClientError, words};

/// `HouseholdAnswer`.
#[derive(Serialize)]
pub struct Household<'a> {
    complete: bool,
    members: Vec<Member<'a>>,
}

#[derive(Serialize)]
struct Member<'a> {
    role: String,
    /// Which of those who have the role, from 1 on.
    nth: u32,
    answer: Option<Answer<'a>>,
    refused: Option<Refused<'a>>,
}

#[derive(Serialize)]
struct Refused<'a> {
    /// A gRPC status code.
    code: u32,
    reason: &'a str,
}

impl<'a> Household<'a> {
    /// From the contract.
    pub fn of(household: &'a proto::HouseholdAnswer) -> Result<Self, ClientError> {
        let members = household.members.iter().map(Member::of).collect::<Result<_, _>>()?;
        Ok(Self { complete: household.complete, members })
    }
}

impl<'a> Member<'a> {
    fn of(member: &'a proto::MemberAnswer) -> Result<Self, ClientError> {
        let place = member.member.unwrap_or_default();
        let (mut answer, mut refused) = (None, None);
        match &member.result {
            Some(member_answer::Result::Answer(of)) => answer = Some(Answer::of(of)?),
            Some(member_answer::Result::Refused(why)) => {
                refused = Some(Refused { code: why.code, reason: &why.reason });
            }
            None => {}
        }
        Ok(Self { role: words::role(place.role), nth: place.nth, answer, refused })
    }
}
