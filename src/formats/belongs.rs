//! What every answer must hold to, whatever its wire format.

use ssbtek_domain::{Note, ProtectionSignal, Question, Source, SourceAnswer, sections::Section};

use crate::{RefusalCode, Refused};

/// The facts must be of the agency asked and about the person asked about.
pub fn check(section: &Section, source: &Source, question: &Question) -> Result<(), Refused> {
    if section.agency() != source.agency() {
        return Err(Refused("the answer holds another agency's facts", RefusalCode::AnotherAgency));
    }
    match section.facts().person() {
        Some(person) if *person != question.person => Err(Refused::ANOTHER_PERSON),
        _ => Ok(()),
    }
}

/// Leaves behind what is of a kind of information that was not asked for, with a note; and then the bytes too, which hold it.
pub fn leave_behind(mut answer: SourceAnswer, question: &Question) -> SourceAnswer {
    let Some(section) = &mut answer.section else { return answer };
    let flagged = is_flagged(section);
    let left_out = section.keep_only(&question.kinds);
    // A flag counts wherever it stood.
    answer.unread_flag |= flagged && !is_flagged(section);
    if !left_out.is_empty() {
        answer.original = None;
    }
    answer.notes.extend(left_out.into_iter().map(|kind| Note::NotAskedFor(kind.name())));
    answer
}

fn is_flagged(section: &Section) -> bool {
    match section.facts().protection() {
        ProtectionSignal::Sekretessmarkering | ProtectionSignal::SkyddadFolkbokforing => true,
        ProtectionSignal::CannotSay | ProtectionSignal::Unsaid | ProtectionSignal::NotProtected => false,
    }
}

/// Tells the operator that one part of a source's answer was refused, and the others were not.
pub(crate) fn alarm_part(source: &Source, part: &'static str, refused: Refused) {
    tracing::warn!(
        alarm = "answer_refused",
        source = source.code(),
        part,
        reason = refused.0,
        code = refused.code().as_str(),
        "part of an answer refused"
    );
}
