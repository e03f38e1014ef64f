//! Against the mock, whose facts are the same as over gRPC.

use mock_agencies::{
    Situation, TestPerson, facts,
    own_format::{Request, csn},
};
use ssbtek_domain::{
    Amount, CaseId, CaseWorkerId, NaiveDate, Note, Outcome, Period, Protection, Question, SourceAnswer,
    payment::{NetKind, PaymentState},
    sections::{
        Facts, Section as AnySection,
        csn::{CaseStatus, CoBorrower, Mark, Section},
    },
};

use super::{Csn, namespaces::SAMBRUK, result::PARTS};
use crate::{
    CannotAsk, Codec, HttpAnswer, Refused, test_schema,
    test_world::{self, Mock, http, period, today},
};

fn question(person: &TestPerson) -> Question {
    let (period, _) = Csn.derive_period(period(), today()).unwrap();
    Question { period, ..test_world::question(person) }
}

fn told(world: &Mock, person: &TestPerson) -> HttpAnswer {
    let asked = Csn.question(&question(person)).unwrap();
    let told = csn::answer(&Request { path: &asked.path, body: &asked.body }, world);
    http(told.status, told.body)
}

fn ask(world: &Mock, person: &TestPerson) -> Result<SourceAnswer, Refused> {
    Csn.answer(&question(person), told(world, person))
}

fn facts_of(answer: &SourceAnswer) -> &Section {
    match answer.section.as_ref() {
        Some(AnySection::Csn(section)) => section,
        _ => panic!("a CSN section is expected"),
    }
}

/// Whether the section is the same after gRPC.
fn travelled(section: &AnySection) -> bool {
    ssbtek_wire::section_from_proto(ssbtek_wire::section(section)).unwrap() == *section
}

/// Asks about a student who has payments.
fn scripted(script: &str) -> Result<SourceAnswer, Refused> {
    let fits = |person: &&TestPerson| {
        person.situation == Situation::Student && person.unknown_at.is_empty() && person.seed % 7 != 1
    };
    let found = (1..50).map(Mock::new).find(|world| world.population.persons().iter().any(|p| fits(&p)));
    let world = Mock { script: Some(script.to_owned()), ..found.unwrap() };
    ask(&world, world.person(|person| fits(&person)))
}

#[test]
fn the_facts_survive_csns_own_format_unchanged() {
    let mut kinds = [0; 5];
    for seed in 0..25 {
        let world = Mock::new(seed);
        for person in world.population.persons().iter().filter(|person| person.unknown_at.is_empty()) {
            let answer = ask(&world, person).unwrap();
            let expected = facts::csn::section(person, &question(person).period, today());
            assert!(facts_of(&answer) == &expected, "seed {seed}");
            // Over gRPC the period is not narrowed first; the facts are the same.
            assert!(facts_of(&answer) == &facts::csn::section(person, &period(), today()));
            assert_eq!(answer.outcome, Outcome::Answered);
            assert!(answer.notes.is_empty() && answer.fault_code.is_none());
            assert!(answer.parts.iter().all(|part| part.outcome == Outcome::Answered));
            assert!(travelled(answer.section.as_ref().unwrap()));
            for (seen, (_, cases)) in kinds.iter_mut().zip(expected.lists()) {
                *seen += cases.len();
            }
        }
    }
    assert!(kinds.iter().all(|seen| *seen > 0), "every kind of support must have been tried: {kinds:?}");
}

#[test]
fn the_original_is_the_document_byte_for_byte() {
    let world = Mock::new(3);
    let person = world.person(|person| person.unknown_at.is_empty());
    let sent = told(&world, person);
    let bytes = sent.body.clone();
    assert!(Csn.answer(&question(person), sent).unwrap().original.unwrap().bytes == bytes);
}

