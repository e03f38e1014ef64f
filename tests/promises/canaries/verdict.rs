//! From a field of the contract to its verdict in the published table, and what follows from it.

use ssbtek_domain::{
    HoldBack,
    sections::{fk::FIGURES, skv::is_appendix},
    verdict::{Reveals, Verdict, is_known},
    verdicts,
};

use super::fill::Leaf;

/// Messages of the contract that are no record of their own: what stands in them has the verdict of the field that holds them.
pub(crate) const NO_RECORD: [&str; 5] = ["Period", "CsnSpan", "FkFigure", "AfDecisions", "TnsVehicles"];

/// Fields that the contract and the table name differently.
const RENAMED: [(&str, &str); 14] = [
    ("person_number", "person"),
    ("protected_identity", "protected"),
    ("sekretessmarkering", "protected"),
    ("general_information", "general"),
    ("pension_agency", "pm"),
    ("extent_percent", "extent"),
    ("extent_not_told", "extent_percent"),
    ("claim_not_told", "claim_submitted"),
    ("pace_percent", "pace"),
    ("unknown_loan", "loan"),
    ("unknown_sekretess", "sekretess"),
    ("unknown_status", "status"),
    ("has_co_borrower", "co_borrower"),
    ("co_borrower_number", "co_borrower"),
];

/// Fields that the table has in a record of their own.
const MOVED: [(&str, &str, &str); 2] = [
    ("activity_report_message", "ActivityReport", "message"),
    ("activity_report_latest_on", "ActivityReport", "latest_on"),
];

/// The verdicts on a leaf and on everything that holds it, outermost first. A field without one fails.
pub(crate) fn on(leaf: &Leaf) -> Vec<&'static Verdict> {
    let steps = leaf.steps.iter().filter(|(message, _)| !NO_RECORD.contains(&message.as_str()));
    steps
        .map(|(message, field)| {
            let found = rows(leaf, message, field);
            found.unwrap_or_else(|| panic!("{message}.{field} has no verdict in docs/PROTECTION.md"))
        })
        .collect()
}

fn rows(leaf: &Leaf, message: &str, field: &str) -> Option<&'static Verdict> {
    let find = |record: &str, field: &str| {
        verdicts::all().find(|row| row.agency == leaf.agency && row.record == record && row.field == field)
    };
    if let Some((_, record, field)) = MOVED.iter().find(|(moved, ..)| *moved == field) {
        return find(record, field);
    }
    let prefix = leaf.agency.code().len();
    let short = message.get(prefix..).unwrap_or_default();
    let records =
        [short.to_owned(), message.to_owned(), short.replace("Pension", "Pm"), format!("Fund{short}")];
    let renamed = RENAMED.iter().find(|(from, _)| *from == field).map(|(_, to)| *to);
    records
        .iter()
        .find_map(|record| find(record, field).or_else(|| renamed.and_then(|renamed| find(record, renamed))))
}

/// Whether what stands there may be told where so much is held back.
pub(crate) fn allows(leaf: &Leaf, held: HoldBack, names_open: bool) -> bool {
    // Only the asked person's own number, name and days stand anywhere, and nobody's in a list of others is that.
    let another = leaf.steps.iter().any(|(message, _)| message == "FkPerson");
    !another
        && on(leaf).into_iter().all(|row| {
            let held_here = row.held_from.is_some_and(|least| held >= least);
            match row.reveals {
                Reveals::Relatives => false,
                Reveals::Name => !held_here || names_open,
                Reveals::FreeText => !held_here || stays(leaf, row),
                _ => !held_here,
            }
        })
}

/// Whether a text stays where texts are held back.
fn stays(leaf: &Leaf, row: &Verdict) -> bool {
    let Some(figure) = &leaf.figure else {
        return if row.record == "Appendix" { is_appendix(&leaf.value) } else { is_known(&leaf.value) };
    };
    let name = figure.split('[').next().unwrap_or_default();
    let verdict = FIGURES.iter().find(|row| row.name == name);
    let is_number = leaf.steps.last().is_some_and(|(_, kind)| kind == "number");
    verdict.is_some_and(|row| row.held_from.is_none())
        && if is_number && !["id", "kod", "typ"].contains(&name) { true } else { is_known(&leaf.value) }
}
