//! Contract v10: `BeskattningsuppgifterRequest` and `-Response`, whose only child is a string that holds XML.
//! The schema leaves local elements unqualified: `forfragan`, `svar` and a fault's children stand in no namespace.

use ssbtek_domain::{
    Information, Note, Outcome, Question, SourceAnswer, Wanted,
    sections::{
        Section as AnySection,
        skv::{Document, Part, Section},
    },
};
use ssbtek_xml::{Element, Limits, Writer, soap::Fault};

use super::{
    facts,
    failing::{self, Found},
    question::asked,
    reduce, source, tree,
};
use crate::{
    CannotAsk, HttpAnswer, HttpQuestion, Refused,
    fields::{Fields, Space},
    flags,
    notes::Notes,
    soap_answer::{self, AnswerElement},
    unreadable,
    who::Named,
};

const NAMESPACE: &str = "http://beskattningws.ws.service.bs.zg.rsv.se/";
/// The element that the answer is.
pub const ANSWER: AnswerElement = AnswerElement {
    namespace: NAMESPACE,
    space: Space(NAMESPACE),
    name: "BeskattningsuppgifterResponse",
    failures: &[],
};

/// The document inside the question is made up here: the person and the income years, nothing more.
pub(super) fn question(question: &Question) -> Result<HttpQuestion, CannotAsk> {
    if matches!(question.wanted, Wanted::Skv(_)) {
        return Err(CannotAsk("SKV/fraga: contract v10 has no parts to choose from"));
    }
    if !question.kinds.contains(&Information::skv(Part::TaxData)) {
        return Err(CannotAsk(
            "SKV: the one document of contract v10 goes by the ground of skatteuppgifter, which there is none for",
        ));
    }
    let asked = asked(question)?;
    let mut inner = Writer::new();
    inner.open("Forfragan").element_with_text("personnummer", question.person.expose());
    for year in asked.years {
        inner.element_with_text("inkomstar", &year.to_string());
    }
    let inner = inner.finish();
    Ok(soap_answer::question(|writer| {
        writer
            .open("skv:BeskattningsuppgifterRequest")
            .namespace("skv", NAMESPACE)
            .element_with_text("forfragan", &inner)
            .close();
    }))
}

pub(super) fn answer(question: &Question, answer: &HttpAnswer) -> Result<SourceAnswer, Refused> {
    let read = soap_answer::read(
        &source(),
        question,
        answer,
        &ANSWER,
        |payload, notes| read(question, payload, notes),
        fault,
    );
    read.map(|answer| {
        let left_out = answer.notes.iter().any(|note| matches!(note, Note::NotAskedFor(_)));
        // The bytes hold it.
        if left_out { SourceAnswer { original: None, ..answer } } else { answer }
    })
}

fn read(question: &Question, payload: &Element, notes: &Notes) -> Result<SourceAnswer, Refused> {
    let told = Fields::of(payload, Space(""), &["svar"], ANSWER.name, notes);
    let all = told.values("svar");
    let [svar] = all[..] else { return Err(Refused::breach("svar is missing or repeated")) };
    if !svar.elements().is_empty() {
        return Err(Refused::breach("svar holds elements and no text"));
    }
    let inner = ssbtek_xml::parse_str(svar.trimmed().trim_start_matches('\u{feff}'), &Limits::of_answers())
        .map_err(|error| {
        Refused("svar holds no XML that can be read safely", unreadable::refused(error).code())
    })?;
    let text = with_a_ground(svar, &inner, question, notes);
    let mut root = tree::of_xml(&inner);
    let person = match root.names(&question.person) {
        Named::Asked => Some(question.person.clone()),
        Named::Others => return Err(Refused::ANOTHER_PERSON),
        Named::Nobody => return Err(Refused::NOBODY_NAMED),
    };
    if root.names_two(&question.person) {
        return Err(Refused::SEVERAL_PERSONS);
    }
    let found = failing::judge(&root, &question.person);
    let told = (found != Found::Nothing).then(|| failing::fault(&root, None));
    let mut section =
        Section { person, documents: vec![Document::verbatim(None, text)], ..Section::default() };
    facts::take_in(&mut root, None, &question.person, &mut section, notes);
    let fault_code = told.as_ref().and_then(|fault| soap_answer::code(&fault.code));
    // A failure is no answer, whomever it names.
    if found == Found::Alone && facts::count(&section) == 0 {
        return Ok(SourceAnswer {
            fault_code,
            faults: told.into_iter().collect(),
            unread_flag: flags::in_bytes(svar.text().as_bytes()) > 0,
            ..SourceAnswer::without_facts(source(), Outcome::FailedAtSource)
        });
    }
    if told.is_some() {
        notes.fail();
    }
    reduce::documents(&mut section, &question.person);
    let mut section = AnySection::Skv(section);
    section.keep_only(&question.kinds);
    Ok(SourceAnswer {
        fault_code,
        faults: told.into_iter().collect(),
        ..SourceAnswer::with_facts(source(), section)
    })
}

/// The document's text without what belongs to a part that there is no ground for today; as it came, where nothing does.
fn with_a_ground(svar: &Element, inner: &Element, question: &Question, notes: &Notes) -> String {
    let mut text = svar.trimmed().trim_start_matches('\u{feff}').to_owned();
    let mut left_out = false;
    for child in inner.elements().iter().rev() {
        let kind = Information::skv(facts::part_of(child.name()));
        if !question.kinds.contains(&kind) {
            notes.add(Note::NotAskedFor(kind.name()));
            text.replace_range(child.raw_range(), "");
            left_out = true;
        }
    }
    if left_out { text } else { svar.text().to_owned() }
}

/// `Exception` with `MeddelandeKod`, a number, and `MeddelandeText`.
fn fault(fault: &Fault<'_>) -> SourceAnswer {
    let code = fault.detail().and_then(|detail| detail.child_text_named("MeddelandeKod"));
    let text = fault.detail().and_then(|detail| detail.child_text_named("MeddelandeText"));
    match code.and_then(soap_answer::code) {
        Some(code) => SourceAnswer {
            faults: vec![soap_answer::told(&code, text.unwrap_or_default())],
            fault_code: Some(code),
            ..SourceAnswer::without_facts(source(), Outcome::FailedAtSource)
        },
        None => soap_answer::plain_fault(&source(), fault),
    }
}