#[test]
fn the_question_says_what_csn_asks_for_and_nothing_more() {
    let world = Mock::new(1);
    let person = &world.population.persons()[0];
    let asked = Csn.question(&question(person)).unwrap();
    let root = ssbtek_xml::parse(&asked.body, &ssbtek_xml::Limits::default()).unwrap();
    let text = |name| root.child_text(SAMBRUK, name).unwrap();
    assert_eq!(text("Kommun"), "212000-0142");
    assert_eq!(text("FromDatum"), "20260922");
    assert_eq!(text("TomDatum"), "20261222");
    assert_eq!(text("HushallsId"), "EB-2026-17");
    assert_eq!([text("HushallsMedlemsIdSekel"), text("HushallsMedlemsId")].concat(), person.number.expose());
    assert_eq!(root.elements().len(), 11);
}

#[test]
fn the_period_is_narrowed_with_a_reason_or_there_is_nothing_to_ask() {
    let period = |from: &str, to: &str| Period::new(from.parse().unwrap(), to.parse().unwrap()).unwrap();
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let within = period("2026-10-01", "2026-12-22");
    assert_eq!(Csn.derive_period(within, today()), Some((within, None)));
    let (asked, note) = Csn.derive_period(period("2026-01-01", "2027-01-31"), today()).unwrap();
    assert_eq!(asked, period("2026-09-22", "2026-12-22"));
    assert!(matches!(note, Some(Note::PeriodNarrowed(_))));
    assert_eq!(Csn.derive_period(period("2026-01-01", "2026-09-21"), today()), None);
    assert_eq!(Csn.derive_period(period("2026-12-23", "2027-01-01"), today()), None);
    // The last of a long month has no counterpart in a shorter one.
    let (asked, _) = Csn.derive_period(period("2026-01-01", "2026-12-31"), day("2026-04-30")).unwrap();
    assert_eq!(asked, period("2026-02-28", "2026-05-30"));
}

#[test]
fn a_name_longer_than_csn_takes_is_refused_before_anything_is_sent() {
    let world = Mock::new(1);
    let person = &world.population.persons()[0];
    let refused = |question: Question| Csn.question(&question).err().map(|CannotAsk(reason)| reason);
    let case =
        |chars: usize| Question { case: CaseId::parse(&"å".repeat(chars)).unwrap(), ..question(person) };
    assert_eq!(refused(case(31)), None);
    assert!(refused(case(32)).unwrap().starts_with("arendeidentitet"));
    let mut long_name = question(person);
    long_name.asking.case_worker = CaseWorkerId::parse(&"x".repeat(32)).unwrap();
    assert!(refused(long_name).unwrap().starts_with("handlaggare"));
}

#[test]
fn every_failure_hidden_in_a_success_is_found() {
    use Outcome::{Answered, AnsweredInPart, FailedAtSource, NoSuchPerson};
    let failed = [FailedAtSource; 3];
    let table = [
        ("", Answered, [Answered; 3], None),
        ("-2", NoSuchPerson, [NoSuchPerson; 3], Some("-2")),
        ("-1004", FailedAtSource, failed, Some("-1004")),
        ("-1005", FailedAtSource, failed, Some("-1005")),
        ("-1006", FailedAtSource, failed, Some("-1006")),
        ("-1007", FailedAtSource, failed, Some("-1007")),
        ("-1101", AnsweredInPart, [Answered, FailedAtSource, Answered], Some("-1101")),
        ("-1102", AnsweredInPart, [FailedAtSource, Answered, Answered], Some("-1102")),
        ("-1103", FailedAtSource, failed, Some("-1103")),
        ("-1104", AnsweredInPart, [Answered, Answered, FailedAtSource], Some("-1104")),
        ("unknown-code", FailedAtSource, failed, Some("-1999")),
        ("unknown-status", AnsweredInPart, failed, Some("0")),
        ("ej-traff", NoSuchPerson, [NoSuchPerson; 3], Some("0")),
    ];
    for (script, outcome, parts, code) in table {
        let answer = scripted(script).unwrap();
        assert_eq!(answer.outcome, outcome, "{script}");
        assert_eq!(answer.fault_code.as_deref(), code, "{script}");
        let told: Vec<_> = answer.parts.iter().map(|part| (part.part.as_str(), part.outcome)).collect();
        assert_eq!(told, PARTS.into_iter().zip(parts).collect::<Vec<_>>(), "{script}");
        let has_facts = matches!(outcome, Answered | AnsweredInPart);
        assert_eq!(answer.section.is_some(), has_facts, "{script}");
        assert!(answer.original.is_some(), "{script}");
    }
    let answer = scripted("http-500").unwrap();
    assert_eq!((answer.outcome, answer.section.is_some()), (FailedAtSource, false));
}

