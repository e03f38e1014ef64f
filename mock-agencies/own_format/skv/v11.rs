//! Contract v11: five parts, each `data` (base64 of JSON) or `error`.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use ssbtek_domain::{
    Agency,
    sections::{Section, skv::Part},
};

use super::{distorted, somebody_else};
use crate::{
    facts,
    own_format::{Request, Response, World},
};

pub(super) fn answer(request: &Request<'_>, world: &dyn World) -> Response {
    let script = world.scripted().unwrap_or_default();
    let Some((number, years, mut parts)) = asked(request.body) else {
        return reply(400, &json!({"error": error("400")}));
    };
    if script == "unasked-part" {
        parts = Part::ALL.to_vec();
    }
    let person = world.find(&number).filter(|person| !person.unknown_at.contains(&Agency::Skv));
    let section = person.map(|person| match world.told() {
        Some(Section::Skv(told)) => facts::skv::with_documents(told.clone(), &parts),
        _ => facts::skv::for_years(person, &years, &parts, world.today()),
    });
    let named = if script == "other-person" { somebody_else(&number) } else { number.clone() };
    let mut body = Map::new();
    body.insert("personidentitet".into(), named.into());
    for part in parts {
        let document = section
            .iter()
            .flat_map(|section| &section.documents)
            .find(|document| document.part == Some(part))
            .and_then(|document| document.text.as_deref());
        let told = match document {
            Some(document) => told(script, part, &distorted(script, document, &number)),
            None => Some(json!({"error": error("404")})),
        };
        body.extend(told.map(|told| (part.name().to_owned(), told)));
    }
    match script {
        "whole-error" => reply(200, &json!({"error": error("503")})),
        "no-parts" => reply(200, &json!({})),
        "whole-error-beside" => {
            body.insert("error".into(), error("503"));
            reply(200, &Value::Object(body))
        }
        _ => reply(200, &Value::Object(body)),
    }
}

/// One part as `script` has it; `None` when it is left out.
fn told(script: &str, part: Part, document: &str) -> Option<Value> {
    let data = |text: &str| STANDARD.encode(text);
    Some(match (script, part) {
        ("all-404", _) | ("part-404", Part::CompanyInformation) => json!({"error": error("404")}),
        ("part-500", Part::TaxAccount) => json!({"error": error("500")}),
        ("part-missing", Part::TaxAccount) => return None,
        ("part-both", Part::TaxAccount) => json!({"data": data(document), "error": error("500")}),
        ("part-text-code", Part::TaxAccount) => json!({"error": error("Tjänsten är stängd")}),
        ("bad-base64", Part::TaxAccount) => json!({"data": "inte base64!"}),
        ("bad-json", Part::TaxAccount) => json!({"data": data("{\"saldo\":")}),
        ("deep-json", Part::TaxAccount) => {
            json!({"data": data(&("[".repeat(10_000) + &"]".repeat(10_000)))})
        }
        _ => json!({"data": data(document)}),
    })
}

fn asked(body: &[u8]) -> Option<(String, Vec<i32>, Vec<Part>)> {
    let question: Value = serde_json::from_slice(body).ok()?;
    let years = question.get("ar")?.as_array()?.iter();
    let years = years
        .map(|year| year.as_i64().and_then(|year| i32::try_from(year).ok()))
        .collect::<Option<Vec<_>>>()?;
    let mut parts = vec![];
    for part in Part::ALL {
        if question.get(part.name())?.as_bool()? {
            parts.push(part);
        }
    }
    let number = question.get("personidentitet")?.as_str()?.to_owned();
    (!years.is_empty() && !parts.is_empty()).then_some((number, years, parts))
}

fn error(code: &str) -> Value {
    json!({"kalla": "BT", "felkod": code, "felmeddelande": ["Påhittad feltext"]})
}

fn reply(status: u16, body: &Value) -> Response {
    Response { status, content_type: "application/json", body: body.to_string().into_bytes() }
}
