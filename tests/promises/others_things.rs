//! Nothing that a caller can name — a page, an index, an id, a size, a month, a case, an account — leads into another board's
//! log or registry. Tried on every call that takes such a thing, with the other board's own and with numbers of every size.

use prost::Message;
use ssbtek_domain::Role;
use ssbtek_pki::Issued;
use ssbtek_proto::broker::v1::{self as proto, list_entries_request::Filter};
use tonic::{Code, Status};

use crate::harness::{Ask, BOARD, OTHER_BOARD, Wires, World, role};

const MONTH: &str = "2026-11";

/// The other board's things, which the first board tries to use, and its secrets, which must not be told.
struct Theirs {
    entries: Vec<String>,
    page: String,
    secrets: Vec<String>,
}

impl Theirs {
    /// Makes the other board busy: a case, an account, questions, readings.
    async fn of(world: &World) -> Self {
        let board = &world.other_board;
        let assertion = |account: &str| world.assertion(account).issued_by(OTHER_BOARD).bound_to(board);
        let household = world.agencies.population().households().nth(3).unwrap().to_vec();
        let account = proto::Account {
            id: "sture".into(),
            name: "Sture Hemlig".into(),
            unit: "Hemliga enheten".into(),
            duties: vec![proto::Duty::Asks.into()],
            ..proto::Account::default()
        };
        let account = proto::RegisterCaseWorkerRequest { account: Some(account) };
        let account = assertion("admin").on(account.encode_to_vec());
        world.call(board, "AdministrationService/RegisterCaseWorker", account).await.unwrap();
        world.confirm_instructions("sture", "1", OTHER_BOARD, board).await.unwrap();
        let members = household.iter().map(|person| proto::HouseholdMember {
            person_number: person.number.expose().into(),
            role: role(person.role).into(),
            ..Default::default()
        });
        let case = proto::RegisterCaseRequest {
            case_id: "THEIRS-1".into(),
            members: members.collect(),
            case_workers: vec!["sture".into()],
            provisional: false,
        };
        let case = assertion("system").on(case.encode_to_vec());
        world.call(board, "CaseRegistryService/RegisterCase", case).await.unwrap();
        for _ in 0..3 {
            let question = proto::AskRequest { case_id: "THEIRS-1".into(), ..world.question() };
            Ask::send(world, board, assertion("sture").on(question)).await.unwrap();
        }
        let list = proto::ListEntriesRequest { page_size: 2, ..Default::default() };
        let list = assertion("greta").on(list.encode_to_vec());
        let list = world.call(board, "AccessLogService/ListEntries", list).await.unwrap();
        let page = proto::ListEntriesResponse::decode(list.as_slice()).unwrap().next_page;
        assert!(!page.is_empty());
        let entries: Vec<_> =
            world.log_of(OTHER_BOARD, board).await.into_iter().map(|e| e.entry_id).collect();
        let mut secrets: Vec<_> = household.iter().map(|person| person.number.expose().to_owned()).collect();
        // What the calls below name themselves is no secret, because the caller's own log repeats it.
        secrets.extend(entries.iter().skip(1).cloned());
        secrets.extend(["Sture Hemlig", "Hemliga enheten"].map(str::to_owned));
        Self { entries, page, secrets }
    }
}

/// A call of the first board's that names something of the other's: method, account, message.
type Call = (&'static str, &'static str, Vec<u8>);

