//! A board's own rules: they only tighten.

use std::collections::BTreeSet;

use futures::future::join_all;
use ssbtek_access_log::RecordKind;
use ssbtek_authorize::{AgencyTerms, Denial, InformationSet, Rules};
use ssbtek_domain::Agency;
use ssbtek_registry::{By, Verdict};

use crate::world::{BOARD, World, id, organisation};

async fn with(rules: Rules) -> World {
    let world = World::new();
    world.in_force().await;
    world.desk.set_rules(&world.caller("admin"), rules, BTreeSet::new()).await.unwrap();
    world
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_questions_cannot_pass_the_hourly_bound_and_the_refusal_is_replayed() {
    let world = with(Rules { max_questions_an_hour: Some(5), ..Rules::default() }).await;
    let answers = join_all((0..20).map(|_| world.ask(world.caller("anna"), "EB-1"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 5);
    assert!(answers.iter().flat_map(|answer| answer.as_ref().err()).all(|d| *d == Denial::TooManyQuestions));
    let records = world.records(organisation(BOARD)).await;
    // Chosen by what it is: answers of permitted questions may be logged after the last refusal.
    let refused = records.iter().rfind(|record| record.header.kind == RecordKind::Denial).unwrap();
    let boards = [organisation(BOARD)];
    let again = world.desk.replay(&boards, refused.header.entry).await.unwrap();
    assert_eq!(again.replayed, Verdict::Denied(Denial::TooManyQuestions));
    world.clock.advance(chrono::TimeDelta::hours(1));
    world.ask(world.caller("anna"), "EB-1").await.unwrap();
}

#[tokio::test]
async fn a_person_who_may_be_protected_is_told_of_only_to_named_accounts_and_the_refusal_does_not_say_why() {
    let named = |account: &str| Rules { protected_only_for: Some([id(account)].into()), ..Rules::default() };
    let world = with(named("bo")).await;
    let denial = world.ask(world.caller("anna"), "EB-1").await.unwrap_err();
    assert_eq!(denial, Denial::ProtectedNotForAccount);
    assert_eq!(denial.outward(), Denial::CaseUnknown.outward());
    let desk = world.having_read_the_board().await;
    desk.set_rules(&world.caller("admin"), named("anna"), BTreeSet::new()).await.unwrap();
    world.ask(world.caller("anna"), "EB-1").await.unwrap();
}

#[tokio::test]
async fn an_agency_that_has_agreed_to_nothing_is_not_asked() {
    let world = with(Rules::default()).await;
    let nothing = AgencyTerms { information_set: InformationSet::Nothing, ..AgencyTerms::default() };
    let read = world.desk.published_now().await.unwrap().version;
    let desk = world.desk.having_read(Some(read));
    desk.set_agency(&By::Agency(Agency::Fk), Agency::Fk, nothing).await.unwrap();
    world.ask(world.caller("anna"), "EB-1").await.unwrap();
    assert_eq!(world.calls.load(std::sync::atomic::Ordering::SeqCst), 6);
}
