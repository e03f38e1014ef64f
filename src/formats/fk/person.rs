//! General information about the person, and other persons.

use ssbtek_domain::{
    Personnummer,
    sections::fk::{
        common::PersonRole,
        person::{
            Address, Citizenship, Contact, Employer, GeneralInformation, Municipality, Person, PersonInRole,
            Workplace,
        },
    },
};

use super::{
    fields::{Fields, code},
    json::Json,
};

/// Reads one of `generellPersoninformation[]`; `person`: whom it is about, where it says so.
pub(super) fn general(fields: Fields<'_>, person: Option<Personnummer>) -> GeneralInformation {
    GeneralInformation {
        person,
        born: fields.text("foddes"),
        name: fields.text("namn"),
        protected: fields.flag("skyddad"),
        died: fields.texts("avled"),
        addresses: fields.each("adress", address),
        workplaces: fields.each("arbetsstallen", workplace),
        children: fields.each_of_others("barn", other),
        civil_status: fields.code("civilstand"),
        registered_in: fields.each("folkbokford", |place| Municipality {
            county: place.text("lan"),
            municipality: place.text("kommun"),
        }),
        citizenships: fields.each("medborgarskap", |citizenship| Citizenship {
            since: citizenship.text("datum"),
            country: citizenship.code("land"),
        }),
        relatives: fields.each_of_others("samhorig", other),
    }
}

pub(super) fn address(fields: Fields<'_>) -> Address {
    Address {
        roles: fields.each("roller", code),
        lines: fields.texts("utdelningadress"),
        postal_code: fields.text("postnummer"),
        town: fields.text("postort"),
        country: fields.code("land"),
    }
}

fn workplace(fields: Fields<'_>) -> Workplace {
    Workplace {
        number: fields.text("nummer"),
        name: fields.text("namn"),
        employer: fields.one("arbetsgivare", |employer| Employer {
            contact_name: employer.text("namn"),
            organisation_number: employer.text("organisationsnummer"),
            address: employer.one("adress", address),
        }),
        occupation: fields.text("sysselsattning"),
        working_time: fields.extent("arbetstid"),
        address: fields.one("adress", address),
        phone: fields.text("telefon"),
        contact: fields.one("kontakt", |contact| Contact {
            name: contact.text("namn"),
            phones: contact.texts("telefon"),
            emails: contact.texts("epost"),
        }),
    }
}

/// `LefiPerson`.
pub(super) fn other(fields: Fields<'_>) -> Person {
    Person {
        number: fields.text_of_another("personnummer"),
        born: fields.text_of_another("foddes"),
        name: fields.text_of_another("namn"),
        protected: fields.flag("skyddad"),
        died: fields.texts("avled"),
    }
}

/// Whether `skyddad` of anybody but the person asked about is there and says neither yes nor no. The person's own counts anyway.
pub(super) fn another_is_left_open(fk: Fields<'_>) -> bool {
    let inside_each = |own: &Json| match own {
        Json::Object(members) => members.iter().any(|(_, inside)| has_open_flag(inside)),
        _ => false,
    };
    fk.members.iter().any(|(name, value)| match (name.as_str(), value) {
        ("generellPersoninformation", Json::List(own)) => own.iter().any(inside_each),
        ("generellPersoninformation", own) => inside_each(own),
        _ => has_open_flag(value),
    })
}

fn has_open_flag(json: &Json) -> bool {
    match json {
        Json::Object(members) => members.iter().any(|(name, value)| {
            matches!((name.as_str(), value), ("skyddad", Json::Null)) || has_open_flag(value)
        }),
        Json::List(items) => items.iter().any(has_open_flag),
        _ => false,
    }
}

/// The person or persons under `key`, in that role.
pub(super) fn in_role(fields: Fields<'_>, name: &'static str, role: PersonRole) -> Vec<PersonInRole> {
    fields.each_of_others(name, |person| PersonInRole { role, person: other(person) })
}
