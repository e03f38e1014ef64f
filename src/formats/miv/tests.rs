use mock_agencies::{Situation, TestPerson, own_format::miv as mock};
use ssbtek_domain::{
    Agency, HoldBack, Note, Outcome, ProtectionSignal, SourceAnswer,
    sections::{
        Facts, Section as AnySection,
        miv::{Section, Validity},
    },
    verdict::withhold,
};

use super::Codec;
use crate::Codec as _;
use crate::test_world::{Mock, ask, assert_survives_grpc, payload, period, today};

fn section(answer: &SourceAnswer) -> &Section {
    let Some(AnySection::Miv(section)) = &answer.section else { panic!("facts expected") };
    section
}

fn newcomer(person: &TestPerson) -> bool {
    person.situation == Situation::Newcomer && !person.unknown_at.contains(&Agency::Miv)
}

/// A world with that script and a newcomer in it.
fn world(script: &str) -> Mock {
    let with_newcomer = (1..100).map(Mock::new).find(|world| world.population.persons().iter().any(newcomer));
    Mock { script: Some(script.to_owned()), ..with_newcomer.unwrap() }
}

#[test]
fn what_miv_knows_comes_through_its_own_format_unchanged() {
    for seed in 0..20 {
        let world = Mock::new(seed);
        for person in world.population.persons() {
            let answer = ask(&Codec::default(), mock::answer, &world, person).unwrap();
            if person.unknown_at.contains(&Agency::Miv) {
                assert_eq!(answer.outcome, Outcome::NoSuchPerson);
                assert!(answer.section.is_none());
                continue;
            }
            assert_eq!(answer.outcome, Outcome::Answered);
            assert!(*section(&answer) == mock_agencies::facts::miv::section(person, &period(), today()));
            assert_survives_grpc(answer.section.as_ref().unwrap());
        }
    }
}

#[test]
fn only_the_outermost_element_of_the_question_has_a_namespace() {
    let world = Mock::new(1);
    let person = world.person(|_| true);
    let expected = format!(
        concat!(
            r#"<miv:findByPersonnummer xmlns:miv="http://schema.migrationsverket.se/ssbtek/1/"><query>"#,
            "<korrelationsid>07070707070707070707070707070707</korrelationsid><personnummer>{}</personnummer>",
            "<ingivare><handlaggare>hl0042</handlaggare><namn>Socialnämnden &lt;Norr&gt; &amp; Söder</namn>",
            "<organisationsnummer>162120000142</organisationsnummer></ingivare></query></miv:findByPersonnummer>",
        ),
        person.number.expose()
    );
    assert_eq!(payload(&Codec::default(), person), expected);
}

#[test]
fn a_fault_gives_its_code_and_never_its_text() {
    let cases = [
        ("soap-fault", Some("FEL01")),
        ("soap-fault-17", Some("17")),
        ("soap-fault-Fel för Anna Andersson", None),
        ("bare-fault", Some("Server")),
    ];
    for (script, code) in cases {
        let world = world(script);
        let answer = ask(&Codec::default(), mock::answer, &world, world.person(newcomer)).unwrap();
        assert_eq!(answer.outcome, Outcome::FailedAtSource, "{script}");
        assert_eq!(answer.fault_code.as_deref(), code, "{script}");
        assert!(answer.section.is_none() && answer.original.is_none());
    }
    let world = world("soap-fault-OKAND");
    let codec = Codec::new(vec!["OKAND".to_owned()]);
    let answer = ask(&codec, mock::answer, &world, world.person(newcomer)).unwrap();
    assert_eq!((answer.outcome, answer.fault_code), (Outcome::NoSuchPerson, None));
}

#[test]
fn an_answer_without_a_response_is_the_agencys_own_no_such_person() {
    let world = world("no-such-person");
    let answer = ask(&Codec::default(), mock::answer, &world, world.person(newcomer)).unwrap();
    assert_eq!(answer.outcome, Outcome::NoSuchPerson);
}

