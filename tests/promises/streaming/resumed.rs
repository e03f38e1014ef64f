//! A stream that was cut and is taken up again: the same parts, nobody asked again, a record of its own, and nothing for anybody else.

use chrono::TimeDelta;

use ssbtek_domain::{Agency, Clock, Role, Source, SystemClock};
use ssbtek_proto::{
    agency::v1::Period,
    broker::v1::{
        AskRequest, AskStreamResponse, BlockCaseWorkerRequest, CloseCaseRequest, EntryState, LogEntry,
        RestrictPersonRequest, administration_service_client::AdministrationServiceClient,
        ask_stream_response::Part, person_rights_service_client::PersonRightsServiceClient,
    },
};
use tonic::Code;

use super::{CLEAR, ended, held, hold_all, let_go};
use crate::{
    harness::{Ask, OTHER_BOARD, Parts, Wires, World, role, source_count},
    named_by::{STREET, at_home, register},
    remembered::{about, mark, open_persons},
};

const NOT_KEPT: &str =
    "entry_id: no answer is kept under it for this account; asking again is a new question";

/// Begun, seven sections, the answer.
const PARTS: usize = Agency::ALL.len() + 2;

async fn rest(parts: &mut Parts) -> Vec<AskStreamResponse> {
    let mut told = Vec::new();
    while let Some(part) = parts.next().await.unwrap() {
        told.push(AskStreamResponse { part: Some(part) });
    }
    told
}

/// Reads so many parts, letting one agency after another answer.
async fn read(world: &World, parts: &mut Parts, count: usize) -> Vec<AskStreamResponse> {
    let mut agencies = Agency::ALL.into_iter().rev();
    let mut told = Vec::new();
    for at in 0..count {
        if (1..PARTS - 1).contains(&at) {
            let_go(world, agencies.next().unwrap());
        }
        told.push(AskStreamResponse { part: Some(parts.next().await.unwrap().unwrap()) });
    }
    told
}

fn entry_of(told: &[AskStreamResponse]) -> String {
    match told[0].part.as_ref().unwrap() {
        Part::Begun(begun) => begun.entry_id.clone(),
        other => panic!("{other:?} came first"),
    }
}

async fn resumptions(world: &World, entry: &str) -> Vec<LogEntry> {
    let read = |logged: &LogEntry| logged.action.starts_with("resume");
    let of = |logged: &LogEntry| format!("{logged:?}").contains(entry);
    world.log().await.into_iter().filter(|logged| read(logged) && of(logged)).collect()
}

async fn cut_after_every_part(wires: Wires, question: impl Fn(&World) -> AskRequest) {
    let world = held(wires).await;
    for count in 1..=PARTS {
        hold_all(&world, true);
        let (calls, questions) = (world.agencies.control().total_calls(), intents(&world).await);
        let mut parts = Ask::stream(&world, question(&world)).await.unwrap();
        let told = read(&world, &mut parts, count).await;
        let entry = entry_of(&told);
        // The connection is the stream's own.
        drop(parts);

        let mut again = Ask::resume(&world, &entry).await.unwrap();
        let mut told_again = Vec::new();
        for _ in 0..count {
            told_again.push(AskStreamResponse { part: again.next().await.unwrap() });
        }
        assert_eq!(told_again, told, "what had been told by then, after {count}");
        hold_all(&world, false);
        told_again.extend(rest(&mut again).await);
        assert_eq!(told_again.len(), PARTS, "after {count}");
        assert!(matches!(told_again.last().unwrap().part, Some(Part::Answer(_))));

        let logged = ended(&world, &entry).await;
        assert_eq!(logged.state(), EntryState::Released, "after {count}");
        assert_eq!(world.agencies.control().total_calls(), calls + source_count(), "nobody is asked again");
        assert_eq!(intents(&world).await, questions + 1, "one question");
        // As often as it is wanted; each time is recorded.
        let whole = rest(&mut Ask::resume(&world, &entry).await.unwrap()).await;
        assert_eq!(whole, told_again);
        let resumed = resumptions(&world, &entry).await;
        assert_eq!(resumed.len(), 2, "{resumed:?}");
        for record in resumed {
            assert_eq!((record.state(), record.case_worker.as_str()), (EntryState::LogRead, "anna"));
        }
    }
}

