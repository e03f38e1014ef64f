//! Contract v10: `BeskattningsuppgifterRequest` and `-Response`, whose only child is a string that holds XML.
//! The schema leaves local elements unqualified: `forfragan`, `svar` and a fault's children stand in no namespace.

use ssbtek_domain::{
    Outcome, Question, SourceAnswer, Wanted,
    sections::{
        Section as AnySection,
        skv::{Document, Section},
    },
};
use ssbtek_xml::{Element, Limits, Writer, soap::Fault};

use super::{facts, question::asked, reduce, source, tree};
use crate::{
    CannotAsk, HttpAnswer, HttpQuestion, Refused,
    fields::{Fields, field},
    soap_answer,
};

const NAMESPACE: &str = "http://beskattningws.ws.service.bs.zg.rsv.se/";

/// The document inside the question is made up here: the person and the income years, nothing more.
pub(super) fn question(question: &Question) -> Result<HttpQuestion, CannotAsk> {
    if matches!(question.wanted, Wanted::Skv(_)) {
        return Err(CannotAsk("SKV/fraga: contract v10 has no parts to choose from"));
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
    let name = (NAMESPACE, "BeskattningsuppgifterResponse");
    soap_answer::read(&source(), answer, name, |payload| read(question, payload), fault)
}

fn read(question: &Question, payload: &Element) -> Result<SourceAnswer, Refused> {
    let svar = Fields::closed(payload, "", &["svar"])?.required(field!("svar"))?;
    if !svar.elements().is_empty() {
        return Err(Refused("svar holds elements and no text"));
    }
    let inner = ssbtek_xml::parse_str(svar.trimmed(), &Limits::default())
        .map_err(|_| Refused("svar holds no XML that can be read safely"))?;
    let root = tree::of_xml(&inner);
    let mut section = Section {
        person: root.subject(&question.person)?,
        documents: vec![Document::verbatim(None, svar.text().to_owned())],
        ..Section::default()
    };
    facts::read(&root, &mut section);
    reduce::documents(&mut section, &question.person);
    Ok(SourceAnswer::with_facts(source(), AnySection::Skv(section)))
}

/// `Exception` with `MeddelandeKod`, a number; its text is free and is left behind.
fn fault(fault: &Fault<'_>) -> SourceAnswer {
    let code = fault.detail().and_then(|detail| detail.child_text_named("MeddelandeKod"));
    match code.and_then(soap_answer::code) {
        Some(code) => SourceAnswer {
            fault_code: Some(code),
            ..SourceAnswer::without_facts(source(), Outcome::FailedAtSource)
        },
        None => soap_answer::plain_fault(&source(), fault),
    }
}
