//! What is sent.

use std::collections::BTreeMap;

use mock_agencies::{TestPerson, facts, own_format};
use serde_json::Value;
use ssbtek_domain::{Agency, Information, Note, OrganisationNumber, Period, Question, Source};

use super::super::{ActorId, Actors, InformationClass, InformationTypes, Lefi};
use super::{lefi, wanting};
use crate::{
    CannotAsk, Codec,
    test_world::{Mock, period, question, today},
};

fn days(from: &str, to: &str) -> Period {
    Period::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
}

fn body(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn the_question_names_the_actor_the_person_the_period_and_always_gepi() {
    let mock = Mock::new(1);
    let person = mock.person(|_| true);
    for types in [InformationTypes::default(), InformationTypes::only_general()] {
        let codec = Lefi::new(Actors::Same(ActorId::parse("9255f428-4ba0").unwrap()), types);
        let sent = codec.question(&question(person)).unwrap();
        assert_eq!(
            sent.path,
            "/lefi-extern-formansinformation/v9/aktorer/9255f428-4ba0/formansinformation/fraga"
        );
        assert_eq!(sent.content_type, "application/json");
        let body = body(&sent.body);
        assert_eq!(body["personnummer"], person.number.expose());
        assert_eq!(body["period"], serde_json::json!({ "from": "2026-05-01", "tom": "2026-12-31" }));
        assert!(body["ovrigInformation"].as_array().unwrap().contains(&"FK:GEPI".into()));
    }
}

#[test]
fn groups_of_an_authority_without_a_ground_are_left_out_of_the_question() {
    let mock = Mock::new(1);
    let person = mock.person(|_| true);
    for (kind, kept, gone) in [(Information::FK, "FK:", "PM:"), (Information::PM, "PM:", "FK:")] {
        let asked = Question { kinds: [kind].into(), ..question(person) };
        let text = String::from_utf8(lefi().question(&asked).unwrap().body).unwrap();
        assert!(text.contains(kept) && !text.contains(gone), "{text}");
    }
    let neither = Question { kinds: [].into(), ..question(person) };
    assert!(lefi().question(&neither).is_err());
}

#[test]
fn what_an_authority_without_a_ground_is_told_of_all_the_same_is_left_behind_with_its_bytes() {
    let mock = Mock::new(1);
    let pays = |person: &TestPerson| {
        let section = facts::fk::section(person, &period(), today());
        section.pm != Default::default()
    };
    let person = mock.person(pays);
    let whole = question(person);
    let sent = lefi().question(&whole).unwrap();
    let told = own_format::fk::answer(&own_format::Request { path: &sent.path, body: &sent.body }, &mock);
    let read = |question: &Question| {
        let body = crate::test_world::http(200, told.body.clone());
        crate::read_answer(&lefi(), &Source::Agency(Agency::Fk), question, body).answer
    };
    let asked = read(&whole);
    assert!(super::facts_of(&asked).pm != Default::default() && asked.original.is_some());
    let without = read(&Question { kinds: [Information::FK].into(), ..whole });
    assert!(super::facts_of(&without).pm == Default::default(), "nothing of Pensionsmyndigheten");
    assert!(without.original.is_none(), "nor in the bytes");
    assert!(without.notes.contains(&Note::NotAskedFor("PM")));
    assert!(super::facts_of(&without).general == super::facts_of(&asked).general, "the rest is there");
}

#[test]
fn each_board_asks_as_its_own_actor_and_others_cannot_ask() {
    let mock = Mock::new(1);
    let person = mock.person(|_| true);
    let listed = question(person).asking.organisation;
    let actors = |board| {
        let actors = BTreeMap::from([(board, ActorId::parse("namnden-norr").unwrap())]);
        Lefi::new(Actors::PerBoard(actors), InformationTypes::default())
    };
    assert!(actors(listed).question(&question(person)).unwrap().path.contains("/namnden-norr/"));
    let other = OrganisationNumber::parse("202100-5521").unwrap();
    assert!(actors(other).question(&question(person)).is_err());
    assert!(ActorId::parse("a/../b").is_none() && ActorId::parse("").is_none());
}

#[test]
fn more_than_two_years_are_narrowed_with_a_note_and_never_sent() {
    let mock = Mock::new(1);
    let narrowed = |from, to| lefi().derive_period(days(from, to), today()).unwrap();
    let note = || Some(Note::PeriodNarrowed("LEFI: at most two years"));
    assert_eq!(narrowed("2024-01-01", "2025-12-31"), (days("2024-01-01", "2025-12-31"), None));
    assert_eq!(narrowed("2023-12-31", "2025-12-31"), (days("2024-01-01", "2025-12-31"), note()));
    assert_eq!(narrowed("2020-01-01", "2024-02-29"), (days("2022-03-01", "2024-02-29"), note()));
    let mut long = question(mock.person(|_| true));
    long.period = days("2020-01-01", "2026-01-01");
    assert_eq!(lefi().question(&long).err(), Some(CannotAsk("LEFI answers for at most two years")));
}

#[test]
fn a_callers_own_question_keeps_its_types_and_gains_gepi() {
    let mock = Mock::new(1);
    let person = mock.person(|_| true);
    let own = format!(
        r#"{{"personnummer":"{}","period":{{"from":"2026-06-01","tom":"2027-06-30"}},
            "formansinformation":["FK:SJP","FK:SJP"],"utbetalningar":["PM:AP"]}}"#,
        person.number.ten_digits()
    );
    let sent = lefi().question(&wanting(person, &own)).unwrap();
    assert_eq!(
        body(&sent.body),
        serde_json::json!({
            "personnummer": person.number.expose(),
            "period": { "from": "2026-06-01", "tom": "2026-12-31" },
            "formansinformation": ["FK:SJP"],
            "utbetalningar": ["PM:AP"],
            "ovrigInformation": ["FK:GEPI"],
        })
    );
}

