//! What people type as an identity has one form, at every door; and the persons who exist have numbers that are taken.

use ssbtek_domain::Role;
use ssbtek_proto::broker::v1::{
    self as proto, AskRequest, Duty, HouseholdMember,
    administration_service_client::AdministrationServiceClient,
};
use tonic::{Code, Status, transport::Channel};

use crate::{
    harness::{Ask, Wires, World},
    soap::client::Question,
};

const COMPOSED: &str = "åsa.öberg";
const APART: &str = "a\u{30a}sa.o\u{308}berg";

fn desk(world: &World) -> AdministrationServiceClient<Channel> {
    AdministrationServiceClient::new(world.connect(&world.board.identity))
}

async fn register(world: &World, id: &str) -> Result<(), Status> {
    let account = proto::Account {
        id: id.into(),
        name: "Åsa Öberg".into(),
        unit: "Enheten".into(),
        duties: vec![Duty::Asks.into()],
        ..proto::Account::default()
    };
    let message = proto::RegisterCaseWorkerRequest { account: Some(account) };
    desk(world).register_case_worker(world.assertion("admin").on(message)).await.map(drop)
}

#[tokio::test]
async fn a_name_composed_and_decomposed_is_one_account_at_both_doors_and_blocked_once() {
    let world = World::start(Wires::Grpc).await;
    register(&world, COMPOSED).await.unwrap();
    assert_eq!(register(&world, APART).await.unwrap_err().code(), Code::AlreadyExists);
    world.confirm_instructions(APART, "1", crate::harness::BOARD, &world.board).await.unwrap();
    world.register_case("EB-Å", &[APART]).await;
    for (account, case) in [(COMPOSED, "EB-A\u{30a}"), (APART, "EB-Å")] {
        let question = AskRequest { case_id: case.into(), ..world.question() };
        Ask::send(&world, &world.board, world.assertion(account).on(question)).await.unwrap();
        let question = Question {
            case_worker: account.into(),
            case: case.into(),
            ..world.soap_question(11, Role::Applicant)
        };
        assert_eq!(world.soap_ask(&question).await.status, 200, "{account}");
    }
    let block = proto::BlockCaseWorkerRequest { id: APART.into() };
    desk(&world).block_case_worker(world.assertion("admin").on(block)).await.unwrap();
    for account in [COMPOSED, APART] {
        let question = AskRequest { case_id: "EB-Å".into(), ..world.question() };
        let refused =
            Ask::send(&world, &world.board, world.assertion(account).on(question)).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{account}");
    }
}

#[tokio::test]
async fn an_identity_with_what_nobody_sees_or_another_alphabets_letter_is_refused_by_its_field() {
    let world = World::start(Wires::Grpc).await;
    for like in [
        "EB\u{200b}-1",
        "EB-1\u{202e}",
        "\u{2066}EB-1",
        "EB\u{ad}-1",
        "\u{415}B-1",
        "EB\u{2010}1",
        "EB\u{a0}1",
    ] {
        let members = vec![HouseholdMember {
            person_number: world.member(Role::Applicant).number.expose().into(),
            role: proto::Role::Applicant.into(),
            ..Default::default()
        }];
        let case = proto::RegisterCaseRequest {
            case_id: like.into(),
            members,
            case_workers: vec!["anna".into()],
            provisional: false,
        };
        let refused = world.cases().register_case(world.assertion("system").on(case)).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{}", like.escape_unicode());
        assert!(refused.message().starts_with("case_id: must"), "{}", refused.message());
        assert!(!refused.message().contains(like), "nothing is repeated");
        let question = Question { case: like.into(), ..world.soap_question(11, Role::Applicant) };
        assert!(world.soap_ask(&question).await.fault().contains("arendeidentitet"));
        let account = register(&world, &like.replace("EB", "bo")).await.unwrap_err();
        assert!(account.message().starts_with("account.id: must"), "{}", account.message());
    }
}

#[tokio::test]
async fn somebody_whose_date_of_birth_is_not_known_is_registered_and_asked_about() {
    let world = World::start(Wires::Grpc).await;
    for (case, eleven) in [("EB-60", "19900360980"), ("EB-00", "19900060980")] {
        let of = |digit| ssbtek_domain::Personnummer::parse_undated(&format!("{eleven}{digit}")).ok();
        let number = (0..10).find_map(of).unwrap();
        let message = proto::RegisterCaseRequest {
            case_id: case.into(),
            members: vec![HouseholdMember {
                person_number: number.expose().into(),
                role: proto::Role::Applicant.into(),
                ..Default::default()
            }],
            case_workers: vec!["anna".into()],
            provisional: false,
        };
        world.cases().register_case(world.assertion("system").on(message)).await.unwrap();
        let question = AskRequest { case_id: case.into(), ..world.question() };
        let answer = Ask::with(&world, question).await.unwrap();
        assert_eq!(answer.sources.len(), ssbtek_domain::Agency::ALL.len());
        let question = Question { case: case.into(), ..Question::about(11, number.expose()) };
        assert_eq!(world.soap_ask(&question).await.status, 200);
    }
}
