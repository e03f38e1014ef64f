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
        af::{ActivityReport, Registration, ReportMessage, Section},
    },
};
use ssbtek_formats::{
    Repeated,
    af::{ANSWER, write::children},
};

use super::{
    Request, Response, World,
    soap_reply::{self, answered_in, fault},
};
use crate::facts;

/// `StatusSokandeinformationKod` by which this mock says that it knows no such person. AF publishes no list.
pub const NO_SUCH_PERSON: i32 = 1;

/// Answers a `FragaMeddelande`.
pub fn answer(request: &Request<'_>, world: &dyn World) -> Response {
    soap_reply::reply(request, (ANSWER.namespace, "FragaMeddelande"), |payload| {
        match world.scripted() {
            Some("soap-fault") => return Some(fault("Server", |_| {})),
            Some("http-500") => {
                return Some(Response { status: 500, content_type: "text/html", body: b"<html>".to_vec() });
            }
            _ => {}
        }
        let asked = payload.child(ANSWER.namespace, "Fraga")?;
        let number = soap_reply::text(asked, ANSWER.namespace, "IdentitetsbeteckningFysiskPerson")?;
        let period = soap_reply::period(asked, ANSWER.namespace)?;
        let (echo, (number, section)) = distort(number, section(number, &period, world), world.scripted());
        let mut repeated = Repeated::of(asked);
        repeated.set("IdentitetsbeteckningFysiskPerson", echo);
        Some(answered_in("", &ANSWER, &children(&repeated, &number, &section)))
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
