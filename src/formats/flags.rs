//! Flags of protected identity, wherever they stand in an agency's own bytes and however they are written.
//!
//! The readers know the places that the contracts name. A flag in any other place is nobody's that we could tell, so it counts
//! as the person's own: held back wrongly can be asked again, told wrongly cannot be taken back. What is looked at, and where the
//! line is: docs/PROTECTION.md.

mod json;
mod members;
#[cfg(test)]
mod ordinary;
mod words;
mod xml;

use std::borrow::Cow;

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use ssbtek_domain::{sections::Section, text_of};

pub use self::members::Walk;
use self::words::tell_of_a_flag;

/// Documents inside texts inside documents: Skatteverket's stands one deep.
const MAX_INSIDE: u8 = 3;
/// The shortest text that is tried as base64, in bytes.
const MIN_PACKED_BYTES: usize = 8;
/// Base64 as it is found: with and without its last signs.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Whether more flags stand in what came (`told`: in its bytes, the envelope and the documents inside included) than the facts
/// hold. Also of an answer that is refused: then there are no facts.
pub fn unread(told: usize, section: Option<&Section>) -> bool {
    told > section.map_or(0, |section| section.facts().flags())
}

/// How many flags say yes in a document, JSON or XML, whole or not, and in the documents inside.
pub fn in_bytes(bytes: &[u8]) -> usize {
    count(&text_of(bytes), 0)
}

fn count(text: &str, inside: u8) -> usize {
    let begins = text.trim_start_matches(is_blank);
    // What stands before a document that is XML by its tags is none of it.
    let xml = match begins.chars().next() {
        Some('{' | '[' | '"') | None => None,
        Some(_) if begins.contains("</") || begins.starts_with('<') => begins.find('<'),
        Some(_) => None,
    };
    match xml.and_then(|at| begins.get(at..)) {
        Some(xml) => xml::read(xml, inside),
        None => json::read(begins, inside),
    }
}

/// A byte order mark before a document says nothing either.
fn is_blank(sign: char) -> bool {
    sign.is_whitespace() || sign == '\u{feff}'
}

/// What a text can be the name of.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Names {
    #[default]
    Nothing,
    /// A flag, if it stands where names stand.
    Word,
    /// A flag, wherever it stands.
    Flag,
}

/// What a value tells of flags.
#[derive(Clone, Copy, Default)]
struct Found {
    /// Flags raised in it.
    plain: usize,
    /// Flags raised in it if it stands under a flag's name.
    under: usize,
    names: Names,
}

impl Found {
    fn value(yes: bool) -> Self {
        Self { under: usize::from(yes), ..Self::default() }
    }

    fn text(text: &str, inside: u8) -> Self {
        let (names, says_yes, tells) = words::read(text);
        let plain = match document(text) {
            Some(document) if inside < MAX_INSIDE => count(&document, inside + 1),
            _ => usize::from(tells),
        };
        Self { plain, under: usize::from(says_yes).max(plain), names }
    }

    /// The same of a text whose end has not come: neither a yes nor a no.
    fn cut(self) -> Self {
        Self { under: self.plain, ..self }
    }

    fn and(&mut self, other: Found) {
        self.plain += other.plain;
        self.under += other.under;
    }
}

/// A document that stands in a text, as it is or in base64, in lines or in one.
fn document(text: &str) -> Option<Cow<'_, str>> {
    let begins = |text: &str| text.trim_start_matches(is_blank).starts_with(['{', '[', '<']);
    if begins(text) {
        return Some(Cow::Borrowed(text));
    }
    let packed = text.split_once("base64,").map_or(text, |(_, packed)| packed);
    let signs = || packed.bytes().filter(|byte| !byte.is_ascii_whitespace());
    if packed.len() < MIN_PACKED_BYTES
        || !signs().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte))
    {
        return None;
    }
    let usual = |byte| match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => byte,
    };
    let bytes = BASE64.decode(signs().map(usual).collect::<Vec<u8>>()).ok()?;
    let text = text_of(&bytes);
    let is_text = || std::str::from_utf8(&bytes).is_ok_and(tell_of_a_flag);
    (begins(&text) || is_text()).then(|| Cow::Owned(text.into_owned()))
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
            ("<a><b><Sekretess>true</", 1),
            ("<a><b><Sekretess>true", 0),
            ("<a><b><Sekretess>", 0),
            (r#"{"a":{"skyddad":true,"#, 1),
            (r#"{"a":{"skyddad":tru"#, 0),
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
            // A ground of a permit, an occupation.
            ("<a><anledningKod>SKY</anledningKod><anledningNamn>Skyddsbehov</anledningNamn></a>", 0),
            (r#"{"yrkesbenämning":"Skyddsvakt","kod":"Miljöskyddsinspektör"}"#, 0),
        ] {
            assert_eq!(in_bytes(text.as_bytes()), flags, "{text}");
        }
    }

    #[test]
    fn a_flag_is_found_in_a_document_inside_a_text_and_in_words() {
        let inside = BASE64.encode(r#"{"personnummer":"x","skyddad":true}"#);
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
