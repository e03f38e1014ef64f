//! What is remembered of protected identity goes with what it rests on: what answers said with their records, what cases say with
//! the cases; and one ground that goes takes no other with it.

use std::collections::BTreeSet;

use ssbtek_access_log::{Disclosure, Door, LiftError, Manifest};
use ssbtek_authorize::{CaseWorker, DocumentRef, Duty, FactsKey, Learned, Member, Registry, Remembered};
use ssbtek_domain::{
    Agency, CaseId, CaseWorkerId, Clock, Entropy, Personnummer, Protection, Role, SystemEntropy,
};
use ssbtek_purge::{PlannedPurge, RetentionStore};

use crate::world::{World, board, checked, person};

const CASE: &str = "EB-1";

/// A call of an account that may do everything that is done here.
pub(crate) fn caller(world: &World) -> ssbtek_authorize::Caller {
    let mut token = [0; 32];
    SystemEntropy.fill(&mut token);
    ssbtek_example::caller(board(0), "nils", crate::world::certificate(board(0)), token, world.clock.now())
}

pub(crate) async fn world(day: &str) -> World {
    let world = World::new(day);
    world.register(board(0), CASE, &person(0)).await;
    let account = CaseWorker {
        duties: [Duty::Administers, Duty::KeepsCases].into(),
        ..ssbtek_example::case_worker("nils", world.clock.now())
    };
    let reference = DocumentRef::case_worker(board(0), &account.id);
    let write = ssbtek_access_log::DocumentWrite::new(reference, 0, &account).unwrap();
    world.log.change(board(0), "operator", "register_case_worker", None, vec![write]).await.unwrap();
    world
}

/// A question in which Försäkringskassan says this of the person.
async fn told(world: &World, says: Option<Protection>) {
    told_of(world, says, &[]).await;
}

/// The same, with the numbers of others.
async fn told_of(world: &World, says: Option<Protection>, named: &[Personnummer]) {
    let permit = world.permit(board(0), CASE).await;
    let opened = world.log.open(&permit, &Manifest::default(), Door::Grpc).await.unwrap();
    let protection = says.unwrap_or(Protection::None).max(permit.protection());
    let disclosure = Disclosure::nothing(protection);
    let named = named.iter().cloned().collect();
    let learned =
        Learned { own: [(Agency::Fk, says)].into(), named, named_protected: true, ..Learned::default() };
    world.log.close(opened, &permit, &disclosure, &learned).await.unwrap();
}

/// What a question about the person would rest on.
async fn remembered(world: &World) -> Option<Remembered> {
    let key = FactsKey::account(board(0), CaseWorkerId::parse("nils").unwrap()).about(Some(&person(0)));
    world.store.facts(&key).await.unwrap().remembered.pop()
}

async fn level(world: &World) -> Protection {
    remembered(world).await.map_or(Protection::None, |known| known.level())
}

#[tokio::test]
async fn what_an_answer_said_is_erased_with_its_record_and_not_before() {
    // POLICY.log_months is 1: January's records go with the first of March.
    let mut world = world("2026-01-20").await;
    told(&world, Some(Protection::SkyddadFolkbokforing)).await;
    assert_eq!(level(&world).await, Protection::SkyddadFolkbokforing);
    world.at("2026-02-27T11:00:00Z");
    world = checked(world, "after a restart").await;
    assert_eq!(level(&world).await, Protection::SkyddadFolkbokforing);
    world.at("2026-03-02T11:00:00Z");
    assert_eq!(level(&world).await, Protection::None, "hidden with its record");
    world.run().await.unwrap();
    world = checked(world, "after a restart").await;
    let reference = DocumentRef::said_of_person(board(0), &person(0));
    assert_eq!(world.log.newest_version(&reference).await.unwrap(), 0, "and erased");
    told(&world, Some(Protection::Sekretessmarkering)).await;
    assert_eq!(level(&world).await, Protection::Sekretessmarkering);
    checked(world, "after a restart").await;
}