/// Every call that takes an id, a size or a month, with the other board's.
fn calls(theirs: &Theirs, own_person: &str) -> Vec<Call> {
    let (case, account, entry) = ("THEIRS-1".to_owned(), "sture".to_owned(), theirs.entries[0].clone());
    let mut calls: Vec<Call> = Vec::new();
    let filters = [
        Filter::CaseId(case.clone()),
        Filter::CaseWorker(account.clone()),
        Filter::EntryId(entry.clone()),
        Filter::PersonNumber(own_person.to_owned()),
    ];
    for filter in filters {
        let list = proto::ListEntriesRequest { filter: Some(filter), page_size: 500, ..Default::default() };
        calls.push(("AccessLogService/ListEntries", "greta", list.encode_to_vec()));
    }
    for format in [proto::ExportFormat::Bundle, proto::ExportFormat::Entries] {
        for criteria in [
            None,
            Some(proto::Criteria { case_id: case.clone(), ..Default::default() }),
            Some(proto::Criteria { entry_id: entry.clone(), ..Default::default() }),
            Some(proto::Criteria { unit: "Enheten".into(), ..Default::default() }),
        ] {
            let export = proto::ExportEntriesRequest {
                format: format.into(),
                criteria,
                checkpoints: 10_000,
                receipts: true,
                ..Default::default()
            };
            calls.push(("AccessLogService/ExportEntries", "greta", export.encode_to_vec()));
        }
    }
    for old_size in numbers() {
        let checkpoint = proto::GetCheckpointRequest { old_size };
        calls.push(("AccessLogService/GetCheckpoint", "greta", checkpoint.encode_to_vec()));
        let handed = proto::ConfirmHandoverRequest { size: old_size, root: "0".repeat(64) };
        calls.push(("RetentionService/ConfirmHandover", "admin", handed.encode_to_vec()));
    }
    let proofs = proto::GetProofsRequest { entry_id: entry.clone() };
    calls.push(("AccessLogService/GetProofs", "greta", proofs.encode_to_vec()));
    let review = proto::RecordReviewRequest {
        month: MONTH.into(),
        entry_id: entry,
        outcome: proto::ReviewOutcome::NoRemark.into(),
        ..Default::default()
    };
    calls.push(("AccessLogService/RecordReview", "greta", review.encode_to_vec()));
    for month in [MONTH, "2026-12", "9999-12", "0000-01", "+999-01", "2026-13", "2026-11.1", "../2026", ""] {
        let month = month.to_owned();
        let usage = proto::GetUsageReportRequest { month: month.clone() };
        calls.push(("AccessLogService/GetUsageReport", "greta", usage.encode_to_vec()));
        let reviews = proto::GetReviewsRequest { month: month.clone() };
        calls.push(("AccessLogService/GetReviews", "greta", reviews.encode_to_vec()));
        let sample = proto::DrawSampleRequest { month, seed: "published seed".into(), random: 1000 };
        calls.push(("AccessLogService/DrawSample", "greta", sample.encode_to_vec()));
    }
    let board = OTHER_BOARD.to_owned();
    let keys = proto::ListLogKeysRequest { organisation_number: board.clone() };
    calls.push(("LogKeyService/ListLogKeys", "greta", keys.encode_to_vec()));
    let of_board = proto::GetBoardRequest { organisation_number: board };
    calls.push(("AgreementService/GetBoard", "admin", of_board.encode_to_vec()));
    for days in [1, 36_500, i32::MAX as u32, u32::MAX] {
        let accounts = proto::ListAccountsRequest { dormant_days: days, ..Default::default() };
        calls.push(("AgreementService/ListAccounts", "admin", accounts.encode_to_vec()));
    }
    let assign =
        proto::AssignCaseRequest { case_id: case.clone(), add: vec!["anna".into()], ..Default::default() };
    calls.push(("CaseRegistryService/AssignCase", "system", assign.encode_to_vec()));
    let members = proto::SetMembersRequest { case_id: case.clone(), ..Default::default() };
    calls.push(("CaseRegistryService/SetMembers", "system", members.encode_to_vec()));
    let confirm = proto::ConfirmCaseRequest { case_id: case.clone() };
    calls.push(("CaseRegistryService/ConfirmCase", "system", confirm.encode_to_vec()));
    let close = proto::CloseCaseRequest { case_id: case.clone() };
    calls.push(("CaseRegistryService/CloseCase", "system", close.encode_to_vec()));
    let correct = proto::CorrectMemberRequest {
        case_id: case,
        person_number: own_person.into(),
        right_person_number: own_person.into(),
        right_role: proto::Role::Applicant.into(),
    };
    calls.push(("PersonRightsService/CorrectMember", "admin", correct.encode_to_vec()));
    let block = proto::BlockCaseWorkerRequest { id: account.clone() };
    calls.push(("AdministrationService/BlockCaseWorker", "admin", block.encode_to_vec()));
    let number = proto::SetOwnNumberRequest { id: account.clone(), ..Default::default() };
    calls.push(("AdministrationService/SetOwnNumber", "admin", number.encode_to_vec()));
    let sign_in = proto::SetSignInRequest {
        id: account.clone(),
        issuer: "https://idp.example".into(),
        subject: "anna".into(),
        ..Default::default()
    };
    calls.push(("AdministrationService/SetSignIn", "admin", sign_in.encode_to_vec()));
    let follow_up = proto::FollowUpCaseWorkerRequest { id: account.clone() };
    calls.push(("AgreementService/FollowUpCaseWorker", "admin", follow_up.encode_to_vec()));
    let name = proto::CorrectAccountRequest { id: account, name: Some("Annan".into()), unit: None };
    calls.push(("PersonRightsService/CorrectAccount", "admin", name.encode_to_vec()));
    calls
}

/// Numbers of every size: where a row id of any tree begins and ends, and where integers of any width do.
fn numbers() -> Vec<u64> {
    let mut numbers = vec![0, 1, 2, 5, u64::MAX, u64::MAX - 1];
    for bits in [31, 32, 39, 40, 41, 42, 52, 53, 61, 62, 63] {
        let edge = 1u64 << bits;
        numbers.extend([edge - 1, edge, edge + 1, edge | (1 << 40), edge | 7]);
    }
    for tree in 1..12u64 {
        numbers.extend([tree << 40, (tree << 40) | 3, (tree << 40) | 1_000]);
    }
    numbers
}

async fn call(world: &World, (method, account, message): &Call) -> Result<Vec<u8>, Status> {
    world.call(&world.board, method, world.assertion(account).on(message.clone())).await
}

