//! The board's own attestation: a case that is not registered may be asked in only where the board's agreement says so, only
//! while it says so, only by this door, and the log says so of every such entry.

use ssbtek_domain::{Agency, Role};
use ssbtek_proto::broker::v1::{
    self as proto, Criteria, EntryState, ListEntriesRequest, LogEntry, SetAttestationRequest,
};
use tonic::{Code, Status};

use super::client::Question;
use crate::harness::{Ask, BOARD, Wires, World};

/// As the provider's operator, or with another certificate.
pub(super) async fn set(world: &World, from: &str, until: &str) -> Result<u64, Status> {
    use proto::administration_service_client::AdministrationServiceClient as Client;
    let board = proto::GetBoardRequest { organisation_number: BOARD.into() };
    let read = world.agreements(&world.operator.identity).get_board(board).await?.into_inner().version;
    let message = SetAttestationRequest {
        organisation_number: BOARD.into(),
        from: from.into(),
        until: until.into(),
        expected_version: Some(read),
    };
    let mut client = Client::new(world.connect(&world.operator.identity));
    Ok(client.set_attestation(message).await?.into_inner().version)
}

/// In a case that nobody registered.
fn question(world: &World) -> Question {
    let question = world.soap_question(11, Role::Applicant).only(&[Agency::Tns]);
    Question { case: "EB-OREGISTRERAT".into(), ..question }
}

async fn denial(world: &World, question: &Question) -> String {
    let reply = world.soap_ask(question).await;
    assert_eq!(reply.status, 500, "{}", reply.body);
    let newest = world.newest_question().await.unwrap();
    assert_eq!(newest.state(), EntryState::Denied);
    newest.denial
}

async fn listed(world: &World, attested: bool) -> Vec<LogEntry> {
    use proto::access_log_service_client::AccessLogServiceClient as Client;
    let criteria = Criteria { attested: Some(attested), ..Criteria::default() };
    let message = ListEntriesRequest { page_size: 500, criteria: Some(criteria), ..Default::default() };
    let mut client = Client::new(world.connect(&world.board.identity));
    client.list_entries(world.assertion("greta").on(message)).await.unwrap().into_inner().entries
}

#[tokio::test]
async fn without_it_an_unregistered_case_is_refused_and_with_it_answered_and_marked() {
    let world = World::start(Wires::Own).await;
    assert_eq!(denial(&world, &question(&world)).await, "case_unknown");
    set(&world, "2026-11-01", "2026-12-31").await.unwrap();

    let reply = world.soap_ask(&question(&world)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let entry = world.newest_question().await.unwrap();
    assert!(entry.attested && entry.state() == EntryState::Released);
    assert_eq!(entry.role, 0, "nobody has said which role the person has");

    // A registered case is none that rests on it.
    assert_eq!(
        world.soap_ask(&world.soap_question(11, Role::Applicant).only(&[Agency::Tns])).await.status,
        200
    );
    assert!(!world.newest_question().await.unwrap().attested);
    let marked = listed(&world, true).await;
    assert!(marked.len() == 1 && marked[0].entry_id == entry.entry_id);
    assert!(listed(&world, false).await.iter().all(|listed| listed.entry_id != entry.entry_id));
}

#[tokio::test]
async fn what_is_registered_is_never_overridden_by_it() {
    let world = World::start(Wires::Own).await;
    set(&world, "2026-11-01", "2026-12-31").await.unwrap();
    world.register_case("EB-2", &["bo"]).await;
    world.register_case("EB-3", &["anna"]).await;
    let close = proto::CloseCaseRequest { case_id: "EB-3".into() };
    world.cases().close_case(world.assertion("system").on(close)).await.unwrap();
    let stranger = world.agencies.population().households().nth(3).unwrap()[0].number.expose().to_owned();
    let good = question(&world);
    let cases = [
        (Question { case: "EB-2".into(), ..good.clone() }, "case_not_assigned"),
        (Question { case: "EB-3".into(), ..good.clone() }, "case_closed"),
        (Question { case: "EB-1".into(), person: stranger, ..good.clone() }, "person_not_in_case"),
        (Question { case_worker: "okand".into(), ..good.clone() }, "case_worker_unknown"),
        (Question { case_worker: "system".into(), ..good.clone() }, "case_worker_may_not"),
    ];
    for (question, expected) in cases {
        assert_eq!(denial(&world, &question).await, expected);
    }
    let mut by_grpc = world.question();
    by_grpc.case_id = good.case;
    by_grpc.person_number = Some(good.person);
    let refused = Ask::with(&world, by_grpc).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied, "a door that names the role needs the case");
    assert_eq!(world.agencies.control().total_calls(), 0);
}

#[tokio::test]
async fn it_holds_from_its_first_day_to_its_last_and_can_be_ended() {
    let world = World::start(Wires::Own).await;
    for (from, until, holds) in [
        ("2026-11-23", "2026-12-31", false),
        ("2026-10-01", "2026-11-21", false),
        ("2026-10-01", "2026-11-22", true),
        ("2026-11-22", "2026-12-31", true),
        ("", "", false),
    ] {
        set(&world, from, until).await.unwrap();
        let status = world.soap_ask(&question(&world)).await.status;
        assert_eq!(status == 200, holds, "{from} to {until}");
    }
    for (from, until, field) in [
        ("2026-12-31", "2026-11-01", "until"),
        ("2026-11-01", "2029-12-31", "until"),
        ("2026-11-01", "", "until"),
        ("", "2026-11-01", "from"),
        ("1 november", "2026-12-01", "from"),
    ] {
        let refused = set(&world, from, until).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(refused.message().starts_with(field), "{refused:?}");
    }
    let changes = world.log().await;
    assert!(changes.iter().any(|entry| entry.action.starts_with("set_attestation")), "the change is logged");
}

#[tokio::test]
async fn only_the_provider_sets_it() {
    use proto::administration_service_client::AdministrationServiceClient as Client;
    let world = World::start(Wires::Grpc).await;
    let message = SetAttestationRequest {
        organisation_number: BOARD.into(),
        from: "2026-11-01".into(),
        until: "2026-12-31".into(),
        ..Default::default()
    };
    let mut client = Client::new(world.connect(&world.board.identity));
    let refused = client.set_attestation(world.assertion("admin").on(message)).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}
