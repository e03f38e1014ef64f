//! Pensionsmyndigheten's facts, in PM's own model.

use ssbtek_domain::{
    Amount,
    sections::fk::{
        common::PersonRole,
        person::{Person, PersonInRole},
        pm::{
            PensionAgency, PmClaim, PmCompensation, PmDecision, PmDeduction, PmInformation, PmPayment,
            PmPaymentRow,
        },
    },
};

use super::{fields::Fields, figures::figures};

/// PM's lists stand at the top of the answer, beside FK's `formansinformation`.
pub(super) fn pension_agency(answer: Fields<'_>) -> PensionAgency {
    PensionAgency {
        claims: answer.each("ansprak", |claim| PmClaim {
            id: claim.text("ansprakid"),
            arrived: claim.date("ankomstdatum"),
            group: claim.code("formansgrupp"),
            period: claim.span("yrkadPeriod"),
        }),
        decisions: answer.each("beslut", decision),
        paid: answer.lines("utbetalningar", payment),
        announced: answer.lines("preliminaraUtbetalningar", payment),
        other: answer.each("ovrigInformation", information),
    }
}

fn decision(fields: Fields<'_>) -> PmDecision {
    PmDecision {
        id: fields.text("beslutsid"),
        decided: fields.date("beslutsdatum"),
        group: fields.code("formansgrupp"),
        status: fields.code("beslutsstatus"),
        outcome: fields.code("beslutsutfall"),
        compensations: fields.each("beslutadErsattning", compensation),
        persons: match fields.one("tillagg", |fields| fields) {
            Some(additions) => persons(additions),
            None => vec![],
        },
        additions: figures("", fields, "tillagg"),
    }
}

fn compensation(fields: Fields<'_>) -> PmCompensation {
    let decided =
        fields.one("beslutatBelopp", |amount| (amount.amount("belopp"), amount.code("beloppsfrekvens")));
    let (amount, frequency) = decided.unwrap_or_default();
    PmCompensation {
        amount,
        frequency,
        period: fields.span("period"),
        kind: fields.code("ersattningstyp"),
        extent: fields.decimal("omfattning"),
        basis: figures("", fields, "underlag"),
    }
}

/// Co-applicant, deceased and other survivors, who stand as bare numbers in `tillagg`.
fn persons(additions: Fields<'_>) -> Vec<PersonInRole> {
    let mut persons = vec![];
    let mut add = |role, number, born, died: Option<String>| {
        let person = Person { number, born, died: died.into_iter().collect(), ..Person::default() };
        persons.push(PersonInRole { role, person });
    };
    if let Some(housing) = additions.one("bostadsInkomststod", |fields| fields)
        && let Some(basis) = housing.one("berakningsunderlag", |fields| fields)
        && let Some(number) = basis.text_of_another("medsokande")
    {
        add(PersonRole::Medsokande, Some(number), None, None);
    }
    if let Some(survivors) = additions.one("efterlevandeformaner", |fields| fields) {
        for dead in survivors.each_of_others("avlidna", |fields| fields) {
            add(
                PersonRole::Avliden,
                dead.text_of_another("person"),
                dead.text_of_another("fodelsedatum"),
                dead.text_of_another("dodsfallsdatum"),
            );
        }
        for survivor in survivors.each_of_others("ovrigaBerattigadeEfterlevande", |fields| fields) {
            add(PersonRole::BerattigadEfterlevande, survivor.text_of_another("person"), None, None);
        }
    }
    persons
}

/// As [`super::other::payment`].
fn payment(fields: Fields<'_>) -> PmPayment {
    // The broker converts nothing.
    let in_kronor = |amount: Option<Amount>| amount.filter(|_| !fields.is_in_another_currency());
    let read = PmPayment {
        date: fields.date("utbetalningsdatum"),
        period: fields.span("utbetalningsperiod"),
        gross: in_kronor(fields.amount("bruttobelopp")),
        net: in_kronor(fields.amount("nettobelopp")),
        deductions: fields.each("avdrag", |deduction| PmDeduction {
            amount: deduction.amount("belopp"),
            kind: deduction.code("avdragstyp"),
        }),
        rows: fields.each("utbetalningsrader", |row| PmPaymentRow {
            group: row.code("formansgrupp"),
            amount: row.amount("belopp"),
            benefit: row.code("utbetalningsforman"),
            amount_type: row.code("beloppstyp"),
        }),
    };
    if read.net.is_none() {
        fields.notes.lose_missing("nettobelopp");
    }
    read
}

fn information(fields: Fields<'_>) -> PmInformation {
    let mut values = vec![];
    for name in ["levnadsintyg", "pensionsbehallning", "pensionsunderlag"] {
        values.extend(figures(name, fields, name));
    }
    PmInformation { kind: fields.code("informationstyp"), figures: values }
}
