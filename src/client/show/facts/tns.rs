//! Transportstyrelsen.

use ssbtek_proto::agency::v1::TnsSection;

use super::Facts;

pub(super) fn lines(section: &TnsSection, facts: &mut Facts) {
    match &section.vehicles {
        None => facts.add("vehicles (fordon): held back or not stated"),
        Some(of) if of.vehicles.is_empty() => facts.none("vehicles (fordon)"),
        Some(of) => {
            for vehicle in &of.vehicles {
                let words = [
                    &vehicle.registration_number,
                    &vehicle.make,
                    &vehicle.trade_name,
                    &vehicle.year,
                    &vehicle.kind,
                ];
                let words: Vec<&str> =
                    words.into_iter().map(String::as_str).filter(|w| !w.is_empty()).collect();
                facts.labelled("vehicle (fordon)", &words.join(" "));
            }
        }
    }
}
