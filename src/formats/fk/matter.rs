//! FK's matters and decisions, of all 28 kinds.

use ssbtek_domain::sections::fk::{
    common::PersonRole,
    matter::{ClaimedDay, Decision, DecisionDay, Matter, MatterKind, PeriodDecision, Placement},
    person::{Person, PersonInRole},
};

use super::{
    fields::{Fields, extent},
    figures::figures,
    json::Json,
    looked::is_days,
    person::{address, in_role},
};

/// `utbetalningsmottagare` when an authority was paid.
const TO_AUTHORITY: &str = "MYNDIGHETSUTBETALNING";

/// Reads one matter of the list that `kind` came in.
pub(super) fn matter(kind: MatterKind, fields: Fields<'_>) -> Matter {
    let mut persons = vec![];
    if let Some(basics) = fields.one("grunduppgifter", |fields| fields) {
        persons.extend(in_role(basics, "barn", PersonRole::Barn));
        persons.extend(in_role(basics, "avliden", PersonRole::Avliden));
        persons.extend(in_role(basics, "personuppgift", PersonRole::Personuppgift));
    }
    persons.extend(in_role(fields, "medsokande", PersonRole::Medsokande));
    Matter {
        kind,
        started: fields.partial("startades"),
        active: fields.flag("aktivt"),
        rejected: fields.flag("avslaget"),
        persons,
        basics: figures("", fields, "grunduppgifter"),
        decisions: fields.each("beslut", decision),
        claimed_days: fields.each("anspraksdagar", |day| ClaimedDay {
            day: day.date("dag"),
            level: day.code("niva"),
            extent: day.extent("omfattning"),
        }),
    }
}

fn decision(fields: Fields<'_>) -> Decision {
    let (days, day_texts) = match fields.raw("dagar", is_days) {
        Some(Json::List(_)) => (None, fields.texts("dagar")),
        _ => (fields.integer("dagar"), vec![]),
    };
    let mut decision = Decision {
        decided: fields.partial("fattades"),
        definitive: fields.flag("definitivt"),
        benefit: fields.code("forman"),
        sub_benefit: fields.code("delforman"),
        periodicity: fields.code("periodicitet"),
        period: fields.span("period"),
        gross: fields.money("beslutatBruttobelopp"),
        coordinated_gross: fields.money("samordnatBruttobelopp"),
        extents: fields.each("omfattning", extent),
        days,
        day_texts,
        waiting: fields.flag("karens"),
        compensation: fields.code("ersattning"),
        level: fields.text("ersattningsniva"),
        outcome: fields.code("beslutsutfall"),
        decision_type: fields.text("beslutstyp"),
        status: fields.code("beslutstatus"),
        ends_from_months: fields.texts("upphorandeManadFrom"),
        period_decisions: fields.each("periodbeslut", period_decision),
        calendar_days: fields.each("ersattningsdagar", calendar_day),
        ..Decision::default()
    };
    decision.calendar_days.extend(fields.each("bedomdadagar", calendar_day));
    if let Some(basis) = fields.one("underlag", |fields| fields) {
        read_basis(&mut decision, basis);
        decision.basis = figures("", fields, "underlag");
    }
    decision
}

fn read_basis(decision: &mut Decision, basis: Fields<'_>) {
    for (key, role) in [
        ("barn", PersonRole::Barn),
        ("Barn", PersonRole::Barn),
        ("hemmavarandeBarn", PersonRole::HemmavarandeBarn),
        ("tidvisboendeBarn", PersonRole::TidvisboendeBarn),
        ("vaxelvisboendeBarn", PersonRole::VaxelvisboendeBarn),
    ] {
        decision.persons.extend(in_role(basis, key, role));
    }
    match basis.text_of_another("utbetalningsmottagare") {
        None => {}
        Some(payees) if payees == TO_AUTHORITY => decision.paid_to_authority = true,
        Some(payees) => {
            for number in payees.split('/') {
                // What is no number is somebody all the same, and not told who.
                let is_number = number.len() == 12 && number.bytes().all(|b| b.is_ascii_digit());
                if !is_number {
                    basis.notes.lose("utbetalningsmottagare");
                }
                let number = is_number.then(|| number.to_owned());
                let person = Person { number, ..Person::default() };
                decision.persons.push(PersonInRole { role: PersonRole::Utbetalningsmottagare, person });
            }
        }
    }
    decision.placements = basis.each("institutionsplacering", |placement| Placement {
        kind: placement.code("institution"),
        name: placement.text("namn"),
        address: placement.one("adress", address),
    });
}

fn period_decision(fields: Fields<'_>) -> PeriodDecision {
    PeriodDecision {
        period: fields.span("period"),
        extent: fields.extent("omfattning"),
        share: fields.extent("andel"),
        payout_type: fields.code("utbetalningstyp"),
    }
}

/// The benefits name the same things differently; no benefit has two of the names.
fn calendar_day(fields: Fields<'_>) -> DecisionDay {
    DecisionDay {
        day: fields.date("dag").or_else(|| fields.date("ersattningsdatum")),
        level: fields.code("niva").or_else(|| fields.code("ersattning")),
        amount: fields
            .money("bruttobelopp")
            .or_else(|| fields.money("ersattningsbelopp"))
            .or_else(|| fields.money("belopp"))
            .or_else(|| fields.money("bedomtBelopp")),
        waiting_deduction: fields.money("karensavdragsbelopp"),
        income_type: fields.code("inkomsttyp"),
        calculation: fields.code("berakningssatt"),
    }
}
