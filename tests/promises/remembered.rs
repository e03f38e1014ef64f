//! What was once said of a person's protected identity is remembered for the whole board, until the board lifts it.

use mock_agencies::{Behaviour, TestPerson};
use ssbtek_config::QueryConfig;
use ssbtek_domain::{Agency, Protection as Level, Role, Source};
use ssbtek_proto::broker::v1::{
    AskRequest, AskResponse, EntryState, GetPersonReportRequest, GetProtectionRequest, GetProtectionResponse,
    HouseholdMember, LiftProtectionRequest, ListEntriesRequest, Protection, SetMembersRequest,
    SetRulesRequest, access_log_service_client::AccessLogServiceClient, list_entries_request::Filter,
    person_rights_service_client::PersonRightsServiceClient,
};
use tonic::{Code, Status};

use crate::harness::{Ask, OTHER_BOARD, Wires, World, role};

/// Two persons of whom no agency says that they have to do with each other, in one household: one whom nobody flags, one whom AF,
/// CSN and FK flag.
pub(crate) fn strangers(world: &World) -> (TestPerson, TestPerson) {
    let [open] = open_persons(world);
    (open, world.member(Role::CoApplicant).clone())
}

pub(crate) async fn case_of(world: &World, id: &str, open: &TestPerson, flagged: &TestPerson) {
    let household = [
        TestPerson { role: Role::Applicant, ..open.clone() },
        TestPerson { role: Role::CoApplicant, ..flagged.clone() },
    ];
    world.register_case_of(&household, id, &["anna"]).await;
}

pub(crate) fn about(world: &World, case: &str, who: Role) -> AskRequest {
    AskRequest { case_id: case.into(), role: role(who).into(), ..world.question() }
}

pub(crate) fn tells_home(answer: &AskResponse, person: &TestPerson) -> bool {
    format!("{answer:?}").contains(&person.street)
}

#[tokio::test]
async fn a_flag_that_one_question_brought_holds_for_the_household_in_every_later_one() {
    for wires in [Wires::Own, Wires::Grpc] {
        let world = World::start(wires).await;
        let (open, flagged) = strangers(&world);
        case_of(&world, "EB-9", &open, &flagged).await;
        let before = Ask::with(&world, about(&world, "EB-9", Role::Applicant)).await.unwrap();
        assert!(tells_home(&before, &open), "nobody has said anything yet");
        let hers = Ask::with(&world, about(&world, "EB-9", Role::CoApplicant)).await.unwrap();
        assert_eq!(hers.protection.unwrap().level(), Protection::Sekretessmarkering);
        let after = Ask::with(&world, about(&world, "EB-9", Role::Applicant)).await.unwrap();
        assert!(!tells_home(&after, &open), "{wires:?}: the home of a person who was flagged a moment ago");
        assert!(after.protection.unwrap().household_protected);
        // The board's other case with the same person, registered since.
        case_of(&world, "EB-10", &open, &flagged).await;
        let other = Ask::with(&world, about(&world, "EB-10", Role::Applicant)).await.unwrap();
        assert!(!tells_home(&other, &open), "{wires:?}: in another case of the board");
    }
}

pub(crate) async fn remembered(world: &World, person: &TestPerson) -> GetProtectionResponse {
    let mut rights = PersonRightsServiceClient::new(world.connect(&world.board.identity));
    let request = GetProtectionRequest { person_number: person.number.expose().into() };
    rights.get_protection(world.assertion("admin").on(request)).await.unwrap().into_inner()
}

pub(crate) async fn lift(world: &World, account: &str, person: &TestPerson) -> Result<(), Status> {
    let mut rights = PersonRightsServiceClient::new(world.connect(&world.board.identity));
    let ground = "skyddet har upphört enligt beslut".into();
    let request = LiftProtectionRequest { person_number: person.number.expose().into(), ground };
    rights.lift_protection(world.assertion(account).on(request)).await.map(drop)
}

