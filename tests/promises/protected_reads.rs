//! A list of entries about protected persons is a list of protected persons: it names entries, and each that is opened is counted.

use ssbtek_domain::Role;
use ssbtek_proto::broker::v1::{
    AskRequest, Criteria, DrawSampleRequest, DrawSampleResponse, EntryState, ExportEntriesRequest,
    ExportFormat, GetPersonReportRequest, GetProtectionRequest, GetRestrictionRequest, GetReviewsRequest,
    LiftProtectionRequest, ListEntriesRequest, LogEntry, ProtectedReading, Protection, RestrictPersonRequest,
    Role as ProtoRole, access_log_service_client::AccessLogServiceClient, list_entries_request::Filter,
    person_rights_service_client::PersonRightsServiceClient,
};
use tonic::{Code, Status, transport::Channel};

use crate::{
    harness::{Ask, Wires, World, role},
    remembered::{about, case_of, mark, open_persons},
};

fn auditor(world: &World) -> AccessLogServiceClient<Channel> {
    AccessLogServiceClient::new(world.connect(&world.board.identity))
}

/// A world in which a protected person was asked about, with her number.
async fn world() -> (World, String) {
    let world = World::start(Wires::Grpc).await;
    let question = AskRequest { role: role(Role::CoApplicant).into(), ..world.question() };
    let answer = Ask::with(&world, question).await.unwrap();
    assert!(answer.protection.unwrap().level() > Protection::NotKnown);
    let her = world.member(Role::CoApplicant).number.expose().to_owned();
    (world, her)
}

async fn list(world: &World, message: ListEntriesRequest) -> Result<Vec<LogEntry>, Status> {
    let request = world.assertion("greta").on(message);
    Ok(auditor(world).list_entries(request).await?.into_inner().entries)
}

fn within(from: &str, until: &str) -> ListEntriesRequest {
    let criteria = Criteria {
        protection: Protection::Sekretessmarkering.into(),
        from: from.into(),
        until: until.into(),
        ..Criteria::default()
    };
    ListEntriesRequest { criteria: Some(criteria), ..Default::default() }
}

const DAY: (&str, &str) = ("2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z");

fn by(filter: Filter) -> ListEntriesRequest {
    ListEntriesRequest { filter: Some(filter), ..Default::default() }
}

/// Exports every entry and draws a sample, neither of which names her; returns the sample.
async fn export_and_sample(world: &World, her: &str) -> DrawSampleResponse {
    let export = ExportEntriesRequest { format: ExportFormat::Entries.into(), ..Default::default() };
    let mut told =
        auditor(world).export_entries(world.assertion("greta").on(export)).await.unwrap().into_inner();
    while let Some(part) = told.message().await.unwrap() {
        assert!(!format!("{:?}", part.entries).contains(her), "an export");
    }
    let draw = DrawSampleRequest { month: "2026-11".into(), seed: "a published seed".into(), random: 0 };
    let drawn = auditor(world).draw_sample(world.assertion("greta").on(draw)).await.unwrap().into_inner();
    assert!(!format!("{drawn:?}").contains(her), "a sample");
    drawn
}

#[tokio::test]
async fn a_search_by_protection_is_bounded_in_time_and_names_entries_and_no_persons() {
    let (world, her) = world().await;
    for (from, until) in
        [("", ""), ("2026-01-01T00:00:00Z", "2026-11-23T00:00:00Z"), ("2026-11-01T00:00:00Z", "")]
    {
        let refused = list(&world, within(from, until)).await.map(drop).unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(refused.message().contains("31 days"), "{}", refused.message());
    }
    let found = list(&world, within(DAY.0, DAY.1)).await.unwrap();
    assert_eq!(found.len(), 1);
    assert!(found[0].person_held_back && found[0].case_id.is_empty());
    assert!(!format!("{found:?}").contains(&her));
    let opened = list(&world, by(Filter::EntryId(found[0].entry_id.clone()))).await.unwrap();
    assert_eq!((opened[0].person_number.as_str(), opened[0].person_held_back), (her.as_str(), false));
}

