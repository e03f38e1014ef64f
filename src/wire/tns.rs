//! Transportstyrelsen's section.

use ssbtek_domain::sections::tns::{Section, Vehicle};
use ssbtek_proto::agency::v1 as proto;

use crate::common::{WireError, opt_person};

pub(crate) fn to_proto(section: &Section) -> proto::TnsSection {
    let vehicle = |vehicle: &Vehicle| proto::TnsVehicle {
        registration_number: vehicle.registration_number.clone(),
        make: vehicle.make.clone(),
        year: vehicle.year.clone(),
        kind: vehicle.kind.clone(),
        trade_name: vehicle.trade_name.clone(),
    };
    proto::TnsSection {
        person_number: section.person.as_ref().map(|person| person.expose().to_owned()),
        vehicles: section
            .vehicles
            .as_ref()
            .map(|vehicles| proto::TnsVehicles { vehicles: vehicles.iter().map(vehicle).collect() }),
    }
}

pub(crate) fn from_proto(section: proto::TnsSection) -> Result<Section, WireError> {
    let vehicle = |vehicle: proto::TnsVehicle| Vehicle {
        registration_number: vehicle.registration_number,
        make: vehicle.make,
        year: vehicle.year,
        kind: vehicle.kind,
        trade_name: vehicle.trade_name,
    };
    Ok(Section {
        person: opt_person(section.person_number.as_deref(), "person_number")?,
        vehicles: section.vehicles.map(|list| list.vehicles.into_iter().map(vehicle).collect()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_vehicles_and_nothing_said_stay_apart() {
        for vehicles in [None, Some(vec![])] {
            let section = Section { person: None, vehicles };
            assert!(from_proto(to_proto(&section)).unwrap() == section);
        }
    }
}
