//! `ssbtek rights`.

use ssbtek_proto::broker::v1::{
    CorrectAccountRequest, CorrectMemberRequest, GetRestrictionRequest, LiftRestrictionRequest,
    RestrictPersonRequest,
};

use crate::{
    ClientError, World,
    arguments::{Rights, Shared},
    run::Done,
    settings::Account,
};

pub(crate) async fn rights(
    shared: &Shared,
    change: Rights,
    world: &mut World<'_>,
) -> Result<Done, ClientError> {
    let settings = shared.settings(world)?;
    let account = settings.account(shared.account.as_deref(), Account::Administrator)?;
    let broker = shared.broker(&settings, world)?;
    let said = match change {
        Rights::CorrectMember { case, person, right_person, role } => {
            let right_person_number = right_person.unwrap_or_else(|| person.clone());
            let request = CorrectMemberRequest {
                case_id: case,
                person_number: person,
                right_person_number,
                right_role: role.to_proto().into(),
            };
            format!("case corrected (version {})", broker.correct_member(account, request).await?.version)
        }
        Rights::CorrectAccount { id, name, unit } => {
            let corrected = broker.correct_account(account, CorrectAccountRequest { id, name, unit }).await?;
            format!("account corrected (version {})", corrected.version)
        }
        Rights::Restrict { person, reference } => {
            let request = RestrictPersonRequest { person_number: person, reference };
            broker.restrict_person(account, request).await?;
            "restricted: nobody at the board can ask about the person".to_owned()
        }
        Rights::Lift { person } => {
            broker.lift_restriction(account, LiftRestrictionRequest { person_number: person }).await?;
            "restriction lifted".to_owned()
        }
        Rights::Show { person } => {
            let found = broker.get_restriction(account, GetRestrictionRequest { person_number: person });
            let found = found.await?;
            match (found.in_force, found.reference.as_str()) {
                (_, "") => "not restricted".to_owned(),
                (true, reference) => {
                    format!("restricted since {} by {}, matter {reference}", found.since, found.by)
                }
                (false, reference) => {
                    format!("not restricted; was until {}, matter {reference}", found.lifted_at)
                }
            }
        }
    };
    writeln!(world.stdout, "{said}")?;
    Ok(Done::Whole)
}
