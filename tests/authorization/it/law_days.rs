//! A decision is made, and made again, under the law of its own day in Stockholm.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, TimeZone, Utc};
use ssbtek_access_log::{Intent, Payload, RecordKind};
use ssbtek_authorize::{Ask, Denial, LegalBases};
use ssbtek_domain::{Agency, Information, stockholm};
use ssbtek_query::Released;
use tokio::sync::Semaphore;

use crate::world::{BOARD, World, ask_on, organisation, question};

#[tokio::test]
async fn a_decision_on_either_side_of_a_change_of_the_law_is_made_again_under_its_own() {
    for (moment, basis) in [
        (
            "2025-06-30T21:59:59Z",
            "11 kap. 11–11 b §§ socialtjänstlagen (2001:453); 2 § förordningen (2008:975)",
        ),
        (
            "2025-06-30T22:00:00Z",
            "15 kap. 10–12 §§ socialtjänstlagen (2025:400); 2 § förordningen (2008:975)",
        ),
    ] {
        let mut world = World::new();
        world.law = LegalBases::default();
        world.clock.set(moment.parse().unwrap());
        world.in_force().await;
        let mut ask = question("EB-1");
        ask.agencies = [Agency::Csn].into();
        ask_on(&world.path().await, world.caller("anna"), ask).await.unwrap();
        let records = world.records(organisation(BOARD)).await;
        let intent = records.iter().rfind(|record| record.header.kind == RecordKind::Intent).unwrap();
        let Some(Payload::Intent(told)) = &intent.payload else { panic!("an intent") };
        assert_eq!(told.sources[0].basis.0, basis, "{moment}");
        // Long after, under whatever list.
        world.clock.set("2027-11-20T10:00:00Z".parse().unwrap());
        world.law = LegalBases(vec![]);
        world.path().await;
        let replayed = world.desk.replay(&[organisation(BOARD)], intent.header.entry).await.unwrap();
        assert!(replayed.agrees(), "{moment}: {:?} and {:?}", replayed.logged, replayed.replayed);
    }
}

/// The moment at which a day begins in Stockholm.
fn beginning(day: NaiveDate) -> DateTime<Utc> {
    stockholm().from_local_datetime(&day.and_hms_opt(0, 0, 0).unwrap()).unwrap().to_utc()
}

/// The days on which a provision of the list begins to hold, or has ceased to.
fn changes() -> BTreeSet<NaiveDate> {
    let law = LegalBases::default();
    let begins = law.0.iter().map(|rule| rule.valid_from);
    let ends = law.0.iter().filter_map(|rule| rule.valid_to?.checked_add_days(Days::new(1)));
    begins.chain(ends).filter(|day| *day >= "2020-01-01".parse().unwrap()).collect()
}

async fn intents(world: &World) -> Vec<(ssbtek_access_log::LoggedRecord, Intent)> {
    let records = world.records(organisation(BOARD)).await.into_iter();
    let intent = |record: ssbtek_access_log::LoggedRecord| match record.payload.clone() {
        Some(Payload::Intent(intent)) => Some((record, *intent)),
        _ => None,
    };
    records.filter_map(intent).collect()
}