/// The household of a case, anew, with these members marked.
pub(crate) async fn mark(
    world: &World,
    case: &str,
    household: &[(&TestPerson, Role)],
    marked: &[&TestPerson],
) {
    let members = household.iter().map(|(person, of)| HouseholdMember {
        person_number: person.number.expose().into(),
        role: role(*of).into(),
        protected: marked.iter().any(|one| one.number == person.number),
        ..HouseholdMember::default()
    });
    let message =
        SetMembersRequest { case_id: case.into(), members: members.collect(), ..Default::default() };
    let set = async |message| world.cases().set_members(world.assertion("system").on(message)).await;
    if let Err(refused) = set(message.clone()).await {
        // A mark that is taken away is one that was read.
        let expected_version = crate::replaced::version_now(&refused);
        set(SetMembersRequest { expected_version, ..message }).await.unwrap();
    }
}

/// Persons of different households whom nobody flags.
pub(crate) fn open_persons<const N: usize>(world: &World) -> [TestPerson; N] {
    let open = world.agencies.population().households().skip(1).filter(|household| {
        household.iter().all(|person| person.protection == Level::None) && household[0].unknown_at.is_empty()
    });
    let mut open = open.map(|household| household[0].clone());
    std::array::from_fn(|_| open.next().unwrap())
}

#[tokio::test]
async fn who_said_it_and_when_is_read_by_person_with_a_record_and_told_in_the_persons_extract() {
    let world = World::start(Wires::Grpc).await;
    let (open, flagged) = strangers(&world);
    case_of(&world, "EB-9", &open, &flagged).await;
    assert_eq!(remembered(&world, &flagged).await.level(), Protection::None);
    let answer = Ask::with(&world, about(&world, "EB-9", Role::CoApplicant)).await.unwrap();
    let found = remembered(&world, &flagged).await;
    assert_eq!(found.level(), Protection::Sekretessmarkering);
    let sources: Vec<_> = found.said.iter().map(|said| said.source.as_str()).collect();
    assert_eq!(sources, ["AF", "CSN", "FK"]);
    assert!(
        found
            .said
            .iter()
            .all(|said| said.entry_id == answer.entry_id && said.since.starts_with("2026-11-22"))
    );
    assert_eq!(remembered(&world, &open).await.cases[0].case_id, "EB-9", "and who lives beside her");
    let log = world.log().await;
    let read = log.iter().find(|entry| entry.action == "protection by person").unwrap();
    assert_eq!((read.state(), read.case_worker.as_str()), (EntryState::LogRead, "admin"));

    let mut auditor = AccessLogServiceClient::new(world.connect(&world.board.identity));
    let request = |person: &TestPerson| GetPersonReportRequest {
        person_number: person.number.expose().into(),
        ..GetPersonReportRequest::default()
    };
    let told = auditor.get_person_report(world.assertion("greta").on(request(&flagged))).await.unwrap();
    assert_eq!(told.into_inner().protection.unwrap().said_by, ["AF", "CSN", "FK"]);
    let told = auditor.get_person_report(world.assertion("greta").on(request(&open))).await.unwrap();
    assert!(
        told.into_inner().protection.is_none(),
        "nothing about anybody else, not even that there is something"
    );
}

#[tokio::test]
async fn a_home_that_is_a_protected_persons_in_one_case_is_not_told_in_another_in_which_she_does_not_stand() {
    let world = World::start(Wires::Grpc).await;
    let (open, flagged) = strangers(&world);
    world.register_case_of(&[TestPerson { role: Role::Applicant, ..open.clone() }], "EB-8", &["anna"]).await;
    case_of(&world, "EB-9", &open, &flagged).await;
    Ask::with(&world, about(&world, "EB-9", Role::CoApplicant)).await.unwrap();
    let alone = Ask::with(&world, about(&world, "EB-8", Role::Applicant)).await.unwrap();
    assert!(!tells_home(&alone, &open));
    assert_eq!(alone.protection.unwrap().level(), Protection::None, "his own is another matter");
}

