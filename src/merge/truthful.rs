//! An answer may not claim more than its own facts do, whatever wire it came over. Connectors look too; this is where it
//! is promised.

use ssbtek_domain::{Outcome, Personnummer, Source, SourceAnswer, sections::Section};

use crate::named::{MAX_NAMED, named};

/// Why an answer is refused here.
enum Fault {
    OtherPerson,
    FactsAboutNobody,
    NotOneFund,
    TooManyOthers,
}

/// The answer with its outcome held to its facts; and whether it was about another person.
pub(crate) fn hold(mut answer: SourceAnswer, person: &Personnummer) -> (SourceAnswer, bool) {
    match fault(&answer, person) {
        Some(fault) => {
            let reason = match fault {
                Fault::OtherPerson => "the answer is about another person",
                Fault::FactsAboutNobody => "there are facts about a person who is said not to be there",
                Fault::NotOneFund => "a fund answered with more or less than one entry",
                Fault::TooManyOthers => "the answer names more others than anybody can have to do with",
            };
            tracing::error!(
                alarm = "answer_refused",
                source = answer.source.code(),
                reason,
                "answer refused"
            );
            // Nobody's word about anything, but for a flag of protected identity.
            let unread_flag = answer.unread_flag
                || answer.section.as_ref().is_some_and(|section| section.facts().flags() > 0);
            let refused = SourceAnswer::without_facts(answer.source, Outcome::AnswerRefused);
            let refused = SourceAnswer { unread_flag, ..refused };
            (refused, matches!(fault, Fault::OtherPerson))
        }
        None => {
            if answer.outcome == Outcome::Answered && says_that_it_failed(&answer) {
                answer.outcome = Outcome::AnsweredInPart;
            }
            (answer, false)
        }
    }
}

fn fault(answer: &SourceAnswer, person: &Personnummer) -> Option<Fault> {
    let section = answer.section.as_ref()?;
    if section.facts().person().is_some_and(|about| about != person) {
        return Some(Fault::OtherPerson);
    }
    if answer.outcome == Outcome::NoSuchPerson && !section.facts().payments().is_empty() {
        return Some(Fault::FactsAboutNobody);
    }
    if named(person, answer).len() > MAX_NAMED {
        return Some(Fault::TooManyOthers);
    }
    let funds = match (section, &answer.source) {
        (Section::So(so), Source::Fund(_)) => Some(so.funds.len()),
        _ => None,
    };
    funds.is_some_and(|funds| funds != 1).then_some(Fault::NotOneFund)
}

/// A part that did not speak, AF's own look-up code, a fund's own status.
fn says_that_it_failed(answer: &SourceAnswer) -> bool {
    let silent = |outcome: Outcome| !outcome.is_conclusive() && outcome != Outcome::NotAsked;
    if answer.parts.iter().any(|part| silent(part.outcome)) {
        return true;
    }
    answer.section.as_ref().is_some_and(|section| section.facts().outcomes().into_iter().any(silent))
}