#[tokio::test]
async fn what_is_said_again_in_a_later_month_outlives_the_earlier_record() {
    let mut world = world("2026-01-20").await;
    told(&world, Some(Protection::Sekretessmarkering)).await;
    world.at("2026-02-20T11:00:00Z");
    told(&world, Some(Protection::Sekretessmarkering)).await;
    world.at("2026-03-02T11:00:00Z");
    world.run().await.unwrap();
    world = checked(world, "after a restart").await;
    assert_eq!(level(&world).await, Protection::Sekretessmarkering);
    world.at("2026-04-02T11:00:00Z");
    world.run().await.unwrap();
    assert_eq!(level(&world).await, Protection::None);
    checked(world, "after a restart").await;
}

#[tokio::test]
async fn what_is_hidden_and_kept_under_a_legal_hold_stands_in_no_later_flags_way() {
    let world = world("2026-01-20").await;
    told(&world, Some(Protection::Sekretessmarkering)).await;
    let hold = ssbtek_access_log::LegalHold {
        by: ["Anna Berg".to_owned(), "Bo Dahl".to_owned()],
        reference: "DNR 1".to_owned(),
        until: "2026-06-01".parse().unwrap(),
    };
    world.purger.place_hold(board(0), hold, None).await.unwrap();
    world.at("2026-03-02T11:00:00Z");
    assert_eq!(level(&world).await, Protection::None);
    told(&world, Some(Protection::Sekretessmarkering)).await;
    assert_eq!(level(&world).await, Protection::Sekretessmarkering);
    checked(world, "after a restart").await;
}

#[tokio::test]
async fn of_two_cases_that_mark_a_person_each_takes_its_own_ground_with_it() {
    let mut world = world("2026-01-20").await;
    let id = |case: &str| CaseId::parse(case).unwrap();
    for case in ["EB-2", "EB-3"] {
        let member = Member { protected: true, ..Member::new(person(0), Role::Applicant) };
        let workers = [CaseWorkerId::parse("anna.berg").unwrap()].into();
        world.desk.register_case(&caller(&world), id(case), vec![member], workers).await.unwrap();
    }
    let cases = async |world: &World| {
        let known = remembered(world).await.and_then(|known| known.in_cases);
        known.map(|found| found.body.protected_in.into_keys().collect::<Vec<_>>()).unwrap_or_default()
    };
    assert_eq!(cases(&world).await, [id("EB-2"), id("EB-3")]);
    world.desk.close_case(&caller(&world), &id("EB-2")).await.unwrap();
    // POLICY.case_days is 10.
    world.at("2026-02-02T11:00:00Z");
    assert_eq!(cases(&world).await, [id("EB-3")]);
    world.run().await.unwrap();
    world = checked(world, "after a restart").await;
    assert_eq!(
        (cases(&world).await, level(&world).await),
        (vec![id("EB-3")], Protection::Sekretessmarkering)
    );
    world.desk.close_case(&caller(&world), &id("EB-3")).await.unwrap();
    world.at("2026-02-20T11:00:00Z");
    world.run().await.unwrap();
    world = checked(world, "after a restart").await;
    assert_eq!((cases(&world).await, level(&world).await), (vec![], Protection::None));
    let reference = DocumentRef::protected_in_cases(board(0), &person(0));
    assert_eq!(world.log.newest_version(&reference).await.unwrap(), 0);
    // And begins anew.
    let member = Member { protected: true, ..Member::new(person(0), Role::Applicant) };
    let workers = [CaseWorkerId::parse("anna.berg").unwrap()].into();
    world.desk.register_case(&caller(&world), id("EB-4"), vec![member], workers).await.unwrap();
    assert_eq!(level(&world).await, Protection::Sekretessmarkering);
    checked(world, "after a restart").await;
}

