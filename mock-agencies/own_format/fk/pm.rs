//! PM's facts as LEFI JSON.

use ssbtek_domain::sections::fk::{
    common::{Code, PersonRole, Span},
    pm::{PensionAgency, PmCompensation, PmDecision, PmPayment},
};

use super::{
    encode::{amount, date, day, put_figures},
    value::{Value, list, number, object, text},
};

/// Puts PM's lists beside FK's object.
pub(super) fn put(answer: &mut Value, pm: &PensionAgency) {
    let claims = list(&pm.claims, |claim| {
        object([
            ("ansprakid", claim.id.as_deref().map(text)),
            ("ankomstdatum", claim.arrived.map(day)),
            ("formansgrupp", claim.group.as_ref().map(code)),
            ("yrkadPeriod", claim.period.as_ref().map(span)),
        ])
    });
    let other = list(&pm.other, |found| {
        let mut information = object([("informationstyp", found.kind.as_ref().map(code))]);
        put_figures(&mut information, &found.figures);
        information
    });
    for (name, found) in [
        ("ansprak", claims),
        ("beslut", list(&pm.decisions, decision)),
        ("preliminaraUtbetalningar", list(&pm.announced, payment)),
        ("utbetalningar", list(&pm.paid, payment)),
        ("ovrigInformation", other),
    ] {
        if let Some(found) = found {
            answer.put(name, found);
        }
    }
}

fn code(code: &Code) -> Value {
    // Both members are required here.
    object([
        ("kod", Some(text(code.id.clone().unwrap_or_default()))),
        ("beskrivning", Some(text(code.description.clone().unwrap_or_default()))),
    ])
}

fn span(span: &Span) -> Value {
    object([("from", span.from.map(date)), ("tom", span.to.map(date))])
}

fn decision(decision: &PmDecision) -> Value {
    object([
        ("beslutsid", decision.id.as_deref().map(text)),
        ("beslutsdatum", decision.decided.map(day)),
        ("formansgrupp", decision.group.as_ref().map(code)),
        ("beslutsstatus", decision.status.as_ref().map(code)),
        ("beslutsutfall", decision.outcome.as_ref().map(code)),
        ("beslutadErsattning", list(&decision.compensations, compensation)),
        ("tillagg", additions(decision)),
    ])
}

fn compensation(found: &PmCompensation) -> Value {
    let decided = object([
        ("belopp", found.amount.map(amount)),
        ("beloppsfrekvens", found.frequency.as_ref().map(code)),
    ]);
    let mut basis = object([]);
    put_figures(&mut basis, &found.basis);
    object([
        ("beslutatBelopp", Some(decided)),
        ("period", found.period.as_ref().map(span)),
        ("ersattningstyp", found.kind.as_ref().map(code)),
        ("omfattning", found.extent.as_ref().map(number)),
        ("underlag", (!found.basis.is_empty()).then_some(basis)),
    ])
}

fn additions(decision: &PmDecision) -> Option<Value> {
    if decision.additions.is_empty() && decision.persons.is_empty() {
        return None;
    }
    let mut additions = object([]);
    put_figures(&mut additions, &decision.additions);
    let (mut dead, mut survivors) = (0, 0);
    for found in &decision.persons {
        let number = text(found.person.number.clone().unwrap_or_default());
        match found.role {
            PersonRole::Medsokande => {
                additions.put("bostadsInkomststod.berakningsunderlag.medsokande", number);
            }
            PersonRole::Avliden => {
                let path = format!("efterlevandeformaner.avlidna[{dead}]");
                dead += 1;
                additions.put(&format!("{path}.person"), number);
                if let Some(died) = found.person.died.first() {
                    additions.put(&format!("{path}.dodsfallsdatum"), text(died.as_str()));
                }
                if let Some(born) = &found.person.born {
                    additions.put(&format!("{path}.fodelsedatum"), text(born.as_str()));
                }
            }
            _ => {
                let path = format!("efterlevandeformaner.ovrigaBerattigadeEfterlevande[{survivors}].person");
                survivors += 1;
                additions.put(&path, number);
            }
        }
    }
    Some(additions)
}

fn payment(payment: &PmPayment) -> Value {
    object([
        ("utbetalningsdatum", payment.date.map(day)),
        ("utbetalningsperiod", payment.period.as_ref().map(span)),
        ("bruttobelopp", payment.gross.map(amount)),
        ("nettobelopp", payment.net.map(amount)),
        (
            "avdrag",
            list(&payment.deductions, |found| {
                object([("belopp", found.amount.map(amount)), ("avdragstyp", found.kind.as_ref().map(code))])
            }),
        ),
        (
            "utbetalningsrader",
            list(&payment.rows, |row| {
                object([
                    ("formansgrupp", row.group.as_ref().map(code)),
                    ("belopp", row.amount.map(amount)),
                    ("utbetalningsforman", row.benefit.as_ref().map(code)),
                    ("beloppstyp", row.amount_type.as_ref().map(code)),
                ])
            }),
        ),
    ])
}
