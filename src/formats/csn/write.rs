//! A whole `CSNSvar`, schema 4.0.

mod case;

use ssbtek_domain::{
    Personnummer,
    sections::csn::{Mark, Section, SupportKinds},
};
use ssbtek_xml::Writer;

use super::{
    ANSWER,
    namespaces::{PREFIXES, SAMBRUK},
    read::VERSION,
};
use crate::Repeated;

/// Ten blanks: CSN's way of saying "nothing to say".
const BLANK: &str = "          ";

/// What CSN says.
pub struct Answer<'a> {
    /// `ResultatKod`.
    pub code: &'a str,
    /// `ResultatText`.
    pub text: &'a str,
    /// What is repeated of the question.
    pub asked: &'a Repeated,
    /// `Person`: one, or none.
    pub persons: &'a [(Option<&'a Personnummer>, &'a Section)],
}

/// The document.
pub fn document(answer: &Answer<'_>) -> String {
    let mut writer = Writer::with_declaration();
    writer.open(&format!("csn:{}", ANSWER.name)).namespace("csn", ANSWER.namespace).namespace("sam", SAMBRUK);
    for (prefix, namespace) in PREFIXES {
        writer.namespace(prefix, namespace);
    }
    writer
        .attribute("schemaVersion", VERSION)
        .open("csn:GemensamtSvarEkbistand")
        .open("csn:Resultat")
        .element_with_text("csn:ResultatKod", answer.code)
        .element_with_text("csn:ResultatText", answer.text)
        .close()
        .close()
        .open("csn:GemensamtFragaEkbistand");
    for (name, text) in answer.asked.fields() {
        writer.element_with_text(&format!("sam:{name}"), text);
    }
    writer.close().open("csn:Personer");
    for (number, facts) in answer.persons {
        person(*number, facts, &mut writer);
    }
    writer.finish()
}

fn person(number: Option<&Personnummer>, facts: &Section, writer: &mut Writer) {
    writer
        .open("csn:Person")
        .attribute("personnummer", number.map_or("", |number| number.ten_digits()))
        .attribute("Status", facts.unknown_status.as_deref().unwrap_or(BLANK));
    if let Some(text) = mark(&facts.sekretess, "Ja", "  ") {
        writer.attribute("sekretess", text);
    }
    writer.attribute("sekel", number.map_or("", |number| number.century()));
    kinds(facts.support_kinds.as_ref().unwrap_or(&SupportKinds::default()), writer);
    for ((name, cases), (prefix, _)) in facts.lists().into_iter().zip(PREFIXES) {
        writer.open(&format!("pers:{name}"));
        if !cases.is_empty() {
            writer.open("pers:Arenden");
            cases.iter().for_each(|known| case::write(known, prefix, writer));
            writer.close();
        }
        writer.close();
    }
    writer.close();
}

fn kinds(known: &SupportKinds, writer: &mut Writer) {
    writer
        .open("pers:Studiestodstypforteckning")
        .element_with_text("gem:studiemedel", &known.studiemedel)
        .element_with_text("gem:studiehjalp", &known.studiehjalp)
        .element_with_text("gem:hemutrustningslan", &known.hemutrustningslan)
        .element_with_text("gem:studiestartsstod", &known.studiestartsstod)
        .element_with_text("gem:omstallningsstudiestod", &known.omstallningsstudiestod)
        .close();
}

/// A mark as CSN writes it; `None` leaves the place out.
fn mark<'a>(mark: &'a Mark, set: &'a str, blank: &'a str) -> Option<&'a str> {
    match mark {
        Mark::Absent => None,
        Mark::Blank => Some(blank),
        Mark::Yes => Some(set),
        Mark::Unknown(text) => Some(text),
    }
}
