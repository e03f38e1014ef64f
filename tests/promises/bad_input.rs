//! Bad input is refused with a status and a text that names the field, repeats nothing personal, and asks nobody.

use ssbtek_domain::Role;
use ssbtek_pki::Validity;
use ssbtek_proto::broker::v1::{self as proto, AskRequest, CloseCaseRequest, EntryState};
use tonic::{Code, Request, Status};

use crate::harness::{Ask, OTHER_BOARD, Wires, World, source_count, with_token};

/// What makes a good question bad.
type Change = Box<dyn Fn(&mut AskRequest)>;

fn assert_refused(world: &World, status: &Status, code: Code, field: &str) {
    assert_eq!(status.code(), code, "{status:?}");
    assert!(status.message().starts_with(field), "{status:?} should name {field}");
    for person in &world.household {
        assert!(!status.message().contains(person.number.expose()));
        assert!(!status.message().contains(person.number.ten_digits()));
    }
    assert_eq!(world.agencies.control().total_calls(), 0, "nobody is asked");
}

#[tokio::test]
async fn a_malformed_field_is_named() {
    let world = World::start(Wires::Grpc).await;
    let number = world.member(Role::Applicant).number.expose().to_owned();
    let wrong_check_digit = {
        let last = number[11..].parse::<u8>().unwrap();
        format!("{}{}", &number[..11], (last + 1) % 10)
    };
    let changes: Vec<(&str, Change)> = vec![
        ("person_number", Box::new(move |q| q.person_number = Some(wrong_check_digit.clone()))),
        ("person_number", Box::new(|q| q.person_number = Some("19880101".into()))),
        ("person_number", Box::new(|q| q.person_number = Some("209901019807".into()))),
        ("case_id", Box::new(|q| q.case_id = String::new())),
        ("case_id", Box::new(|q| q.case_id = "x".repeat(65))),
        ("role", Box::new(|q| q.role = 0)),
        ("role", Box::new(|q| q.role = 99)),
        ("period.from", Box::new(|q| q.period = None)),
        ("period", Box::new(|q| period(q, "2026-11-01", "2026-10-01"))),
        ("period.from", Box::new(|q| period(q, "2026-12-01", "2026-12-31"))),
        ("period.to", Box::new(|q| period(q, "2026-11-01", "2027-06-01"))),
        ("period", Box::new(|q| period(q, "2020-01-01", "2026-11-01"))),
        ("period.to", Box::new(|q| period(q, "2026-11-01", "2026-11-31"))),
        ("agencies", Box::new(|q| q.agencies = vec!["FKX".into()])),
        ("purpose", Box::new(|q| q.purpose = "x".repeat(201))),
    ];
    for (field, change) in changes {
        let mut question = world.question();
        change(&mut question);
        let status = Ask::with(&world, question).await.unwrap_err();
        assert_refused(&world, &status, Code::InvalidArgument, field);
    }
}

#[tokio::test]
async fn a_malformed_question_stands_in_the_log_by_the_fields_name_alone_and_spends_its_assertion() {
    let world = World::start(Wires::Grpc).await;
    let token = world.assertion("anna").token();
    let malformed = AskRequest { person_number: Some("198801011234567".into()), ..world.question() };
    let status = Ask::send(&world, &world.board, with_token(malformed, &token)).await.unwrap_err();
    assert_refused(&world, &status, Code::InvalidArgument, "person_number");
    let entry = world.log().await.into_iter().find(|entry| entry.state() == EntryState::Denied).unwrap();
    assert_eq!((entry.denial.as_str(), entry.malformed_field.as_str()), ("malformed", "person_number"));
    assert_eq!((entry.case_worker.as_str(), entry.person_number.as_str()), ("anna", ""));
    assert_eq!(entry.case_id, "", "nothing of the question is kept but the field's name");
    let status = Ask::send(&world, &world.board, with_token(world.question(), &token)).await.unwrap_err();
    assert_refused(&world, &status, Code::Unauthenticated, "assertion: has been used before");
}

/// Everything a caller sees of a refusal, but the time of day.
fn seen(status: &Status) -> (Code, String, Vec<u8>, Vec<String>) {
    let headers = status.metadata().clone().into_headers();
    let mut lines: Vec<_> = headers
        .iter()
        .filter(|(name, _)| *name != "date")
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    lines.sort();
    (status.code(), status.message().to_owned(), status.details().to_vec(), lines)
}

