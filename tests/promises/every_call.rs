//! Every call of every service, as the table of calls has it: who is let in, what is spent, and that exactly one record is left by
//! whatever an account does — done, refused, or tried a second time with the same assertion.

use prost::Message;
use ssbtek_gateway::calls::{CALLS, Call, Records, Who};
use ssbtek_pki::Issued;
use ssbtek_proto::broker::v1::{self as proto, Duty, EntryState, LogEntry};
use tonic::{Code, Request};

use crate::harness::{Wires, World, with_token};

/// Accounts of the first board, each with its one duty; `ingen` is none.
const ACCOUNTS: [(&str, Option<ssbtek_authorize::Duty>); 6] = [
    ("anna", Some(ssbtek_authorize::Duty::Asks)),
    ("system", Some(ssbtek_authorize::Duty::KeepsCases)),
    ("greta", Some(ssbtek_authorize::Duty::Audits)),
    ("admin", Some(ssbtek_authorize::Duty::Administers)),
    ("jurist", Some(ssbtek_authorize::Duty::DelaysDisclosure)),
    ("ingen", None),
];

async fn with_every_account() -> World {
    // Each is looked at by itself here; how many are is another promise.
    let world = World::start_with(Wires::Grpc, |config| config.refusals.max_recorded = u32::MAX).await;
    let account = proto::Account {
        id: "jurist".into(),
        name: "Namn Namnsson".into(),
        unit: "Enheten".into(),
        duties: vec![Duty::DelaysDisclosure.into()],
        ..proto::Account::default()
    };
    let message = proto::RegisterCaseWorkerRequest { account: Some(account) }.encode_to_vec();
    let request = world.assertion("admin").on(message);
    world.call(&world.board, "AdministrationService/RegisterCaseWorker", request).await.unwrap();
    world
}

fn path(call: &Call) -> String {
    format!("{}/{}", call.service, call.method)
}

/// Whether the table lets an account in. A question is judged whole later, so that every account may put one.
fn lets_in(call: &Call, duty: Option<ssbtek_authorize::Duty>) -> bool {
    call.who.iter().any(|who| match who {
        Who::Account([]) => duty.is_some(),
        Who::Account(duties) => duty.is_some_and(|duty| duties.contains(&duty)),
        Who::Confirming => duty == Some(ssbtek_authorize::Duty::Administers),
        Who::Asker | Who::Anybody => true,
        Who::Operator | Who::TwoOperators | Who::Agent | Who::Agency | Who::Portal => false,
    })
}

/// The newest record before this very reading.
async fn newest(world: &World) -> LogEntry {
    let message = proto::ListEntriesRequest { page_size: 1, ..Default::default() }.encode_to_vec();
    let request = world.assertion("greta").on(message);
    let told = world.call(&world.board, "AccessLogService/ListEntries", request).await.unwrap();
    proto::ListEntriesResponse::decode(told.as_slice()).unwrap().entries.remove(0)
}

fn is_refusal(code: Code) -> bool {
    matches!(code, Code::PermissionDenied | Code::Unauthenticated)
}

#[tokio::test]
async fn every_call_of_an_account_leaves_exactly_one_record_and_spends_its_assertion() {
    let world = with_every_account().await;
    let mut before = newest(&world).await.leaf_index;
    let (mut done, mut refused) = (0, 0);
    for call in CALLS.iter().filter(|call| !call.who.contains(&Who::Anybody)) {
        for (account, duty) in ACCOUNTS {
            let what = format!("{} as {account}", path(call));
            let token = world.assertion(account).token();
            let told = world.call(&world.board, &path(call), with_token(Vec::new(), &token)).await;
            let code = told.as_ref().err().map_or(Code::Ok, tonic::Status::code);
            assert_eq!(is_refusal(code), !lets_in(call, duty), "{what}: {told:?}");
            assert!(!matches!(code, Code::Unavailable | Code::Internal | Code::Unknown), "{what}: {told:?}");
            let record = newest(&world).await;
            assert_eq!(
                record.leaf_index,
                before + 2,
                "{what}: one record beside the reading of the log: {record:?}"
            );
            assert_eq!(record.case_worker, account, "{what}");
            if told.is_ok() {
                done += 1;
                let left: &[EntryState] = match call.records {
                    Records::Reading => &[EntryState::LogRead],
                    Records::Change => &[EntryState::RegistryChange],
                    Records::Question | Records::Nothing => &[],
                };
                assert!(left.contains(&record.state()), "{what}: {record:?}");
            } else {
                refused += 1;
                assert_eq!(record.state(), EntryState::Denied, "{what}: {told:?} {record:?}");
                assert_eq!(record.action, call.method, "{what}");
            }

            let again = world.call(&world.board, &path(call), with_token(Vec::new(), &token)).await;
            let again = again.expect_err(&what);
            assert_eq!(again.code(), Code::Unauthenticated, "{what} again: {again:?}");
            assert_eq!(again.message(), "assertion: has been used before", "{what}");
            let record = newest(&world).await;
            assert_eq!(
                (record.leaf_index, record.denial.as_str()),
                (before + 4, "assertion_used"),
                "{what} again"
            );
            before = record.leaf_index;
        }
    }
    assert!(done >= 8 && refused > 200, "{done} done, {refused} refused");
}

