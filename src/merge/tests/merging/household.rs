//! Members of the case's own household are no others, where everybody is known not to be protected.

use ssbtek_authorize::Member;
use ssbtek_domain::{
    Agency, Outcome, Personnummer, Role, SourceAnswer,
    sections::{
        Section, csn,
        fk::{
            self,
            common::PersonRole,
            matter::{Matter, MatterKind},
            person::{GeneralInformation, Person, PersonInRole},
        },
    },
};
use ssbtek_merge::Report;

use crate::support::{answered, merged_with, outcome_of, person, without};

const CHILD: &str = "201503129817";
const OTHER: &str = "198506079824";

fn number(text: &str) -> Personnummer {
    Personnummer::parse_undated(text).unwrap()
}

/// Nobody is protected, says each who can; FK names these children in a matter, with what it says of each.
fn answers(children: &[(&str, Option<bool>)]) -> Vec<SourceAnswer> {
    let persons = children.iter().map(|(number, protected)| PersonInRole {
        role: PersonRole::Barn,
        person: Person {
            number: Some((*number).to_owned()),
            name: Some("NAMN".to_owned()),
            protected: *protected,
            ..Person::default()
        },
    });
    let matter = Matter {
        kind: MatterKind::ALL[0],
        started: None,
        active: None,
        rejected: None,
        persons: persons.collect(),
        basics: vec![],
        decisions: vec![],
        claimed_days: vec![],
    };
    let general = GeneralInformation { protected: Some(false), ..Default::default() };
    let fk = fk::Section {
        person: Some(person()),
        general: vec![general],
        matters: vec![matter],
        ..Default::default()
    };
    let blank = csn::Section { person: Some(person()), sekretess: csn::Mark::Blank, ..Default::default() };
    vec![answered(Section::Fk(fk)), answered(Section::Csn(blank)), without(Agency::Af, Outcome::NoSuchPerson)]
}

fn merged(answers: Vec<SourceAnswer>, protected: bool) -> Report {
    merged_with(answers, |case| {
        case.members.push(Member { protected, ..Member::new(number(CHILD), Role::Child) });
    })
}

/// The numbers that are left of FK's, and whether the answer says that something is held back.
fn told(report: &Report) -> (Vec<String>, bool) {
    let fk = report.sources.iter().find(|source| source.agency == Agency::Fk).unwrap();
    let Some(Section::Fk(section)) = &fk.section else { panic!() };
    let persons = section.matters.iter().flat_map(|matter| &matter.persons);
    (persons.filter_map(|it| it.person.number.clone()).collect(), !fk.withheld.is_empty())
}

#[test]
fn a_child_of_the_case_that_is_known_not_to_be_protected_is_nobody_elses() {
    let report = merged(answers(&[(CHILD, Some(false))]), false);
    assert_eq!(told(&report), (vec![CHILD.to_owned()], false));
    assert_eq!(report.household, [number(CHILD)]);
}

#[test]
fn who_is_protected_or_not_known_to_be_neither_is_told_of_as_before() {
    for (said, in_the_case) in [(None, false), (Some(true), false), (Some(false), true), (None, true)] {
        let report = merged(answers(&[(CHILD, said)]), in_the_case);
        assert_eq!(told(&report), (vec![], true), "{said:?} {in_the_case}");
        assert!(report.household.is_empty(), "{said:?} {in_the_case}");
    }
}

#[test]
fn what_two_sources_or_two_places_say_of_a_child_holds_together() {
    let report = merged(answers(&[(CHILD, Some(false)), (CHILD, Some(true))]), false);
    assert_eq!(told(&report), (vec![], true));
    let report = merged(answers(&[(CHILD, Some(false)), (CHILD, None)]), false);
    assert_eq!(told(&report), (vec![CHILD.to_owned(); 2], false));
}

#[test]
fn who_is_no_member_stays_somebody_else() {
    let report = merged(answers(&[(CHILD, Some(false)), (OTHER, Some(false))]), false);
    assert_eq!(told(&report), (vec![CHILD.to_owned()], true));
    let nobody = merged_with(answers(&[(CHILD, Some(false))]), |_| {});
    assert_eq!(told(&nobody), (vec![], true));
}

#[test]
fn one_protected_member_closes_the_whole_household() {
    let report = merged_with(answers(&[(CHILD, Some(false))]), |case| {
        case.members.push(Member::new(number(CHILD), Role::Child));
        let sibling = Member::new(number(OTHER), Role::Child);
        case.members.push(Member { protected: true, ..sibling });
    });
    assert_eq!(told(&report), (vec![], true));
}

#[test]
fn a_silent_source_closes_the_household_too() {
    let mut answers = answers(&[(CHILD, Some(false))]);
    answers[2] = without(Agency::Af, Outcome::TimedOut);
    assert_eq!(told(&merged(answers, false)), (vec![], true));
}

#[test]
fn an_answer_that_names_more_others_than_anybody_has_is_refused_whole() {
    let number = |nth: u32| {
        let nine = format!("2015{:02}{:02}{}", nth / 280 + 1, nth / 10 % 28 + 1, 980 + nth % 10);
        let valid = |check| Personnummer::parse_undated(&format!("{nine}{check}")).ok();
        (0..10).find_map(valid).unwrap().expose().to_owned()
    };
    for (many, outcome) in [(200, Outcome::Answered), (201, Outcome::AnswerRefused)] {
        let numbers: Vec<String> = (0..many).map(number).collect();
        let children: Vec<_> = numbers.iter().map(|number| (number.as_str(), Some(false))).collect();
        let report = merged(answers(&children), false);
        assert_eq!(outcome_of(&report, Agency::Fk), outcome, "{many}");
    }
}
