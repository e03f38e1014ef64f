//! The merge, in the order that makes it safe: outcomes, protection, withholding, then everything derived.

use ssbtek_access_log::{Manifest, SourceOutcome};
use ssbtek_authorize::Permit;
use ssbtek_fan_out::Timed;

use crate::{Report, SourceReport, discrepancies, payments, protection, sources};

/// Merges the answers to a permitted question. `with_originals`: the caller wants the agencies' bytes too.
pub fn merge(permit: &Permit, manifest: &Manifest, answers: Vec<Timed>, with_originals: bool) -> Report {
    let outcomes = answers
        .iter()
        .map(|timed| SourceOutcome { source: timed.answer.source.clone(), outcome: timed.answer.outcome })
        .collect();
    let mut sources = sources::reports(manifest, answers, permit.person());
    let protection = protection::settle(&sources);
    let discrepancies_before = discrepancies::find(&sources, &[]);
    for source in &mut sources {
        withhold(source, protection.level.withholds_location(), with_originals);
    }
    let asked_at = permit.decided_at();
    let payments = payments::lines(&sources, asked_at);
    let mut discrepancies = discrepancies::find(&[], &payments);
    discrepancies.extend(discrepancies_before);
    Report {
        person: permit.person().clone(),
        role: permit.role(),
        asked_at,
        protection,
        sources,
        payments,
        discrepancies,
        outcomes,
    }
}

/// Other persons' data always go; what can locate the person goes unless every source said "not protected". The agency's
/// bytes hold both, so they go with either.
fn withhold(source: &mut SourceReport, location: bool, with_originals: bool) {
    if let Some(section) = &mut source.section {
        source.withheld.extend(section.facts_mut().withhold_third_parties());
        if location {
            source.withheld.extend(section.facts_mut().withhold_location());
        }
    }
    if !with_originals {
        source.originals.clear();
    } else if !source.originals.is_empty() && (location || !source.withheld.is_empty()) {
        source.originals.clear();
        source.withheld.push("originals");
    }
}