/// Who shares which case is kept with the case, and goes with it alone; places that are free again are taken again.
#[tokio::test]
async fn who_shares_a_case_is_erased_with_that_case_and_with_no_other() {
    let mut world = world("2026-01-20").await;
    let id = |case: &str| CaseId::parse(case).unwrap();
    let register = async |world: &World, case: &str, members: Vec<Member>| {
        let workers = [CaseWorkerId::parse("anna.berg").unwrap()].into();
        world.desk.register_case(&caller(world), id(case), members, workers).await.unwrap();
    };
    let both = || vec![Member::new(person(0), Role::Applicant), Member::new(person(1), Role::CoApplicant)];
    let places = async |world: &World| {
        let mut taken = Vec::new();
        for place in 0..3 {
            let reference = DocumentRef::shared_case(board(0), &person(1), place);
            taken.push(world.log.newest_version(&reference).await.unwrap());
        }
        taken
    };
    register(&world, "EB-2", both()).await;
    register(&world, "EB-3", both()).await;
    register(&world, "EB-4", vec![Member::new(person(1), Role::Applicant)]).await;
    assert_eq!(places(&world).await, [1, 1, 0], "of who stands alone there is nothing to keep");
    world.desk.close_case(&caller(&world), &id("EB-2")).await.unwrap();
    // POLICY.case_days is 10.
    world.at("2026-02-02T11:00:00Z");
    world.run().await.unwrap();
    world = checked(world, "after a restart").await;
    assert_eq!(places(&world).await, [0, 1, 0]);
    register(&world, "EB-5", both()).await;
    assert_eq!(places(&world).await, [1, 1, 0]);
    // What is said of one in a case of its own reaches the other in both that are left.
    let marked = vec![Member { protected: true, ..Member::new(person(0), Role::Applicant) }];
    register(&world, "EB-6", marked).await;
    let known = world.log.remembered(board(0), &person(1)).await.unwrap();
    let cases: Vec<_> = known.in_cases.unwrap().body.protected_in.into_keys().collect();
    assert_eq!(cases, [id("EB-3"), id("EB-5")]);
    checked(world, "after a restart").await;
}

#[tokio::test]
async fn a_place_of_a_case_that_is_hidden_and_not_erased_yet_is_taken_by_a_later_one() {
    let world = world("2026-01-20").await;
    let register = async |case: &str| {
        let members =
            vec![Member::new(person(0), Role::Applicant), Member::new(person(1), Role::CoApplicant)];
        let (workers, case) =
            ([CaseWorkerId::parse("anna.berg").unwrap()].into(), CaseId::parse(case).unwrap());
        world.desk.register_case(&caller(&world), case.clone(), members, workers).await.unwrap();
        world.desk.close_case(&caller(&world), &case).await.unwrap();
    };
    register("EB-2").await;
    world.at("2026-02-02T11:00:00Z");
    register("EB-3").await;
    let reference = DocumentRef::shared_case(board(0), &person(1), 0);
    assert_eq!(world.log.newest_version(&reference).await.unwrap(), 2);
    world.run().await.unwrap();
    let world = checked(world, "after a restart").await;
    assert_eq!(world.log.newest_version(&reference).await.unwrap(), 2);
}

#[tokio::test]
async fn in_more_cases_than_are_kept_everybody_stands_beside_somebody_protected() {
    let world = world("2026-01-20").await;
    for case in 0..=16 {
        let members =
            vec![Member::new(person(0), Role::Applicant), Member::new(person(1), Role::CoApplicant)];
        let workers = [CaseWorkerId::parse("anna.berg").unwrap()].into();
        let id = CaseId::parse(&format!("EB-1{case}")).unwrap();
        world.desk.register_case(&caller(&world), id, members, workers).await.unwrap();
        assert_eq!(remembered(&world).await.is_some_and(|known| known.protects_beside()), case == 16);
    }
}

/// Between the look-up and the record of the answer.
#[tokio::test]
async fn what_is_said_meanwhile_of_somebody_whom_the_answers_name_holds_the_answer_back() {
    let world = world("2026-01-20").await;
    let marked = vec![Member { protected: true, ..Member::new(person(1), Role::Applicant) }];
    let workers = [CaseWorkerId::parse("anna.berg").unwrap()].into();
    let case = CaseId::parse("EB-2").unwrap();
    world.desk.register_case(&caller(&world), case, marked, workers).await.unwrap();
    for (named_protected, leaves) in [(false, false), (true, true)] {
        let permit = world.permit(board(0), CASE).await;
        let opened = world.log.open(&permit, &Manifest::default(), Door::Grpc).await.unwrap();
        let disclosure = Disclosure::nothing(Protection::None);
        let learned = Learned { named: [person(1)].into(), named_protected, ..Learned::default() };
        let closed = world.log.close(opened, &permit, &disclosure, &learned).await;
        assert_eq!(closed.is_ok(), leaves);
    }
}

