//! Försäkringskassan's and Pensionsmyndigheten's own format (LEFI v9, JSON), mock side.
//!
//! Scripted: `fk-down` (FELANDE), `pm-down` (OTILLGANGLIG), `both-down`, `unknown-state`, `unlisted` (no provider is
//! listed), `avvikelse` (sickness benefit could not be fetched), `obehorig` (housing allowance is not permitted),
//! `all-obehorig` (nothing is), `gepi-avvikelse`, `unknown-avvikelse`; `no-gepi` (general information left out),
//! `no-flag` (the protected flag left out), `protected` (the flag set), `other-person`, `ten-digits` (the person's number
//! without century); `unknown-code` (a type of amount outside PM's list), `unknown-list`, `exponent` (amounts as 1.2E3),
//! `too-fine` (an amount with five decimals), `foreign-currency`, `wrong-type`, `duplicate-key`, `html`, `utf-16`;
//! `400`, `403`, `500`, `503`.

mod lies;
mod question;

use ssbtek_domain::{
    Agency,
    sections::{self, fk::Section},
};
use ssbtek_formats::fk::{
    InformationClass,
    write::{self, Deviation, State, Wanted},
};

use self::question::Asked;
use super::{Request, Response, World};
use crate::facts;

/// Answers a LEFI question.
pub fn answer(request: &Request<'_>, world: &dyn World) -> Response {
    if let Some(status @ ("400" | "403" | "500" | "503")) = world.scripted() {
        return fault(status.parse().unwrap_or(500));
    }
    if !question::is_known_path(request.path) {
        return fault(404);
    }
    let Some(asked) = Asked::parse(request.body) else { return fault(400) };
    let person = world.find(&asked.number).filter(|person| !person.unknown_at.contains(&Agency::Fk));
    let (mut section, wanted) = match (person, world.told()) {
        (Some(_), Some(sections::Section::Fk(told))) => (told.clone(), Wanted::everything()),
        (Some(person), _) => (facts::fk::section(person, &asked.period, world.today()), asked.wanted()),
        (None, _) => (Section::default(), asked.wanted()),
    };
    let script = world.scripted().unwrap_or_default();
    distort(&mut section, script);
    match write::answer(&wanted, &states(script), &deviations(script, &asked), &section) {
        Ok(answer) => respond(lies::tell(lies::with_object(answer), &section, script), script),
        Err(_) => fault(500),
    }
}

/// The answer that tells exactly this section, both providers being in order.
pub fn told(section: &Section) -> Vec<u8> {
    let answer = write::answer(&Wanted::everything(), &states(""), &[], section);
    lies::with_object(answer.unwrap_or_default()).into_bytes()
}

/// States of FK and PM.
fn states(script: &str) -> Vec<State<'static>> {
    let (fk, pm) = match script {
        "fk-down" => ("FELANDE", "OK"),
        "pm-down" => ("OK", "OTILLGANGLIG"),
        "both-down" => ("FELANDE", "FELANDE"),
        "unknown-state" => ("OK", "STANGT"),
        "unlisted" => return vec![],
        _ => ("OK", "OK"),
    };
    [("FK", fk), ("PM", pm)].map(|(provider, state)| State { provider, state, description: None }).into()
}

/// What could not be delivered. A provider that is down gives none.
fn deviations<'a>(script: &str, asked: &'a Asked) -> Vec<Deviation<'a>> {
    let one = |class, code, reason| vec![Deviation { class, code, reason }];
    match script {
        "avvikelse" => one(InformationClass::Formansinformation, "FK:SJP", "INTERNT_FEL"),
        "obehorig" => one(InformationClass::Formansinformation, "FK:BOB", "OBEHORIG"),
        "gepi-avvikelse" => one(InformationClass::OvrigInformation, "FK:GEPI", "INTERNT_FEL"),
        "unknown-avvikelse" => one(InformationClass::Utbetalningar, "FK:NYTT", "STROMAVBROTT"),
        "all-obehorig" => {
            let all = asked.types.iter();
            all.map(|(class, code)| Deviation { class: *class, code, reason: "OBEHORIG" }).collect()
        }
        _ => vec![],
    }
}

/// Takes out what the failure takes with it.
fn distort(section: &mut Section, script: &str) {
    let pm = std::mem::take(&mut section.pm);
    match script {
        "fk-down" => *section = Section { pm, ..Section::default() },
        "pm-down" | "unknown-state" => {}
        "both-down" | "unlisted" | "all-obehorig" => *section = Section::default(),
        _ => section.pm = pm,
    }
    match script {
        "avvikelse" => section.matters.retain(|matter| matter.kind.group() != "FK:SJP"),
        "obehorig" => section.matters.retain(|matter| matter.kind.group() != "FK:BOB"),
        "no-gepi" | "gepi-avvikelse" => section.general.clear(),
        "no-flag" => section.general.iter_mut().for_each(|general| general.protected = None),
        "protected" => section.general.iter_mut().for_each(|general| general.protected = Some(true)),
        "foreign-currency" => {
            for net in section.paid.iter_mut().filter_map(|payment| payment.net.as_mut()) {
                net.currency = Some("EUR".to_owned());
            }
        }
        _ => {}
    }
}

fn respond(json: String, script: &str) -> Response {
    let body = match script {
        "duplicate-key" => json.replacen('{', r#"{"avvikelser":{},"#, 1).into_bytes(),
        "utf-16" => json.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "html" => {
            return Response { status: 200, content_type: "text/html", body: b"<html></html>".to_vec() };
        }
        // Whoever relays it must not be taken for somebody who has written it anew.
        _ => format!("{json}\n").into_bytes(),
    };
    Response { status: 200, content_type: "application/json", body }
}

/// `LefiFelsvar`.
fn fault(status: u16) -> Response {
    let body = serde_json::json!({
        "meddelande": "Anropet kunde inte utföras.",
        "timestamp": "2026-11-22T09:00:00+01:00",
    });
    Response { status, content_type: "application/json", body: body.to_string().into_bytes() }
}
