//! What a message may say, and what is made of it.

use mock_agencies::{Population, facts};
use ssbtek_domain::{
    Agency, AskingParty, CaseId, CaseWorkerId, EntryId, Information, LegalBasis, NaiveDate,
    OrganisationNumber, Period, Personnummer, Purpose, Wanted,
};

use super::*;

pub(super) fn question(person: &Personnummer) -> Question {
    Question {
        entry: EntryId::from_bytes([7; 16]),
        asking: AskingParty {
            organisation: OrganisationNumber::parse("212000-0142").unwrap(),
            name: "Socialnämnden".to_owned(),
            case_worker: CaseWorkerId::parse("hl0042").unwrap(),
            processors: vec![],
        },
        case: CaseId::parse("EB-2026-17").unwrap(),
        person: person.clone(),
        period: Period::new("2026-05-01".parse().unwrap(), "2026-12-31".parse().unwrap()).unwrap(),
        purpose: Purpose::parse("ekonomiskt bistånd").unwrap(),
        legal_basis: LegalBasis("SFS 2008:975".to_owned()),
        kinds: Information::all().collect(),
        asked_at: "2026-11-22T08:00:00Z".parse().unwrap(),
        wanted: Wanted::Standard,
    }
}

struct Case {
    source: Source,
    question: Question,
    answer: proto::GetPersonFactsResponse,
}

impl Case {
    fn new() -> Self {
        let today: NaiveDate = "2026-11-22".parse().unwrap();
        let population = Population::generate(1, 12, today);
        let person = &population.persons()[0];
        let question = question(&person.number);
        let source = Source::Agency(Agency::So);
        let section = facts::section(&source, person, &question.period, today);
        let answer = proto::GetPersonFactsResponse {
            person_number: person.number.expose().to_owned(),
            outcome: proto::Outcome::Answered.into(),
            parts: vec![],
            section: Some(ssbtek_wire::section(&section)),
        };
        Self { source, question, answer }
    }

    fn saying(outcome: proto::Outcome) -> Self {
        let mut case = Self::new();
        case.answer.outcome = outcome.into();
        case
    }

    fn without_section(mut self) -> Self {
        self.answer.section = None;
        self
    }

    fn with_part(mut self, outcome: proto::Outcome) -> Self {
        let part =
            proto::PartOutcome { part: "Unionens a-kassa".to_owned(), outcome: outcome.into(), code: None };
        self.answer.parts.push(part);
        self
    }

    fn read(&self) -> Result<SourceAnswer, Refused> {
        read(&self.source, &self.question, self.answer.encode_to_vec().into(), true)
    }

    fn outcome(&self) -> Option<Outcome> {
        self.read().ok().map(|answer| answer.outcome)
    }
}

#[test]
fn a_whole_answer_comes_with_facts_and_its_bytes() {
    let case = Case::new();
    let answer = case.read().unwrap();
    assert_eq!(answer.outcome, Outcome::Answered);
    assert_eq!(answer.section.unwrap().agency(), Agency::So);
    assert_eq!(answer.original.unwrap().bytes, case.answer.encode_to_vec());
}

#[test]
fn an_answer_about_another_person_is_refused_whole() {
    let mut case = Case::new();
    case.answer.person_number = "198001019804".to_owned();
    assert_eq!(case.read().unwrap_err(), Refused::ANOTHER_PERSON);
    case.answer.person_number = String::new();
    assert!(case.read().is_err());
}

#[test]
fn facts_about_another_person_are_refused_even_under_the_right_number() {
    let mut case = Case::new();
    let number = Personnummer::parse_undated("198001019804").unwrap();
    let proto::Section { agency: Some(proto::section::Agency::So(facts)) } =
        case.answer.section.as_mut().unwrap()
    else {
        panic!("SO's facts expected")
    };
    facts.person_number = Some(number.expose().to_owned());
    assert_eq!(case.read().unwrap_err(), Refused::ANOTHER_PERSON);
}

#[test]
fn another_agencys_facts_are_refused() {
    let mut case = Case::new();
    case.source = Source::Agency(Agency::Csn);
    assert_eq!(case.read().unwrap_err().0, "the answer holds another agency's facts");
}

