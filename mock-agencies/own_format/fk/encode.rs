//! FK's facts as LEFI JSON.

use ssbtek_domain::{
    Amount, NaiveDate,
    sections::fk::{
        Section,
        common::{Code, Extent, Figure, FigureValue, Money, PartialDate, Span},
        matter::MatterKind,
        other::{PensionYear, RECONCILIATION_AMOUNTS, Reconciliation},
        paid::FkPayment,
        person::{Address, GeneralInformation, Person, Workplace},
    },
};

use super::{
    matter::matter,
    pm,
    value::{Value, list, number, object, text, texts},
};

/// The whole answer.
pub(super) fn answer(
    section: &Section,
    states: &[(&str, &str)],
    deviations: Vec<(String, String, &str)>,
) -> Value {
    let state = |(provider, state): &(&str, &str)| {
        object([
            ("utlamnare", Some(object([("kod", Some(text(*provider)))]))),
            ("tillstand", Some(object([("kod", Some(text(*state)))]))),
        ])
    };
    let mut answer = object([
        ("utlamnare", Some(Value::List(states.iter().map(state).collect()))),
        ("avvikelser", Some(deviation_lists(deviations))),
        ("formansinformation", Some(benefits(section))),
    ]);
    pm::put(&mut answer, &section.pm);
    answer
}

fn deviation_lists(deviations: Vec<(String, String, &str)>) -> Value {
    let mut lists: Vec<(String, Vec<Value>)> = vec![];
    for (class, code, reason) in deviations {
        let group = if class == "ovrigInformation" { "ovrigInformationstyp" } else { "formansgrupp" };
        let entry = object([
            (
                "avvikelse",
                Some(object([("kod", Some(text(reason))), ("beskrivning", Some(text("Avvikelse")))])),
            ),
            (group, Some(object([("kod", Some(text(code))), ("beskrivning", Some(text("Förmån")))]))),
        ]);
        match lists.iter_mut().find(|(known, _)| *known == class) {
            Some((_, entries)) => entries.push(entry),
            None => lists.push((class, vec![entry])),
        }
    }
    Value::Object(lists.into_iter().map(|(class, entries)| (class, Value::List(entries))).collect())
}

fn benefits(section: &Section) -> Value {
    let mut all = object([
        ("generellPersoninformation", list(&section.general, general)),
        ("preliminarautbetalningar", list(&section.announced, payment)),
        ("utbetalningsuppgift", list(&section.paid, payment)),
    ]);
    for kind in MatterKind::ALL {
        let of_kind: Vec<_> = section.matters.iter().filter(|matter| matter.kind == *kind).collect();
        if let Some(matters) = list(&of_kind, |found| matter(found)) {
            all.put(kind.list_name(), matters);
        }
    }
    for (historical, name) in [
        (true, "sjukOchAktivitetsersattningSteglosAvrakningHistorik"),
        (false, "sjukOchAktivitetsersattningSteglosAvrakningNulage"),
    ] {
        let of_list: Vec<_> =
            section.reconciliations.iter().filter(|found| found.historical == historical).collect();
        if let Some(found) = list(&of_list, |found| reconciliation(found)) {
            all.put(name, found);
        }
    }
    for (name, found) in others(section) {
        if let Some(found) = found {
            all.put(name, found);
        }
    }
    all
}

