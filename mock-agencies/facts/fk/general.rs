//! General information about the person (`FK:GEPI`).

use ssbtek_domain::{
    NaiveDate, Personnummer, Protection, SeededEntropy,
    sections::fk::{
        common::Code,
        person::{Address, Citizenship, Contact, Employer, GeneralInformation, Municipality, Workplace},
    },
};

use super::make::{code, extent, other};
use crate::population::{Situation, TestPerson};

/// Counties and municipalities (SCB's codes) that the generated persons live in.
const MUNICIPALITIES: [(&str, &str); 5] =
    [("01", "80"), ("12", "80"), ("14", "80"), ("22", "81"), ("25", "80")];

pub(super) fn information(
    person: &TestPerson,
    today: NaiveDate,
    chance: &SeededEntropy,
) -> GeneralInformation {
    let (postal_code, town) = postal(&person.postal);
    let address = Address {
        roles: vec![Code::new("1", "Folkbokföringsadress")],
        lines: vec![person.street.clone()],
        postal_code: Some(postal_code),
        town,
        country: code("SE", "SVERIGE"),
    };
    let is_child = |number: &&Personnummer| number.age_on(today).is_some_and(|age| age < 18);
    let adult = person.number.age_on(today).is_some_and(|age| age >= 18);
    let children = person
        .household
        .iter()
        .filter(is_child)
        .filter(|_| adult)
        .map(|number| other(person, number))
        .collect();
    let relatives = person
        .household
        .iter()
        .filter(|number| !(adult && is_child(number)))
        .map(|number| other(person, number))
        .collect();
    let index = usize::try_from(chance.below(5)).unwrap_or_default();
    let (county, municipality) = MUNICIPALITIES.get(index).copied().unwrap_or(("01", "80"));
    GeneralInformation {
        person: Some(person.number.clone()),
        born: person.number.birth_date().map(|day| day.to_string()),
        name: Some(format!("{} {}", person.given_name, person.family_name)),
        protected: Some(person.protection > Protection::None),
        died: vec![],
        addresses: vec![address],
        workplaces: workplace(person).into_iter().collect(),
        children,
        civil_status: if chance.below(2) == 0 { code("1", "Ogift") } else { code("2", "Gift") },
        registered_in: vec![Municipality {
            county: Some(county.to_owned()),
            municipality: Some(municipality.to_owned()),
        }],
        citizenships: vec![citizenship(person)],
        relatives,
    }
}

fn citizenship(person: &TestPerson) -> Citizenship {
    let country = match person.situation {
        Situation::Newcomer => code("SY", "SYRIEN"),
        _ => code("SE", "SVERIGE"),
    };
    Citizenship { since: None, country }
}

/// Only those with sickness benefit or parental benefit have an employer.
fn workplace(person: &TestPerson) -> Option<Workplace> {
    if !matches!(person.situation, Situation::SickListed | Situation::Parent) {
        return None;
    }
    let address = Address {
        lines: vec!["Verkstadsgatan 1".to_owned()],
        postal_code: Some("11122".to_owned()),
        town: Some("EXEMPELSTAD".to_owned()),
        country: code("SE", "SVERIGE"),
        ..Address::default()
    };
    Some(Workplace {
        number: Some("12345678".to_owned()),
        name: Some("Exempelverkstaden".to_owned()),
        employer: Some(Employer {
            contact_name: Some("Löneavdelningen".to_owned()),
            organisation_number: Some("5560000001".to_owned()),
            address: None,
        }),
        occupation: Some("Montör".to_owned()),
        working_time: Some(extent(3, 4)),
        address: Some(address),
        phone: Some("08-00 00 00".to_owned()),
        contact: Some(Contact {
            name: Some("Kim Exempel".to_owned()),
            phones: vec!["08-00 00 01".to_owned()],
            emails: vec!["kim@example.com".to_owned()],
        }),
    })
}

/// `114 55 Stockholm` → postal code without the space, town.
fn postal(text: &str) -> (String, Option<String>) {
    let digits: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == ' ').collect();
    let town = text.get(digits.len()..).map(str::trim).filter(|town| !town.is_empty());
    (digits.replace(' ', ""), town.map(str::to_owned))
}
