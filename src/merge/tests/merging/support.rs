//! A permit, a manifest, answers.

use std::collections::BTreeMap;

use ssbtek_access_log::{Manifest, ManifestLine};
use ssbtek_authorize::{Ask, Case, Ground, Permit, decide};
use ssbtek_domain::{
    Agency, Amount, CaseId, DateTime, FUNDS, FundCode, Information, NaiveDate, OrganisationNumber, Outcome,
    Period, Personnummer, Purpose, Role, Source, SourceAnswer, Utc,
    sections::{Section, csn},
};
use ssbtek_fan_out::Timed;
use ssbtek_merge::{OriginalsWanted, Report, merge};

pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

pub(crate) fn today() -> NaiveDate {
    "2026-11-22".parse().unwrap()
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn period(from: &str, to: &str) -> Period {
    Period::new(day(from), day(to)).unwrap()
}

pub(crate) fn whole_period() -> Period {
    period("2026-09-01", "2026-11-30")
}

pub(crate) fn kronor(kronor: i64) -> Amount {
    Amount::from_kronor(kronor).unwrap()
}

pub(crate) fn person() -> Personnummer {
    Personnummer::parse_undated("198001019804").unwrap()
}

pub(crate) fn fund(code: &str) -> Source {
    Source::Fund(FundCode::parse(code).unwrap())
}

pub(crate) fn all_funds() -> Vec<Source> {
    FUNDS.iter().map(|(code, _)| fund(code)).collect()
}

/// Permission to ask everybody about `person`.
pub(crate) fn permit(person: &Personnummer) -> Permit {
    permit_in(ssbtek_example::case("EB-1", "anna", person))
}

/// The same of somebody whom the case marks as protected.
pub(crate) fn permit_of_protected(person: &Personnummer) -> Permit {
    let mut case = ssbtek_example::case("EB-1", "anna", person);
    case.members.iter_mut().for_each(|member| member.protected = true);
    permit_in(case)
}

fn permit_in(case: Case) -> Permit {
    let board = OrganisationNumber::parse("162120009994").unwrap();
    let facts = ssbtek_example::facts(
        ssbtek_example::board(board, &[0; 32], now()),
        ssbtek_example::case_worker("anna", now()),
        case,
        now(),
    );
    let caller = ssbtek_example::caller(board, "anna", [0; 32], [0; 32], now());
    let ask = Ask {
        case: CaseId::parse("EB-1").unwrap(),
        role: Some(Role::Applicant),
        person: None,
        period: whole_period(),
        agencies: Agency::ALL.into(),
        purpose: Purpose::parse("ekonomiskt bistånd").unwrap(),
        wishes: BTreeMap::new(),
    };
    decide(&caller, &ask, &facts, now()).unwrap()
}

fn ground(agency: Agency) -> Ground {
    ssbtek_example::law().body.ground(Information::of(agency), today()).unwrap()
}

/// Everybody who answers, each to be asked about the whole period.
pub(crate) fn manifest(answers: &[SourceAnswer]) -> Manifest {
    let ask = answers.iter().map(|answer| ManifestLine {
        source: answer.source.clone(),
        period: whole_period(),
        basis: ground(answer.source.agency()).basis,
        kinds: ground(answer.source.agency()).kinds,
        without_ground: vec![],
        note: None,
        case_alias: None,
    });
    Manifest { ask: ask.collect(), ..Manifest::default() }
}

/// The merge of these answers about `person`.
pub(crate) fn merged_about(person: &Personnummer, answers: Vec<SourceAnswer>) -> Report {
    let manifest = manifest(&answers);
    let timed = answers.into_iter().map(|answer| Timed { answer, duration_ms: 1 }).collect();
    merge(&permit(person), &manifest, timed, OriginalsWanted::No)
}

/// The merge of these answers about [`person`] in a case that is changed first.
pub(crate) fn merged_with(answers: Vec<SourceAnswer>, change: impl FnOnce(&mut Case)) -> Report {
    let mut case = ssbtek_example::case("EB-1", "anna", &person());
    change(&mut case);
    let manifest = manifest(&answers);
    let timed = answers.into_iter().map(|answer| Timed { answer, duration_ms: 1 }).collect();
    merge(&permit_in(case), &manifest, timed, OriginalsWanted::No)
}

/// The merge of these answers about [`person`].
pub(crate) fn merged(answers: Vec<SourceAnswer>) -> Report {
    merged_about(&person(), answers)
}

/// An answer with facts, in full.
pub(crate) fn answered(section: Section) -> SourceAnswer {
    SourceAnswer::with_facts(Source::Agency(section.agency()), section)
}

/// An answer without.
pub(crate) fn without(agency: Agency, outcome: Outcome) -> SourceAnswer {
    SourceAnswer::without_facts(Source::Agency(agency), outcome)
}

pub(crate) fn outcome_of(report: &Report, agency: Agency) -> Outcome {
    report.sources.iter().find(|source| source.agency == agency).unwrap().outcome
}

/// Merged, where nobody is protected: CSN says no, and what is missing of AF and FK does not know the person.
pub(crate) fn merged_open(mut answers: Vec<SourceAnswer>) -> Report {
    let csn = csn::Section { person: Some(person()), sekretess: csn::Mark::Blank, ..Default::default() };
    answers.push(answered(Section::Csn(csn)));
    for agency in [Agency::Af, Agency::Fk] {
        if answers.iter().all(|answer| answer.source.agency() != agency) {
            answers.push(without(agency, Outcome::NoSuchPerson));
        }
    }
    for section in answers.iter_mut().filter_map(|answer| answer.section.as_mut()) {
        match section {
            Section::Af(af) => af.protected = Some(false),
            Section::Fk(fk) => {
                if fk.general.is_empty() {
                    fk.general.push(Default::default());
                }
                fk.general.iter_mut().for_each(|general| general.protected = Some(false));
            }
            _ => {}
        }
    }
    merged(answers)
}
