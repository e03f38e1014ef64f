//! Every selection, by index or by search, in pages or as a walk, finds what a reader of everything finds.

use chrono::TimeDelta;
use ssbtek_access_log::{AccessLog, Criteria, ExportOptions, RecordKind, SampleRules};
use ssbtek_domain::{Agency, CaseId, CaseWorkerId, Clock, EntryId, OrganisationNumber, Outcome, Protection};

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
        agency: rarely().then(|| Agency::ALL[world.below(Agency::ALL.len())]),
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
async fn every_selection_by_time_finds_all_of_its_records_whatever_the_clock_did() {
    let day = |days: i64| TimeDelta::days(days);
    let world = World::new(3).await;
    let start = world.clock.now();
    // Where the clock stands in turn, in days from the start; each time long enough to fill more than a block of leaves.
    for (n, at) in [0, 40, 3, -20, 5, 300, 6, -60, 7].into_iter().enumerate() {
        world.clock.set(start + day(at));
        let events = if n % 2 == 0 { 90 } else { 1 + 60 * (n % 3) };
        for _ in 0..events {
            world.clock.advance(TimeDelta::seconds(world.below(60) as i64));
            world.ask("anna", world.below(PERSONS)).await;
        }
        // The first search learns several blocks at once, the later ones what was added.
        if n >= 5 {
            let criteria = Criteria { from: Some(start + day(at)), ..Criteria::default() };
            let expected = select(&everything(&world.log).await, &criteria);
            assert_eq!(paged(&world.log, &criteria, 200).await, expected);
        }
    }
    let all = everything(&world.log).await;
    assert!(all.len() > 600, "several blocks: {}", all.len());
    let edges = [-60, 0, 3, 5, 6, 8, 40, 300].map(|at| start + day(at));
    let bounds = edges.map(Some).into_iter().chain([None]);
    let pairs = bounds.clone().flat_map(|from| bounds.clone().map(move |until| (from, until)));
    let ordered = pairs.filter(|(from, until)| from.is_none() || until.is_none() || from < until);
    for (n, (from, until)) in ordered.enumerate() {
        let person = (n % 3 == 0).then(|| person(0));
        let criteria = Criteria { person, from, until, ..Criteria::default() };
        let expected = select(&all, &criteria);
        assert_eq!(paged(&world.log, &criteria, 200).await, expected, "{from:?} until {until:?}");
        let mut forward = walked(&world.log, &criteria).await;
        forward.reverse();
        assert_eq!(forward, expected, "walked, {from:?} until {until:?}");
    }
    let (from, until) = ("2026-10-31T23:00:00Z".parse().ok(), "2026-11-30T23:00:00Z".parse().ok());
    let kind = Some(RecordKind::Intent);
    let questions = select(&all, &Criteria { kind, from, until, ..Criteria::default() }).len() as u64;
    assert!(questions > 300);
    assert_eq!(world.log.usage(board(), "2026-11").await.unwrap().unwrap().questions, questions);
    let (caller, rules) = (world.caller("greta", false), SampleRules::default());
    let drawn = world.log.draw_sample(&caller, "2026-11", "published seed", rules, None).await;
    assert_eq!(drawn.unwrap().unwrap().of, questions);
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
