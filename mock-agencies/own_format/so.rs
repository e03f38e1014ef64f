//! The unemployment funds' own format, mock side: Samorganisationen for all, or one fund directly.
//!
//! Scripted, where "the fund" is the person's own, else the first: `fund-unknown-status` (a text nobody knows, no facts),
//! `fund-unknown-status-facts` (the same, facts kept), `fund-fault` (the fund's own failure, no facts),
//! `all-funds-fault`, `empty-list`, `missing-fund`, `two-entries`, `nil-decision` (applied, not decided),
//! `inverted-period`, `fine-decimal` (more decimals than money has), `stray-namespace` (payments in another namespace),
//! `other-person`, `no-such-person`, `soap-fault`.

use ssbtek_domain::{
    Agency, FUNDS, FundCode, Outcome,
    sections::{
        self,
        so::{Application, Fund, Section, StatusTexts},
    },
};
use ssbtek_formats::{
    Repeated,
    so::{ANSWER, write::children},
};

use super::{
    Request, Response, World,
    soap_reply::{self, answered, fault},
};
use crate::{facts, population::TestPerson};

/// Answers for all funds.
pub fn answer(request: &Request<'_>, world: &dyn World) -> Response {
    reply(request, world, None)
}

/// Answers for one fund.
pub fn answer_fund(request: &Request<'_>, world: &dyn World, fund: &FundCode) -> Response {
    reply(request, world, Some(fund))
}

fn reply(request: &Request<'_>, world: &dyn World, only: Option<&FundCode>) -> Response {
    soap_reply::reply(request, (ANSWER.namespace, "GetUnemploymentBenefitPaymentRequest"), |payload| {
        let script = world.scripted().unwrap_or_default();
        if script == "soap-fault" {
            return Some(fault("Server", |_| {}));
        }
        let asked = soap_reply::text(payload, ANSWER.namespace, "IdentificationNumber")?;
        let period = soap_reply::period(payload, ANSWER.namespace)?;
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
        let mut repeated = Repeated::of(payload);
        repeated.set("IdentificationNumber", number);
        let children = children(&repeated, &section).into_iter().map(|child| broken(child, script));
        Some(answered(&ANSWER, &children.collect::<Vec<_>>()))
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
            fund.application = Some(Application {
                right_decided_on: None,
                right_not_told: false,
                claim_submitted: Some(true),
            });
        }
        _ => {}
    }
    section
}

fn failed(name: &str, status: String) -> Fund {
    Fund { name: name.to_owned(), status, ..Fund::default() }
}

/// What the scripts break in the document itself.
fn broken(list: String, script: &str) -> String {
    match script {
        "inverted-period" => list
            .replace("AvserFrom>", "AvserX>")
            .replace("AvserTom>", "AvserFrom>")
            .replace("AvserX>", "AvserTom>"),
        "fine-decimal" => soap_reply::with_text(&list, "Ersattningsdagar", "9.000001"),
        "stray-namespace" => list.replace("<Utbetalningar>", r#"<Utbetalningar xmlns="urn:annan">"#),
        _ => list,
    }
}
