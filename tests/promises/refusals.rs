//! Refusals cost little, however many there are: few records, no keys, nothing that stays. And none is dropped in silence.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use futures::future::join_all;
use prost::Message;
use ssbtek_pki::Issued;
use ssbtek_proto::broker::v1::{self as proto, EntryState, LogEntry};
use tonic::{Code, Request};

use crate::harness::{BOARD, OTHER_BOARD, Wires, World, role, with_token};

const MOST: u32 = 20;

async fn bounded() -> World {
    World::start_with(Wires::Grpc, |config| config.refusals.max_recorded = MOST).await
}

/// Tries `count` times with one assertion that is good for nothing any more.
async fn replay(world: &World, certificate: &Issued, board: &str, count: usize) {
    let token = world.assertion("admin").issued_by(board).bound_to(certificate).token();
    let contact = proto::ProveConnectionRequest {}.encode_to_vec();
    let once = with_token(contact, &token);
    world.call(certificate, "AgreementService/ProveConnection", once).await.unwrap();
    for _ in 0..count {
        let again = with_token(Vec::new(), &token);
        let refused = world.call(certificate, "AgreementService/ListAccounts", again).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated);
    }
}

/// Refusals recorded one by one, and how many more the counting records tell of.
fn told(log: &[LogEntry]) -> (usize, u64) {
    let (counting, single): (Vec<_>, Vec<_>) = log
        .iter()
        .filter(|entry| entry.state() == EntryState::Denied)
        .partition(|entry| entry.details.iter().any(|detail| detail.starts_with("more.")));
    let more = |entry: &&LogEntry| {
        let count = entry.details.iter().find_map(|detail| detail.strip_prefix("more.count="));
        count.unwrap().parse::<u64>().unwrap()
    };
    (single.len(), counting.iter().map(more).sum())
}

/// Looks until the log tells of so many refusals one by one and so many more.
async fn is_told(world: &World, expected: (usize, u64)) {
    let looking = async { while told(&world.log().await) != expected {} };
    let seconds = std::time::Duration::from_secs(20);
    let found = tokio::time::timeout(seconds, looking).await;
    assert!(found.is_ok(), "expected {expected:?}, found {:?}", told(&world.log().await));
}

#[tokio::test]
async fn what_is_counted_stands_in_the_log_while_the_flood_goes_on_and_its_assertions_are_spent() {
    let world = bounded().await;
    world.register_case("EB-BO", &["bo"]).await;
    let mut tokens = Vec::new();
    for n in 1..=50u64 {
        let token = world.assertion("bo").token();
        let list = with_token(Vec::new(), &token);
        let refused = world.call(&world.board, "AgreementService/ListAccounts", list).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{n}");
        tokens.push(token);
    }
    // The clock stands still: no window ends.
    is_told(&world, (MOST as usize, 30)).await;
    let question = || proto::AskRequest { case_id: "EB-BO".into(), ..world.question() }.encode_to_vec();
    for token in [&tokens[0], &tokens[MOST as usize], &tokens[49]] {
        let ask = with_token(question(), token);
        let refused = world.call(&world.board, "PersonQueryService/Ask", ask).await.unwrap_err();
        assert_eq!(refused.message(), "assertion: has been used before");
    }
    let fresh = world.assertion("bo").on(question());
    world.call(&world.board, "PersonQueryService/Ask", fresh).await.unwrap();
}

#[tokio::test]
async fn of_a_flood_of_refusals_so_many_are_recorded_and_the_rest_as_and_n_more() {
    let mut world = bounded().await;
    replay(&world, &world.board, BOARD, 100).await;
    is_told(&world, (MOST as usize, 80)).await;
    // Another certificate is not counted with this one.
    replay(&world, &world.other_board, OTHER_BOARD, 3).await;
    assert_eq!(told(&world.log_of(OTHER_BOARD, &world.other_board).await), (3, 0));

    world.clock.advance(TimeDelta::seconds(61));
    replay(&world, &world.board, BOARD, 30).await;
    world.restart().await;
    assert_eq!(told(&world.log().await), (2 * MOST as usize, 90), "nothing is lost when the broker ends");

    let month = proto::GetUsageReportRequest { month: "2026-11".into() };
    let request = world.assertion("greta").on(month.encode_to_vec());
    let report = world.call(&world.board, "AccessLogService/GetUsageReport", request).await.unwrap();
    let report = proto::GetUsageReportResponse::decode(report.as_slice()).unwrap();
    assert_eq!(report.denied, 130, "reports count them all");
    let used = report.denials.iter().find(|named| named.name == "assertion_used").unwrap();
    assert_eq!(used.count, 130);
}

