//! The person's extract: everything that the board's part of the registry holds, asked about or not, and nobody else.

use ssbtek_domain::{CaseId, Clock, Role};

use crate::world::{BOARD, PERSONS, World, household, id, organisation, person};

#[tokio::test]
async fn who_is_registered_and_was_never_asked_about_is_told_of_cases_corrections_restrictions_and_delays() {
    let world = World::new();
    world.in_force().await;
    let (board, child) = (organisation(BOARD), person(PERSONS[2]));
    let held = world.desk.held_about(board, &child, false).await.unwrap();
    assert_eq!(held.cases.len(), 1);
    let case = &held.cases[0];
    assert_eq!((case.case.as_str(), case.member.role), ("EB-1", Role::Child));
    assert!(case.current && !case.closed && held.restriction.is_none());
    assert_eq!(case.changes.iter().map(|change| change.1.as_str()).collect::<Vec<_>>(), ["register_case"]);

    // Corrected away: the earlier version is kept, and told of.
    let admin = || world.caller("admin");
    let case = CaseId::parse("EB-1").unwrap();
    let right = person("201301019812");
    world.desk.correct_member(&admin(), &case, &child, (right.clone(), Role::Child)).await.unwrap();
    world.desk.restrict_person(&admin(), &child, "DNR 7").await.unwrap();
    world.desk.lift_restriction(&admin(), &child).await.unwrap();
    let held = world.desk.held_about(board, &child, false).await.unwrap();
    assert!(!held.cases[0].current);
    let done: Vec<_> = held.cases[0].changes.iter().map(|change| change.1.as_str()).collect();
    assert_eq!(done, ["register_case", "correct_member"]);
    let done: Vec<_> = held.restriction_changes.iter().map(|change| change.1.as_str()).collect();
    assert_eq!(done, ["restrict_person", "lift_restriction"]);
    assert_eq!(held.restriction.unwrap().reference, "DNR 7");
    assert!(world.desk.held_about(board, &right, false).await.unwrap().cases[0].current);

    // An account's own number is held too.
    world.desk.set_own_number(&admin(), &id("bo"), Some(&child)).await.unwrap();
    let held = world.desk.held_about(board, &child, false).await.unwrap();
    assert_eq!(held.accounts, [id("bo")]);
    let nobody = world.desk.held_about(board, &person("198501019803"), false).await.unwrap();
    assert!(nobody.cases.is_empty() && nobody.accounts.is_empty() && nobody.restriction.is_none());
}

#[tokio::test]
async fn a_case_whose_telling_is_delayed_is_left_out_and_counted_for_the_board() {
    let world = World::new();
    world.in_force().await;
    let delays = ssbtek_domain::CaseWorkerId::parse("delays").unwrap();
    let account = crate::world::new_account("delays", ssbtek_authorize::Duty::DelaysDisclosure);
    world.desk.register_case_worker(&world.caller("admin"), account).await.unwrap();
    let (case, until) = (CaseId::parse("EB-1").unwrap(), world.clock.today() + chrono::Days::new(30));
    let why = ("förundersökning", "OSL 18:1");
    world.desk.decide_delay(&world.caller(delays.as_str()), &case, why, until, 365).await.unwrap();
    let (board, child) = (organisation(BOARD), person(PERSONS[1]));
    let held = world.desk.held_about(board, &child, false).await.unwrap();
    assert_eq!((held.cases.len(), held.delayed), (0, 1));
    let held = world.desk.held_about(board, &child, true).await.unwrap();
    assert_eq!(held.cases[0].delay.as_ref().unwrap().legal_basis, "OSL 18:1");
    world.clock.advance(chrono::TimeDelta::days(31));
    assert_eq!(world.desk.held_about(board, &child, false).await.unwrap().cases.len(), 1);
}

#[tokio::test]
async fn an_extract_finds_a_person_among_more_cases_than_are_read_in_one_go() {
    let world = World::new();
    world.in_force().await;
    for n in 0..600 {
        let mut members = household();
        if n % 100 != 0 {
            members.truncate(1);
        }
        let case = CaseId::parse(&format!("EB-X{n}")).unwrap();
        world.desk.register_case(&world.caller("system"), case, members, [id("anna")].into()).await.unwrap();
    }
    let held = world.desk.held_about(organisation(BOARD), &person(PERSONS[2]), false).await.unwrap();
    assert_eq!(held.cases.len(), 7);
}
