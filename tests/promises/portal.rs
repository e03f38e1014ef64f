//! What a citizen portal may show a person, and what it cannot reach.

use mock_agencies::{Behaviour, Outage, TestPerson};
use ssbtek_domain::{Agency, Protection, Role, Source};
use ssbtek_pki::Issued;
use ssbtek_proto::broker::v1::{
    self as proto, Duty, EntryState, FindUsageRequest, FindUsageResponse, HeartbeatRequest,
    UsagePeriodRequest, access_log_service_client::AccessLogServiceClient,
    administration_service_client::AdministrationServiceClient,
    citizen_portal_service_client::CitizenPortalServiceClient,
    disclosure_service_client::DisclosureServiceClient,
    person_query_service_client::PersonQueryServiceClient,
};
use tonic::{Code, Status};

use crate::harness::{Ask, BOARD, OTHER_BOARD, Wires, World, role};

/// Who runs the portal.
const PORTAL: &str = "162021008988";

/// A world with a portal to which the first board has opened its log, and one question asked.
async fn with_portal() -> (World, Issued) {
    let world = World::start(Wires::Grpc).await;
    let portal = register(&world).await;
    // A person whom nobody flags, and who lives with nobody who is flagged.
    let members = vec![proto::HouseholdMember {
        person_number: applicant(&world),
        role: proto::Role::Applicant.into(),
        ..Default::default()
    }];
    let members = proto::SetMembersRequest { case_id: "EB-1".into(), members, expected_version: 1.into() };
    world.cases().set_members(world.assertion("system").on(members)).await.unwrap();
    Ask::with(&world, world.question()).await.unwrap();
    (world, portal)
}

/// A portal to which the first board has opened its log.
async fn register(world: &World) -> Issued {
    let portal = world.authority.client("portal", "Medborgarportalen", world.validity).unwrap();
    let message = proto::RegisterPortalRequest {
        organisation_number: PORTAL.into(),
        name: "Medborgarportalen".into(),
        certificate: portal.certificate.chain[0].to_vec(),
    };
    let mut operator = DisclosureServiceClient::new(world.connect(&world.operator.identity));
    operator.register_portal(message).await.unwrap();
    open_to(world, &[PORTAL], &[&portal]).await;
    portal
}

/// Everything that a portal is told of these persons.
pub(crate) async fn told_of_all(world: &World, persons: &[&str]) -> String {
    let portal = register(world).await;
    let mut told = String::new();
    for person in persons {
        told += &format!("{:?}", told_of(world, &portal, person).await);
    }
    told
}

async fn open_to(world: &World, portals: &[&str], over: &[&Issued]) {
    let portals = portals.iter().map(|portal| (*portal).to_owned()).collect();
    let mut board = DisclosureServiceClient::new(world.connect(&world.board.identity));
    let certificates = over.iter().map(|one| crate::harness::hex(&one.identity.fingerprint())).collect();
    let admin = world.assertion("admin").on(proto::GetBoardRequest::default());
    let read = world.agreements(&world.board.identity).get_board(admin).await.unwrap().into_inner().version;
    let message = proto::SetPortalsRequest { portals, certificates, expected_version: Some(read) };
    board.set_portals(world.assertion("admin").on(message)).await.unwrap();
}

fn open_person(world: &World) -> &TestPerson {
    let mut open = world.agencies.population().households().skip(1).filter(|household| {
        household.iter().all(|person| person.protection == Protection::None)
            && household[0].unknown_at.is_empty()
    });
    &open.next().unwrap()[0]
}

fn applicant(world: &World) -> String {
    open_person(world).number.expose().to_owned()
}

fn request(world: &World, board: &str) -> FindUsageRequest {
    FindUsageRequest {
        organisation_number: board.into(),
        person_number: applicant(world),
        login: "inloggning-17".into(),
        ..FindUsageRequest::default()
    }
}

async fn find(world: &World, with: &Issued, message: FindUsageRequest) -> Result<FindUsageResponse, Status> {
    let mut client = CitizenPortalServiceClient::new(world.connect(&with.identity));
    Ok(client.find_usage(message).await?.into_inner())
}

