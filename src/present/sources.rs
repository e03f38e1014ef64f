//! One line for each agency, and under it what a reader must know before trusting a gap.

use std::collections::BTreeMap;

use ssbtek_domain::Agency;
use ssbtek_proto::{
    agency::v1::{Note, PartOutcome, note},
    broker::v1::SourceReport,
};

use crate::{
    Language, Sentence,
    outcome::{Advice, advice, is_conclusive, is_unasked, phrase, short},
    plain::plain,
    texts::{answer as t, notes},
    writing::period,
};

/// What became of one agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What became of it.
    pub outcome: String,
    /// It was asked and has not spoken in full.
    pub alarm: bool,
    /// Its parts, notes, what is held back.
    pub below: Vec<Sentence>,
    /// What to do about it.
    pub advice: Option<Advice>,
}

/// The agency's own name; its code where this room is older than the agency.
pub fn name(code: &str) -> &str {
    match code {
        "PM" => "Pensionsmyndigheten",
        code => Agency::parse(code).map_or(code, |agency| agency.name()),
    }
}

/// One source. `withheld_told`: what is held back was told before.
pub fn source(source: &SourceReport, withheld_told: bool, language: Language) -> Source {
    let mut below = parts(source, language);
    below.extend(source.notes.iter().map(|note| noted(note, source, language)));
    if !source.withheld.is_empty() && !withheld_told {
        below.push(Sentence::plain(&t::others_here(language, source.withheld.join(", "))));
    }
    match source.originals.len() {
        0 => {}
        1 => below.push(Sentence::plain(t::original(language))),
        many => below.push(Sentence::plain(&t::originals(language, many))),
    }
    if let Some(asked) = source.period.as_ref().filter(|_| !is_unasked(source.outcome)) {
        let asked = period(asked);
        let text = match source.legal_basis.as_str() {
            "" => t::asked_without_basis(language, asked),
            basis => t::asked_on(language, asked, basis),
        };
        below.push(Sentence::plain(&text).folded());
    }
    let fault = source.fault_code.as_ref().map(|code| format!(" ({})", t::fault_code(language, code)));
    Source {
        code: plain(&source.source),
        name: plain(name(&source.source)),
        outcome: plain(&format!("{}{}", phrase(source.outcome, language), fault.unwrap_or_default())),
        alarm: !is_conclusive(source.outcome) && !is_unasked(source.outcome),
        below,
        advice: advice(source, language),
    }
}

fn parts(source: &SourceReport, language: Language) -> Vec<Sentence> {
    if source.source == Agency::So.code() && !source.parts.is_empty() {
        return vec![Sentence::plain(&funds(&source.parts, language))];
    }
    let told = |part: &PartOutcome| {
        let text = format!("{}: {}{}", part.part, phrase(part.outcome, language), code(part, language));
        let sentence = Sentence::plain(&text);
        if is_conclusive(part.outcome) { sentence.folded() } else { sentence }
    };
    source.parts.iter().map(told).collect()
}

/// `24 funds: 23 answered, 1 timed out (Unionens a-kassa)`.
fn funds(parts: &[PartOutcome], language: Language) -> String {
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
            let said = format!("{} {}", parts.len(), short(outcome, language));
            if is_conclusive(outcome) {
                return said;
            }
            let names: Vec<String> =
                parts.iter().map(|part| format!("{}{}", part.part, code(part, language))).collect();
            format!("{said} ({})", names.join(", "))
        })
        .collect();
    match parts.len() {
        1 => t::funds_one(language, groups.join(", ")),
        many => t::funds(language, many, groups.join(", ")),
    }
}

fn code(part: &PartOutcome, language: Language) -> String {
    part.code.as_ref().map(|code| format!(" [{}]", t::a_code(language, code))).unwrap_or_default()
}

fn noted(note: &Note, source: &SourceReport, language: Language) -> Sentence {
    let (kind, about_time) = kind(note.kind);
    let (kind, detail) = (kind(language), notes::fixed(language, &note.detail));
    Sentence::plain(&match source.period.as_ref().filter(|_| about_time) {
        Some(asked) => t::told_note_asked(language, kind, detail, period(asked)),
        None => t::told_note(language, kind, detail),
    })
}

/// What kind of remark, and whether it is about the time asked about.
fn kind(kind: i32) -> (fn(Language) -> &'static str, bool) {
    match note::Kind::try_from(kind) {
        Ok(note::Kind::PeriodNarrowed) => (notes::narrowed, true),
        Ok(note::Kind::PeriodWidened) => (notes::widened, true),
        Ok(note::Kind::PerhapsTruncated) => (notes::truncated, false),
        Ok(note::Kind::UnknownCode) => (notes::unknown_code, false),
        Ok(note::Kind::NotAskedFor) => (notes::not_asked_for, false),
        Ok(note::Kind::CaseAlias) => (notes::case_alias, false),
        Ok(note::Kind::CannotBeAsked) => (notes::cannot_be_asked, false),
        Ok(note::Kind::Missing) => (notes::missing, false),
        Ok(note::Kind::NotUnderstood) => (notes::not_understood, false),
        Ok(note::Kind::PassedOver) => (notes::passed_over, false),
        Ok(note::Kind::Rounded) => (notes::rounded, false),
        Ok(note::Kind::OtherVersion) => (notes::other_version, false),
        Ok(note::Kind::Unspecified) | Err(_) => (notes::note, false),
    }
}
