//! What is wrong about a person is corrected, and nobody asks while that is in dispute.

use ssbtek_domain::Role;
use ssbtek_proto::broker::v1::{
    AskRequest, CorrectAccountRequest, CorrectMemberRequest, GetRestrictionRequest, LiftRestrictionRequest,
    ListEntriesRequest, RestrictPersonRequest, access_log_service_client::AccessLogServiceClient,
    list_entries_request, person_rights_service_client::PersonRightsServiceClient,
};
use tonic::{Code, transport::Channel};

use crate::harness::{Ask, Wires, World, role, source_count};

fn rights(world: &World) -> PersonRightsServiceClient<Channel> {
    PersonRightsServiceClient::new(world.connect(&world.board.identity))
}

fn restrict(person: &str) -> RestrictPersonRequest {
    RestrictPersonRequest { person_number: person.to_owned(), reference: "DNR 2026/31".to_owned() }
}

#[tokio::test]
async fn nobody_asks_about_a_restricted_person_until_the_restriction_is_lifted() {
    let world = World::start(Wires::Grpc).await;
    let person = world.member(Role::Applicant).number.expose().to_owned();
    let mut rights = rights(&world);
    let denied = rights.restrict_person(world.assertion("anna").on(restrict(&person))).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied, "only an administrator may");
    rights.restrict_person(world.assertion("admin").on(restrict(&person))).await.unwrap();
    let twice = rights.restrict_person(world.assertion("admin").on(restrict(&person))).await.unwrap_err();
    assert_eq!(twice.code(), Code::AlreadyExists);

    // By role alone, by number, and in a case registered later.
    world.register_case("EB-2", &["anna"]).await;
    for (case, number) in [("EB-1", None), ("EB-1", Some(person.clone())), ("EB-2", None)] {
        let ask = AskRequest { case_id: case.into(), person_number: number, ..world.question() };
        let refused = Ask::with(&world, ask).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        assert!(refused.message().starts_with("person_number: is restricted"), "{}", refused.message());
    }
    assert_eq!(world.agencies.control().total_calls(), 0, "no agency heard of it");
    let other = AskRequest { role: role(Role::CoApplicant).into(), ..world.question() };
    Ask::with(&world, other).await.unwrap();

    let asked = GetRestrictionRequest { person_number: person.clone() };
    let found = rights.get_restriction(world.assertion("greta").on(asked)).await.unwrap().into_inner();
    assert!(found.in_force && found.reference == "DNR 2026/31" && found.by == "admin");
    let lift = LiftRestrictionRequest { person_number: person.clone() };
    rights.lift_restriction(world.assertion("admin").on(lift.clone())).await.unwrap();
    let twice = rights.lift_restriction(world.assertion("admin").on(lift)).await.unwrap_err();
    assert_eq!(twice.code(), Code::NotFound);
    Ask::with(&world, world.question()).await.unwrap();

    // The auditor finds placing and lifting by the person.
    let list = ListEntriesRequest {
        filter: Some(list_entries_request::Filter::PersonNumber(person.clone())),
        page_size: 50,
        ..Default::default()
    };
    let mut log = AccessLogServiceClient::new(world.connect(&world.board.identity));
    let entries = log.list_entries(world.assertion("greta").on(list)).await.unwrap().into_inner().entries;
    for action in ["restrict_person", "lift_restriction"] {
        let found: Vec<_> = entries.iter().filter(|entry| entry.action == action).collect();
        assert_eq!(found.len(), 1, "{action}");
        assert_eq!((found[0].person_number.as_str(), found[0].case_worker.as_str()), (&*person, "admin"));
    }
    rights.restrict_person(world.assertion("admin").on(restrict(&person))).await.unwrap();
    assert!(Ask::with(&world, world.question()).await.is_err(), "placed anew");
}

#[tokio::test]
async fn an_answer_under_way_is_held_back_when_its_person_is_restricted() {
    let world = World::start(Wires::Grpc).await;
    world.agencies.control().set_all(&mock_agencies::Behaviour::out(mock_agencies::Outage::Hang));
    let question = tokio::spawn(Ask::outside(&world, world.question()));
    for _ in 0..1000 {
        if world.agencies.control().total_calls() == source_count() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let person = world.member(Role::Applicant).number.expose();
    rights(&world).restrict_person(world.assertion("admin").on(restrict(person))).await.unwrap();
    world.agencies.control().reset();
    let held = question.await.unwrap().unwrap_err();
    assert!(held.message().starts_with("person_number: is restricted"), "{}", held.message());
}

#[tokio::test]
async fn a_wrong_number_is_corrected_and_the_wrong_person_is_no_longer_asked_about() {
    let world = World::start(Wires::Grpc).await;
    let wrong = world.member(Role::Applicant).number.expose().to_owned();
    let households: Vec<_> = world.agencies.population().households().collect();
    let right = households[1][0].number.expose().to_owned();
    let correct = |right: &str, role_: Role| CorrectMemberRequest {
        case_id: "EB-1".into(),
        person_number: wrong.clone(),
        right_person_number: right.to_owned(),
        right_role: role(role_).into(),
    };
    let mut rights = rights(&world);
    let two = rights.correct_member(world.assertion("admin").on(correct(&right, Role::Child))).await;
    assert_eq!(two.unwrap_err().code(), Code::InvalidArgument, "a case has one applicant");
    let system = rights.correct_member(world.assertion("system").on(correct(&right, Role::Applicant))).await;
    assert_eq!(system.unwrap_err().code(), Code::PermissionDenied);
    let done = rights.correct_member(world.assertion("admin").on(correct(&right, Role::Applicant))).await;
    assert_eq!(done.unwrap().into_inner().version, 2, "the first version stays beside it");
    let again = rights.correct_member(world.assertion("admin").on(correct(&right, Role::Applicant))).await;
    assert_eq!(again.unwrap_err().code(), Code::NotFound, "nobody has the wrong number any more");

    let old = AskRequest { person_number: Some(wrong.clone()), ..world.question() };
    assert_eq!(Ask::with(&world, old).await.unwrap_err().code(), Code::PermissionDenied);
    Ask::with(&world, AskRequest { person_number: Some(right), ..world.question() }).await.unwrap();
    let log = world.log().await;
    assert!(log.iter().any(|entry| entry.action == "correct_member" && entry.case_worker == "admin"));
}

#[tokio::test]
async fn an_accounts_name_and_unit_are_corrected_and_nothing_else_of_it_changes() {
    let world = World::start(Wires::Grpc).await;
    let correct = |name: Option<&str>, unit: Option<&str>| CorrectAccountRequest {
        id: "anna".into(),
        name: name.map(str::to_owned),
        unit: unit.map(str::to_owned),
    };
    let mut rights = rights(&world);
    let nothing = rights.correct_account(world.assertion("admin").on(correct(None, None))).await;
    assert_eq!(nothing.unwrap_err().code(), Code::InvalidArgument);
    let right = correct(Some("Anna Rätt"), Some("Rätta enheten"));
    rights.correct_account(world.assertion("admin").on(right)).await.unwrap();
    Ask::with(&world, world.question()).await.unwrap();
    let log = world.log().await;
    assert!(log.iter().any(|entry| entry.unit == "Rätta enheten"), "the next question tells the right unit");
}