#[test]
fn somebody_unknown_at_csn_is_no_such_person() {
    let world = (0..40).map(Mock::new).find(|world| {
        world.population.persons().iter().any(|p| p.unknown_at.contains(&ssbtek_domain::Agency::Csn))
    });
    let world = world.unwrap();
    let person = world.person(|person| person.unknown_at.contains(&ssbtek_domain::Agency::Csn));
    assert_eq!(ask(&world, person).unwrap().outcome, Outcome::NoSuchPerson);
}

#[test]
fn an_answer_about_another_person_is_refused_whole() {
    for script in ["other-person", "other-echo", "two-persons"] {
        assert!(scripted(script).is_err(), "{script}");
    }
}

#[test]
fn an_answer_of_another_century_is_refused_and_a_missing_century_is_not() {
    let world = Mock::new(2);
    let person = world.person(|person| person.unknown_at.is_empty());
    let text = String::from_utf8(told(&world, person).body).unwrap();
    let sekel = format!(r#" sekel="{}""#, person.number.century());
    let with = |other: &str| Csn.answer(&question(person), http(200, text.replace(&sekel, other)));
    assert!(with(r#" sekel="18""#).is_err());
    assert!(with("").is_ok_and(|answer| facts_of(&answer).person.as_ref() == Some(&person.number)));
}

#[test]
fn what_breaks_the_contract_is_refused_whole() {
    for script in ["no-person", "ej-traff-with-cases"] {
        assert!(scripted(script).is_err(), "{script}");
    }
    let world = Mock::new(1);
    let person = world.person(|person| person.unknown_at.is_empty());
    let text = String::from_utf8(told(&world, person).body).unwrap();
    let refused = |body: String| Csn.answer(&question(person), http(200, body)).err();
    assert!(refused(text.replace("/v4.0/kommunfraga", "/v4.0/annat")).is_some());
    assert!(
        refused(text.replace("ResultatKod>", "Resultat>")).is_some(),
        "a failure must not read as nothing there"
    );
    assert!(refused(text[..text.len() / 2].to_owned()).is_some());
    assert!(refused(format!("{text}{text}")).is_some());
    assert!(refused(text.replace("?>", "?><!DOCTYPE a>")).unwrap().0.contains("DOCTYPE"));
    assert!(refused(String::new()).is_some());
    assert!(Csn.answer(&question(person), http(302, vec![])).is_err());
}

#[test]
fn what_departs_from_the_schema_is_noted_and_costs_itself_alone() {
    for (script, outcome, note) in [
        ("bad-amount", Outcome::AnsweredInPart, Note::NotUnderstood("totbelopp")),
        ("bad-week", Outcome::AnsweredInPart, Note::NotUnderstood("startvecka")),
    ] {
        let answer = scripted(script).unwrap();
        assert_eq!(answer.outcome, outcome, "{script}: {:?}", answer.notes);
        assert!(answer.notes.contains(&note), "{script}: {:?}", answer.notes);
        assert!(!facts_of(&answer).studiemedel.is_empty(), "{script}");
    }
    let stray = scripted("stray-namespace").unwrap();
    assert!(!facts_of(&stray).payments().is_empty(), "read by name, in whichever of CSN's namespaces");
    let world = Mock::new(1);
    let person = world.person(|person| person.unknown_at.is_empty());
    let text = String::from_utf8(told(&world, person).body).unwrap();
    let read = |body: String| Csn.answer(&question(person), http(200, body)).unwrap();
    let older = read(text.replace("/v4.0/", "/v3.0/"));
    assert!(older.section == read(text).section);
    assert_eq!(older.notes, [Note::OtherVersion("CSNSvar")]);
}

#[test]
fn utf_16_is_read_like_utf_8() {
    let world = Mock::new(1);
    let person = world.person(|person| person.unknown_at.is_empty());
    let text = String::from_utf8(told(&world, person).body).unwrap().replace("UTF-8", "UTF-16");
    let utf16: Vec<u8> =
        [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(|unit| unit.to_le_bytes()).collect();
    let answer = Csn.answer(&question(person), http(200, utf16)).unwrap();
    assert!(facts_of(&answer) == &facts::csn::section(person, &question(person).period, today()));
}

#[test]
fn every_encoding_of_the_marking_is_read_and_data_comes_all_the_same() {
    let table = [
        ("sekretess-ja", Mark::Yes, Protection::Sekretessmarkering),
        ("sekretess-blank", Mark::Blank, Protection::None),
        ("sekretess-absent", Mark::Absent, Protection::NotKnown),
        ("sekretess-unknown", Mark::Unknown("X".into()), Protection::NotKnown),
    ];
    for (script, mark, level) in table {
        let answer = scripted(script).unwrap();
        let section = facts_of(&answer);
        assert!(section.sekretess == mark && travelled(answer.section.as_ref().unwrap()), "{script}");
        assert_eq!(Protection::from_signal(section.protection()), level, "{script}");
        assert!(!section.studiemedel.is_empty(), "{script}");
        assert_eq!(
            answer.notes.contains(&Note::UnknownCode("Person/@sekretess")),
            script == "sekretess-unknown"
        );
    }
}

#[test]
fn a_marking_is_kept_even_of_a_person_without_facts() {
    let answer = scripted("ej-traff-sekretess").unwrap();
    assert_eq!(answer.outcome, Outcome::NoSuchPerson);
    assert!(facts_of(&answer).sekretess == Mark::Yes && facts_of(&answer).is_empty());
}

#[test]
fn every_list_at_its_cap_is_marked() {
    let answer = scripted("capped").unwrap();
    assert!(travelled(answer.section.as_ref().unwrap()));
    let notes = answer.notes;
    for list in ["Arende", "Belopp", "BeviljadTid", "Utbetalning", "Utbetaldtid", "soktTid"] {
        assert!(notes.contains(&Note::PerhapsTruncated(list)), "{list}");
    }
    assert_eq!(notes.iter().filter(|note| matches!(note, Note::PerhapsTruncated(_))).count(), 6);
}

#[test]
fn unknown_codes_are_kept_and_noted() {
    let answer = scripted("unknown-codes").unwrap();
    assert!(travelled(answer.section.as_ref().unwrap()));
    let case = &facts_of(&answer).studiemedel[0];
    assert!(case.status == CaseStatus::Unknown("VILANDE".into()) && case.support == "NY");
    assert!(case.applied[0].extent == Some(33) && case.applied[0].loan == Mark::Unknown("N".into()));
    for field in
        ["Arende/status", "beloppstyp", "soktlan", "soktomfattning", "stodform", "takt", "utbetstatus"]
    {
        assert!(answer.notes.contains(&Note::UnknownCode(field)), "{field}");
    }
    let answer = scripted("unknown-status").unwrap();
    assert_eq!(facts_of(&answer).unknown_status.as_deref(), Some("Oklar"));
}

#[test]
fn a_payment_without_a_day_is_a_line_without_a_date() {
    let answer = scripted("undecided").unwrap();
    let lines = facts_of(&answer).payments();
    assert_eq!(lines.len(), 1);
    assert_eq!((lines[0].paid_on, lines[0].covers, lines[0].state), (None, None, PaymentState::Announced));
    assert_eq!(lines[0].net, [(NetKind::Net, "4711".parse::<Amount>().unwrap())]);
}

#[test]
fn paid_and_planned_payments_become_lines_with_their_weeks() {
    let answer = (0..20)
        .map(Mock::new)
        .filter_map(|world| {
            let persons = world.population.persons().iter();
            let mut students =
                persons.filter(|p| p.situation == Situation::Student && p.unknown_at.is_empty());
            students.next().map(|person| ask(&world, person).unwrap())
        })
        .find(|answer| facts_of(answer).payments().len() >= 3)
        .unwrap();
    let lines = facts_of(&answer).payments();
    assert!(lines.iter().any(|line| line.state == PaymentState::Paid));
    assert!(lines.iter().any(|line| line.state == PaymentState::Announced));
    for line in lines {
        assert_eq!(line.payer, "CSN");
        assert_eq!(line.benefit, "Studiemedel för studier i Sverige");
        assert_eq!(line.covers.unwrap().days(), 28);
        assert!(line.paid_on.is_none_or(|day| (day <= today()) == (line.state == PaymentState::Paid)));
    }
}

#[test]
fn a_co_borrower_is_a_third_party() {
    let found = (0..60).map(Mock::new).find_map(|world| {
        let persons = world.population.persons().iter();
        let mut newcomers = persons.filter(|p| p.situation == Situation::Newcomer && p.unknown_at.is_empty());
        newcomers.find_map(|person| {
            let answer = ask(&world, person).unwrap();
            let section = facts_of(&answer).clone();
            section.hemutrustningslan[0].co_borrower.is_some().then_some(section)
        })
    });
    let mut section = found.unwrap();
    assert!(travelled(&AnySection::Csn(section.clone())));
    assert!(section.payments().is_empty(), "the loan makes no payment lines");
    assert_eq!(section.withhold_third_parties(), ["medlanare"]);
    assert!(section.hemutrustningslan[0].co_borrower == Some(CoBorrower::Withheld));
    assert!(travelled(&AnySection::Csn(section)));
}

/// CSN's `kommunfraga` imports a schema that is not public, so what can be checked is each `Person`, against its type.
#[test]
fn every_person_in_the_mocks_answers_follows_the_published_schema() {
    let Some(schema) = test_schema::schema("se/csn/schema/v4_0/person/person.xsd") else { return };
    let wrapper = std::env::temp_dir().join(format!("csn-person-{}.xsd", std::process::id()));
    let text = format!(
        r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:p="http://schema.csn.se/v4.0/person"
            targetNamespace="http://schema.csn.se/v4.0/kommunfraga" elementFormDefault="qualified">
            <xs:import namespace="http://schema.csn.se/v4.0/person" schemaLocation="{}"/>
            <xs:element name="Person" type="p:Person"/></xs:schema>"#,
        schema.display()
    );
    std::fs::write(&wrapper, text).unwrap();
    for script in ["", "capped", "-1101", "-1102", "-1104", "ej-traff", "sekretess-ja", "sekretess-absent"] {
        for seed in 0..2 {
            let world = Mock { script: Some(script.to_owned()), ..Mock::new(seed) };
            for person in world.population.persons().iter().filter(|person| person.unknown_at.is_empty()) {
                let body = told(&world, person).body;
                let document = ssbtek_xml::Document::parse(&body, &ssbtek_xml::Limits::default()).unwrap();
                let person = document.root().child_named("Personer").unwrap().child_named("Person").unwrap();
                let enveloped = format!("<a><b>{}</b></a>", document.standalone(person));
                test_schema::assert_valid(&wrapper, enveloped.as_bytes(), script);
            }
        }
    }
    std::fs::remove_file(wrapper).unwrap();
}
