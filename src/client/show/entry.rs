//! One entry of the access log, in full.

use ssbtek_present::{Language, answer::role};
use ssbtek_proto::broker::v1::{EntryState, LogEntry};

use super::{
    ReceiptCheck,
    entries::{by, details, selection, state},
    phrases::{moment, period},
};
use crate::{
    page::{Column, ColumnKind, Page, Screen},
    words,
};

const COLUMNS: [Column; 4] = [
    Column { title: "Source", kind: ColumnKind::Fixed },
    Column { title: "Outcome", kind: ColumnKind::Flexible },
    Column { title: "Period", kind: ColumnKind::Fixed },
    Column { title: "Basis", kind: ColumnKind::Flexible },
];

/// The entry as text for people, with what became of checking its proofs.
pub fn entry(entry: &LogEntry, proofs: &ReceiptCheck, screen: Screen) -> String {
    let mut page = Page::new(screen);
    page.heading(&format!("Entry {}", entry.entry_id));
    let mut lines = vec![
        ("State", state(entry)),
        ("Opened", moment(&entry.opened_at)),
        ("Ended", ended(entry)),
        ("Board", entry.organisation_number.clone()),
        ("By", by(entry)),
        ("Unit", entry.unit.clone()),
        ("Agent", entry.agent.clone()),
        ("Processors", entry.agents.join(", ")),
        ("Certificate", entry.certificate.clone()),
        ("About", entry.person_number.clone()),
        (
            "Role",
            if entry.role == 0 { String::new() } else { role(entry.role, Language::English).to_owned() },
        ),
        ("Case", case(entry)),
        ("Purpose", entry.purpose.clone()),
        ("Period", entry.period.as_ref().map(period).unwrap_or_default()),
        ("Wanted", entry.wanted.join(", ")),
        ("Not permitted", not_permitted(entry)),
        ("Released", entry.kinds.join(", ")),
        ("Protection", protection(entry)),
        ("Refused", entry.denial.replace('_', " ")),
        ("Field", entry.malformed_field.clone()),
        ("Done", entry.action.replace('_', " ")),
        ("Details", details(entry)),
        ("Month", entry.month.clone()),
        ("Reviewed", entry.reviewed_entry.clone()),
        ("Selected by", selection(entry)),
        ("Entries told", entry.entries_read.map(|n| n.to_string()).unwrap_or_default()),
        ("Told from", entry.delayed_until.clone()),
        ("Reason", entry.reason.clone()),
        ("Basis", entry.legal_basis.clone()),
        ("Documents", entry.versions.join(", ")),
        ("Door", entry.door.clone()),
        ("Record", entry.leaf_index.to_string()),
    ];
    lines.extend(super::by_system(entry).map(|text| ("Asked by", text)));
    if entry.same_family_name {
        lines.push(("Note", "the person bears the family name of the account's holder".to_owned()));
    }
    if entry.erased {
        lines
            .push(("Note", "the content is erased; what is left proves that the entry was there".to_owned()));
    }
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, text) in lines.into_iter().filter(|(_, text)| !text.is_empty()) {
        page.line(2, &format!("{name:<width$}  {text}"));
    }
    sources(&mut page, entry);
    page.blank();
    match proofs {
        ReceiptCheck::Holds => page.line(0, "Its records stand in the board's signed log: the proofs hold."),
        ReceiptCheck::NoKey => page.line(0, "Proofs not checked: the log's public key is not known here."),
        ReceiptCheck::Fails(why) => page.loud(0, &format!("THE PROOFS DO NOT HOLD: {why}.")),
    }
    page.into_text()
}

fn ended(entry: &LogEntry) -> String {
    match entry.duration_ms {
        _ if entry.ended_at.is_empty() => String::new(),
        0 => moment(&entry.ended_at),
        ms => format!("{} ({ms} ms after it was permitted)", moment(&entry.ended_at)),
    }
}

fn case(entry: &LogEntry) -> String {
    let marks = [(entry.provisional_case, "provisional"), (entry.attested, "attested by the board")];
    let marks: Vec<_> = marks.iter().filter(|(holds, _)| *holds).map(|(_, mark)| *mark).collect();
    match (entry.case_id.as_str(), marks.is_empty()) {
        (case, true) => case.to_owned(),
        (case, false) => format!("{case} ({})", marks.join(", ")),
    }
}

fn not_permitted(entry: &LogEntry) -> String {
    let left_out = entry.not_permitted.iter();
    let left_out = left_out.map(|out| format!("{} ({})", out.agency, out.reason.replace('_', " ")));
    left_out.collect::<Vec<_>>().join(", ")
}

fn protection(entry: &LogEntry) -> String {
    if entry.protection == 0 { String::new() } else { words::protection(entry.protection).replace('_', " ") }
}

fn sources(page: &mut Page, entry: &LogEntry) {
    if entry.sources.is_empty() {
        return;
    }
    let under_way = entry.state == i32::from(EntryState::Open);
    let outcome = |outcome: i32| match outcome {
        0 if under_way => "under way".to_owned(),
        0 => "not known".to_owned(),
        told => words::outcome_short(told),
    };
    let rows: Vec<Vec<String>> = entry
        .sources
        .iter()
        .map(|source| {
            let asked_about = source.period.as_ref().map(period).unwrap_or_default();
            let alias = &source.case_alias;
            let basis = &source.legal_basis;
            let told =
                if alias.is_empty() { basis.clone() } else { format!("{basis} (case told as {alias})") };
            vec![source.source.clone(), outcome(source.outcome), asked_about, told]
        })
        .collect();
    page.blank();
    if !page.table(2, &COLUMNS, &rows) {
        rows.iter().for_each(|row| page.line(2, &row.join("  ")));
    }
}
