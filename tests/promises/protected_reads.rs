//! A list of entries about protected persons is a list of protected persons: it names entries, and each that is opened is counted.

use ssbtek_domain::Role;
use ssbtek_proto::broker::v1::{
    AskRequest, Criteria, DrawSampleRequest, ExportEntriesRequest, ExportFormat, GetProtectionRequest,
    GetReviewsRequest, ListEntriesRequest, LogEntry, Protection,
    access_log_service_client::AccessLogServiceClient, list_entries_request::Filter,
    person_rights_service_client::PersonRightsServiceClient,
};
use tonic::{Code, Status, transport::Channel};

use crate::harness::{Ask, Wires, World, role};

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
    let export = ExportEntriesRequest { format: ExportFormat::Entries.into(), ..Default::default() };
    let mut told =
        auditor(&world).export_entries(world.assertion("greta").on(export)).await.unwrap().into_inner();
    while let Some(part) = told.message().await.unwrap() {
        assert!(!format!("{:?}", part.entries).contains(&her), "an export");
    }
    let draw = DrawSampleRequest { month: "2026-11".into(), seed: "a published seed".into(), random: 0 };
    let drawn = auditor(&world).draw_sample(world.assertion("greta").on(draw)).await.unwrap().into_inner();
    assert!(!drawn.entries.is_empty() && !format!("{drawn:?}").contains(&her), "a sample");
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