#[tokio::test]
async fn of_two_certificates_of_one_board_each_has_a_window_of_its_own_for_the_same_account() {
    let world = bounded().await;
    let second = world.authority.client("arendesystem-2", "Nämnden", world.validity).unwrap();
    let certificate = second.certificate.chain[0].to_vec();
    let add = proto::AddCertificateRequest { organisation_number: BOARD.into(), certificate };
    world.agreements(&world.operator.identity).add_certificate(add).await.unwrap();
    replay(&world, &world.board, BOARD, 50).await;
    is_told(&world, (MOST as usize, 30)).await;
    // The same account, within the same window.
    replay(&world, &second, BOARD, 5).await;
    is_told(&world, (MOST as usize + 5, 30)).await;
    replay(&world, &second, BOARD, MOST as usize).await;
    is_told(&world, (2 * MOST as usize, 35)).await;
}

#[tokio::test]
async fn the_flood_of_one_account_hides_no_refusal_of_another_and_no_refused_question() {
    let mut world = bounded().await;
    replay(&world, &world.board, BOARD, 50).await;
    let list = proto::ListAccountsRequest::default().encode_to_vec();
    for _ in 0..3 {
        let request = world.assertion("bo").on(list.clone());
        let refused = world.call(&world.board, "AgreementService/ListAccounts", request).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
    }
    // The account that floods asks too: about a case that is not its own.
    let question = world.question().encode_to_vec();
    let request = world.assertion("admin").on(question);
    let refused = world.call(&world.board, "PersonQueryService/Ask", request).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied, "{}", refused.message());
    world.restart().await;
    let log = world.log().await;
    let denied = |entry: &&LogEntry| entry.state() == EntryState::Denied;
    let of = |account: &str| {
        let found = log.iter().filter(denied).filter(|entry| entry.case_worker == account);
        told(&found.cloned().collect::<Vec<_>>())
    };
    assert_eq!(of("bo"), (3, 0), "each by itself, and no count of another's on its name");
    assert_eq!(of("admin"), (MOST as usize + 1, 30), "the count, and the question by itself");
}

pub(crate) fn keys(world: &World) -> BTreeSet<String> {
    let names = std::fs::read_dir(world.data_dir().join("keys")).unwrap();
    names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn case(world: &World, n: usize) -> Vec<u8> {
    let members = world.household.iter().map(|person| proto::HouseholdMember {
        person_number: person.number.expose().into(),
        role: role(person.role).into(),
        ..Default::default()
    });
    let message = proto::RegisterCaseRequest {
        case_id: format!("NEW-{n}"),
        members: members.collect(),
        case_workers: vec!["anna".into()],
        provisional: false,
    };
    message.encode_to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_is_refused_makes_no_key_also_when_many_come_at_once() {
    let world = World::start(Wires::Grpc).await;
    let before = keys(&world);
    let token = world.assertion("system").token();
    let tries = (0..60).map(|n| {
        world.call(&world.board, "CaseRegistryService/RegisterCase", with_token(case(&world, n), &token))
    });
    let registered = join_all(tries).await.into_iter().filter(Result::is_ok).count();
    assert_eq!(registered, 1, "one assertion, one case");
    assert_eq!(keys(&world).difference(&before).count(), 1, "and one key");

    // What is there already, asked for by assertions of their own.
    let before = keys(&world);
    for _ in 0..5 {
        let again = proto::RegisterCaseRequest { case_id: "EB-1".into(), ..case_of(&world) }.encode_to_vec();
        let request = world.assertion("system").on(again);
        let refused =
            world.call(&world.board, "CaseRegistryService/RegisterCase", request).await.unwrap_err();
        assert_eq!(refused.code(), Code::AlreadyExists);
    }
    assert_eq!(keys(&world), before);
}

fn case_of(world: &World) -> proto::RegisterCaseRequest {
    proto::RegisterCaseRequest::decode(case(world, 0).as_slice()).unwrap()
}

#[tokio::test]
async fn naming_boards_that_do_not_exist_makes_no_key() {
    let world = World::start(Wires::Grpc).await;
    let before = keys(&world);
    let numbers = (0..2_000u32).filter_map(|n| {
        let text = format!("1621200{n:05}");
        ssbtek_domain::OrganisationNumber::parse(&text).is_ok().then_some(text)
    });
    for organisation_number in numbers.take(60).filter(|number| number != BOARD && number != OTHER_BOARD) {
        for method in
            ["AgreementService/GetBoard", "AgreementService/ExportBoard", "LogKeyService/ListLogKeys"]
        {
            let message = proto::GetBoardRequest { organisation_number: organisation_number.clone() };
            let refused = world.call(&world.operator, method, Request::new(message.encode_to_vec())).await;
            assert_eq!(refused.unwrap_err().code(), Code::NotFound, "{method}");
        }
    }
    assert_eq!(keys(&world), before);
}
