//! Flags of protected identity, wherever they stand in an agency's own bytes and however they are written.
//!
//! The readers know the places that the contracts name. A flag in any other place is nobody's that we could tell, so it counts
//! as the person's own: held back wrongly can be asked again, told wrongly cannot be taken back.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use ssbtek_domain::sections::{
    Section,
    fk::common::{Figure, FigureValue},
};
use ssbtek_xml::{Element, Limits};

/// Parts of names under which a flag stands, in lower case and without signs: skyddad, skyddadIdentitet, identitetsskydd, skyddad
/// folkbokföring, sekretess, sekretessmarkering, kvarskrivning, fingerade personuppgifter, and what others would call it.
const NAMES: [&str; 7] =
    ["skydd", "sekretess", "kvarskriv", "fingera", "protected", "sparrmarkering", "hemlig"];
/// Names that only sound like one: kinds of sickness and pension insurance.
const OTHER_NAMES: [&str; 5] =
    ["högriskskydd", "hogriskskydd", "grundskydd", "efterlevandeskydd", "familjeskydd"];
/// What says no, in lower case. Everything else under a flag's name says yes.
const NO: [&str; 8] = ["", "false", "0", "nej", "n", "no", "null", "none"];

/// Whether more flags stand in what came (`told`: in its bytes, the envelope included) and in the documents inside than the facts
/// hold. Also of an answer that is refused: then there are no facts.
pub(crate) fn unread(told: usize, section: Option<&Section>) -> bool {
    let documents = match section {
        Some(Section::Skv(skv)) => {
            skv.documents.iter().filter_map(|document| document.text.as_deref()).collect()
        }
        _ => vec![],
    };
    let inside: usize = documents.into_iter().map(|text| in_bytes(text.as_bytes())).sum();
    told + inside > section.map_or(0, |section| section.facts().flags())
}

/// Whether a figure stands under a flag's name and does not say no.
pub(crate) fn is_raised(figure: &Figure) -> bool {
    let yes = match &figure.value {
        FigureValue::Flag(yes) => *yes,
        FigureValue::Number(text) | FigureValue::Text(text) => says_yes(text),
    };
    yes && is_flag(&figure.name)
}

/// How many flags say yes in a document, JSON or XML. In what is neither there is none to be read.
pub(crate) fn in_bytes(bytes: &[u8]) -> usize {
    // A number that does not fit stops a reader; no flag may hide behind one.
    if let Some(found) = in_json(bytes).or_else(|| in_json(&plain_numbers(bytes))) {
        return found;
    }
    ssbtek_xml::parse(bytes, &Limits::default()).map_or(0, |root| in_element(&root, false))
}

fn in_json(bytes: &[u8]) -> Option<usize> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    (Count { flag: false }).deserialize(&mut reader).ok()
}

/// JSON with 0 for every number that is zero, and 1 for every other.
fn plain_numbers(json: &[u8]) -> Vec<u8> {
    let (mut plain, mut at, mut in_string) = (Vec::with_capacity(json.len()), 0, false);
    while let Some(byte) = json.get(at).copied() {
        let len = match byte {
            b'\\' if in_string => 2,
            b'-' | b'0'..=b'9' if !in_string => {
                let rest = json.get(at..).unwrap_or_default();
                let len = rest.iter().take_while(|b| b"0123456789+-.eE".contains(b)).count();
                let mantissa = rest.iter().take(len).take_while(|b| !matches!(b, b'e' | b'E'));
                plain.push(if mantissa.into_iter().any(|b| matches!(b, b'1'..=b'9')) { b'1' } else { b'0' });
                at += len;
                continue;
            }
            _ => 1,
        };
        in_string ^= byte == b'"';
        plain.extend_from_slice(json.get(at..(at + len).min(json.len())).unwrap_or_default());
        at += len;
    }
    plain
}