/// Three cases: one in which they live together, one of hers, one of his; what is said in hers counts in his.
#[tokio::test]
async fn whoever_shares_a_case_with_somebody_protected_is_known_in_every_case_wherever_it_was_said() {
    for by_an_answer in [true, false] {
        let world = World::start(Wires::Grpc).await;
        let [one, other] = open_persons(&world);
        let her = if by_an_answer { world.member(Role::CoApplicant).clone() } else { other };
        let alone = |person: &TestPerson| [TestPerson { role: Role::Applicant, ..person.clone() }];
        case_of(&world, "EB-7", &one, &her).await;
        world.register_case_of(&alone(&one), "EB-8", &["anna"]).await;
        world.register_case_of(&alone(&her), "EB-9", &["anna"]).await;
        let home = async |case: &str| {
            let his = Ask::with(&world, about(&world, case, Role::Applicant)).await.unwrap();
            tells_home(&his, &one)
        };
        assert!(home("EB-8").await, "nobody has said anything yet");
        let hers = [(&her, Role::Applicant)];
        if by_an_answer {
            Ask::with(&world, about(&world, "EB-9", Role::Applicant)).await.unwrap();
        } else {
            mark(&world, "EB-9", &hers, &[&her]).await;
        }
        assert!(!home("EB-8").await, "by an answer: {by_an_answer}");
        assert!(!home("EB-7").await);
        let beside = remembered(&world, &one).await;
        let cases: Vec<_> = beside.cases.iter().map(|case| case.case_id.as_str()).collect();
        assert_eq!((beside.household_protected, cases), (true, vec!["EB-7"]));
        if !by_an_answer {
            mark(&world, "EB-9", &hers, &[]).await;
            assert!(!home("EB-8").await, "a mark that is taken away lifts nothing");
            lift(&world, "admin", &her).await.unwrap();
            assert!(home("EB-8").await && home("EB-7").await);
        }
    }
}

/// No case of the board has both: Försäkringskassan names the child in the parent's answer, and flags it or not.
#[tokio::test]
async fn whom_an_agency_names_is_looked_up_and_a_mark_of_the_boards_own_takes_the_home_out_of_the_answer() {
    for wires in [Wires::Own, Wires::Grpc] {
        let world = World::start(wires).await;
        let open = |household: &&[TestPerson]| {
            household[0].unknown_at.is_empty()
                && household.iter().all(|person| person.protection == Level::None)
        };
        let households = world.agencies.population().households();
        let of_child = |household: &&[TestPerson]| household.iter().any(|person| person.role == Role::Child);
        let mut with_child = households.skip(1).filter(open).filter(of_child);
        let household = with_child.next().unwrap();
        let (parent, child) =
            (&household[0], household.iter().find(|person| person.role == Role::Child).unwrap());
        world.register_case_of(std::slice::from_ref(parent), "EB-8", &["anna"]).await;
        let ask = async || Ask::with(&world, about(&world, "EB-8", Role::Applicant)).await.unwrap();
        let before = ask().await;
        assert!(tells_home(&before, parent), "{wires:?}");
        let stranger = world.member(Role::Applicant).clone();
        world.register_case_of(&[stranger.clone(), child.clone()], "EB-9", &["anna"]).await;
        assert!(tells_home(&ask().await, parent), "nobody has said anything yet");
        let members = [(&stranger, Role::Applicant), (child, Role::Child)];
        mark(&world, "EB-9", &members, &[child]).await;
        let after = ask().await;
        assert!(
            !tells_home(&after, parent),
            "{wires:?}: the home of a child that the board knows is protected"
        );
        let protection = after.protection.unwrap();
        assert_eq!((protection.level(), protection.household_protected), (Protection::None, true));
    }
}

