//! Flags of protected identity, wherever they stand in an agency's own bytes and however they are written.
//!
//! The readers know the places that the contracts name. A flag in any other place is nobody's that we could tell, so it counts
//! as the person's own: held back wrongly can be asked again, told wrongly cannot be taken back. What is looked at, and where the
//! line is: docs/PROTECTION.md.

mod json;
mod words;
mod xml;

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::sections::{
    Section,
    fk::common::{Figure, FigureValue},
};

use self::words::{is_flag, names_a_flag, says_yes, tells_of_a_flag};
use crate::unreadable;

/// Documents inside texts inside documents: Skatteverket's stands one deep.
const MAX_INSIDE: u8 = 3;
/// Names of members that hold the name of something: `{"namn": "skyddad", "varde": "J"}`.
const NAMING: [&str; 20] = [
    "namn",
    "name",
    "nyckel",
    "key",
    "kod",
    "code",
    "typ",
    "type",
    "id",
    "falt",
    "fält",
    "egenskap",
    "attribut",
    "beskrivning",
    "benamning",
    "benämning",
    "rubrik",
    "label",
    "klartext",
    "markering",
];

/// Whether more flags stand in what came (`told`: in its bytes, the envelope and the documents inside included) than the facts
/// hold. Also of an answer that is refused: then there are no facts.
pub fn unread(told: usize, section: Option<&Section>) -> bool {
    told > section.map_or(0, |section| section.facts().flags())
}

/// How many flags say yes in a document, JSON or XML, and in the documents inside. In what is neither there is none to be read.
pub fn in_bytes(bytes: &[u8]) -> usize {
    found(bytes, 0).plain
}

/// Whether a figure stands under a flag's name and does not say no.
pub fn is_raised(figure: &Figure) -> bool {
    let yes = match &figure.value {
        FigureValue::Flag(yes) => *yes,
        FigureValue::Number(text) | FigureValue::Text(text) => says_yes(text),
    };
    yes && is_flag(&figure.name)
}

fn found(bytes: &[u8], inside: u8) -> Found {
    let bytes = unreadable::without_mark(bytes);
    json::read(bytes, inside).or_else(|| xml::read(bytes, inside)).unwrap_or_default()
}

/// What a value tells of flags.
#[derive(Clone, Copy, Default)]
struct Found {
    /// Flags raised in it.
    plain: usize,
    /// Flags raised in it if it stands under a flag's name.
    under: usize,
    /// How many of its values say yes or no at all.
    values: usize,
    /// It is a flag's name.
    names_a_flag: bool,
}

impl Found {
    fn value(yes: bool) -> Self {
        Self { under: usize::from(yes), values: 1, ..Self::default() }
    }

    fn text(text: &str, inside: u8) -> Self {
        let plain = match document(text) {
            Some(document) if inside < MAX_INSIDE => found(&document, inside + 1).plain,
            _ => usize::from(tells_of_a_flag(text)),
        };
        Self {
            plain,
            under: usize::from(says_yes(text)).max(plain),
            values: 1,
            names_a_flag: names_a_flag(text),
        }
    }

    fn and(&mut self, other: Found) {
        self.plain += other.plain;
        self.under += other.under;
        self.values += other.values;
    }
}

/// A document that stands in a text, as it is or in base64.
fn document(text: &str) -> Option<Vec<u8>> {
    let begins = |text: &[u8]| {
        matches!(
            unreadable::without_mark(text.trim_ascii_start()).trim_ascii_start().first(),
            Some(b'{' | b'[' | b'<')
        )
    };
    if begins(text.as_bytes()) {
        return Some(text.as_bytes().to_vec());
    }
    STANDARD.decode(text.trim()).ok().filter(|decoded| begins(decoded))
}

/// The members of one object, or the attributes and children of one element, in any order.
#[derive(Default)]
struct Members {
    all: Found,
    /// Those that do not name a flag, as under a flag's name.
    others: Found,
    named: bool,
    any: bool,
}

impl Members {
    fn is_empty(&self) -> bool {
        !self.any
    }

    fn add(&mut self, name: &str, found: Found) {
        self.any = true;
        if found.names_a_flag && NAMING.contains(&name.to_lowercase().as_str()) {
            self.named = true;
            return;
        }
        self.others.and(found);
        let plain = if is_flag(name) { found.under } else { found.plain };
        self.all.and(Found { plain, ..found });
    }

    /// Where a member names a flag, the others say yes or no; where there are none, that it stands there says yes.
    fn done(self) -> Found {
        match (self.named, self.others.values) {
            (false, _) => self.all,
            (true, 0) => Found { plain: 1, under: 1, ..self.all },
            (true, _) => Found { plain: self.others.under, ..self.all },
        }
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

    #[test]
    fn a_flag_that_is_named_by_a_value_is_found_in_either_order_and_a_no_beside_it_counts() {
        for (text, flags) in [
            (r#"{"namn":"skyddad","varde":"J"}"#, 1),
            (r#"[{"varde":true,"kod":"Sekretessmarkering"},{"typ":"SEKRETESS"}]"#, 2),
            (r#"{"key":"protected_identity","value":1}"#, 1),
            (r#"{"namn":"skyddad","varde":"N"}"#, 0),
            (r#"{"namn":"skyddad","varde":false}"#, 0),
            ("<u><namn>skyddad</namn><varde>Ja</varde></u>", 1),
            (r#"<u typ="sekretess" varde="0"/>"#, 0),
            (r#"{"typ":"Skyddat arbete","beskrivning":"Särskilt högriskskydd"}"#, 0),
            (r#"{"namn":"skyddad","varde":[{"x":"J"}]}"#, 1),
        ] {
            assert_eq!(in_bytes(text.as_bytes()), flags, "{text}");
        }
    }

    #[test]
    fn a_flag_is_found_in_a_document_inside_a_text_and_in_words() {
        let inside = STANDARD.encode(r#"{"personnummer":"x","skyddad":true}"#);
        let deep = serde_json::to_string(&serde_json::to_string(r#"{"skyddad":1}"#).unwrap()).unwrap();
        for (text, flags) in [
            (r#"{"svar":"{\"skyddad\":true}"}"#.to_owned(), 1),
            ("<svar>&lt;u&gt;&lt;Sekretess&gt;Ja&lt;/Sekretess&gt;&lt;/u&gt;</svar>".to_owned(), 1),
            (format!(r#"{{"data":"{inside}"}}"#), 1),
            (r#"{"upplysning":"Personen har sekretessmarkering"}"#.to_owned(), 1),
            ("<a>Skyddade  personuppgifter</a>".to_owned(), 1),
            (r#"{"text":"kvarskrivning sedan 2020"}"#.to_owned(), 1),
            (r#"{"text":"Grundskydd, skyddat arbete"}"#.to_owned(), 0),
            (deep, 0),
        ] {
            assert_eq!(in_bytes(text.as_bytes()), flags, "{text}");
        }
    }
}
