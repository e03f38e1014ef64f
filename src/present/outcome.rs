//! What became of a source, in words, and what to do about it.

use ssbtek_domain::Agency;
use ssbtek_proto::{agency::v1::Outcome, broker::v1::SourceReport};

use crate::{Language, sources::name, texts::outcomes as t};

/// Whether the source spoke for itself on everything it was asked.
pub fn is_conclusive(outcome: i32) -> bool {
    matches!(Outcome::try_from(outcome), Ok(Outcome::Answered | Outcome::NoSuchPerson))
}

/// Whether the source was never meant to speak.
pub fn is_unasked(outcome: i32) -> bool {
    matches!(Outcome::try_from(outcome), Ok(Outcome::NotAsked | Outcome::NotPermitted))
}

/// The outcome of one source.
pub fn phrase(outcome: i32, language: Language) -> &'static str {
    let text = match Outcome::try_from(outcome) {
        Ok(Outcome::NotAsked) => t::not_asked,
        Ok(Outcome::NotPermitted) => t::not_permitted,
        Ok(Outcome::Answered) => t::answered,
        Ok(Outcome::AnsweredInPart) => t::in_part,
        Ok(Outcome::NoSuchPerson) => t::no_such_person,
        Ok(Outcome::FailedAtSource) => t::failed,
        Ok(Outcome::TimedOut) => t::timed_out,
        Ok(Outcome::NotReachable) => t::not_reachable,
        Ok(Outcome::IdentityRefused) => t::identity_refused,
        Ok(Outcome::AnswerRefused) => t::answer_refused,
        Ok(Outcome::Unspecified) | Err(_) => t::not_known,
    };
    text(language)
}

/// The outcome in a count or in brackets: `23 answered, 1 timed out`.
pub fn short(outcome: i32, language: Language) -> &'static str {
    let text = match Outcome::try_from(outcome) {
        Ok(Outcome::NotAsked) => t::not_asked_short,
        Ok(Outcome::NotPermitted) => t::not_permitted_short,
        Ok(Outcome::Answered) => t::answered,
        Ok(Outcome::AnsweredInPart) => t::in_part_short,
        Ok(Outcome::NoSuchPerson) => t::no_such_person_short,
        Ok(Outcome::FailedAtSource) => t::failed_short,
        Ok(Outcome::TimedOut) => t::timed_out_short,
        Ok(Outcome::NotReachable) => t::not_reachable_short,
        Ok(Outcome::IdentityRefused) => t::identity_refused_short,
        Ok(Outcome::AnswerRefused) => t::answer_refused_short,
        Ok(Outcome::Unspecified) | Err(_) => t::not_known,
    };
    text(language)
}

/// What to do about a source that has not spoken in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// In words.
    pub text: String,
    /// Whether asking the source again may help.
    pub ask_again: bool,
}

/// Advice about one source; `None` where there is nothing to do.
pub fn advice(source: &SourceReport, language: Language) -> Option<Advice> {
    let who = name(&source.source);
    let whom = silent(source);
    let whom = if whom.is_empty() { who.to_owned() } else { whom.join(", ") };
    let (sentences, ask_again) = match Outcome::try_from(source.outcome) {
        Ok(Outcome::TimedOut | Outcome::NotReachable | Outcome::FailedAtSource | Outcome::AnsweredInPart) => {
            (vec![t::ask_again(language, who), t::then_telephone(language, whom)], true)
        }
        Ok(Outcome::AnswerRefused | Outcome::IdentityRefused) => {
            (vec![t::tell_operator(language).to_owned(), t::telephone(language, whom)], false)
        }
        Ok(Outcome::NotPermitted) => (vec![t::see_agreement(language).to_owned()], false),
        Ok(Outcome::NotAsked) => (vec![t::ask_if_needed(language, who)], true),
        Ok(Outcome::Answered | Outcome::NoSuchPerson) => return None,
        Ok(Outcome::Unspecified) | Err(_) => (vec![t::telephone(language, whom)], false),
    };
    let says_nothing = !is_unasked(source.outcome) && is_paying(&source.source);
    let says_nothing = says_nothing.then(|| t::says_nothing(language).to_owned());
    let text = says_nothing.into_iter().chain(sentences).collect::<Vec<_>>().join(" ");
    Some(Advice { text, ask_again })
}

/// The parts that have not spoken, by their own names.
fn silent(source: &SourceReport) -> Vec<String> {
    let silent = source.parts.iter().filter(|part| !is_conclusive(part.outcome) && !is_unasked(part.outcome));
    silent.map(|part| name(&part.part).to_owned()).collect()
}

/// Whether the source states income.
fn is_paying(code: &str) -> bool {
    crate::payments::PAYING.contains(&code) || code == Agency::Skv.code()
}
