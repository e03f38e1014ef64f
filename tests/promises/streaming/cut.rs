//! A stream that is cut, by its caller or by the end of the process: the log says what had been disclosed, never less.

use std::time::Duration;

use ssbtek_domain::{Agency, Clock, SystemClock};
use ssbtek_proto::{
    agency::v1::Period,
    broker::v1::{AskRequest, EntryState},
};
use tonic::Code;

use super::{ended, held, hold_all, let_go};
use crate::harness::{Ask, Wires, World, source_count};

#[tokio::test]
async fn a_caller_that_vanishes_cuts_nothing_off_the_record() {
    let world = held(Wires::Grpc).await;
    for read in [0, 1, 3] {
        hold_all(&world, true);
        let before = world.agencies.control().total_calls();
        let mut parts = Ask::stream(&world, world.question()).await.unwrap();
        let entry = parts.begun().await;
        for agency in Agency::ALL.into_iter().take(read) {
            let_go(&world, agency);
            parts.section().await;
        }
        drop(parts);
        hold_all(&world, false);
        let logged = ended(&world, &entry).await;
        assert_eq!(logged.state(), EntryState::Released, "after {read}");
        for agency in Agency::ALL {
            assert!(logged.kinds.iter().any(|kind| kind == agency.code()), "{agency}: {:?}", logged.kinds);
        }
        assert_eq!(world.agencies.control().total_calls(), before + source_count());
    }
}

#[tokio::test]
async fn the_work_of_a_stream_that_is_reset_is_still_counted() {
    let world = World::start_with(Wires::Grpc, |config| {
        (config.query.agency_deadline_ms, config.query.deadline_ms) = (120_000, 150_000);
        config.doors.max_under_way_per_board = 2;
    })
    .await;
    hold_all(&world, true);
    let mut entries = Vec::new();
    for _ in 0..2 {
        let mut parts = Ask::stream(&world, world.question()).await.unwrap();
        entries.push(parts.begun().await);
    }
    let refused = Ask::stream(&world, world.question()).await.map(drop).unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted, "two are under way, though nobody reads them");
    hold_all(&world, false);
    // Once the work has ended there are places again; it ends whoever has gone.
    let mut asked = Ask::with(&world, world.question()).await;
    while asked.as_ref().is_err_and(|status| status.code() == Code::ResourceExhausted) {
        tokio::time::sleep(Duration::from_millis(10)).await;
        asked = Ask::with(&world, world.question()).await;
    }
    assert!(asked.unwrap().complete);
    for entry in entries {
        assert_eq!(ended(&world, &entry).await.state(), EntryState::Released);
    }
}

#[tokio::test]
async fn a_kill_at_any_step_of_a_stream_leaves_an_entry_that_counts_as_disclosed() {
    // That process reads the machine's clock, so this world stands at the machine's time.
    let mut world = World::start_at(Wires::Grpc, SystemClock.now()).await;
    world.stop_broker().await;
    let today = world.clock.today().to_string();
    let question = AskRequest { period: Some(Period { from: today.clone(), to: today }), ..world.question() };
    let mut cut = Vec::new();
    let all = Agency::ALL.len();
    for step in [0, 1, 3, all - 1, all] {
        hold_all(&world, true);
        let process = world.serve();
        world.wait_for_door().await;
        world.clock.set(SystemClock.now());
        let mut parts = Ask::stream(&world, question.clone()).await.unwrap();
        let entry = parts.begun().await;
        for agency in Agency::ALL.into_iter().take(step) {
            let_go(&world, agency);
            parts.section().await;
        }
        if step == all {
            parts.answer().await;
        }
        process.kill();
        if step < all {
            assert!(parts.next().await.is_err(), "a stream that is cut says so");
        }
        cut.push((step, entry));
    }
    hold_all(&world, false);
    world.clock.set(SystemClock.now());
    world.start_broker().await;
    for (step, entry) in cut {
        let expected = if step == all { EntryState::Released } else { EntryState::AssumedDisclosed };
        assert_eq!(ended(&world, &entry).await.state(), expected, "after {step} sections");
    }
}
