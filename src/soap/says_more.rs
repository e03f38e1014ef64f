//! Whether an agency's own bytes say more than what may leave: then they cannot leave as they are.
//!
//! What may leave is written from typed facts. Bytes in which nothing stands that does not stand there too may leave unchanged.

use std::collections::BTreeSet;

use serde_json::value::RawValue;
use ssbtek_domain::sections::skv::names_others;
use ssbtek_xml::{Element, Limits};

use crate::reduce::json::{items, members};

/// A name and what stands under it.
type Said = BTreeSet<(String, String)>;

/// Of XML elements. A comment or an instruction says something too, and cannot be told.
pub(crate) fn elements(came: &[String], written: &[String]) -> bool {
    let hides = |text: &String| text.contains("<!--") || text.contains("<?");
    match (all_in(came), all_in(written)) {
        (Some(came_says), Some(written)) => came.iter().any(hides) || !came_says.is_subset(&written),
        _ => true,
    }
}

/// Of JSON documents.
pub(crate) fn json(came: &[u8], written: &[u8]) -> bool {
    match (in_json(came), in_json(written)) {
        (Some(came), Some(written)) => !came.is_subset(&written),
        _ => true,
    }
}

/// Of XML documents.
pub(crate) fn document(came: &[u8], written: &[u8]) -> bool {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    let body = |text: String| match text.trim_start().strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>").map(|(_, body)| body.to_owned()),
        None => Some(text),
    };
    match (text(came).and_then(body), text(written).and_then(body)) {
        (Some(came), Some(written)) => elements(&[came], &[written]),
        _ => true,
    }
}

fn all_in(elements: &[String]) -> Option<Said> {
    let mut said = Said::new();
    for text in elements {
        in_element(&ssbtek_xml::parse_str(text.trim(), &Limits::default()).ok()?, &mut said);
    }
    Some(said)
}

/// What correlates messages, and nothing else: digits and hyphens in hexadecimal.
fn is_correlation(name: &str, text: &str) -> bool {
    matches!(name, "correlationid" | "korrelationsid")
        && text.len() <= 64
        && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
        && !names_others(text, &[])
}

fn in_element(element: &Element, said: &mut Said) {
    if element.elements().is_empty() && is_correlation(element.name(), element.trimmed()) {
        return;
    }
    said.insert((element.name().to_owned(), element.trimmed().to_owned()));
    for attribute in element.attributes() {
        said.insert((format!("@{}", attribute.name()), attribute.value().trim().to_owned()));
    }
    element.elements().iter().for_each(|child| in_element(child, said));
}

fn in_json(bytes: &[u8]) -> Option<Said> {
    let mut said = Said::new();
    in_value("", serde_json::from_slice(bytes).ok()?, 0, &mut said)?;
    Some(said)
}

fn in_value(name: &str, raw: &RawValue, depth: usize, said: &mut Said) -> Option<()> {
    const MAX_DEPTH: usize = 48;
    if depth > MAX_DEPTH {
        return None;
    }
    match raw.get().as_bytes().first()? {
        b'{' => {
            said.insert((name.to_owned(), String::new()));
            for (name, member) in members(raw).ok()? {
                in_value(&name, member, depth + 1, said)?;
            }
        }
        b'[' => {
            for item in items(raw).ok()? {
                in_value(name, item, depth + 1, said)?;
            }
        }
        b'"' => {
            said.insert((name.to_owned(), serde_json::from_str::<String>(raw.get()).ok()?));
        }
        _ => {
            said.insert((name.to_owned(), raw.get().to_owned()));
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_say_more_as_soon_as_anything_stands_in_them_that_does_not_stand_in_what_may_leave() {
        let written = ["<a xmlns='u'><b>1</b><c x='2'/></a>".to_owned()];
        for (came, more) in [
            ("<p:a xmlns:p='u'><p:b> 1</p:b></p:a>", false),
            ("<a xmlns='u'><c x='2'/><b>1</b></a>", false),
            ("<a xmlns='u'><b>2</b></a>", true),
            ("<a xmlns='u'><d/></a>", true),
            ("<a xmlns='u'><b y='1'>1</b></a>", true),
            ("<a xmlns='u'><b>1</b><!-- Storgatan 1 --></a>", true),
            ("<a", true),
        ] {
            assert_eq!(elements(&[came.to_owned()], &written), more, "{came}");
        }
        let written = br#"{"a":[{"b":1,"c":"x"}],"d":true}"#;
        for (came, more) in [
            (r#"{"d":true,"a":{"b":1}}"#, false),
            (r#"{"a":[]}"#, false),
            (r#"{"a":[{"b":1.0}]}"#, true),
            (r#"{"e":{}}"#, true),
            (r#"{"a":[{"b":"x"}]}"#, true),
            ("{", true),
        ] {
            assert_eq!(json(came.as_bytes(), written), more, "{came}");
        }
    }
}
