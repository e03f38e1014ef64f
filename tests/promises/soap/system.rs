//! An account of a system that does not say who asks in it: a person answers for it, the agreement vouches for it, and everything
//! that it does is marked, at both doors.

use ssbtek_domain::{Agency, Role};
use ssbtek_proto::broker::v1::{
    self as proto, AccountKind, AskRequest, Duty, EntryState, LogEntry,
    administration_service_client::AdministrationServiceClient,
};
use tonic::{Code, Status};

use super::{attested::set, client::Question};
use crate::harness::{Ask, BOARD, Wires, World};

const SYSTEM: &str = "ekbist";
const RESPONSIBLE: &str = "anna";
/// What today's clients send as a case.
const CASE: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

fn account(duties: &[Duty]) -> proto::Account {
    proto::Account {
        id: SYSTEM.into(),
        name: "Verksamhetssystemet".into(),
        unit: "Enheten".into(),
        duties: duties.iter().map(|duty| i32::from(*duty)).collect(),
        kind: AccountKind::System.into(),
        responsible: RESPONSIBLE.into(),
    }
}

async fn register(world: &World, account: proto::Account) -> Result<(), Status> {
    let message = proto::RegisterCaseWorkerRequest { account: Some(account) };
    let mut desk = AdministrationServiceClient::new(world.connect(&world.board.identity));
    desk.register_case_worker(world.assertion("admin").on(message)).await.map(drop)
}

/// A system that may ask.
async fn asking(wires: Wires) -> World {
    let world = World::start(wires).await;
    set(&world, "2026-11-01", "2026-12-31").await.unwrap();
    register(&world, account(&[Duty::Asks])).await.unwrap();
    world.confirm_instructions(SYSTEM, "1", BOARD, &world.board).await.unwrap();
    world
}

fn question(world: &World) -> Question {
    let question = world.soap_question(10, Role::Applicant).only(&[Agency::Tns, Agency::Csn]);
    Question { case: CASE.into(), case_worker: SYSTEM.into(), ..question }
}

async fn told(world: &World) -> proto::GetBoardResponse {
    let board = proto::GetBoardRequest { organisation_number: BOARD.into() };
    world.agreements(&world.operator.identity).get_board(board).await.unwrap().into_inner()
}

fn assert_marked(entry: &LogEntry) {
    assert_eq!(entry.account_kind(), AccountKind::System, "{entry:?}");
    assert_eq!(entry.responsible, RESPONSIBLE);
}

#[tokio::test]
async fn it_needs_a_person_who_answers_for_it_and_the_attestation_in_the_agreement() {
    let world = World::start(Wires::Grpc).await;
    let good = account(&[Duty::Asks]);
    let refused = |status: Result<(), Status>| {
        let status = status.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
        status.message().to_owned()
    };
    let told = refused(register(&world, good.clone()).await);
    assert!(told.starts_with("account.kind"), "the agreement does not vouch for it: {told}");
    set(&world, "2026-11-01", "2026-12-31").await.unwrap();
    let person = AccountKind::Person.into();
    for (account, field) in [
        (proto::Account { responsible: String::new(), ..good.clone() }, "account.responsible"),
        (proto::Account { responsible: "ingen".into(), ..good.clone() }, "account.responsible"),
        (proto::Account { responsible: SYSTEM.into(), ..good.clone() }, "account.responsible"),
        (proto::Account { kind: person, ..good.clone() }, "account.responsible"),
        (account(&[Duty::Administers]), "account.duties"),
        (account(&[Duty::Asks, Duty::Audits]), "account.duties"),
    ] {
        let told = refused(register(&world, account).await);
        assert!(told.starts_with(field), "{field}: {told}");
    }
    register(&world, good).await.unwrap();
    let other = proto::Account { id: "annat".into(), responsible: SYSTEM.into(), ..account(&[Duty::Asks]) };
    let told = refused(register(&world, other).await);
    assert!(told.starts_with("account.responsible"), "a system answers for nothing: {told}");
}