#[tokio::test]
async fn what_each_agency_is_asked_changes_at_midnight_in_stockholm_with_each_change_of_the_list() {
    let days = changes();
    let expected: BTreeSet<NaiveDate> = ["2025-07-01", "2025-12-01"].map(|day| day.parse().unwrap()).into();
    assert!(days.is_superset(&expected), "{days:?}");
    let law = LegalBases::default();
    for day in days {
        let midnight = beginning(day);
        let mut world = World::new();
        world.law = law.clone();
        world.clock.set(midnight - TimeDelta::minutes(2));
        world.in_force().await;
        for (moment, on) in
            [(midnight - TimeDelta::milliseconds(1), day.pred_opt().unwrap()), (midnight, day)]
        {
            world.clock.set(moment);
            ask_on(&world.path().await, world.caller("anna"), question("EB-1")).await.unwrap();
            let (record, intent) = intents(&world).await.pop().unwrap();
            for agency in Agency::ALL {
                let line = intent.sources.iter().find(|line| line.source.agency() == agency);
                let told = line.map(|line| (line.basis.0.clone(), line.without_ground.iter().copied()));
                // By hand: the texts that hold on that day, each once.
                let holds = |kind: &Information| law.on(*kind, on).is_some();
                let kinds: BTreeSet<Information> =
                    Information::of(agency).into_iter().filter(holds).collect();
                let texts: BTreeSet<&str> =
                    kinds.iter().map(|kind| law.on(*kind, on).unwrap().text.as_str()).collect();
                assert_eq!(told.is_some(), !kinds.is_empty(), "{agency} at {moment}");
                if let Some((basis, without)) = told {
                    let without: BTreeSet<Information> = without.collect();
                    let all: BTreeSet<Information> = Information::of(agency).into_iter().collect();
                    assert!(without == &all - &kinds, "{agency} at {moment}: {without:?}");
                    assert!(texts.iter().all(|text| basis.contains(text)), "{agency} at {moment}: {basis}");
                    let others = law.0.iter().filter(|rule| !texts.contains(rule.text.as_str()));
                    let another =
                        |text: &str| !texts.iter().any(|own| own.contains(text)) && basis.contains(text);
                    assert!(
                        !others.into_iter().any(|rule| another(&rule.text)),
                        "{agency} at {moment}: {basis}"
                    );
                }
            }
            let replayed = world.desk.replay(&[organisation(BOARD)], record.header.entry).await.unwrap();
            assert!(replayed.agrees(), "{moment}: {:?} and {:?}", replayed.logged, replayed.replayed);
        }
    }
}

/// A question that is opened a moment before midnight and answered after it.
async fn over(midnight: DateTime<Utc>, ask: Ask) -> (World, Result<Released, Denial>) {
    let mut world = World::new();
    world.law = LegalBases::default();
    world.clock.set(midnight - TimeDelta::minutes(2));
    world.in_force().await;
    world.clock.set(midnight - TimeDelta::milliseconds(1));
    let gate = Arc::new(Semaphore::new(0));
    let (path, arrived) = world.path_of(&Agency::ALL, Some(gate.clone())).await;
    let asked = {
        let (caller, ask) = (world.caller("anna"), ask.clone());
        tokio::spawn(async move { ask_on(&path, caller, ask).await })
    };
    arrived.acquire().await.unwrap().forget();
    world.clock.set(midnight);
    gate.add_permits(1000);
    let answer = asked.await.unwrap();
    (world, answer)
}

#[tokio::test]
async fn a_question_under_way_at_midnight_is_answered_unless_the_law_changed_with_the_day() {
    let csn = Ask { agencies: [Agency::Csn].into(), ..question("EB-1") };
    let (_, answer) = over(beginning("2025-06-29".parse().unwrap()), csn.clone()).await;
    assert!(answer.is_ok(), "nothing changed but the day");
    let (world, answer) = over(beginning("2025-07-01".parse().unwrap()), csn.clone()).await;
    assert_eq!(answer.err(), Some(Denial::FactsChanged), "what it was asked under holds no more");
    let (record, intent) = intents(&world).await.pop().unwrap();
    assert!(intent.sources[0].basis.0.contains("(2001:453)"));
    let replayed = world.desk.replay(&[organisation(BOARD)], record.header.entry).await.unwrap();
    assert!(replayed.agrees(), "{:?} and {:?}", replayed.logged, replayed.replayed);
    ask_on(&world.path().await, world.caller("anna"), csn).await.unwrap();
    let (_, intent) = intents(&world).await.pop().unwrap();
    assert!(intent.sources[0].basis.0.contains("(2025:400)"), "asked again, it is");
}
