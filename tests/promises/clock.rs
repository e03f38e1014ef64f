//! A machine's clock that jumps: what was spent stays spent, and times do not run backwards without a word.

use chrono::{DateTime, TimeDelta, Utc};
use ssbtek_domain::Clock;
use tonic::Code;

use crate::harness::{Ask, Wires, World, with_token};

/// Questions that forget what was spent before: more than the log forgets at a time.
const QUESTIONS: usize = 40;

#[tokio::test]
async fn a_spent_assertion_stays_spent_when_the_clock_jumps_ahead_and_back_and_after_a_restart() {
    let mut world = World::start(Wires::Grpc).await;
    let noon = world.clock.now();
    let token = world.assertion("anna").token();
    let ask =
        async |world: &World| Ask::send(world, &world.board, with_token(world.question(), &token)).await;
    ask(&world).await.unwrap();
    for _ in 0..QUESTIONS {
        Ask::with(&world, world.question()).await.unwrap();
    }
    world.clock.advance(TimeDelta::hours(1));
    for _ in 0..QUESTIONS {
        Ask::with(&world, world.question()).await.unwrap();
    }
    for restarted in [false, true] {
        world.clock.set(noon);
        if restarted {
            world.restart().await;
        }
        confirm(&world, noon).await;
        let again = ask(&world).await.unwrap_err();
        assert_eq!(again.code(), Code::Unauthenticated, "restarted: {restarted}: {again:?}");
    }
}

#[tokio::test]
async fn a_clock_set_back_refuses_assertions_and_is_remarked_in_the_log_until_another_clock_agrees() {
    let mut world = World::start(Wires::Grpc).await;
    let noon = world.clock.now();
    world.clock.advance(TimeDelta::hours(2));
    Ask::with(&world, world.question()).await.unwrap();
    world.clock.set(noon);
    for restarted in [false, true] {
        if restarted {
            world.restart().await;
        }
        let refused = Ask::with(&world, world.question()).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
        assert!(refused.message().contains("clock was set back"), "{refused:?}");
    }
    confirm(&world, noon).await;
    // What expires no later than what was forgotten meanwhile may have been spent.
    world.clock.advance(TimeDelta::minutes(5));
    Ask::with(&world, world.question()).await.unwrap();
    let actions = loop {
        let told: Vec<String> = world.log().await.into_iter().map(|entry| entry.action).collect();
        if told.iter().any(|action| action == "clock_set_back") {
            break told;
        }
    };
    assert!(actions.contains(&"clock_set_back".to_owned()));
}

#[tokio::test]
async fn a_clock_set_back_a_little_stands_still_for_the_log() {
    let world = World::start(Wires::Grpc).await;
    for step in [0, -30, -29, 20, -1, 40] {
        world.clock.advance(TimeDelta::seconds(step));
        Ask::with(&world, world.question()).await.unwrap();
    }
    let times: Vec<DateTime<Utc>> =
        world.log().await.iter().rev().map(|entry| entry.opened_at.parse().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
}

/// Two operators state the time.
async fn confirm(world: &World, time: DateTime<Utc>) {
    world.purge_by_word(time).await;
}