#[tokio::test]
async fn a_sample_is_not_drawn_with_a_spent_assertion_and_the_attempt_is_recorded() {
    let world = with_every_account().await;
    let message =
        proto::DrawSampleRequest { month: "2026-11".into(), seed: "published seed".into(), random: 0 };
    let token = world.assertion("greta").token();
    let draw = || {
        world.call(&world.board, "AccessLogService/DrawSample", with_token(message.encode_to_vec(), &token))
    };
    draw().await.unwrap();
    let drawn = newest(&world).await;
    assert_eq!(drawn.state(), EntryState::SampleDrawn, "{drawn:?}");
    let again = draw().await.expect_err("the assertion is spent");
    assert_eq!((again.code(), again.message()), (Code::Unauthenticated, "assertion: has been used before"));
    let record = newest(&world).await;
    assert_eq!((record.leaf_index, record.denial.as_str()), (drawn.leaf_index + 2, "assertion_used"));
    assert_eq!((record.case_worker.as_str(), record.action.as_str()), ("greta", "DrawSample"));
}

#[tokio::test]
async fn nobody_is_let_in_whom_the_table_does_not_name() {
    let world = with_every_account().await;
    let stranger = world.authority.client("nobody", "Ingen", world.validity).unwrap();
    let callers: [(&str, &Issued, &[Who]); 3] = [
        ("a stranger", &stranger, &[Who::Anybody]),
        ("an operator", &world.operator, &[Who::Anybody, Who::Operator, Who::TwoOperators]),
        ("a board without an assertion", &world.board, &[Who::Anybody]),
    ];
    for call in CALLS {
        for (name, certificate, is) in callers {
            let told = world.call(certificate, &path(call), Request::new(Vec::new())).await;
            let code = told.as_ref().err().map_or(Code::Ok, tonic::Status::code);
            let may = call.who.iter().any(|who| is.contains(who));
            assert_eq!(is_refusal(code), !may, "{} by {name}: {told:?}", path(call));
        }
    }
}

#[tokio::test]
async fn what_an_operator_reads_of_a_board_stands_in_the_boards_log() {
    let world = with_every_account().await;
    let certificate = crate::harness::hex(&world.operator.identity.fingerprint());
    let organisation_number = crate::harness::BOARD.to_owned();
    let readings = [
        ("AgreementService/GetBoard", proto::GetBoardRequest { organisation_number }.encode_to_vec()),
        (
            "AgreementService/ExportBoard",
            proto::ExportBoardRequest { organisation_number: crate::harness::BOARD.into() }.encode_to_vec(),
        ),
        (
            "LogKeyService/ListLogKeys",
            proto::ListLogKeysRequest { organisation_number: crate::harness::BOARD.into() }.encode_to_vec(),
        ),
    ];
    for (method, message) in readings {
        world.call(&world.operator, method, Request::new(message)).await.unwrap();
        let record = newest(&world).await;
        assert_eq!(
            (record.state(), record.case_worker.as_str()),
            (EntryState::LogRead, format!("operator {}", &certificate[..16]).as_str()),
            "{method}"
        );
        assert_eq!(record.certificate, certificate);
    }
}