#[tokio::test]
async fn a_mark_in_one_case_holds_in_every_other_until_an_administrator_lifts_it_and_not_while_it_stands() {
    let world = World::start(Wires::Grpc).await;
    let [one, other] = open_persons(&world);
    let household = [(&one, Role::Applicant), (&other, Role::CoApplicant)];
    case_of(&world, "EB-8", &one, &other).await;
    case_of(&world, "EB-9", &one, &other).await;
    let home = async || {
        let answer = Ask::with(&world, about(&world, "EB-9", Role::Applicant)).await.unwrap();
        tells_home(&answer, &one)
    };
    assert!(home().await);
    mark(&world, "EB-8", &household, &[&other]).await;
    assert!(!home().await, "marked in another case");
    let hers = Ask::with(&world, about(&world, "EB-9", Role::CoApplicant)).await.unwrap().protection.unwrap();
    assert_eq!((hers.level(), hers.remembered), (Protection::Sekretessmarkering, true));
    let refused = lift(&world, "admin", &other).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "a case still says so");
    assert!(refused.message().contains("still said by a case"), "{}", refused.message());

    // Whoever keeps cases takes the mark away there; that lifts nothing.
    mark(&world, "EB-8", &household, &[]).await;
    assert!(!home().await);
    for account in ["anna", "system", "greta"] {
        assert_eq!(lift(&world, account, &other).await.unwrap_err().code(), Code::PermissionDenied);
    }
    assert_eq!(
        lift(&world, "admin", &one).await.unwrap_err().code(),
        Code::NotFound,
        "nothing is said of him"
    );
    lift(&world, "admin", &other).await.unwrap();
    assert!(home().await);
    let lifted = remembered(&world, &other).await;
    assert_eq!((lifted.level(), lifted.lifted_by.as_str()), (Protection::None, "admin"));
    let log = world.log().await;
    let record = log.iter().find(|entry| entry.state() == EntryState::ProtectionLifted).unwrap();
    assert!(record.person_held_back && record.case_worker == "admin", "a list names nobody");
    let one = ListEntriesRequest {
        filter: Some(Filter::EntryId(record.entry_id.clone())),
        ..ListEntriesRequest::default()
    };
    let mut auditor = AccessLogServiceClient::new(world.connect(&world.board.identity));
    let opened = auditor.list_entries(world.assertion("greta").on(one)).await.unwrap().into_inner();
    assert_eq!(opened.entries[0].person_number, other.number.expose());
    assert_eq!(opened.entries[0].reason, "skyddet har upphört enligt beslut");
    mark(&world, "EB-8", &household, &[&other]).await;
    assert!(!home().await, "said again");
}

#[tokio::test]
async fn what_agencies_still_say_is_not_lifted_and_is_remembered_after_a_restart() {
    let mut world = World::start(Wires::Grpc).await;
    let (open, flagged) = strangers(&world);
    case_of(&world, "EB-9", &open, &flagged).await;
    Ask::with(&world, about(&world, "EB-9", Role::CoApplicant)).await.unwrap();
    let refused = lift(&world, "admin", &flagged).await.unwrap_err();
    assert!(refused.message().contains("still said by AF, CSN, FK"), "{}", refused.message());
    world.restart().await;
    let after = Ask::with(&world, about(&world, "EB-9", Role::Applicant)).await.unwrap();
    assert!(!tells_home(&after, &open));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_parallel_question_learns_holds_an_answer_under_way_back_and_so_does_a_lift() {
    let world = World::start(Wires::Grpc).await;
    let (open, flagged) = strangers(&world);
    case_of(&world, "EB-9", &open, &flagged).await;
    let fk = Source::Agency(Agency::Fk);
    let under_way = async |meanwhile: std::pin::Pin<Box<dyn Future<Output = ()> + '_>>, case: &str| {
        world.agencies.control().set(&fk, Behaviour::slow(1500)).unwrap();
        let before = world.agencies.control().calls(&fk).unwrap();
        let meanwhile = async {
            while world.agencies.control().calls(&fk).unwrap() == before {
                tokio::task::yield_now().await;
            }
            world.agencies.control().reset();
            meanwhile.await;
        };
        tokio::join!(Ask::with(&world, about(&world, case, Role::Applicant)), meanwhile).0
    };
    let hers = || async {
        Ask::with(&world, about(&world, "EB-9", Role::CoApplicant)).await.unwrap();
    };
    let held = under_way(Box::pin(hers()), "EB-9").await.map(drop).unwrap_err();
    assert_eq!(held.code(), Code::Aborted);
    assert!(!tells_home(&Ask::with(&world, about(&world, "EB-9", Role::Applicant)).await.unwrap(), &open));

    let [_, one, other] = open_persons(&world);
    let household = [(&one, Role::Applicant), (&other, Role::CoApplicant)];
    case_of(&world, "EB-8", &one, &other).await;
    mark(&world, "EB-8", &household, &[&other]).await;
    mark(&world, "EB-8", &household, &[]).await;
    let lifted = || async { lift(&world, "admin", &other).await.unwrap() };
    let held = under_way(Box::pin(lifted()), "EB-8").await.map(drop).unwrap_err();
    assert_eq!(held.code(), Code::Aborted, "what was decided on is no longer so");

    // A case worker takes the case's mark away while it is asked: what is remembered of it holds, whatever comes of the question.
    mark(&world, "EB-8", &household, &[&other]).await;
    let unmarked = || async { mark(&world, "EB-8", &household, &[]).await };
    match under_way(Box::pin(unmarked()), "EB-8").await {
        Ok(answer) => assert!(!tells_home(&answer, &one) && answer.protection.unwrap().household_protected),
        Err(held) => assert_eq!(held.code(), Code::Aborted),
    }
    let later = Ask::with(&world, about(&world, "EB-8", Role::Applicant)).await.unwrap();
    assert!(!tells_home(&later, &one), "a mark that is taken away lifts nothing");
}

