//! Transportstyrelsen: the children of `HamtaUppgifterResponse`.

use ssbtek_domain::sections::tns::Section;

use super::{alone, alone_with_text};
use crate::wire_names::{TNS_ANSWER, TNS_VEHICLE};

pub(super) fn write(facts: &Section) -> Vec<String> {
    let (namespace, _) = TNS_ANSWER;
    let mut elements = vec![alone_with_text(namespace, "resultat", "OK")];
    elements.extend(facts.vehicles.as_ref().map(|vehicles| {
        alone(namespace, "fordonsinnehav", |writer| {
            writer.namespace("f", TNS_VEHICLE);
            for vehicle in vehicles {
                writer
                    .open("f:fordon")
                    .element_with_text("f:regnr", &vehicle.registration_number)
                    .element_with_text("f:fabrikat", &vehicle.make)
                    .element_with_text("f:fordonsar", &vehicle.year)
                    .element_with_text("f:fordonsslag", &vehicle.kind)
                    .element_with_text("f:handelsbeteckning", &vehicle.trade_name)
                    .close();
            }
        })
    }));
    elements
}
