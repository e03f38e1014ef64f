//! Against the mock, whose facts are the same as over gRPC.

use mock_agencies::{
    Situation, TestPerson, facts,
    own_format::{Request, skv},
};
use ssbtek_domain::{
    Agency, Information, Note, Outcome, Period, ProtectionSignal, Question, SkvRequest, SourceAnswer, Wanted,
    sections::{
        Facts, Section as AnySection,
        skv::{Document, Part, Section},
    },
};

use super::{Skv, tree};
use crate::{
    Codec, HttpAnswer, Refused, test_schema,
    test_world::{self, Mock, http, today},
};

fn period(from: &str, to: &str) -> Period {
    Period::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
}

/// About two years: one taxed, one running.
fn question(codec: Skv, person: &TestPerson) -> Question {
    let (period, _) = codec.derive_period(period("2025-11-01", "2026-11-22"), today()).unwrap();
    Question { period, ..test_world::question(person) }
}

fn told(codec: Skv, world: &Mock, question: &Question) -> HttpAnswer {
    let asked = codec.question(question).unwrap();
    let told = skv::answer(&Request { path: &asked.path, body: &asked.body }, world);
    http(told.status, told.body)
}

fn ask(codec: Skv, world: &Mock, question: &Question) -> Result<SourceAnswer, Refused> {
    codec.answer(question, told(codec, world, question))
}

fn facts_of(answer: &SourceAnswer) -> &Section {
    match answer.section.as_ref() {
        Some(AnySection::Skv(section)) => section,
        _ => panic!("an SKV section is expected"),
    }
}

fn known(person: &TestPerson) -> bool {
    person.unknown_at.is_empty() && person.situation != Situation::Child
}

fn scripted(codec: Skv, script: &str) -> Result<SourceAnswer, Refused> {
    let world = Mock::scripted(script);
    let question = question(codec, world.person(known));
    ask(codec, &world, &question)
}

fn outcomes(answer: &SourceAnswer) -> Vec<(&str, Outcome, Option<&str>)> {
    answer.parts.iter().map(|part| (part.part.as_str(), part.outcome, part.code.as_deref())).collect()
}

#[test]
fn the_facts_survive_both_contracts_unchanged() {
    let mut seen = [0; 5];
    for seed in 0..25 {
        let world = Mock::new(seed);
        for person in world.population.persons().iter().filter(|person| person.unknown_at.is_empty()) {
            let asked = question(Skv::v11(), person);
            let expected = facts::skv::section(person, &asked.period, today());

            let answer = ask(Skv::v11(), &world, &asked).unwrap();
            assert!(facts_of(&answer) == &expected, "seed {seed}");
            assert_eq!(answer.outcome, Outcome::Answered);
            assert!(answer.notes.is_empty());
            assert_eq!(answer.parts.len(), 5);
            let wire = ssbtek_wire::section(answer.section.as_ref().unwrap());
            assert!(ssbtek_wire::section_from_proto(wire).unwrap() == answer.section.unwrap());

            // v10 has one document instead of five; what is read from it is the same.
            let answer = ask(Skv::v10(), &world, &asked).unwrap();
            let read = facts_of(&answer);
            assert!(read.documents.len() == 1 && read.documents[0].part.is_none());
            assert!(
                Section { documents: expected.documents.clone(), ..read.clone() } == expected,
                "seed {seed}"
            );
            assert!(answer.parts.is_empty());

            let counts = [
                expected.years.len(),
                expected.statements.len(),
                usize::from(expected.tax_account.is_some()),
                expected.companies.len(),
                expected.appendices.len(),
            ];
            for (seen, count) in seen.iter_mut().zip(counts) {
                *seen += count;
            }
        }
    }
    assert!(seen.iter().all(|seen| *seen > 0), "every kind of fact must have been tried: {seen:?}");
}

#[test]
fn whole_income_years_are_asked_for_and_the_reader_is_told() {
    for codec in [Skv::v10(), Skv::v11()] {
        let (asked, note) = codec.derive_period(period("2025-12-15", "2027-03-01"), today()).unwrap();
        assert_eq!(asked, period("2025-01-01", "2026-12-31"));
        assert!(matches!(note, Some(Note::PeriodWidened(_))));
        let year = period("2025-01-01", "2025-12-31");
        assert_eq!(codec.derive_period(year, today()), Some((year, None)));
        assert_eq!(codec.derive_period(period("2027-01-01", "2027-01-31"), today()), None);
    }
}

