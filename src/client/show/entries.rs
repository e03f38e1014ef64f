//! The access log, a row per entry.

use std::collections::BTreeMap;

use ssbtek_proto::broker::v1::{LogEntry, Protection};

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
        entry.case_worker.clone(),
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
        piece("by ", &entry.case_worker),
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

fn state(entry: &LogEntry) -> String {
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
    pieces.extend(
        [&entry.denial, &entry.malformed_field, &entry.action]
            .into_iter()
            .filter(|text| !text.is_empty())
            .cloned(),
    );
    pieces.join("; ")
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
