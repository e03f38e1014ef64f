//! Nothing leaves that may not leave by now, and the log tells what had.

use ssbtek_domain::{Agency, Role};
use ssbtek_proto::broker::v1::{
    AskRequest, BlockCaseWorkerRequest, CloseCaseRequest, EntryState, GetPersonReportRequest,
    HouseholdMember, ReplayDecisionRequest, SetMembersRequest, SetRulesRequest,
    access_log_service_client::AccessLogServiceClient,
    administration_service_client::AdministrationServiceClient,
};
use tonic::{Code, Status};

use super::{ended, held, hold_all, let_go};
use crate::harness::{Ask, Parts, Wires, World, role};

/// The error with which a stream ends.
async fn refused(parts: &mut Parts) -> Status {
    match parts.next().await {
        Err(status) => status,
        Ok(part) => panic!("{part:?} left"),
    }
}

/// A stream of which CSN's and TNS' sections have left when `change` is made and another agency answers.
async fn changed_after_two(change: impl AsyncFnOnce(&World), denial: &str, code: Code) {
    let world = held(Wires::Grpc).await;
    let mut parts = Ask::stream(&world, world.question()).await.unwrap();
    let entry = parts.begun().await;
    for agency in [Agency::Csn, Agency::Tns] {
        let_go(&world, agency);
        assert_eq!(parts.section().await.source, agency.code());
    }
    change(&world).await;
    // The others are still held: the end is told without waiting for them.
    let_go(&world, Agency::Skv);
    let told = refused(&mut parts).await;
    assert_eq!(told.code(), code, "{told:?}");
    hold_all(&world, false);
    let logged = ended(&world, &entry).await;
    assert_eq!((logged.state(), logged.denial.as_str()), (EntryState::Withheld, denial));
    assert_eq!(logged.kinds, ["CSN", "TNS"], "what had left is told");
    assert!(logged.sources.iter().all(|source| source.outcome != 0), "every source has its outcome");

    // The person is told what the board received, and the decision is the same when it is taken again.
    let number = world.member(Role::Applicant).number.expose().to_owned();
    let report = GetPersonReportRequest { person_number: number, ..Default::default() };
    let mut auditor = AccessLogServiceClient::new(world.connect(&world.board.identity));
    let report = auditor.get_person_report(world.assertion("greta").on(report)).await.unwrap().into_inner();
    let line = report.lines.into_iter().find(|line| line.entry_id == entry).unwrap();
    assert_eq!(line.state, "withheld");
    assert_eq!(line.kinds, ["CSN", "TNS"]);
    let replay = ReplayDecisionRequest { entry_id: entry, organisation_number: None };
    let replayed = world.agreements(&world.operator.identity).replay_decision(replay).await;
    let recheck = replayed.unwrap().into_inner().recheck.unwrap();
    assert_eq!((recheck.logged.as_str(), recheck.replayed.as_str()), (denial, denial));
}

#[tokio::test]
async fn a_case_that_is_closed_ends_the_stream_and_the_log_tells_what_had_left() {
    let close = async |world: &World| {
        let close = CloseCaseRequest { case_id: "EB-1".into() };
        world.cases().close_case(world.assertion("system").on(close)).await.unwrap();
    };
    changed_after_two(close, "case_closed", Code::PermissionDenied).await;
}

#[tokio::test]
async fn an_account_that_is_blocked_ends_the_stream() {
    let block = async |world: &World| {
        let mut client = AdministrationServiceClient::new(world.connect(&world.board.identity));
        let block = BlockCaseWorkerRequest { id: "anna".into() };
        client.block_case_worker(world.assertion("admin").on(block)).await.unwrap();
    };
    changed_after_two(block, "case_worker_blocked", Code::PermissionDenied).await;
}

#[tokio::test]
async fn a_mark_that_is_set_meanwhile_ends_the_stream_before_anything_more_leaves() {
    let mark = async |world: &World| {
        let members = world.household.iter().map(|person| HouseholdMember {
            person_number: person.number.expose().into(),
            role: role(person.role).into(),
            protected: person.role == Role::Child,
            ..HouseholdMember::default()
        });
        let members =
            SetMembersRequest { case_id: "EB-1".into(), members: members.collect(), ..Default::default() };
        world.cases().set_members(world.assertion("system").on(members)).await.unwrap();
    };
    changed_after_two(mark, "facts_changed", Code::Aborted).await;
}

#[tokio::test]
async fn what_is_refused_is_refused_as_where_it_is_told_whole_and_asks_nobody() {
    let world = World::start(Wires::Grpc).await;
    let questions = [
        AskRequest { case_id: "EB-2".into(), ..world.question() },
        AskRequest { role: 0, ..world.question() },
        AskRequest { person_number: Some("19880101123".into()), ..world.question() },
        AskRequest { agencies: vec!["XX".into()], ..world.question() },
        AskRequest { period: None, ..world.question() },
    ];
    for question in questions {
        let whole = Ask::with(&world, question.clone()).await.unwrap_err();
        let stream = Ask::stream(&world, question).await.map(drop).unwrap_err();
        assert_eq!((stream.code(), stream.message()), (whole.code(), whole.message()));
        let log = world.log().await;
        let denied: Vec<_> = log.iter().filter(|entry| entry.state() == EntryState::Denied).collect();
        assert_eq!(denied[0].denial, denied[1].denial);
        assert_eq!(denied[0].malformed_field, denied[1].malformed_field);
    }
    assert_eq!(world.agencies.control().total_calls(), 0);
}

#[tokio::test]
async fn an_account_that_may_not_be_told_of_protected_persons_gets_nothing_before_that_is_known() {
    let world = World::start(Wires::Grpc).await;
    let rules = SetRulesRequest {
        protected_named_only: true,
        protected_accounts: vec!["bo".into()],
        ..Default::default()
    };
    world.agreements(&world.board.identity).set_rules(world.assertion("admin").on(rules)).await.unwrap();

    let protected = || AskRequest { role: role(Role::CoApplicant).into(), ..world.question() };
    let whole = Ask::with(&world, protected()).await.unwrap_err();
    // Not even that the question was put: the call itself is refused, as one in a case that is not known.
    let stream = Ask::stream(&world, protected()).await.map(drop).unwrap_err();
    assert_eq!((stream.code(), stream.message()), (whole.code(), whole.message()));
    let logged = world.log().await.into_iter().find(|entry| !entry.sources.is_empty()).unwrap();
    let told = (logged.state(), logged.denial.as_str(), logged.kinds.len());
    assert_eq!(told, (EntryState::Withheld, "protected_not_for_account", 0));

    // The applicant shares the household, and is not protected: everything comes, only later.
    let mut parts = Ask::stream(&world, world.question()).await.unwrap();
    parts.begun().await;
    for _ in Agency::ALL {
        parts.section().await;
    }
    assert!(parts.answer().await.complete);
}
