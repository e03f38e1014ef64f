//! No purge on one clock's word.

use std::sync::Arc;

use ssbtek_access_log::Filter;
use ssbtek_domain::{Clock, FixedClock};
use ssbtek_purge::{NoFaults, PurgeError, time::Agreement};

use crate::world::{World, board, person};

#[tokio::test]
async fn a_clock_forty_days_ahead_purges_nothing_and_raises_the_alarm() {
    let truth = Arc::new(FixedClock::at("2026-01-20T11:00:00Z".parse().unwrap()));
    let clock = Arc::new(FixedClock::at("2026-01-20T11:00:00Z".parse().unwrap()));
    let directory = tempfile::tempdir().unwrap();
    let world = World::open(directory.path(), clock.clone(), truth);
    world.register(board(0), "EB-1", &person(0)).await;
    world.ask(board(0), "EB-1").await;
    world.end(board(0), "2026-01-21").await.unwrap();
    clock.advance(chrono::Duration::days(40));
    let refused = world.run().await;
    assert!(matches!(refused, Err(PurgeError::Clocks(Agreement::Differ(3_456_000)))), "{refused:?}");
    assert_eq!(world.purger.last_agreement(), Some(Agreement::Differ(3_456_000)));
    let status = world
        .purger
        .status("2026-03-01T11:00:00Z".parse().unwrap(), ssbtek_purge::Counting::With)
        .await
        .unwrap();
    assert!(status.boards[0].overdue, "and its readiness is red");

    // An operator with the same wrong time does not outvote the second clock.
    let wrong = Some("2026-03-01T11:00:00Z".parse().unwrap());
    assert!(matches!(world.purger.run(wrong, &NoFaults).await, Err(PurgeError::Clocks(_))));

    // Put right, everything is there as before.
    clock.advance(chrono::Duration::days(-40));
    assert_eq!(world.records(board(0), &Filter::Person(person(0))).await.len(), 1);
    assert!(world.run().await.unwrap().receipts.is_empty());
}

#[tokio::test]
async fn a_clock_that_is_behind_purges_nothing_and_hides_no_alarm() {
    let truth = Arc::new(FixedClock::at("2026-01-20T11:00:00Z".parse().unwrap()));
    let clock = Arc::new(FixedClock::at("2026-01-20T11:00:00Z".parse().unwrap()));
    let directory = tempfile::tempdir().unwrap();
    let world = World::open(directory.path(), clock.clone(), truth.clone());
    world.register(board(0), "EB-1", &person(0)).await;
    world.end(board(0), "2026-01-21").await.unwrap();
    // The truth goes on for forty days; this machine's clock stands still.
    truth.advance(chrono::Duration::days(40));
    let refused = world.run().await;
    assert!(matches!(refused, Err(PurgeError::Clocks(Agreement::Differ(-3_456_000)))), "{refused:?}");
    let status = world.purger.status(clock.now(), ssbtek_purge::Counting::With).await.unwrap();
    assert!(status.boards[0].overdue, "red by the other clock's time");

    clock.advance(chrono::Duration::days(40));
    assert_eq!(world.run().await.unwrap().receipts.len(), 1);
}
