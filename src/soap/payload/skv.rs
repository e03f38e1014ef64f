//! Skatteverket: its documents are carried verbatim, so they are what the contract carries, or nothing is.

use ssbtek_domain::{
    HoldBack, Outcome, PartOutcome,
    sections::skv::{Part, Section},
};

use super::{alone_with_text, elements, protected};
use crate::{
    AgencyAnswer, AgencyError, Answered, Asked, FaultCode, PartAnswer, Payload, SkvForm, SkvParts, Version,
};

pub(super) fn write(
    version: Version,
    asked: &Asked,
    facts: &Section,
    answered: &Answered<'_>,
) -> AgencyAnswer {
    match version.skv() {
        SkvForm::Document => one_document(facts, answered.held_back),
        SkvForm::Parts => parts(asked, facts, answered),
    }
}

/// v10: one XML document as text.
fn one_document(facts: &Section, held_back: HoldBack) -> AgencyAnswer {
    match facts.documents.iter().find(|document| document.part.is_none()).map(|document| &document.text) {
        Some(Some(text)) => elements(vec![alone_with_text("", "svar", text)]),
        Some(None) => AgencyAnswer::Error(protected(held_back)),
        None if facts.documents.iter().any(|document| document.text.is_none()) => {
            AgencyAnswer::Error(protected(held_back))
        }
        None => AgencyAnswer::Error(AgencyError::own(
            FaultCode::OtherVersion,
            "Skatteverket har svarat i fem delar, som version 10 inte kan bära: fråga i version 11",
        )),
    }
}

/// v11: each part asked for answers for itself.
fn parts(asked: &Asked, facts: &Section, answered: &Answered<'_>) -> AgencyAnswer {
    let wanted = Part::ALL.into_iter().filter(|part| is_wanted(asked, *part));
    let answer = |part: Part| {
        let document = facts.documents.iter().find(|document| document.part == Some(part));
        match document.map(|document| &document.text) {
            Some(Some(text)) => PartAnswer::Data(text.clone().into_bytes()),
            Some(None) => PartAnswer::Error(protected(answered.held_back)),
            None => PartAnswer::Error(absent(part, answered.parts)),
        }
    };
    let one_document = facts.documents.iter().any(|document| document.part.is_none());
    let no_parts = facts.documents.iter().all(|document| document.part.is_none());
    if one_document && no_parts {
        return AgencyAnswer::Error(AgencyError::own(
            FaultCode::OtherVersion,
            "Skatteverket har svarat i ett dokument, som version 11 inte kan bära: fråga i version 10",
        ));
    }
    AgencyAnswer::Data(Payload::Parts(SkvParts {
        parts: wanted.map(|part| (part, answer(part))).collect(),
        error: None,
    }))
}

fn absent(part: Part, outcomes: &[PartOutcome]) -> AgencyError {
    let told = outcomes.iter().find(|outcome| outcome.part == part.name());
    if told.is_none_or(|told| told.outcome == Outcome::Answered) {
        return AgencyError::own(
            FaultCode::OtherVersion,
            "Skatteverkets svar på delen finns i en form som inte kan bäras här",
        );
    }
    told.and_then(|told| AgencyError::of_outcome(told.outcome, told.code.as_deref()))
        .or_else(|| AgencyError::of_outcome(Outcome::FailedAtSource, None))
        .unwrap_or_else(|| protected(HoldBack::Whereabouts))
}

fn is_wanted(asked: &Asked, part: Part) -> bool {
    match asked {
        Asked::Skv(request) => request.parts().contains(&part),
        _ => true,
    }
}
