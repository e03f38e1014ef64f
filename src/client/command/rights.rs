//! `ssbtek rights`.

use ssbtek_proto::broker::v1::{
    CorrectAccountRequest, CorrectMemberRequest, GetProtectionRequest, GetProtectionResponse,
    GetRestrictionRequest, LiftProtectionRequest, LiftRestrictionRequest, ProtectionStatement,
    RestrictPersonRequest,
};

use crate::{
    ClientError, World,
    arguments::{Rights, Shared},
    run::Done,
    settings::Account,
    words,
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
        Rights::Protection { person } => {
            remembered(&broker.get_protection(account, GetProtectionRequest { person_number: person }).await?)
        }
        Rights::LiftProtection { person, ground } => {
            let request = LiftProtectionRequest { person_number: person, ground };
            broker.lift_protection(account, request).await?;
            "lifted, until it is said again".to_owned()
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

fn remembered(found: &GetProtectionResponse) -> String {
    let mut lines = vec![format!("level {}", words::protection(found.level))];
    if found.household_protected {
        lines.push("somebody who may live with the person is protected".to_owned());
    }
    let mut said = |whose: &str, statements: &[ProtectionStatement]| {
        for one in statements {
            let still = match one.taken_back_at.as_str() {
                "" => String::new(),
                since => format!(", no longer since {since}"),
            };
            lines.push(format!(
                "{} said so of {whose} since {}, entry {}{still}",
                one.source, one.since, one.entry_id
            ));
        }
    };
    said("the person", &found.said);
    said("somebody else in the answer", &found.said_of_others);
    for case in &found.cases {
        let marked = if case.marked_since.is_empty() { "" } else { ", which marks the person" };
        lines.push(format!("case {}{marked}", case.case_id));
    }
    let named = ("named in answers about somebody protected since", &found.named_since);
    for (what, at) in [named, ("found not to be protected", &found.settled_at), ("lifted", &found.lifted_at)]
    {
        if !at.is_empty() {
            lines.push(format!("{what} {at}"));
        }
    }
    if !found.lifted_ground.is_empty() {
        lines.push(format!("by {}: {}", found.lifted_by, found.lifted_ground));
    }
    lines.join("\n")
}
