//! `findByPersonnummerResponse`. A failure is a SOAP fault with `SSBTEKSoapException`.

use ssbtek_domain::{
    Agency, Note, Outcome, Personnummer, Question, Source, SourceAnswer,
    sections::{
        Section as AnySection,
        miv::{Matter, Section, Validity},
    },
};
use ssbtek_xml::{Element, soap::Fault};

use super::NAMESPACE;
use crate::{
    HttpAnswer, Refused,
    fields::{Fields, field},
    soap_answer,
};

const SOURCE: Source = Source::Agency(Agency::Miv);
/// Children are unqualified.
const NONE: &str = "";

pub(super) fn read(
    question: &Question,
    answer: &HttpAnswer,
    no_such_person: &[String],
) -> Result<SourceAnswer, Refused> {
    soap_answer::read(
        &SOURCE,
        answer,
        (NAMESPACE, "findByPersonnummerResponse"),
        |payload| facts(payload, question),
        |fault| told_fault(fault, no_such_person),
    )
}

/// `faultString` is free text and is left behind.
fn told_fault(fault: &Fault<'_>, no_such_person: &[String]) -> SourceAnswer {
    let told = fault
        .detail()
        .filter(|detail| detail.is(NAMESPACE, "SSBTEKSoapException"))
        .and_then(|detail| detail.child_text(NONE, "faultCode"));
    match told {
        Some(code) if no_such_person.iter().any(|known| known == code) => {
            SourceAnswer::without_facts(SOURCE, Outcome::NoSuchPerson)
        }
        Some(code) => SourceAnswer {
            fault_code: soap_answer::code(code),
            ..SourceAnswer::without_facts(SOURCE, Outcome::FailedAtSource)
        },
        None => soap_answer::plain_fault(&SOURCE, fault),
    }
}

fn facts(payload: &Element, question: &Question) -> Result<SourceAnswer, Refused> {
    let response = Fields::closed(payload, NONE, &["response"])?.one(field!("response"))?;
    let Some(response) = response else {
        // The schema lets the whole response be left out: nobody was found.
        return Ok(SourceAnswer::without_facts(SOURCE, Outcome::NoSuchPerson));
    };
    let section = section(response, question)?;
    let unknown = section.matters.iter().any(|matter| matches!(matter.validity, Some(Validity::Other(_))));
    Ok(SourceAnswer {
        notes: unknown.then_some(Note::UnknownCode("giltighetstid")).into_iter().collect(),
        ..SourceAnswer::with_facts(SOURCE, AnySection::Miv(section))
    })
}

fn section(response: &Element, question: &Question) -> Result<Section, Refused> {
    let told = Fields::closed(
        response,
        NONE,
        &[
            "korrelationsid",
            "correlationid",
            "efternamn",
            "fornamn",
            "hemland",
            "inresedatum",
            "personnummer",
            "svarCollection",
        ],
    )?;
    told.required(field!("correlationid"))?;
    let echo = told.text(field!("korrelationsid"))?;
    if echo.is_some_and(|echo| echo != question.entry.to_string()) {
        return Err(Refused("the answer belongs to another question"));
    }
    let person = told.text(field!("personnummer"))?.map(|text| same_person(question, &text)).transpose()?;
    Ok(Section {
        person,
        given_name: told.text(field!("fornamn"))?,
        family_name: told.text(field!("efternamn"))?,
        home_country: told.text(field!("hemland"))?,
        entered_on: told.date(field!("inresedatum"))?,
        matters: told.one(field!("svarCollection"))?.map(matters).transpose()?.unwrap_or_default(),
    })
}

/// The schema leaves the number's form open: ten digits are taken too, with or without hyphen.
fn same_person(question: &Question, text: &str) -> Result<Personnummer, Refused> {
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | '+')).collect();
    match digits.len() {
        10 if digits == question.person.ten_digits() => Ok(question.person.clone()),
        10 => Err(Refused("the answer is about another person")),
        _ => soap_answer::same_person(question, text),
    }
}

fn matters(collection: &Element) -> Result<Vec<Matter>, Refused> {
    let list = Fields::closed(collection, NONE, &["svar"])?;
    // A nil entry says nothing at all.
    list.all("svar").filter(|entry| !entry.is_nil()).map(matter).collect()
}

fn matter(element: &Element) -> Result<Matter, Refused> {
    let told = Fields::closed(
        element,
        NONE,
        &[
            "anledning",
            "anledningNamn",
            "ansokningsdatum",
            "arendeTyp",
            "arendeTypNamn",
            "beslutsKod",
            "beslutsKodNamn",
            "beslutsTyp",
            "beslutsTypNamn",
            "beslutsdatum",
            "fromDatum",
            "giltighetstid",
            "tomDatum",
        ],
    )?;
    Ok(Matter {
        ground_code: told.text(field!("anledning"))?,
        ground: told.text(field!("anledningNamn"))?,
        applied_on: told.date(field!("ansokningsdatum"))?,
        kind_code: told.text(field!("arendeTyp"))?,
        kind: told.text(field!("arendeTypNamn"))?,
        decision_code: told.text(field!("beslutsKod"))?,
        decision: told.text(field!("beslutsKodNamn"))?,
        decision_kind_code: told.text(field!("beslutsTyp"))?,
        decision_kind: told.text(field!("beslutsTypNamn"))?,
        decided_on: told.date(field!("beslutsdatum"))?,
        valid_from: told.date(field!("fromDatum"))?,
        valid_to: told.date(field!("tomDatum"))?,
        validity: told.text(field!("giltighetstid"))?.as_deref().map(Validity::from_code),
    })
}