#[tokio::test]
async fn an_account_that_may_not_be_told_of_protected_persons_learns_no_home_by_asking_about_others() {
    let world = World::start(Wires::Grpc).await;
    let (open, flagged) = strangers(&world);
    case_of(&world, "EB-9", &open, &flagged).await;
    let rules = SetRulesRequest { protected_named_only: true, ..Default::default() };
    let mut board = world.agreements(&world.board.identity);
    board.set_rules(world.assertion("admin").on(rules)).await.unwrap();
    let refused = Ask::with(&world, about(&world, "EB-9", Role::CoApplicant)).await.map(drop).unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let his = Ask::with(&world, about(&world, "EB-9", Role::Applicant)).await.unwrap();
    assert!(!tells_home(&his, &open), "what came was held back, and remembered all the same");
}

#[tokio::test]
async fn two_boards_that_disagree_about_a_person_learn_nothing_of_each_other() {
    use ssbtek_proto::broker::v1::{
        RegisterCaseRequest, case_registry_service_client::CaseRegistryServiceClient,
    };
    let world = World::start(Wires::Grpc).await;
    let [one, other] = open_persons(&world);
    let household = [(&one, Role::Applicant), (&other, Role::CoApplicant)];
    case_of(&world, "EB-9", &one, &other).await;
    mark(&world, "EB-9", &household, &[&other]).await;
    let elsewhere =
        |account: &str| world.assertion(account).issued_by(OTHER_BOARD).bound_to(&world.other_board);
    let members = household.iter().map(|(person, of)| HouseholdMember {
        person_number: person.number.expose().into(),
        role: role(*of).into(),
        ..HouseholdMember::default()
    });
    let case = RegisterCaseRequest {
        case_id: "EB-9".into(),
        members: members.collect(),
        case_workers: vec!["anna".into()],
        provisional: false,
    };
    let mut cases = CaseRegistryServiceClient::new(world.connect(&world.other_board.identity));
    cases.register_case(elsewhere("system").on(case)).await.unwrap();
    let question = elsewhere("anna").on(about(&world, "EB-9", Role::Applicant));
    let answer = Ask::send(&world, &world.other_board, question).await.unwrap();
    assert!(tells_home(&answer, &one) && !answer.protection.unwrap().household_protected);
    // Nor by what is read there: neither in what is remembered nor in a list.
    let mut rights = PersonRightsServiceClient::new(world.connect(&world.other_board.identity));
    let request = GetProtectionRequest { person_number: other.number.expose().into() };
    let theirs = rights.get_protection(elsewhere("admin").on(request)).await.unwrap().into_inner();
    assert!(theirs.level() == Protection::None && theirs.cases.is_empty(), "{theirs:?}");
    let question = elsewhere("anna").on(about(&world, "EB-9", Role::CoApplicant));
    let hers = Ask::send(&world, &world.other_board, question).await.unwrap();
    assert!(!hers.protection.unwrap().remembered);
    let listed = world.log_of(OTHER_BOARD, &world.other_board).await;
    assert!(listed.iter().all(|entry| !entry.person_held_back));
    // And the other way: what the second board marks is no mark at the first.
    let members = [(&one, true), (&other, false)].map(|(person, protected)| HouseholdMember {
        person_number: person.number.expose().into(),
        role: role(if protected { Role::Applicant } else { Role::CoApplicant }).into(),
        protected,
        ..HouseholdMember::default()
    });
    let message = SetMembersRequest { case_id: "EB-9".into(), members: members.into(), ..Default::default() };
    cases.set_members(elsewhere("system").on(message)).await.unwrap();
    assert_eq!(remembered(&world, &one).await.level(), Protection::None);
}

