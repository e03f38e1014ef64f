//! The access log, a row per entry.

use std::collections::BTreeMap;

use ssbtek_proto::broker::v1::{EntryState, LogEntry, Protection};

use super::phrases::{count, moment};
use crate::{
    page::{Column, ColumnKind, Page, Screen},
    words,
};

const COLUMNS: [Column; 7] = [
    Column { title: "Opened", kind: ColumnKind::Fixed },
    Column { title: "State", kind: ColumnKind::Fixed },
    Column { title: "By", kind: ColumnKind::Flexible },
    Column { title: "About", kind: ColumnKind::Fixed },
    Column { title: "Case", kind: ColumnKind::Flexible },
    Column { title: "What", kind: ColumnKind::Flexible },
    Column { title: "Entry", kind: ColumnKind::Fixed },
];

/// Sources that are named rather than counted.
const MAX_NAMED: usize = 3;

/// The entries as text for people, in the order given.
pub fn entries(entries: &[LogEntry], screen: Screen) -> String {
    let mut page = Page::new(screen);
    if entries.is_empty() {
        page.line(0, "No entries, says the log.");
        return page.into_text();
    }
    let rows: Vec<_> = entries.iter().map(row).collect();
    if !page.table(0, &COLUMNS, &rows) {
        entries.iter().for_each(|entry| narrow(&mut page, entry));
    }
    page.into_text()
}

fn row(entry: &LogEntry) -> Vec<String> {
    vec![
        moment(&entry.opened_at),
        state(entry),
        by(entry),
        entry.person_number.clone(),
        entry.case_id.clone(),
        what(entry),
        entry.entry_id.clone(),
    ]
}

/// An entry where there is no room for a table.
fn narrow(page: &mut Page, entry: &LogEntry) {
    let piece = |before: &str, text: &str| (!text.is_empty()).then(|| format!("{before}{text}"));
    let pieces = [
        piece("", &state(entry)),
        piece("by ", &by(entry)),
        piece("about ", &entry.person_number),
        piece("in ", &entry.case_id),
    ];
    page.line(
        0,
        &format!(
            "{}  {}",
            moment(&entry.opened_at),
            pieces.into_iter().flatten().collect::<Vec<_>>().join(" ")
        ),
    );
    page.line(
        2,
        &[what(entry), format!("entry {}", entry.entry_id)]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join("; "),
    );
}

pub(super) fn state(entry: &LogEntry) -> String {
    words::entry_state(entry.state).replace('_', " ")
}

fn what(entry: &LogEntry) -> String {
    if entry.erased {
        return "content erased".to_owned();
    }
    let mut pieces = vec![];
    if !entry.sources.is_empty() {
        pieces.push(outcomes(entry));
    }
    if matches!(
        Protection::try_from(entry.protection),
        Ok(Protection::NotKnown | Protection::Sekretessmarkering | Protection::SkyddadFolkbokforing)
    ) {
        pieces.push(format!("protection {}", words::protection(entry.protection).replace('_', " ")));
    }
    let mark = |marked: bool, word: &str| marked.then(|| word.to_owned());
    pieces.extend(mark(entry.person_held_back, "person held back: open the entry"));
    pieces.extend(mark(entry.attested, "attested case"));
    pieces.extend(super::by_system(entry));
    pieces.extend(mark(entry.provisional_case, "provisional case"));
    pieces.extend(mark(entry.same_family_name, "same family name"));
    pieces.extend(
        [&entry.denial, &entry.malformed_field, &entry.month]
            .into_iter()
            .filter(|text| !text.is_empty())
            .cloned(),
    );
    pieces.extend(Some(action(entry)).filter(|text| !text.is_empty()));
    pieces.join("; ")
}

/// What was done, for what is no question: fixed words made readable, and what they were about.
fn action(entry: &LogEntry) -> String {
    let done = entry.action.replace('_', " ");
    match EntryState::try_from(entry.state) {
        Ok(EntryState::LogRead) => {
            let told = entry
                .entries_read
                .map(|n| count(usize::try_from(n).unwrap_or(usize::MAX), "entry", "entries"));
            let selected = selection(entry);
            // The names alone stand in the action; the selection has them with their values.
            let done = match done.split_once(" by ") {
                Some((action, _)) if !selected.is_empty() => action.to_owned(),
                _ => done,
            };
            [Some(done), Some(selected).filter(|text| !text.is_empty()), told]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", ")
        }
        Ok(EntryState::RegistryChange | EntryState::Purge) => {
            let told = [Some(done), Some(details(entry))];
            told.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
        }
        Ok(EntryState::Review) => format!("{done}: entry {}", entry.reviewed_entry),
        Ok(EntryState::Delay) => {
            format!("told from {} on: {} ({})", entry.delayed_until, entry.reason, entry.legal_basis)
        }
        Ok(EntryState::ProtectionLifted) => format!("{done}: {}", entry.reason),
        _ => done,
    }
}

/// `person 198001019804, from 2026-11-01…`.
pub(super) fn selection(entry: &LogEntry) -> String {
    entry.selection.iter().map(|pair| pair.replacen('=', " ", 1)).collect::<Vec<_>>().join(", ")
}

/// `document case, id EB-1, version 2`.
pub(super) fn details(entry: &LogEntry) -> String {
    entry.details.iter().map(|pair| pair.replacen('=', " ", 1)).collect::<Vec<_>>().join(", ")
}

/// Who stands behind the entry: an account, or a citizen portal.
pub(super) fn by(entry: &LogEntry) -> String {
    if entry.portal.is_empty() { entry.case_worker.clone() } else { format!("portal {}", entry.portal) }
}

/// `30 sources: 28 answered, 2 timed out (FK, unionen)`.
fn outcomes(entry: &LogEntry) -> String {
    let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for source in entry.sources.iter().filter(|source| source.outcome != 0) {
        groups.entry(words::outcome_short(source.outcome)).or_default().push(&source.source);
    }
    let groups: Vec<String> = groups
        .into_iter()
        .map(|(outcome, sources)| match sources.len() {
            few @ 1..=MAX_NAMED if outcome != "answered" => {
                format!("{few} {outcome} ({})", sources.join(", "))
            }
            many => format!("{many} {outcome}"),
        })
        .collect();
    let total = count(entry.sources.len(), "source", "sources");
    if groups.is_empty() { total } else { format!("{total}: {}", groups.join(", ")) }
}
