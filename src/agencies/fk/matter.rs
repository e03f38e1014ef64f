//! FK's matters and decisions, of all 28 kinds.

use ssbtek_domain::sections::fk::{
    common::PersonRole,
    matter::{ClaimedDay, Decision, DecisionDay, Matter, MatterKind, PeriodDecision, Placement},
    person::{Person, PersonInRole},
};

use super::{
    fields::{Fields, extent, key},
    figures::figures,
    json::Json,
    person::{address, in_role},
};
use crate::Refused;

/// `utbetalningsmottagare` when an authority was paid.
const TO_AUTHORITY: &str = "MYNDIGHETSUTBETALNING";

/// Reads one matter of the list that `kind` came in.
pub(super) fn matter(kind: MatterKind, fields: Fields<'_>) -> Result<Matter, Refused> {
    let mut persons = vec![];
    if let Some(basics) = fields.one(key!("grunduppgifter"), Ok)? {
        persons.extend(in_role(basics, key!("barn"), PersonRole::Barn)?);
        persons.extend(in_role(basics, key!("avliden"), PersonRole::Avliden)?);
        persons.extend(in_role(basics, key!("personuppgift"), PersonRole::Personuppgift)?);
    }
    persons.extend(in_role(fields, key!("medsokande"), PersonRole::Medsokande)?);
    Ok(Matter {
        kind,
        started: fields.partial(key!("startades"))?,
        active: fields.flag(key!("aktivt"))?,
        rejected: fields.flag(key!("avslaget"))?,
        persons,
        basics: figures("", fields.raw(key!("grunduppgifter"))),
        decisions: fields.one_or_each(key!("beslut"), decision)?,
        claimed_days: fields.each(key!("anspraksdagar"), |day| {
            Ok(ClaimedDay {
                day: day.date(key!("dag"))?,
                level: day.code(key!("niva"))?,
                extent: day.extent(key!("omfattning"))?,
            })
        })?,
    })
}

fn decision(fields: Fields<'_>) -> Result<Decision, Refused> {
    let (days, day_texts) = match fields.raw(key!("dagar")) {
        Some(Json::List(_)) => (None, fields.texts(key!("dagar"))?),
        _ => (fields.integer(key!("dagar"))?, vec![]),
    };
    let mut decision = Decision {
        decided: fields.partial(key!("fattades"))?,
        definitive: fields.flag(key!("definitivt"))?,
        benefit: fields.code(key!("forman"))?,
        sub_benefit: fields.code(key!("delforman"))?,
        periodicity: fields.code(key!("periodicitet"))?,
        period: fields.span(key!("period"))?,
        gross: fields.money(key!("beslutatBruttobelopp"))?,
        coordinated_gross: fields.money(key!("samordnatBruttobelopp"))?,
        extents: fields.one_or_each(key!("omfattning"), extent)?,
        days,
        day_texts,
        waiting: fields.flag(key!("karens"))?,
        compensation: fields.code(key!("ersattning"))?,
        level: fields.text(key!("ersattningsniva"))?,
        outcome: fields.code(key!("beslutsutfall"))?,
        decision_type: fields.text(key!("beslutstyp"))?,
        status: fields.code(key!("beslutstatus"))?,
        ends_from_months: fields.texts(key!("upphorandeManadFrom"))?,
        period_decisions: fields.each(key!("periodbeslut"), period_decision)?,
        calendar_days: fields.each(key!("ersattningsdagar"), calendar_day)?,
        ..Decision::default()
    };
    decision.calendar_days.extend(fields.each(key!("bedomdadagar"), calendar_day)?);
    if let Some(basis) = fields.one(key!("underlag"), Ok)? {
        read_basis(&mut decision, basis)?;
        decision.basis = figures("", fields.raw(key!("underlag")));
    }
    Ok(decision)
}

fn read_basis(decision: &mut Decision, basis: Fields<'_>) -> Result<(), Refused> {
    for (key, role) in [
        (key!("barn"), PersonRole::Barn),
        (key!("Barn"), PersonRole::Barn),
        (key!("hemmavarandeBarn"), PersonRole::HemmavarandeBarn),
        (key!("tidvisboendeBarn"), PersonRole::TidvisboendeBarn),
        (key!("vaxelvisboendeBarn"), PersonRole::VaxelvisboendeBarn),
    ] {
        decision.persons.extend(in_role(basis, key, role)?);
    }
    match basis.text(key!("utbetalningsmottagare"))? {
        None => {}
        Some(payees) if payees == TO_AUTHORITY => decision.paid_to_authority = true,
        Some(payees) => {
            for number in payees.split('/') {
                if number.len() != 12 || !number.bytes().all(|b| b.is_ascii_digit()) {
                    return Err(key!("utbetalningsmottagare").refused);
                }
                let person = Person { number: Some(number.to_owned()), ..Person::default() };
                decision.persons.push(PersonInRole { role: PersonRole::Utbetalningsmottagare, person });
            }
        }
    }
    decision.placements = basis.each(key!("institutionsplacering"), |placement| {
        Ok(Placement {
            kind: placement.code(key!("institution"))?,
            name: placement.text(key!("namn"))?,
            address: placement.one(key!("adress"), address)?,
        })
    })?;
    Ok(())
}

fn period_decision(fields: Fields<'_>) -> Result<PeriodDecision, Refused> {
    Ok(PeriodDecision {
        period: fields.span(key!("period"))?,
        extent: fields.extent(key!("omfattning"))?,
        share: fields.extent(key!("andel"))?,
        payout_type: fields.code(key!("utbetalningstyp"))?,
    })
}

/// The benefits name the same things differently; no benefit has two of the names.
fn calendar_day(fields: Fields<'_>) -> Result<DecisionDay, Refused> {
    Ok(DecisionDay {
        day: fields.date(key!("dag"))?.or(fields.date(key!("ersattningsdatum"))?),
        level: fields.code(key!("niva"))?.or(fields.code(key!("ersattning"))?),
        amount: fields
            .money(key!("bruttobelopp"))?
            .or(fields.money(key!("ersattningsbelopp"))?)
            .or(fields.money(key!("belopp"))?)
            .or(fields.money(key!("bedomtBelopp"))?),
        waiting_deduction: fields.money(key!("karensavdragsbelopp"))?,
        income_type: fields.code(key!("inkomsttyp"))?,
        calculation: fields.code(key!("berakningssatt"))?,
    })
}
