//! Asking again those who failed: a question of its own that names the first, and asks nobody who has answered.

use mock_agencies::{Behaviour, Outage};
use ssbtek_domain::{Agency, Role, Source};
use ssbtek_proto::{
    agency::v1::Outcome,
    broker::v1::{AskRequest, AskResponse, EntryState, Protection},
};
use tonic::{Code, Status};

use crate::harness::{Ask, Wires, World, role};

const FAILED: [Agency; 2] = [Agency::Fk, Agency::Tns];

fn fail(world: &World, fails: bool) {
    for agency in FAILED {
        let behaviour = if fails { Behaviour::out(Outage::Refuse) } else { Behaviour::default() };
        world.agencies.control().set(&Source::Agency(agency), behaviour).unwrap();
    }
}

fn answered(answer: &AskResponse) -> Vec<&str> {
    let asked = answer.sources.iter().filter(|source| source.outcome() == Outcome::Answered);
    asked.map(|source| source.source.as_str()).collect()
}

fn again(world: &World, first: &AskResponse) -> AskRequest {
    AskRequest { follows_entry_id: first.entry_id.clone(), ..world.question() }
}

fn of(answer: &AskResponse, agency: Agency) -> Outcome {
    answer.sources.iter().find(|source| source.source == agency.code()).unwrap().outcome()
}

async fn only_those_who_failed(wires: Wires) {
    let world = World::start(wires).await;
    fail(&world, true);
    let first = Ask::with(&world, world.question()).await.unwrap();
    assert!(!first.complete && FAILED.iter().all(|agency| !answered(&first).contains(&agency.code())));
    fail(&world, false);
    let calls = world.agencies.control().total_calls();

    // The whole, and as it comes.
    let second = Ask::with(&world, again(&world, &first)).await.unwrap();
    let mut parts = Ask::stream(&world, again(&world, &first)).await.unwrap();
    let entry = parts.begun().await;
    for _ in Agency::ALL {
        parts.section().await;
    }
    let third = parts.answer().await;
    assert_eq!(world.agencies.control().total_calls(), calls + 4, "two agencies, twice");
    for answer in [&second, &third] {
        for agency in Agency::ALL {
            let expected = if FAILED.contains(&agency) { Outcome::Answered } else { Outcome::NotAsked };
            assert_eq!(of(answer, agency), expected, "{agency}");
        }
        // What the others said of protection is not taken over from anywhere.
        assert_ne!(answer.protection.as_ref().unwrap().level(), Protection::None);
    }
    assert!(second.entry_id != first.entry_id && entry != second.entry_id);
    let log = world.log().await;
    for entry in [&second.entry_id, &entry] {
        let logged = log.iter().find(|logged| logged.entry_id == *entry).unwrap();
        assert_eq!(logged.state(), EntryState::Released);
        assert!(logged.details.contains(&format!("follows={}", first.entry_id)), "{:?}", logged.details);
        assert_eq!(logged.sources.len(), 2, "{:?}", logged.sources);
    }

    // Of those asked for, those who failed; and of a question that follows, nobody who answered.
    let fk = AskRequest { agencies: vec!["FK".into(), "CSN".into()], ..again(&world, &first) };
    let fk = Ask::with(&world, fk).await.unwrap();
    assert_eq!(answered(&fk), ["FK"]);
    refused(&world, again(&world, &second)).await;
    let csn = AskRequest { agencies: vec!["CSN".into()], ..again(&world, &first) };
    refused(&world, csn).await;
    assert_eq!(world.agencies.control().total_calls(), calls + 5);
}

async fn refused(world: &World, question: AskRequest) {
    judge(Ask::with(world, question.clone()).await.map(drop));
    judge(Ask::stream(world, question).await.map(drop));
    let log = world.log().await;
    let recorded = log.iter().find(|logged| logged.state() == EntryState::Denied).unwrap();
    assert_eq!(
        (recorded.denial.as_str(), recorded.malformed_field.as_str()),
        ("malformed", "follows_entry_id"),
        "{recorded:?}"
    );
}

fn judge(told: Result<(), Status>) {
    let status = told.unwrap_err();
    let text = "follows_entry_id: must be an answered question of this account's, in this case and about this person, at which an \
                agency failed";
    assert_eq!((status.code(), status.message()), (Code::InvalidArgument, text));
}

#[tokio::test]
async fn only_those_who_failed_are_asked_again_over_grpc() {
    only_those_who_failed(Wires::Grpc).await;
}

#[tokio::test]
async fn only_those_who_failed_are_asked_again_over_own_formats() {
    only_those_who_failed(Wires::Own).await;
}

#[tokio::test]
async fn nobody_learns_of_a_question_that_is_not_the_accounts_own() {
    let world = World::start(Wires::Grpc).await;
    world.register_case("EB-9", &["anna", "bo"]).await;
    fail(&world, true);
    let question = AskRequest { case_id: "EB-9".into(), ..world.question() };
    let first = Ask::with(&world, question.clone()).await.unwrap();
    // A question that was refused has an entry, too.
    Ask::with(&world, AskRequest { case_id: "EB-0".into(), ..world.question() }).await.unwrap_err();
    let denied = world.log().await.into_iter().find(|logged| logged.state() == EntryState::Denied).unwrap();
    fail(&world, false);
    let calls = world.agencies.control().total_calls();
    let follows = |entry: &str| AskRequest { follows_entry_id: entry.into(), ..question.clone() };
    // Another account, also in the same case.
    let by_bo = world.assertion("bo").on(follows(&first.entry_id));
    judge(Ask::send(&world, &world.board, by_bo).await.map(drop));
    // Another case, another person, no question, none at all.
    refused(&world, AskRequest { case_id: "EB-1".into(), ..follows(&first.entry_id) }).await;
    let other = world.member(Role::CoApplicant).number.expose().to_owned();
    let about_another = AskRequest {
        role: role(Role::CoApplicant).into(),
        person_number: Some(other),
        ..follows(&first.entry_id)
    };
    refused(&world, about_another).await;
    refused(&world, follows(&denied.entry_id)).await;
    refused(&world, follows(&"0".repeat(32))).await;
    // By role alone it is about the same person, or nobody.
    let by_role = AskRequest { role: role(Role::CoApplicant).into(), ..follows(&first.entry_id) };
    let status = Ask::with(&world, by_role).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied, "{status:?}");
    for malformed in ["x", &first.entry_id.to_uppercase(), &first.entry_id[1..]] {
        let status = Ask::with(&world, follows(malformed)).await.unwrap_err();
        assert!(status.message().starts_with("follows_entry_id: "), "{status:?}");
    }
    assert_eq!(world.agencies.control().total_calls(), calls, "nobody was asked");
    assert!(!answered(&Ask::with(&world, follows(&first.entry_id)).await.unwrap()).is_empty());
}
