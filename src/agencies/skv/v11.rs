//! Contract v11: five parts, each `data` (base64 of JSON) or `error`, then an error for the whole.
//!
//! `POST /` with `{"personidentitet", "ingivare", "arendeidentitet", "syfte", "lagtext", "ar": [..]}` and a boolean per
//! part. Answered by `{"personidentitet"?, PART?: {"data"} | {"error": ERROR}, "error"?: ERROR}` with
//! `ERROR = {"kalla"?, "felkod", "felmeddelande"?}`. Nothing else is accepted.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use ssbtek_domain::{
    Note, Original, Outcome, PartOutcome, Personnummer, Question, SourceAnswer, Wanted,
    sections::{
        Section as AnySection,
        skv::{Document, Part, Section},
    },
};

use super::{
    facts,
    question::{Asked, asked},
    reduce, source, tree,
};
use crate::{CannotAsk, HttpAnswer, HttpQuestion, Refused, soap_answer};

#[derive(Serialize)]
struct Request<'a> {
    personidentitet: &'a str,
    ingivare: Ingivare<'a>,
    arendeidentitet: &'a str,
    syfte: &'a str,
    lagtext: &'a str,
    ar: Vec<i32>,
    foretagsinformation: bool,
    individuppgifter: bool,
    skattekonto: bool,
    skatteuppgifter: bool,
    beskattningsbilagor: bool,
}

#[derive(Serialize)]
struct Ingivare<'a> {
    organisationsnummer: &'a str,
    namn: &'a str,
    handlaggare: &'a str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Response {
    personidentitet: Option<String>,
    foretagsinformation: Option<Told>,
    individuppgifter: Option<Told>,
    skattekonto: Option<Told>,
    skatteuppgifter: Option<Told>,
    beskattningsbilagor: Option<Told>,
    error: Option<Fault>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    data: Option<String>,
    error: Option<Fault>,
}

/// `felmeddelande` is free text and is left behind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    #[serde(rename = "kalla")]
    _kalla: Option<IgnoredAny>,
    felkod: String,
    #[serde(rename = "felmeddelande")]
    _felmeddelande: Option<IgnoredAny>,
}

pub(super) fn question(question: &Question) -> Result<HttpQuestion, CannotAsk> {
    if matches!(question.wanted, Wanted::SkvDocument) {
        return Err(CannotAsk("SKV: contract v11 has five parts and no document"));
    }
    let Asked { years, parts } = asked(question)?;
    let wants = |part| parts.contains(&part);
    let request = Request {
        personidentitet: question.person.expose(),
        ingivare: Ingivare {
            organisationsnummer: question.asking.organisation.as_str(),
            namn: &question.asking.name,
            handlaggare: question.asking.case_worker.as_str(),
        },
        arendeidentitet: question.case.as_str(),
        syfte: question.purpose.as_str(),
        lagtext: &question.legal_basis.0,
        ar: years,
        foretagsinformation: wants(Part::CompanyInformation),
        individuppgifter: wants(Part::IndividualStatements),
        skattekonto: wants(Part::TaxAccount),
        skatteuppgifter: wants(Part::TaxData),
        beskattningsbilagor: wants(Part::TaxAppendices),
    };
    Ok(HttpQuestion {
        path: "/".to_owned(),
        content_type: "application/json",
        soap_action: None,
        body: serde_json::to_vec(&request)
            .map_err(|_| CannotAsk("the question cannot be written as JSON"))?,
    })
}

/// `not_found` is what a part's error 404 means.
pub(super) fn answer(
    question: &Question,
    answer: HttpAnswer,
    not_found: Outcome,
) -> Result<SourceAnswer, Refused> {
    match answer.status {
        200..300 => {}
        300..400 => return Err(Refused("the answer is a redirect")),
        _ => return Ok(SourceAnswer::without_facts(source(), Outcome::FailedAtSource)),
    }
    tree::check_depth(&answer.body)?;
    let response: Response = serde_json::from_slice(&answer.body)
        .map_err(|_| Refused("the answer is no JSON of the five parts and their errors"))?;
    let original = Original { media_type: "application/json", bytes: answer.body };
    let read = read(question, response, not_found)?;
    Ok(SourceAnswer { original: Some(original), ..read })
}

