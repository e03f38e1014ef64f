//! Expired is invisible at once, by the query itself.

use ssbtek_access_log::Filter;

use crate::world::{World, board, person};

#[tokio::test]
async fn a_month_that_has_expired_is_invisible_before_any_purge_and_erased_after_it() {
    let world = World::new("2026-09-15");
    world.register(board(0), "EB-1", &person(1)).await;
    world.ask(board(0), "EB-1").await;
    world.at("2026-10-31T22:59:00Z");
    world.ask(board(0), "EB-1").await;
    assert_eq!(
        world.records(board(0), &Filter::Person(person(1))).await.len(),
        2,
        "both questions, last minute"
    );

    world.at("2026-10-31T23:00:00Z");
    let shown = world.records(board(0), &Filter::Person(person(1))).await;
    assert_eq!(shown.len(), 1, "September is gone at midnight in Sweden");
    let all = world.records(board(0), &Filter::All).await;
    assert_eq!(all.iter().filter(|record| record.payload.is_none()).count(), 4, "its skeleton stays");

    let ran = world.run().await.unwrap();
    assert_eq!(ran.receipts.len(), 1);
    assert_eq!(ran.receipts[0].record.months, ["2026-09"]);
    assert_eq!(ran.receipts[0].record.leaves, 4);
    assert_eq!(world.records(board(0), &Filter::Person(person(1))).await.len(), 1);
    assert_eq!(world.records(board(0), &Filter::All).await.len(), all.len() + 1);
    assert!(world.run().await.unwrap().receipts.is_empty(), "a second run finds nothing");
}

#[tokio::test]
async fn a_closed_case_is_invisible_when_its_days_are_over_and_its_neighbour_is_not() {
    let world = World::new("2026-09-15");
    world.register(board(0), "EB-1", &person(1)).await;
    world.register(board(0), "EB-2", &person(2)).await;
    world.close_case(board(0), "EB-1").await;
    world.at("2026-09-25T10:59:59Z");
    assert!(world.case(board(0), "EB-1").await.is_some());
    world.at("2026-09-25T11:00:00Z");
    assert!(world.case(board(0), "EB-1").await.is_none());
    assert!(world.case(board(0), "EB-2").await.is_some());

    let ran = world.run().await.unwrap();
    assert_eq!(ran.receipts[0].record.documents, 2, "both versions");
    assert_eq!(ran.receipts[0].record.keys.len(), 1);
    assert!(world.case(board(0), "EB-2").await.is_some());
    world.ask(board(0), "EB-2").await;
    world.register(board(0), "EB-1", &person(3)).await;
    assert_eq!(world.case(board(0), "EB-1").await.unwrap().version, 1, "the id may be used anew");
}

#[tokio::test]
async fn a_board_past_its_limit_is_invisible_before_any_purge() {
    let world = World::new("2026-01-15");
    world.register(board(0), "EB-1", &person(1)).await;
    world.at("2026-01-31T11:00:00Z");
    world.ask(board(0), "EB-1").await;
    world.end(board(0), "2026-01-31").await.unwrap();
    world.at("2026-02-27T22:59:59Z");
    assert!(world.case(board(0), "EB-1").await.is_some());
    assert!(!world.records(board(0), &Filter::Person(person(1))).await.is_empty());
    world.at("2026-02-27T23:00:00Z");
    assert!(world.case(board(0), "EB-1").await.is_none());
    assert!(world.records(board(0), &Filter::Person(person(1))).await.is_empty());
    assert!(world.records(board(0), &Filter::All).await.iter().all(|record| record.payload.is_none()));
}
