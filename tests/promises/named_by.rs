//! Whom the answers about somebody protected name may live with her: that is remembered, whether or not anybody's own answer says it.

use mock_agencies::TestPerson;
use ssbtek_domain::{
    Agency, Personnummer, Role, Source,
    sections::{
        Section,
        fk::{
            self,
            person::{Address, GeneralInformation, Person},
        },
        skv::{self, Document, Part},
    },
};
use ssbtek_proto::broker::v1::{
    AskResponse, CorrectMemberRequest, GetPersonReportRequest, GetProtectionRequest, ListEntriesRequest,
    LogEntry, Protection, access_log_service_client::AccessLogServiceClient, list_entries_request::Filter,
    person_rights_service_client::PersonRightsServiceClient,
};

use crate::{
    harness::{Ask, OTHER_BOARD, Wires, World, role},
    remembered::{about, lift, mark, open_persons, remembered},
};

/// Where they live.
pub(crate) const STREET: &str = "Skyddsgränd 7";

/// What Försäkringskassan says of a person who lives there, with these children.
pub(crate) fn at_home(person: &TestPerson, protected: bool, children: &[&Personnummer]) -> Section {
    let child = |number: &&Personnummer| Person {
        number: Some(number.expose().to_owned()),
        protected: Some(false),
        ..Person::default()
    };
    let general = GeneralInformation {
        person: Some(person.number.clone()),
        protected: Some(protected),
        addresses: vec![Address { lines: vec![STREET.to_owned()], ..Address::default() }],
        children: children.iter().map(child).collect(),
        ..GeneralInformation::default()
    };
    Section::Fk(fk::Section {
        person: Some(person.number.clone()),
        general: vec![general],
        ..fk::Section::default()
    })
}

/// Asks, where Försäkringskassan says this.
pub(crate) async fn asked(world: &World, case: &str, who: Role, fk: Section) -> AskResponse {
    let control = world.agencies.control();
    control.tell(&Source::Agency(Agency::Fk), Some(fk)).unwrap();
    let answer = Ask::with(world, about(world, case, who)).await.unwrap();
    control.reset();
    answer
}

pub(crate) fn tells(answer: &AskResponse) -> bool {
    format!("{answer:?}").contains(STREET)
}

pub(crate) async fn register(world: &World, case: &str, household: &[(&TestPerson, Role)]) {
    let household: Vec<_> =
        household.iter().map(|(person, role)| TestPerson { role: *role, ..(*person).clone() }).collect();
    world.register_case_of(&household, case, &["anna"]).await;
}

/// Her own answer names her child; the child's, in a case with somebody of another household, names nobody.
#[tokio::test]
async fn whom_a_protected_persons_own_answer_names_lives_with_her_in_every_case() {
    for wires in [Wires::Own, Wires::Grpc] {
        let world = World::start(wires).await;
        let [mother, other, child] = open_persons(&world);
        register(&world, "CM", &[(&mother, Role::Applicant)]).await;
        register(&world, "CF", &[(&other, Role::Applicant), (&child, Role::Child)]).await;
        let childs = async || asked(&world, "CF", Role::Child, at_home(&child, false, &[])).await;
        assert!(tells(&childs().await), "{wires:?}: nobody has said anything yet");
        asked(&world, "CM", Role::Applicant, at_home(&mother, true, &[&child.number])).await;
        let after = childs().await;
        assert!(!tells(&after), "{wires:?}: the home of somebody protected");
        assert!(after.protection.unwrap().household_protected);
    }
}

/// She was asked about before anybody said that she is protected.
#[tokio::test]
async fn whom_earlier_answers_named_is_found_when_she_is_marked_or_flagged_later() {
    for by_an_answer in [true, false] {
        let world = World::start(Wires::Grpc).await;
        let [mother, other, child] = open_persons(&world);
        register(&world, "CM", &[(&mother, Role::Applicant)]).await;
        register(&world, "CX", &[(&mother, Role::Applicant)]).await;
        register(&world, "CF", &[(&other, Role::Applicant), (&child, Role::Child)]).await;
        let childs = async || asked(&world, "CF", Role::Child, at_home(&child, false, &[])).await;
        asked(&world, "CM", Role::Applicant, at_home(&mother, false, &[&child.number])).await;
        assert!(tells(&childs().await), "nobody has said anything yet");
        if by_an_answer {
            asked(&world, "CX", Role::Applicant, at_home(&mother, true, &[])).await;
        } else {
            mark(&world, "CX", &[(&mother, Role::Applicant)], &[&mother]).await;
        }
        assert!(!tells(&childs().await), "by an answer: {by_an_answer}");
    }
}