#[tokio::test]
async fn a_home_is_told_once_every_other_adult_of_the_household_was_found_not_to_be_protected_and_not_before()
{
    let checked = |config: &mut ssbtek_config::Config| {
        config.query.household_check_days = QueryConfig::default().household_check_days;
    };
    let world = World::start_with(Wires::Grpc, checked).await;
    let [one, other] = open_persons(&world);
    case_of(&world, "EB-9", &one, &other).await;
    world.register_case_of(&[TestPerson { role: Role::Applicant, ..one.clone() }], "EB-8", &["anna"]).await;
    let ask = async |case: &str, who: Role| Ask::with(&world, about(&world, case, who)).await.unwrap();
    let first = ask("EB-9", Role::Applicant).await;
    assert!(!tells_home(&first, &one) && first.protection.unwrap().household_not_checked);
    assert!(tells_home(&ask("EB-8", Role::Applicant).await, &one), "who lives alone waits for nobody");
    let second = ask("EB-9", Role::CoApplicant).await;
    assert!(tells_home(&second, &other) && !second.protection.unwrap().household_not_checked);
    assert!(tells_home(&ask("EB-9", Role::Applicant).await, &one), "everybody has been asked about");
    world.clock.advance(chrono::TimeDelta::days(39));
    let question = about(&world, "EB-9", Role::Applicant);
    assert!(tells_home(&Ask::with(&world, question.clone()).await.unwrap(), &one));
    world.clock.advance(chrono::TimeDelta::days(2));
    assert!(!tells_home(&Ask::with(&world, question).await.unwrap(), &one), "too long ago");
}

/// Once found not to be protected is not found so for ever: an answer that may have flagged her and cannot be read ends it.
#[tokio::test]
async fn an_answer_that_may_have_flagged_somebody_and_cannot_be_read_holds_the_households_home_back() {
    let checked = |config: &mut ssbtek_config::Config| {
        config.query.household_check_days = QueryConfig::default().household_check_days;
    };
    let unknown_mark = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("sekretess=\""), "CSN's mark has its place");
        let (before, rest) = text.split_once("sekretess=\"").unwrap();
        let (_, after) = rest.split_once('"').unwrap();
        format!("{before}sekretess=\"X\"{after}").into_bytes()
    };
    let cut_off = |bytes: Vec<u8>| bytes[..bytes.len() - 40].to_vec();
    let latin = |bytes: Vec<u8>| [bytes.as_slice(), &[0xe5]].concat();
    type Twist = fn(Vec<u8>) -> Vec<u8>;
    let twists: [(Agency, Twist); 3] =
        [(Agency::Csn, unknown_mark), (Agency::Fk, cut_off), (Agency::Fk, latin)];
    for (agency, twist) in twists {
        let world = World::start_with(Wires::Own, checked).await;
        let [one, other] = open_persons(&world);
        case_of(&world, "EB-9", &one, &other).await;
        let ask = async |who: Role| Ask::with(&world, about(&world, "EB-9", who)).await.unwrap();
        ask(Role::CoApplicant).await;
        assert!(tells_home(&ask(Role::Applicant).await, &one), "both are open");
        world.agencies.control().twist(&Source::Agency(agency), twist).unwrap();
        let hers = ask(Role::CoApplicant).await;
        assert_eq!(hers.protection.unwrap().level(), Protection::NotKnown);
        world.agencies.control().reset();
        assert!(!tells_home(&ask(Role::Applicant).await, &one), "{agency}: not known of her any more");
        ask(Role::CoApplicant).await;
        assert!(
            tells_home(&ask(Role::Applicant).await, &one),
            "asked about again, with every answer readable"
        );
    }
}