#[tokio::test]
async fn refusals_whose_difference_would_tell_of_a_person_read_the_same_to_the_byte() {
    let world = World::start(Wires::Grpc).await;
    world.register_case("EB-BO", &["bo"]).await;
    let rules = proto::SetRulesRequest {
        protected_named_only: true,
        protected_accounts: vec!["bo".into()],
        ..Default::default()
    };
    let mut board = world.agreements(&world.board.identity);
    board.set_rules(world.assertion("admin").on(rules)).await.unwrap();
    let ask = |case: &str, role: proto::Role| AskRequest {
        case_id: case.into(),
        role: role.into(),
        ..world.question()
    };
    // The co-applicant is protected; the case that another account has exists; `EB-1` exists at the other board not.
    let nowhere = Ask::with(&world, ask("EB-9", proto::Role::Applicant)).await.unwrap_err();
    let anothers = Ask::with(&world, ask("EB-BO", proto::Role::Applicant)).await.unwrap_err();
    let protected = Ask::with(&world, ask("EB-1", proto::Role::CoApplicant)).await.unwrap_err();
    let elsewhere = world.assertion("anna").issued_by(OTHER_BOARD).bound_to(&world.other_board);
    let elsewhere = elsewhere.on(ask("EB-1", proto::Role::Applicant));
    let elsewhere = Ask::send(&world, &world.other_board, elsewhere).await.unwrap_err();
    for other in [anothers, protected, elsewhere] {
        assert_eq!(seen(&other), seen(&nowhere));
    }
    let denials: Vec<_> = world.log().await.into_iter().map(|entry| entry.denial).collect();
    for precisely in ["case_unknown", "case_not_assigned", "protected_not_for_account"] {
        assert!(denials.iter().any(|denial| denial == precisely), "{denials:?}");
    }
}

fn period(question: &mut AskRequest, from: &str, to: &str) {
    question.period = Some(ssbtek_proto::agency::v1::Period { from: from.into(), to: to.into() });
}

#[tokio::test]
async fn an_oversized_message_is_refused() {
    let world = World::start(Wires::Grpc).await;
    let mut question = world.question();
    question.purpose = "x".repeat(300 * 1024);
    let status = Ask::with(&world, question).await.unwrap_err();
    assert!(matches!(status.code(), Code::OutOfRange | Code::ResourceExhausted), "{status:?}");
    assert_eq!(world.agencies.control().total_calls(), 0);
}

#[tokio::test]
async fn a_case_that_does_not_cover_the_question_refuses_it_and_the_log_says_precisely_why() {
    let world = World::start(Wires::Grpc).await;
    world.register_case("EB-2", &["bo"]).await;
    world.register_case("EB-3", &["anna"]).await;
    let close = CloseCaseRequest { case_id: "EB-3".into() };
    world.cases().close_case(world.assertion("system").on(close)).await.unwrap();
    let stranger = world.agencies.population().households().nth(3).unwrap()[0].number.expose().to_owned();
    let child = world.member(Role::Child).number.expose().to_owned();
    let cases: Vec<(&str, &str, Change)> = vec![
        ("case_id", "case_unknown", Box::new(|q| q.case_id = "EB-9".into())),
        ("case_id", "case_not_assigned", Box::new(|q| q.case_id = "EB-2".into())),
        ("case_id", "case_closed", Box::new(|q| q.case_id = "EB-3".into())),
        ("person_number", "person_not_in_case", Box::new(move |q| q.person_number = Some(stranger.clone()))),
        ("person_number", "person_not_in_case", Box::new(move |q| q.person_number = Some(child.clone()))),
        ("person_number", "person_number_needed", Box::new(|q| q.role = proto::Role::Child.into())),
    ];
    for (field, denial, change) in cases {
        let mut question = world.question();
        change(&mut question);
        let status = Ask::with(&world, question).await.unwrap_err();
        assert_refused(&world, &status, Code::PermissionDenied, field);
        let newest = world.log().await.into_iter().find(|entry| entry.state() == EntryState::Denied).unwrap();
        assert_eq!(newest.denial, denial);
    }
}