#[tokio::test]
async fn a_person_sees_date_purpose_and_recipients_and_nobodys_name() {
    let (world, portal) = with_portal().await;
    let answer = find(&world, &portal, request(&world, BOARD)).await.unwrap();
    let [usage] = answer.usages.as_slice() else { panic!("one question, {} told", answer.usages.len()) };
    assert_eq!((usage.state.as_str(), usage.agencies.len()), ("released", Agency::ALL.len()));
    assert!(!usage.purpose.is_empty() && usage.kinds.contains(&"payments".to_owned()));
    let told = format!("{answer:?}");
    let mut needles = vec!["anna".to_owned(), "EB-1".to_owned(), "Enheten".to_owned()];
    needles.extend(world.household.iter().map(|person| person.number.expose().to_owned()));
    needles.extend(world.household.iter().map(|person| person.family_name.clone()));
    assert_eq!(needles.iter().filter(|needle| told.contains(*needle)).count(), 0, "{told}");
}

#[tokio::test]
async fn each_look_stands_in_the_boards_log_with_who_whom_and_how_many() {
    let (world, portal) = with_portal().await;
    find(&world, &portal, request(&world, BOARD)).await.unwrap();
    let log = world.log().await;
    let read = log.iter().find(|entry| entry.state() == EntryState::LogRead).unwrap();
    assert_eq!((read.portal.as_str(), read.entries_read), (PORTAL, Some(1)));
    let whom = format!("person={}", applicant(&world));
    assert_eq!(
        read.selection,
        ["login=inloggning-17".to_owned(), whom].iter().rev().cloned().collect::<Vec<_>>()
    );
    // Auditors find who looked at a person.
    let criteria = proto::Criteria {
        person_number: applicant(&world),
        state: EntryState::LogRead.into(),
        ..proto::Criteria::default()
    };
    let message = proto::ListEntriesRequest { criteria: Some(criteria), ..Default::default() };
    let mut client = AccessLogServiceClient::new(world.connect(&world.board.identity));
    let found = client.list_entries(world.assertion("greta").on(message)).await.unwrap().into_inner().entries;
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn a_board_that_is_not_open_to_the_portal_reads_as_one_that_does_not_exist() {
    let (world, portal) = with_portal().await;
    let closed = find(&world, &portal, request(&world, OTHER_BOARD)).await.unwrap_err();
    let nowhere = find(&world, &portal, request(&world, "162021009994")).await.unwrap_err();
    assert_eq!((closed.code(), closed.message()), (nowhere.code(), nowhere.message()));
    assert_eq!(closed.code(), Code::NotFound);
    open_to(&world, &[], &[]).await;
    let now_closed = find(&world, &portal, request(&world, BOARD)).await.unwrap_err();
    assert_eq!((now_closed.code(), now_closed.message()), (nowhere.code(), nowhere.message()));
}

#[tokio::test]
async fn a_portals_certificate_reaches_the_three_calls_and_nothing_else() {
    let (world, portal) = with_portal().await;
    let channel = || world.connect(&portal.identity);
    let assertion = || world.assertion("anna").bound_to(&portal);
    let asked = PersonQueryServiceClient::new(channel()).ask(assertion().on(world.question())).await;
    let listed = proto::ListEntriesRequest::default();
    let greta = world.assertion("greta").bound_to(&portal);
    let listed = AccessLogServiceClient::new(channel()).list_entries(greta.on(listed)).await;
    let admin = world.assertion("admin").bound_to(&portal);
    let blocked = proto::BlockCaseWorkerRequest { id: "anna".into() };
    let blocked = AdministrationServiceClient::new(channel()).block_case_worker(admin.on(blocked)).await;
    for refused in [asked.map(|_| ()), listed.map(|_| ()), blocked.map(|_| ())] {
        assert_eq!(refused.unwrap_err().code(), Code::Unauthenticated);
    }
    for other in [&world.board, &world.operator] {
        let refused = find(&world, other, request(&world, BOARD)).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
    }
}

#[tokio::test]
async fn a_revoked_portal_is_refused_from_the_next_call_on() {
    let (world, portal) = with_portal().await;
    let mut client = CitizenPortalServiceClient::new(world.connect(&portal.identity));
    assert!(client.heartbeat(HeartbeatRequest {}).await.unwrap().into_inner().at.starts_with("2026-11-22"));
    let sha256 = crate::harness::hex(&portal.identity.fingerprint());
    let revoke = proto::RevokePortalRequest { organisation_number: PORTAL.into(), sha256 };
    DisclosureServiceClient::new(world.connect(&world.operator.identity))
        .revoke_portal(revoke)
        .await
        .unwrap();
    assert_eq!(client.heartbeat(HeartbeatRequest {}).await.unwrap_err().code(), Code::Unauthenticated);
    assert_eq!(
        find(&world, &portal, request(&world, BOARD)).await.unwrap_err().code(),
        Code::Unauthenticated
    );
}

/// An account that may delay what persons are told.
async fn register_jurist(world: &World) {
    let jurist = proto::Account {
        id: "jurist".into(),
        name: "Karin Jurist".into(),
        unit: "Enheten".into(),
        duties: vec![Duty::DelaysDisclosure.into()],
        ..proto::Account::default()
    };
    let message = proto::RegisterCaseWorkerRequest { account: Some(jurist) };
    let mut board = AdministrationServiceClient::new(world.connect(&world.board.identity));
    board.register_case_worker(world.assertion("admin").on(message)).await.unwrap();
}

#[tokio::test]
async fn a_delay_hides_from_the_person_alone_and_ends_by_itself() {
    let (world, portal) = with_portal().await;
    register_jurist(&world).await;
    let delay = |account: &str, until: &str| {
        let message = proto::DecideDelayRequest {
            case_id: "EB-1".into(),
            until: until.into(),
            reason: "brottsutredning".into(),
            legal_basis: "OSL 2009:400".into(),
        };
        let mut client = DisclosureServiceClient::new(world.connect(&world.board.identity));
        let request = world.assertion(account).on(message);
        async move { client.decide_delay(request).await.map(|decided| decided.into_inner().entry_id) }
    };
    for account in ["anna", "greta", "admin"] {
        assert_eq!(delay(account, "2026-11-25").await.unwrap_err().code(), Code::PermissionDenied);
    }
    assert_eq!(
        delay("jurist", "2027-11-23").await.unwrap_err().code(),
        Code::InvalidArgument,
        "a year at most"
    );
    let decision = delay("jurist", "2026-11-25").await.unwrap();

    let mut client = CitizenPortalServiceClient::new(world.connect(&portal.identity));
    let period = UsagePeriodRequest {
        organisation_number: BOARD.into(),
        person_number: applicant(&world),
        login: "inloggning-17".into(),
    };
    assert_eq!(find(&world, &portal, request(&world, BOARD)).await.unwrap().usages, []);
    assert_eq!(client.usage_period(period.clone()).await.unwrap().into_inner().first, "");
    let log = world.log().await;
    let decided = log.iter().find(|entry| entry.state() == EntryState::Delay).unwrap();
    assert_eq!((&decided.entry_id, decided.case_worker.as_str()), (&decision, "jurist"));
    assert_eq!((decided.delayed_until.as_str(), decided.reason.as_str()), ("2026-11-25", "brottsutredning"));
    assert!(log.iter().any(|entry| entry.state() == EntryState::Released), "auditors see the question");

    world.clock.set("2026-11-24T23:00:00Z".parse().unwrap());
    assert_eq!(
        find(&world, &portal, request(&world, BOARD)).await.unwrap().usages.len(),
        1,
        "the day has come"
    );
    assert_ne!(client.usage_period(period).await.unwrap().into_inner().first, "");
}

#[tokio::test]
async fn a_page_is_one_log_ins_and_another_at_the_same_portal_does_not_read_on() {
    let (world, portal) = with_portal().await;
    Ask::with(&world, world.question()).await.unwrap();
    let first = FindUsageRequest { page_size: 1, ..request(&world, BOARD) };
    let page = find(&world, &portal, first.clone()).await.unwrap().next_page;
    assert!(!page.is_empty());
    let on = FindUsageRequest { page, ..first };
    let another = FindUsageRequest { login: "inloggning-18".into(), ..on.clone() };
    let refused = find(&world, &portal, another).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{}", refused.message());
    assert_eq!(find(&world, &portal, on).await.unwrap().usages.len(), 1);
}

#[tokio::test]
async fn a_delay_ends_no_later_than_the_log_keeps_its_decision() {
    let months = |months: u32| {
        World::start_with(Wires::Grpc, move |config| {
            (config.retention.log_months, config.retention.min_log_months) = (months, 1);
        })
    };
    // The decision is of November: kept for so many whole months after it, it is there until the first of the next.
    for (kept, last, too_late) in [(1, "2027-01-01", "2027-01-02"), (3, "2027-03-01", "2027-03-02")] {
        let world = months(kept).await;
        register_jurist(&world).await;
        let delay = |until: &str| {
            let message = proto::DecideDelayRequest {
                case_id: "EB-1".into(),
                until: until.into(),
                reason: "brottsutredning".into(),
                legal_basis: "OSL 2009:400".into(),
            };
            let mut client = DisclosureServiceClient::new(world.connect(&world.board.identity));
            let request = world.assertion("jurist").on(message);
            async move { client.decide_delay(request).await }
        };
        let refused = delay(too_late).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
        assert!(refused.message().starts_with("until: ") && refused.message().contains(last), "{refused:?}");
        delay(last).await.unwrap();
    }
}

/// What the portal is told of a person in the first board's log.
async fn told_of(
    world: &World,
    portal: &Issued,
    person: &str,
) -> (FindUsageResponse, proto::UsagePeriodResponse) {
    let message = FindUsageRequest { person_number: person.into(), ..request(world, BOARD) };
    let found = find(world, portal, message).await.unwrap();
    let mut client = CitizenPortalServiceClient::new(world.connect(&portal.identity));
    let period = UsagePeriodRequest {
        organisation_number: BOARD.into(),
        person_number: person.into(),
        login: "inloggning-17".into(),
    };
    (found, client.usage_period(period).await.unwrap().into_inner())
}

#[tokio::test]
async fn who_is_protected_or_may_be_or_lives_with_who_is_is_told_what_who_was_never_asked_about_is_told() {
    let (world, portal) = with_portal().await;
    world.register_case("EB-2", &["anna"]).await;
    let of = |who: Role| world.household.iter().find(|person| person.role == who).unwrap().number.expose();
    let nobody = told_of(&world, &portal, of(Role::Child)).await;
    assert!(nobody.0.notice.contains("kontakta den kommun") && nobody.0.board_name.is_empty());

    // A source is silent, so that it is not known; asked about anew, it is.
    let shown = told_of(&world, &portal, &applicant(&world)).await;
    assert_eq!((shown.0.usages.len(), shown.0.notice.as_str()), (1, ""));
    let fk = Source::Agency(Agency::Fk);
    world.agencies.control().set(&fk, Behaviour::out(Outage::Refuse)).unwrap();
    Ask::with(&world, world.question()).await.unwrap();
    assert_eq!(told_of(&world, &portal, &applicant(&world)).await, nobody, "not known");
    world.agencies.control().reset();
    Ask::with(&world, world.question()).await.unwrap();
    assert_eq!(told_of(&world, &portal, &applicant(&world)).await.0.usages.len(), 3);

    let ask = async |who: Role| {
        let question =
            proto::AskRequest { case_id: "EB-2".into(), role: role(who).into(), ..world.question() };
        Ask::with(&world, question).await.unwrap()
    };
    assert_eq!(ask(Role::CoApplicant).await.protection.unwrap().said_by, ["AF", "CSN", "FK"]);
    assert_eq!(told_of(&world, &portal, of(Role::CoApplicant)).await, nobody, "protected");
    ask(Role::Applicant).await;
    assert_eq!(told_of(&world, &portal, of(Role::Applicant)).await, nobody, "the same home");
    assert_eq!(
        told_of(&world, &portal, &applicant(&world)).await,
        nobody,
        "of a case that she once stood in"
    );
}

#[tokio::test]
async fn what_a_portal_was_not_told_is_told_to_the_board_and_names_nobody_in_a_list() {
    let (world, portal) = with_portal().await;
    world.register_case("EB-2", &["anna"]).await;
    let her = world.member(Role::CoApplicant).number.expose().to_owned();
    let question = proto::AskRequest {
        case_id: "EB-2".into(),
        role: proto::Role::CoApplicant.into(),
        ..world.question()
    };
    Ask::with(&world, question).await.unwrap();
    told_of(&world, &portal, &her).await;
    let mut log = AccessLogServiceClient::new(world.connect(&world.board.identity));
    let reviews = proto::GetReviewsRequest::default();
    let seen = log.get_reviews(world.assertion("greta").on(reviews)).await.unwrap().into_inner();
    let actions: Vec<_> = seen.protected_readings.iter().map(|read| read.action.as_str()).collect();
    assert_eq!(actions, ["usage_period", "find_usage"]);
    let listed = world.log().await;
    let read = listed.iter().find(|entry| entry.entry_id == seen.protected_readings[1].entry_id).unwrap();
    assert!(read.person_held_back && !format!("{read:?}").contains(&her));
    assert!(read.details.contains(&"held_back=true".to_owned()), "{:?}", read.details);
    let one = proto::ListEntriesRequest {
        filter: Some(proto::list_entries_request::Filter::EntryId(read.entry_id.clone())),
        ..Default::default()
    };
    let opened = log.list_entries(world.assertion("greta").on(one)).await.unwrap().into_inner().entries;
    assert!(opened[0].selection.contains(&format!("person={her}")));
}