fn assert_tells_nothing(theirs: &Theirs, what: &str, told: &Result<Vec<u8>, Status>) {
    let bytes = match told {
        Ok(bytes) => bytes.clone(),
        Err(status) => format!("{status:?}").into_bytes(),
    };
    let text = String::from_utf8_lossy(&bytes);
    // Payloads of a bundle are base64.
    let decoded: String = text
        .split(|c: char| !(c.is_ascii_alphanumeric() || "+/=".contains(c)))
        .filter(|word| word.len() >= 24)
        .filter_map(|word| base64::Engine::decode(&base64::engine::general_purpose::STANDARD, word).ok())
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect();
    for secret in &theirs.secrets {
        assert!(!text.contains(secret) && !decoded.contains(secret), "{what} tells {secret}");
    }
}

async fn list(
    world: &World,
    board: &Issued,
    of: &str,
    page: &str,
) -> Result<proto::ListEntriesResponse, Status> {
    let message = proto::ListEntriesRequest { page: page.into(), page_size: 3, ..Default::default() };
    let request = world.assertion("greta").issued_by(of).bound_to(board).on(message.encode_to_vec());
    let told = world.call(board, "AccessLogService/ListEntries", request).await?;
    Ok(proto::ListEntriesResponse::decode(told.as_slice()).unwrap())
}

#[tokio::test]
async fn no_page_but_one_that_this_board_was_given_for_this_search_leads_anywhere() {
    let world = World::start(Wires::Grpc).await;
    let theirs = Theirs::of(&world).await;
    let own = list(&world, &world.board, BOARD, "").await.unwrap().next_page;
    assert!(list(&world, &world.board, BOARD, &own).await.is_ok());
    let says_nothing = own.parse::<u64>().is_err();

    let mut pages: Vec<String> = numbers().iter().map(u64::to_string).collect();
    pages.extend(
        ["-1", "18446744073709551616", "0x1", " 1", "1 ", "å", "9".repeat(200).as_str()].map(str::to_owned),
    );
    pages.push(theirs.page.clone());
    pages.push(own.to_uppercase().replace(char::is_numeric, "0"));
    for place in 0..own.len() {
        let mut other: Vec<u8> = own.clone().into_bytes();
        other[place] = if other[place] == b'a' { b'b' } else { b'a' };
        pages.push(String::from_utf8(other).unwrap());
    }
    pages.push(format!("{own}00"));
    pages.push(own[..own.len() - 2].to_owned());
    let mut told = Vec::new();
    for page in &pages {
        told.push(list(&world, &world.board, BOARD, page).await);
    }
    for (page, told) in pages.iter().zip(&told) {
        if let Ok(answer) = told {
            assert_tells_nothing(&theirs, page, &Ok(answer.encode_to_vec()));
        }
    }
    for (page, told) in pages.iter().zip(told) {
        let refused = told.expect_err(page);
        assert_eq!(refused.code(), Code::InvalidArgument, "{page}");
        assert!(refused.message().starts_with("page: "), "{page}: {refused:?}");
    }
    assert!(says_nothing, "a page says nothing to its reader");
    // Nor does one that was given for another search, or one that the other board uses of ours.
    let other_search = proto::ListEntriesRequest {
        page: own.clone(),
        page_size: 3,
        filter: Some(Filter::CaseWorker("anna".into())),
        ..Default::default()
    };
    let told = call(&world, &("AccessLogService/ListEntries", "greta", other_search.encode_to_vec())).await;
    assert_eq!(told.unwrap_err().code(), Code::InvalidArgument);
    let told = list(&world, &world.other_board, OTHER_BOARD, &own).await;
    assert_eq!(told.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn pages_lead_through_the_whole_log_also_after_a_restart() {
    let mut world = World::start(Wires::Grpc).await;
    let all: Vec<_> = world.log().await.into_iter().map(|entry| entry.entry_id).collect();
    let (mut paged, mut page) = (Vec::new(), String::new());
    loop {
        let told = list(&world, &world.board, BOARD, &page).await.unwrap();
        paged.extend(told.entries.into_iter().map(|entry| entry.entry_id));
        page = told.next_page;
        if page.is_empty() {
            break;
        }
        if paged.len() == 3 {
            world.restart().await;
        }
    }
    // The readings of the pages themselves are newer than the first page, or on it.
    assert!(paged.ends_with(&all), "{} of {}", paged.len(), all.len());
}

#[tokio::test]
async fn no_call_reaches_another_board_by_anything_it_can_name() {
    let world = World::start(Wires::Grpc).await;
    let theirs = Theirs::of(&world).await;
    let before = world.log_of(OTHER_BOARD, &world.other_board).await;
    let person = world.member(Role::Applicant).number.expose().to_owned();
    for named in calls(&theirs, &person) {
        let told = call(&world, &named).await;
        assert_tells_nothing(&theirs, named.0, &told);
        let code = told.as_ref().err().map(Status::code);
        let internal = [Code::Unavailable, Code::Internal, Code::Unknown, Code::DataLoss, Code::Cancelled];
        assert!(!code.is_some_and(|code| internal.contains(&code)), "{}: {told:?}", named.0);
    }
    let after = world.log_of(OTHER_BOARD, &world.other_board).await;
    assert_eq!(after.len(), before.len() + 1, "nothing was written there but the reading itself");
}
