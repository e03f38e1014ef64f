//! What may be told of an agency before protection is settled.

use ssbtek_authorize::Permit;
use ssbtek_domain::HoldBack;

use crate::{OriginalsWanted, SourceReport, withhold::withhold};

/// One agency's part of an answer as it may be told while others have not spoken: reduced as for who is protected, so that
/// nothing in it can locate anybody, whatever the others will say. Only a merge makes one:
///
/// ```
/// fn read(section: &ssbtek_merge::SectionAhead) -> ssbtek_domain::Agency {
///     section.report().agency
/// }
/// ```
///
/// ```compile_fail,E0423
/// fn unreduced(report: ssbtek_merge::SourceReport) -> ssbtek_merge::SectionAhead {
///     ssbtek_merge::SectionAhead(report)
/// }
/// ```
///
/// Nor can one be changed afterwards:
///
/// ```compile_fail,E0594
/// fn widened(section: &mut ssbtek_merge::SectionAhead, report: ssbtek_merge::SourceReport) {
///     *section.report() = report;
/// }
/// ```
#[derive(Debug, Clone)]
pub struct SectionAhead(SourceReport);

impl SectionAhead {
    /// Takes out of an agency's report whatever may not be told of somebody who is protected, and of anybody else.
    pub(crate) fn reduced(mut report: SourceReport, permit: &Permit, originals: OriginalsWanted) -> Self {
        let own = [permit.person().clone()];
        withhold(&mut report, HoldBack::Whereabouts, permit.names_open(), originals, &own);
        Self(report)
    }

    /// What is told.
    pub fn report(&self) -> &SourceReport {
        &self.0
    }
}
