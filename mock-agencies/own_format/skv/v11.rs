//! Contract v11: five parts, each `data` (base64 of JSON) or `error`.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use ssbtek_domain::{
    Agency,
    sections::{Section, skv::Part},
};
use ssbtek_formats::skv::write::{self, PartTold};

use super::{distorted, somebody_else};
use crate::{
    facts,
    own_format::{Request, Response, World},
};

pub(super) fn answer(request: &Request<'_>, world: &dyn World) -> Response {
    let script = world.scripted().unwrap_or_default();
    let Some((number, years, mut parts)) = asked(request.body) else {
        return reply(400, write::parts(None, &[], Some("400")));
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
    let told: Vec<PartTold> = parts
        .into_iter()
        .filter_map(|part| {
            let document = section
                .iter()
                .flat_map(|section| &section.documents)
                .find(|document| document.part == Some(part))
                .and_then(|document| document.text.as_deref());
            match document {
                Some(document) => told(script, part, &distorted(script, document, &number)),
                None => Some(PartTold { part, data: None, error: Some("404") }),
            }
        })
        .collect();
    reply(
        200,
        match script {
            "whole-error" => write::parts(None, &[], Some("503")),
            "no-parts" => write::parts(None, &[], None),
            "whole-error-beside" => write::parts(Some(&named), &told, Some("503")),
            _ => write::parts(Some(&named), &told, None),
        },
    )
}

/// One part as `script` has it; `None` when it is left out.
fn told(script: &str, part: Part, document: &str) -> Option<PartTold> {
    let (data, error) = match (script, part) {
        ("all-404", _) | ("part-404", Part::CompanyInformation) => (None, Some("404")),
        ("part-500", Part::TaxAccount) => (None, Some("500")),
        ("part-missing", Part::TaxAccount) => return None,
        ("part-both", Part::TaxAccount) => (Some(STANDARD.encode(document)), Some("500")),
        ("part-text-code", Part::TaxAccount) => (None, Some("Tjänsten är stängd")),
        ("bad-base64", Part::TaxAccount) => (Some("inte base64!".to_owned()), None),
        ("bad-json", Part::TaxAccount) => (Some(STANDARD.encode("{\"saldo\":")), None),
        ("deep-json", Part::TaxAccount) => {
            (Some(STANDARD.encode("[".repeat(10_000) + &"]".repeat(10_000))), None)
        }
        _ => (Some(STANDARD.encode(document)), None),
    };
    Some(PartTold { part, data, error })
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

fn reply(status: u16, body: Vec<u8>) -> Response {
    Response { status, content_type: "application/json", body }
}
