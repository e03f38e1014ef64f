//! `ssbtek case`.

use ssbtek_present::{Language, texts::client as t};
use ssbtek_proto::broker::v1::{
    AssignCaseRequest, CloseCaseRequest, ConfirmCaseRequest, HouseholdMember, RegisterCaseRequest,
    SetMembersRequest,
};

use crate::{
    ClientError, World,
    arguments::{Case, Role, Shared},
    run::Done,
    settings::{Account, Settings},
};

pub(crate) async fn case(shared: &Shared, case: Case, world: &mut World<'_>) -> Result<Done, ClientError> {
    let settings = shared.settings(world)?;
    let account = settings.account(shared.account.as_deref(), Account::CaseSystem)?;
    let broker = shared.broker(&settings, world)?;
    let (done, version): (fn(Language, u64) -> String, u64) = match case {
        Case::Register { case, applicant, co_applicant, child, protected, case_worker, provisional } => {
            let request = RegisterCaseRequest {
                case_id: case,
                members: household(applicant, co_applicant, child, &protected)?,
                case_workers: case_workers(case_worker, &settings)?,
                provisional,
            };
            (t::case_registered, broker.register_case(account, request).await?.version)
        }
        Case::Confirm { case } => {
            let request = ConfirmCaseRequest { case_id: case };
            (t::case_confirmed, broker.confirm_case(account, request).await?.version)
        }
        Case::Members { case, version, applicant, co_applicant, child, protected } => {
            let members = household(applicant, co_applicant, child, &protected)?;
            let request = SetMembersRequest { case_id: case, members, expected_version: version };
            (t::case_household, broker.set_members(account, request).await?.version)
        }
        Case::Assign { case, add, remove } => {
            let request = AssignCaseRequest { case_id: case, add, remove };
            (t::case_assigned, broker.assign_case(account, request).await?.version)
        }
        Case::Close { case } => {
            (t::case_closed, broker.close_case(account, CloseCaseRequest { case_id: case }).await?.version)
        }
    };
    writeln!(world.stdout, "{}", done(world.language, version))?;
    Ok(Done::Whole)
}

/// A protected number that belongs to no member is an error: a slip there would protect nobody.
fn household(
    applicant: String,
    co_applicant: Option<String>,
    children: Vec<String>,
    protected: &[String],
) -> Result<Vec<HouseholdMember>, ClientError> {
    let member = |role: Role| {
        move |person_number: String| HouseholdMember {
            protected: protected.contains(&person_number),
            person_number,
            role: role.to_proto().into(),
            ..HouseholdMember::default()
        }
    };
    let household: Vec<_> = std::iter::once(applicant)
        .map(member(Role::Applicant))
        .chain(co_applicant.into_iter().map(member(Role::CoApplicant)))
        .chain(children.into_iter().map(member(Role::Child)))
        .collect();
    if protected.iter().all(|number| household.iter().any(|member| member.person_number == *number)) {
        Ok(household)
    } else {
        Err(ClientError::Usage("--protected: must be one of the household's numbers"))
    }
}

fn case_workers(named: Vec<String>, settings: &Settings) -> Result<Vec<String>, ClientError> {
    if named.is_empty() {
        Ok(vec![settings.account(None, Account::CaseWorker)?.to_owned()])
    } else {
        Ok(named)
    }
}
