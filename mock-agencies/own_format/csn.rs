//! CSN's own format, mock side: `SBNUppgEkBistandBegar` in, `CSNSvar` out, schema 4.0.
//!
//! Scripted: each hides inside an answer with HTTP status 200, except the last.
//!
//! | name | what CSN says |
//! |---|---|
//! | `-2` `-1004` `-1005` `-1006` `-1007` `-1103` | that `ResultatKod`, nobody in the answer |
//! | `-1101` `-1102` `-1104` | HUT, SM/SH or OSS down; the others' facts |
//! | `unknown-code` | −1999, which no table has |
//! | `no-person` | success, and nobody in the answer |
//! | `ej-traff`, `ej-traff-sekretess` | success, and the person's status "Ej träff", unmarked or marked |
//! | `ej-traff-with-cases` | the same status, and a case all the same |
//! | `unknown-status` | a status of the person outside the list |
//! | `sekretess-ja`, `-blank`, `-absent`, `-unknown` | that marking, whatever the population says |
//! | `capped` | every list of ten cases as long as it can be |
//! | `unknown-codes` | codes outside every list |
//! | `undecided` | a payment without a day and with a status nobody knows |
//! | `other-person` | somebody else's facts |
//! | `other-echo` | the question repeated is about somebody else |
//! | `two-persons` | somebody else beside the person asked about |
//! | `bad-amount`, `bad-week` | an amount that is no number, a week that no year has |
//! | `stray-namespace` | payments in another namespace |
//! | `http-500` | HTTP status 500 |

mod question;
mod scripts;

use ssbtek_domain::{Agency, Period, sections::Section};

use self::question::Asked;
use super::{Request, Response, World, soap_reply::in_a_hand_of_its_own};
use crate::facts;

/// Answers one question.
pub fn answer(request: &Request<'_>, world: &dyn World) -> Response {
    let script = world.scripted().unwrap_or_default();
    if script == "http-500" {
        return Response { status: 500, content_type: "text/plain; charset=utf-8", body: vec![] };
    }
    let Some(asked) = Asked::read(request.body) else {
        return xml(scripts::told("-1005", "", "", &[]));
    };
    let alone = |code: &str| xml(scripts::told(code, &asked.century, &asked.number, &[]));
    match script {
        "-2" | "-1004" | "-1005" | "-1006" | "-1007" | "-1103" => return alone(script),
        "unknown-code" => return alone("-1999"),
        "no-person" => return alone("0"),
        _ => {}
    }
    if let Some(code) = asked.refusal(world.today()) {
        return alone(code);
    }
    let person = world.find(&asked.person()).filter(|person| !person.unknown_at.contains(&Agency::Csn));
    let (Some(person), Ok(period)) = (person, Period::new(asked.from, asked.to)) else { return alone("-2") };
    let section = match world.told() {
        Some(Section::Csn(told)) => told.clone(),
        _ => facts::csn::section(person, &period, world.today()),
    };
    xml(scripts::apply(script, &asked, section))
}

fn xml(body: String) -> Response {
    let body = in_a_hand_of_its_own(&body, "csn");
    Response { status: 200, content_type: "application/xml; charset=utf-8", body: body.into_bytes() }
}
