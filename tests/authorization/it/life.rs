//! The life of a board's connection, of cases, and of keys.

use ssbtek_authorize::{BoardState, ConnectionError, Denial, KeyAlgorithm, StepKind};
use ssbtek_domain::{CaseId, Clock};
use ssbtek_registry::{DeskError, NewCase, NewKey};

use crate::world::{BOARD, World, contact, hash, household, id, organisation};

#[tokio::test]
async fn only_steps_that_follow_are_taken_and_each_is_kept_with_who_when_and_document() {
    let world = World::new();
    world.publish("1").await;
    world.apply().await;
    for wrong in [StepKind::Approve, StepKind::Enable, StepKind::Suspend, StepKind::Resume, StepKind::Purge] {
        assert!(world.step(wrong).await.is_err(), "{wrong:?}");
    }
    world.step(StepKind::Check).await.unwrap();
    world.step(StepKind::Approve).await.unwrap();
    world.complete("").await;
    world.step(StepKind::Enable).await.unwrap();
    world.step(StepKind::Suspend).await.unwrap();
    world.step(StepKind::Resume).await.unwrap();
    let (_, board) = world.desk.board(organisation(BOARD)).await.unwrap();
    let kinds: Vec<_> = board.history.iter().map(|step| step.kind).collect();
    use StepKind::*;
    assert_eq!(kinds, [Apply, Check, Approve, Enable, Suspend, Resume]);
    assert!(board.history.iter().all(|step| step.by == "operator" && step.at == world.clock.now()));
}

#[tokio::test]
async fn access_is_not_enabled_until_everything_is_there() {
    for missing in ["contact", "proven certificate", "processor_agreement"] {
        let world = World::new();
        world.publish("1").await;
        world.apply().await;
        world.step(StepKind::Check).await.unwrap();
        world.step(StepKind::Approve).await.unwrap();
        world.complete(missing).await;
        let refused = world.step(StepKind::Enable).await.unwrap_err();
        // Without a certificate that is proven nobody can record a contact either.
        let all = match missing {
            "proven certificate" => vec![missing, "contact"],
            _ => vec![missing],
        };
        let all = ConnectionError::Missing(all).to_string();
        assert!(refused.to_string().ends_with(&all), "{refused}");
        assert_eq!(world.desk.board(organisation(BOARD)).await.unwrap().1.state, BoardState::Approved);
    }
}

#[tokio::test]
async fn an_agreement_that_ends_later_holds_to_the_last_moment_of_its_last_day() {
    let world = World::new();
    world.in_force().await;
    let on = "2026-11-30".parse().unwrap();
    world.desk.take_step(organisation(BOARD), StepKind::End, hash(9), Some(on)).await.unwrap();
    world.clock.set("2026-11-30T22:59:59Z".parse().unwrap());
    world.ask(world.caller("anna"), "EB-1").await.unwrap();
    world.clock.set("2026-11-30T23:00:00Z".parse().unwrap());
    assert_eq!(world.ask(world.caller("anna"), "EB-1").await.unwrap_err(), Denial::BoardEnded);
    let (_, board) = world.desk.board(organisation(BOARD)).await.unwrap();
    assert_eq!(board.ended_on(), Some(on));
    assert_eq!(board.deadline().unwrap().limit_on, "2026-12-30".parse().unwrap());
    world.step(StepKind::Purge).await.unwrap();
    assert_eq!(world.desk.board(organisation(BOARD)).await.unwrap().1.ended_on(), Some(on));
}

#[tokio::test]
async fn a_provisional_case_is_marked_lapses_by_itself_and_lives_on_once_confirmed() {
    let world = World::new();
    world.in_force().await;
    for name in ["EB-2", "EB-3"] {
        let new = NewCase {
            id: CaseId::parse(name).unwrap(),
            members: household(),
            case_workers: [id("anna")].into(),
            provisional_days: Some(3),
        };
        world.desk.register_new_case(&world.caller("system"), new).await.unwrap();
    }
    assert!(world.ask(world.caller("anna"), "EB-2").await.unwrap().is_provisional());
    assert!(!world.ask(world.caller("anna"), "EB-1").await.unwrap().is_provisional());
    world.clock.set("2026-11-22T22:59:59Z".parse().unwrap());
    world.ask(world.caller("anna"), "EB-2").await.unwrap();
    world.desk.confirm_case(&world.caller("system"), &CaseId::parse("EB-3").unwrap()).await.unwrap();
    world.clock.set("2026-11-22T23:00:00Z".parse().unwrap());
    assert_eq!(world.ask(world.caller("anna"), "EB-2").await.unwrap_err(), Denial::CaseLapsed);
    assert!(world.desk.confirm_case(&world.caller("system"), &CaseId::parse("EB-2").unwrap()).await.is_err());
    assert!(!world.ask(world.caller("anna"), "EB-3").await.unwrap().is_provisional());
}

#[tokio::test]
async fn the_last_key_in_use_cannot_be_retired_before_another_overlaps_it() {
    let world = World::new();
    world.in_force().await;
    let admin = || world.caller("admin");
    assert!(world.desk.retire_assertion_key(&admin(), "k1", None).await.is_err());
    let key = NewKey { kid: "k2".into(), algorithm: KeyAlgorithm::EdDsa, public_pem: "PEM".into() };
    world.desk.add_assertion_key(&admin(), key.clone()).await.unwrap();
    assert!(world.desk.add_assertion_key(&admin(), key).await.is_err(), "the same kid twice");
    let (_, board) = world.desk.board(organisation(BOARD)).await.unwrap();
    assert!(board.assertion_keys.iter().all(|key| key.is_valid_at(world.clock.now())));
    world.desk.retire_assertion_key(&admin(), "k1", None).await.unwrap();
    let (_, board) = world.desk.board(organisation(BOARD)).await.unwrap();
    let valid = board.assertion_keys.iter().filter(|key| key.is_valid_at(world.clock.now()));
    assert_eq!(valid.map(|key| key.kid.as_str()).collect::<Vec<_>>(), ["k2"]);
}

