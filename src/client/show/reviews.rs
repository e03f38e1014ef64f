//! A month's sample for those who review it.

use ssbtek_proto::broker::v1::{OverdueReview, ProtectedReading, ReviewOutcome, SampledEntry};

use super::{
    entries::by,
    phrases::{count, moment},
};
use crate::{
    page::{Column, ColumnKind, Page, Screen},
    words,
};

const COLUMNS: [Column; 7] = [
    Column { title: "Asked", kind: ColumnKind::Fixed },
    Column { title: "By", kind: ColumnKind::Flexible },
    Column { title: "About", kind: ColumnKind::Fixed },
    Column { title: "Case", kind: ColumnKind::Flexible },
    Column { title: "Drawn because", kind: ColumnKind::Flexible },
    Column { title: "Review", kind: ColumnKind::Flexible },
    Column { title: "Entry", kind: ColumnKind::Fixed },
];

/// The sample as text for people, in the order given.
pub fn sample(entries: &[SampledEntry], screen: Screen) -> String {
    let mut page = Page::new(screen);
    let rows: Vec<Vec<String>> = entries.iter().map(row).collect();
    if !page.table(0, &COLUMNS, &rows) {
        for row in &rows {
            let [asked, by, about, case, because, review, entry] = row.as_slice() else { continue };
            page.line(0, &format!("{asked}  by {by} about {about} in {case}"));
            page.line(2, &format!("{because}; review: {review}"));
            page.line(2, &format!("entry {entry}"));
        }
    }
    page.into_text()
}

fn row(sampled: &SampledEntry) -> Vec<String> {
    let entry = sampled.entry.clone().unwrap_or_default();
    let about = if entry.erased { "content erased".to_owned() } else { entry.person_number.clone() };
    vec![
        moment(&entry.opened_at),
        by(&entry),
        about,
        entry.case_id.clone(),
        sampled.reasons.iter().map(|reason| phrase(reason)).collect::<Vec<_>>().join(", "),
        review(sampled),
        sampled.entry_id.clone(),
    ]
}

/// A reason in words; as it came where a newer broker has another.
fn phrase(reason: &str) -> String {
    match reason {
        "random" => "by lot",
        "protected_person" => "protected person",
        "many_askers_one_person" => "many asked about the person",
        "many_persons_one_asker" => "the account asked about many",
        "odd_hours" => "odd hours",
        "no_action_after" => "nothing done in the case after",
        "repeated" => "asked again and again",
        "assumed_disclosed" => "end not known",
        "attested" => "case attested by the board",
        "system_account" => "asked by a system: which person is not known",
        "own_number" => "asked about oneself",
        "own_family_name" => "same family name",
        "too_many_in_an_hour" => "refused within the hour after it: asked too much",
        other => return other.replace('_', " "),
    }
    .to_owned()
}

fn review(sampled: &SampledEntry) -> String {
    match sampled.outcome() {
        ReviewOutcome::Unspecified => "to do".to_owned(),
        outcome => {
            let word = words::word(outcome.as_str_name(), "REVIEW_OUTCOME_").replace('_', " ");
            format!("{word}, {}", sampled.reviewer)
        }
    }
}

/// Months whose review is late, a line each.
pub fn overdue(late: &[OverdueReview], screen: Screen) -> String {
    let mut page = Page::new(screen);
    for month in late {
        let what = match (month.drawn, usize::try_from(month.left).unwrap_or(usize::MAX)) {
            (false, _) => "no sample was drawn".to_owned(),
            (true, left) => format!("{} left to review", count(left, "entry", "entries")),
        };
        page.loud(0, &format!("OVERDUE since {}: {}, {what}", moment(&month.due), month.month));
    }
    page.into_text()
}

/// Readings of protected persons, a line each.
pub fn protected(readings: &[ProtectedReading], screen: Screen) -> String {
    let mut page = Page::new(screen);
    for read in readings {
        let by = if read.case_worker.is_empty() { "a portal or an operator" } else { &read.case_worker };
        let persons = count(usize::try_from(read.persons).unwrap_or(usize::MAX), "person", "persons");
        let action = read.action.replace('_', " ");
        let when = moment(&read.at);
        page.line(
            0,
            &format!("Protected {persons} read of {when} by {by}: {action}; entry {}", read.entry_id),
        );
    }
    page.into_text()
}
