//! The codec against the mock: what is asked, what is told, and what is refused.

mod every_shape;
mod failures;
mod json;
mod question;
mod schema;

use mock_agencies::{TestPerson, facts, own_format};
use ssbtek_domain::{Outcome, Question, SourceAnswer, Wanted, sections};

use super::{ActorId, Actors, InformationTypes, Lefi};
use crate::{
    Codec, Refused,
    test_world::{self, Mock, assert_survives_grpc, period, today},
};

fn lefi() -> Lefi {
    Lefi::new(Actors::Same(ActorId::parse("9255f428-4ba0").unwrap()), InformationTypes::default())
}

fn ask(mock: &Mock, person: &TestPerson) -> Result<SourceAnswer, Refused> {
    test_world::ask(&lefi(), own_format::fk::answer, mock, person)
}

fn facts_of(answer: &SourceAnswer) -> &sections::fk::Section {
    match answer.section.as_ref().unwrap() {
        sections::Section::Fk(section) => section,
        _ => panic!("another agency's section"),
    }
}

fn part(answer: &SourceAnswer, name: &str) -> (Outcome, Option<String>) {
    let part = answer.parts.iter().find(|part| part.part == name).unwrap();
    (part.outcome, part.code.clone())
}

#[test]
fn the_same_facts_arrive_over_lefi_as_over_grpc() {
    let mut payments = 0;
    for seed in 0..12 {
        let mock = Mock::new(seed);
        for person in mock.population.persons() {
            let answer = ask(&mock, person).unwrap();
            assert_eq!(answer.outcome, Outcome::Answered);
            assert_eq!(answer.notes, []);
            let told = sections::Section::Fk(facts::fk::section(person, &period(), today()));
            let arrived = answer.section.unwrap();
            assert!(arrived == told);
            payments += arrived.facts().payments().len();
            assert_survives_grpc(&arrived);
        }
    }
    assert!(payments > 100);
}

#[test]
fn the_payload_is_kept_as_it_came() {
    let mock = Mock::new(1);
    let person = mock.person(|_| true);
    let question = test_world::question(person);
    let sent = lefi().question(&question).unwrap();
    let told = own_format::fk::answer(&own_format::Request { path: &sent.path, body: &sent.body }, &mock);
    let answer = lefi().answer(&question, test_world::http(200, told.body.clone())).unwrap();
    let original = answer.original.unwrap();
    assert!(original.bytes == told.body);
    assert_eq!(original.media_type, "application/json");
}

fn wanting(person: &TestPerson, own: &str) -> Question {
    Question { wanted: Wanted::Lefi(own.as_bytes().to_vec()), ..test_world::question(person) }
}

#[test]
fn a_relatives_flag_that_is_null_is_not_known_and_the_persons_own_is_told_by_itself() {
    let mock = Mock::new(1);
    let person = mock.person(|person| person.household.len() > 1);
    let section = facts::fk::section(person, &period(), today());
    let told = String::from_utf8(own_format::fk::told(&section)).unwrap();
    let open = |body: String| {
        let answer = lefi().answer(&test_world::question(person), test_world::http(200, body.into_bytes()));
        let answer = answer.unwrap();
        facts_of(&answer).others_not_known
    };
    assert!(!open(told.clone()));
    let (own, others) = told.split_once(r#""skyddad":false"#).unwrap();
    assert!(!open(format!(r#"{own}"skyddad":null{others}"#)));
    assert!(others.contains(r#""skyddad":false"#));
    assert!(open(format!(
        r#"{own}"skyddad":false{}"#,
        others.replacen(r#""skyddad":false"#, r#""skyddad":null"#, 1)
    )));
}
