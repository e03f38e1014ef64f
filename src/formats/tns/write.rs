//! The children of `HamtaUppgifterResponse`.

use ssbtek_domain::sections::tns::Vehicle;

use super::{ANSWER, VEHICLE};
use crate::element::{alone, alone_with_text};

/// What TNS says.
#[derive(Default)]
pub struct Answer<'a> {
    /// `resultat`.
    pub result: &'a str,
    /// `fordonsinnehav`; `None` leaves the list out.
    pub vehicles: Option<&'a [Vehicle]>,
    /// `felresultat`: `felkod` and `feltext`.
    pub fault: Option<(&'a str, &'a str)>,
}

/// Each child, standing on its own.
pub fn children(answer: &Answer<'_>) -> Vec<String> {
    let namespace = ANSWER.namespace;
    let mut elements = vec![alone_with_text(namespace, "resultat", answer.result)];
    elements.extend(answer.vehicles.map(|vehicles| {
        alone(namespace, "fordonsinnehav", |writer| {
            writer.namespace("f", VEHICLE);
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
    elements.extend(answer.fault.map(|(code, text)| {
        alone(namespace, "felresultat", |writer| {
            writer.element_with_text("felkod", code).element_with_text("feltext", text);
        })
    }));
    elements
}