#[test]
fn an_answer_about_another_person_or_to_another_question_is_refused_whole() {
    let cases = [
        ("other-person", "the answer is about another person"),
        ("other-correlation", "the answer belongs to another question"),
    ];
    for (script, refusal) in cases {
        let world = world(script);
        let refused = ask(&Codec::default(), mock::answer, &world, world.person(newcomer)).unwrap_err();
        assert_eq!(refused.0, refusal, "{script}");
    }
}

/// A failure in words, in the contract's own element: nobody has said that it is about anybody, and it is nobody's "nothing there".
#[test]
fn an_answer_that_names_neither_person_nor_question_is_refused_whole() {
    let world = world("");
    let person = world.person(newcomer);
    let read = |response: &str| {
        let body = format!(
            r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><m:findByPersonnummerResponse xmlns:m="http://schema.migrationsverket.se/ssbtek/1/">{response}</m:findByPersonnummerResponse></e:Body></e:Envelope>"#
        );
        Codec::default().answer(&crate::test_world::question(person), crate::test_world::http(200, body))
    };
    for words in
        ["", "<fel>Tjänsten är stängd</fel>", "<svarCollection/>", "<correlationid>7</correlationid>"]
    {
        let refused = read(&format!("<response>{words}</response>")).unwrap_err();
        assert_eq!(refused, crate::Refused::NOBODY_NAMED, "{words}");
    }
    let entry = crate::test_world::question(person).entry;
    let named = read(&format!("<response><korrelationsid>{entry}</korrelationsid></response>"));
    assert!(named.is_ok(), "it belongs to this question");
}

#[test]
fn optional_and_nil_are_taken_for_what_they_are() {
    for script in ["ten-digits", "unsaid-person", "nil-entry", "no-list", "qualified"] {
        let world = world(script);
        let person = world.person(newcomer);
        let answer = ask(&Codec::default(), mock::answer, &world, person).unwrap();
        let mut expected = mock_agencies::facts::miv::section(person, &period(), today());
        match script {
            "unsaid-person" => expected.person = None,
            "no-list" => expected.matters.clear(),
            _ => {}
        }
        // The schema lets the collection be left out; that there are no matters is said by an empty one alone.
        let no_list = script == "no-list";
        // An entry that is nil is one that is not told.
        let in_part = no_list || script == "nil-entry";
        let outcome = if in_part { Outcome::AnsweredInPart } else { Outcome::Answered };
        assert_eq!(answer.outcome, outcome, "{script}");
        assert_eq!(answer.notes.contains(&Note::Missing("svarCollection")), no_list, "{script}");
        assert!(*section(&answer) == expected, "{script}");
        let qualified = answer.notes.iter().any(|note| matches!(note, Note::OtherVersion(_)));
        assert_eq!(qualified, script == "qualified");
    }
}

#[test]
fn an_unknown_validity_stays_visible_and_is_noted() {
    let world = world("unknown-validity");
    let answer = ask(&Codec::default(), mock::answer, &world, world.person(newcomer)).unwrap();
    assert_eq!(answer.notes, [Note::UnknownCode("giltighetstid")]);
    let unknown = Validity::Other("TILLS_VIDARE".to_owned());
    assert!(section(&answer).matters.iter().all(|matter| matter.validity.as_ref() == Some(&unknown)));
}

#[test]
fn the_home_country_locates_and_silence_about_protection_says_nothing() {
    let world = world("");
    let mut section = mock_agencies::facts::miv::section(world.person(newcomer), &period(), today());
    assert_eq!(section.protection(), ProtectionSignal::CannotSay);
    assert!(section.payments().is_empty());
    assert_eq!(withhold(&mut section, HoldBack::Whereabouts, false), ["namn", "hemland", "fritext"]);
    assert!(section.home_country.is_none());
}

#[test]
fn every_question_and_answer_follows_the_published_schema() {
    crate::test_schema::all_follow(
        "se/migrationsverket/schema/ssbtek/_1/SSBTEKWebService_schema1.xsd",
        &Codec::default(),
        mock::answer,
        &["ten-digits", "unsaid-person", "nil-entry", "no-list", "no-such-person"],
        |_| true,
    );
}
