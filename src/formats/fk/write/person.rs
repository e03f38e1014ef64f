//! Who the person is to FK, and other persons as far as anything is left of them.

use ssbtek_domain::sections::fk::person::{
    Address, Contact, Employer, GeneralInformation, Person, Workplace,
};

use super::{
    codes::{country, digits, extent},
    json::{Json, Object},
};

/// `whole`: whether general information was asked for; else only number and protection are told.
pub(super) fn general(known: &GeneralInformation, whole: bool) -> Json {
    let kept = Object::default()
        .text("personnummer", known.person.as_ref().map(|person| person.expose()))
        .flag("skyddad", known.protected);
    if !whole {
        return kept.done();
    }
    let places = known.registered_in.iter().map(|place| {
        Object::default()
            .text("lan", place.county.as_deref())
            .text("kommun", place.municipality.as_deref())
            .done()
    });
    let citizenships = known.citizenships.iter().map(|citizenship| {
        Object::default()
            .text("datum", citizenship.since.as_deref())
            .put("land", country(&citizenship.country))
            .done()
    });
    kept.text("foddes", known.born.as_deref())
        .text("namn", known.name.as_deref())
        .texts("avled", &known.died)
        .list("adress", known.addresses.iter().map(address))
        .list("arbetsstallen", known.workplaces.iter().map(workplace))
        .list("barn", known.children.iter().map(other))
        .put("civilstand", digits(&known.civil_status))
        .list("folkbokford", places)
        .list("medborgarskap", citizenships)
        .list("samhorig", known.relatives.iter().map(other))
        .done()
}

pub(super) fn address(address: &Address) -> Json {
    let roles = address.roles.iter().filter_map(|role| digits(&Some(role.clone())));
    Object::default()
        .list("roller", roles)
        .texts("utdelningadress", &address.lines)
        .text("postnummer", address.postal_code.as_deref())
        .text("postort", address.town.as_deref())
        .put("land", country(&address.country))
        .done()
}

fn workplace(workplace: &Workplace) -> Json {
    Object::default()
        .text("nummer", workplace.number.as_deref())
        .text("namn", workplace.name.as_deref())
        .put("arbetsgivare", workplace.employer.as_ref().map(employer))
        .text("sysselsattning", workplace.occupation.as_deref())
        .put("arbetstid", extent(&workplace.working_time))
        .put("adress", workplace.address.as_ref().map(address))
        .text("telefon", workplace.phone.as_deref())
        .put("kontakt", workplace.contact.as_ref().map(contact))
        .done()
}

fn employer(employer: &Employer) -> Json {
    Object::default()
        .text("namn", employer.contact_name.as_deref())
        .text("organisationsnummer", employer.organisation_number.as_deref())
        .put("adress", employer.address.as_ref().map(address))
        .done()
}

fn contact(contact: &Contact) -> Json {
    Object::default()
        .text("namn", contact.name.as_deref())
        .texts("telefon", &contact.phones)
        .texts("epost", &contact.emails)
        .done()
}

/// `LefiPerson`.
pub(super) fn other(person: &Person) -> Json {
    Object::default()
        .text("personnummer", person.number.as_deref())
        .text("foddes", person.born.as_deref())
        .text("namn", person.name.as_deref())
        .flag("skyddad", person.protected)
        .texts("avled", &person.died)
        .done()
}
