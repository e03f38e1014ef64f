//! Transportstyrelsen's own format, mock side.
//!
//! Scripted: `fel` (FEL with code 99), `fel-N` (FEL with that code), `ok-with-fault` (OK and a fault beside the
//! vehicles), `no-list` (OK and no list at all), `resultat-other` (neither OK nor FEL), `stray-namespace` (vehicles in
//! another namespace), `no-such-person`, `soap-fault`.

use ssbtek_domain::{
    Agency, Period,
    sections::{self, tns::Section},
};
use ssbtek_formats::tns::{
    ANSWER, PERSON, RESPONDER, VEHICLE,
    write::{Answer, children},
};

use super::{
    Request, Response, World,
    soap_reply::{self, answered, fault},
};
use crate::facts;

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
            return Some(answered(&ANSWER, &write("FEL", None, Some(NO_SUCH_PERSON))));
        };
        let period = Period::new(world.today(), world.today()).ok()?;
        let section = match world.told() {
            Some(sections::Section::Tns(told)) => told.clone(),
            _ => facts::tns::section(person, &period, world.today()),
        };
        let children = match script {
            "fel" => write("FEL", None, Some(99)),
            "ok-with-fault" => write("OK", Some(&section), Some(99)),
            "no-list" => write("OK", None, None),
            "resultat-other" => write("KANSKE", Some(&section), None),
            "stray-namespace" => stray(write("OK", Some(&section), None)),
            script => match script.strip_prefix("fel-").and_then(|code| code.parse().ok()) {
                Some(code) => write("FEL", None, Some(code)),
                None => write("OK", Some(&section), None),
            },
        };
        Some(answered(&ANSWER, &children))
    })
}

/// What is told: `resultat`, the facts, `felkod`.
fn write(result: &str, section: Option<&Section>, code: Option<i32>) -> Vec<String> {
    let vehicles = section.map(|section| section.vehicles.as_deref().unwrap_or_default());
    let code = code.map(|code| code.to_string());
    let fault = code.as_deref().map(|code| (code, "Frågan kunde inte besvaras"));
    children(&Answer { result, vehicles, fault })
}

/// The vehicles in another namespace.
fn stray(children: Vec<String>) -> Vec<String> {
    children.into_iter().map(|child| child.replace(VEHICLE, "urn:annan")).collect()
}
