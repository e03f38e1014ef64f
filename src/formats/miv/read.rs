//! `findByPersonnummerResponse`. A failure is a SOAP fault with `SSBTEKSoapException`.

use ssbtek_domain::{
    Agency, Note, Outcome, Question, Source, SourceAnswer,
    sections::{
        Section as AnySection,
        miv::{Matter, Section, Validity},
    },
};
use ssbtek_xml::{Element, soap::Fault};

use super::{Codec, NAMESPACE};
use crate::{
    HttpAnswer, RefusalCode, Refused,
    fields::{Fields, Space},
    notes::Notes,
    soap_answer::{self, AnswerElement},
    who,
};

const SOURCE: Source = Source::Agency(Agency::Miv);
/// The element that the answer is.
pub const ANSWER: AnswerElement = AnswerElement {
    namespace: NAMESPACE,
    space: Space("http://schema.migrationsverket.se/ssbtek/*/"),
    name: "findByPersonnummerResponse",
    failures: &[],
};
/// Children are unqualified.
const NONE: Space = Space("");

pub(super) fn read(codec: &Codec, question: &Question, answer: &HttpAnswer) -> Result<SourceAnswer, Refused> {
    soap_answer::read(
        &SOURCE,
        question,
        answer,
        &ANSWER,
        |payload, notes| facts(codec, payload, question, notes),
        |fault| told_fault(fault, &codec.no_such_person),
    )
}

/// MIV's own code and words.
fn told_fault(fault: &Fault<'_>, no_such_person: &[String]) -> SourceAnswer {
    let detail = fault.detail().filter(|detail| detail.name() == "SSBTEKSoapException");
    let told = detail.and_then(|detail| detail.child_text_named("faultCode"));
    let words = detail.and_then(|detail| detail.child_text_named("faultString")).unwrap_or_default();
    match told {
        Some(code) if no_such_person.iter().any(|known| known == code) => SourceAnswer {
            faults: vec![soap_answer::told(code, words)],
            ..SourceAnswer::without_facts(SOURCE, Outcome::NoSuchPerson)
        },
        Some(code) => SourceAnswer {
            fault_code: soap_answer::code(code),
            faults: vec![soap_answer::told(code, words)],
            ..SourceAnswer::without_facts(SOURCE, Outcome::FailedAtSource)
        },
        None => soap_answer::plain_fault(&SOURCE, fault),
    }
}

fn facts(
    codec: &Codec,
    payload: &Element,
    question: &Question,
    notes: &Notes,
) -> Result<SourceAnswer, Refused> {
    let outer = Fields::of(payload, NONE, &["response"], ANSWER.name, notes);
    let responses: Vec<&Element> = outer.all("response").collect();
    let response = match responses[..] {
        [response] => response,
        // The schema lets the whole response be left out: nobody was found. What stands there instead says otherwise.
        [] if payload.elements().is_empty() => {
            return Ok(SourceAnswer::without_facts(SOURCE, Outcome::NoSuchPerson));
        }
        [] => return Ok(SourceAnswer::without_facts(SOURCE, Outcome::FailedAtSource)),
        _ => return Err(Refused("the answer holds more than one response", RefusalCode::SeveralPersons)),
    };
    let section = section(codec, response, question, notes)?;
    let unknown = section.matters.iter().any(|matter| matches!(matter.validity, Some(Validity::Other(_))));
    notes.add_if(unknown, Note::UnknownCode("giltighetstid"));
    Ok(SourceAnswer::with_facts(SOURCE, AnySection::Miv(section)))
}

fn section(
    codec: &Codec,
    response: &Element,
    question: &Question,
    notes: &Notes,
) -> Result<Section, Refused> {
    let known = [
        "korrelationsid",
        "correlationid",
        "efternamn",
        "fornamn",
        "hemland",
        "inresedatum",
        "personnummer",
        "svarCollection",
    ];
    let told = Fields::of(response, NONE, &known, "response", notes);
    notes.add_if(told.all("correlationid").next().is_none(), Note::Missing("correlationid"));
    told.ids("correlationid");
    let mut of_this_question = false;
    for echo in told.ids("korrelationsid") {
        of_this_question = true;
        if !codec.without_question && echo != question.entry.to_string() {
            return Err(Refused("the answer belongs to another question", RefusalCode::AnotherQuestion));
        }
    }
    let mut person = None;
    for number in told.values("personnummer").into_iter().filter_map(Element::value) {
        person = Some(who::same(question, number)?);
    }
    if person.is_none() && told.names_only_others(&["svarCollection"]) {
        return Err(Refused::ANOTHER_PERSON);
    }
    if person.is_none() && !of_this_question {
        return Err(Refused::NOBODY_NAMED);
    }
    let lists = told.lists("svarCollection");
    if lists.is_empty() {
        // An empty collection says that there are no matters; none says nothing.
        notes.lose_missing("svarCollection");
    }
    let lists = lists.into_iter().map(|list| Fields::of(list, NONE, &["svar"], "svarCollection", notes));
    let entries = lists.flat_map(|list| list.records("svar", &[]));
    Ok(Section {
        person,
        given_name: told.text("fornamn"),
        family_name: told.text("efternamn"),
        home_country: told.text("hemland"),
        entered_on: told.date("inresedatum"),
        matters: entries.map(|entry| matter(entry, notes)).collect(),
    })
}

fn matter(element: &Element, notes: &Notes) -> Matter {
    let known = [
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
    ];
    let told = Fields::of(element, NONE, &known, "svar", notes);
    Matter {
        ground_code: told.text("anledning"),
        ground: told.text("anledningNamn"),
        applied_on: told.date("ansokningsdatum"),
        kind_code: told.text("arendeTyp"),
        kind: told.text("arendeTypNamn"),
        decision_code: told.text("beslutsKod"),
        decision: told.text("beslutsKodNamn"),
        decision_kind_code: told.text("beslutsTyp"),
        decision_kind: told.text("beslutsTypNamn"),
        decided_on: told.date("beslutsdatum"),
        valid_from: told.date("fromDatum"),
        valid_to: told.date("tomDatum"),
        validity: told.text("giltighetstid").as_deref().map(Validity::from_code),
    }
}