#[test]
fn chosen_years_and_parts_are_asked_for_and_nothing_else() {
    let world = Mock::new(1);
    let person = world.person(known);
    let request = SkvRequest {
        years: vec![2023, 2025],
        company_information: false,
        individual_statements: false,
        tax_account: true,
        tax_data: true,
        tax_appendices: false,
    };
    let with =
        |request: SkvRequest| Question { wanted: Wanted::Skv(request), ..question(Skv::v11(), person) };
    let answer = ask(Skv::v11(), &world, &with(request.clone())).unwrap();
    let parts = [Part::TaxAccount, Part::TaxData];
    assert!(facts_of(&answer) == &facts::skv::for_years(person, &[2023, 2025], &parts, today()));
    assert_eq!(answer.outcome, Outcome::Answered);
    let not_asked = answer.parts.iter().filter(|part| part.outcome == Outcome::NotAsked).count();
    assert_eq!(not_asked, 3);

    let no_years = SkvRequest { years: vec![], ..request.clone() };
    let no_parts = SkvRequest { tax_account: false, tax_data: false, ..request.clone() };
    let refused = |codec: Skv, request| codec.question(&with(request)).err().unwrap().0;
    assert!(refused(Skv::v11(), no_years).starts_with("SKV/fraga/ar"));
    assert!(refused(Skv::v11(), no_parts).starts_with("SKV/fraga"));
    assert!(refused(Skv::v10(), request.clone()).contains("v10"));
    let unasked = Mock::scripted("unasked-part");
    let answer = ask(Skv::v11(), &unasked, &with(request)).unwrap();
    assert!(facts_of(&answer).documents.iter().all(|told| told.part.is_some_and(|it| parts.contains(&it))));
    assert!(answer.original.is_none(), "what was not asked for is not passed on in any form");
    assert!(answer.notes.contains(&Note::PassedOver("foretagsinformation")));
}

#[test]
fn parts_without_a_ground_are_left_out_of_the_question_whoever_wants_them() {
    let world = Mock::new(1);
    let person = world.person(known);
    let kinds = [Part::TaxAccount, Part::IndividualStatements].map(Information::skv);
    let covered = Question { kinds: kinds.into(), ..question(Skv::v11(), person) };
    let everything = SkvRequest {
        years: vec![2025],
        company_information: true,
        individual_statements: true,
        tax_account: true,
        tax_data: true,
        tax_appendices: true,
    };
    for wanted in [Wanted::Standard, Wanted::Skv(everything)] {
        let sent = Skv::v11().question(&Question { wanted, ..covered.clone() }).unwrap();
        let body: serde_json::Value = serde_json::from_slice(&sent.body).unwrap();
        for part in Part::ALL {
            assert_eq!(body[part.name()], kinds.contains(&Information::skv(part)), "{}", part.name());
        }
    }
    assert!(Skv::v10().question(&covered).is_err(), "the document of v10 goes by the tax data");
}

#[test]
fn what_the_one_document_of_v10_tells_without_a_ground_is_left_behind_and_its_bytes_with_it() {
    let names = |part| match part {
        Part::IndividualStatements => "<individuppgifter>",
        Part::CompanyInformation => "<foretag>",
        Part::TaxAppendices => "<bilagor>",
        Part::TaxAccount => "<skattekonto",
        Part::TaxData => "<inkomstar>",
    };
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..25 {
        let world = Mock::new(seed);
        for person in world.population.persons().iter().filter(|person| person.unknown_at.is_empty()) {
            let whole = question(Skv::v10(), person);
            let answer = ask(Skv::v10(), &world, &whole).unwrap();
            let text = facts_of(&answer).documents[0].text.clone().unwrap();
            for part in
                [Part::IndividualStatements, Part::CompanyInformation, Part::TaxAppendices, Part::TaxAccount]
            {
                let kinds = Part::ALL.into_iter().filter(|other| *other != part).map(Information::skv);
                let without = Question { kinds: kinds.collect(), ..whole.clone() };
                let told = ask(Skv::v10(), &world, &without).unwrap();
                let left = facts_of(&told).documents[0].text.as_deref().unwrap();
                let stood = text.contains(names(part));
                seen.extend(stood.then_some(part.name()));
                assert!(!left.contains(names(part)), "{}: {left}", part.name());
                assert_eq!(told.original.is_none(), stood, "{}: {text}", part.name());
                assert_eq!(told.notes.contains(&Note::NotAskedFor(Information::skv(part).name())), stood);
                for other in Part::ALL.into_iter().filter(|other| *other != part) {
                    assert_eq!(left.contains(names(other)), text.contains(names(other)), "{}", other.name());
                }
                let mut expected = answer.section.clone().unwrap();
                expected.keep_only(&without.kinds);
                let payments = |section: &AnySection| section.facts().payments();
                assert!(payments(&expected) == payments(told.section.as_ref().unwrap()));
            }
        }
    }
    assert_eq!(seen.len(), 4, "every part must have been tried: {seen:?}");
}