#[test]
fn a_callers_own_question_that_oversteps_is_not_sent() {
    let mock = Mock::new(1);
    let person = mock.person(|_| true);
    let own = person.number.expose();
    let other = mock.person(|other| other.number != person.number).number.expose();
    let within = format!(r#""period":{{"from":"{}","tom":"{}"}}"#, period().from(), period().to());
    for oversteps in [
        format!(r#"{{"personnummer":"{other}",{within}}}"#),
        format!(r#"{{"personnummer":"{own}","period":{{"from":"2020-01-01","tom":"2020-02-01"}}}}"#),
        format!(r#"{{"personnummer":"{own}"}}"#),
        format!(r#"{{"personnummer":"{own}",{within},"formansinformation":["PM:AP"]}}"#),
        format!(r#"{{"personnummer":"{own}",{within},"formansinformation":["FK:NYTT"]}}"#),
        format!(r#"{{"personnummer":"{own}",{within},"formansinformation":"FK:SJP"}}"#),
        format!(r#"{{"personnummer":"{own}",{within},"annat":1}}"#),
        format!(r#"{{"personnummer":"{other}","personnummer":"{own}",{within}}}"#),
        "[]".to_owned(),
        String::new(),
    ] {
        assert!(
            lefi().question(&wanting(person, &oversteps)).is_err(),
            "{}",
            oversteps.replace(other, "OTHER")
        );
    }
}

#[test]
fn a_provider_that_was_not_asked_is_said_to_be_not_asked() {
    use ssbtek_domain::Outcome;
    let mock = Mock::new(1);
    let person = mock.person(|_| true);
    let own = format!(
        r#"{{"personnummer":"{}","period":{{"from":"2026-06-01","tom":"2026-06-30"}}}}"#,
        person.number.expose()
    );
    let question = wanting(person, &own);
    let body =
        br#"{"utlamnare":[{"utlamnare":{"kod":"FK"},"tillstand":{"kod":"OK"}}],"formansinformation":{}}"#;
    let answer = lefi().answer(&question, crate::test_world::http(200, &body[..])).unwrap();
    assert_eq!(answer.outcome, Outcome::Answered);
    assert_eq!(super::part(&answer, "PM"), (Outcome::NotAsked, None));
}

#[test]
fn only_published_types_can_be_configured() {
    let mut types = InformationTypes::only_general();
    assert!(types.add(InformationClass::Formansinformation, "FK:SJP").is_ok());
    assert!(types.add(InformationClass::Formansinformation, "PM:AP").is_err());
    assert!(types.add(InformationClass::Utbetalningar, "PM:AP").is_ok());
    assert_eq!(types.of(InformationClass::OvrigInformation), ["FK:GEPI"]);
}
