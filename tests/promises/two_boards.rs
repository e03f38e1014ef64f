//! Two boards: neither sees, counts or can infer the other's entries. What one board is told is the same, word for word and number
//! for number, whether the other is silent or busy; only what is random differs, and it is left out.

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::{Entropy, Role, SystemEntropy};
use ssbtek_proto::broker::v1::{
    self as proto, AskRequest, Criteria, DrawSampleRequest, ExportEntriesRequest, ExportFormat,
    GetCheckpointRequest, GetPersonReportRequest, GetProofsRequest, GetReviewsRequest, GetUsageReportRequest,
    ListEntriesRequest, LogEntry, Receipt, RecordReviewRequest,
    access_log_service_client::AccessLogServiceClient,
    case_registry_service_client::CaseRegistryServiceClient, list_entries_request::Filter,
};
use ssbtek_transparency::{Checkpoint, SignedNote};
use tonic::{Code, Request, Status, transport::Channel};

use crate::harness::{Ask, OTHER_BOARD, Wires, World, hex, role};

const CASE: &str = "EB-1";
const MONTH: &str = "2026-11";

/// The other board's side of a world.
struct Other<'w>(&'w World);

impl Other<'_> {
    fn call<T>(&self, account: &str, message: T) -> Request<T> {
        let world = self.0;
        world.assertion(account).issued_by(OTHER_BOARD).bound_to(&world.other_board).on(message)
    }

    fn log(&self) -> AccessLogServiceClient<Channel> {
        AccessLogServiceClient::new(self.0.connect(&self.0.other_board.identity))
    }

    /// A case with the same id and the same household as the first board has.
    async fn register_case(&self) {
        let members = self.0.household.iter().map(|person| proto::HouseholdMember {
            person_number: person.number.expose().into(),
            role: role(person.role).into(),
            from: None,
            to: None,
            protected: false,
        });
        let message = proto::RegisterCaseRequest {
            case_id: CASE.into(),
            members: members.collect(),
            case_workers: vec!["anna".into()],
            provisional: false,
        };
        let mut cases = CaseRegistryServiceClient::new(self.0.connect(&self.0.other_board.identity));
        cases.register_case(self.call("system", message)).await.unwrap();
    }

    async fn ask(&self, question: AskRequest) -> Result<proto::AskResponse, Status> {
        Ask::send(self.0, &self.0.other_board, self.call("anna", question)).await
    }

    async fn list(&self, message: ListEntriesRequest) -> proto::ListEntriesResponse {
        self.log().list_entries(self.call("greta", message)).await.unwrap().into_inner()
    }

    async fn export(&self, format: ExportFormat) -> (String, Vec<LogEntry>) {
        let message = ExportEntriesRequest {
            format: format.into(),
            checkpoints: 3,
            receipts: true,
            ..Default::default()
        };
        let mut parts = self.log().export_entries(self.call("greta", message)).await.unwrap().into_inner();
        let (mut text, mut entries) = (String::new(), Vec::new());
        while let Some(part) = parts.message().await.unwrap() {
            text.push_str(std::str::from_utf8(&part.bundle).unwrap());
            entries.extend(part.entries);
        }
        (text, entries)
    }

    async fn proofs(&self, entry: &str) -> Vec<Receipt> {
        let message = GetProofsRequest { entry_id: entry.into() };
        self.log().get_proofs(self.call("greta", message)).await.unwrap().into_inner().proofs
    }
}

/// Everything the other board is told, with what is random left out. `foreign` is an entry of the first board, or of nobody.
async fn view(world: &World, foreign: &str) -> Vec<String> {
    let (other, mut seen) = (Other(world), Vec::new());
    let answer = other.ask(world.question()).await.unwrap();
    seen.push(format!("answer {} {}", answer.complete, proof(answer.receipt.as_ref().unwrap())));
    let refused = other.ask(AskRequest { case_id: "EB-NOT".into(), ..world.question() }).await.unwrap_err();
    seen.push(format!("refused {:?} {}", refused.code(), refused.message()));

    let number = world.member(Role::Applicant).number.expose().to_owned();
    let filters = [
        None,
        Some(Filter::PersonNumber(number.clone())),
        Some(Filter::CaseWorker("anna".into())),
        Some(Filter::CaseId(CASE.into())),
        Some(Filter::EntryId(foreign.into())),
    ];
    for filter in filters {
        let listed = other.list(ListEntriesRequest { filter, page_size: 4, ..Default::default() }).await;
        seen.push(format!(
            "{} next {} of {}",
            entries(&listed.entries),
            listed.next_page.len(),
            size(&listed.checkpoint)
        ));
    }
    let criteria =
        Some(Criteria { entry_id: foreign.into(), person_number: number.clone(), ..Default::default() });
    seen.push(entries(&other.list(ListEntriesRequest { criteria, ..Default::default() }).await.entries));

    let (bundle, _) = other.export(ExportFormat::Bundle).await;
    seen.extend(bundle.lines().map(bundle_line));
    seen.push(entries(&other.export(ExportFormat::Entries).await.1));
    seen.push(format!("proofs {:?}", other.proofs(foreign).await));
    seen.extend(other.proofs(&answer.entry_id).await.iter().map(proof));

    let mut log = other.log();
    let checkpoint = other.call("greta", GetCheckpointRequest { old_size: 2 });
    let checkpoint = log.get_checkpoint(checkpoint).await.unwrap().into_inner();
    seen.push(format!("{} {}", size(&checkpoint.checkpoint), checkpoint.consistency.len()));
    let beyond =
        log.get_checkpoint(other.call("greta", GetCheckpointRequest { old_size: 1_000 })).await.unwrap_err();
    seen.push(format!("{:?} {}", beyond.code(), beyond.message()));
    let report = GetPersonReportRequest { person_number: number, with_case_worker: true, with_delayed: true };
    let report = log.get_person_report(other.call("greta", report)).await.unwrap().into_inner();
    for line in &report.lines {
        seen.push(format!("{} {} {} {:?}", line.at, line.state, line.case_worker, line.agencies));
        seen.extend(line.proofs.iter().map(proof));
    }
    let usage = other.call("greta", GetUsageReportRequest { month: MONTH.into() });
    seen.push(format!("{:?}", log.get_usage_report(usage).await.unwrap().into_inner()));
    let sample = DrawSampleRequest { month: MONTH.into(), seed: "published seed".into(), random: 50 };
    let sample = log.draw_sample(other.call("greta", sample)).await.unwrap().into_inner();
    seen.push(format!("sample {} of {}", sample.entries.len(), sample.of));
    let reviews = other.call("greta", GetReviewsRequest { month: MONTH.into() });
    let reviews = log.get_reviews(reviews).await.unwrap().into_inner();
    seen.push(format!("reviews {} overdue {:?}", reviews.entries.len(), reviews.overdue));
    let review = RecordReviewRequest { month: MONTH.into(), entry_id: foreign.into(), ..Default::default() };
    let review = log.record_review(other.call("greta", review)).await.unwrap_err();
    seen.push(format!("{:?} {}", review.code(), review.message()));
    seen.iter().map(|line| without_certificates(line)).collect()
}

