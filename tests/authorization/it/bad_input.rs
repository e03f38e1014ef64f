//! Bad input is refused by name, and the state is as it was.

use std::collections::BTreeSet;

use ssbtek_authorize::{
    Contact, Duty, Evidence, Hours, Member, QualificationItem, Rules, StepKind, SubProcessor,
};
use ssbtek_domain::{CaseId, Clock, OrganisationNumber, OrganisationNumberError};
use ssbtek_registry::{DeskError, NewAccount, NewCase, Texts};

use crate::world::{AGENT, BOARD, World, application, contact, hash, household, id, organisation};

/// Everything the registry's trees say, to be held against itself.
async fn size(world: &World) -> (usize, usize) {
    let trees = [organisation(BOARD), organisation("162021009994")];
    (world.records(trees[0]).await.len(), world.records(trees[1]).await.len())
}

fn field(refused: DeskError) -> &'static str {
    match refused {
        DeskError::Invalid(error) => error.field,
        DeskError::Exists(field) | DeskError::Unknown(field) => field,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_and_changes_nothing() {
    let world = World::new();
    world.in_force().await;
    let (desk, today) = (&world.desk, world.clock.today());
    let yesterday = today.pred_opt().unwrap();
    let (board, nobody) = (organisation(BOARD), organisation("162120000140"));
    let before = size(&world).await;

    // Double registrations.
    assert_eq!(field(desk.register_board(application()).await.unwrap_err()), "organisation_number");
    let mut other = application();
    other.organisation = nobody;
    assert_eq!(field(desk.register_board(other).await.unwrap_err()), "certificate");
    let again = desk.publish(Texts::Instructions, "1", "Texten", today).await;
    assert_eq!(field(again.unwrap_err()), "version");
    // Unknown organisations.
    let step = desk.take_step(nobody, StepKind::Suspend, hash(9), None).await;
    assert_eq!(field(step.unwrap_err()), "organisation_number");
    let evidence = Evidence { document: hash(4), dated: today, valid_to: None };
    let unknown = desk.record_evidence(nobody, QualificationItem::TaxesPaid, evidence).await;
    assert_eq!(field(unknown.unwrap_err()), "organisation_number");
    assert_eq!(OrganisationNumber::parse("162120000143"), Err(OrganisationNumberError::CheckDigit));
    // Contradictory dates.
    let end = |on| desk.take_step(board, StepKind::End, hash(9), on);
    assert_eq!(field(end(None).await.unwrap_err()), "on");
    assert_eq!(field(end(Some(yesterday)).await.unwrap_err()), "on");
    let suspended_on = desk.take_step(board, StepKind::Suspend, hash(9), Some(today)).await;
    assert_eq!(field(suspended_on.unwrap_err()), "on");
    let earlier = desk.publish(Texts::Instructions, "0", "Texten", yesterday).await;
    assert_eq!(field(earlier.unwrap_err()), "valid_from");
    let mut members = household();
    members[1] = Member { from: Some(today), to: Some(yesterday), ..members[1].clone() };
    let case = |id: &str, members| NewCase {
        id: CaseId::parse(id).unwrap(),
        members,
        case_workers: [crate::world::id("anna")].into(),
        provisional_days: None,
    };
    let registered = desk.register_new_case(&world.caller("system"), case("EB-9", members)).await;
    assert_eq!(field(registered.unwrap_err()), "members");
    let at = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let hours = Hours { from: at(17), to: at(8), weekdays_only: false };
    let rules = Rules { hours: Some(hours), ..Rules::default() };
    let set = desk.set_rules(&world.caller("admin"), rules, BTreeSet::new()).await;
    assert_eq!(field(set.unwrap_err()), "hours");
    // Form.
    let nowhere = Contact { email: "nowhere".into(), ..contact() };
    assert_eq!(field(desk.set_contact(&world.caller("admin"), nowhere).await.unwrap_err()), "contact.email");
    let near = crate::world::sub_processor(nobody, None);
    let far = SubProcessor { country: "US".into(), ..near.clone() };
    assert_eq!(field(desk.set_sub_processors(vec![far]).await.unwrap_err()), "sub_processors.country");
    let twice = desk.set_sub_processors(vec![near.clone(), near]).await;
    assert_eq!(field(twice.unwrap_err()), "sub_processors");
    let unknown = desk.approve_sub_processors(&world.caller("admin"), [nobody].into()).await;
    assert_eq!(field(unknown.unwrap_err()), "sub_processors");
    // Roles that are to be kept apart.
    for (one, other) in
        [(Duty::Audits, Duty::Asks), (Duty::Administers, Duty::Asks), (Duty::Audits, Duty::Administers)]
    {
        let both = NewAccount { duties: [one, other].into(), ..crate::world::new_account("both", one) };
        let registered = desk.register_case_worker(&world.caller("admin"), both).await;
        assert_eq!(field(registered.unwrap_err()), "account.duties");
    }
    // Notifications of nobody, or about nobody.
    let forged = desk.sign_notification(&world.caller("admin"), organisation(AGENT), hash(6)).await;
    assert_eq!(field(forged.unwrap_err()), "agent");
    let from_nobody = desk.notify_customer(organisation(AGENT), board, today, hash(6), hash(7), vec![]).await;
    assert_eq!(field(from_nobody.unwrap_err()), "agent");

    assert_eq!(size(&world).await, before);
}

#[tokio::test]
async fn a_closed_case_is_not_opened_again_under_the_same_id() {
    let world = World::new();
    world.in_force().await;
    let case = CaseId::parse("EB-1").unwrap();
    world.desk.close_case(&world.caller("system"), &case).await.unwrap();
    let before = size(&world).await;
    let again = world
        .desk
        .register_case(&world.caller("system"), case.clone(), household(), [id("anna")].into())
        .await;
    assert_eq!(field(again.unwrap_err()), "case_id");
    assert_eq!(field(world.desk.close_case(&world.caller("system"), &case).await.unwrap_err()), "case_id");
    assert_eq!(size(&world).await, before);
}

#[tokio::test]
async fn an_unqualified_agent_cannot_sign_and_none_signs_or_notifies_twice() {
    let world = World::new();
    world.in_force().await;
    let agent = organisation(AGENT);
    world.desk.register_agent(agent, "Ombudet", [7; 32]).await.unwrap();
    assert!(world.desk.sign_agent_agreement(agent, hash(5)).await.is_err());
    assert!(world.desk.agent(agent).await.unwrap().1.agreement.is_none());

    let world = World::new();
    world.in_force().await;
    world.agent().await;
    assert_eq!(field(world.desk.sign_agent_agreement(agent, hash(5)).await.unwrap_err()), "agreement");
    world.notify().await;
    let today = world.clock.today();
    let twice = world.desk.notify_customer(agent, organisation(BOARD), today, hash(6), hash(7), vec![]).await;
    assert_eq!(field(twice.unwrap_err()), "board");
    let desk = &world.desk;
    assert_eq!(desk.sign_notification(&world.caller("admin"), agent, hash(6)).await, Ok(2));
    let again = desk.sign_notification(&world.caller("admin"), agent, hash(6)).await;
    assert_eq!(field(again.unwrap_err()), "signature");
}