async fn intents(world: &World) -> usize {
    world.log().await.iter().filter(|logged| !logged.sources.is_empty()).count()
}

#[tokio::test]
async fn a_stream_that_is_cut_after_any_part_is_taken_up_and_nobody_is_asked_again() {
    cut_after_every_part(Wires::Grpc, |world| AskRequest { case_id: CLEAR.into(), ..world.question() }).await;
}

#[tokio::test]
async fn so_is_one_about_a_protected_person_over_own_formats() {
    cut_after_every_part(Wires::Own, |world| AskRequest {
        role: role(Role::CoApplicant).into(),
        ..world.question()
    })
    .await;
}

#[tokio::test]
async fn nobody_else_is_told_anything_and_nobody_learns_that_an_entry_exists() {
    let world = World::start(Wires::Grpc).await;
    let mut parts = Ask::stream(&world, world.question()).await.unwrap();
    let entry = parts.begun().await;
    rest(&mut parts).await;
    let whole = Ask::with(&world, world.question()).await.unwrap();
    let calls = world.agencies.control().total_calls();

    let others = world.assertion("anna").issued_by(OTHER_BOARD).bound_to(&world.other_board);
    let asked = [
        ("another board", Ask::resume_as(&world, &world.other_board, others, &entry).await),
        ("another account", Ask::resume_as(&world, &world.board, world.assertion("bo"), &entry).await),
        ("no entry", Ask::resume(&world, &"0".repeat(32)).await),
        ("an answer told whole", Ask::resume(&world, &whole.entry_id).await),
    ];
    for (who, told) in asked {
        let refused = told.map(drop).unwrap_err();
        assert_eq!((refused.code(), refused.message()), (Code::NotFound, NOT_KEPT), "{who}");
    }
    for malformed in ["", "x", &entry.to_uppercase(), &entry[..31]] {
        let refused = Ask::resume(&world, malformed).await.map(drop).unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{malformed}");
    }
    // Each attempt stands in the log of the board whose account it was.
    let refused = |log: Vec<LogEntry>| {
        let refused = log.into_iter().filter(|logged| logged.action == "ResumeAsk");
        refused.map(|logged| (logged.case_worker, logged.denial)).collect::<Vec<_>>()
    };
    let own = refused(world.log().await);
    assert_eq!(own.len(), 7, "{own:?}");
    assert!(own.contains(&("bo".into(), "not_registered".into())), "{own:?}");
    assert_eq!(refused(world.log_of(OTHER_BOARD, &world.other_board).await).len(), 1);
    assert!(resumptions(&world, &entry).await.is_empty());

    // Whose it is may have it, until a minute after its end.
    world.clock.advance(TimeDelta::seconds(59));
    assert_eq!(rest(&mut Ask::resume(&world, &entry).await.unwrap()).await.len(), PARTS);
    world.clock.advance(TimeDelta::seconds(1));
    let refused = Ask::resume(&world, &entry).await.map(drop).unwrap_err();
    assert_eq!((refused.code(), refused.message()), (Code::NotFound, NOT_KEPT));
    assert_eq!(world.agencies.control().total_calls(), calls);
}