#[tokio::test]
async fn a_mark_that_begins_anew_before_a_purge_that_was_planned_stays() {
    let world = world("2026-01-20").await;
    let id = |case: &str| CaseId::parse(case).unwrap();
    let register = async |case: &str| {
        let member = Member { protected: true, ..Member::new(person(0), Role::Applicant) };
        let workers = [CaseWorkerId::parse("anna.berg").unwrap()].into();
        world.desk.register_case(&caller(&world), id(case), vec![member], workers).await.unwrap();
    };
    register("EB-2").await;
    world.desk.close_case(&caller(&world), &id("EB-2")).await.unwrap();
    world.at("2026-02-02T11:00:00Z");
    let planned: PlannedPurge =
        world.purger.plan(world.clock.now(), ssbtek_purge::Counting::Without).await.unwrap().due.remove(0);
    register("EB-3").await;
    for key in &planned.target.keys {
        let check = Some(world.vault.open(key).unwrap().check());
        world.vault.destroy(&[ssbtek_vault::DoomedKey { check, id: key.clone(), generation: None }]).unwrap();
    }
    let lease = world.lease().await;
    while world.store.erase_batch(&planned.target, 100, &lease).await.unwrap() > 0 {}
    assert_eq!(level(&world).await, Protection::Sekretessmarkering);
}

#[tokio::test]
async fn it_is_lifted_only_once_the_source_has_taken_it_back_and_only_until_it_is_said_again() {
    let world = world("2026-01-20").await;
    let lift = async || world.log.lift_protection(&caller(&world), &person(0), "ett beslut", None).await;
    assert_eq!(lift().await, Err(LiftError::Nothing));
    told(&world, Some(Protection::Sekretessmarkering)).await;
    assert_eq!(lift().await, Err(LiftError::StillSaid([Agency::Fk].into(), BTreeSet::new())));
    told(&world, None).await;
    assert_eq!(level(&world).await, Protection::Sekretessmarkering, "a no alone lifts nothing");
    lift().await.unwrap();
    assert_eq!(level(&world).await, Protection::None);
    assert_eq!(lift().await, Err(LiftError::Nothing));
    told(&world, Some(Protection::Sekretessmarkering)).await;
    assert_eq!(level(&world).await, Protection::Sekretessmarkering, "said again");
    checked(world, "after a restart").await;
}

#[tokio::test]
async fn a_whole_boards_purge_leaves_nothing_of_it() {
    let world = world("2026-01-20").await;
    told(&world, Some(Protection::Sekretessmarkering)).await;
    let member = Member { protected: true, ..Member::new(person(0), Role::Applicant) };
    let workers = [CaseWorkerId::parse("anna.berg").unwrap()].into();
    let case = CaseId::parse("EB-2").unwrap();
    world.desk.register_case(&caller(&world), case, vec![member], workers).await.unwrap();
    world.end(board(0), "2026-01-31").await.unwrap();
    world.at("2026-03-02T11:00:00Z");
    world.run().await.unwrap();
    assert!(remembered(&world).await.is_none());
    assert_eq!(world.leftovers(board(0)).await, Vec::<String>::new());
    checked(world, "after a restart").await;
}

/// Whom the answers about the first person named, as far as it is kept, and whether the second stands beside somebody protected.
async fn named(world: &World) -> (Vec<u64>, bool) {
    let mut kept = Vec::new();
    for month in ["2026-01", "2026-02", "2026-03"] {
        let reference = DocumentRef::named_in_answers(board(0), &person(0), month);
        kept.push(world.log.newest_version(&reference).await.unwrap());
    }
    (kept, world.log.remembered(board(0), &person(1)).await.unwrap().protects_beside())
}

async fn mark(world: &World, case: &str) {
    let member = Member { protected: true, ..Member::new(person(0), Role::Applicant) };
    let workers = [CaseWorkerId::parse("anna.berg").unwrap()].into();
    world
        .desk
        .register_case(&caller(world), CaseId::parse(case).unwrap(), vec![member], workers)
        .await
        .unwrap();
}