#[tokio::test]
async fn no_other_list_names_a_protected_person_beside_the_mark() {
    let (world, her) = world().await;
    list(&world, by(Filter::PersonNumber(her.clone()))).await.unwrap();
    let mut rights = PersonRightsServiceClient::new(world.connect(&world.board.identity));
    let request = GetProtectionRequest { person_number: her.clone() };
    rights.get_protection(world.assertion("admin").on(request)).await.unwrap();
    for message in [
        ListEntriesRequest { page_size: 500, ..Default::default() },
        by(Filter::CaseId("EB-1".into())),
        by(Filter::CaseWorker("anna".into())),
        by(Filter::CaseWorker("greta".into())),
    ] {
        let found = list(&world, message.clone()).await.unwrap();
        assert!(!format!("{found:?}").contains(&her), "{message:?}");
    }
    let drawn = export_and_sample(&world, &her).await;
    assert!(!drawn.entries.is_empty(), "a sample");
    let bundle = ExportEntriesRequest {
        format: ExportFormat::Bundle.into(),
        criteria: within(DAY.0, DAY.1).criteria,
        ..Default::default()
    };
    let refused = auditor(&world).export_entries(world.assertion("greta").on(bundle)).await.map(drop);
    assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn each_reading_of_a_protected_person_is_shown_to_who_reviews_and_there_are_only_so_many_in_an_hour() {
    let (world, her) = world().await;
    assert!(list(&world, ListEntriesRequest::default()).await.is_ok(), "what names nobody is none");
    list(&world, within(DAY.0, DAY.1)).await.unwrap();
    for _ in 0..19 {
        list(&world, by(Filter::PersonNumber(her.clone()))).await.unwrap();
    }
    let refused = list(&world, by(Filter::PersonNumber(her.clone()))).await.map(drop).unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert!(list(&world, by(Filter::CaseWorker("bo".into()))).await.is_ok(), "everything else goes on");
    let reviews = GetReviewsRequest { month: "2026-11".into() };
    let seen = auditor(&world).get_reviews(world.assertion("greta").on(reviews)).await.unwrap().into_inner();
    assert_eq!(seen.protected_readings.len(), 20);
    assert!(seen.protected_readings.iter().all(|read| read.case_worker == "greta" && read.persons == 1));
    world.clock.advance(chrono::TimeDelta::minutes(61));
    list(&world, by(Filter::PersonNumber(her))).await.unwrap();
}

/// Otherwise a refusal would say of everybody else's number, as often as one likes and without a record, whose it is.
#[tokio::test]
async fn who_has_read_of_as_many_protected_persons_as_he_may_is_refused_whoever_he_reads_of() {
    let (world, her) = world().await;
    let [nobody] = open_persons(&world);
    let nobody = nobody.number.expose().to_owned();
    let mut rights = PersonRightsServiceClient::new(world.connect(&world.board.identity));
    for _ in 0..20 {
        list(&world, by(Filter::PersonNumber(her.clone()))).await.unwrap();
        let read = GetProtectionRequest { person_number: her.clone() };
        rights.get_protection(world.assertion("admin").on(read)).await.unwrap();
    }
    let mut refused: Vec<(String, Status)> = vec![];
    for number in [&her, &nobody] {
        let person = by(Filter::PersonNumber(number.clone()));
        refused.push(("a list".into(), list(&world, person).await.map(drop).unwrap_err()));
        let report = GetPersonReportRequest { person_number: number.clone(), ..Default::default() };
        let told = auditor(&world).get_person_report(world.assertion("greta").on(report)).await;
        refused.push(("a report".into(), told.map(drop).unwrap_err()));
        let read = GetProtectionRequest { person_number: number.clone() };
        let told = rights.get_protection(world.assertion("admin").on(read)).await;
        refused.push(("what is remembered".into(), told.map(drop).unwrap_err()));
        let read = GetRestrictionRequest { person_number: number.clone() };
        let told = rights.get_restriction(world.assertion("admin").on(read)).await;
        refused.push(("a restriction".into(), told.map(drop).unwrap_err()));
        let lift = LiftProtectionRequest { person_number: number.clone(), ground: "ett beslut".into() };
        let told = rights.lift_protection(world.assertion("admin").on(lift)).await;
        refused.push(("a lift".into(), told.map(drop).unwrap_err()));
    }
    for (what, one) in &refused {
        assert_eq!(one.code(), Code::FailedPrecondition, "{what}");
        assert_eq!(one.message(), refused[0].1.message(), "{what}");
    }
    assert!(list(&world, by(Filter::CaseWorker("bo".into()))).await.is_ok(), "everything else goes on");
}

/// A lift that is refused tells as much as a reading.
#[tokio::test]
async fn who_tries_to_lift_what_is_still_said_has_read_of_a_protected_person() {
    let (world, her) = world().await;
    let [nobody] = open_persons(&world);
    let mut rights = PersonRightsServiceClient::new(world.connect(&world.board.identity));
    for (number, code, read) in
        [(nobody.number.expose(), Code::NotFound, 0), (her.as_str(), Code::InvalidArgument, 1)]
    {
        let lift = LiftProtectionRequest { person_number: number.into(), ground: "ett beslut".into() };
        let refused = rights.lift_protection(world.assertion("admin").on(lift)).await.map(drop).unwrap_err();
        assert_eq!((refused.code(), readings(&world).await.len()), (code, read));
    }
}

/// Readings of protected persons, as the next reviewer is shown them.
async fn readings(world: &World) -> Vec<ProtectedReading> {
    let reviews = GetReviewsRequest { month: "2026-11".into() };
    let seen = auditor(world).get_reviews(world.assertion("greta").on(reviews)).await.unwrap();
    seen.into_inner().protected_readings
}

/// A world in which somebody was asked about, read about and restricted before a case said that she is protected: nothing in those entries
/// says so. With her number and the other member's.
async fn marked_since() -> (World, String, String) {
    let world = World::start(Wires::Grpc).await;
    let [he, she] = open_persons(&world);
    let household = [(&he, Role::Applicant), (&she, Role::CoApplicant)];
    case_of(&world, "EB-8", &he, &she).await;
    let number = she.number.expose().to_owned();
    for who in [Role::Applicant, Role::CoApplicant] {
        Ask::with(&world, about(&world, "EB-8", who)).await.unwrap();
    }
    let refused = AskRequest {
        case_id: "EB-8".into(),
        person_number: Some(number.clone()),
        role: role(Role::CoApplicant).into(),
        ..world.question()
    };
    let refused = world.assertion("bo").on(refused);
    Ask::send(&world, &world.board, refused).await.map(drop).unwrap_err();
    list(&world, by(Filter::PersonNumber(number.clone()))).await.unwrap();
    let mut rights = PersonRightsServiceClient::new(world.connect(&world.board.identity));
    let restrict = RestrictPersonRequest { person_number: number.clone(), reference: "Dnr 17".into() };
    rights.restrict_person(world.assertion("admin").on(restrict)).await.unwrap();
    assert!(readings(&world).await.is_empty());
    mark(&world, "EB-8", &household, &[&she]).await;
    (world, number, he.number.expose().to_owned())
}

#[tokio::test]
async fn what_was_logged_of_a_person_before_the_mark_names_her_in_no_list_either() {
    let (world, her, his) = marked_since().await;
    for message in [
        ListEntriesRequest { page_size: 500, ..Default::default() },
        by(Filter::CaseId("EB-8".into())),
        by(Filter::CaseWorker("anna".into())),
        by(Filter::CaseWorker("bo".into())),
        by(Filter::CaseWorker("greta".into())),
        by(Filter::CaseWorker("admin".into())),
        by(Filter::PersonNumber(his.clone())),
    ] {
        let found = list(&world, message.clone()).await.unwrap();
        assert!(!format!("{found:?}").contains(&her), "{message:?}");
        for entry in &found {
            // Nor what a household's entries can be told apart by.
            assert!(!entry.person_held_back || entry.role() == ProtoRole::Unspecified, "{message:?}: a role");
            assert!(
                !entry.versions.iter().any(|of| of.contains("protected")),
                "{message:?}: {:?}",
                entry.versions
            );
        }
    }
    let all = list(&world, ListEntriesRequest { page_size: 500, ..Default::default() }).await.unwrap();
    let held = |state| all.iter().filter(|entry| entry.person_held_back && entry.state() == state).count();
    for state in [EntryState::Released, EntryState::Denied, EntryState::LogRead, EntryState::RegistryChange] {
        assert!(held(state) >= 1, "{state:?}: {all:#?}");
    }
    assert!(all.iter().any(|entry| entry.person_number == his), "he is no secret");
    let drawn = export_and_sample(&world, &her).await;
    let pointed = drawn.entries.iter().filter(|one| one.reasons.contains(&"protected_person".to_owned()));
    assert_eq!(pointed.count(), 1, "the question about her is pointed at by what is known now");
}

#[tokio::test]
async fn a_list_by_case_and_what_is_read_of_a_person_are_counted_by_what_is_remembered_whatever_they_find() {
    let (world, her, his) = marked_since().await;
    let count = async || readings(&world).await.len();
    list(&world, by(Filter::CaseId("EB-8".into()))).await.unwrap();
    assert_eq!(count().await, 1, "a household is few");
    let nothing = Criteria { person_number: her.clone(), until: DAY.0.into(), ..Criteria::default() };
    let found = list(&world, ListEntriesRequest { criteria: Some(nothing), ..Default::default() }).await;
    assert!(found.unwrap().is_empty());
    assert_eq!(count().await, 2, "a reading that found nothing");
    let report = GetPersonReportRequest { person_number: her.clone(), ..Default::default() };
    auditor(&world).get_person_report(world.assertion("greta").on(report)).await.unwrap();
    assert_eq!(count().await, 3);
    let mut rights = PersonRightsServiceClient::new(world.connect(&world.board.identity));
    let restriction = GetRestrictionRequest { person_number: her.clone() };
    rights.get_restriction(world.assertion("admin").on(restriction)).await.unwrap();
    assert_eq!(count().await, 4);
    // An entry that is opened tells on what its decision rested; one that was listed with others does not.
    Ask::with(&world, about(&world, "EB-8", Role::Applicant)).await.unwrap();
    let listed = list(&world, by(Filter::PersonNumber(his.clone()))).await.unwrap();
    assert_eq!(count().await, 4, "he is not protected");
    let question = listed.iter().find(|entry| entry.state() == EntryState::Released).unwrap();
    let opened = list(&world, by(Filter::EntryId(question.entry_id.clone()))).await.unwrap();
    assert!(opened[0].versions.iter().any(|of| of.contains("protected")));
    assert_eq!(count().await, 5, "that he lives with somebody who is");
    let all = list(&world, ListEntriesRequest { page_size: 500, ..Default::default() }).await.unwrap();
    assert!(!format!("{all:?}").contains(&her), "nor do the records of those readings name her");
    let remembered = |of: &&String| of.contains("said_of") || of.contains("protected");
    assert_eq!(
        all.iter().flat_map(|entry| &entry.versions).find(remembered),
        None,
        "nor does a list say on whom it rested"
    );
}
