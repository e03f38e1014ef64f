//! Skatteverket: its documents are carried verbatim, so they are what the contract carries, or nothing is.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::{
    HoldBack, Original, Outcome,
    sections::skv::{Part, Section},
};
use ssbtek_formats::skv::write::one_document as svar;
use ssbtek_xml::Limits;

use super::{elements, protected};
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
        SkvForm::Document => one_document(version, facts, answered),
        SkvForm::Parts => parts(asked, facts, answered),
    }
}

/// v10: one XML document as text. Where something was taken out of it, an error within says so: beside it there is no room.
fn one_document(version: Version, facts: &Section, answered: &Answered<'_>) -> AgencyAnswer {
    let held_back = || AgencyAnswer::Error(protected(answered.held_back));
    match facts.documents.iter().find(|document| document.part.is_none()).map(|document| &document.text) {
        Some(Some(text)) if answered.withheld => match with_error(version, text, answered.held_back) {
            Some(text) => elements(vec![svar(&text)]),
            None => held_back(),
        },
        Some(Some(text)) => elements(vec![svar(text)]),
        Some(None) => held_back(),
        None if facts.documents.iter().any(|document| document.text.is_none()) => held_back(),
        None => AgencyAnswer::Error(AgencyError::own(
            FaultCode::OtherVersion,
            "Skatteverket har svarat i fem delar, som version 10 inte kan bära: fråga i version 11",
        )),
    }
}

/// What is left of a document, with an error as its last child; `None` where nothing is left that says anything.
fn with_error(version: Version, text: &str, held_back: HoldBack) -> Option<String> {
    let root = ssbtek_xml::parse_str(text.trim(), &Limits::default()).ok()?;
    let at = text.rfind("</")?;
    let says = !root.elements().is_empty() || !root.trimmed().is_empty();
    let (head, tail) = text.split_at(at);
    says.then(|| format!("{head}{}{tail}", protected(held_back).alone(version)))
}

/// v11: each part asked for answers for itself; an error for the whole says that something was taken out.
fn parts(asked: &Asked, facts: &Section, answered: &Answered<'_>) -> AgencyAnswer {
    let wanted = Part::ALL.into_iter().filter(|part| is_wanted(asked, *part));
    let came = answered.original.map(as_it_came).unwrap_or_default();
    let answer = |part: Part| {
        let document = facts.documents.iter().find(|document| document.part == Some(part));
        match document.map(|document| &document.text) {
            Some(Some(text)) if answered.withheld && says_nothing(text) => {
                PartAnswer::Error(protected(answered.held_back))
            }
            Some(Some(text)) => match came.get(&part).filter(|base64| decodes_to(base64, text)) {
                Some(base64) => PartAnswer::AsItCame(base64.clone()),
                None => PartAnswer::Data(text.clone().into_bytes()),
            },
            Some(None) => PartAnswer::Error(protected(answered.held_back)),
            None => PartAnswer::Error(absent(part, answered)),
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
        error: whole(answered),
    }))
}

/// What concerns all parts: the agency's own error, and that something is held back.
fn whole(answered: &Answered<'_>) -> Option<AgencyError> {
    let held_back = answered.withheld.then(|| protected(answered.held_back));
    let told = answered.faults.iter().find(|fault| fault.part.is_none()).and_then(|fault| {
        let error = AgencyError::of_outcome(Outcome::FailedAtSource, None)?;
        Some(error.in_its_own_words(Some(fault)))
    });
    match (told, held_back) {
        (Some(told), Some(held_back)) => {
            Some(held_back.messages().iter().fold(told, |told, message| told.and(message.clone())))
        }
        (told, held_back) => told.or(held_back),
    }
}

/// The base64 of each part, letter for letter as the agency wrote it.
fn as_it_came(original: &Original) -> BTreeMap<Part, String> {
    let parts: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(without_mark(&original.bytes)).unwrap_or_default();
    let data = |part: Part| Some((part, parts.get(part.name())?.get("data")?.as_str()?.to_owned()));
    Part::ALL.into_iter().filter_map(data).collect()
}

fn decodes_to(base64: &str, text: &str) -> bool {
    let dense: String = base64.split_ascii_whitespace().collect();
    STANDARD.decode(dense).is_ok_and(|bytes| without_mark(&bytes) == text.as_bytes())
}

/// A byte order mark says nothing.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Whether no value is left in a document.
fn says_nothing(json: &str) -> bool {
    fn empty(value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::Null => true,
            serde_json::Value::Array(items) => items.iter().all(empty),
            serde_json::Value::Object(members) => members.values().all(empty),
            _ => false,
        }
    }
    serde_json::from_str(json).is_ok_and(|value| empty(&value))
}

fn absent(part: Part, answered: &Answered<'_>) -> AgencyError {
    let told = answered.parts.iter().find(|outcome| outcome.part == part.name());
    if told.is_none_or(|told| matches!(told.outcome, Outcome::Answered | Outcome::NotAsked)) {
        return AgencyError::own(
            FaultCode::OtherVersion,
            "Skatteverkets svar på delen finns i en form som inte kan bäras här",
        );
    }
    let fault = answered.faults.iter().find(|fault| fault.part.as_deref() == Some(part.name()));
    told.and_then(|told| AgencyError::of_outcome(told.outcome, told.code.as_deref()))
        .or_else(|| AgencyError::of_outcome(Outcome::FailedAtSource, None))
        .unwrap_or_else(|| protected(HoldBack::Whereabouts))
        .in_its_own_words(fault)
}

fn is_wanted(asked: &Asked, part: Part) -> bool {
    match asked {
        Asked::Skv(request) => request.parts().contains(&part),
        _ => true,
    }
}
