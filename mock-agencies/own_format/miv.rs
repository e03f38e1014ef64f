//! Migrationsverket's own format, mock side.
//!
//! Scripted: `soap-fault` (`SSBTEKSoapException` with code FEL01), `soap-fault-CODE`, `bare-fault` (no detail),
//! `other-person`, `other-correlation` (the answer to another question), `ten-digits` (the number without century),
//! `unsaid-person` (no number), `nil-entry` (a nil entry among the others), `no-list` (no collection),
//! `unknown-validity`, `qualified` (children in the namespace, against the schema), `no-such-person`.

use ssbtek_domain::{
    Agency, NaiveDate, Period,
    sections::{
        self,
        miv::{Matter, Section, Validity},
    },
};
use ssbtek_xml::{Element, Writer, XSI};

use super::{
    Request, Response, World,
    soap_reply::{self, fault, told},
};
use crate::facts;

const NAMESPACE: &str = "http://schema.migrationsverket.se/ssbtek/1/";
/// Children are unqualified.
const NONE: &str = "";

/// Answers a `findByPersonnummer`.
pub fn answer(request: &Request<'_>, world: &dyn World) -> Response {
    soap_reply::reply(request, (NAMESPACE, "findByPersonnummer"), |payload| {
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
        Some(told(|writer| {
            writer.open("ns2:findByPersonnummerResponse").namespace("ns2", NAMESPACE).namespace("xsi", XSI);
            section.iter().for_each(|section| response(writer, query, section, script));
            writer.close();
        }))
    })
}

fn exception(code: &str) -> Response {
    fault("Server", |writer| {
        writer
            .open("ns2:SSBTEKSoapException")
            .namespace("ns2", NAMESPACE)
            .element_with_text("faultCode", code)
            .element_with_text("faultString", "Frågan kunde inte besvaras")
            .close();
    })
}

fn response(writer: &mut Writer, query: &Element, section: &Section, script: &str) {
    let asked = query.child_text(NONE, "personnummer").unwrap_or_default();
    let stated = section.person.as_ref().map(|person| match script {
        "other-person" => soap_reply::somebody_else(asked),
        "ten-digits" => person.ten_digits(),
        _ => person.expose(),
    });
    let echo = match script {
        "other-correlation" => Some("00000000000000000000000000000000"),
        _ => query.child_text(NONE, "korrelationsid"),
    };
    writer.open(if script == "qualified" { "ns2:response" } else { "response" });
    writer
        .optional("korrelationsid", echo)
        .element_with_text("correlationid", "mock-1")
        .optional("efternamn", section.family_name.as_deref())
        .optional("fornamn", section.given_name.as_deref())
        .optional("hemland", section.home_country.as_deref())
        .optional("inresedatum", day(section.entered_on).as_deref())
        .optional("personnummer", stated.filter(|_| script != "unsaid-person"));
    if script != "no-list" {
        writer.open("svarCollection");
        if script == "nil-entry" {
            writer.open("svar").attribute("xsi:nil", "true").close();
        }
        section.matters.iter().for_each(|told| matter(writer, told, script));
        writer.close();
    }
    writer.close();
}

fn matter(writer: &mut Writer, told: &Matter, script: &str) {
    let validity = match script {
        "unknown-validity" => Some("TILLS_VIDARE"),
        _ => told.validity.as_ref().map(Validity::code),
    };
    writer
        .open("svar")
        .optional("anledning", told.ground_code.as_deref())
        .optional("anledningNamn", told.ground.as_deref())
        .optional("ansokningsdatum", day(told.applied_on).as_deref())
        .optional("arendeTyp", told.kind_code.as_deref())
        .optional("arendeTypNamn", told.kind.as_deref())
        .optional("beslutsKod", told.decision_code.as_deref())
        .optional("beslutsKodNamn", told.decision.as_deref())
        .optional("beslutsTyp", told.decision_kind_code.as_deref())
        .optional("beslutsTypNamn", told.decision_kind.as_deref())
        .optional("beslutsdatum", day(told.decided_on).as_deref())
        .optional("fromDatum", day(told.valid_from).as_deref())
        .optional("giltighetstid", validity)
        .optional("tomDatum", day(told.valid_to).as_deref())
        .close();
}

fn day(day: Option<NaiveDate>) -> Option<String> {
    day.map(|day| day.to_string())
}
