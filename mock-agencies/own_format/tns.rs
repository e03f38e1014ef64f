//! Transportstyrelsen's own format, mock side.
//!
//! Scripted: `fel` (FEL with code 99), `fel-N` (FEL with that code), `ok-with-fault` (OK and a fault beside the
//! vehicles), `no-list` (OK and no list at all), `resultat-other` (neither OK nor FEL), `stray-namespace` (vehicles in
//! another namespace), `no-such-person`, `soap-fault`.

use ssbtek_domain::{
    Agency, Period,
    sections::{self, tns::Section},
};
use ssbtek_xml::Writer;

use super::{
    Request, Response, World,
    soap_reply::{self, fault, told},
};
use crate::facts;

const RESPONDER: &str = "http://schema.transportstyrelsen.se/ssbtek/hamtauppgifterresponder/1";
const PERSON: &str = "http://schema.transportstyrelsen.se/ssbtek/person/1";
const VEHICLE: &str = "http://schema.transportstyrelsen.se/ssbtek/fordon/1";

/// `felkod` by which this mock says that it knows no such person. TNS publishes no list.
pub const NO_SUCH_PERSON: i32 = 1;

/// Answers a `HamtaUppgifter`.
pub fn answer(request: &Request<'_>, world: &dyn World) -> Response {
    soap_reply::reply(request, (RESPONDER, "HamtaUppgifter"), |payload| {
        let script = world.scripted().unwrap_or_default();
        if script == "soap-fault" {
            return Some(fault("Server", |_| {}));
        }
        let asked = payload.child(RESPONDER, "identifikation")?;
        let century = soap_reply::text(asked, PERSON, "sekel")?;
        let ten_digits = soap_reply::text(asked, PERSON, "personnummer")?;
        let known = world.find(&format!("{century}{ten_digits}"));
        let known = known.filter(|person| !person.unknown_at.contains(&Agency::Tns));
        let Some(person) = known.filter(|_| script != "no-such-person") else {
            return Some(told(|writer| write(writer, "FEL", None, Some(NO_SUCH_PERSON), VEHICLE)));
        };
        let period = Period::new(world.today(), world.today()).ok()?;
        let section = match world.told() {
            Some(sections::Section::Tns(told)) => told.clone(),
            _ => facts::tns::section(person, &period, world.today()),
        };
        Some(told(|writer| match script {
            "fel" => write(writer, "FEL", None, Some(99), VEHICLE),
            "ok-with-fault" => write(writer, "OK", Some(&section), Some(99), VEHICLE),
            "no-list" => write(writer, "OK", None, None, VEHICLE),
            "resultat-other" => write(writer, "KANSKE", Some(&section), None, VEHICLE),
            "stray-namespace" => write(writer, "OK", Some(&section), None, "urn:annan"),
            script => match script.strip_prefix("fel-").and_then(|code| code.parse().ok()) {
                Some(code) => write(writer, "FEL", None, Some(code), VEHICLE),
                None => write(writer, "OK", Some(&section), None, VEHICLE),
            },
        }))
    })
}

fn write(writer: &mut Writer, result: &str, section: Option<&Section>, code: Option<i32>, vehicles_in: &str) {
    writer
        .open("ns:HamtaUppgifterResponse")
        .namespace("ns", RESPONDER)
        .namespace("frdn", vehicles_in)
        .element_with_text("ns:resultat", result);
    if let Some(section) = section {
        writer.open("ns:fordonsinnehav");
        for vehicle in section.vehicles.iter().flatten() {
            writer
                .open("frdn:fordon")
                .element_with_text("frdn:regnr", &vehicle.registration_number)
                .element_with_text("frdn:fabrikat", &vehicle.make)
                .element_with_text("frdn:fordonsar", &vehicle.year)
                .element_with_text("frdn:fordonsslag", &vehicle.kind)
                .element_with_text("frdn:handelsbeteckning", &vehicle.trade_name)
                .close();
        }
        writer.close();
    }
    if let Some(code) = code {
        writer
            .open("ns:felresultat")
            .element_with_text("ns:felkod", &code.to_string())
            .element_with_text("ns:feltext", "Frågan kunde inte besvaras")
            .close();
    }
    writer.close();
}
