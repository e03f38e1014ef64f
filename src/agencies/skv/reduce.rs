//! A document of unknown form, cut down to what is known to lead to no place and to nobody else: what is left to tell when
//! the document itself must be held back. Names that are not listed go, whatever they hold.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use ssbtek_domain::{Personnummer, sections::skv::Section};
use ssbtek_xml::{Element, Limits, Writer};

use super::tree;

/// Deeper than what is kept is nested.
const MAX_DEPTH: usize = 12;
/// Longest value that is kept: an amount, a date, a code. No name or address is as short and without a space by rule, so
/// the names below are what protects; this is the second lock.
const MAX_VALUE_CHARS: usize = 12;

/// Names that are kept, sorted: those that are read (`facts.rs`), without those that locate or name somebody.
const KEPT: [&str; 23] = [
    "ar",
    "avdragenSkatt",
    "bilaga",
    "bilagor",
    "fastigheter",
    "faststalldForvarvsinkomst",
    "foretag",
    "godkandForFskatt",
    "individuppgifter",
    "inkomstar",
    "kontantErsattning",
    "momsregistrerad",
    "overskottKapital",
    "overskottNaringsverksamhet",
    "personnummer",
    "redovisningsperiod",
    "saldo",
    "saldodatum",
    "skattekonto",
    "slutligSkatt",
    "taxeringsvarde",
    "underlagFastighetsavgift",
    "underskottKapital",
];

/// Gives every document what is left of it about `person`; all of it, if nothing need go.
pub fn documents(section: &mut Section, person: &Personnummer) {
    for document in &mut section.documents {
        let Some(text) = &document.text else { continue };
        let mut reducer = Reducer { person, dropped: false };
        let left = match document.part {
            Some(_) => reducer.json(text),
            None => reducer.xml(text),
        };
        document.reduced = if reducer.dropped { left } else { left.map(|_| text.clone()) };
    }
}

struct Reducer<'a> {
    person: &'a Personnummer,
    /// Whether anything was left out.
    dropped: bool,
}

