//! One line per agency, and under it what a reader must know before trusting a gap.

use std::collections::BTreeMap;

use ssbtek_domain::Agency;
use ssbtek_proto::{
    agency::v1::PartOutcome,
    broker::v1::{AskResponse, SourceReport},
};

use super::phrases::{count, period};
use crate::{
    page::Page,
    words::{is_conclusive, is_unasked, note_phrase, outcome_phrase, outcome_short},
};

/// Room for the longest name of an agency.
const NAME_COLUMNS: usize = 27;

/// `withheld_told`: what is held back was told before.
pub(super) fn sources(page: &mut Page, answer: &AskResponse, withheld_told: bool) {
    page.heading("Sources");
    for source in &answer.sources {
        line(page, source);
        parts(page, source);
        for note in &source.notes {
            let asked = source.period.as_ref().filter(|_| note_phrase(note.kind).starts_with("asked about"));
            let asked = asked.map(|asked| format!(" (asked about {})", period(asked))).unwrap_or_default();
            page.line(6, &format!("{}: {}{asked}", note_phrase(note.kind), note.detail));
        }
        if !source.withheld.is_empty() && !withheld_told {
            page.line(6, &format!("held back, as it is about others: {}", source.withheld.join(", ")));
        }
        if !source.originals.is_empty() {
            let originals = count(source.originals.len(), "original came along", "originals came along");
            page.line(6, &format!("{originals}; --json shows them"));
        }
    }
}

/// The agency's own name; its code where this client is older than the agency.
pub(super) fn name(code: &str) -> &str {
    match Agency::parse(code) {
        Ok(agency) => agency.name(),
        Err(_) => code,
    }
}

/// An agency and what became of it, or `waiting` of one that has not answered.
pub(crate) fn told(code: &str, source: Option<&SourceReport>, waiting: &str) -> String {
    let fault = source.and_then(|source| source.fault_code.as_ref());
    let fault = fault.map(|code| format!(" (fault code {code})")).unwrap_or_default();
    let outcome = source.map_or(waiting, |source| outcome_phrase(source.outcome));
    format!("{code:<4} {:<NAME_COLUMNS$} {outcome}{fault}", name(code))
}

fn line(page: &mut Page, source: &SourceReport) {
    let text = told(&source.source, Some(source), "");
    if is_conclusive(source.outcome) || is_unasked(source.outcome) {
        page.line(2, &text);
    } else {
        page.loud(2, &text);
    }
}

fn parts(page: &mut Page, source: &SourceReport) {
    if source.source == Agency::So.code() && !source.parts.is_empty() {
        page.line(6, &funds(&source.parts));
        return;
    }
    for part in source.parts.iter().filter(|part| !is_conclusive(part.outcome)) {
        page.line(6, &format!("{}: {}{}", part.part, outcome_phrase(part.outcome), code(part)));
    }
}

/// `24 funds: 23 answered, 1 timed out (Unionens a-kassa)`.
fn funds(parts: &[PartOutcome]) -> String {
    let mut by_outcome: BTreeMap<i32, Vec<&PartOutcome>> = BTreeMap::new();
    for part in parts {
        by_outcome.entry(part.outcome).or_default().push(part);
    }
    // Those that spoke first.
    let mut groups: Vec<_> = by_outcome.into_iter().collect();
    groups.sort_by_key(|(outcome, _)| !is_conclusive(*outcome));
    let groups: Vec<String> = groups
        .into_iter()
        .map(|(outcome, parts)| {
            let said = format!("{} {}", parts.len(), outcome_short(outcome));
            if is_conclusive(outcome) {
                return said;
            }
            let names: Vec<String> =
                parts.iter().map(|part| format!("{}{}", part.part, code(part))).collect();
            format!("{said} ({})", names.join(", "))
        })
        .collect();
    format!("{}: {}", count(parts.len(), "fund", "funds"), groups.join(", "))
}

fn code(part: &PartOutcome) -> String {
    part.code.as_ref().map(|code| format!(" [code {code}]")).unwrap_or_default()
}
