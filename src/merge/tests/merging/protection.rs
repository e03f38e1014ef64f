//! Every encoding of protected identity, and every silence, as a table; and that the merged level only rises.

use proptest::prelude::*;
use ssbtek_authorize::Member;
use ssbtek_domain::{
    Agency, Outcome, Protection, Role, SourceAnswer,
    sections::{
        Section, af,
        csn::{self, Mark},
        fk::{self, person::GeneralInformation},
        miv, skv, so, tns,
    },
};

use crate::support::{answered, merged, merged_with, person, without};

fn af(protected: Option<bool>, status_code: i32) -> SourceAnswer {
    answered(Section::Af(af::Section {
        person: Some(person()),
        protected,
        status_code,
        ..Default::default()
    }))
}

fn csn(sekretess: Mark) -> SourceAnswer {
    answered(Section::Csn(csn::Section { person: Some(person()), sekretess, ..Default::default() }))
}

fn fk(flags: &[Option<bool>]) -> SourceAnswer {
    let general = flags.iter().map(|protected| GeneralInformation {
        protected: *protected,
        addresses: vec![Default::default()],
        ..Default::default()
    });
    answered(Section::Fk(fk::Section {
        person: Some(person()),
        general: general.collect(),
        ..Default::default()
    }))
}

/// Those without a field for it.
fn silent() -> Vec<SourceAnswer> {
    let person = || Some(person());
    vec![
        answered(Section::So(so::Section { person: person(), ..Default::default() })),
        answered(Section::Tns(tns::Section { person: person(), ..Default::default() })),
        answered(Section::Miv(miv::Section { person: person(), ..Default::default() })),
        answered(Section::Skv(skv::Section { person: person(), ..Default::default() })),
    ]
}

fn level(answers: Vec<SourceAnswer>) -> Protection {
    merged(answers).protection.level
}

#[test]
fn every_encoding_leads_to_its_level() {
    use Protection::{None as No, NotKnown, Sekretessmarkering as Marked};
    let (af_no, csn_no, fk_no) = (|| af(Some(false), 0), || csn(Mark::Blank), || fk(&[Some(false)]));
    let table = [
        ("everybody says no", af_no(), csn_no(), fk_no(), No),
        ("AF true", af(Some(true), 0), csn_no(), fk_no(), Marked),
        ("AF true though its look-up failed", af(Some(true), 4), csn_no(), fk_no(), Marked),
        ("AF left it out", af(None, 0), csn_no(), fk_no(), NotKnown),
        ("AF false, but its look-up failed", af(Some(false), 4), csn_no(), fk_no(), NotKnown),
        ("CSN Ja", af_no(), csn(Mark::Yes), fk_no(), Marked),
        ("CSN left it out", af_no(), csn(Mark::Absent), fk_no(), NotKnown),
        ("CSN something else", af_no(), csn(Mark::Unknown("?".into())), fk_no(), NotKnown),
        ("FK skyddad", af_no(), csn_no(), fk(&[Some(true)]), Marked),
        ("FK skyddad in one of two", af_no(), csn_no(), fk(&[Some(false), Some(true)]), Marked),
        ("FK flag left out", af_no(), csn_no(), fk(&[None]), NotKnown),
        ("FK flag left out in one of two", af_no(), csn_no(), fk(&[Some(false), None]), NotKnown),
        ("FK without FK:GEPI", af_no(), csn_no(), fk(&[]), NotKnown),
        ("AF does not know the person", without(Agency::Af, Outcome::NoSuchPerson), csn_no(), fk_no(), No),
        ("FK failed", af_no(), csn_no(), without(Agency::Fk, Outcome::FailedAtSource), NotKnown),
        ("FK timed out", af_no(), csn_no(), without(Agency::Fk, Outcome::TimedOut), NotKnown),
        ("CSN not reachable", af_no(), without(Agency::Csn, Outcome::NotReachable), fk_no(), NotKnown),
        ("AF refused", without(Agency::Af, Outcome::AnswerRefused), csn_no(), fk_no(), NotKnown),
        ("one is silent, one says yes", af(None, 0), csn(Mark::Yes), fk_no(), Marked),
    ];
    for (what, af, csn, fk, expected) in table {
        let mut answers = vec![af, csn, fk];
        answers.extend(silent());
        assert_eq!(level(answers), expected, "{what}");
    }
}

#[test]
fn a_flag_counts_whoever_raises_it() {
    // A source that has had no field for it until now, and whose silence is therefore not awaited.
    let unexpected = |section| SourceAnswer { unread_flag: true, ..answered(section) };
    for section in [
        Section::So(so::Section { person: Some(person()), ..Default::default() }),
        Section::Skv(skv::Section { person: Some(person()), ..Default::default() }),
        Section::Miv(miv::Section { person: Some(person()), ..Default::default() }),
    ] {
        let agency = section.agency();
        let report =
            merged(vec![af(Some(false), 0), csn(Mark::Blank), fk(&[Some(false)]), unexpected(section)]);
        assert_eq!(report.protection.level, Protection::Sekretessmarkering, "{agency}");
        assert_eq!(report.protection.said_by, [agency]);
        // Also in an answer that is refused for what else stands in it.
        let refused = SourceAnswer { unread_flag: true, ..without(agency, Outcome::AnswerRefused) };
        let report = merged(vec![af(Some(false), 0), csn(Mark::Blank), fk(&[Some(false)]), refused]);
        assert_eq!(report.protection.level, Protection::Sekretessmarkering, "{agency}");
    }
}

#[test]
fn nobody_who_could_say_no_means_not_known() {
    assert_eq!(level(silent()), Protection::NotKnown);
    let unknown = [Agency::Af, Agency::Csn, Agency::Fk].map(|agency| without(agency, Outcome::NoSuchPerson));
    assert_eq!(level(unknown.into()), Protection::NotKnown, "strangers vouch for nobody");
}