#[test]
fn the_original_is_what_came_byte_for_byte() {
    let world = Mock::new(1);
    let asked = question(Skv::v11(), world.person(known));
    let sent = told(Skv::v11(), &world, &asked);
    let bytes = sent.body.clone();
    assert!(Skv::v11().answer(&asked, sent).unwrap().original.unwrap().bytes == bytes);
    let sent = told(Skv::v10(), &world, &asked);
    let text = String::from_utf8(sent.body.clone()).unwrap();
    let original = Skv::v10().answer(&asked, sent).unwrap().original.unwrap();
    assert!(text.contains(std::str::from_utf8(&original.bytes).unwrap()));
}

#[test]
fn every_failure_of_a_part_is_found() {
    use Outcome::{Answered, AnsweredInPart, FailedAtSource};
    let table = [
        ("part-404", "foretagsinformation", Some("404")),
        ("part-500", "skattekonto", Some("500")),
        ("part-missing", "skattekonto", None),
        ("part-text-code", "skattekonto", None),
    ];
    for (script, failed, code) in table {
        let answer = scripted(Skv::v11(), script).unwrap();
        assert_eq!(answer.outcome, AnsweredInPart, "{script}");
        for (part, outcome, told) in outcomes(&answer) {
            let expected = if part == failed { (FailedAtSource, code) } else { (Answered, None) };
            assert_eq!((outcome, told), expected, "{script} {part}");
        }
        assert_eq!(answer.notes.contains(&Note::UnknownCode("felkod")), script == "part-404");
    }
}

#[test]
fn a_parts_404_says_nothing_there_only_where_that_was_configured() {
    let lenient = Skv::v11().with_404_as_nothing_there();
    assert_eq!(scripted(Skv::v11(), "all-404").unwrap().outcome, Outcome::FailedAtSource);
    assert_eq!(scripted(lenient, "all-404").unwrap().outcome, Outcome::NoSuchPerson);
    let answer = scripted(lenient, "part-404").unwrap();
    assert_eq!(answer.outcome, Outcome::Answered);
    assert_eq!(outcomes(&answer)[0], ("foretagsinformation", Outcome::NoSuchPerson, Some("404")));
    assert!(answer.notes.is_empty());
}

#[test]
fn an_error_for_the_whole_is_a_failure_even_beside_parts() {
    let answer = scripted(Skv::v11(), "whole-error").unwrap();
    assert_eq!((answer.outcome, answer.fault_code.as_deref()), (Outcome::FailedAtSource, Some("503")));
    assert!(
        answer.section.is_none() && answer.parts.iter().all(|part| part.outcome == Outcome::FailedAtSource)
    );
    let answer = scripted(Skv::v11(), "whole-error-beside").unwrap();
    assert_eq!((answer.outcome, answer.fault_code.as_deref()), (Outcome::AnsweredInPart, Some("503")));
    assert!(answer.section.is_some());
    for codec in [Skv::v10(), Skv::v11()] {
        assert_eq!(scripted(codec, "http-500").unwrap().outcome, Outcome::FailedAtSource);
    }
}

#[test]
fn a_soap_fault_is_a_failure_with_its_code() {
    let answer = scripted(Skv::v10(), "soap-fault").unwrap();
    assert_eq!((answer.outcome, answer.fault_code.as_deref()), (Outcome::FailedAtSource, Some("9071001")));
    assert!(answer.section.is_none());
}

#[test]
fn somebody_unknown_is_never_an_empty_answer() {
    let unknown = |person: &TestPerson| person.unknown_at.contains(&Agency::Skv);
    let world = (0..40).map(Mock::new).find(|world| world.population.persons().iter().any(unknown)).unwrap();
    let asked = question(Skv::v11(), world.person(unknown));
    assert_eq!(ask(Skv::v11(), &world, &asked).unwrap().outcome, Outcome::FailedAtSource);
    assert_eq!(ask(Skv::v10(), &world, &asked).unwrap().outcome, Outcome::FailedAtSource);
    let lenient = Skv::v11().with_404_as_nothing_there();
    assert_eq!(ask(lenient, &world, &asked).unwrap().outcome, Outcome::NoSuchPerson);
}

#[test]
fn an_answer_about_another_person_is_refused_whole() {
    assert!(scripted(Skv::v11(), "other-person").is_err());
    assert!(scripted(Skv::v11(), "other-person-inside").is_err());
    assert!(scripted(Skv::v10(), "other-person").is_err());
}

