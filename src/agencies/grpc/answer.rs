//! Message → domain, or refusal.

use bytes::Bytes;
use prost::Message;
use ssbtek_domain::{
    Note, Original, Outcome, PartOutcome, Question, Source, SourceAnswer,
    sections::{Section, af},
};
use ssbtek_formats::{Notes, RefusalCode, Refused, belongs, skv::beside, tells_of_failure};
use ssbtek_proto::agency::v1 as proto;

/// Sub-sources in one answer.
const MAX_PARTS: usize = 64;
/// Characters of a sub-source's name.
const MAX_PART_NAME: usize = 100;
/// Characters of a code.
const MAX_CODE: usize = 64;

/// Reads a message that was received whole.
pub(super) fn read(
    source: &Source,
    question: &Question,
    bytes: Bytes,
    keep_original: bool,
) -> Result<SourceAnswer, Refused> {
    super::weigh::check(&bytes)?;
    let notes = Notes::about(&question.person);
    let own = super::whom::own(&bytes, &notes)?;
    let answer = proto::GetPersonFactsResponse::decode(own.as_slice())
        .map_err(|_| Refused::breach("the answer is not the contract's message"))?;
    let said = ssbtek_wire::outcome_from_proto(answer.outcome).map_err(|error| Refused::breach(error.0))?;
    check_person(said, &answer.person_number, question)?;
    let parts = parts(answer.parts)?;
    let section = answer.section.map(ssbtek_wire::section_from_proto).transpose();
    let mut section = section.map_err(|error| Refused::breach(error.0))?;
    let mut unreadable = vec![];
    match &mut section {
        Some(Section::Skv(skv)) => beside::documents(skv, &question.person, &notes)?,
        Some(Section::Fk(fk)) => {
            let left_out = fk.take_out_unreadable_figures();
            unreadable.extend((!left_out.is_empty()).then_some(Note::UnknownCode("figures.name")));
        }
        _ => {}
    }
    match (said, &section) {
        (Outcome::Answered | Outcome::AnsweredInPart, Some(section)) => {
            belongs::check(section, source, question)?;
        }
        (Outcome::Answered | Outcome::AnsweredInPart, None) => {
            return Err(Refused("an answer with facts has none", RefusalCode::Contradiction));
        }
        (Outcome::NoSuchPerson | Outcome::FailedAtSource, None) => {}
        (Outcome::NoSuchPerson | Outcome::FailedAtSource, Some(_)) => {
            return Err(Refused("an answer without facts has some", RefusalCode::Contradiction));
        }
        _ => return Err(Refused::breach("the outcome is not the agency's to give")),
    }
    let original =
        keep_original.then(|| Original { media_type: "application/protobuf", bytes: bytes.into() });
    let outcome = truthful(said, &parts);
    let answer = SourceAnswer {
        parts,
        section,
        original,
        notes: unreadable,
        ..SourceAnswer::without_facts(source.clone(), outcome)
    };
    Ok(belongs::leave_behind(notes.onto(answer), question))
}

/// An agency that failed may not know whom it was asked about; every other answer says.
fn check_person(said: Outcome, number: &str, question: &Question) -> Result<(), Refused> {
    if number == question.person.expose() || said == Outcome::FailedAtSource && number.is_empty() {
        Ok(())
    } else {
        Err(Refused::ANOTHER_PERSON)
    }
}

fn parts(parts: Vec<proto::PartOutcome>) -> Result<Vec<PartOutcome>, Refused> {
    if parts.len() > MAX_PARTS {
        return Err(Refused::breach("the answer has too many parts"));
    }
    parts.into_iter().map(part).collect()
}

fn part(part: proto::PartOutcome) -> Result<PartOutcome, Refused> {
    let part = ssbtek_wire::part_from_proto(part).map_err(|error| Refused::breach(error.0))?;
    let name = part.part.as_str();
    if name.is_empty() || name.chars().count() > MAX_PART_NAME || name.chars().any(char::is_control) {
        return Err(Refused::breach("a part has no usable name"));
    }
    let is_code = |code: &str| {
        code.len() <= MAX_CODE
            && code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    if part.code.as_deref().is_some_and(|code| !is_code(code)) {
        return Err(Refused::breach("a part's code is no code"));
    }
    // A failure's code is none of an answer. AF's own for "no report was handed in" is none of HTTP's.
    let is_afs = |code: &str| {
        part.part == af::Section::PART_REPORT && af::ReportMessage::from_code(code).outcome().is_conclusive()
    };
    let tells = |code: &str| tells_of_failure(code) && !is_afs(code);
    let failed = part.outcome.is_conclusive() && part.code.as_deref().is_some_and(tells);
    Ok(PartOutcome { outcome: if failed { Outcome::AnsweredInPart } else { part.outcome }, ..part })
}

/// An agency may not claim more than its parts do: one silent part, and the whole is an answer in part.
fn truthful(said: Outcome, parts: &[PartOutcome]) -> Outcome {
    let all_spoke = parts.iter().all(|part| part.outcome.is_conclusive());
    match said {
        Outcome::Answered if !all_spoke => Outcome::AnsweredInPart,
        Outcome::NoSuchPerson if !all_spoke => Outcome::FailedAtSource,
        _ => said,
    }
}

#[cfg(test)]
mod changed;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod whom_tests;
