//! What every answer must hold to, whatever its wire format.

use ssbtek_domain::{Question, Source, sections::Section};

use crate::Refused;

/// The facts must be of the agency asked and about the person asked about.
pub(crate) fn check(section: &Section, source: &Source, question: &Question) -> Result<(), Refused> {
    if section.agency() != source.agency() {
        return Err(Refused("the answer holds another agency's facts"));
    }
    match section.facts().person() {
        Some(person) if *person != question.person => Err(Refused("the answer is about another person")),
        _ => Ok(()),
    }
}

/// Tells the operator that a source's answer was refused whole: which source and which rule, nothing else.
pub(crate) fn alarm(source: &Source, refused: Refused) {
    tracing::warn!(alarm = "answer_refused", source = source.code(), reason = refused.0, "answer refused");
}
