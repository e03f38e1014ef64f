//! From an answer's bytes to what the broker makes of them: one way for a connector that has just received them and for a stored
//! recording.

use ssbtek_domain::{Note, Outcome, Question, Source, SourceAnswer};

use crate::{Codec, HttpAnswer, Refused, belongs, failure, flags, unreadable};

/// The outcome where what was told may not be all.
fn less_than_whole(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Answered => Outcome::AnsweredInPart,
        Outcome::NoSuchPerson => Outcome::FailedAtSource,
        outcome => outcome,
    }
}

/// Whether a body is one that a browser shows: a gateway's, a log-in's, whatever else its bytes look like.
fn is_page(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(media_type.as_str(), "text/html" | "application/xhtml+xml")
}

/// What was made of one answer.
pub struct ReadAnswer {
    /// Outcome, parts, facts, notes; without facts where the answer was refused whole.
    pub answer: SourceAnswer,
    /// Why it was refused whole, if it was.
    pub refused: Option<Refused>,
}

/// Reads an answer to `question` as `codec` has it. What `source` answers must be its own facts, about the person asked about.
pub fn read_answer(
    codec: &dyn Codec,
    source: &Source,
    question: &Question,
    answer: HttpAnswer,
) -> ReadAnswer {
    // Before the body is handed on: flags are looked for in all of it, and also where it is refused.
    let flags = flags::in_bytes(&answer.body);
    let status = answer.status;
    let is_page = (200..300).contains(&status) && answer.content_type.as_deref().is_some_and(is_page);
    let read = if unreadable::is_compressed(&answer.body) {
        Err(Refused::COMPRESSED)
    } else if is_page {
        Err(Refused::breach("the answer is a page for people"))
    } else {
        codec.answer(question, answer)
    };
    let read = read.and_then(|answer| match &answer.section {
        Some(section) => belongs::check(section, source, question).map(|()| answer),
        None => Ok(answer),
    });
    let refused = read.as_ref().err().copied();
    // An answer that is refused is nobody's word about anything, but for a flag of protected identity.
    let mut answer =
        read.unwrap_or_else(|_| SourceAnswer::without_facts(source.clone(), Outcome::AnswerRefused));
    let mut said = answer.faults.iter().flat_map(|fault| &fault.texts);
    // Who says that something broke, or is shut, has not looked for anybody.
    if answer.outcome == Outcome::NoSuchPerson && !said.all(|text| failure::goes_with_nobody(text)) {
        answer.outcome = Outcome::FailedAtSource;
        let parts = answer.parts.iter_mut().filter(|part| part.outcome == Outcome::NoSuchPerson);
        parts.for_each(|part| part.outcome = Outcome::FailedAtSource);
    }
    // A part, or word that somebody will look: what it holds is what there was to be had.
    if (201..300).contains(&status) {
        answer.outcome = less_than_whole(answer.outcome);
        answer.parts.iter_mut().for_each(|part| part.outcome = less_than_whole(part.outcome));
        answer.notes.push(Note::NotUnderstood("HTTP"));
    }
    answer.unread_flag |= flags::unread(flags, answer.section.as_ref());
    // One codec may serve several sources, such as the funds.
    answer.source = source.clone();
    ReadAnswer { answer, refused }
}
