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

use super::fields::{Fields, Key, code, key};
use crate::Refused;

/// Reads `generellPersoninformation[]`. Another person than the one asked about refuses the whole answer.
pub(super) fn general(fields: Fields<'_>, asked: &Personnummer) -> Result<GeneralInformation, Refused> {
    let person = match fields.text(key!("personnummer"))? {
        None => None,
        Some(number) if number == asked.expose() || number == asked.ten_digits() => Some(asked.clone()),
        Some(_) => return Err(Refused("the answer is about another person")),
    };
    Ok(GeneralInformation {
        person,
        born: fields.text(key!("foddes"))?,
        name: fields.text(key!("namn"))?,
        protected: fields.flag(key!("skyddad"))?,
        died: fields.texts(key!("avled"))?,
        addresses: fields.each(key!("adress"), address)?,
        workplaces: fields.each(key!("arbetsstallen"), workplace)?,
        children: fields.each(key!("barn"), other)?,
        civil_status: fields.code(key!("civilstand"))?,
        registered_in: fields.each(key!("folkbokford"), |place| {
            Ok(Municipality { county: place.text(key!("lan"))?, municipality: place.text(key!("kommun"))? })
        })?,
        citizenships: fields.each(key!("medborgarskap"), |citizenship| {
            Ok(Citizenship {
                since: citizenship.text(key!("datum"))?,
                country: citizenship.code(key!("land"))?,
            })
        })?,
        relatives: fields.each(key!("samhorig"), other)?,
    })
}

pub(super) fn address(fields: Fields<'_>) -> Result<Address, Refused> {
    Ok(Address {
        roles: fields.each(key!("roller"), code)?,
        lines: fields.texts(key!("utdelningadress"))?,
        postal_code: fields.text(key!("postnummer"))?,
        town: fields.text(key!("postort"))?,
        country: fields.code(key!("land"))?,
    })
}

fn workplace(fields: Fields<'_>) -> Result<Workplace, Refused> {
    Ok(Workplace {
        number: fields.text(key!("nummer"))?,
        name: fields.text(key!("namn"))?,
        employer: fields.one(key!("arbetsgivare"), |employer| {
            Ok(Employer {
                contact_name: employer.text(key!("namn"))?,
                organisation_number: employer.text(key!("organisationsnummer"))?,
                address: employer.one(key!("adress"), address)?,
            })
        })?,
        occupation: fields.text(key!("sysselsattning"))?,
        working_time: fields.extent(key!("arbetstid"))?,
        address: fields.one(key!("adress"), address)?,
        phone: fields.text(key!("telefon"))?,
        contact: fields.one(key!("kontakt"), |contact| {
            Ok(Contact {
                name: contact.text(key!("namn"))?,
                phones: contact.texts(key!("telefon"))?,
                emails: contact.texts(key!("epost"))?,
            })
        })?,
    })
}

/// `LefiPerson`.
pub(super) fn other(fields: Fields<'_>) -> Result<Person, Refused> {
    Ok(Person {
        number: fields.text(key!("personnummer"))?,
        born: fields.text(key!("foddes"))?,
        name: fields.text(key!("namn"))?,
        protected: fields.flag(key!("skyddad"))?,
        died: fields.texts(key!("avled"))?,
    })
}

/// The person or persons under `key`, in that role.
pub(super) fn in_role(fields: Fields<'_>, key: Key, role: PersonRole) -> Result<Vec<PersonInRole>, Refused> {
    fields.one_or_each(key, |person| Ok(PersonInRole { role, person: other(person)? }))
}
