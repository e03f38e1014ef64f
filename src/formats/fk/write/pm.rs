//! Pensionsmyndigheten's facts, in PM's own model, beside FK's.

use ssbtek_domain::{
    Amount,
    sections::fk::{
        common::PersonRole,
        person::PersonInRole,
        pm::{PensionAgency, PmCompensation, PmDecision, PmInformation, PmPayment},
    },
};

use super::{
    CannotWrite, InformationClass, Wanted,
    codes::{from_tom, pm},
    figures,
    json::{Json, Object},
};

/// PM's lists after FK's.
pub(super) fn write(to: Object, wanted: &Wanted<'_>, facts: &PensionAgency) -> Result<Object, CannotWrite> {
    let claims =
        facts.claims.iter().filter(|claim| wanted.code(InformationClass::Ansprak, &claim.group)).map(
            |claim| {
                Object::default()
                    .text("ansprakid", claim.id.as_deref())
                    .text("ankomstdatum", claim.arrived.map(|day| day.to_string()))
                    .put("formansgrupp", pm(&claim.group))
                    .put("yrkadPeriod", from_tom(&claim.period))
                    .done()
            },
        );
    let decisions =
        facts.decisions.iter().filter(|known| wanted.code(InformationClass::Beslut, &known.group));
    let decisions = decisions.map(decision).collect::<Result<Vec<_>, _>>()?;
    let payments = |list: InformationClass, all: &[PmPayment]| -> Vec<Json> {
        let is_wanted = |payment: &&PmPayment| {
            wanted.any(list, "PM:")
                && (payment.rows.is_empty() || payment.rows.iter().any(|row| wanted.code(list, &row.group)))
        };
        all.iter().filter(is_wanted).map(payment).collect()
    };
    let other =
        facts.other.iter().filter(|known| wanted.code(InformationClass::OvrigInformation, &known.kind));
    let other = other.map(information).collect::<Result<Vec<_>, _>>()?;
    Ok(to
        .list(InformationClass::Ansprak.field_name(), claims)
        .list(InformationClass::Beslut.field_name(), decisions)
        .list(
            InformationClass::PreliminaraUtbetalningar.field_name(),
            payments(InformationClass::PreliminaraUtbetalningar, &facts.announced),
        )
        .list(
            InformationClass::Utbetalningar.field_name(),
            payments(InformationClass::Utbetalningar, &facts.paid),
        )
        .list(InformationClass::OvrigInformation.field_name(), other))
}

/// PM's amounts are whole kronor; one that is not stays exact.
fn kronor(amount: Option<Amount>) -> Option<Json> {
    amount.map(Json::number)
}

fn decision(known: &PmDecision) -> Result<Json, CannotWrite> {
    let compensations = known.compensations.iter().map(compensation).collect::<Result<Vec<_>, _>>()?;
    let additions = figures::put(persons(&known.persons), &known.additions)?;
    Ok(Object::default()
        .text("beslutsid", known.id.as_deref())
        .text("beslutsdatum", known.decided.map(|day| day.to_string()))
        .put("formansgrupp", pm(&known.group))
        .put("beslutsstatus", pm(&known.status))
        .put("beslutsutfall", pm(&known.outcome))
        .list("beslutadErsattning", compensations)
        .put("tillagg", additions.some())
        .done())
}

/// Other persons as `tillagg` has them: bare numbers, as far as any are left.
fn persons(persons: &[PersonInRole]) -> Object {
    let of = |role| persons.iter().filter(move |known| known.role == role).map(|known| &known.person);
    let applicant = of(PersonRole::Medsokande).find_map(|person| person.number.as_deref());
    let housing = Object::default().text("medsokande", applicant);
    let housing = Object::default().put("berakningsunderlag", housing.some());
    let dead = of(PersonRole::Avliden).map(|person| {
        Object::default()
            .text("person", person.number.as_deref())
            .text("fodelsedatum", person.born.as_deref())
            .text("dodsfallsdatum", person.died.first())
            .done()
    });
    let survivors = of(PersonRole::BerattigadEfterlevande)
        .map(|person| Object::default().text("person", person.number.as_deref()).done());
    let survivors = Object::default().list("avlidna", dead).list("ovrigaBerattigadeEfterlevande", survivors);
    Object::default().put("bostadsInkomststod", housing.some()).put("efterlevandeformaner", survivors.some())
}

fn compensation(known: &PmCompensation) -> Result<Json, CannotWrite> {
    let amount =
        Object::default().put("belopp", kronor(known.amount)).put("beloppsfrekvens", pm(&known.frequency));
    Ok(Object::default()
        .put("beslutatBelopp", amount.some())
        .put("period", from_tom(&known.period))
        .put("ersattningstyp", pm(&known.kind))
        .number("omfattning", known.extent.as_deref())
        .put("underlag", figures::put(Object::default(), &known.basis)?.some())
        .done())
}

fn payment(payment: &PmPayment) -> Json {
    let deductions = payment.deductions.iter().map(|row| {
        Object::default().put("belopp", kronor(row.amount)).put("avdragstyp", pm(&row.kind)).done()
    });
    let rows = payment.rows.iter().map(|row| {
        Object::default()
            .put("formansgrupp", pm(&row.group))
            .put("belopp", kronor(row.amount))
            .put("utbetalningsforman", pm(&row.benefit))
            .put("beloppstyp", pm(&row.amount_type))
            .done()
    });
    Object::default()
        .text("utbetalningsdatum", payment.date.map(|day| day.to_string()))
        .put("utbetalningsperiod", from_tom(&payment.period))
        .put("bruttobelopp", kronor(payment.gross))
        .put("nettobelopp", kronor(payment.net))
        .list("avdrag", deductions)
        .list("utbetalningsrader", rows)
        .done()
}

fn information(known: &PmInformation) -> Result<Json, CannotWrite> {
    let written = Object::default().put("informationstyp", pm(&known.kind));
    Ok(figures::put(written, &known.figures)?.done())
}