/// A stream that was cut after CSN's section, when `change` is made; taken up before that, and after.
async fn changed(change: impl AsyncFnOnce(&World), denial: &str, code: Code) {
    let world = held(Wires::Grpc).await;
    // One under way, and one that has ended.
    let mut under_way = Ask::stream(&world, world.question()).await.unwrap();
    let begun = under_way.begun().await;
    let_go(&world, Agency::Csn);
    under_way.section().await;
    drop(under_way);
    let mut again = Ask::resume(&world, &begun).await.unwrap();
    again.begun().await;

    change(&world).await;
    // Nothing more leaves to who is being told again.
    let_go(&world, Agency::Skv);
    let mut left = 0;
    let refused = loop {
        match again.next().await {
            Ok(Some(_)) => left += 1,
            Ok(None) => panic!("it ended as if it were whole"),
            Err(refused) => break refused,
        }
    };
    assert_eq!(refused.code(), code, "{refused:?}");
    assert!(left <= 1, "CSN's section was there before the change: {left}");
    let refused = Ask::resume(&world, &begun).await.map(drop).unwrap_err();
    assert_eq!(refused.code(), code, "{refused:?}");
    hold_all(&world, false);
    let logged = ended(&world, &begun).await;
    assert_eq!((logged.state(), logged.denial.as_str()), (EntryState::Withheld, denial));
    let refused = Ask::resume(&world, &begun).await.map(drop).unwrap_err();
    assert_eq!(refused.code(), code, "{refused:?}");
    let denied: Vec<LogEntry> =
        world.log().await.into_iter().filter(|logged| logged.action == "ResumeAsk").collect();
    assert_eq!(denied.len(), 2);
    for record in denied {
        assert_eq!((record.state(), record.denial.as_str()), (EntryState::Denied, denial), "{record:?}");
        assert_eq!(record.case_id, "EB-1", "{record:?}");
    }
}

#[tokio::test]
async fn nothing_is_told_again_in_a_case_that_is_closed() {
    let close = async |world: &World| {
        let close = CloseCaseRequest { case_id: "EB-1".into() };
        world.cases().close_case(world.assertion("system").on(close)).await.unwrap();
    };
    changed(close, "case_closed", Code::PermissionDenied).await;
}

#[tokio::test]
async fn nothing_is_told_again_to_an_account_that_is_blocked() {
    let block = async |world: &World| {
        let mut client = AdministrationServiceClient::new(world.connect(&world.board.identity));
        let block = BlockCaseWorkerRequest { id: "anna".into() };
        client.block_case_worker(world.assertion("admin").on(block)).await.unwrap();
    };
    changed(block, "case_worker_blocked", Code::PermissionDenied).await;
}

#[tokio::test]
async fn nothing_is_told_again_of_a_person_who_is_restricted() {
    let restrict = async |world: &World| {
        let number = world.member(Role::Applicant).number.expose().to_owned();
        let restrict = RestrictPersonRequest { person_number: number, reference: "Dnr 17".into() };
        let mut rights = PersonRightsServiceClient::new(world.connect(&world.board.identity));
        rights.restrict_person(world.assertion("admin").on(restrict)).await.unwrap();
    };
    changed(restrict, "person_restricted", Code::PermissionDenied).await;
}

#[tokio::test]
async fn an_answer_that_has_ended_is_held_back_from_who_comes_back_after_a_change() {
    let world = World::start(Wires::Grpc).await;
    let mut parts = Ask::stream(&world, world.question()).await.unwrap();
    let entry = parts.begun().await;
    rest(&mut parts).await;
    let close = CloseCaseRequest { case_id: "EB-1".into() };
    world.cases().close_case(world.assertion("system").on(close)).await.unwrap();
    let refused = Ask::resume(&world, &entry).await.map(drop).unwrap_err();
    assert_eq!((refused.code(), refused.message()), (Code::PermissionDenied, "case_id: the case is closed"));
    let logged = ended(&world, &entry).await;
    assert_eq!(logged.state(), EntryState::Released, "what had left is told as it was");
}