fn others(section: &Section) -> [(&'static str, Option<Value>); 9] {
    [
        (
            "programanvisning",
            list(&section.program_assignments, |found| {
                object([
                    ("period", found.period.as_ref().map(span)),
                    ("omfattning", found.extent.as_ref().map(extent)),
                    ("program", found.program.as_ref().map(digit_code)),
                ])
            }),
        ),
        (
            "programjobdagar",
            list(&section.program_job_days, |found| {
                object([
                    ("antalForbrukade", found.used.map(number)),
                    ("harForbrukatMaxAntal", found.all_used.map(Value::Flag)),
                ])
            }),
        ),
        (
            "sjukpenninggrundandeInkomstuppgift",
            list(&section.sickness_incomes, |found| {
                object([
                    ("faststalldes", found.established.map(date)),
                    ("typ", found.kind.as_ref().map(digit_code)),
                    ("anstallning", found.employment.as_ref().map(money)),
                    ("verksamhet", found.business.as_ref().map(money)),
                    ("karens", found.waiting_days.map(number)),
                    ("dagar", found.days.map(number)),
                    ("timmar", found.hours.map(number)),
                ])
            }),
        ),
        (
            "skatteuppgift",
            list(&section.tax_ids, |found| {
                object([("skatteredovisningsnummer", Some(text(found.as_str())))])
            }),
        ),
        (
            "studiemedelsavisering",
            list(&section.study_notices, |found| {
                object([
                    ("typ", found.kind.as_ref().map(digit_code)),
                    ("period", found.period.as_ref().map(span)),
                ])
            }),
        ),
        (
            "underhallsskuld",
            list(&section.maintenance_debts, |found| object([("belopp", Some(money(found)))])),
        ),
        (
            "levnadsintygsuppgift",
            list(&section.life_certificates, |found| {
                object([
                    ("uppdaterades", found.updated.as_deref().map(text)),
                    ("status", found.status.as_ref().map(digit_code)),
                ])
            }),
        ),
        (
            "intjanandebehallning",
            list(&section.pension_balances, |found| {
                object([
                    ("belopp", found.amount.as_ref().map(money)),
                    ("premiepensionBelopp", found.premium_amount.as_ref().map(money)),
                ])
            }),
        ),
        ("intjanandeuppgift", list(&section.pension_years, pension_year)),
    ]
}

fn pension_year(year: &PensionYear) -> Value {
    let mut encoded = object([
        ("ar", year.year.map(number)),
        (
            "barnbeslut",
            list(&year.child_decisions, |found| {
                object([
                    ("foralder", found.parent.as_ref().map(person)),
                    ("foraldertyp", found.parent_type.as_ref().map(digit_code)),
                    ("berattigad", found.entitled.map(Value::Flag)),
                    ("upplysning", found.remark.as_deref().map(text)),
                ])
            }),
        ),
    ]);
    put_figures(&mut encoded, &year.figures);
    encoded
}

fn reconciliation(found: &Reconciliation) -> Value {
    let amounts = |name: &str| {
        let named: Vec<_> = found.amounts.iter().filter(|amount| amount.name == name).collect();
        list(&named, |amount| money(&amount.money))
    };
    let year = found.year.as_deref().map(text);
    object(
        std::iter::once(("artal", year))
            .chain(RECONCILIATION_AMOUNTS.iter().map(|name| (*name, amounts(name)))),
    )
}

fn general(general: &GeneralInformation) -> Value {
    object([
        ("personnummer", general.person.as_ref().map(|person| text(person.expose()))),
        ("foddes", general.born.as_deref().map(text)),
        ("namn", general.name.as_deref().map(text)),
        ("skyddad", general.protected.map(Value::Flag)),
        ("avled", texts(&general.died)),
        ("adress", list(&general.addresses, address)),
        ("arbetsstallen", list(&general.workplaces, workplace)),
        ("barn", list(&general.children, person)),
        ("civilstand", general.civil_status.as_ref().map(digit_code)),
        (
            "folkbokford",
            list(&general.registered_in, |place| {
                object([
                    ("lan", place.county.as_deref().map(text)),
                    ("kommun", place.municipality.as_deref().map(text)),
                ])
            }),
        ),
        (
            "medborgarskap",
            list(&general.citizenships, |citizenship| {
                object([
                    ("datum", citizenship.since.as_deref().map(text)),
                    ("land", citizenship.country.as_ref().map(country)),
                ])
            }),
        ),
        ("samhorig", list(&general.relatives, person)),
    ])
}

pub(super) fn address(address: &Address) -> Value {
    object([
        ("roller", list(&address.roles, digit_code)),
        ("utdelningadress", texts(&address.lines)),
        ("postnummer", address.postal_code.as_deref().map(text)),
        ("postort", address.town.as_deref().map(text)),
        ("land", address.country.as_ref().map(country)),
    ])
}

fn workplace(workplace: &Workplace) -> Value {
    object([
        ("nummer", workplace.number.as_deref().map(text)),
        ("namn", workplace.name.as_deref().map(text)),
        (
            "arbetsgivare",
            workplace.employer.as_ref().map(|employer| {
                object([
                    ("namn", employer.contact_name.as_deref().map(text)),
                    ("organisationsnummer", employer.organisation_number.as_deref().map(text)),
                    ("adress", employer.address.as_ref().map(address)),
                ])
            }),
        ),
        ("sysselsattning", workplace.occupation.as_deref().map(text)),
        ("arbetstid", workplace.working_time.as_ref().map(extent)),
        ("adress", workplace.address.as_ref().map(address)),
        ("telefon", workplace.phone.as_deref().map(text)),
        (
            "kontakt",
            workplace.contact.as_ref().map(|contact| {
                object([
                    ("namn", contact.name.as_deref().map(text)),
                    ("telefon", texts(&contact.phones)),
                    ("epost", texts(&contact.emails)),
                ])
            }),
        ),
    ])
}

pub(super) fn person(person: &Person) -> Value {
    object([
        ("personnummer", person.number.as_deref().map(text)),
        ("foddes", person.born.as_deref().map(text)),
        ("namn", person.name.as_deref().map(text)),
        ("skyddad", person.protected.map(Value::Flag)),
        ("avled", texts(&person.died)),
    ])
}

fn payment(payment: &FkPayment) -> Value {
    object([
        ("typ", payment.kind.as_ref().map(digit_code)),
        ("foretag", payment.company.as_ref().map(digit_code)),
        ("formansfamilj", payment.benefit_family.as_ref().map(letter_code)),
        ("datum", payment.date.map(date)),
        ("period", payment.period.as_ref().map(span)),
        ("bruttobelopp", payment.gross.as_ref().map(money)),
        ("skattebelopp", payment.tax.as_ref().map(money)),
        ("avdragsbelopp", payment.deduction.as_ref().map(money)),
        ("nettobelopp", payment.net.as_ref().map(money)),
        (
            "utbetalningsdetalj",
            list(&payment.details, |row| {
                object([
                    ("forman", row.benefit.as_ref().map(letter_code)),
                    ("period", row.period.as_ref().map(span)),
                    ("beloppstyp", row.amount_type.as_ref().map(letter_code)),
                    ("omfattning", row.extent.as_ref().map(extent)),
                    ("dagar", row.days.map(number)),
                    ("timmar", row.hours.map(number)),
                    ("bruttobelopp", row.gross.as_ref().map(money)),
                    ("skattebelopp", row.tax.as_ref().map(money)),
                    ("avdragsbelopp", row.deduction.as_ref().map(money)),
                ])
            }),
        ),
    ])
}

/// `Bokstavskod`.
pub(super) fn letter_code(code: &Code) -> Value {
    object([("id", code.id.as_deref().map(text)), ("beskrivning", code.description.as_deref().map(text))])
}

/// `Sifferkod`.
pub(super) fn digit_code(code: &Code) -> Value {
    object([("id", code.id.as_deref().map(number)), ("beskrivning", code.description.as_deref().map(text))])
}

fn country(code: &Code) -> Value {
    object([("kod", code.id.as_deref().map(text)), ("namn", code.description.as_deref().map(text))])
}

pub(super) fn money(money: &Money) -> Value {
    object([("summa", money.amount.map(amount)), ("valuta", money.currency.as_deref().map(text))])
}

pub(super) fn amount(amount: Amount) -> Value {
    number(amount)
}

pub(super) fn extent(extent: &Extent) -> Value {
    object([("taljare", extent.numerator.map(number)), ("namnare", extent.denominator.map(number))])
}

pub(super) fn span(span: &Span) -> Value {
    object([("fran", span.from.map(date)), ("till", span.to.map(date))])
}

pub(super) fn date(date: PartialDate) -> Value {
    text(date.to_string())
}

pub(super) fn day(day: NaiveDate) -> Value {
    text(day.to_string())
}

/// Puts every figure at its path.
pub(super) fn put_figures(object: &mut Value, figures: &[Figure]) {
    for figure in figures {
        let value = match &figure.value {
            FigureValue::Number(value) => number(value),
            FigureValue::Text(value) => text(value.as_str()),
            FigureValue::Flag(flag) => Value::Flag(*flag),
        };
        object.put(&figure.name, value);
    }
}
