//! Contract v10: `BeskattningsuppgifterRequest` → `BeskattningsuppgifterResponse`, XML inside a string.

use ssbtek_domain::{
    Agency,
    sections::{Section, skv::Part},
};
use ssbtek_formats::skv::{ANSWER, write::one_document};
use ssbtek_xml::{
    Limits,
    soap::{self, Body},
};

use super::distorted;
use crate::{
    facts,
    own_format::{Request, Response, World, soap_reply},
};

/// `MeddelandeKod`s of this mock; the real ones lie in the same range and are not published.
const CLOSED: &str = "9071001";
const NOT_KNOWN: &str = "9071002";
const NO_QUESTION: &str = "9071003";

pub(super) fn answer(request: &Request<'_>, world: &dyn World) -> Response {
    let script = world.scripted().unwrap_or_default();
    let Some((number, years)) = asked(request.body) else { return fault(NO_QUESTION) };
    let person = world.find(&number).filter(|person| !person.unknown_at.contains(&Agency::Skv));
    let Some(person) = person else { return fault(NOT_KNOWN) };
    if script == "soap-fault" {
        return fault(CLOSED);
    }
    let section = match world.told() {
        Some(Section::Skv(told)) => told.clone(),
        _ => facts::skv::for_years(person, &years, &Part::ALL, world.today()),
    };
    let document = match script {
        "not-xml" => "inga uppgifter".to_owned(),
        _ => distorted(script, &facts::skv::as_xml(&section), person.number.expose()),
    };
    soap_reply::answered(&ANSWER, &[one_document(&document)])
}

fn asked(body: &[u8]) -> Option<(String, Vec<i32>)> {
    let root = ssbtek_xml::parse(body, &Limits::default()).ok()?;
    let Ok(Body::Payload(payload)) = soap::unwrap(&root) else { return None };
    let forfragan = payload
        .is(ANSWER.namespace, "BeskattningsuppgifterRequest")
        .then(|| payload.child_text("", "forfragan"));
    let inner = ssbtek_xml::parse_str(forfragan??, &Limits::default()).ok()?;
    let years = inner.children("", "inkomstar").filter_map(|year| year.trimmed().parse().ok()).collect();
    Some((inner.child_text("", "personnummer")?.to_owned(), years))
}

fn fault(code: &str) -> Response {
    let body = soap::wrap_fault("Server", "Påhittad feltext", |writer| {
        writer
            .open("ns2:Exception")
            .namespace("ns2", ANSWER.namespace)
            .element_with_text("MeddelandeKod", code)
            .element_with_text("MeddelandeText", "Påhittad feltext")
            .close();
    });
    Response { status: 500, content_type: soap::CONTENT_TYPE, body }
}