/// The answer names somebody who is marked, in a case of her own, before it is taken up; or was marked when it was given.
#[tokio::test]
async fn nothing_is_told_again_once_somebody_is_protected_whom_the_answer_names_unless_it_holds_back_for_that()
 {
    for is_marked_first in [false, true] {
        let world = World::start(Wires::Grpc).await;
        let [mother, other, child] = open_persons(&world);
        register(&world, "CM", &[(&mother, Role::Applicant)]).await;
        register(&world, "CF", &[(&other, Role::Applicant), (&child, Role::Child)]).await;
        let marks = async || mark(&world, "CM", &[(&mother, Role::Applicant)], &[&mother]).await;
        if is_marked_first {
            marks().await;
        }
        let fk = at_home(&child, false, &[&mother.number]);
        world.agencies.control().tell(&Source::Agency(Agency::Fk), Some(fk)).unwrap();
        let mut parts = Ask::stream(&world, about(&world, "CF", Role::Child)).await.unwrap();
        let entry = parts.begun().await;
        let told = rest(&mut parts).await;
        assert_eq!(format!("{told:?}").contains(STREET), !is_marked_first);
        if is_marked_first {
            assert!(rest(&mut Ask::resume(&world, &entry).await.unwrap()).await.ends_with(&told));
        } else {
            marks().await;
            let refused = Ask::resume(&world, &entry).await.map(drop).unwrap_err();
            assert_eq!(refused.code(), Code::Aborted, "{refused:?}");
        }
    }
}

#[tokio::test]
async fn an_assertion_takes_up_an_answer_once() {
    let world = World::start(Wires::Grpc).await;
    let mut parts = Ask::stream(&world, world.question()).await.unwrap();
    let entry = parts.begun().await;
    rest(&mut parts).await;
    let claims = world.assertion("anna").claims;
    let with = || world.assertion("anna").change(|new| *new = claims.clone());
    Ask::resume_as(&world, &world.board, with(), &entry).await.unwrap();
    let refused = Ask::resume_as(&world, &world.board, with(), &entry).await.map(drop).unwrap_err();
    assert_eq!(refused.message(), "assertion: has been used before");
}

#[tokio::test]
async fn nothing_is_kept_where_nothing_is_to_be_and_no_more_than_may_be() {
    for (within_ms, most_bytes) in [(0, usize::MAX), (60_000, 0)] {
        let world = World::start_with(Wires::Grpc, |config| {
            (config.query.resume_within_ms, config.query.max_resumable_bytes) = (within_ms, most_bytes);
        })
        .await;
        let mut parts = Ask::stream(&world, world.question()).await.unwrap();
        let entry = parts.begun().await;
        assert_eq!(rest(&mut parts).await.len(), PARTS - 1);
        let refused = Ask::resume(&world, &entry).await.map(drop).unwrap_err();
        assert_eq!((refused.code(), refused.message()), (Code::NotFound, NOT_KEPT));
    }
}

#[tokio::test]
async fn a_kill_while_an_answer_is_told_again_leaves_the_record_that_it_was() {
    let mut world = World::start_at(Wires::Grpc, SystemClock.now()).await;
    world.stop_broker().await;
    let today = world.clock.today().to_string();
    let question = AskRequest { period: Some(Period { from: today.clone(), to: today }), ..world.question() };
    hold_all(&world, true);
    let process = world.serve();
    world.wait_for_door().await;
    world.clock.set(SystemClock.now());
    let mut parts = Ask::stream(&world, question).await.unwrap();
    let entry = parts.begun().await;
    drop(parts);
    let mut again = Ask::resume(&world, &entry).await.unwrap();
    again.begun().await;
    let_go(&world, Agency::Csn);
    again.section().await;
    process.kill();
    assert!(again.next().await.is_err(), "a stream that is cut says so");
    hold_all(&world, false);
    world.clock.set(SystemClock.now());
    world.start_broker().await;
    assert_eq!(ended(&world, &entry).await.state(), EntryState::AssumedDisclosed);
    assert_eq!(resumptions(&world, &entry).await.len(), 1);
    let refused = Ask::resume(&world, &entry).await.map(drop).unwrap_err();
    assert_eq!(refused.message(), NOT_KEPT, "nothing was on disk");
}