/// Operators are named by certificates, and each world has its own: they are taken out (`operator` and 16 digits).
fn without_certificates(line: &str) -> String {
    let mut parts = line.split("operator ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |told, rest| told + "operator " + rest.get(16..).unwrap_or(rest))
}

fn entries(entries: &[LogEntry]) -> String {
    let line = |entry: &LogEntry| {
        let LogEntry { opened_at, ended_at, leaf_index, case_worker, action, sources, versions, .. } = entry;
        format!(
            "{:?} {opened_at} {ended_at} {leaf_index} {case_worker} {action} {} {versions:?}",
            entry.state(),
            sources.len()
        )
    };
    entries.iter().map(line).collect::<Vec<_>>().join("; ")
}

fn size(note: &str) -> String {
    let note = SignedNote::parse(note).unwrap();
    let Checkpoint { origin, size, .. } = Checkpoint::parse(note.text()).unwrap();
    format!("{origin} {size} {}", note.signatures().len())
}

fn proof(receipt: &Receipt) -> String {
    format!("{} {} {}", receipt.leaf_index, receipt.inclusion.len(), size(&receipt.checkpoint))
}

/// A bundle's line without hashes, salts, payloads and ids.
fn bundle_line(line: &str) -> String {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let header = line["header"].as_str().map(|header| {
        let header: serde_json::Value = serde_json::from_slice(&STANDARD.decode(header).unwrap()).unwrap();
        format!("{} {} {}", header["kind"], header["at"], header["key"])
    });
    let note = line["note"].as_str().or(line["checkpoint"].as_str()).map(size);
    format!(
        "{} {:?} {:?} {} {} {} {} {}",
        line["type"], header, note, line["index"], line["size"], line["origin"], line["old"], line["entries"]
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_board_is_told_is_the_same_whether_the_other_is_silent_or_busy() {
    let nobodys = || {
        let mut id = [0; 16];
        SystemEntropy.fill(&mut id);
        hex(&id)
    };
    let silent = World::start(Wires::Grpc).await;
    Other(&silent).register_case().await;
    let beside_a_silent_board = view(&silent, &nobodys()).await;
    drop(silent);

    let busy = World::start(Wires::Grpc).await;
    Other(&busy).register_case().await;
    let mut first_boards = String::new();
    for n in 0..12 {
        busy.register_case(&format!("EB-{}", n + 2), &["anna", "bo"]).await;
        first_boards = Ask::with(&busy, busy.question()).await.unwrap().entry_id;
        let denied = AskRequest { case_id: "EB-NOT".into(), ..busy.question() };
        assert_eq!(Ask::with(&busy, denied).await.unwrap_err().code(), Code::PermissionDenied);
        busy.log().await;
    }
    let beside_a_busy_board = view(&busy, &first_boards).await;
    assert!(beside_a_busy_board.len() > 40, "much was looked at");
    assert_eq!(beside_a_busy_board, beside_a_silent_board);
}

#[tokio::test]
async fn another_boards_assertion_or_certificate_opens_nothing() {
    let world = World::start(Wires::Grpc).await;
    Ask::with(&world, world.question()).await.unwrap();
    let mut log = AccessLogServiceClient::new(world.connect(&world.other_board.identity));
    // The first board's account, named at the other's connection: whatever the assertion is bound to.
    for assertion in [world.assertion("greta"), world.assertion("greta").bound_to(&world.other_board)] {
        let refused = log.list_entries(assertion.on(ListEntriesRequest::default())).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated);
    }
}
