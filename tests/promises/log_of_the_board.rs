//! The log as its auditors find it.

use ssbtek_proto::broker::v1::{
    EntryState, ListEntriesRequest, access_log_service_client::AccessLogServiceClient,
    list_entries_request::Filter,
};

use crate::harness::{Ask, Wires, World};

#[tokio::test]
async fn entries_are_found_by_person_by_case_and_by_case_worker_in_pages_that_do_not_shift() {
    let world = World::start(Wires::Grpc).await;
    let mut asked = Vec::new();
    for _ in 0..5 {
        asked.push(Ask::with(&world, world.question()).await.unwrap().entry_id);
    }
    asked.reverse();
    let number = world.member(ssbtek_domain::Role::Applicant).number.expose().to_owned();
    let filters =
        [Filter::PersonNumber(number), Filter::CaseId("EB-1".into()), Filter::CaseWorker("anna".into())];
    for filter in filters {
        let mut found = Vec::new();
        let mut page = String::new();
        loop {
            let message =
                ListEntriesRequest { filter: Some(filter.clone()), page_size: 2, page, ..Default::default() };
            let mut client = AccessLogServiceClient::new(world.connect(&world.board.identity));
            let response =
                client.list_entries(world.assertion("greta").on(message)).await.unwrap().into_inner();
            // What was done with the case is found by the case too, and what an account did by the account.
            let questions =
                response.entries.into_iter().filter(|entry| entry.state() != EntryState::RegistryChange);
            found.extend(questions.map(|entry| entry.entry_id));
            page = response.next_page;
            // A new question in between does not push entries onto the next page.
            if page.is_empty() {
                break;
            }
        }
        assert_eq!(found, asked);
    }
}

#[tokio::test]
async fn reading_the_log_is_itself_logged_with_how_much_was_read() {
    let world = World::start(Wires::Grpc).await;
    let told = world.log().await.len() as u64;
    let read = world.log().await.into_iter().find(|entry| entry.state() == EntryState::LogRead).unwrap();
    assert_eq!((read.action.as_str(), read.entries_read), ("list by all", Some(told)));
    let world = World::start(Wires::Grpc).await;
    let before = world.log().await.iter().filter(|entry| entry.state() == EntryState::LogRead).count();
    let after = world.log().await.iter().filter(|entry| entry.state() == EntryState::LogRead).count();
    assert_eq!((before, after), (0, 1), "each sees those before it");
}

#[tokio::test]
async fn nothing_personal_is_readable_in_the_data_directory() {
    let world = World::start(Wires::Own).await;
    Ask::with(&world, world.question()).await.unwrap();
    let mut needles = vec!["EB-1".to_owned()];
    for person in &world.household {
        needles.extend([person.number.expose().to_owned(), person.number.ten_digits().to_owned()]);
        needles.extend([person.street.clone(), person.family_name.clone()]);
    }
    let mut searched = 0;
    for file in std::fs::read_dir(world.data_dir()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            searched += bytes.len();
            for needle in &needles {
                let found = bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
                assert!(!found, "something personal lies in {}", path.display());
            }
        }
    }
    assert!(searched > 50_000, "the database was searched");
}
