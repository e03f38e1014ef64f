//! `kill -9` between INTENT and answer: the log knows.

use std::time::Duration;

use ssbtek_domain::{Clock, SystemClock};
use ssbtek_proto::{agency::v1::Period, broker::v1::EntryState};

use crate::harness::{Ask, Wires, World, source_count};

#[tokio::test]
async fn a_question_cut_off_by_a_kill_is_logged_as_assumed_disclosed_after_restart() {
    // That process reads the machine's clock, so this world stands at the machine's time.
    let mut world = World::start_at(Wires::Grpc, SystemClock.now()).await;
    world.agencies.control().set_all(&mock_agencies::Behaviour::out(mock_agencies::Outage::Hang));
    // The broker under test is a process of its own, on the same data, so that it can be killed.
    world.stop_broker().await;
    let process = world.serve();
    world.wait_for_door().await;
    let mut question = world.question();
    let today = world.clock.today().to_string();
    question.period = Some(Period { from: today.clone(), to: today });
    let question = tokio::spawn(Ask::outside(&world, question));
    wait_until(|| world.agencies.control().total_calls() == source_count()).await;
    process.kill();
    assert!(question.await.unwrap().is_err(), "nothing was answered");

    world.agencies.control().reset();
    world.start_broker().await;
    let entry = world.log().await.into_iter().find(|entry| !entry.sources.is_empty()).unwrap();
    assert_eq!(entry.state(), EntryState::AssumedDisclosed);
    assert_eq!(entry.case_worker, "anna");
}

/// Looks until it holds, or gives up.
async fn wait_until(holds: impl Fn() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("gave up waiting");
}
