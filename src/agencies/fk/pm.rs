//! Pensionsmyndigheten's facts, in PM's own model.

use ssbtek_domain::sections::fk::{
    common::PersonRole,
    person::{Person, PersonInRole},
    pm::{
        PensionAgency, PmClaim, PmCompensation, PmDecision, PmDeduction, PmInformation, PmPayment,
        PmPaymentRow,
    },
};

use super::{
    fields::{Fields, key},
    figures::figures,
};
use crate::Refused;

/// PM's lists stand at the top of the answer, beside FK's `formansinformation`.
pub(super) fn pension_agency(answer: Fields<'_>) -> Result<PensionAgency, Refused> {
    Ok(PensionAgency {
        claims: answer.each(key!("ansprak"), |claim| {
            Ok(PmClaim {
                id: claim.text(key!("ansprakid"))?,
                arrived: claim.date(key!("ankomstdatum"))?,
                group: claim.code(key!("formansgrupp"))?,
                period: claim.span(key!("yrkadPeriod"))?,
            })
        })?,
        decisions: answer.each(key!("beslut"), decision)?,
        paid: answer.each(key!("utbetalningar"), payment)?,
        announced: answer.each(key!("preliminaraUtbetalningar"), payment)?,
        other: answer.each(key!("ovrigInformation"), information)?,
    })
}

fn decision(fields: Fields<'_>) -> Result<PmDecision, Refused> {
    Ok(PmDecision {
        id: fields.text(key!("beslutsid"))?,
        decided: fields.date(key!("beslutsdatum"))?,
        group: fields.code(key!("formansgrupp"))?,
        status: fields.code(key!("beslutsstatus"))?,
        outcome: fields.code(key!("beslutsutfall"))?,
        compensations: fields.each(key!("beslutadErsattning"), compensation)?,
        persons: match fields.one(key!("tillagg"), Ok)? {
            Some(additions) => persons(additions)?,
            None => vec![],
        },
        additions: figures("", fields.raw(key!("tillagg"))),
    })
}

fn compensation(fields: Fields<'_>) -> Result<PmCompensation, Refused> {
    let decided = fields.one(key!("beslutatBelopp"), |amount| {
        Ok((amount.amount(key!("belopp"))?, amount.code(key!("beloppsfrekvens"))?))
    })?;
    let (amount, frequency) = decided.unwrap_or_default();
    Ok(PmCompensation {
        amount,
        frequency,
        period: fields.span(key!("period"))?,
        kind: fields.code(key!("ersattningstyp"))?,
        extent: fields.decimal(key!("omfattning"))?,
        basis: figures("", fields.raw(key!("underlag"))),
    })
}

/// Co-applicant, deceased and other survivors, who stand as bare numbers in `tillagg`.
fn persons(additions: Fields<'_>) -> Result<Vec<PersonInRole>, Refused> {
    let mut persons = vec![];
    let mut add = |role, number, born, died: Option<String>| {
        let person = Person { number, born, died: died.into_iter().collect(), ..Person::default() };
        persons.push(PersonInRole { role, person });
    };
    if let Some(housing) = additions.one(key!("bostadsInkomststod"), Ok)?
        && let Some(basis) = housing.one(key!("berakningsunderlag"), Ok)?
        && let Some(number) = basis.text(key!("medsokande"))?
    {
        add(PersonRole::Medsokande, Some(number), None, None);
    }
    if let Some(survivors) = additions.one(key!("efterlevandeformaner"), Ok)? {
        for dead in survivors.each(key!("avlidna"), Ok)? {
            add(
                PersonRole::Avliden,
                dead.text(key!("person"))?,
                dead.text(key!("fodelsedatum"))?,
                dead.text(key!("dodsfallsdatum"))?,
            );
        }
        for survivor in survivors.each(key!("ovrigaBerattigadeEfterlevande"), Ok)? {
            add(PersonRole::BerattigadEfterlevande, survivor.text(key!("person"))?, None, None);
        }
    }
    Ok(persons)
}

fn payment(fields: Fields<'_>) -> Result<PmPayment, Refused> {
    Ok(PmPayment {
        date: fields.date(key!("utbetalningsdatum"))?,
        period: fields.span(key!("utbetalningsperiod"))?,
        gross: fields.amount(key!("bruttobelopp"))?,
        net: fields.amount(key!("nettobelopp"))?,
        deductions: fields.each(key!("avdrag"), |deduction| {
            Ok(PmDeduction {
                amount: deduction.amount(key!("belopp"))?,
                kind: deduction.code(key!("avdragstyp"))?,
            })
        })?,
        rows: fields.each(key!("utbetalningsrader"), |row| {
            Ok(PmPaymentRow {
                group: row.code(key!("formansgrupp"))?,
                amount: row.amount(key!("belopp"))?,
                benefit: row.code(key!("utbetalningsforman"))?,
                amount_type: row.code(key!("beloppstyp"))?,
            })
        })?,
    })
}

fn information(fields: Fields<'_>) -> Result<PmInformation, Refused> {
    let mut values = vec![];
    for key in [key!("levnadsintyg"), key!("pensionsbehallning"), key!("pensionsunderlag")] {
        values.extend(figures(key.name, fields.raw(key)));
    }
    Ok(PmInformation { kind: fields.code(key!("informationstyp"))?, figures: values })
}
