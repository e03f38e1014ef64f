//! An agent asks only while the whole chain is in force on both sides.

use ssbtek_access_log::Payload;
use ssbtek_authorize::{Denial, Evidence, QualificationItem, StepKind};
use ssbtek_domain::Clock;
use ssbtek_registry::By;

use crate::world::{AGENT, BOARD, World, hash, organisation};

async fn connected() -> World {
    let world = World::new();
    world.in_force().await;
    world.agent().await;
    world.notify().await;
    let agent = organisation(AGENT);
    world.desk.sign_notification(&world.caller("admin"), agent, hash(6)).await.unwrap();
    world
}

/// The refusal, which must stand in the log and have asked nobody.
async fn refused(world: &World) -> Denial {
    let calls = world.calls.load(std::sync::atomic::Ordering::SeqCst);
    let denial = world.ask(world.through_agent("anna"), "EB-1").await.unwrap_err();
    assert_eq!(world.denials().await.last(), Some(&denial));
    assert_eq!(world.calls.load(std::sync::atomic::Ordering::SeqCst), calls);
    denial
}

#[tokio::test]
async fn an_agent_asks_while_the_chain_is_whole_and_the_log_names_agent_board_and_case_worker() {
    let world = connected().await;
    world.ask(world.through_agent("anna"), "EB-1").await.unwrap();
    let records = world.records(organisation(BOARD)).await;
    let intent = records.into_iter().rev().find_map(|record| match record.payload {
        Some(Payload::Intent(intent)) => Some(intent),
        _ => None,
    });
    let asker = intent.unwrap().asker;
    assert_eq!((asker.board, asker.agent), (organisation(BOARD), Some(organisation(AGENT))));
    assert_eq!(asker.case_worker.as_str(), "anna");
    assert_eq!(asker.processors.first().map(|link| link.organisation), Some(organisation(AGENT)));
}

#[tokio::test]
async fn an_agent_whose_tax_extract_is_older_than_three_months_is_refused_until_there_is_a_new_one() {
    let world = connected().await;
    world.clock.set("2027-02-20T10:00:00Z".parse().unwrap());
    world.ask(world.through_agent("anna"), "EB-1").await.unwrap();
    world.clock.set("2027-02-21T10:00:00Z".parse().unwrap());
    assert_eq!(refused(&world).await, Denial::AgentNotQualified);
    let evidence = Evidence { document: hash(4), dated: world.clock.today(), valid_to: None };
    let item = QualificationItem::TaxesPaid;
    world.desk.record_evidence(organisation(AGENT), item, evidence).await.unwrap();
    world.ask(world.through_agent("anna"), "EB-1").await.unwrap();
}

#[tokio::test]
async fn an_agent_without_the_boards_signature_is_refused() {
    let world = World::new();
    world.in_force().await;
    world.agent().await;
    assert_eq!(refused(&world).await, Denial::AgentNotNotified);
    world.notify().await;
    assert_eq!(refused(&world).await, Denial::AgentNotificationNotSigned);
    let forged = world.desk.sign_notification(&world.caller("admin"), organisation(AGENT), hash(99)).await;
    assert!(forged.is_err(), "another document than the agent signed");
    assert_eq!(refused(&world).await, Denial::AgentNotificationNotSigned);
}

#[tokio::test]
async fn an_agent_of_a_customer_that_has_ended_is_refused() {
    let world = connected().await;
    let today = Some(world.clock.today());
    world.desk.take_step(organisation(BOARD), StepKind::End, hash(9), today).await.unwrap();
    world.ask(world.through_agent("anna"), "EB-1").await.unwrap();
    world.clock.advance(chrono::TimeDelta::days(1));
    assert_eq!(refused(&world).await, Denial::BoardEnded);
}

#[tokio::test]
async fn an_agent_that_has_ended_its_connection_or_its_agreement_is_refused() {
    let world = connected().await;
    let (agent, board) = (organisation(AGENT), organisation(BOARD));
    world.desk.end_notification(&By::Agent(agent), board, agent).await.unwrap();
    assert_eq!(refused(&world).await, Denial::AgentNotificationEnded);

    let world = connected().await;
    world.desk.end_agent(agent, "2026-11-19".parse().unwrap()).await.unwrap();
    assert_eq!(refused(&world).await, Denial::AgentAgreementEnded);
}
