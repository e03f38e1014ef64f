//! FK's matters and decisions. The 28 kinds share one shape but for some fields that LEFI writes differently in single
//! kinds.

use ssbtek_domain::sections::fk::{
    common::PersonRole,
    matter::{Decision, DecisionDay, Matter, MatterKind, PeriodDecision, Placement},
    person::PersonInRole,
};

use super::{
    CannotWrite,
    codes::{bare, date, digits, extent, from_till, letters, money, share},
    figures,
    json::{Json, Object},
    person::{address, other},
};

/// `utbetalningsmottagare` when an authority was paid.
const TO_AUTHORITY: &str = "MYNDIGHETSUTBETALNING";

pub(super) fn write(matter: &Matter) -> Result<Json, CannotWrite> {
    let kind = matter.kind;
    let one = |role| in_role(&matter.persons, role).next();
    let basics = Object::default()
        .put("barn", one(PersonRole::Barn))
        .put("avliden", one(PersonRole::Avliden))
        .put("personuppgift", one(PersonRole::Personuppgift));
    let basics = figures::put(basics, &matter.basics)?;
    let mut decisions =
        matter.decisions.iter().map(|known| decision(kind, known)).collect::<Result<Vec<_>, _>>()?;
    let days = matter.claimed_days.iter().map(|day| {
        Object::default()
            .text("dag", day.day.map(|day| day.to_string()))
            .put("niva", letters(&day.level))
            .put("omfattning", extent(&day.extent))
            .done()
    });
    let written = Object::default()
        .put("startades", date(&matter.started))
        .flag("aktivt", matter.active)
        .flag("avslaget", matter.rejected)
        .put("grunduppgifter", basics.some())
        .list("medsokande", in_role(&matter.persons, PersonRole::Medsokande));
    let alone = matches!(kind, MatterKind::Merkostnadsersattning | MatterKind::Omvardnadsbidrag);
    let written = match decisions.len() {
        1 if alone => written.put("beslut", decisions.pop()),
        _ => written.list("beslut", decisions),
    };
    Ok(written.list("anspraksdagar", days).done())
}

fn in_role(persons: &[PersonInRole], role: PersonRole) -> impl Iterator<Item = Json> {
    persons.iter().filter(move |person| person.role == role).map(|person| other(&person.person))
}

/// Kinds whose `ersattning` and `beslutsutfall` are bare texts, and whose days have names of their own.
fn is_sickness(kind: MatterKind) -> bool {
    matches!(
        kind,
        MatterKind::Sjukpenning | MatterKind::ForebyggandeSjukpenning | MatterKind::Rehabersattning
    )
}

fn decision(kind: MatterKind, known: &Decision) -> Result<Json, CannotWrite> {
    let compensation = match kind {
        kind if is_sickness(kind) => bare(&known.compensation),
        MatterKind::Programersattning => letters(&known.compensation),
        _ => digits(&known.compensation),
    };
    let outcome = if is_sickness(kind) { bare(&known.outcome) } else { digits(&known.outcome) };
    let days_name =
        if kind == MatterKind::TillfalligForaldrapenning { "bedomdadagar" } else { "ersattningsdagar" };
    let written = Object::default()
        .put("fattades", date(&known.decided))
        .flag("definitivt", known.definitive)
        .put("forman", letters(&known.benefit))
        .put("delforman", letters(&known.sub_benefit))
        .put("periodicitet", digits(&known.periodicity))
        .put("period", from_till(&known.period))
        .put("beslutatBruttobelopp", money(&known.gross))
        .put("samordnatBruttobelopp", money(&known.coordinated_gross));
    let written = match (kind, known.extents.as_slice()) {
        (MatterKind::Efterlevandepension, extents) => written.list("omfattning", extents.iter().map(share)),
        (_, [only]) => written.put("omfattning", Some(share(only))),
        (_, extents) => written.list("omfattning", extents.iter().map(share)),
    };
    let written = match known.day_texts.as_slice() {
        [] => written.number("dagar", known.days),
        texts => written.texts("dagar", texts),
    };
    Ok(written
        .flag("karens", known.waiting)
        .put("ersattning", compensation)
        .text("ersattningsniva", known.level.as_deref())
        .put("beslutsutfall", outcome)
        .text("beslutstyp", known.decision_type.as_deref())
        .put("beslutstatus", letters(&known.status))
        .texts("upphorandeManadFrom", &known.ends_from_months)
        .list("periodbeslut", known.period_decisions.iter().map(period_decision))
        .list(days_name, known.calendar_days.iter().map(|day| calendar_day(kind, day)))
        .put("underlag", basis(kind, known)?.some())
        .done())
}

fn basis(kind: MatterKind, known: &Decision) -> Result<Object, CannotWrite> {
    // Two kinds begin the name with a capital.
    let capital = matches!(kind, MatterKind::Merkostnadsersattning | MatterKind::Omvardnadsbidrag);
    let numbers: Vec<&str> = known
        .persons
        .iter()
        .filter(|person| person.role == PersonRole::Utbetalningsmottagare)
        .filter_map(|person| person.person.number.as_deref())
        .collect();
    let payees = if known.paid_to_authority {
        Some(TO_AUTHORITY.to_owned())
    } else {
        (!numbers.is_empty()).then(|| numbers.join("/"))
    };
    let of = |role| in_role(&known.persons, role);
    let written = Object::default()
        .list(if capital { "Barn" } else { "barn" }, of(PersonRole::Barn))
        .list("hemmavarandeBarn", of(PersonRole::HemmavarandeBarn))
        .list("tidvisboendeBarn", of(PersonRole::TidvisboendeBarn))
        .list("vaxelvisboendeBarn", of(PersonRole::VaxelvisboendeBarn))
        .text("utbetalningsmottagare", payees)
        .list("institutionsplacering", known.placements.iter().map(placement));
    figures::put(written, &known.basis)
}

fn placement(placement: &Placement) -> Json {
    Object::default()
        .put("institution", digits(&placement.kind))
        .text("namn", placement.name.as_deref())
        .put("adress", placement.address.as_ref().map(address))
        .done()
}

fn period_decision(known: &PeriodDecision) -> Json {
    Object::default()
        .put("period", from_till(&known.period))
        .put("omfattning", extent(&known.extent))
        .put("andel", extent(&known.share))
        .put("utbetalningstyp", letters(&known.payout_type))
        .done()
}

fn calendar_day(kind: MatterKind, day: &DecisionDay) -> Json {
    let (date_name, level_name, amount_name) = match kind {
        kind if is_sickness(kind) => ("ersattningsdatum", "niva", "ersattningsbelopp"),
        MatterKind::Programersattning => ("dag", "ersattning", "belopp"),
        MatterKind::TillfalligForaldrapenning => ("dag", "niva", "bedomtBelopp"),
        _ => ("dag", "niva", "bruttobelopp"),
    };
    Object::default()
        .text(date_name, day.day.map(|day| day.to_string()))
        .put(level_name, letters(&day.level))
        .put(amount_name, money(&day.amount))
        .put("karensavdragsbelopp", money(&day.waiting_deduction))
        .put("inkomsttyp", digits(&day.income_type))
        .put("berakningssatt", digits(&day.calculation))
        .done()
}