/// `flag`: the element stands inside a flag's.
fn in_element(element: &Element, flag: bool) -> usize {
    let flag = flag || is_flag(element.name());
    let own = flag && says_yes(element.trimmed());
    let attributes = element.attributes().iter();
    let attributes =
        attributes.filter(|attribute| is_flag(attribute.name()) && says_yes(attribute.value())).count();
    usize::from(own)
        + attributes
        + element.elements().iter().map(|inside| in_element(inside, flag)).sum::<usize>()
}

fn is_flag(name: &str) -> bool {
    let name: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let other = OTHER_NAMES.iter().any(|part| name.contains(part));
    !other && NAMES.iter().any(|part| name.contains(part))
}

fn says_yes(text: &str) -> bool {
    !NO.contains(&text.trim().to_lowercase().as_str())
}

/// Counts flags in JSON as it is read, so that a name that stands twice counts twice.
#[derive(Clone, Copy)]
struct Count {
    /// Whether the value stands under a flag's name.
    flag: bool,
}

impl Count {
    fn of(self, yes: bool) -> usize {
        usize::from(self.flag && yes)
    }
}

impl<'de> DeserializeSeed<'de> for Count {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Count {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, yes: bool) -> Result<usize, E> {
        Ok(self.of(yes))
    }

    fn visit_u64<E>(self, number: u64) -> Result<usize, E> {
        Ok(self.of(number != 0))
    }

    fn visit_i64<E>(self, number: i64) -> Result<usize, E> {
        Ok(self.of(number != 0))
    }

    fn visit_f64<E>(self, number: f64) -> Result<usize, E> {
        Ok(self.of(number != 0.0))
    }

    fn visit_str<E>(self, text: &str) -> Result<usize, E> {
        Ok(self.of(says_yes(text)))
    }

    fn visit_unit<E>(self) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<usize, A::Error> {
        let mut found = 0;
        while let Some(more) = items.next_element_seed(self)? {
            found += more;
        }
        Ok(found)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<usize, A::Error> {
        let mut found = 0;
        while let Some(name) = members.next_key::<String>()? {
            // What stands inside a flag's object is the flag's too: {"skyddad": {"kod": "Ja"}}.
            found += members.next_value_seed(Count { flag: self.flag || is_flag(&name) })?;
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_found_wherever_it_stands_and_however_it_says_yes() {
        for (text, flags) in [
            (r#"{"x":{"y":[{"skyddad":true}]}}"#, 1),
            (r#"{"skyddad":"Ja","skyddadIdentitet":"JA","sekretess":1,"Skyddad folkbokföring":"1"}"#, 4),
            (r#"{"skyddad":false,"skyddad":true}"#, 1),
            (r#"{"sekretessmarkering":{"varde":true}}"#, 1),
            (
                r#"{"skyddad":false,"sekretess":" ","protected_identity":null,"skyddad_":0,"högriskskydd":true}"#,
                0,
            ),
            (r#"{"protected_identity":true}"#, 1),
            (r#"<a sekretess="Ja"><b><Sekretessmarkering>true</Sekretessmarkering></b></a>"#, 2),
            (
                r#"{"skyddad":"Skyddad folkbokföring","sekretess":{"from":"2024-01-01"},"x":{"identitetsskydd":2}}"#,
                3,
            ),
            (
                "<a><Sekretess><varde>true</varde></Sekretess><s:skyddad xmlns:s='urn:s'><s:kod>20</s:kod></s:skyddad></a>",
                2,
            ),
            ("<a><SkyddadIdentitet/><Grundskydd>1</Grundskydd></a>", 0),
            (r#"<a sekretess="  "><b><Skyddad>false</Skyddad></b></a>"#, 0),
            (r#"{"summa":1e999,"skyddad":true,"sekretess":0e999,"x":"\"1e9"}"#, 1),
            (r#"{"sekretess":1e999}"#, 1),
            ("neither", 0),
        ] {
            assert_eq!(in_bytes(text.as_bytes()), flags, "{text}");
        }
    }
}
