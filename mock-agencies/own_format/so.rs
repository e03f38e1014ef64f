//! The unemployment funds' own format, mock side: Samorganisationen for all, or one fund directly.
//!
//! Scripted, where "the fund" is the person's own, else the first: `fund-unknown-status` (a text nobody knows, no facts),
//! `fund-unknown-status-facts` (the same, facts kept), `fund-fault` (the fund's own failure, no facts),
//! `all-funds-fault`, `empty-list`, `missing-fund`, `two-entries`, `nil-decision` (applied, not decided),
//! `inverted-period`, `fine-decimal` (more decimals than money has), `stray-namespace` (payments in another namespace),
//! `other-person`, `no-such-person`, `soap-fault`.

use ssbtek_domain::{
    Agency, FUNDS, FundCode, Outcome, Period,
    sections::{
        self,
        so::{Application, Fund, Section, StatusTexts},
    },
};
use ssbtek_xml::{Element, Writer, XSI};

use super::{
    Request, Response, World,
    soap_reply::{self, fault, told},
};
use crate::{facts, population::TestPerson};

const NAMESPACE: &str = "http://INT014.UBPService.Schemas";

/// Answers for all funds.
pub fn answer(request: &Request<'_>, world: &dyn World) -> Response {
    reply(request, world, None)
}

/// Answers for one fund.
pub fn answer_fund(request: &Request<'_>, world: &dyn World, fund: &FundCode) -> Response {
    reply(request, world, Some(fund))
}

fn reply(request: &Request<'_>, world: &dyn World, only: Option<&FundCode>) -> Response {
    soap_reply::reply(request, (NAMESPACE, "GetUnemploymentBenefitPaymentRequest"), |payload| {
        let script = world.scripted().unwrap_or_default();
        if script == "soap-fault" {
            return Some(fault("Server", |_| {}));
        }
        let asked = soap_reply::text(payload, NAMESPACE, "IdentificationNumber")?;
        let period = soap_reply::period(payload, NAMESPACE)?;
        let known = world.find(asked).filter(|person| !person.unknown_at.contains(&Agency::So));
        let known = known.filter(|_| script != "no-such-person");
        let number = match known {
            _ if script == "other-person" => soap_reply::somebody_else(asked),
            Some(person) => person.number.expose(),
            None => asked,
        };
        let section = match (known, only) {
            (Some(person), Some(fund)) => facts::so::fund_section(person, fund, &period, world.today()),
            (Some(person), None) => facts::so::section(person, &period, world.today()),
            (None, only) => nobody(only),
        };
        let section = match (known, world.told()) {
            (Some(_), Some(sections::Section::So(facts))) => facts.clone(),
            _ => distort(section, known, only, script),
        };
        Some(told(|writer| write(writer, payload, number, &section, script)))
    })
}

/// Every fund that is asked says that it knows nobody.
fn nobody(only: Option<&FundCode>) -> Section {
    let names = match only {
        Some(fund) => vec![facts::so::fund_name(fund)],
        None => FUNDS.iter().map(|(_, name)| (*name).to_owned()).collect(),
    };
    Section::compose(names.into_iter().map(|name| (name, Outcome::NoSuchPerson, None)).collect())
}

fn distort(
    mut section: Section,
    person: Option<&TestPerson>,
    only: Option<&FundCode>,
    script: &str,
) -> Section {
    let own = only.or_else(|| person.and_then(|person| person.fund.as_ref())).map(facts::so::fund_name);
    let at = section.funds.iter().position(|fund| Some(&fund.name) == own.as_ref()).unwrap_or(0);
    let failure = StatusTexts::own_text(Outcome::FailedAtSource).to_owned();
    match script {
        "empty-list" => section.funds.clear(),
        "missing-fund" if at < section.funds.len() => {
            section.funds.remove(at);
        }
        "all-funds-fault" => {
            section.funds.iter_mut().for_each(|fund| *fund = failed(&fund.name, failure.clone()))
        }
        "two-entries" => section.funds.extend(section.funds.get(at).cloned()),
        _ => {}
    }
    let Some(fund) = section.funds.get_mut(at) else { return section };
    match script {
        "fund-unknown-status" => *fund = failed(&fund.name, "Kod 17".to_owned()),
        "fund-unknown-status-facts" => fund.status = "Kod 17".to_owned(),
        "fund-fault" => *fund = failed(&fund.name, failure),
        "nil-decision" => {
            fund.application = Some(Application { right_decided_on: None, claim_submitted: true });
        }
        _ => {}
    }
    section
}

fn failed(name: &str, status: String) -> Fund {
    Fund { name: name.to_owned(), status, ..Fund::default() }
}

fn write(writer: &mut Writer, question: &Element, number: &str, section: &Section, script: &str) {
    writer.open("GetUnemploymentBenefitPaymentResponse").namespace("", NAMESPACE).namespace("xsi", XSI);
    for element in question.elements() {
        let text = if element.name() == "IdentificationNumber" { number } else { element.text() };
        writer.element_with_text(element.name(), text);
    }
    writer.open("ArbetsloshetsersattningLista");
    for fund in &section.funds {
        write_fund(writer, fund, script);
    }
    writer.close().close();
}

fn write_fund(writer: &mut Writer, fund: &Fund, script: &str) {
    writer
        .open("Arbetsloshetsersattning")
        .element_with_text("SvarandeOrganisation", &fund.name)
        .element_with_text("StatusSvarandeOrganisation", &fund.status);
    for payment in &fund.payments {
        let covers = match script {
            "inverted-period" => (payment.covers.to().succ_opt().unwrap_or_default(), payment.covers.from()),
            _ => (payment.covers.from(), payment.covers.to()),
        };
        let days = match script {
            "fine-decimal" => "9.000001".to_owned(),
            _ => payment.days.to_string(),
        };
        writer.open("Utbetalningar");
        if script == "stray-namespace" {
            writer.namespace("", "urn:annan");
        }
        writer
            .element_with_text("Utbetalningsdatum", &payment.paid_on.to_string())
            .element_with_text("NettoEfterSkatt", &payment.net_after_tax.to_string())
            .element_with_text("NettoEfterAvdrag", &payment.net_after_deductions.to_string())
            .element_with_text("Ersattningsdagar", &days)
            .element_with_text("AvserFrom", &covers.0.to_string())
            .element_with_text("AvserTom", &covers.1.to_string())
            .close();
    }
    for suspension in &fund.suspensions {
        write_suspension(writer, suspension);
    }
    fund.application.iter().for_each(|application| write_application(writer, application));
    writer.close();
}

fn write_suspension(writer: &mut Writer, suspension: &Period) {
    writer
        .open("Avstangningar")
        .element_with_text("AvstangdFrom", &suspension.from().to_string())
        .element_with_text("AvstangdTom", &suspension.to().to_string())
        .close();
}

fn write_application(writer: &mut Writer, application: &Application) {
    writer.open("AnsoktOmErsattning").open("BeslutOmRattTillErsattning");
    match application.right_decided_on {
        Some(day) => writer.text(&day.to_string()),
        None => writer.attribute("xsi:nil", "true"),
    };
    let submitted = if application.claim_submitted { "true" } else { "false" };
    writer.close().element_with_text("AnsokanOmUtbetalningInlamnad", submitted).close();
}
