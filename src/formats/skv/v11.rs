//! Contract v11: five parts, each `data` (base64 of JSON) or `error`, then an error for the whole.
//!
//! `POST /` with `{"personidentitet", "ingivare", "arendeidentitet", "syfte", "lagtext", "ar": [..]}` and a boolean per
//! part. Answered by `{"personidentitet"?, PART?: {"data"} | {"error": ERROR}, "error"?: ERROR}` with
//! `ERROR = {"kalla"?, "felkod", "felmeddelande"?}`. What else stands there is passed over, with a note (`v11/response.rs`).

mod response;

use serde::Serialize;
use ssbtek_domain::{
    Fault, Note, Original, Outcome, PartOutcome, Personnummer, Question, SourceAnswer, Wanted,
    sections::{
        Section as AnySection,
        skv::{Document, Part, Section},
    },
};

use self::response::Response;
use super::{
    facts, failing,
    failing::Found,
    question::{Asked, asked},
    reduce, source,
    tree::{self, Node},
};
use crate::{
    CannotAsk, HttpAnswer, HttpQuestion, RefusalCode, Refused, belongs, failure, flags,
    notes::Notes,
    soap_answer, unreadable,
    who::{self, Named},
};

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
        300..400 => return Err(Refused::REDIRECT),
        _ => return Ok(SourceAnswer::without_facts(source(), Outcome::FailedAtSource)),
    }
    tree::check_depth(&answer.body)?;
    let notes = Notes::about(&question.person);
    let response = Response::read(unreadable::utf_8(&answer.body)?, &notes)?;
    let (read, whole) = read(question, &response, not_found, &notes)?;
    // What was not asked for is not passed on, not even as bytes.
    let original = whole.then(|| Original { media_type: "application/json", bytes: answer.body.clone() });
    Ok(notes.onto(SourceAnswer { original, ..read }))
}

/// The answer, and whether it holds nothing that was not asked for.
fn read(
    question: &Question,
    response: &Response,
    not_found: Outcome,
    notes: &Notes,
) -> Result<(SourceAnswer, bool), Refused> {
    let Ok(asked) = asked(question) else {
        return Err(Refused("an answer to a question that was never asked", RefusalCode::AnotherQuestion));
    };
    if response.error.is_none() && response.parts.iter().all(|(_, told)| told.is_none()) {
        return Err(Refused::breach("the answer holds none of the parts that were asked for"));
    }
    let named = match &response.person {
        Some(number) => Some(who::same(question, number)?),
        None => None,
    };
    let fault_code = response.error.as_ref().and_then(|fault| soap_answer::code(&fault.code));
    let (mut parts, mut faults, mut documents) = (vec![], vec![], vec![]);
    let (mut whole, mut unread_flag) = (true, false);
    for (part, told) in &response.parts {
        let wanted = asked.parts.contains(part);
        let (outcome, code) = match told {
            None if wanted => (Outcome::FailedAtSource, fault_code.clone()),
            None => (Outcome::NotAsked, None),
            Some(told) if !wanted => {
                notes.add(Note::PassedOver(part.name()));
                whole = false;
                unread_flag |= told.is_flagged();
                (Outcome::NotAsked, None)
            }
            Some(told) => {
                faults.extend(told.error.clone());
                let code = told.error.as_ref().and_then(|fault| soap_answer::code(&fault.code));
                match (&told.document, &told.error) {
                    (Some(Ok(text)), error) => match tree::of_json(part.name(), text) {
                        Ok(root) => {
                            documents.push((*part, text.clone(), root));
                            // Data and an error at once: what is there is kept, and that it may not be all is said.
                            let whole = error.is_none();
                            (if whole { Outcome::Answered } else { Outcome::AnsweredInPart }, code)
                        }
                        Err(refused) => {
                            unread_flag |= told.is_flagged();
                            (broken(part, refused, notes), None)
                        }
                    },
                    (Some(Err(refused)), None) => (broken(part, *refused, notes), None),
                    (_, Some(fault)) if says_404(fault) => {
                        notes.add_if(not_found != Outcome::NoSuchPerson, Note::UnknownCode("felkod"));
                        let says_so = fault.texts.iter().all(|text| failure::goes_with_nobody(text));
                        let outcome = if says_so { not_found } else { Outcome::FailedAtSource };
                        (outcome, Some("404".to_owned()))
                    }
                    (_, Some(_)) => (Outcome::FailedAtSource, code),
                    (None, None) => {
                        notes.missing(part.name());
                        (Outcome::FailedAtSource, None)
                    }
                }
            }
        };
        parts.push(PartOutcome { part: part.name().to_owned(), outcome, code });
    }
    let (section, flagged) = about(question, named, documents, &mut parts, &mut faults, notes)?;
    faults.extend(response.error.clone());
    let outcome = outcome(&parts, response.error.is_some());
    let has_facts = !section.documents.is_empty();
    let answer = SourceAnswer {
        parts,
        section: has_facts.then_some(AnySection::Skv(section)),
        fault_code,
        faults,
        unread_flag: unread_flag || flagged,
        ..SourceAnswer::without_facts(source(), outcome)
    };
    Ok((answer, whole))
}

