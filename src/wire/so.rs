//! So section.

use ssbtek_domain::sections::so::Section;
use ssbtek_proto::agency::v1 as proto;

use crate::common::{WireError, opt_person};

pub(crate) fn to_proto(section: &Section) -> proto::SoSection {
    proto::SoSection { person_number: section.person.as_ref().map(|person| person.expose().to_owned()) }
}

pub(crate) fn from_proto(section: proto::SoSection) -> Result<Section, WireError> {
    Ok(Section { person: opt_person(section.person_number.as_deref(), "person_number")? })
}
