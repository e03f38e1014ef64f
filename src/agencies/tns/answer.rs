//! `HamtaUppgifterResponse`. A failure hides in `resultat` = FEL, or in a `felresultat` under OK.

use ssbtek_domain::{
    Agency, Outcome, Source, SourceAnswer,
    sections::{
        Section as AnySection,
        tns::{Section, Vehicle},
    },
};
use ssbtek_xml::Element;

use super::{RESPONDER, VEHICLE};
use crate::{
    HttpAnswer, Refused,
    fields::{Fields, field},
    soap_answer,
};

const SOURCE: Source = Source::Agency(Agency::Tns);

pub(super) fn read(answer: &HttpAnswer, no_such_person: &[i32]) -> Result<SourceAnswer, Refused> {
    soap_answer::read(
        &SOURCE,
        answer,
        (RESPONDER, "HamtaUppgifterResponse"),
        |payload| judge(payload, no_such_person),
        |fault| soap_answer::plain_fault(&SOURCE, fault),
    )
}

fn judge(payload: &Element, no_such_person: &[i32]) -> Result<SourceAnswer, Refused> {
    let told = Fields::open(payload, RESPONDER, &["resultat", "fordonsinnehav", "felresultat"])?;
    let succeeded = match told.required_text(field!("resultat"))?.as_str() {
        "OK" => true,
        "FEL" => false,
        _ => return Err(field!("resultat").refused),
    };
    let vehicles = told.one(field!("fordonsinnehav"))?.map(vehicles).transpose()?;
    let faults = told.all("felresultat").map(fault_code).collect::<Result<Vec<i32>, Refused>>()?;
    let unknown_person = !faults.is_empty() && faults.iter().all(|code| no_such_person.contains(code));
    let outcome = match &vehicles {
        Some(_) if succeeded && faults.is_empty() => Outcome::Answered,
        // OK and FEL at once: what is there is kept, and that it may not be all is said.
        Some(vehicles) if !vehicles.is_empty() => Outcome::AnsweredInPart,
        _ if unknown_person => Outcome::NoSuchPerson,
        // An empty list says that there are none; no list at all says nothing.
        _ => Outcome::FailedAtSource,
    };
    let facts = matches!(outcome, Outcome::Answered | Outcome::AnsweredInPart);
    Ok(SourceAnswer {
        section: facts.then_some(AnySection::Tns(Section { person: None, vehicles })),
        fault_code: faults.first().filter(|_| outcome != Outcome::NoSuchPerson).map(i32::to_string),
        ..SourceAnswer::without_facts(SOURCE, outcome)
    })
}

/// The code; the text beside it is free text and is left behind.
fn fault_code(element: &Element) -> Result<i32, Refused> {
    Fields::open(element, RESPONDER, &["felkod", "feltext"])?.required_int(field!("felkod"))
}

fn vehicles(element: &Element) -> Result<Vec<Vehicle>, Refused> {
    Fields::open(element, VEHICLE, &["fordon"])?.all("fordon").map(vehicle).collect()
}

fn vehicle(element: &Element) -> Result<Vehicle, Refused> {
    let told = Fields::open(
        element,
        VEHICLE,
        &["regnr", "fabrikat", "fordonsar", "fordonsslag", "handelsbeteckning"],
    )?;
    Ok(Vehicle {
        registration_number: told.required_text(field!("regnr"))?,
        make: told.required_text(field!("fabrikat"))?,
        year: told.required_text(field!("fordonsar"))?,
        kind: told.required_text(field!("fordonsslag"))?,
        trade_name: told.required_text(field!("handelsbeteckning"))?,
    })
}
