//! From permit to manifest: which sources, each with its own period and basis.

use std::sync::Arc;

use ssbtek_access_log::{Manifest, ManifestLine};
use ssbtek_agencies::Connector;
use ssbtek_authorize::Permit;
use ssbtek_domain::{Agency, Information, Kinds, stockholm_date};

/// Every permitted agency's sources with the period its own rule allows.
pub(crate) fn manifest(connectors: &[Arc<dyn Connector>], permit: &Permit) -> Manifest {
    let today = stockholm_date(permit.decided_at());
    let mut manifest = Manifest { not_permitted: permit.not_permitted().to_vec(), ..Manifest::default() };
    for (agency, basis) in permit.agencies() {
        let kinds: Kinds =
            Information::of(*agency).into_iter().filter(|kind| permit.kinds().contains(kind)).collect();
        let without = permit.without_ground().iter().filter(|kind| kind.agency() == *agency);
        let without: Vec<Information> = without.copied().collect();
        let wanted = permit.wish(*agency).and_then(|wish| wish.period).unwrap_or(permit.period());
        for connector in of_agency(connectors, *agency) {
            match connector.derive_period(wanted, today) {
                Some((period, note)) => manifest.ask.push(ManifestLine {
                    source: connector.source().clone(),
                    period,
                    basis: basis.clone(),
                    kinds: kinds.clone(),
                    without_ground: without.clone(),
                    note,
                    case_alias: connector
                        .case_bound()
                        .filter(|bound| permit.case().as_str().chars().count() > bound.max_chars)
                        .map(|bound| bound.rule),
                }),
                None if !manifest.outside_period.contains(agency) => manifest.outside_period.push(*agency),
                None => {}
            }
        }
    }
    manifest
}

fn of_agency(connectors: &[Arc<dyn Connector>], agency: Agency) -> impl Iterator<Item = &Arc<dyn Connector>> {
    connectors.iter().filter(move |connector| connector.source().agency() == agency)
}