#[tokio::test]
async fn an_unknown_case_one_that_is_not_ones_own_and_a_protected_person_read_the_same() {
    let world = World::start(Wires::Grpc).await;
    world.register_case("EB-2", &["bo"]).await;
    let rules = proto::SetRulesRequest { protected_named_only: true, ..Default::default() };
    let mut board = world.agreements(&world.board.identity);
    board.set_rules(world.assertion("admin").on(rules)).await.unwrap();
    let protected = crate::harness::role(Role::CoApplicant).into();
    let mut refusals = Vec::new();
    for (case, role) in [("EB-2", 1), ("EB-9", 1), ("EB-1", protected)] {
        let question = AskRequest { case_id: case.into(), role, ..world.question() };
        let status = Ask::with(&world, question).await.unwrap_err();
        let size = status.message().len() + status.details().len() + status.metadata().len();
        refusals.push((status.code(), status.message().to_owned(), size));
    }
    assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:?}");
    let reasons = world.log().await.into_iter().filter_map(|entry| match entry.denial.as_str() {
        "" => None,
        denial => Some(denial.to_owned()),
    });
    assert_eq!(
        reasons.take(3).collect::<Vec<_>>(),
        ["protected_not_for_account", "case_unknown", "case_not_assigned"],
        "apart in the log, newest first"
    );
}

#[tokio::test]
async fn an_assertion_that_is_missing_expired_reused_or_foreign_is_refused() {
    let world = World::start(Wires::Grpc).await;
    let ask = async |request| Ask::send(&world, &world.board, request).await.unwrap_err();
    let question = || world.question();

    let status = ask(Request::new(question())).await;
    assert_refused(&world, &status, Code::Unauthenticated, "assertion: missing");
    let old = world.assertion("anna").change(|claims| {
        claims.iat -= 600;
        claims.exp -= 600;
    });
    let status = ask(old.on(question())).await;
    assert_refused(&world, &status, Code::Unauthenticated, "assertion: has expired");
    let foreign = world.assertion("anna").bound_to(&world.other_board);
    let status = ask(foreign.on(question())).await;
    assert_refused(&world, &status, Code::Unauthenticated, "assertion: is bound to another certificate");
    let status = ask(with_token(question(), "not.a.token")).await;
    assert_refused(&world, &status, Code::Unauthenticated, "assertion");

    let token = world.assertion("anna").token();
    Ask::send(&world, &world.board, with_token(question(), &token)).await.unwrap();
    world.agencies.control().reset();
    let status = ask(with_token(question(), &token)).await;
    assert_refused(&world, &status, Code::Unauthenticated, "assertion: has been used before");
}

#[tokio::test]
async fn one_assertion_used_a_hundred_times_at_once_is_accepted_once_and_never_after_a_restart() {
    let mut world = World::start(Wires::Grpc).await;
    let token = world.assertion("anna").token();
    let channel = world.connect(&world.board.identity);
    let asks = (0..100).map(|_| {
        let mut client = proto::person_query_service_client::PersonQueryServiceClient::new(channel.clone());
        let request = with_token(world.question(), &token);
        async move { client.ask(request).await.map(|_| ()).map_err(|status| status.code()) }
    });
    let results = futures::future::join_all(asks).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(results.iter().all(|result| matches!(result, Ok(()) | Err(Code::Unauthenticated))));
    assert_eq!(world.agencies.control().total_calls(), source_count());

    world.restart().await;
    let again = Ask::send(&world, &world.board, with_token(world.question(), &token)).await;
    assert_eq!(again.unwrap_err().code(), Code::Unauthenticated);
    assert_eq!(world.agencies.control().total_calls(), source_count());
}

#[tokio::test]
async fn a_certificate_of_another_board_of_nobody_or_expired_is_refused() {
    let world = World::start(Wires::Grpc).await;
    let status = Ask::send(&world, &world.other_board, world.assertion("anna").on(world.question())).await;
    let field = "certificate: belongs to another board";
    assert_refused(&world, &status.unwrap_err(), Code::Unauthenticated, field);

    let nobody = world.authority.client("okand", "Ingen", world.validity).unwrap();
    let assertion = world.assertion("anna").bound_to(&nobody);
    let status = Ask::send(&world, &nobody, assertion.on(world.question())).await.unwrap_err();
    assert_refused(&world, &status, Code::Unauthenticated, "certificate: belongs to no registered board");

    let past = Validity { not_after: "2026-11-22T09:59:59Z".parse().unwrap(), ..world.validity };
    let expired = world.authority.client("utgangen", "Nämnden", past).unwrap();
    let assertion = world.assertion("anna").bound_to(&expired);
    let status = Ask::send(&world, &expired, assertion.on(world.question())).await.unwrap_err();
    assert_refused(&world, &status, Code::Unauthenticated, "certificate: has expired");
}