impl Reducer<'_> {
    fn keeps(&mut self, keep: bool) -> bool {
        self.dropped |= !keep;
        keep
    }

    fn keeps_name(&mut self, name: &str) -> bool {
        self.keeps(KEPT.binary_search(&name).is_ok())
    }

    /// Whether a value under a name stays: a person's number only if it is the person's.
    fn keeps_value(&mut self, name: &str, value: &str) -> bool {
        self.keeps(match name {
            "personnummer" => value == self.person.expose(),
            _ => value.chars().count() <= MAX_VALUE_CHARS && !value.contains(char::is_whitespace),
        })
    }

    fn json(&mut self, text: &str) -> Option<String> {
        tree::check_depth(text.as_bytes()).ok()?;
        let mut out = String::new();
        self.json_value("", serde_json::from_str(text).ok()?, MAX_DEPTH, &mut out)?;
        Some(out)
    }

    /// Writes a value; `None` where it cannot be read or is nested too deep, and then nothing is left of the document.
    fn json_value(&mut self, name: &str, raw: &RawValue, depth: usize, out: &mut String) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let (open, close) = match raw.get().as_bytes().first()? {
            b'{' => ('{', '}'),
            b'[' => ('[', ']'),
            _ => {
                out.push_str(raw.get());
                return Some(());
            }
        };
        let values: Vec<(Option<String>, &RawValue)> = if open == '{' {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(raw.get()).ok()?;
            members.into_iter().map(|(name, raw)| (Some(name), raw)).collect()
        } else {
            serde_json::from_str::<Vec<&RawValue>>(raw.get())
                .ok()?
                .into_iter()
                .map(|raw| (None, raw))
                .collect()
        };
        out.push(open);
        let mut first = true;
        for (member, raw) in values {
            let name = member.as_deref().unwrap_or(name);
            if member.is_some() && !self.keeps_name(name) || !self.keeps_json(name, raw) {
                continue;
            }
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            if member.is_some() {
                // A name that is kept needs no escape.
                out.extend(["\"", name, "\":"]);
            }
            self.json_value(name, raw, depth, out)?;
        }
        out.push(close);
        Some(())
    }

    fn keeps_json(&mut self, name: &str, raw: &RawValue) -> bool {
        match raw.get().as_bytes().first() {
            Some(b'{' | b'[') => true,
            Some(b'"') => match serde_json::from_str::<String>(raw.get()) {
                Ok(text) => self.keeps_value(name, &text),
                Err(_) => self.keeps(false),
            },
            _ => self.keeps(name != "personnummer" || raw.get() == self.person.expose()),
        }
    }

    fn xml(&mut self, text: &str) -> Option<String> {
        let root = ssbtek_xml::parse_str(text.trim(), &Limits::default()).ok()?;
        let mut writer = Writer::with_declaration();
        writer.open(root.name());
        if let Some(namespace) = root.namespace() {
            writer.namespace("", namespace);
        }
        self.xml_children(&root, MAX_DEPTH, &mut writer)?;
        Some(writer.finish())
    }

    /// Elements without their attributes; text only where there are no elements.
    fn xml_children(&mut self, element: &Element, depth: usize, writer: &mut Writer) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let mixed = !element.elements().is_empty() && !element.trimmed().is_empty();
        self.keeps(element.attributes().is_empty() && !mixed);
        for child in element.elements() {
            if !self.keeps_name(child.name()) {
                continue;
            }
            if !child.elements().is_empty() {
                writer.open(child.name());
                self.xml_children(child, depth, writer)?;
                writer.close();
            } else if self.keeps(child.attributes().is_empty())
                && self.keeps_value(child.name(), child.trimmed())
            {
                writer.element_with_text(child.name(), child.trimmed());
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use ssbtek_domain::sections::skv::{Document, Part};

    use super::*;

    fn person() -> Personnummer {
        Personnummer::parse_undated("198001019804").unwrap()
    }

    fn left(part: Option<Part>, text: &str) -> Option<String> {
        let documents = vec![Document::verbatim(part, text.to_owned())];
        let mut section = Section { documents, ..Section::default() };
        super::documents(&mut section, &person());
        section.documents.remove(0).reduced
    }

    fn json(text: &str) -> Option<String> {
        left(Some(Part::TaxData), text)
    }

    #[test]
    fn the_names_are_sorted_for_the_search_and_none_locates() {
        assert!(KEPT.windows(2).all(|pair| pair[0] < pair[1]));
        // A company is kept, without number and name.
        for field in ssbtek_domain::LOCATING_FIELDS.iter().filter(|field| field.name != "foretag") {
            assert!(KEPT.binary_search(&field.name).is_err(), "{}", field.name);
        }
        for naming in ["namn", "organisationsnummer", "ort", "kommun"] {
            assert!(KEPT.binary_search(&naming).is_err(), "{naming}");
        }
    }

    #[test]
    fn amounts_stay_digit_for_digit_and_places_and_names_go() {
        let text = r#"{"personnummer":"198001019804","hemort":"Ön","inkomstar":[{"ar":2025,"slutligSkatt":-1.50,
            "fastigheter":[{"fastighetsbeteckning":"Ön 1:1","taxeringsvarde":900000}]}],
            "individuppgifter":[{"arbetsgivare":{"namn":"Bruket"},"avdragenSkatt":1}],"bilaga":"Storgatan 1 i Ön"}"#;
        let expected = r#"{"individuppgifter":[{"avdragenSkatt":1}],"inkomstar":[{"ar":2025,"fastigheter":[{"taxeringsvarde":900000}],"slutligSkatt":-1.50}],"personnummer":"198001019804"}"#;
        assert_eq!(json(text).unwrap(), expected);
        let own =
            "<personnummer>198001019804</personnummer><inkomstar><ar>2025</ar><saldo>7</saldo></inkomstar>";
        let text = format!(r#"<u xmlns="urn:u" ort="Ön">{own}<adress>Ön</adress></u>"#);
        assert!(left(None, &text).unwrap().ends_with(&format!(r#"<u xmlns="urn:u">{own}</u>"#)));
    }

    #[test]
    fn a_document_that_leads_nowhere_stays_as_it_came() {
        let text = r#"{ "saldo": 12,  "saldodatum": "2026-11-22" }"#;
        assert_eq!(json(text).unwrap(), text);
        let text = "<u><saldo>12</saldo>\n</u>";
        assert_eq!(left(None, text).unwrap(), text);
    }

    #[test]
    fn another_persons_number_and_what_cannot_be_read_leave_nothing() {
        assert_eq!(json(r#"{"personnummer":"199001019802","ar":1}"#).unwrap(), r#"{"ar":1}"#);
        assert_eq!(json(r#"{"personnummer":199001019802}"#).unwrap(), "{}");
        assert!(json("{").is_none() && left(None, "<a>").is_none());
        assert!(json(&format!("{}1{}", r#"{"foretag":"#.repeat(20), "}".repeat(20))).is_none());
    }
}
