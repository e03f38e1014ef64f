//! Sections in which nothing stands: what else an answer says may say why.

use ssbtek_domain::sections::{Facts, Section};

/// Whether a section holds no decision, matter, vehicle or payment. LEFI's many lists and Skatteverket's documents are
/// judged by their own readers.
pub(crate) fn stands_in(section: &Section) -> bool {
    match section {
        Section::Af(af) => af.decisions.as_ref().is_none_or(Vec::is_empty),
        Section::Csn(csn) => csn.is_empty(),
        Section::Miv(miv) => miv.matters.is_empty(),
        Section::Fk(_) | Section::Skv(_) => false,
        Section::So(so) => so.payments().is_empty(),
        Section::Tns(tns) => tns.vehicles.as_ref().is_none_or(Vec::is_empty),
    }
}
