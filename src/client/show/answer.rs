//! A merged answer: who, protection, sources, payments, facts, contradictions, and where it is logged.

use ssbtek_domain::verdicts::is_withheld_name;
use ssbtek_proto::broker::v1::{AskRequest, AskResponse, Protection, ProtectionReport, SourceReport};

use super::{facts, payments, phrases::moment, sources};
use crate::{
    page::{Page, Screen},
    words,
};

/// What became of checking the answer's own receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptCheck {
    /// The log's key is not known here.
    NoKey,
    /// It proves that the answer was logged.
    Holds,
    /// It does not, for this reason.
    Fails(String),
}

/// The answer as text for people; `question` is what was asked.
pub fn answer(question: &AskRequest, answer: &AskResponse, receipt: &ReceiptCheck, screen: Screen) -> String {
    let mut page = Page::new(screen);
    heading(&mut page, question, answer);
    page.blank();
    let withheld_told = protection(&mut page, answer);
    page.blank();
    sources::sources(&mut page, answer, withheld_told);
    page.blank();
    payments::payments(&mut page, answer);
    facts::facts(&mut page, answer);
    discrepancies(&mut page, answer);
    page.blank();
    logged(&mut page, answer, receipt);
    page.into_text()
}

fn heading(page: &mut Page, question: &AskRequest, answer: &AskResponse) {
    page.heading(&format!(
        "{} · {} · case {}",
        answer.person_number,
        words::role_phrase(answer.role),
        question.case_id
    ));
    let period = question.period.as_ref();
    let (from, to) = period.map_or(("", ""), |period| (&period.from, &period.to));
    page.line(0, &format!("asked {} about {from} to {to}", moment(&answer.asked_at)));
    if answer.provisional_case {
        page.loud(0, "PROVISIONAL CASE: first contact, not yet confirmed; it lapses unless it is.");
    }
    if answer.complete {
        page.line(0, "Every source that was asked has answered in full.");
    } else {
        page.loud(0, "ANSWERED IN PART: what the sources below did not answer is not known.");
    }
}

/// Says whether it told what is held back.
fn protection(page: &mut Page, answer: &AskResponse) -> bool {
    let unsettled = ProtectionReport::default();
    let report = answer.protection.as_ref().unwrap_or(&unsettled);
    let said_by = report.said_by.join(", ");
    match Protection::try_from(report.level) {
        Ok(Protection::None) => {
            page.line(0, "Protected identity: no. Every source that can say so was asked and said no.");
            if !for_another(page, report) {
                return false;
            }
            held_back(page, answer, "What tells where the household lives is held back");
            return true;
        }
        Ok(Protection::Sekretessmarkering) => {
            page.loud(0, &format!("PROTECTED IDENTITY: SEKRETESSMARKERING, said by {said_by}."));
        }
        Ok(Protection::SkyddadFolkbokforing) => {
            page.loud(0, &format!("PROTECTED IDENTITY: SKYDDAD FOLKBOKFÖRING, said by {said_by}."));
        }
        Ok(Protection::NotKnown | Protection::Unspecified) | Err(_) => {
            page.loud(0, "PROTECTED IDENTITY: NOT KNOWN. Treat the person as protected.");
        }
    }
    if !report.silent.is_empty() {
        page.line(2, &format!("Could have said so and did not: {}.", report.silent.join(", ")));
    }
    for_another(page, report);
    held_back(page, answer, "What could locate the person is held back");
    true
}

/// Says whether, and by whom, somebody else in the answer or the household is said to be protected.
fn for_another(page: &mut Page, report: &ProtectionReport) -> bool {
    if !report.others_said_by.is_empty() {
        let said_by = report.others_said_by.join(", ");
        page.loud(0, &format!("ANOTHER PERSON IN THE ANSWER HAS A PROTECTED IDENTITY, said by {said_by}."));
    }
    if report.household_protected {
        page.loud(
            0,
            "A MEMBER OF THE HOUSEHOLD HAS A PROTECTED IDENTITY, says the case or an earlier answer.",
        );
    }
    if report.household_not_checked {
        page.loud(0, "ANOTHER ADULT OF THE HOUSEHOLD HAS NOT BEEN ASKED ABOUT LATELY. Ask about everybody, then again.");
    }
    if !report.others_not_known_by.is_empty() {
        let by = report.others_not_known_by.join(", ");
        page.loud(
            0,
            &format!(
                "ANOTHER PERSON IN THE ANSWER MAY HAVE A PROTECTED IDENTITY: {by} says neither yes nor no."
            ),
        );
    }
    report.household_protected
        || report.household_not_checked
        || !report.others_said_by.is_empty()
        || !report.others_not_known_by.is_empty()
}

/// What is held back for somebody's protection, and apart from it what always is, being about others.
fn held_back(page: &mut Page, answer: &AskResponse, what: &str) {
    let fields = |locating: bool| -> Vec<String> {
        let of = |source: &SourceReport| {
            let names = source.withheld.iter().filter(|name| is_locating(&source.source, name) == locating);
            names.map(String::as_str).collect::<Vec<_>>().join(", ")
        };
        let named = answer.sources.iter().map(|source| (source.source.as_str(), of(source)));
        named.filter(|(_, names)| !names.is_empty()).map(|(code, names)| format!("{code} {names}")).collect()
    };
    let (locating, about_others) = (fields(true), fields(false));
    let named = !locating.is_empty();
    let locating = if locating.is_empty() { "no such field came".to_owned() } else { locating.join("; ") };
    page.line(2, &format!("{what}: {locating}."));
    if named {
        page.line(2, "Named whether or not anything was there.");
    }
    if !about_others.is_empty() {
        page.line(2, &format!("Held back, as always, as it is about others: {}.", about_others.join("; ")));
    }
}

/// Whether a field is held back for protection; the agencies' bytes are with what they hold.
fn is_locating(source: &str, name: &str) -> bool {
    name == "originals" || is_withheld_name(source, name)
}

fn discrepancies(page: &mut Page, answer: &AskResponse) {
    if answer.discrepancies.is_empty() {
        return;
    }
    page.blank();
    page.heading("Contradictions between sources");
    for found in &answer.discrepancies {
        page.line(2, &format!("{}: {}", found.sources.join(" and "), found.detail));
    }
}

fn logged(page: &mut Page, answer: &AskResponse, check: &ReceiptCheck) {
    page.line(0, &format!("Logged as entry {}.", answer.entry_id));
    let Some(receipt) = &answer.receipt else {
        page.loud(0, "RECEIPT: NONE CAME. That this answer was logged is not proven.");
        return;
    };
    let record = receipt.leaf_index;
    match check {
        ReceiptCheck::Holds => page.line(0, &format!("Receipt: record {record} of the board's log; it holds.")),
        ReceiptCheck::NoKey => page.line(
            0,
            &format!("Receipt: record {record} of the board's log; not checked, the log's public key is not known here."),
        ),
        ReceiptCheck::Fails(why) => page.loud(0, &format!("RECEIPT DOES NOT HOLD: {why}.")),
    }
}