/// What cannot be read is nobody's word about anything, but for a flag: that is remembered like any other.
#[tokio::test]
async fn a_flag_in_an_answer_that_breaks_off_is_remembered_like_any_other() {
    fn cut_after(bytes: Vec<u8>, no: &str, yes: &str) -> Vec<u8> {
        let text = String::from_utf8(bytes).unwrap();
        let (before, _) = text.split_once(no).unwrap();
        format!("{before}{yes}").into_bytes()
    }
    let twists = [
        (Agency::Af, "Sekretessmarkering>false</", "Sekretessmarkering>true</"),
        (Agency::Csn, "sekretess=\"  \"", "sekretess=\"Ja\" "),
        (Agency::Fk, "\"skyddad\":false", "\"skyddad\":true,"),
        (Agency::Tns, "</", "<status>skyddad</status><"),
    ];
    for (agency, no, yes) in twists {
        let world = World::start(Wires::Own).await;
        let [one, other] = open_persons(&world);
        case_of(&world, "EB-9", &one, &other).await;
        let cut = move |bytes| cut_after(bytes, no, yes);
        world.agencies.control().twist(&Source::Agency(agency), cut).unwrap();
        let hers = Ask::with(&world, about(&world, "EB-9", Role::CoApplicant)).await.unwrap();
        assert_eq!(hers.protection.unwrap().level(), Protection::Sekretessmarkering, "{agency}");
        world.agencies.control().reset();
        let found = remembered(&world, &other).await;
        assert_eq!(found.said.iter().map(|said| said.source.as_str()).collect::<Vec<_>>(), [agency.code()]);
        let his = Ask::with(&world, about(&world, "EB-9", Role::Applicant)).await.unwrap();
        assert!(!tells_home(&his, &one), "{agency}: the home of somebody who was flagged");
        let later = Ask::with(&world, about(&world, "EB-9", Role::CoApplicant)).await.unwrap();
        assert!(later.protection.unwrap().remembered, "{agency}: every answer readable again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asking_about_both_at_once_holds_neither_answer_up() {
    let checked = |config: &mut ssbtek_config::Config| {
        config.query.household_check_days = QueryConfig::default().household_check_days;
    };
    let world = World::start_with(Wires::Grpc, checked).await;
    let [one, other] = open_persons(&world);
    case_of(&world, "EB-9", &one, &other).await;
    for _ in 0..5 {
        let (his, hers) = tokio::join!(
            Ask::with(&world, about(&world, "EB-9", Role::Applicant)),
            Ask::with(&world, about(&world, "EB-9", Role::CoApplicant))
        );
        assert!(his.is_ok() && hers.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_questions_at_once_that_learn_the_same_are_all_answered() {
    let world = World::start(Wires::Grpc).await;
    let asked = (0..6).map(|_| {
        let question = AskRequest { role: role(Role::CoApplicant).into(), ..world.question() };
        Ask::with(&world, question)
    });
    for answer in futures::future::join_all(asked).await {
        assert_eq!(answer.unwrap().protection.unwrap().level(), Protection::Sekretessmarkering);
    }
    assert_eq!(remembered(&world, world.member(Role::CoApplicant)).await.said.len(), 3);
}
