//! What a person is told, and what is delayed until a day that comes by itself.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use ssbtek_access_log::{Criteria, PersonReportOptions, RecordKind};
use ssbtek_domain::{CaseId, Clock, EntryId};

use crate::{
    naive::{everything, select},
    world::{World, board, person},
};

async fn told(world: &World, page: usize) -> Vec<EntryId> {
    let (mut found, mut before) = (vec![], None);
    loop {
        let page = world.log.find_usage(board(), &person(0), (None, None), before, page).await.unwrap();
        let (usages, next) = page.unwrap();
        found.extend(usages.iter().map(|usage| usage.entry));
        before = next;
        if before.is_none() {
            return found;
        }
    }
}

async fn reported(world: &World, with_delayed: bool) -> (Vec<EntryId>, u64) {
    let options = PersonReportOptions { with_delayed, ..Default::default() };
    let report = world.log.person_report(board(), &person(0), options).await.unwrap();
    (report.lines.iter().rev().map(|line| line.usage.entry).collect(), report.delayed)
}

async fn delay(world: &World, case: &str, days: i64) {
    let until = world.clock.today() + TimeDelta::days(days);
    let (reason, basis) = ("utredning".to_owned(), "OSL".to_owned());
    let case = CaseId::parse(case).unwrap();
    let caller = world.caller("jurist", false);
    world.log.decide_delay(&caller, &case, reason, basis, until, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_told_of_every_question_and_attempt_and_of_nobody_elses() {
    let world = World::new(21).await;
    for _ in 0..120 {
        world.something_happens().await;
    }
    let expected = select(&everything(&world.log).await, &Criteria::about(&person(0)));
    assert!(expected.len() > 10);
    for page in [1, 3, 100] {
        assert_eq!(told(&world, page).await, expected);
    }
    assert_eq!(reported(&world, false).await, (expected, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_delayed_is_as_if_it_had_never_been_until_its_day_comes_by_itself() {
    let world = World::new(22).await;
    for n in [0, 1, 0] {
        world.ask("anna", n).await;
    }
    let everything_told = told(&world, 100).await;
    let first = world.log.usage_period(board(), &person(0)).await.unwrap().unwrap();
    delay(&world, "EB-0", 3).await;
    world.clock.advance(TimeDelta::hours(1));
    world.ask("anna", 0).await;
    let all = select(&everything(&world.log).await, &Criteria::about(&person(0)));
    assert!(all.len() > everything_told.len());

    assert_eq!(told(&world, 100).await, [], "the person");
    assert_eq!(world.log.usage_period(board(), &person(0)).await.unwrap(), None, "no hint by dates");
    assert_eq!(reported(&world, false).await, (vec![], all.len() as u64), "the report for the person");
    assert_eq!(reported(&world, true).await.0, all, "the board itself");
    let (found, _) = world.log.find(board(), &Criteria::about(&person(0)), None, 100).await.unwrap();
    assert_eq!(found.iter().map(|entry| entry.first.header.entry).collect::<Vec<_>>(), all, "auditors");

    world.clock.advance(TimeDelta::days(3));
    assert_eq!(told(&world, 100).await, all, "nobody had to do anything");
    let (usages, _) =
        world.log.find_usage(board(), &person(0), (None, None), None, 100).await.unwrap().unwrap();
    assert!(usages.iter().all(|usage| usage.delayed_until.is_some()), "and that it was delayed");
    let period = world.log.usage_period(board(), &person(0)).await.unwrap().unwrap();
    assert!(period.0 == first.0 && period.1 > first.1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_decision_holds_and_every_decision_stays_in_the_log() {
    let world = World::new(23).await;
    world.ask("anna", 0).await;
    let all = told(&world, 100).await;
    delay(&world, "EB-0", 30).await;
    delay(&world, "EB-1", 30).await;
    assert_eq!(told(&world, 100).await, []);
    delay(&world, "EB-0", 0).await;
    assert_eq!(told(&world, 100).await, all, "lifted at once");
    let criteria = Criteria { kind: Some(RecordKind::Delay), ..Criteria::default() };
    let (decisions, _) = world.log.find(board(), &criteria, None, 100).await.unwrap();
    let distinct: BTreeSet<_> = decisions.iter().map(|entry| entry.first.header.entry).collect();
    assert_eq!(distinct.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_cannot_be_asked_for_by_anothers_entry() {
    let world = World::new(24).await;
    let others = loop {
        if let Some(entry) = world.ask("anna", 1).await {
            break entry;
        }
    };
    let page = world.log.find_usage(board(), &person(0), (None, None), Some(others), 100).await.unwrap();
    assert_eq!(page, None);
}
