//! What an answer is held to.

use std::time::Duration;

use ssbtek_domain::{Note, Outcome, ProtectionSignal, SourceAnswer, verdict::is_known_part};

use crate::{Check, CheckReport, Heard};

/// One answer and how long it took.
pub(crate) struct Timed {
    pub(crate) answer: SourceAnswer,
    pub(crate) took: Duration,
    /// Why it was refused, where that is known.
    pub(crate) reasons: Vec<String>,
}

/// What kind of answer is right.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expect {
    /// Facts, or that there are none, in full.
    Spoken,
    /// That there is no such person, or an empty answer.
    Absence,
    /// As `Spoken`, or that the service does not take the question.
    SpokenOrRefusedByService,
}

/// Notes what was heard and every deviation.
pub(crate) fn answer(report: &mut CheckReport, timed: &Timed, expect: Expect, slow: Duration) {
    let Timed { answer, took, reasons } = timed;
    report.heard.push(Heard::of(answer, u64::try_from(took.as_millis()).unwrap_or(u64::MAX)));
    if *took > slow {
        report.deviates(format!("an answer took more than {} ms", slow.as_millis()));
    }
    outcome(report, answer, expect, reasons);
    notes(report, answer);
    if expect == Expect::Spoken {
        parts(report, answer);
        facts(report, answer);
    }
}

/// The same of an answer that was stored, of which neither time nor person is known.
pub(crate) fn stored(report: &mut CheckReport, answer: &SourceAnswer, reasons: Vec<String>) {
    outcome(report, answer, Expect::Spoken, &reasons);
    notes(report, answer);
    parts(report, answer);
    facts(report, answer);
}

fn outcome(report: &mut CheckReport, answer: &SourceAnswer, expect: Expect, reasons: &[String]) {
    match answer.outcome {
        Outcome::Answered if expect == Expect::Absence && !says_nothing(answer) => {
            report.deviates("facts were told about a person that nobody knows");
        }
        Outcome::Answered | Outcome::NoSuchPerson => {}
        Outcome::AnsweredInPart if expect != Expect::Absence => {
            report.deviates("only a part was answered");
        }
        Outcome::FailedAtSource if expect == Expect::SpokenOrRefusedByService => {}
        Outcome::FailedAtSource if expect == Expect::Absence => report.deviates(
            "a person who is not there looks like a failure; if the code above means `no such person`, say so in the \
             source's options",
        ),
        Outcome::AnsweredInPart => report.deviates("a person who is not there looks like a failure of a part"),
        Outcome::FailedAtSource => report.deviates("the service says that it failed"),
        Outcome::TimedOut => report.deviates("no answer in time"),
        Outcome::IdentityRefused => report.deviates("the service's certificate is not the agency's, or has expired or been revoked"),
        Outcome::NotReachable => report.deviates("the service could not be reached or said that it is closed"),
        Outcome::AnswerRefused if reasons.is_empty() => {
            report.deviates("the answer breaks its contract or is about another person");
        }
        Outcome::AnswerRefused => {
            for reason in reasons {
                report.deviates(format!("the answer is refused: {reason}"));
            }
        }
        Outcome::NotAsked | Outcome::NotPermitted => report.deviates("an outcome that only the broker can state"),
    }
}

/// Whether an answer holds no payment and no name.
fn says_nothing(answer: &SourceAnswer) -> bool {
    answer.section.as_ref().is_none_or(|section| {
        let facts = section.facts();
        facts.payments().is_empty() && facts.name().is_none()
    })
}

fn notes(report: &mut CheckReport, answer: &SourceAnswer) {
    for note in &answer.notes {
        match note {
            Note::UnknownCode(field) => {
                report.deviates(format!("`{field}` holds a code outside the published list"))
            }
            Note::PerhapsTruncated(list) => report.remarks(format!("`{list}` is as long as it can be")),
            Note::CaseAlias(_) => {}
            Note::NotAskedFor(kind) => report.remarks(format!("`{kind}` was answered and not asked for")),
            Note::CannotBeAsked(rule) => report.remarks(format!("not sent: {rule}")),
            Note::Missing(field) => {
                report.deviates(format!("`{field}` is not there, and the contract has it"))
            }
            Note::NotUnderstood(field) => report.deviates(format!("`{field}` cannot be understood")),
            Note::PassedOver(place) => {
                report.remarks(format!("`{place}` holds what the contract does not have"))
            }
            Note::Rounded(field) => report.deviates(format!("`{field}` is no exact amount")),
            Note::OtherVersion(what) => {
                report.remarks(format!("`{what}` is of another version of the contract"))
            }
            Note::PeriodNarrowed(_) | Note::PeriodWidened(_) => {}
        }
    }
}

fn parts(report: &mut CheckReport, answer: &SourceAnswer) {
    for (n, part) in answer.parts.iter().enumerate() {
        let known = is_known_part(&part.part);
        let name = if known { part.part.clone() } else { format!("part {}", n + 1) };
        if !part.outcome.is_conclusive() {
            report.deviates(format!("{name}: {}", part.outcome));
        }
    }
}

fn facts(report: &mut CheckReport, answer: &SourceAnswer) {
    let Some(section) = &answer.section else { return };
    let facts = section.facts();
    if answer.source.agency().can_flag_protection() && facts.protection() == ProtectionSignal::Unsaid {
        report.deviates("it is not said whether the person is protected; the broker then withholds what could locate anybody");
    }
    if facts.person().is_none() && report.check == Check::Ordinary {
        report.remarks("the answer does not say whom it is about");
    }
}