/// Kept whoever is protected, under the key of the records that it came with.
#[tokio::test]
async fn whom_answers_named_is_erased_with_the_month_of_their_records_and_found_by_no_later_mark() {
    let mut world = world("2026-01-20").await;
    told_of(&world, None, &[person(1)]).await;
    told_of(&world, None, &[person(1)]).await;
    assert_eq!(named(&world).await, (vec![1, 0, 0], false), "once a month, and nobody is protected");
    world.at("2026-02-20T11:00:00Z");
    told_of(&world, None, &[person(2)]).await;
    world.at("2026-03-02T11:00:00Z");
    world.run().await.unwrap();
    world = checked(world, "after a restart").await;
    assert_eq!(named(&world).await, (vec![0, 1, 0], false), "February's stays");
    mark(&world, "EB-2").await;
    assert_eq!(named(&world).await, (vec![0, 1, 0], false), "January's is forgotten");
    let beside = world.log.remembered(board(0), &person(2)).await.unwrap();
    assert!(beside.protects_beside(), "February's is not");
    checked(world, "after a restart").await;
}

#[tokio::test]
async fn whom_a_protected_persons_answers_name_stands_beside_as_long_as_that_is_remembered_and_until_it_is_lifted()
 {
    let mut world = world("2026-01-20").await;
    let lift = async |world: &World, who: &Personnummer| {
        world.log.lift_protection(&caller(world), who, "ett beslut", None).await
    };
    told_of(&world, Some(Protection::Sekretessmarkering), &[person(1)]).await;
    assert!(named(&world).await.1);
    assert_eq!(lift(&world, &person(1)).await, Err(LiftError::Nothing), "not by the one who is named");
    told_of(&world, None, &[]).await;
    lift(&world, &person(0)).await.unwrap();
    assert!(!named(&world).await.1, "lifted with hers");
    told_of(&world, Some(Protection::Sekretessmarkering), &[]).await;
    assert!(named(&world).await.1, "said again: the earlier answer is still kept");
    world.at("2026-02-20T11:00:00Z");
    told_of(&world, Some(Protection::Sekretessmarkering), &[person(1)]).await;
    world.at("2026-03-02T11:00:00Z");
    world.run().await.unwrap();
    world = checked(world, "after a restart").await;
    assert!(named(&world).await.1, "and again in a later month");
    world.at("2026-04-02T11:00:00Z");
    world.run().await.unwrap();
    world = checked(world, "after a restart").await;
    assert_eq!(named(&world).await, (vec![0, 0, 0], false));
    let reference = DocumentRef::said_of_person(board(0), &person(1));
    assert_eq!(world.log.newest_version(&reference).await.unwrap(), 0, "nothing of it is left");
}

#[tokio::test]
async fn a_whole_boards_purge_leaves_nothing_of_whom_answers_named() {
    let world = world("2026-01-20").await;
    told_of(&world, Some(Protection::Sekretessmarkering), &[person(1)]).await;
    world.end(board(0), "2026-01-31").await.unwrap();
    world.at("2026-03-02T11:00:00Z");
    world.run().await.unwrap();
    assert_eq!(named(&world).await, (vec![0, 0, 0], false));
    assert_eq!(world.leftovers(board(0)).await, Vec::<String>::new());
    checked(world, "after a restart").await;
}

/// What was remembered under a number that was wrong.
#[tokio::test]
async fn what_was_remembered_of_a_number_that_is_corrected_is_remembered_of_the_right_one_and_each_is_lifted_by_itself()
 {
    let world = world("2026-01-20").await;
    let known = async |who| world.log.remembered(board(0), &person(who)).await.unwrap();
    told_of(&world, Some(Protection::SkyddadFolkbokforing), &[person(1)]).await;
    let case = CaseId::parse(CASE).unwrap();
    let right = (person(3), Role::Applicant);
    world.desk.correct_member(&caller(&world), &case, &person(0), right).await.unwrap();
    for who in [0, 3] {
        assert_eq!(known(who).await.level(), Protection::SkyddadFolkbokforing, "{who}");
    }
    assert!(known(1).await.protects_beside());
    // Found not to be protected under the right number.
    told_of(&world, None, &[]).await;
    let lift = async |who| world.log.lift_protection(&caller(&world), &person(who), "ett beslut", None).await;
    lift(3).await.unwrap();
    assert_eq!(known(3).await.level(), Protection::None);
    assert_eq!(known(0).await.level(), Protection::SkyddadFolkbokforing);
    assert!(known(1).await.protects_beside());
    // Back again: neither loses anything, and nothing runs in circles.
    let right = (person(0), Role::Applicant);
    world.desk.correct_member(&caller(&world), &case, &person(3), right).await.unwrap();
    told_of(&world, Some(Protection::Sekretessmarkering), &[person(2)]).await;
    assert!(known(3).await.level() > Protection::None, "said anew of the number that was corrected");
    assert!(known(2).await.protects_beside());
    checked(world, "after a restart").await;
}

