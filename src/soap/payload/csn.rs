//! CSN: a whole `CSNSvar`, schema 4.0.

mod case;

use ssbtek_domain::sections::csn::{Mark, Section, SupportKinds};
use ssbtek_xml::Writer;

use super::{Answered, HELD_BACK, Told};
use crate::wire_names::{CSN_ANSWER, CSN_QUESTION, CSN_SCHEMAS};

/// Ten blanks: CSN's way of saying "nothing to say".
const BLANK: &str = "          ";

pub(super) fn write(told: &Told<'_>, facts: &Section, answered: &Answered<'_>) -> String {
    let mut writer = Writer::with_declaration();
    writer.open("csn:CSNSvar").namespace("csn", CSN_ANSWER.0).namespace("sam", CSN_QUESTION);
    for (prefix, namespace) in CSN_SCHEMAS {
        writer.namespace(prefix, namespace);
    }
    let code = answered.parts.iter().find_map(|part| part.code.as_deref()).unwrap_or("0");
    writer
        .attribute("schemaVersion", "4.0")
        .open("csn:GemensamtSvarEkbistand")
        .open("csn:Resultat")
        .element_with_text("csn:ResultatKod", code)
        .element_with_text(
            "csn:ResultatText",
            match (answered.withheld, code) {
                (true, _) => HELD_BACK,
                (false, "0") => "OK",
                (false, _) => "Alla uppgifter kunde inte hämtas",
            },
        )
        .close()
        .close();
    question(told, &mut writer);
    writer.open("csn:Personer");
    if facts.person.is_some() {
        person(told, facts, &mut writer);
    }
    writer.finish()
}

/// `GemensamtFragaEkbistand`. Its schema is not public; these are the fields that are known.
fn question(told: &Told<'_>, writer: &mut Writer) {
    let day = |day: ssbtek_domain::NaiveDate| day.format("%Y%m%d").to_string();
    writer
        .open("csn:GemensamtFragaEkbistand")
        .element_with_text("sam:SchemaVersion", "4.0")
        .element_with_text("sam:Kommun", &told.asker.organisation.hyphenated())
        .element_with_text("sam:HushallsId", told.case)
        .element_with_text("sam:FromDatum", &day(told.period.from()))
        .element_with_text("sam:TomDatum", &day(told.period.to()))
        .element_with_text("sam:HushallsMedlemsIdSekel", told.person.century())
        .element_with_text("sam:HushallsMedlemsId", told.person.ten_digits())
        .close();
}

fn person(told: &Told<'_>, facts: &Section, writer: &mut Writer) {
    writer
        .open("csn:Person")
        .attribute("personnummer", told.person.ten_digits())
        .attribute("Status", facts.unknown_status.as_deref().unwrap_or(BLANK));
    if let Some(text) = mark(&facts.sekretess, "Ja", "  ") {
        writer.attribute("sekretess", text);
    }
    writer.attribute("sekel", told.person.century());
    kinds(facts.support_kinds.as_ref().unwrap_or(&SupportKinds::default()), writer);
    for ((name, cases), (prefix, _)) in facts.lists().into_iter().zip(CSN_SCHEMAS) {
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
