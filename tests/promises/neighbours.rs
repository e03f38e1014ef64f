//! What two boards share on the agencies' side, with one of them misbehaving; and agencies that are not who they were.

use std::sync::Arc;

use futures::future::join_all;
use mock_agencies::Behaviour;
use ssbtek_broker::Broker;
use ssbtek_domain::{Agency, Source, SystemEntropy};
use ssbtek_proto::{
    agency::v1::Outcome,
    broker::v1::{
        self as proto, AskRequest, AskResponse, case_registry_service_client::CaseRegistryServiceClient,
    },
};
use tonic::{Request, Status};

use crate::harness::{Ask, OTHER_BOARD, Wires, World, role};

/// A question of the other board, in its own case.
fn others<T>(world: &World, account: &str, message: T) -> Request<T> {
    world.assertion(account).issued_by(OTHER_BOARD).bound_to(&world.other_board).on(message)
}

/// The other board's case, with the same household.
async fn register_others_case(world: &World) {
    let members = world.household.iter().map(|person| proto::HouseholdMember {
        person_number: person.number.expose().into(),
        role: role(person.role).into(),
        ..Default::default()
    });
    let message = proto::RegisterCaseRequest {
        case_id: "EB-1".into(),
        members: members.collect(),
        case_workers: vec!["anna".into()],
        provisional: false,
    };
    let mut cases = CaseRegistryServiceClient::new(world.connect(&world.other_board.identity));
    cases.register_case(others(world, "system", message)).await.unwrap();
}

/// Questions of the other board at once, over one connection; to these agencies alone, or to all.
async fn flood(
    world: &World,
    count: usize,
    agencies: &[&str],
    deadline_ms: Option<u64>,
) -> Vec<Result<AskResponse, Status>> {
    let channel = world.connect(&world.other_board.identity);
    let agencies: Vec<_> = agencies.iter().map(|agency| (*agency).to_owned()).collect();
    let questions = (0..count).map(|_| {
        let question = AskRequest { agencies: agencies.clone(), ..world.question() };
        let mut request = others(world, "anna", question);
        if let Some(deadline_ms) = deadline_ms {
            request.set_timeout(std::time::Duration::from_millis(deadline_ms));
        }
        Ask::over(channel.clone(), request)
    });
    join_all(questions).await
}

fn outcomes(answer: &AskResponse) -> Vec<(String, Outcome)> {
    answer.sources.iter().map(|source| (source.source.clone(), source.outcome())).collect()
}

/// Whether every source spoke.
fn all_spoke(answer: &AskResponse) -> bool {
    let spoke =
        |outcome| matches!(outcome, Outcome::Answered | Outcome::AnsweredInPart | Outcome::NoSuchPerson);
    outcomes(answer).into_iter().all(|(_, outcome)| spoke(outcome))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_boards_short_deadlines_cut_off_no_agency_for_anybody() {
    let world = World::start(Wires::Own).await;
    register_others_case(&world).await;
    for source in world.agencies.control().sources() {
        world.agencies.control().set(source, Behaviour::slow(60)).unwrap();
    }
    for _ in 0..4 {
        flood(&world, 6, &[], Some(18)).await;
    }
    let answer = Ask::with(&world, world.question()).await.unwrap();
    assert!(all_spoke(&answer), "{:?}", outcomes(&answer));
    let own = flood(&world, 1, &[], None).await.remove(0).unwrap();
    assert!(all_spoke(&own), "{:?}", outcomes(&own));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_board_that_fills_a_slow_agency_takes_neither_it_nor_any_other_from_another_board() {
    for wires in [Wires::Own, Wires::Grpc] {
        let slow = Source::Agency(Agency::Tns);
        let world = World::start_with(wires, |config| {
            let tns = config.sources.iter_mut().find(|source| source.code == "TNS").unwrap();
            tns.max_in_flight = Some(4);
        })
        .await;
        register_others_case(&world).await;
        world.agencies.control().set(&slow, Behaviour::slow(500)).unwrap();
        let measured = async {
            // Not before the other board's questions hold all the places they can, and many more wait in line: longer than
            // an agency is given.
            while world.agencies.control().calls(&slow).unwrap() < 6 {
                tokio::task::yield_now().await;
            }
            for _ in 0..3 {
                let answer = Ask::with(&world, world.question()).await.unwrap();
                assert!(all_spoke(&answer), "{:?}", outcomes(&answer));
            }
        };
        let misbehaving = async {
            loop {
                flood(&world, 60, &["TNS"], None).await;
            }
        };
        tokio::select! {
            () = misbehaving => unreachable!(),
            () = measured => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_agency_is_told_nothing_and_an_older_list_does_not_bring_it_back() {
    for wires in [Wires::Own, Wires::Grpc] {
        let mut world = World::start(wires).await;
        let path = world.config.tls.revocation_lists.clone().unwrap();
        let older = std::fs::read_to_string(&path).unwrap();
        let answer = Ask::with(&world, world.question()).await.unwrap();
        assert!(all_spoke(&answer), "{:?}", outcomes(&answer));

        world.authority.revoke(&world.server, world.validity.not_before);
        let list = world.authority.crl_pem(world.validity.not_before, world.validity.not_after).unwrap();
        std::fs::write(&path, list).unwrap();
        let refused = |answer: &AskResponse| {
            outcomes(answer).iter().all(|(_, outcome)| *outcome == Outcome::IdentityRefused)
        };
        let mut tries = 0;
        while !refused(&Ask::with(&world, world.question()).await.unwrap()) {
            tries += 1;
            assert!(tries < 1000, "the list is not taken up");
        }
        let calls = || -> u64 {
            let control = world.agencies.control();
            control.sources().map(|source| control.calls(source).unwrap()).sum()
        };
        let before = calls();
        assert!(refused(&Ask::with(&world, world.question()).await.unwrap()));
        std::fs::write(&path, &older).unwrap();
        for _ in 0..20 {
            assert!(refused(&Ask::with(&world, world.question()).await.unwrap()));
        }
        assert_eq!(calls(), before, "a revoked agency was asked");

        world.stop_broker().await;
        let started = Broker::start(&world.config, world.clock.clone(), Arc::new(SystemEntropy)).await;
        let error = format!("{:#}", started.err().unwrap());
        assert!(error.contains("revocation_lists") && error.contains("older"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mark_set_while_the_agencies_are_asked_holds_the_answer_back() {
    let world = World::start(Wires::Grpc).await;
    let fk = Source::Agency(Agency::Fk);
    world.agencies.control().set(&fk, Behaviour::slow(1000)).unwrap();
    let mark = async {
        while world.agencies.control().calls(&fk).unwrap() == 0 {
            tokio::task::yield_now().await;
        }
        let members = world.household.iter().map(|person| proto::HouseholdMember {
            person_number: person.number.expose().into(),
            role: role(person.role).into(),
            protected: true,
            ..Default::default()
        });
        let message = proto::SetMembersRequest {
            case_id: "EB-1".into(),
            members: members.collect(),
            ..Default::default()
        };
        world.cases().set_members(world.assertion("system").on(message)).await.unwrap();
    };
    let (answer, ()) = tokio::join!(Ask::with(&world, world.question()), mark);
    assert_eq!(answer.unwrap_err().code(), tonic::Code::Aborted);
    let again: AskRequest = world.question();
    assert!(Ask::with(&world, again).await.unwrap().protection.unwrap().household_protected);
}