fn read(question: &Question, response: Response, not_found: Outcome) -> Result<SourceAnswer, Refused> {
    let Ok(asked) = asked(question) else {
        return Err(Refused("an answer to a question that was never asked"));
    };
    let mut section =
        Section { person: named(question, response.personidentitet.as_deref())?, ..Section::default() };
    let told = [
        response.foretagsinformation,
        response.individuppgifter,
        response.skattekonto,
        response.skatteuppgifter,
        response.beskattningsbilagor,
    ];
    let failed = response.error.is_some();
    if !failed && told.iter().all(Option::is_none) {
        return Err(Refused("the answer holds none of the parts that were asked for"));
    }
    let fault_code = response.error.and_then(|fault| soap_answer::code(&fault.felkod));
    let mut notes = vec![];
    let mut parts = vec![];
    for (part, told) in Part::ALL.into_iter().zip(told) {
        let (outcome, code) = match (asked.parts.contains(&part), told) {
            (false, None) => (Outcome::NotAsked, None),
            (false, Some(_)) => return Err(Refused("the answer holds a part that was not asked for")),
            (true, None) => (Outcome::FailedAtSource, fault_code.clone()),
            (true, Some(Told { data: Some(data), error: None })) => {
                document(question, part, &data, &mut section)?;
                (Outcome::Answered, None)
            }
            (true, Some(Told { data: None, error: Some(fault) })) if fault.felkod.trim() == "404" => {
                if not_found != Outcome::NoSuchPerson && notes.is_empty() {
                    notes.push(Note::UnknownCode("felkod"));
                }
                (not_found, Some("404".to_owned()))
            }
            (true, Some(Told { data: None, error: Some(fault) })) => {
                (Outcome::FailedAtSource, soap_answer::code(&fault.felkod))
            }
            (true, Some(_)) => return Err(Refused("a part holds both data and error, or neither")),
        };
        parts.push(PartOutcome { part: part.name().to_owned(), outcome, code });
    }
    reduce::documents(&mut section, &question.person);
    let outcome = outcome(&parts, failed);
    let has_facts = parts.iter().any(|part| part.outcome == Outcome::Answered);
    Ok(SourceAnswer {
        parts,
        section: has_facts.then_some(AnySection::Skv(section)),
        fault_code,
        notes,
        ..SourceAnswer::without_facts(source(), outcome)
    })
}

/// Over the parts that were asked for. An error for the whole spoils what the parts alone would conclude.
fn outcome(parts: &[PartOutcome], failed: bool) -> Outcome {
    let asked = parts.iter().map(|part| part.outcome).filter(|outcome| *outcome != Outcome::NotAsked);
    match Outcome::of_parts(asked).unwrap_or(Outcome::FailedAtSource) {
        Outcome::Answered if failed => Outcome::AnsweredInPart,
        Outcome::NoSuchPerson if failed => Outcome::FailedAtSource,
        outcome => outcome,
    }
}

fn named(question: &Question, number: Option<&str>) -> Result<Option<Personnummer>, Refused> {
    number.map(|number| soap_answer::same_person(question, number)).transpose()
}

/// Takes one part's document in: whom it is about, its text, its facts.
fn document(question: &Question, part: Part, data: &str, section: &mut Section) -> Result<(), Refused> {
    let base64: String = data.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(base64).map_err(|_| Refused("a part's data is no base64"))?;
    let text = String::from_utf8(bytes).map_err(|_| Refused("a part's data is no UTF-8"))?;
    let root = tree::of_json(part.name(), &text)?;
    if let Some(person) = root.subject(&question.person)? {
        section.person = Some(person);
    }
    facts::read(&root, section);
    section.documents.push(Document::verbatim(Some(part), text));
    Ok(())
}
