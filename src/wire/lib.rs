//! Generated wire types ⇄ domain types, both ways, a file or a folder for each agency. What does not fit the domain is refused with
//! the name of the field, never with its content.

mod af;
mod common;
mod csn;
mod fk;
mod miv;
mod skv;
mod so;
mod tns;

pub use common::{
    WireError, note, outcome_from_proto, outcome_to_proto, part, part_from_proto, period, period_from_proto,
};

use ssbtek_domain::sections::Section;
use ssbtek_proto::agency::v1 as proto;

/// The facts of one agency as they travel.
pub fn section(section: &Section) -> proto::Section {
    use proto::section::Agency;
    let agency = match section {
        Section::Af(facts) => Agency::Af(af::to_proto(facts)),
        Section::Csn(facts) => Agency::Csn(csn::to_proto(facts)),
        Section::Fk(facts) => Agency::Fk(fk::to_proto(facts)),
        Section::Skv(facts) => Agency::Skv(skv::to_proto(facts)),
        Section::So(facts) => Agency::So(so::to_proto(facts)),
        Section::Tns(facts) => Agency::Tns(tns::to_proto(facts)),
        Section::Miv(facts) => Agency::Miv(miv::to_proto(facts)),
    };
    proto::Section { agency: Some(agency) }
}

/// The facts of one agency as they arrived. Errors name the field that does not fit.
pub fn section_from_proto(section: proto::Section) -> Result<Section, WireError> {
    use proto::section::Agency;
    Ok(match section.agency.ok_or(WireError("section.agency"))? {
        Agency::Af(facts) => Section::Af(af::from_proto(facts)?),
        Agency::Csn(facts) => Section::Csn(csn::from_proto(facts)?),
        Agency::Fk(facts) => Section::Fk(fk::from_proto(facts)?),
        Agency::Skv(facts) => Section::Skv(skv::from_proto(facts)?),
        Agency::So(facts) => Section::So(so::from_proto(facts)?),
        Agency::Tns(facts) => Section::Tns(tns::from_proto(facts)?),
        Agency::Miv(facts) => Section::Miv(miv::from_proto(facts)?),
    })
}
