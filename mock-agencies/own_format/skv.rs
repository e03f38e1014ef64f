//! Skatteverket's own format, mock side: XML is answered by contract v10, JSON by v11. Both forms are made up where
//! nothing is published; see [`crate::facts::skv`].
//!
//! Scripted:
//!
//! | name | version | what Skatteverket says |
//! |---|---|---|
//! | `part-404` | v11 | `foretagsinformation` has error BT/404 |
//! | `part-500` | v11 | `skattekonto` has error BT/500 |
//! | `part-missing` | v11 | `skattekonto` is left out |
//! | `part-both` | v11 | `skattekonto` has both data and error |
//! | `part-text-code` | v11 | `skattekonto` has an error whose code is a sentence |
//! | `all-404` | v11 | every part has error BT/404 |
//! | `whole-error` | v11 | nothing but an error for the whole |
//! | `whole-error-beside` | v11 | all parts, and an error for the whole |
//! | `unasked-part` | v11 | all five parts, whatever was asked |
//! | `bad-base64`, `bad-json`, `deep-json` | v11 | `skattekonto`'s data is that |
//! | `no-parts` | v11 | `{}` |
//! | `other-person-inside` | v11 | the documents are about somebody else, the envelope is not |
//! | `other-person` | both | somebody else's facts |
//! | `third-party` | both | a document also names somebody else |
//! | `unknown-form` | both | documents with names nobody knows |
//! | `soap-fault` | v10 | a fault with `MeddelandeKod` 9071001 |
//! | `not-xml` | v10 | `svar` holds no XML |
//! | `http-500` | both | HTTP status 500 |

mod v10;
mod v11;

use ssbtek_domain::Personnummer;

use super::{Request, Response, World};

/// Answers one question in the version it was asked in.
pub fn answer(request: &Request<'_>, world: &dyn World) -> Response {
    if world.scripted() == Some("http-500") {
        return Response { status: 500, content_type: "text/plain; charset=utf-8", body: vec![] };
    }
    match request.body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => v11::answer(request, world),
        _ => v10::answer(request, world),
    }
}

/// A number that is surely another person's.
fn somebody_else(own: &str) -> String {
    ["19800101980", "19800202980"]
        .iter()
        .flat_map(|base| (0..10).map(move |digit| format!("{base}{digit}")))
        .find(|other| other != own && Personnummer::parse_undated(other).is_ok())
        .unwrap_or_default()
}

/// A document as `script` distorts it; `own` is the number of the person asked about.
fn distorted(script: &str, document: &str, own: &str) -> String {
    match script {
        "other-person" | "other-person-inside" => document.replace(own, &somebody_else(own)),
        "third-party" => {
            let other = somebody_else(own);
            if document.starts_with('{') {
                document.replacen('{', &format!(r#"{{"make":{{"nummer":"{other}"}},"#), 1)
            } else {
                document.replace(
                    "</Beskattningsuppgifter>",
                    &format!("<make>{other}</make></Beskattningsuppgifter>"),
                )
            }
        }
        "unknown-form" if document.starts_with('{') => r#"{"okänt":[1.5,{"x":null}]}"#.to_owned(),
        "unknown-form" => "<okänt><x>1,5</x></okänt>".to_owned(),
        _ => document.to_owned(),
    }
}
