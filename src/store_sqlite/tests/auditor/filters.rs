//! Every selection, by index or by search, in pages or as a walk, finds what a reader of everything finds.

use chrono::TimeDelta;
use ssbtek_access_log::{AccessLog, Criteria, ExportOptions, RecordKind};
use ssbtek_domain::{Agency, CaseId, CaseWorkerId, EntryId, OrganisationNumber, Outcome, Protection};

use crate::{
    naive::{everything, select},
    world::{AGENT, PERSONS, WORKERS, World, board, person},
};

/// Things that happen in a generated log.
const EVENTS: usize = 150;
/// Selections tried on it.
const SELECTIONS: usize = 60;

/// A selection by the seed: each criterion is set about one time in five.
fn selection(world: &World, entries: &[EntryId]) -> Criteria {
    let rarely = || world.below(5) == 0;
    let start: ssbtek_domain::DateTime<ssbtek_domain::Utc> = "2026-11-02T08:00:00Z".parse().unwrap();
    let moment = || start + TimeDelta::seconds(world.below(EVENTS * 3600) as i64);
    let pick = |all: &[_]| Some(all[world.below(all.len())]);
    let kinds = [
        RecordKind::Intent,
        RecordKind::Denial,
        RecordKind::RegistryChange,
        RecordKind::LogRead,
        RecordKind::SampleDrawn,
        RecordKind::Review,
    ];
    let levels = [Protection::None, Protection::NotKnown, Protection::SkyddadFolkbokforing];
    Criteria {
        person: rarely().then(|| person(world.below(PERSONS))),
        case_worker: rarely().then(|| CaseWorkerId::parse(WORKERS[world.below(4)].0).unwrap()),
        case: rarely().then(|| CaseId::parse(&format!("EB-{}", world.below(PERSONS))).unwrap()),
        entry: (world.below(20) == 0).then(|| entries[world.below(entries.len())]),
        unit: rarely().then(|| WORKERS[world.below(4)].1.to_owned()),
        from: rarely().then(moment),
        until: rarely().then(moment),
        agency: rarely().then(|| Agency::ALL[world.below(7)]),
        outcome: rarely().then(|| Outcome::ALL[world.below(9)]),
        protection: if rarely() { pick(&levels) } else { None },
        agent: rarely().then(|| OrganisationNumber::parse(AGENT).unwrap()),
        kind: rarely().then(|| kinds[world.below(kinds.len())]),
        attested: rarely().then_some(false),
    }
}

/// All pages of a selection, each of at most `page` entries.
async fn paged(log: &AccessLog, criteria: &Criteria, page: usize) -> Vec<EntryId> {
    let (mut found, mut before) = (vec![], None);
    loop {
        let (entries, next) = log.find(board(), criteria, before, page).await.unwrap();
        assert!(entries.len() <= page);
        found.extend(entries.iter().map(|entry| entry.first.header.entry));
        before = next;
        if before.is_none() {
            return found;
        }
    }
}

async fn walked(log: &AccessLog, criteria: &Criteria) -> Vec<EntryId> {
    let (mut found, mut walk) = (vec![], log.walk(board(), criteria.clone(), None).await.unwrap());
    while let Some(entries) = walk.next().await.unwrap() {
        found.extend(entries.iter().map(|entry| entry.first.header.entry));
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_selection_finds_what_a_reader_of_everything_finds() {
    for seed in 1..=2 {
        let world = World::new(seed).await;
        for _ in 0..EVENTS {
            world.something_happens().await;
        }
        let all = everything(&world.log).await;
        let ids: Vec<EntryId> = all.iter().map(|seen| seen.first.header.entry).collect();
        let (mut hits, mut empty) = (0, 0);
        for _ in 0..SELECTIONS {
            let criteria = selection(&world, &ids);
            let expected = select(&all, &criteria);
            let page = 1 + world.below(30);
            let told = || format!("seed {seed}, by {}", criteria.name());
            assert_eq!(paged(&world.log, &criteria, page).await, expected, "{}", told());
            let mut forward = walked(&world.log, &criteria).await;
            forward.reverse();
            assert_eq!(forward, expected, "walked, {}", told());
            (hits, empty) = (hits + expected.len(), empty + usize::from(expected.is_empty()));
        }
        assert!(hits > 150 && empty < SELECTIONS * 3 / 4, "{hits} hits, {empty} selections without any");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_neither_repeat_nor_skip_while_the_log_grows_between_them() {
    let world = World::new(7).await;
    for _ in 0..120 {
        world.something_happens().await;
    }
    for criteria in [Criteria::default(), Criteria::about(&person(0))] {
        let before_growth = select(&everything(&world.log).await, &criteria);
        let (mut found, mut before) = (vec![], None);
        loop {
            let (entries, next) = world.log.find(board(), &criteria, before, 7).await.unwrap();
            found.extend(entries.iter().map(|entry| entry.first.header.entry));
            world.ask("anna", 0).await;
            before = next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(found, before_growth);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_walk_sees_the_log_as_it_stood_when_it_began() {
    let world = World::new(8).await;
    for _ in 0..60 {
        world.something_happens().await;
    }
    let before_growth = everything(&world.log).await.len();
    let mut walk = world.log.walk(board(), Criteria::default(), None).await.unwrap();
    world.ask("anna", 1).await;
    let mut seen = 0;
    while let Some(entries) = walk.next().await.unwrap() {
        seen += entries.len();
    }
    assert_eq!(seen, before_growth);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bundle_of_a_selection_shows_its_records_and_no_others() {
    let world = World::new(9).await;
    for _ in 0..80 {
        world.something_happens().await;
    }
    let criteria = Criteria { kind: Some(RecordKind::Denial), ..Criteria::default() };
    let expected = select(&everything(&world.log).await, &criteria).len() as u64;
    let options = ExportOptions { criteria: Some(criteria), ..ExportOptions::default() };
    let mut export = world.log.export(board(), options).await.unwrap();
    let mut verifier = ssbtek_transparency::bundle::BundleVerifier::new(None);
    while let Some(lines) = export.next().await.unwrap() {
        lines.lines().for_each(|line| drop(verifier.line(line).unwrap()));
    }
    assert!(expected > 0);
    assert_eq!((export.told(), verifier.finish().unwrap().entries), (expected, expected));
}
