//! Migrationsverket: `response`, unqualified throughout.

use ssbtek_domain::{
    NaiveDate,
    sections::miv::{Matter, Section, Validity},
};
use ssbtek_xml::Writer;

use super::{Told, alone};

pub(super) fn write(told: &Told<'_>, facts: &Section) -> Vec<String> {
    let response = |writer: &mut Writer| {
        writer
            .element_with_text("correlationid", told.correlation_id)
            .optional("efternamn", facts.family_name.as_deref())
            .optional("fornamn", facts.given_name.as_deref())
            .optional("hemland", facts.home_country.as_deref())
            .optional("inresedatum", day(facts.entered_on).as_deref())
            .optional("personnummer", facts.person.as_ref().map(|person| person.expose()))
            .open("svarCollection");
        facts.matters.iter().for_each(|known| matter(known, writer));
        writer.close();
    };
    vec![alone("", "response", response)]
}

fn matter(known: &Matter, writer: &mut Writer) {
    // The schema has two words; a third would make the whole answer invalid.
    let validity = known.validity.as_ref().filter(|validity| !matches!(validity, Validity::Other(_)));
    writer
        .open("svar")
        .optional("anledning", known.ground_code.as_deref())
        .optional("anledningNamn", known.ground.as_deref())
        .optional("ansokningsdatum", day(known.applied_on).as_deref())
        .optional("arendeTyp", known.kind_code.as_deref())
        .optional("arendeTypNamn", known.kind.as_deref())
        .optional("beslutsKod", known.decision_code.as_deref())
        .optional("beslutsKodNamn", known.decision.as_deref())
        .optional("beslutsTyp", known.decision_kind_code.as_deref())
        .optional("beslutsTypNamn", known.decision_kind.as_deref())
        .optional("beslutsdatum", day(known.decided_on).as_deref())
        .optional("fromDatum", day(known.valid_from).as_deref())
        .optional("giltighetstid", validity.map(Validity::code))
        .optional("tomDatum", day(known.valid_to).as_deref())
        .close();
}

fn day(day: Option<NaiveDate>) -> Option<String> {
    day.map(|day| day.to_string())
}
