//! The merge, in the order that makes it safe: outcomes, protection, withholding, then everything derived.

use ssbtek_access_log::{Manifest, SourceOutcome};
use ssbtek_authorize::Permit;
use ssbtek_domain::HoldBack;
use ssbtek_fan_out::Timed;

use crate::{Originals, OriginalsWanted, Report, SourceReport, discrepancies, payments, protection, sources};

/// Merges the answers to a permitted question. `originals`: what the caller wants of the agencies' bytes.
pub fn merge(
    permit: &Permit,
    manifest: &Manifest,
    answers: Vec<Timed>,
    originals: OriginalsWanted,
) -> Report {
    let outcomes = answers
        .iter()
        .map(|timed| SourceOutcome { source: timed.answer.source.clone(), outcome: timed.answer.outcome })
        .collect();
    let (mut sources, about_others) = sources::reports(manifest, answers, permit.person());
    let protection = protection::settle(&sources, permit);
    // Before anything is withheld: what contradicts is compared, never told.
    let discrepancies = discrepancies::find(&sources, &about_others);
    for source in &mut sources {
        withhold(source, protection.hold_back(), originals);
    }
    let asked_at = permit.decided_at();
    let payments = payments::lines(&sources, asked_at);
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

/// Other persons' data always go; of what tells where somebody is, as much as is held back. The agency's bytes hold both,
/// so they go with either.
fn withhold(source: &mut SourceReport, held: HoldBack, wanted: OriginalsWanted) {
    if let Some(section) = &mut source.section {
        let others = section.facts_mut().withhold_third_parties();
        source.withheld.extend(&others);
        if held.is_something() {
            let located = section.facts_mut().withhold_location(held);
            source.withheld.extend(located.into_iter().filter(|name| !others.contains(name)));
        }
    }
    let held_back = held.is_something() || !source.withheld.is_empty();
    match wanted {
        OriginalsWanted::No => source.originals = Originals::default(),
        OriginalsWanted::AsPayload => {}
        OriginalsWanted::Beside if !held_back => source.originals.beside = true,
        OriginalsWanted::Beside => {
            if !std::mem::take(&mut source.originals).all.is_empty() {
                source.withheld.push("originals");
            }
        }
    }
}
