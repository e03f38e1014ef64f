//! Migrationsverket's own format, mock side.
//!
//! Scripted: `soap-fault` (`SSBTEKSoapException` with code FEL01), `soap-fault-CODE`, `bare-fault` (no detail),
//! `other-person`, `other-correlation` (the answer to another question), `ten-digits` (the number without century),
//! `unsaid-person` (no number), `nil-entry` (a nil entry among the others), `no-list` (no collection),
//! `unknown-validity`, `qualified` (children in the namespace, against the schema), `no-such-person`.

use ssbtek_domain::{
    Agency, Period,
    sections::{self, miv::Section},
};
use ssbtek_formats::miv::{
    ANSWER,
    write::{Repeated, response},
};
use ssbtek_xml::{Element, XSI};

use super::{
    Request, Response, World,
    soap_reply::{self, answered, fault},
};
use crate::facts;

/// Children are unqualified.
const NONE: &str = "";

/// Answers a `findByPersonnummer`.
pub fn answer(request: &Request<'_>, world: &dyn World) -> Response {
    soap_reply::reply(request, (ANSWER.namespace, "findByPersonnummer"), |payload| {
        let script = world.scripted().unwrap_or_default();
        if script == "bare-fault" {
            return Some(fault("Server", |_| {}));
        }
        if let Some(code) = script.strip_prefix("soap-fault") {
            return Some(exception(code.strip_prefix('-').unwrap_or("FEL01")));
        }
        let query = payload.child(NONE, "query")?;
        let number = soap_reply::text(query, NONE, "personnummer")?;
        // The schema demands who asks.
        soap_reply::text(query.child(NONE, "ingivare")?, NONE, "handlaggare")?;
        let known = world.find(number).filter(|person| !person.unknown_at.contains(&Agency::Miv));
        let period = Period::new(world.today(), world.today()).ok()?;
        let section = known.filter(|_| script != "no-such-person").map(|person| match world.told() {
            Some(sections::Section::Miv(told)) => told.clone(),
            _ => facts::miv::section(person, &period, world.today()),
        });
        let response = section.map(|section| told(query, &section, script));
        Some(answered(&ANSWER, response.as_slice()))
    })
}

fn exception(code: &str) -> Response {
    fault("Server", |writer| {
        writer
            .open("ns2:SSBTEKSoapException")
            .namespace("ns2", ANSWER.namespace)
            .element_with_text("faultCode", code)
            .element_with_text("faultString", "Frågan kunde inte besvaras")
            .close();
    })
}

fn told(query: &Element, section: &Section, script: &str) -> String {
    let asked = query.child_text(NONE, "personnummer").unwrap_or_default();
    let stated = section.person.as_ref().map(|person| match script {
        "other-person" => soap_reply::somebody_else(asked),
        "ten-digits" => person.ten_digits(),
        _ => person.expose(),
    });
    let repeated = Repeated {
        asked_as: match script {
            "other-correlation" => Some("00000000000000000000000000000000"),
            _ => query.child_text(NONE, "korrelationsid"),
        },
        answered_as: "mock-1",
        person: stated.filter(|_| script != "unsaid-person"),
    };
    let told = response(&repeated, section);
    match script {
        "no-list" => without_list(&told),
        "nil-entry" => told.replace("<svarCollection/>", "<svarCollection></svarCollection>").replace(
            "<svarCollection>",
            &format!(r#"<svarCollection><svar xmlns:xsi="{XSI}" xsi:nil="true"/>"#),
        ),
        "unknown-validity" => soap_reply::with_text(&told, "giltighetstid", "TILLS_VIDARE"),
        "qualified" => told
            .replace("<response>", &format!(r#"<q:response xmlns:q="{}">"#, ANSWER.namespace))
            .replace("</response>", "</q:response>"),
        _ => told,
    }
}

fn without_list(told: &str) -> String {
    let cut = told.replace("<svarCollection/>", "");
    match (cut.split_once("<svarCollection>"), cut.split_once("</svarCollection>")) {
        (Some((before, _)), Some((_, after))) => format!("{before}{after}"),
        _ => cut,
    }
}
