//! Arbetsförmedlingen's own format, mock side.
//!
//! Scripted: `status-N` (look-up failed with that code, no facts), `status-N-facts` (the same, facts kept),
//! `no-sekretess` (the flag left out), `sekretess` (the flag set), `report-CODE` (that activity report message),
//! `other-person`, `echo-other-person` (only the repeated question is about somebody else), `no-such-person`,
//! `soap-fault`, `http-500` (no SOAP at all).

use ssbtek_domain::{
    Agency, Period,
    sections::{
        self,
        af::{ActivityReport, Decision, Registration, ReportMessage, Section},
    },
};
use ssbtek_xml::{Element, Writer};

use super::{
    Request, Response, World,
    soap_reply::{self, fault, told},
};
use crate::facts;

const NAMESPACE: &str = "http://api.arbetsformedlingen.se/arbetssokande/ersattningsstod/v2";

/// `StatusSokandeinformationKod` by which this mock says that it knows no such person. AF publishes no list.
pub const NO_SUCH_PERSON: i32 = 1;

/// Answers a `FragaMeddelande`.
pub fn answer(request: &Request<'_>, world: &dyn World) -> Response {
    soap_reply::reply(request, (NAMESPACE, "FragaMeddelande"), |payload| {
        match world.scripted() {
            Some("soap-fault") => return Some(fault("Server", |_| {})),
            Some("http-500") => {
                return Some(Response { status: 500, content_type: "text/html", body: b"<html>".to_vec() });
            }
            _ => {}
        }
        let asked = payload.child(NAMESPACE, "Fraga")?;
        let number = soap_reply::text(asked, NAMESPACE, "IdentitetsbeteckningFysiskPerson")?;
        let period = soap_reply::period(asked, NAMESPACE)?;
        let (echo, section) = distort(number, section(number, &period, world), world.scripted());
        Some(told(|writer| write(writer, asked, echo, &section)))
    })
}

fn section(number: &str, period: &Period, world: &dyn World) -> (String, Section) {
    let known = world.find(number).filter(|person| !person.unknown_at.contains(&Agency::Af));
    match known.filter(|_| world.scripted() != Some("no-such-person")) {
        Some(person) => {
            let section = match world.told() {
                Some(sections::Section::Af(told)) => told.clone(),
                _ => facts::af::section(person, period, world.today()),
            };
            (person.number.expose().to_owned(), section)
        }
        None => {
            let status_text = Some("Personen finns inte".to_owned());
            (number.to_owned(), Section { status_code: NO_SUCH_PERSON, status_text, ..Section::default() })
        }
    }
}

/// The number in the repeated question, and the answer with its number.
fn distort<'a>(
    asked: &'a str,
    (number, mut section): (String, Section),
    scripted: Option<&str>,
) -> (&'a str, (String, Section)) {
    let Some(script) = scripted else { return (asked, (number, section)) };
    match script {
        "no-sekretess" => section.protected = None,
        "sekretess" => section.protected = Some(true),
        "other-person" => return (asked, (soap_reply::somebody_else(asked).to_owned(), section)),
        "echo-other-person" => return (soap_reply::somebody_else(asked), (number, section)),
        _ => {}
    }
    if let Some(code) = script.strip_prefix("report-") {
        let message = ReportMessage::from_code(code);
        let report = ActivityReport { message, latest_on: None };
        let registration = section.registration.take();
        section.registration = Some(Registration {
            jobseeker: registration.as_ref().and_then(|it| it.jobseeker),
            category: registration.as_ref().and_then(|it| it.category.clone()),
            registered_on: registration.as_ref().and_then(|it| it.registered_on),
            extent_percent: registration.as_ref().and_then(|it| it.extent_percent),
            deactivated_on: registration.as_ref().and_then(|it| it.deactivated_on),
            activity_report: Some(report),
        });
    }
    if let Some(status) = script.strip_prefix("status-") {
        let (code, keep) = status.strip_suffix("-facts").map_or((status, false), |code| (code, true));
        section.status_code = code.parse().unwrap_or(1);
        section.status_text = Some("Uppgifterna kunde inte hämtas".to_owned());
        if !keep {
            section.registration = None;
            section.decisions = None;
            section.fund_membership = None;
        }
    }
    (asked, (number, section))
}

fn write(writer: &mut Writer, asked: &Element, echo: &str, (number, section): &(String, Section)) {
    let said = |name| soap_reply::text(asked, NAMESPACE, name).unwrap_or_default();
    writer.open("SvarMeddelande").namespace("", NAMESPACE).open("Fraga");
    for element in asked.elements() {
        let text = if element.name() == "IdentitetsbeteckningFysiskPerson" { echo } else { element.text() };
        writer.element_with_text(element.name(), text);
    }
    writer
        .close()
        .open("Svar")
        .element_with_text("Schemaversion", "2.0")
        .element_with_text("Referensnummer", said("Referensnummer"))
        .element_with_text("LagParagraf", said("LagParagraf"))
        .element_with_text("IdentitetsbeteckningFysiskPerson", number)
        .optional("Fornamn", section.given_name.as_deref())
        .optional("Efternamn", section.family_name.as_deref())
        .optional("Sekretessmarkering", section.protected.map(|it| if it { "true" } else { "false" }))
        .with(|writer| {
            section.registration.iter().for_each(|it| registration(writer, it));
            section.decisions.iter().for_each(|it| decisions(writer, it));
        })
        .optional("Akassetillhorighet", section.fund_membership.as_deref())
        .element_with_text("StatusSokandeinformationKod", &section.status_code.to_string())
        .element_with_text(
            "StatusSokandeinformationKodText",
            section.status_text.as_deref().unwrap_or_default(),
        )
        .close()
        .close();
}

fn registration(writer: &mut Writer, told: &Registration) {
    let text = |value: &dyn ToString| value.to_string();
    writer
        .open("ArbetssokandeInfo")
        .optional("Arbetssokande", told.jobseeker.map(|it| if it { "true" } else { "false" }))
        .optional("ArbetssokandeSKAT", told.category.as_deref())
        .optional("ArbetssokandeRegistrerad", told.registered_on.map(|it| text(&it)).as_deref())
        .optional("ArbetssokandeOmfattning", told.extent_percent.map(|it| text(&it)).as_deref())
        .optional("ArbetssokandeAvaktualiserad", told.deactivated_on.map(|it| text(&it)).as_deref())
        .with(|writer| {
            if let Some(report) = &told.activity_report {
                writer
                    .open("AktivetetsRapportDatum")
                    .element_with_text("AktivitetsRapportMeddelande", report.message.code())
                    .optional(
                        "SenasteAktivitetsRapportDatum",
                        report.latest_on.map(|it| text(&it)).as_deref(),
                    )
                    .close();
            }
        })
        .close();
}

fn decisions(writer: &mut Writer, told: &Vec<Decision>) {
    writer.open("BeslutInfo").open("EkonomiskaBeslut");
    for decision in told {
        writer
            .open("Beslut")
            .element_with_text("ErsattningTyp", &decision.kind)
            .optional("Omfattning", decision.extent_percent.map(|it| it.to_string()).as_deref())
            .optional("BeslutFrom", decision.from.map(|it| it.to_string()).as_deref())
            .optional("BeslutTom", decision.to.map(|it| it.to_string()).as_deref())
            .close();
    }
    writer.close().close();
}
