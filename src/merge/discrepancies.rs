//! Where sources contradict each other. Reported, never resolved, and without what they say.

mod names;
mod overlaps;

use ssbtek_domain::Agency;

use crate::{Discrepancy, DiscrepancyKind, SourceReport};

/// Contradictions among the sources, each pair once. `about_others`: agencies whose answer was about another person and
/// was refused.
pub(crate) fn find(sources: &[SourceReport], about_others: &[Agency]) -> Vec<Discrepancy> {
    let numbers = about_others.iter().map(|agency| Discrepancy {
        kind: DiscrepancyKind::PersonNumber,
        sources: vec![*agency],
        detail: "the agency answered about another number than it was asked about; its answer was refused",
    });
    numbers.chain(names::find(sources)).chain(overlaps::find(sources)).collect()
}
