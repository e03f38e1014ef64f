//! Who the person is to FK (`FK:GEPI`), and other persons.

use super::common::{Code, Extent, PersonRole};
use crate::Personnummer;

/// `generellPersoninformation[]`. Comes only when `FK:GEPI` is asked for.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct GeneralInformation {
    /// `personnummer`; settled to 12 digits when it agrees with the question.
    pub person: Option<Personnummer>,
    /// `foddes`, as it came.
    pub born: Option<String>,
    /// `namn`: all names in one text, in no stated order.
    pub name: Option<String>,
    /// `skyddad`; absent is not false.
    pub protected: Option<bool>,
    /// `avled[]`, as it came.
    pub died: Vec<String>,
    /// `adress[]`: special address, registered address, addresses abroad.
    pub addresses: Vec<Address>,
    /// `arbetsstallen[]`, the main one first.
    pub workplaces: Vec<Workplace>,
    /// `barn[]`.
    pub children: Vec<Person>,
    /// `civilstand`.
    pub civil_status: Option<Code>,
    /// `folkbokford[]`.
    pub registered_in: Vec<Municipality>,
    /// `medborgarskap[]`.
    pub citizenships: Vec<Citizenship>,
    /// `samhorig[]`: registered relatives.
    pub relatives: Vec<Person>,
}

/// `LefiAdress`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Address {
    /// `roller[]`: 1 registered, 2 special, 3 abroad.
    pub roles: Vec<Code>,
    /// `utdelningadress[]`.
    pub lines: Vec<String>,
    /// `postnummer`.
    pub postal_code: Option<String>,
    /// `postort`.
    pub town: Option<String>,
    /// `land` (`kod`, `namn`).
    pub country: Option<Code>,
}

/// `LefiArbetsstalle`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Workplace {
    /// `nummer` (CFAR).
    pub number: Option<String>,
    /// `namn`.
    pub name: Option<String>,
    /// `arbetsgivare`.
    pub employer: Option<Employer>,
    /// `sysselsattning`.
    pub occupation: Option<String>,
    /// `arbetstid`.
    pub working_time: Option<Extent>,
    /// `adress`.
    pub address: Option<Address>,
    /// `telefon`.
    pub phone: Option<String>,
    /// `kontakt`.
    pub contact: Option<Contact>,
}

/// `LefiArbetsgivare`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Employer {
    /// `namn`: according to the contract the name of a contact person.
    pub contact_name: Option<String>,
    /// `organisationsnummer`, as it came.
    pub organisation_number: Option<String>,
    /// `adress`.
    pub address: Option<Address>,
}

/// `LefiKontaktuppgifter`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// `namn`.
    pub name: Option<String>,
    /// `telefon[]`.
    pub phones: Vec<String>,
    /// `epost[]`.
    pub emails: Vec<String>,
}

/// `LefiFolkbokforingsuppgift`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Municipality {
    /// `lan`, two digits.
    pub county: Option<String>,
    /// `kommun`, two digits within the county.
    pub municipality: Option<String>,
}

/// `LefiMedborgarskap`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Citizenship {
    /// `datum`: since when; missing when unknown or from birth.
    pub since: Option<String>,
    /// `land` (`kod`, `namn`).
    pub country: Option<Code>,
}

/// `LefiPerson`: somebody else.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// `personnummer`, as it came: 10 or 12 digits, not checked.
    pub number: Option<String>,
    /// `foddes`, as it came.
    pub born: Option<String>,
    /// `namn`.
    pub name: Option<String>,
    /// `skyddad`; absent is not false.
    pub protected: Option<bool>,
    /// `avled[]`, as it came; PM's `dodsfallsdatum` may say `Datum saknas`.
    pub died: Vec<String>,
}

/// Another person and what part that person has.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonInRole {
    /// The part.
    pub role: PersonRole,
    /// The person.
    pub person: Person,
}