#[tokio::test]
async fn a_whole_board_moves_as_a_file_but_confirmations_do_not() {
    let world = World::new();
    world.in_force().await;
    let file = world.desk.export_board(organisation(BOARD)).await.unwrap();
    let json = serde_json::to_vec(&file).unwrap();
    assert!(world.desk.import_board(&json).await.is_err(), "it is registered already");

    let other = World::new();
    other.publish("1").await;
    other.desk.import_board(&json).await.unwrap();
    let again = other.desk.export_board(organisation(BOARD)).await.unwrap();
    assert_eq!(again.board.history[..file.board.history.len()], file.board.history);
    assert!(again.board.certificates.iter().all(|certificate| !certificate.is_confirmed()));
    let asked = other.desk.set_contact(&other.caller("admin"), contact()).await;
    assert_eq!(asked, Err(DeskError::Denied(Denial::CertificateNotConfirmed)));
    other.desk.prove_connection(&other.caller("admin")).await.unwrap();
    assert!(other.ask(other.caller("anna"), "EB-1").await.is_err(), "access is not enabled here yet");
    other.step(StepKind::Resume).await.unwrap();
    assert!(again.accounts.iter().all(|account| account.confirmed.is_empty()));
    let mut forged = file;
    forged.board.history.truncate(2);
    let third = World::new();
    third.publish("1").await;
    let forged = serde_json::to_vec(&forged).unwrap();
    assert!(third.desk.import_board(&forged).await.is_err(), "in force without having been enabled");
    assert!(third.desk.board(organisation(BOARD)).await.is_err());
}

#[tokio::test]
async fn accounts_that_have_not_asked_for_long_are_reported_dormant() {
    let world = World::new();
    world.in_force().await;
    world.clock.set("2027-02-01T10:00:00Z".parse().unwrap());
    world.ask(world.caller("anna"), "EB-1").await.unwrap();
    world.clock.set("2027-03-01T10:00:00Z".parse().unwrap());
    world.desk.follow_up_case_worker(&world.caller("admin"), &id("bo")).await.unwrap();
    for days in [100_000_000, u32::MAX] {
        let lines = world.desk.accounts(&world.caller("admin"), days).await.unwrap();
        assert!(lines.iter().all(|line| !line.dormant), "{days}");
    }
    let lines = world.desk.accounts(&world.caller("admin"), 60).await.unwrap();
    let dormant: Vec<_> =
        lines.iter().filter(|line| line.dormant).map(|line| line.account.id.as_str()).collect();
    assert_eq!(dormant, ["bo"]);
    let followed = |line: &&ssbtek_registry::AccountLine| !line.account.follow_ups.is_empty();
    assert_eq!(lines.iter().filter(followed).count(), 1);
}

#[tokio::test]
async fn a_change_by_an_account_that_was_blocked_meanwhile_is_not_made() {
    let world = World::new();
    world.in_force().await;
    // Judged before the transaction, blocked before it: what it rests on is judged again inside it.
    let caller = world.caller("system");
    let now = world.clock.now();
    let key = caller.facts_key(None);
    let judged = caller.clone();
    let recheck = ssbtek_access_log::Recheck {
        key,
        judge: Box::new(move |facts| ssbtek_authorize::any_duty(&judged, facts, now)),
    };
    world.desk.block_case_worker(&world.caller("admin"), &id("system")).await.unwrap();
    let change = ssbtek_access_log::Change {
        recheck: Some(recheck),
        ..ssbtek_access_log::Change::new(organisation(BOARD), "system", "close_case")
    };
    let made = world.log.make(change).await;
    let denied = ssbtek_access_log::LogError::Denied(Denial::CaseWorkerBlocked);
    assert_eq!(made, Err(ssbtek_access_log::ChangeError::Log(denied)));
}

#[tokio::test]
async fn what_is_missing_is_named_all_at_once_and_a_power_of_attorney_holds_for_its_own_text() {
    use ssbtek_authorize::ProcessorAgreementVariant::{Common, Provider};
    let world = World::new();
    world.publish("1").await;
    let mut application = crate::world::application();
    application.power_of_attorney.needed = true;
    world.desk.register_board(application).await.unwrap();
    let board = organisation(BOARD);
    for step in [StepKind::Check, StepKind::Approve] {
        world.step(step).await.unwrap();
    }
    let missing = world.step(StepKind::Enable).await.unwrap_err().to_string();
    for what in ["contact", "processor_agreement", "power_of_attorney", "proven certificate"] {
        assert!(missing.contains(what), "{what}: {missing}");
    }
    world.complete("").await;
    let agreement = crate::world::agreement(&world);
    assert_eq!(agreement.variant, Common);
    world.desk.set_power_of_attorney(board, Some(Provider), hash(7)).await.unwrap();
    let missing = world.step(StepKind::Enable).await.unwrap_err().to_string();
    assert!(missing.contains("power_of_attorney"), "for the other text: {missing}");
    world.desk.set_power_of_attorney(board, None, hash(7)).await.unwrap();
    world.step(StepKind::Enable).await.unwrap();
}
