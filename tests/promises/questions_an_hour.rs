//! One account asks only so much within an hour, also where its board has set no rule; and who has tried more is pointed at.

use futures::{StreamExt, stream};
use ssbtek_config::QueryConfig;
use ssbtek_proto::broker::v1::{
    DrawSampleRequest, EntryState, access_log_service_client::AccessLogServiceClient,
};
use tonic::Code;

use crate::harness::{Ask, Wires, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_any_rule_an_account_is_stopped_told_why_and_marked_for_the_reviewer() {
    let most = QueryConfig::default().max_questions_an_hour;
    assert!((1..=200).contains(&most), "a bound that stops nobody who works by hand: {most}");
    let world = World::start_with(Wires::Grpc, |config| {
        config.query.max_questions_an_hour = most;
    })
    .await;
    let asked = stream::iter(0..most + 20).map(|_| Ask::outside(&world, world.question()));
    let asked: Vec<_> = asked.buffer_unordered(8).collect().await;
    let refused: Vec<_> = asked.into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 20);
    for status in refused {
        assert_eq!(status.code(), Code::PermissionDenied);
        assert!(status.message().starts_with("case_worker: has asked as many questions"), "{status:?}");
    }
    let log = world.log().await;
    let denied = log.iter().filter(|entry| entry.state() == EntryState::Denied);
    assert!(denied.clone().all(|entry| entry.denial == "too_many_questions") && denied.count() == 20);

    // Another account asks on, and nothing points at it.
    world.register_case("EB-2", &["bo"]).await;
    let question = ssbtek_proto::broker::v1::AskRequest { case_id: "EB-2".into(), ..world.question() };
    let bo = world.assertion("bo").on(question);
    let bo = Ask::send(&world, &world.board, bo).await.unwrap().entry_id;
    let mut client = AccessLogServiceClient::new(world.connect(&world.board.identity));
    let draw = DrawSampleRequest { month: "2026-11".into(), seed: "published seed".into(), random: 1000 };
    let drawn = client.draw_sample(world.assertion("greta").on(draw)).await.unwrap().into_inner().entries;
    let marked = |entry: &str| {
        let found = drawn.iter().find(|one| one.entry_id == entry);
        found.is_some_and(|one| one.reasons.iter().any(|reason| reason == "too_many_in_an_hour"))
    };
    assert_eq!(log.iter().filter(|entry| marked(&entry.entry_id)).count(), 20, "as many as a rule points at");
    assert!(!marked(&bo));

    world.clock.advance(chrono::TimeDelta::hours(1));
    Ask::with(&world, world.question()).await.unwrap();
}
