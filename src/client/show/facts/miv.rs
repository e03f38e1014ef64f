//! Migrationsverket.

use ssbtek_proto::agency::v1::{MivMatter, MivSection};

use super::Facts;
use crate::show::phrases::{joined, with};

pub(super) fn lines(section: &MivSection, facts: &mut Facts) {
    let name = joined([section.given_name.clone(), section.family_name.clone()]);
    facts.labelled("name", &name.replace(", ", " "));
    facts.labelled("home country (hemland)", section.home_country.as_deref().unwrap_or_default());
    facts.labelled("entered Sweden (inresedatum)", section.entered_on.as_deref().unwrap_or_default());
    for matter in &section.matters {
        facts.labelled("matter (ärende)", &told(matter));
    }
    if section.matters.is_empty() {
        facts.none("matters (ärenden)");
    }
}

fn told(matter: &MivMatter) -> String {
    let either = |name: &Option<String>, code: &Option<String>| name.clone().or_else(|| code.clone());
    let valid = match (&matter.valid_from, &matter.valid_to) {
        (Some(from), Some(to)) => Some(format!("valid {from} – {to}")),
        (Some(from), None) => Some(format!("valid from {from}")),
        (None, Some(to)) => Some(format!("valid to {to}")),
        (None, None) => None,
    };
    let validity = match matter.validity.as_deref() {
        Some("PERMANENT") => Some("permanent".to_owned()),
        Some("TIDBEGRANSAT") => Some("limited in time (tidsbegränsat)".to_owned()),
        other => other.map(str::to_owned),
    };
    joined([
        either(&matter.kind, &matter.kind_code),
        with("ground ", either(&matter.ground, &matter.ground_code)),
        with("applied ", matter.applied_on.as_ref()),
        with("decision ", either(&matter.decision, &matter.decision_code)),
        either(&matter.decision_kind, &matter.decision_kind_code),
        with("decided ", matter.decided_on.as_ref()),
        valid,
        validity,
    ])
}