/// A part whose data is none costs itself; the operator is told which rule it broke.
fn broken(part: &Part, refused: Refused, notes: &Notes) -> Outcome {
    notes.refuse(part.name(), refused);
    belongs::alarm_part(&source(), part.name(), refused);
    Outcome::AnswerRefused
}

/// Takes the documents in that are about the person asked about. One that names only others is refused, and so is one that names
/// nobody and tells something, unless the answer as a whole names the person. Also whether a flag stands in what is left out.
fn about(
    question: &Question,
    named: Option<Personnummer>,
    documents: Vec<(Part, String, Node)>,
    parts: &mut [PartOutcome],
    faults: &mut Vec<Fault>,
    notes: &Notes,
) -> Result<(Section, bool), Refused> {
    let names: Vec<Named> = documents.iter().map(|(_, _, root)| root.names(&question.person)).collect();
    let foreign = names.contains(&Named::Others);
    if foreign && !names.contains(&Named::Asked) {
        return Err(Refused::ANOTHER_PERSON);
    }
    let person = named.clone().or_else(|| names.contains(&Named::Asked).then(|| question.person.clone()));
    let (mut section, mut flagged) = (Section { person, ..Section::default() }, false);
    let mut of_nobody = false;
    for ((part, text, mut root), names) in documents.into_iter().zip(names) {
        // Every part has its line.
        let Some(told) = parts.iter_mut().find(|told| told.part == part.name()) else { continue };
        let refused = match names {
            Named::Asked if root.names_two(&question.person) => Some(Refused::SEVERAL_PERSONS),
            Named::Others => Some(Refused::ANOTHER_PERSON),
            Named::Nobody if foreign && named.is_none() => Some(Refused::ANOTHER_PERSON),
            Named::Asked | Named::Nobody => None,
        };
        if let Some(refused) = refused {
            // A flag in what is not passed on is nobody's that we could tell, and counts.
            flagged |= flags::in_bytes(text.as_bytes()) > 0;
            (told.outcome, told.code) = (broken(&part, refused, notes), None);
            continue;
        }
        let before = section.clone();
        let found = failing::judge(&root, &question.person);
        let left_out = facts::take_in(&mut root, Some(part), &question.person, &mut section, notes);
        if left_out && told.outcome == Outcome::Answered {
            told.outcome = Outcome::AnsweredInPart;
        }
        if found != Found::Nothing {
            let fault = failing::fault(&root, Some(part.name()));
            told.code = soap_answer::code(&fault.code).or(told.code.take());
            told.outcome = Outcome::AnsweredInPart;
            faults.push(fault);
            notes.lose(part.name());
        }
        // A failure is none, whomever it names; nor is a document that names nobody and tells nothing that is known.
        let alone = found == Found::Alone || names == Named::Nobody;
        let tells = facts::count(&section) > facts::count(&before);
        if tells && names == Named::Nobody && named.is_none() {
            of_nobody = true;
            section = before;
            flagged |= flags::in_bytes(text.as_bytes()) > 0;
            (told.outcome, told.code) = (broken(&part, Refused::NOBODY_NAMED, notes), None);
            continue;
        }
        if alone && !tells {
            notes.lose(part.name());
            flagged |= flags::in_bytes(text.as_bytes()) > 0;
            told.outcome = Outcome::FailedAtSource;
            continue;
        }
        section.documents.push(Document::verbatim(Some(part), text));
    }
    if of_nobody && section.documents.is_empty() {
        return Err(Refused::NOBODY_NAMED);
    }
    reduce::documents(&mut section, &question.person);
    Ok((section, flagged))
}

/// By its code, or in words.
fn says_404(fault: &Fault) -> bool {
    let says = |text: &str| text.split(|c: char| !c.is_ascii_digit()).any(|number| number == "404");
    fault.code.trim() == "404" || fault.texts.iter().any(|text| says(text)) || says(&fault.code)
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