#[tokio::test]
async fn a_certificate_on_the_revocation_list_is_refused_on_a_connection_that_is_open_already() {
    let world = World::start(Wires::Grpc).await;
    let channel = world.connect(&world.board.identity);
    let mut client = proto::person_query_service_client::PersonQueryServiceClient::new(channel);
    client.ask(world.assertion("anna").on(world.question())).await.unwrap();
    world.agencies.control().reset();

    world.authority.revoke(&world.board, world.validity.not_before);
    let list = world.authority.crl_pem(world.validity.not_before, world.validity.not_after).unwrap();
    std::fs::write(world.data_dir().join("revoked.pem"), list).unwrap();
    // The list is looked at every 20 ms here. Each try is a call over the same connection; the loop ends by itself.
    let mut last = None;
    for _ in 0..500 {
        match client.ask(world.assertion("anna").on(world.question())).await {
            Ok(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
            Err(status) => {
                last = Some(status);
                break;
            }
        }
    }
    world.agencies.control().reset();
    // At the door, or where what the decision rests on is judged again.
    assert_refused(&world, &last.unwrap(), Code::Unauthenticated, "certificate: has ");
    let status = client.ask(world.assertion("anna").on(world.question())).await.unwrap_err();
    assert_refused(&world, &status, Code::Unauthenticated, "certificate: has been revoked");
}

#[tokio::test]
async fn a_certificate_revoked_in_the_registry_is_refused_from_the_next_call() {
    let world = World::start(Wires::Grpc).await;
    let revoke = proto::RevokeCertificateRequest {
        organisation_number: crate::harness::BOARD.into(),
        sha256: crate::harness::hex(&world.board.identity.fingerprint()),
    };
    let operator = world.connect(&world.operator.identity);
    let mut client = proto::administration_service_client::AdministrationServiceClient::new(operator);
    client.revoke_certificate(revoke).await.unwrap();
    let status = Ask::with(&world, world.question()).await.unwrap_err();
    assert_refused(&world, &status, Code::Unauthenticated, "certificate: has been revoked");
}

#[tokio::test]
async fn a_blocked_account_is_refused_from_its_next_question() {
    let world = World::start(Wires::Grpc).await;
    let channel = world.connect(&world.board.identity);
    let mut client = proto::administration_service_client::AdministrationServiceClient::new(channel);
    let block = proto::BlockCaseWorkerRequest { id: "anna".into() };
    client.block_case_worker(world.assertion("admin").on(block)).await.unwrap();
    let status = Ask::with(&world, world.question()).await.unwrap_err();
    assert_refused(&world, &status, Code::PermissionDenied, "case_worker");
}

#[tokio::test]
async fn duties_are_kept_apart() {
    let world = World::start(Wires::Grpc).await;
    for account in ["system", "greta", "admin", "nobody"] {
        let request = world.assertion(account).on(world.question());
        let status = Ask::send(&world, &world.board, request).await.unwrap_err();
        assert_refused(&world, &status, Code::PermissionDenied, "case_worker");
    }
    let close = CloseCaseRequest { case_id: "EB-1".into() };
    let status = world.cases().close_case(world.assertion("anna").on(close)).await.unwrap_err();
    assert_refused(&world, &status, Code::PermissionDenied, "case_worker");
    let board = world.connect(&world.board.identity);
    let mut administration = proto::administration_service_client::AdministrationServiceClient::new(board);
    let status = administration.register_board(proto::RegisterBoardRequest::default()).await.unwrap_err();
    assert_refused(&world, &status, Code::PermissionDenied, "certificate");
}

#[tokio::test]
async fn two_boards_do_not_see_each_others_cases_or_entries() {
    let world = World::start(Wires::Grpc).await;
    let answer = Ask::with(&world, world.question()).await.unwrap();
    world.agencies.control().reset();
    let assertion = world.assertion("anna").issued_by(OTHER_BOARD).bound_to(&world.other_board);
    let status = Ask::send(&world, &world.other_board, assertion.on(world.question())).await.unwrap_err();
    assert_refused(&world, &status, Code::PermissionDenied, "case_id: no such case");
    let other = world.log_of(OTHER_BOARD, &world.other_board).await;
    assert!(other.iter().all(|entry| entry.entry_id != answer.entry_id));
    assert!(other.iter().all(|entry| entry.state() != EntryState::Released));
}