/// What is kept of whom answers name, with so many in it already.
async fn kept_already(world: &World, of: u32, list: &str, many: u32) {
    let numbers: Vec<_> = (1000..1000 + many).map(|who| person(who).expose().to_owned()).collect();
    let mut kept = serde_json::json!({ "persons": [], "by": [] });
    kept[list] = numbers.into();
    let reference = DocumentRef::named_in_answers(board(0), &person(of), "2026-01");
    let write = ssbtek_access_log::DocumentWrite::new(reference, 0, &kept).unwrap().with_record();
    world.log.change(board(0), "operator", "register_case", None, vec![write]).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_names_more_than_can_be_kept_of_a_person_is_not_recorded_and_does_not_leave() {
    for (kept, leaves) in [(599, true), (600, false)] {
        let world = world("2026-01-20").await;
        kept_already(&world, 0, "persons", kept).await;
        let permit = world.permit(board(0), CASE).await;
        let opened = world.log.open(&permit, &Manifest::default(), Door::Grpc).await.unwrap();
        let learned = Learned { named: [person(1)].into(), named_protected: true, ..Learned::default() };
        let closed = world.log.close(opened, &permit, &Disclosure::nothing(Protection::None), &learned).await;
        assert_eq!(closed.is_ok(), leaves, "{kept}: {closed:?}");
    }
}

#[tokio::test]
async fn whose_answers_name_somebody_whom_more_name_than_can_be_kept_counts_as_beside_at_once() {
    for (kept, counts) in [(599, false), (600, true)] {
        let world = world("2026-01-20").await;
        kept_already(&world, 1, "by", kept).await;
        told_of(&world, None, &[person(1)]).await;
        let known = world.log.remembered(board(0), &person(0)).await.unwrap();
        assert_eq!(known.protects_beside(), counts, "{kept}");
    }
}

/// Written by an earlier program: whose answers named the person, that he stood beside her in a case, and a corrected number.
#[tokio::test]
async fn what_an_earlier_program_remembered_holds_back_until_it_is_lifted() {
    let world = world("2026-01-20").await;
    let (at, entry) = ("2026-01-20T11:00:00Z", "01".repeat(16));
    let number = |who: u32| person(who).expose().to_owned();
    let said = serde_json::json!({
        "named_by": [{ "person": number(5), "since": at, "at": at }],
        "corrected_to": [number(2)],
    });
    let flagged = serde_json::json!({
        "own": { "FK": { "level": "sekretessmarkering", "since": at, "at": at, "entry": entry } },
    });
    let in_cases = serde_json::json!({ "protected_in": { CASE: { "beside": at } } });
    let said_of = |who: u32, body: &serde_json::Value| {
        let reference = DocumentRef::said_of_person(board(0), &person(who));
        ssbtek_access_log::DocumentWrite::new(reference, 0, body).unwrap().with_record()
    };
    let reference = DocumentRef::protected_in_cases(board(0), &person(3));
    let beside = ssbtek_access_log::DocumentWrite::new(reference, 0, &in_cases).unwrap();
    let writes = vec![said_of(0, &said), said_of(4, &flagged), beside];
    world.log.change(board(0), "operator", "register_case", None, writes).await.unwrap();

    let known = async |who| world.log.remembered(board(0), &person(who)).await.unwrap();
    assert!(known(0).await.protects_beside() && known(3).await.protects_beside());
    assert_eq!(known(4).await.level(), Protection::Sekretessmarkering);
    // Nothing of it is lost by what happens since.
    told_of(&world, None, &[person(6)]).await;
    mark(&world, "EB-2").await;
    assert!(known(0).await.protects_beside() && known(3).await.protects_beside());
    assert!(known(2).await.protects_beside(), "what is said of a number that was corrected then");
    world.log.lift_protection(&caller(&world), &person(3), "ett beslut", None).await.unwrap();
    assert!(!known(3).await.protects_beside());
}