#[tokio::test]
async fn all_that_it_does_is_marked_at_both_doors() {
    for wires in [Wires::Own, Wires::Grpc] {
        let world = asking(wires).await;
        // An unchanged client: a case of its own, one name for everybody.
        let reply = world.soap_ask(&question(&world)).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let entry = world.newest_question().await.unwrap();
        assert!(entry.attested && entry.state() == EntryState::Released);
        assert_marked(&entry);
        // In a registered case, over gRPC.
        world.register_case("EB-S", &[SYSTEM, "bo"]).await;
        let in_case = || AskRequest { case_id: "EB-S".into(), ..world.question() };
        Ask::send(&world, &world.board, world.assertion(SYSTEM).on(in_case())).await.unwrap();
        let entry = world.newest_question().await.unwrap();
        assert!(!entry.attested);
        assert_marked(&entry);
        // A refusal, and what it confirmed.
        let elsewhere = AskRequest { case_id: "EB-1".into(), ..world.question() };
        Ask::send(&world, &world.board, world.assertion(SYSTEM).on(elsewhere)).await.unwrap_err();
        let log = world.log().await;
        let its: Vec<&LogEntry> = log.iter().filter(|entry| entry.case_worker == SYSTEM).collect();
        for state in [EntryState::Released, EntryState::Denied, EntryState::RegistryChange] {
            assert!(its.iter().any(|entry| entry.state() == state), "{state:?}");
        }
        its.into_iter().for_each(assert_marked);
        for entry in log.iter().filter(|entry| entry.case_worker != SYSTEM) {
            assert_ne!(entry.account_kind(), AccountKind::System, "{entry:?}");
        }
    }
}

#[tokio::test]
async fn it_asks_no_longer_than_the_agreement_says_and_is_blocked_with_who_answers_for_it() {
    let world = asking(Wires::Grpc).await;
    world.register_case("EB-S", &[SYSTEM]).await;
    let ask = async || {
        let question = AskRequest { case_id: "EB-S".into(), ..world.question() };
        Ask::send(&world, &world.board, world.assertion(SYSTEM).on(question)).await.map(drop)
    };
    ask().await.unwrap();
    set(&world, "", "").await.unwrap();
    ask().await.unwrap_err();
    assert_eq!(world.newest_question().await.unwrap().denial, "case_worker_may_not");
    let reply = world.soap_ask(&Question { case: "EB-S".into(), ..question(&world) }).await;
    assert_eq!(reply.status, 500);
    set(&world, "2026-11-01", "2026-12-31").await.unwrap();
    ask().await.unwrap();
    let mut desk = AdministrationServiceClient::new(world.connect(&world.board.identity));
    let block = proto::BlockCaseWorkerRequest { id: RESPONSIBLE.into() };
    desk.block_case_worker(world.assertion("admin").on(block)).await.unwrap();
    ask().await.unwrap_err();
    assert!(told(&world).await.system_accounts[0].blocked);
}

#[tokio::test]
async fn the_board_is_shown_with_what_the_log_can_and_cannot_say_of_who_asked() {
    let world = World::start(Wires::Grpc).await;
    let lines = |told: &proto::GetBoardResponse| ssbtek_client::show::agreement(told).join("\n");
    assert!(!lines(&told(&world).await).contains("CANNOT"));
    let world = asking(Wires::Grpc).await;
    let board = told(&world).await;
    assert_eq!(board.system_accounts.len(), 1);
    let shown = lines(&board);
    for said in [
        "attests its cases itself, 2026-11-01 – 2026-12-31",
        "system account  ekbist  anna answers for it",
        "CANNOT say which person",
        "CANNOT say of an attested case in which role",
    ] {
        assert!(shown.contains(said), "{said} in {shown}");
    }
    world.soap_ask(&question(&world)).await;
    let entry = world.newest_question().await.unwrap();
    let screen = ssbtek_client::Screen { width: 200, colour: false, progress: false };
    let listed = ssbtek_client::show::entries(&[entry], screen);
    let words: String = listed.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("a system,") && words.contains("which person is not known; anna answers for it"),
        "{words}"
    );
}
