//! FK's matters as LEFI JSON. The benefits' schemas differ in small ways; each way is a line here.

use ssbtek_domain::sections::fk::{
    common::{Code, PersonRole},
    matter::{Decision, DecisionDay, Matter, MatterKind},
    person::PersonInRole,
};

use super::{
    encode::{address, date, day, digit_code, extent, letter_code, money, person, put_figures, span},
    value::{Value, list, number, object, text, texts},
};

pub(super) fn matter(matter: &Matter) -> Value {
    let decision = |found: &Decision| decision(matter.kind, found);
    let decisions = match matter.kind {
        MatterKind::Merkostnadsersattning | MatterKind::Omvardnadsbidrag => {
            matter.decisions.first().map(decision)
        }
        _ => list(&matter.decisions, decision),
    };
    object([
        ("startades", matter.started.map(date)),
        ("aktivt", matter.active.map(Value::Flag)),
        ("avslaget", matter.rejected.map(Value::Flag)),
        ("grunduppgifter", basics(matter)),
        (
            "medsokande",
            list(&of_role(&matter.persons, PersonRole::Medsokande), |found| person(&found.person)),
        ),
        ("beslut", decisions),
        (
            "anspraksdagar",
            list(&matter.claimed_days, |claimed| {
                object([
                    ("dag", claimed.day.map(day)),
                    ("niva", claimed.level.as_ref().map(letter_code)),
                    ("omfattning", claimed.extent.as_ref().map(extent)),
                ])
            }),
        ),
    ])
}

fn of_role(persons: &[PersonInRole], role: PersonRole) -> Vec<&PersonInRole> {
    persons.iter().filter(|person| person.role == role).collect()
}

fn basics(matter: &Matter) -> Option<Value> {
    let one = |role| of_role(&matter.persons, role).first().map(|found| person(&found.person));
    let mut basics = object([
        ("barn", one(PersonRole::Barn)),
        ("avliden", one(PersonRole::Avliden)),
        ("personuppgift", one(PersonRole::Personuppgift)),
    ]);
    put_figures(&mut basics, &matter.basics);
    non_empty(basics)
}

fn non_empty(value: Value) -> Option<Value> {
    match &value {
        Value::Object(members) if members.is_empty() => None,
        _ => Some(value),
    }
}

/// Benefits whose codes are bare texts and whose days carry a waiting deduction.
fn newer(kind: MatterKind) -> bool {
    matches!(
        kind,
        MatterKind::Sjukpenning | MatterKind::ForebyggandeSjukpenning | MatterKind::Rehabersattning
    )
}

fn bare(code: &Code) -> Value {
    text(code.id.clone().unwrap_or_default())
}

fn decision(kind: MatterKind, found: &Decision) -> Value {
    let code = |code: &Code| match kind {
        _ if newer(kind) => bare(code),
        MatterKind::Programersattning => letter_code(code),
        _ => digit_code(code),
    };
    let extents = match kind {
        MatterKind::Efterlevandepension => list(&found.extents, extent),
        _ => found.extents.first().map(extent),
    };
    let days_name =
        if kind == MatterKind::TillfalligForaldrapenning { "bedomdadagar" } else { "ersattningsdagar" };
    object([
        ("fattades", found.decided.map(date)),
        ("definitivt", found.definitive.map(Value::Flag)),
        ("forman", found.benefit.as_ref().map(letter_code)),
        ("delforman", found.sub_benefit.as_ref().map(letter_code)),
        ("periodicitet", found.periodicity.as_ref().map(digit_code)),
        ("period", found.period.as_ref().map(span)),
        ("beslutatBruttobelopp", found.gross.as_ref().map(money)),
        ("samordnatBruttobelopp", found.coordinated_gross.as_ref().map(money)),
        ("omfattning", extents),
        ("dagar", found.days.map(number).or(texts(&found.day_texts))),
        ("karens", found.waiting.map(Value::Flag)),
        ("ersattning", found.compensation.as_ref().map(code)),
        ("ersattningsniva", found.level.as_deref().map(text)),
        ("beslutsutfall", found.outcome.as_ref().map(code)),
        ("beslutstyp", found.decision_type.as_deref().map(text)),
        ("beslutstatus", found.status.as_ref().map(letter_code)),
        ("upphorandeManadFrom", texts(&found.ends_from_months)),
        (
            "periodbeslut",
            list(&found.period_decisions, |part| {
                object([
                    ("period", part.period.as_ref().map(span)),
                    ("omfattning", part.extent.as_ref().map(extent)),
                    ("andel", part.share.as_ref().map(extent)),
                    ("utbetalningstyp", part.payout_type.as_ref().map(letter_code)),
                ])
            }),
        ),
        (days_name, list(&found.calendar_days, |found| calendar_day(kind, found))),
        ("underlag", basis(kind, found)),
    ])
}

fn calendar_day(kind: MatterKind, found: &DecisionDay) -> Value {
    let (day_name, level_name, amount_name) = match kind {
        _ if newer(kind) => ("ersattningsdatum", "niva", "ersattningsbelopp"),
        MatterKind::Programersattning => ("dag", "ersattning", "belopp"),
        MatterKind::TillfalligForaldrapenning => ("dag", "niva", "bedomtBelopp"),
        _ => ("dag", "niva", "bruttobelopp"),
    };
    object([
        (day_name, found.day.map(day)),
        (level_name, found.level.as_ref().map(letter_code)),
        (amount_name, found.amount.as_ref().map(money)),
        ("karensavdragsbelopp", found.waiting_deduction.as_ref().map(money)),
        ("inkomsttyp", found.income_type.as_ref().map(digit_code)),
        ("berakningssatt", found.calculation.as_ref().map(digit_code)),
    ])
}

fn basis(kind: MatterKind, found: &Decision) -> Option<Value> {
    let persons = |role| list(&of_role(&found.persons, role), |found| person(&found.person));
    let children = match kind {
        MatterKind::Merkostnadsersattning | MatterKind::Omvardnadsbidrag => "Barn",
        _ => "barn",
    };
    let payees: Vec<&str> = of_role(&found.persons, PersonRole::Utbetalningsmottagare)
        .iter()
        .filter_map(|payee| payee.person.number.as_deref())
        .collect();
    let payees = match payees.as_slice() {
        [] => found.paid_to_authority.then(|| text("MYNDIGHETSUTBETALNING")),
        numbers => Some(text(numbers.join("/"))),
    };
    let mut basis = object([
        (children, persons(PersonRole::Barn)),
        ("hemmavarandeBarn", persons(PersonRole::HemmavarandeBarn)),
        ("tidvisboendeBarn", persons(PersonRole::TidvisboendeBarn)),
        ("vaxelvisboendeBarn", persons(PersonRole::VaxelvisboendeBarn)),
        ("utbetalningsmottagare", payees),
        (
            "institutionsplacering",
            list(&found.placements, |placement| {
                object([
                    ("institution", placement.kind.as_ref().map(digit_code)),
                    ("namn", placement.name.as_deref().map(text)),
                    ("adress", placement.address.as_ref().map(address)),
                ])
            }),
        ),
    ]);
    put_figures(&mut basis, &found.basis);
    non_empty(basis)
}