#[test]
fn what_breaks_the_contract_is_refused_whole() {
    assert!(scripted(Skv::v11(), "no-parts").is_err());
    for script in ["bad-base64", "bad-json", "deep-json", "part-both"] {
        let answer = scripted(Skv::v11(), script).unwrap();
        assert_eq!(answer.outcome, Outcome::AnsweredInPart, "a part costs itself: {script}");
        let broken = outcomes(&answer).into_iter().find(|(part, ..)| *part == "skattekonto").unwrap().1;
        let both = script == "part-both";
        let expected = if both { Outcome::AnsweredInPart } else { Outcome::AnswerRefused };
        assert_eq!(broken, expected, "{script}");
        assert_eq!(facts_of(&answer).tax_account.is_some(), both, "{script}");
    }
    assert!(scripted(Skv::v10(), "not-xml").is_err());
    let world = Mock::new(1);
    let asked = question(Skv::v11(), world.person(known));
    let answer = |body: &str| Skv::v11().answer(&asked, http(200, body)).err();
    for body in ["", "null", "[]", r#"{"annat":{}}"#, r#"{"annatSvar":{"kod":0}}"#] {
        assert!(answer(body).is_some(), "{body}");
    }
    assert!(Skv::v11().answer(&asked, http(307, "")).is_err());
    let text = String::from_utf8(told(Skv::v10(), &world, &asked).body).unwrap();
    let v10 = |text: String| Skv::v10().answer(&asked, http(200, text)).is_err();
    assert!(v10(text.replace("beskattningws.", "annan.")));
    assert!(!v10(text));
}

/// A document that names nobody and holds nothing that is known may be a failure in words: it is nobody's "nothing there".
#[test]
fn a_document_of_unknown_form_that_names_nobody_is_no_answer() {
    assert!(scripted(Skv::v10(), "unknown-form").is_err());
    let answer = scripted(Skv::v11(), "unknown-form").unwrap();
    assert_eq!((answer.outcome, answer.section.is_none()), (Outcome::FailedAtSource, true));
    assert!(answer.notes.contains(&Note::NotUnderstood(Part::TaxData.name())));
}

fn names(document: &Document, name: &str) -> bool {
    document.text.as_deref().is_some_and(|text| text.contains(name))
}

#[test]
fn a_document_that_names_somebody_else_too_can_be_withheld() {
    for codec in [Skv::v10(), Skv::v11()] {
        let answer = scripted(codec, "third-party").unwrap();
        let mut section = facts_of(&answer).clone();
        assert!(section.person.is_some());
        let named = |section: &Section| section.documents.iter().any(|document| names(document, "make"));
        assert!(named(&section));
        assert!(section.withhold_third_parties().contains(&"dokument"));
        assert!(!named(&section), "whoever it is");
        assert!(section.documents.iter().any(|document| names(document, "slutligSkatt")), "amounts stay");
    }
}

#[test]
fn skatteverket_cannot_say_who_is_protected_and_states_no_payments() {
    let answer = scripted(Skv::v11(), "").unwrap();
    assert_eq!(facts_of(&answer).protection(), ProtectionSignal::CannotSay);
    assert!(facts_of(&answer).payments().is_empty());
}

#[test]
fn decimals_are_read_to_the_last_digit_from_json() {
    let document = r#"{"saldo": -1234567890.07, "saldodatum": "2026-11-20"}"#;
    let mut root = tree::of_json("skattekonto", document).unwrap();
    let (mut section, person) = (Section::default(), Mock::new(1).person(known).number.clone());
    super::facts::take_in(&mut root, None, &person, &mut section, &crate::notes::Notes::default());
    let account = section.tax_account.unwrap();
    assert_eq!(account.balance.unwrap().to_string(), "-1234567890.07");
    assert_eq!(account.as_of.unwrap().to_string(), "2026-11-20");
}

#[test]
fn json_bombs_are_refused_before_anything_is_built() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(tree::of_json("x", &nested(64)).is_ok());
    assert!(tree::of_json("x", &nested(65)).is_err());
    assert!(tree::of_json("x", &format!("[{}0]", "0,".repeat(40_000))).is_err());
    assert!(tree::check_depth(br#"{"a":"[[[\"[[["}"#).is_ok());
    let world = Mock::new(1);
    let asked = question(Skv::v11(), world.person(known));
    let bomb = format!(r#"{{"skattekonto":{}}}"#, nested(100_000));
    assert!(Skv::v11().answer(&asked, http(200, bomb)).is_err());
}

#[test]
fn v10s_questions_and_answers_follow_the_published_schema() {
    let below = "se/rsv/zg/bs/service/ws/beskattningws/ZgBsBeskattningWSService_schema.xsd";
    let Some(schema) = test_schema::schema(below) else { return };
    let world = Mock::new(1);
    for person in world.population.persons().iter().filter(|person| known(person)) {
        let asked = question(Skv::v10(), person);
        test_schema::assert_valid(&schema, &Skv::v10().question(&asked).unwrap().body, "question");
        test_schema::assert_valid(&schema, &told(Skv::v10(), &world, &asked).body, "answer");
    }
}
