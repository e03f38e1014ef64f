//! What a person is told, and what is delayed until a day that comes by itself.

use std::{collections::BTreeSet, sync::Arc};

use chrono::TimeDelta;
use ssbtek_access_log::{
    Criteria, Header, OpenFault, PageOf, PersonReportOptions, RecordKind, Selection, StoredLeaf, open_leaf,
};
use ssbtek_domain::{CaseId, Clock, EntryId, OrganisationNumber, SystemEntropy};
use ssbtek_transparency::commit;
use ssbtek_vault::{DirectoryVault, KeyId, Vault};

use crate::{
    naive::{everything, select},
    world::{World, board, person},
};

async fn told(world: &World, page: usize) -> Vec<EntryId> {
    let (mut found, mut before) = (vec![], None);
    loop {
        let page = world.log.find_usage(board(), &person(0), (None, None), before, page).await;
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
    let (usages, _) = world.log.find_usage(board(), &person(0), (None, None), None, 100).await.unwrap();
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
async fn a_page_opens_only_for_the_board_the_reader_and_the_selection_it_was_given_for() {
    let world = World::new(24).await;
    let by = |n: usize| Selection::default().with("person", person(n).expose());
    let (own, others) = (by(0), by(1));
    let of = PageOf { board: board(), reader: "162021008988", selection: &own };
    let token = world.log.page_token(of, 7).unwrap();
    assert_eq!(world.log.page_before(of, &token).unwrap(), Some(7));
    assert_ne!(
        world.log.page_token(of, 7).unwrap(),
        token,
        "two tokens for one place have nothing in common"
    );
    let elsewhere = OrganisationNumber::parse("162120008988").unwrap();
    for not_its in [
        PageOf { board: elsewhere, ..of },
        PageOf { reader: "list", ..of },
        PageOf { selection: &others, ..of },
    ] {
        assert_eq!(world.log.page_before(not_its, &token).unwrap(), None);
    }
    for place in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
        assert_eq!(world.log.page_before(of, std::str::from_utf8(&changed).unwrap()).unwrap(), None);
    }
}

#[test]
fn a_record_sealed_for_one_board_does_not_open_as_anothers() {
    let files = tempfile::tempdir().unwrap();
    let vault = DirectoryVault::open(files.path(), Arc::new(SystemEntropy)).unwrap();
    let elsewhere = OrganisationNumber::parse("162120008988").unwrap();
    let key = KeyId::new(&["log", elsewhere.as_str(), "2026-11"]);
    let now = "2026-11-02T08:00:00Z".parse().unwrap();
    let header =
        Header::new(RecordKind::LogRead, EntryId::draw(&SystemEntropy, now), now, key.clone()).to_bytes();
    let (salt, payload) = ([7; 32], b"{}");
    let plain = [salt.as_slice(), payload].concat();
    let sealed = vault.create(&key).unwrap().seal(&SystemEntropy, &header, &plain);
    let leaf = StoredLeaf { index: 0, header, commitment: commit(&salt, payload), sealed: Some(sealed), key };
    assert!(open_leaf(&vault, elsewhere, &leaf).unwrap().is_some());
    assert_eq!(open_leaf(&vault, board(), &leaf).unwrap_err(), OpenFault::Tampered);
}