/// A place that no reader knows, in an agency's own format.
#[tokio::test]
async fn whom_an_answer_names_in_an_unknown_place_is_named_by_it() {
    let world = World::start(Wires::Own).await;
    let [mother, other, child] = open_persons(&world);
    register(&world, "CM", &[(&mother, Role::Applicant)]).await;
    register(&world, "CF", &[(&other, Role::Applicant), (&child, Role::Child)]).await;
    let number = child.number.expose().to_owned();
    let unknown = move |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        let list = format!(r#""generellPersoninformation":[{{"hemmavarande":[{{"nr":"{number}"}}],"#);
        let changed = text.replacen(r#""generellPersoninformation":[{"#, &list, 1);
        assert_ne!(changed, text);
        changed.into_bytes()
    };
    world.agencies.control().twist(&Source::Agency(Agency::Fk), unknown).unwrap();
    asked(&world, "CM", Role::Applicant, at_home(&mother, true, &[])).await;
    assert!(!tells(&asked(&world, "CF", Role::Child, at_home(&child, false, &[])).await));
}

/// Her child's number, as an agency may write it.
#[tokio::test]
async fn whom_an_answer_names_is_found_in_whatever_writing_the_number_stands() {
    let in_parts = |number: &str| format!("{} {} {}", &number[..4], &number[4..8], &number[8..]);
    let wide = |number: &str| {
        number
            .bytes()
            .map(|digit| char::from_u32(0xff10 + u32::from(digit - b'0')).unwrap())
            .collect::<String>()
    };
    let escaped =
        |number: &str| number.chars().map(|digit| format!("\\u{:04x}", digit as u32)).collect::<String>();
    let vat = |number: &str| format!("SE{}01", &number[2..]);
    let workplace = |number: &str| format!("{number}001");
    let of_fk: [&dyn Fn(&str) -> String; 3] = [&in_parts, &wide, &workplace];
    let of_skv: [&dyn Fn(&str) -> String; 4] = [&escaped, &in_parts, &wide, &vat];
    for (nth, (agency, write)) in of_fk
        .map(|write| (Agency::Fk, write))
        .into_iter()
        .chain(of_skv.map(|write| (Agency::Skv, write)))
        .enumerate()
    {
        let world = World::start(Wires::Grpc).await;
        let [mother, other, child] = open_persons(&world);
        register(&world, "CM", &[(&mother, Role::Applicant)]).await;
        register(&world, "CF", &[(&other, Role::Applicant), (&child, Role::Child)]).await;
        let (number, control) = (write(child.number.expose()), world.agencies.control());
        let mut home = at_home(&mother, true, &[&child.number]);
        let Section::Fk(fk) = &mut home else { panic!() };
        match agency {
            Agency::Fk => fk.general[0].children[0].number = Some(number),
            _ => {
                fk.general[0].children.clear();
                let text = format!(r#"{{"delagare":[{{"nr":"{number}"}}]}}"#);
                let documents = vec![Document::verbatim(Some(Part::TaxData), text)];
                let person = Some(mother.number.clone());
                let skv = skv::Section { person, documents, ..skv::Section::default() };
                control.tell(&Source::Agency(Agency::Skv), Some(Section::Skv(skv))).unwrap();
            }
        }
        asked(&world, "CM", Role::Applicant, home).await;
        let childs = asked(&world, "CF", Role::Child, at_home(&child, false, &[])).await;
        assert!(!tells(&childs), "{agency}, writing {nth}");
    }
}

/// The old number of somebody protected is the person's, in lists and at portals too.
#[tokio::test]
async fn no_list_names_the_number_that_was_corrected_to_that_of_somebody_protected() {
    let world = World::start(Wires::Grpc).await;
    let [old, new] = open_persons(&world);
    register(&world, "CM", &[(&old, Role::Applicant)]).await;
    asked(&world, "CM", Role::Applicant, at_home(&old, false, &[])).await;
    let names = |log: &[LogEntry], who: &TestPerson| format!("{log:?}").contains(who.number.expose());
    assert!(names(&world.log().await, &old), "nobody has said anything yet");
    let mut rights = PersonRightsServiceClient::new(world.connect(&world.board.identity));
    let request = CorrectMemberRequest {
        case_id: "CM".into(),
        person_number: old.number.expose().into(),
        right_person_number: new.number.expose().into(),
        right_role: role(Role::Applicant).into(),
    };
    rights.correct_member(world.assertion("admin").on(request)).await.unwrap();
    asked(&world, "CM", Role::Applicant, at_home(&new, true, &[])).await;
    let log = world.log().await;
    assert!(!names(&log, &old) && !names(&log, &new));
    assert!(remembered(&world, &old).await.level() > Protection::None);
}

/// On which versions of what is remembered a decision rested tells that there is something, of him or of whom he lives with.
#[tokio::test]
async fn no_list_tells_on_what_is_remembered_a_decision_rested_and_an_entry_that_is_opened_does() {
    let world = World::start(Wires::Grpc).await;
    let [mother, partner] = open_persons(&world);
    register(&world, "CM", &[(&mother, Role::Applicant), (&partner, Role::CoApplicant)]).await;
    asked(&world, "CM", Role::Applicant, at_home(&mother, true, &[])).await;
    let his = asked(&world, "CM", Role::CoApplicant, at_home(&partner, false, &[])).await;
    let tells_of_memory = |log: &[LogEntry]| {
        let log = format!("{log:?}");
        log.contains("said_of_person") || log.contains("protected_in_cases")
    };
    let log = world.log().await;
    assert!(log.iter().any(|entry| entry.entry_id == his.entry_id && !entry.person_held_back));
    assert!(!tells_of_memory(&log), "in the list");
    let by_his_number = Filter::PersonNumber(partner.number.expose().into());
    assert!(!tells_of_memory(&entries(&world, by_his_number).await), "by his own number");
    assert!(tells_of_memory(&entries(&world, Filter::EntryId(his.entry_id)).await), "opened");
}

async fn entries(world: &World, filter: Filter) -> Vec<LogEntry> {
    let mut auditor = AccessLogServiceClient::new(world.connect(&world.board.identity));
    let request = ListEntriesRequest { filter: Some(filter), ..ListEntriesRequest::default() };
    auditor.list_entries(world.assertion("greta").on(request)).await.unwrap().into_inner().entries
}

/// She lives with somebody by a case of the board; his answer names his child.
#[tokio::test]
async fn whom_the_answer_of_somebody_in_her_household_names_counts_as_beside_too_and_nobody_further() {
    let world = World::start_among(Wires::Grpc, 60).await;
    let [mother, partner, other, child] = open_persons(&world);
    register(&world, "CM", &[(&mother, Role::Applicant), (&partner, Role::CoApplicant)]).await;
    register(&world, "CF", &[(&other, Role::Applicant), (&child, Role::Child)]).await;
    asked(&world, "CM", Role::CoApplicant, at_home(&partner, false, &[&child.number])).await;
    let childs = async || asked(&world, "CF", Role::Child, at_home(&child, false, &[])).await;
    assert!(tells(&childs().await), "nobody has said anything yet");
    let household = [(&mother, Role::Applicant), (&partner, Role::CoApplicant)];
    mark(&world, "CM", &household, &[&mother]).await;
    assert!(!tells(&childs().await), "the home of the three");
    // Whom the child's own answer names is named by nobody who lives with her.
    let [.., stranger] = open_persons::<5>(&world);
    asked(&world, "CF", Role::Child, at_home(&child, false, &[&stranger.number])).await;
    register(&world, "CS", &[(&stranger, Role::Applicant)]).await;
    assert!(tells(&asked(&world, "CS", Role::Applicant, at_home(&stranger, false, &[])).await));
    // Lifted with hers.
    mark(&world, "CM", &household, &[]).await;
    lift(&world, "admin", &mother).await.unwrap();
    assert!(tells(&childs().await));
}

/// Who names a child of somebody protected may live with the child.
#[tokio::test]
async fn who_names_somebody_who_stands_beside_is_told_no_home_either() {
    let world = World::start(Wires::Grpc).await;
    let [mother, partner, child] = open_persons(&world);
    register(&world, "CM", &[(&mother, Role::Applicant)]).await;
    register(&world, "CP", &[(&partner, Role::Applicant)]).await;
    let his = async || asked(&world, "CP", Role::Applicant, at_home(&partner, false, &[&child.number])).await;
    assert!(tells(&his().await), "nobody has said anything yet");
    asked(&world, "CM", Role::Applicant, at_home(&mother, true, &[&child.number])).await;
    assert!(!tells(&his().await));
}

/// Who names her child once may live with the child whether or not an answer says so again; and a portal says nothing of it either.
#[tokio::test]
async fn who_once_named_a_child_of_somebody_protected_is_told_no_home_any_more() {
    for is_by_a_case in [true, false] {
        let world = World::start(Wires::Grpc).await;
        let [mother, partner, child] = open_persons(&world);
        let with_child: &[_] = &[(&mother, Role::Applicant), (&child, Role::Child)];
        register(&world, "CM", if is_by_a_case { with_child } else { &with_child[..1] }).await;
        register(&world, "CP", &[(&partner, Role::Applicant)]).await;
        let his = async |names: &[&Personnummer]| {
            asked(&world, "CP", Role::Applicant, at_home(&partner, false, names)).await
        };
        assert!(tells(&his(&[]).await), "nobody has said anything yet");
        let names: &[_] = if is_by_a_case { &[] } else { &[&child.number] };
        asked(&world, "CM", Role::Applicant, at_home(&mother, true, names)).await;
        assert!(tells(&his(&[]).await), "nothing links him");
        assert!(!tells(&his(&[&child.number]).await), "by a case: {is_by_a_case}");
        let after = his(&[]).await;
        assert!(!tells(&after) && after.protection.unwrap().household_protected, "by a case: {is_by_a_case}");
    }
}

/// Her child was taken out of her case before anybody said that she is protected.
#[tokio::test]
async fn who_once_stood_in_a_case_with_somebody_protected_lives_with_her_still() {
    let world = World::start(Wires::Grpc).await;
    let [mother, other, child] = open_persons(&world);
    register(&world, "CM", &[(&mother, Role::Applicant), (&child, Role::Child)]).await;
    register(&world, "CF", &[(&other, Role::Applicant), (&child, Role::Child)]).await;
    let childs = async || asked(&world, "CF", Role::Child, at_home(&child, false, &[])).await;
    // Found not to be protected, so that the child's home is told at all.
    asked(&world, "CF", Role::Applicant, at_home(&other, false, &[])).await;
    assert!(tells(&childs().await), "nobody has said anything yet");
    mark(&world, "CM", &[(&mother, Role::Applicant)], &[]).await;
    assert!(tells(&childs().await), "nor now");
    asked(&world, "CM", Role::Applicant, at_home(&mother, true, &[])).await;
    assert!(!tells(&childs().await));
}

/// What an answer once said of who lives with whom holds, whether or not it is said again, and for everybody in a case with who said it.
#[tokio::test]
async fn who_once_named_somebody_protected_is_told_no_home_any_more_nor_is_the_household() {
    for is_marked_first in [true, false] {
        let world = World::start(Wires::Grpc).await;
        let [mother, partner, child] = open_persons(&world);
        register(&world, "CM", &[(&mother, Role::Applicant)]).await;
        register(&world, "CP", &[(&partner, Role::Applicant), (&child, Role::Child)]).await;
        let his = async |names: &[&Personnummer]| {
            asked(&world, "CP", Role::Applicant, at_home(&partner, false, names)).await
        };
        let childs = async || asked(&world, "CP", Role::Child, at_home(&child, false, &[])).await;
        assert!(tells(&his(&[]).await) && tells(&childs().await), "nobody has said anything yet");
        if is_marked_first {
            mark(&world, "CM", &[(&mother, Role::Applicant)], &[&mother]).await;
            assert!(!tells(&his(&[&mother.number]).await));
        } else {
            assert!(tells(&his(&[&mother.number]).await), "nobody is protected yet");
            mark(&world, "CM", &[(&mother, Role::Applicant)], &[&mother]).await;
        }
        assert!(!tells(&his(&[]).await), "marked first: {is_marked_first}");
        assert!(!tells(&childs().await), "the household; marked first: {is_marked_first}");
        // Lifted with hers.
        mark(&world, "CM", &[(&mother, Role::Applicant)], &[]).await;
        lift(&world, "admin", &mother).await.unwrap();
        assert!(tells(&his(&[]).await) && tells(&childs().await));
    }
}

#[tokio::test]
async fn another_board_learns_nothing_of_whom_answers_name_and_an_extract_tells_of_nobody_else() {
    let world = World::start(Wires::Grpc).await;
    let [mother, other, child] = open_persons(&world);
    register(&world, "CM", &[(&mother, Role::Applicant)]).await;
    register(&world, "CF", &[(&other, Role::Applicant), (&child, Role::Child)]).await;
    asked(&world, "CM", Role::Applicant, at_home(&mother, true, &[&child.number])).await;
    let found = remembered(&world, &child).await;
    assert!(found.household_protected && found.named_since.starts_with("2026-11-22"), "{found:?}");
    assert!(!format!("{found:?}").contains(mother.number.expose()), "nor who it is");
    let mut auditor = AccessLogServiceClient::new(world.connect(&world.board.identity));
    let request = GetPersonReportRequest {
        person_number: child.number.expose().into(),
        ..GetPersonReportRequest::default()
    };
    let told = auditor.get_person_report(world.assertion("greta").on(request)).await.unwrap().into_inner();
    assert!(told.protection.is_none(), "who lives beside is another's matter");

    let elsewhere =
        |account: &str| world.assertion(account).issued_by(OTHER_BOARD).bound_to(&world.other_board);
    let mut rights = PersonRightsServiceClient::new(world.connect(&world.other_board.identity));
    let request = GetProtectionRequest { person_number: child.number.expose().into() };
    let theirs = rights.get_protection(elsewhere("admin").on(request)).await.unwrap().into_inner();
    assert!(!theirs.household_protected && theirs.named_since.is_empty());
}

/// An agency writes the old number and tells of the new one.
#[tokio::test]
async fn a_number_is_corrected_to_one_that_the_answers_about_it_name() {
    let world = World::start(Wires::Grpc).await;
    let [old, new] = open_persons(&world);
    register(&world, "CM", &[(&old, Role::Applicant)]).await;
    asked(&world, "CM", Role::Applicant, at_home(&old, true, &[&new.number])).await;
    let mut rights = PersonRightsServiceClient::new(world.connect(&world.board.identity));
    let request = CorrectMemberRequest {
        case_id: "CM".into(),
        person_number: old.number.expose().into(),
        right_person_number: new.number.expose().into(),
        right_role: role(Role::Applicant).into(),
    };
    rights.correct_member(world.assertion("admin").on(request)).await.unwrap();
    assert!(!tells(&asked(&world, "CM", Role::Applicant, at_home(&new, false, &[])).await));
}

/// What was remembered under a number that was wrong in a case holds for the right one.
#[tokio::test]
async fn a_corrected_number_loses_nothing_of_what_agencies_said_of_the_old_one() {
    let world = World::start(Wires::Grpc).await;
    let [old, new, other] = open_persons(&world);
    register(&world, "CM", &[(&old, Role::Applicant)]).await;
    register(&world, "CO", &[(&other, Role::Applicant)]).await;
    asked(&world, "CM", Role::Applicant, at_home(&old, true, &[&other.number])).await;
    let mut rights = PersonRightsServiceClient::new(world.connect(&world.board.identity));
    let request = CorrectMemberRequest {
        case_id: "CM".into(),
        person_number: old.number.expose().into(),
        right_person_number: new.number.expose().into(),
        right_role: role(Role::Applicant).into(),
    };
    rights.correct_member(world.assertion("admin").on(request)).await.unwrap();
    let answer = asked(&world, "CM", Role::Applicant, at_home(&new, false, &[])).await;
    assert!(!tells(&answer) && answer.protection.unwrap().remembered);
    assert_eq!(remembered(&world, &old).await.said.len(), 1, "the old one keeps it");
    lift(&world, "admin", &new).await.unwrap();
    assert!(tells(&asked(&world, "CM", Role::Applicant, at_home(&new, false, &[])).await));
    assert_eq!(remembered(&world, &old).await.said.len(), 1, "two persons, each lifted by itself");
    assert!(!tells(&asked(&world, "CO", Role::Applicant, at_home(&other, false, &[])).await));
}