#[test]
fn an_agency_may_give_four_outcomes_each_with_facts_or_without() {
    use proto::Outcome as Said;
    for said in [Said::Answered, Said::AnsweredInPart] {
        assert!(Case::saying(said).read().is_ok());
        assert!(Case::saying(said).without_section().read().is_err());
    }
    for said in [Said::NoSuchPerson, Said::FailedAtSource] {
        assert!(Case::saying(said).read().is_err());
        assert!(Case::saying(said).without_section().read().is_ok());
    }
    for said in [
        Said::Unspecified,
        Said::NotAsked,
        Said::NotPermitted,
        Said::TimedOut,
        Said::NotReachable,
        Said::AnswerRefused,
    ] {
        assert!(Case::saying(said).read().is_err());
        assert!(Case::saying(said).without_section().read().is_err());
    }
}

#[test]
fn an_agency_that_failed_need_not_know_whom_it_was_asked_about() {
    let mut failed = Case::saying(proto::Outcome::FailedAtSource).without_section();
    failed.answer.person_number = String::new();
    assert_eq!(failed.outcome(), Some(Outcome::FailedAtSource));
    let mut unknown = Case::saying(proto::Outcome::NoSuchPerson).without_section();
    unknown.answer.person_number = String::new();
    assert_eq!(unknown.outcome(), None);
}

#[test]
fn an_agency_cannot_claim_more_than_its_parts_do() {
    use proto::Outcome as Said;
    let whole = Case::new().with_part(Said::Answered).with_part(Said::NoSuchPerson);
    assert_eq!(whole.outcome(), Some(Outcome::Answered));
    let silent = Case::new().with_part(Said::Answered).with_part(Said::TimedOut);
    assert_eq!(silent.outcome(), Some(Outcome::AnsweredInPart));
    let unknown = Case::saying(Said::NoSuchPerson).without_section().with_part(Said::NotReachable);
    assert_eq!(unknown.outcome(), Some(Outcome::FailedAtSource));
}

#[test]
fn parts_with_texts_in_place_of_names_and_codes_are_refused() {
    let broken = |change: &dyn Fn(&mut proto::PartOutcome)| {
        let mut case = Case::new().with_part(proto::Outcome::Answered);
        change(&mut case.answer.parts[0]);
        case.read().unwrap_err()
    };
    broken(&|part| part.part.clear());
    broken(&|part| part.part = "x".repeat(101));
    broken(&|part| part.part = "a\nb".to_owned());
    broken(&|part| part.code = Some("not a code".to_owned()));
    broken(&|part| part.outcome = 99);
    let mut many = Case::new();
    many.answer.parts = vec![Case::new().with_part(proto::Outcome::Answered).answer.parts[0].clone(); 65];
    assert!(many.read().is_err());
}

#[test]
fn what_is_no_message_is_refused() {
    let case = Case::new();
    for bytes in [&b"<html>"[..], &[0x0A, 0x7F], &[0xFF; 40], &[]] {
        assert!(read(&case.source, &case.question, bytes.to_vec().into(), false).is_err());
    }
}

#[test]
fn a_figure_by_a_name_that_the_contract_does_not_have_is_taken_out_and_noted() {
    let mut case = Case::new();
    case.source = Source::Agency(Agency::Fk);
    let figure = |name: &str| proto::FkFigure {
        name: name.to_owned(),
        value: Some(proto::fk_figure::Value::Text("Storgatan 1".to_owned())),
    };
    let names = ["administrationskostnad", "adress.postort", "skola.namn", "barn[0].namn"];
    case.answer.section = Some(proto::Section {
        agency: Some(proto::section::Agency::Fk(proto::FkSection {
            person_number: Some(case.question.person.expose().to_owned()),
            pension_years: vec![proto::FkPensionYear {
                figures: names.map(figure).to_vec(),
                ..Default::default()
            }],
            ..Default::default()
        })),
    });
    let answer = case.read().unwrap();
    assert!(answer.notes.contains(&Note::UnknownCode("figures.name")));
    let Some(Section::Fk(fk)) = answer.section else { panic!("the facts of FK") };
    let told: Vec<_> = fk.pension_years[0].figures.iter().map(|figure| figure.name.as_str()).collect();
    assert_eq!(told, ["administrationskostnad"]);
}

#[test]
fn afs_code_for_no_report_is_none_of_https() {
    let part = |part: &str, code: &str| proto::PartOutcome {
        part: part.to_owned(),
        outcome: proto::Outcome::Answered.into(),
        code: Some(code.to_owned()),
    };
    let outcome = |name: &str, code: &str| super::part(part(name, code)).unwrap().outcome;
    assert_eq!(outcome("aktivitetsrapport", "501"), Outcome::Answered);
    assert_eq!(outcome("aktivitetsrapport", "503"), Outcome::AnsweredInPart);
    assert_eq!(outcome("information", "501"), Outcome::AnsweredInPart);
}