#[test]
fn who_was_not_asked_said_nothing() {
    let report = merged(vec![af(Some(false), 0), csn(Mark::Blank)]);
    assert_eq!(report.protection.level, Protection::NotKnown);
    assert_eq!(report.protection.silent, [Agency::Fk]);
}

#[test]
fn what_could_locate_goes_at_every_level_but_no() {
    let addresses = |report: &ssbtek_merge::Report| match &report.sources[2].section {
        Some(Section::Fk(fk)) => fk.general[0].addresses.len(),
        _ => panic!("FK's section"),
    };
    let open = merged(vec![af(Some(false), 0), csn(Mark::Blank), fk(&[Some(false)])]);
    assert_eq!((addresses(&open), open.sources[2].withheld.len()), (1, 0));
    for marked in [
        vec![af(Some(true), 0), csn(Mark::Blank), fk(&[Some(false)])],
        vec![af(None, 0), csn(Mark::Blank), fk(&[Some(false)])],
        vec![without(Agency::Af, Outcome::TimedOut), csn(Mark::Blank), fk(&[Some(false)])],
    ] {
        let report = merged(marked);
        assert_eq!(addresses(&report), 0);
        assert!(report.sources[2].withheld.contains(&"adress"));
    }
}

proptest! {
    /// One more answer never lowers what is known of a marking.
    #[test]
    fn a_marking_is_never_talked_away(flags in prop::collection::vec(0u8..5, 3), which in 0usize..3) {
        let answer = |n: usize, flag: u8| match (n, flag) {
            (0, 0) => af(Some(false), 0),
            (0, 1) => af(Some(true), 0),
            (0, 2) => af(None, 0),
            (1, 0) => csn(Mark::Blank),
            (1, 1) => csn(Mark::Yes),
            (1, 2) => csn(Mark::Absent),
            (2, 0) => fk(&[Some(false)]),
            (2, 1) => fk(&[Some(true)]),
            (2, 2) => fk(&[None]),
            (n, 3) => without([Agency::Af, Agency::Csn, Agency::Fk][n], Outcome::FailedAtSource),
            (n, _) => without([Agency::Af, Agency::Csn, Agency::Fk][n], Outcome::NoSuchPerson),
        };
        let of = |flags: &[u8]| level(flags.iter().enumerate().map(|(n, flag)| answer(n, *flag)).collect());
        let mut marked = flags.clone();
        marked[which] = 1;
        prop_assert!(of(&marked) >= of(&flags));
        prop_assert_eq!(of(&marked), Protection::Sekretessmarkering);
    }
}

/// Whoever stands in an unprotected person's answer as protected: what tells where the household lives goes from every
/// source, and nothing else.
#[test]
fn anothers_flag_takes_the_home_out_of_the_whole_answer_and_leaves_the_rest() {
    let flagged = |protected| {
        let child = fk::person::Person { protected, ..Default::default() };
        let general = GeneralInformation {
            protected: Some(false),
            addresses: vec![Default::default()],
            citizenships: vec![Default::default()],
            children: vec![child],
            ..Default::default()
        };
        answered(Section::Fk(fk::Section {
            person: Some(person()),
            general: vec![general],
            ..Default::default()
        }))
    };
    let property = skv::Property { designation: Some("Ön 1:1".into()), assessed_value: None };
    let year = skv::IncomeYear { year: 2025, properties: vec![property], ..Default::default() };
    let vehicle = || "x".to_owned();
    let vehicle = tns::Vehicle {
        registration_number: vehicle(),
        make: vehicle(),
        year: vehicle(),
        kind: vehicle(),
        trade_name: vehicle(),
    };
    let answers = |protected| {
        vec![
            af(Some(false), 0),
            csn(Mark::Blank),
            flagged(protected),
            answered(Section::Skv(skv::Section { years: vec![year.clone()], ..Default::default() })),
            answered(Section::Tns(tns::Section {
                vehicles: Some(vec![vehicle.clone()]),
                ..Default::default()
            })),
        ]
    };
    let withheld = |report: &ssbtek_merge::Report, agency| {
        report.sources.iter().find(|source| source.agency == agency).unwrap().withheld.clone()
    };

    let report = merged(answers(Some(true)));
    assert_eq!(report.protection.level, Protection::None, "the person's own level is another matter");
    assert_eq!(report.protection.others_said_by, [Agency::Fk]);
    assert!(withheld(&report, Agency::Fk).contains(&"adress"));
    assert!(
        withheld(&report, Agency::Skv).contains(&"fastighetsbeteckning"),
        "found by FK, held back at SKV"
    );
    assert_eq!(withheld(&report, Agency::Tns), ["fordon"], "the owner's address is the household's");

    for silent in [None, Some(false)] {
        let report = merged(answers(silent));
        assert!(report.protection.others_said_by.is_empty());
        assert!(report.sources.iter().all(|source| source.withheld.is_empty()), "{silent:?}");
    }
}

#[test]
fn what_the_case_says_of_the_household_holds_whatever_the_sources_say() {
    let answers = || vec![af(Some(false), 0), csn(Mark::Blank), fk(&[Some(false)])];
    for (of_the_person, level) in [(false, Protection::None), (true, Protection::Sekretessmarkering)] {
        let report = merged_with(answers(), |case| {
            let mut child = Member::new(person(), Role::Child);
            child.person = ssbtek_domain::Personnummer::parse_undated("201001019809").unwrap();
            case.members.push(child);
            case.members[usize::from(!of_the_person)].protected = true;
        });
        assert!(report.protection.household_protected);
        assert_eq!(report.protection.level, level);
        assert!(report.sources[2].withheld.contains(&"adress"));
    }
}
