//! What every answer must hold to, whatever its wire format.

use ssbtek_domain::{Note, ProtectionSignal, Question, Source, SourceAnswer, sections::Section};
use ssbtek_pki::IdentityRefusal;

use crate::{RefusalCode, Refused};

/// The facts must be of the agency asked and about the person asked about.
pub(crate) fn check(section: &Section, source: &Source, question: &Question) -> Result<(), Refused> {
    if section.agency() != source.agency() {
        return Err(Refused("the answer holds another agency's facts", RefusalCode::AnotherAgency));
    }
    match section.facts().person() {
        Some(person) if *person != question.person => Err(Refused::ANOTHER_PERSON),
        _ => Ok(()),
    }
}

/// Leaves behind what is of a kind of information that was not asked for, with a note; and then the bytes too, which hold it.
pub(crate) fn leave_behind(mut answer: SourceAnswer, question: &Question) -> SourceAnswer {
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

/// Tells the operator that somebody else answered in a source's name: which source and why, nothing of the question.
pub(crate) fn impostor(source: &Source, refusal: IdentityRefusal) {
    let reason = refusal.to_string();
    tracing::error!(
        alarm = "identity_refused",
        source = source.code(),
        reason,
        "source could not prove who it is"
    );
}

/// Tells that a question was put once more, since the first time it was certainly not processed; and why that is certain.
pub(crate) fn asked_again(source: &Source, because: Unprocessed) {
    tracing::info!(source = source.code(), reason = because.as_str(), "asked once more");
}

/// Why a question was certainly not processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unprocessed {
    /// The connection that was kept turned out to be dead before anything was sent.
    DeadConnection,
    /// The source refused the stream.
    RefusedStream,
    /// The source is going away, and the last stream it looks at is an earlier one.
    GoAway,
}

impl Unprocessed {
    fn as_str(self) -> &'static str {
        match self {
            Unprocessed::DeadConnection => "dead_connection",
            Unprocessed::RefusedStream => "refused_stream",
            Unprocessed::GoAway => "go_away",
        }
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

/// Tells the operator that a source's answer was refused whole: which source and which rule, nothing else.
pub(crate) fn alarm(source: &Source, refused: Refused) {
    tracing::warn!(
        alarm = "answer_refused",
        source = source.code(),
        reason = refused.0,
        code = refused.code().as_str(),
        "answer refused"
    );
}
