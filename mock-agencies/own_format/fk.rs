//! Försäkringskassan's and Pensionsmyndigheten's own format (LEFI v9, JSON), mock side.
//!
//! Scripted: `fk-down` (FELANDE), `pm-down` (OTILLGANGLIG), `both-down`, `unknown-state`, `unlisted` (no provider is
//! listed), `avvikelse` (sickness benefit could not be fetched), `obehorig` (housing allowance is not permitted),
//! `all-obehorig` (nothing is), `gepi-avvikelse`, `unknown-avvikelse`; `no-gepi` (general information left out),
//! `no-flag` (the protected flag left out), `protected` (the flag set), `other-person`, `ten-digits` (the person's number
//! without century); `unknown-code` (a type of amount outside PM's list), `unknown-list`, `exponent` (amounts as 1.2E3),
//! `too-fine` (an amount with five decimals), `foreign-currency`, `wrong-type`, `duplicate-key`, `html`, `utf-16`;
//! `400`, `403`, `500`, `503`.

mod encode;
mod matter;
mod pm;
mod question;
mod value;

use ssbtek_domain::{
    Agency,
    sections::{self, fk::Section},
};

use self::{
    question::Asked,
    value::{Value, object, text},
};
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
    let mut section = match (person, world.told()) {
        (Some(_), Some(sections::Section::Fk(told))) => told.clone(),
        (Some(person), _) => {
            let mut section = facts::fk::section(person, &asked.period, world.today());
            asked.reduce(&mut section);
            section
        }
        (None, _) => Section::default(),
    };
    let script = world.scripted().unwrap_or_default();
    distort(&mut section, script);
    let mut answer = encode::answer(&section, &states(script), deviations(script, &asked));
    lie(&mut answer, &section, script);
    respond(answer.to_string(), script)
}

/// The answer that tells exactly this section, both providers being in order.
pub fn told(section: &Section) -> Vec<u8> {
    encode::answer(section, &states(""), vec![]).to_string().into_bytes()
}

/// States of FK and PM.
fn states(script: &str) -> Vec<(&'static str, &'static str)> {
    match script {
        "fk-down" => vec![("FK", "FELANDE"), ("PM", "OK")],
        "pm-down" => vec![("FK", "OK"), ("PM", "OTILLGANGLIG")],
        "both-down" => vec![("FK", "FELANDE"), ("PM", "FELANDE")],
        "unknown-state" => vec![("FK", "OK"), ("PM", "STANGT")],
        "unlisted" => vec![],
        _ => vec![("FK", "OK"), ("PM", "OK")],
    }
}

/// Deviations as (class, code, reason). A provider that is down gives none.
fn deviations(script: &str, asked: &Asked) -> Vec<(String, String, &'static str)> {
    let one = |class: &str, code: &str, reason| vec![(class.to_owned(), code.to_owned(), reason)];
    match script {
        "avvikelse" => one("formansinformation", "FK:SJP", "INTERNT_FEL"),
        "obehorig" => one("formansinformation", "FK:BOB", "OBEHORIG"),
        "gepi-avvikelse" => one("ovrigInformation", "FK:GEPI", "INTERNT_FEL"),
        "unknown-avvikelse" => one("utbetalningar", "FK:NYTT", "STROMAVBROTT"),
        "all-obehorig" => {
            let all = asked.types.iter();
            all.map(|(class, code)| (class.clone(), code.clone(), "OBEHORIG")).collect()
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

/// Breaks the document itself.
fn lie(answer: &mut Value, section: &Section, script: &str) {
    let general = "formansinformation.generellPersoninformation[0].personnummer";
    let net = "formansinformation.utbetalningsuppgift[0].nettobelopp.summa";
    match script {
        "other-person" => answer.put(general, text("198001019804")),
        "ten-digits" => {
            if let Some(person) = &section.person {
                answer.put(general, text(person.ten_digits()));
            }
        }
        "unknown-code" => answer.put("utbetalningar[0].utbetalningsrader[0].beloppstyp.kod", text("PM:NYTT")),
        "unknown-list" => answer.put("formansinformation.nyttarende[0].aktivt", Value::Flag(true)),
        "too-fine" => answer.put(net, Value::Number("1234.00001".to_owned())),
        "wrong-type" => answer.put(net, text("1234")),
        "exponent" => answer.each_number(&mut |number| {
            if let Some(kronor) = number.strip_suffix("00").filter(|kronor| !kronor.contains('.')) {
                *number = format!("{}E2", if kronor.is_empty() { "0" } else { kronor });
            }
        }),
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
        _ => json.into_bytes(),
    };
    Response { status: 200, content_type: "application/json", body }
}

/// `LefiFelsvar`.
fn fault(status: u16) -> Response {
    let body = object([
        ("meddelande", Some(text("Anropet kunde inte utföras."))),
        ("timestamp", Some(text("2026-11-22T09:00:00+01:00"))),
    ]);
    Response { status, content_type: "application/json", body: body.to_string().into_bytes() }
}
