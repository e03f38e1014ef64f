use mock_agencies::own_format::tns as mock;
use ssbtek_domain::{
    Agency, HoldBack, Note, Outcome, ProtectionSignal, SourceAnswer,
    sections::{Facts, Section as AnySection, tns::Section},
    verdict::withhold,
};

use super::Codec;
use crate::{
    Codec as _,
    test_world::{Mock, ask, assert_survives_grpc, http, payload, period, question, today},
};

fn section(answer: &SourceAnswer) -> &Section {
    let Some(AnySection::Tns(section)) = &answer.section else { panic!("facts expected") };
    section
}

fn owns_a_vehicle(person: &mock_agencies::TestPerson) -> bool {
    let section = mock_agencies::facts::tns::section(person, &period(), today());
    !person.unknown_at.contains(&Agency::Tns) && section.vehicles.is_some_and(|vehicles| !vehicles.is_empty())
}

#[test]
fn what_tns_knows_comes_through_its_own_format_unchanged() {
    for seed in 0..20 {
        let world = Mock::new(seed);
        for person in world.population.persons() {
            let answer = ask(&Codec::new(vec![mock::NO_SUCH_PERSON]), mock::answer, &world, person).unwrap();
            if person.unknown_at.contains(&Agency::Tns) {
                assert_eq!(answer.outcome, Outcome::NoSuchPerson);
                assert!(answer.section.is_none() && answer.fault_code.is_none());
                continue;
            }
            assert_eq!(answer.outcome, Outcome::Answered);
            assert!(*section(&answer) == mock_agencies::facts::tns::section(person, &period(), today()));
            assert_survives_grpc(answer.section.as_ref().unwrap());
        }
    }
}

#[test]
fn the_question_has_century_and_ten_digits_apart_and_nothing_else() {
    let world = Mock::new(1);
    let person = world.person(|_| true);
    let expected = format!(
        concat!(
            r#"<ns:HamtaUppgifter xmlns:ns="http://schema.transportstyrelsen.se/ssbtek/hamtauppgifterresponder/1""#,
            r#" xmlns:per="http://schema.transportstyrelsen.se/ssbtek/person/1"><ns:identifikation>"#,
            "<per:sekel>{}</per:sekel><per:personnummer>{}</per:personnummer>",
            "</ns:identifikation></ns:HamtaUppgifter>"
        ),
        person.number.century(),
        person.number.ten_digits()
    );
    assert_eq!(payload(&Codec::default(), person), expected);
}

#[test]
fn a_century_that_tns_does_not_take_is_never_sent() {
    let world = Mock::new(1);
    let mut question = question(world.person(|_| true));
    let old = (0..10)
        .find_map(|digit| ssbtek_domain::Personnummer::parse_undated(&format!("18991231980{digit}")).ok());
    question.person = old.unwrap();
    assert!(Codec::default().question(&question).is_err());
}

#[test]
fn every_failure_hidden_in_a_successful_answer_is_found() {
    use Outcome::*;
    let cases = [
        ("fel", FailedAtSource, Some("99"), false),
        ("fel-17", FailedAtSource, Some("17"), false),
        ("no-such-person", FailedAtSource, Some("1"), false),
        ("ok-with-fault", AnsweredInPart, Some("99"), true),
        ("no-list", FailedAtSource, None, false),
        ("soap-fault", FailedAtSource, Some("Server"), false),
    ];
    for (script, outcome, code, facts) in cases {
        let world = Mock::scripted(script);
        let answer = ask(&Codec::default(), mock::answer, &world, world.person(owns_a_vehicle)).unwrap();
        assert_eq!(answer.outcome, outcome, "{script}");
        assert_eq!(answer.fault_code.as_deref(), code, "{script}");
        assert_eq!(answer.section.is_some(), facts, "{script}");
    }
}

#[test]
fn what_is_no_plain_ok_is_no_full_answer_and_what_is_no_answer_is_refused() {
    let cases = [
        ("resultat-other", Outcome::AnsweredInPart, Note::UnknownCode("resultat")),
        ("stray-namespace", Outcome::Answered, Note::OtherVersion("fordonsinnehav")),
    ];
    for (script, outcome, note) in cases {
        let world = Mock::scripted(script);
        let answer = ask(&Codec::default(), mock::answer, &world, world.person(owns_a_vehicle)).unwrap();
        assert_eq!(answer.outcome, outcome, "{script}");
        assert!(answer.notes.contains(&note), "{script}: {:?}", answer.notes);
    }
    let world = Mock::new(1);
    let question = question(world.person(|_| true));
    assert!(Codec::default().answer(&question, http(200, "<html/>")).is_err());
}

#[test]
fn vehicles_locate_and_silence_about_protection_says_nothing() {
    let world = Mock::new(1);
    let mut section = mock_agencies::facts::tns::section(world.person(owns_a_vehicle), &period(), today());
    assert_eq!(section.protection(), ProtectionSignal::CannotSay);
    assert!(section.payments().is_empty());
    assert_eq!(withhold(&mut section, HoldBack::Home, false), ["fordon"]);
    assert!(section.vehicles.is_none());
}

#[test]
fn every_question_and_answer_follows_the_published_schema() {
    crate::test_schema::all_follow(
        "se/transportstyrelsen/schema/ssbtek/hamtauppgifterresponder/_1/HamtaUppgifterResponder_1.0.xsd",
        &Codec::default(),
        mock::answer,
        &["fel", "ok-with-fault", "no-list", "no-such-person"],
        owns_a_vehicle,
    );
}
