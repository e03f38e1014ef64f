//! `response`, unqualified throughout.

use ssbtek_domain::{
    NaiveDate,
    sections::miv::{Matter, Section, Validity},
};
use ssbtek_xml::Writer;

use crate::element::alone;

/// What MIV repeats of a question.
pub struct Repeated<'a> {
    /// `korrelationsid`: the question's own.
    pub asked_as: Option<&'a str>,
    /// `correlationid`: the answer's.
    pub answered_as: &'a str,
    /// `personnummer`.
    pub person: Option<&'a str>,
}

/// The one child of `findByPersonnummerResponse`.
pub fn response(repeated: &Repeated<'_>, facts: &Section) -> String {
    alone("", "response", |writer| {
        writer
            .optional("korrelationsid", repeated.asked_as)
            .element_with_text("correlationid", repeated.answered_as)
            .optional("efternamn", facts.family_name.as_deref())
            .optional("fornamn", facts.given_name.as_deref())
            .optional("hemland", facts.home_country.as_deref())
            .optional("inresedatum", day(facts.entered_on).as_deref())
            .optional("personnummer", repeated.person)
            .open("svarCollection");
        facts.matters.iter().for_each(|known| matter(known, writer));
        writer.close();
    })
}

fn matter(known: &Matter, writer: &mut Writer) {
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
        .optional("giltighetstid", known.validity.as_ref().map(Validity::code))
        .optional("tomDatum", day(known.valid_to).as_deref())
        .close();
}

fn day(day: Option<NaiveDate>) -> Option<String> {
    day.map(|day| day.to_string())
}
