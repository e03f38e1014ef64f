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

#[tokio::test]
async fn an_ended_agent_notifies_nobody_its_notices_are_not_signed_and_the_board_sees_what_is_pending() {
    let (agent, board) = (organisation(AGENT), organisation(BOARD));
    let world = World::new();
    world.in_force().await;
    world.agent().await;
    world.notify().await;
    let pending = world.desk.notifications(board).await.unwrap();
    assert_eq!(pending.len(), 1);
    assert!(
        pending[0].signed_by_board.is_none() && pending[0].ended_at.is_none(),
        "seen before it is signed"
    );
    world.desk.end_agent(agent, "2026-11-19".parse().unwrap()).await.unwrap();
    let signed = world.desk.sign_notification(&world.caller("admin"), agent, hash(6)).await.unwrap_err();
    assert!(signed.to_string().contains("has ended its agreement"), "{signed}");
    world.desk.end_notification(&By::Agent(agent), board, agent).await.unwrap();
    let signed = world.desk.sign_notification(&world.caller("admin"), agent, hash(6)).await.unwrap_err();
    assert!(signed.to_string().contains("no notification that still stands"), "{signed}");
    let today = world.clock.today();
    let notified =
        world.desk.notify_customer(agent, board, today, hash(6), hash(7), vec![]).await.unwrap_err();
    assert!(notified.to_string().contains("has ended its agreement"), "{notified}");
    let listed = world.desk.parties().await.unwrap().agents.remove(&agent).unwrap();
    assert_eq!((listed.state.as_str(), listed.since), ("ended", "2026-11-20".parse().unwrap()));
    assert!(world.desk.end_agent(agent, "2027-01-01".parse().unwrap()).await.is_err(), "it has ended");
    // A new agreement begins anew.
    world.desk.sign_agent_agreement(agent, hash(5)).await.unwrap();
    world.desk.notify_customer(agent, board, today, hash(6), hash(7), vec![]).await.unwrap();
}

#[tokio::test]
async fn evidence_that_does_not_count_is_refused_by_its_field_and_what_is_lacking_is_named() {
    let world = World::new();
    world.in_force().await;
    let agent = organisation(AGENT);
    world.desk.register_agent(agent, "Ombudet", [7; 32]).await.unwrap();
    let record = async |item, dated: &str, valid_to: Option<&str>| {
        let valid_to = valid_to.map(|day| day.parse().unwrap());
        let evidence = Evidence { document: hash(4), dated: dated.parse().unwrap(), valid_to };
        world.desk.record_evidence(agent, item, evidence).await
    };
    let (taxes, dpo) = (QualificationItem::TaxesPaid, QualificationItem::DataProtectionOfficer);
    for (item, dated, valid_to, field) in [
        (taxes, "2026-08-19", None, "dated"),
        (taxes, "2026-11-21", None, "dated"),
        (dpo, "2025-01-01", Some("2026-11-19"), "valid_to"),
        (dpo, "2026-11-01", Some("2026-10-01"), "valid_to"),
    ] {
        let refused = record(item, dated, valid_to).await.unwrap_err().to_string();
        assert!(refused.starts_with(field), "{dated}: {refused}");
    }
    record(taxes, "2026-08-20", None).await.unwrap();
    let refused = world.desk.sign_agent_agreement(agent, hash(5)).await.unwrap_err().to_string();
    assert!(refused.contains("data_protection_officer: no evidence"), "{refused}");
    assert!(!refused.contains("taxes_paid"), "{refused}");
}
