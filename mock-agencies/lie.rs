//! How bytes are distorted. Pure functions; what needs time or streams is in [`crate::body`].

use ssbtek_domain::Personnummer;

use crate::behaviour::Lie;

/// What the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// XML, SOAP or not.
    Xml,
    /// JSON.
    Json,
}

/// Levels of [`Lie::DeepNesting`]: far beyond any limit on depth, yet within a limit of a megabyte.
const DEPTH: usize = 100_000;

/// Bytes that are no UTF-8.
const NO_UTF8: &[u8] = b"\xc3\x28\xff";

const DOCTYPE: &str = r#"<!DOCTYPE svar [<!ENTITY fil SYSTEM "file:///etc/hostname">]>"#;

/// A web page such as a proxy puts in an agency's place.
pub(crate) const HTML: &str =
    "<!doctype html><html><head><title>Underhåll</title></head><body>Tjänsten är stängd.</body></html>";

const OTHER_XML: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?>"#,
    r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>"#,
    r#"<AnnatSvar xmlns="urn:mock:annan-tjanst">0</AnnatSvar></s:Body></s:Envelope>"#
);

/// The distorted body. Lies that are not about the body's bytes leave it as it is.
pub(crate) fn distort(lie: Lie, kind: Kind, body: Vec<u8>) -> Vec<u8> {
    match (lie, kind) {
        (Lie::Truncated, _) => body[..body.len() / 2].to_vec(),
        (Lie::Duplicated, _) => [body.as_slice(), body.as_slice()].concat(),
        (Lie::WrongNamespace, Kind::Xml) => other_namespaces(&body),
        (Lie::WrongNamespace, Kind::Json) => [br#"{"annat":"#, body.as_slice(), b"}"].concat(),
        (Lie::Doctype, Kind::Xml) => doctype(&body, DOCTYPE, "&fil;"),
        (Lie::Doctype, Kind::Json) => [DOCTYPE.as_bytes(), &body].concat(),
        (Lie::EntityBomb, Kind::Xml) => doctype(&body, &entity_bomb(), "&e9;"),
        (Lie::EntityBomb, Kind::Json) => insert(
            &body,
            inside(&body, kind),
            format!(r#""bred":[{}0],"#, "[],".repeat(DEPTH * 3)).as_bytes(),
        ),
        (Lie::DeepNesting, Kind::Xml) => {
            let nest = "<a>".repeat(DEPTH) + &"</a>".repeat(DEPTH);
            insert(&body, inside(&body, kind), nest.as_bytes())
        }
        (Lie::DeepNesting, Kind::Json) => {
            let nest = format!(r#""djup":{}{},"#, "[".repeat(DEPTH), "]".repeat(DEPTH));
            insert(&body, inside(&body, kind), nest.as_bytes())
        }
        (Lie::Utf16, _) => utf16(&body),
        (Lie::BrokenEncoding, Kind::Xml) => insert(&body, inside(&body, kind), NO_UTF8),
        (Lie::BrokenEncoding, Kind::Json) => {
            let quote = body.iter().position(|byte| *byte == b'"').map_or(body.len(), |at| at + 1);
            insert(&body, quote, NO_UTF8)
        }
        (Lie::OtherSection, Kind::Xml) => OTHER_XML.into(),
        (Lie::OtherSection, Kind::Json) => br#"{"annatSvar":{"kod":0}}"#.to_vec(),
        (Lie::HtmlPage, _) => HTML.into(),
        (Lie::EmptyBody, _) => vec![],
        (Lie::WrongPerson | Lie::Late | Lie::GigabyteLong | Lie::Drip | Lie::Redirect, _) => body,
    }
}

/// Where white space may be put without changing the document: before its last tag or bracket.
pub(crate) fn before_the_end(kind: Kind, body: &[u8]) -> usize {
    let last = match kind {
        Kind::Xml => b'<',
        Kind::Json => b'}',
    };
    body.iter().rposition(|byte| *byte == last).unwrap_or(body.len())
}

/// Puts `other`'s number wherever `asked`'s stands, in each of the forms agencies write it.
pub(crate) fn replace_number(body: Vec<u8>, asked: &Personnummer, other: &Personnummer) -> Vec<u8> {
    let forms = |number: &Personnummer| {
        let (all, ten) = (number.expose(), number.ten_digits());
        let hyphened = |digits: &str| match digits.split_at_checked(digits.len().saturating_sub(4)) {
            Some((head, tail)) => format!("{head}-{tail}"),
            None => digits.to_owned(),
        };
        [all.to_owned(), hyphened(all), ten.to_owned(), hyphened(ten)]
    };
    let pairs = forms(asked).into_iter().zip(forms(other));
    pairs.fold(body, |body, (from, to)| replace(&body, from.as_bytes(), to.as_bytes()))
}

fn replace(body: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((first, tail)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(from) {
            out.extend_from_slice(to);
            rest = after;
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    out
}

fn insert(body: &[u8], at: usize, what: &[u8]) -> Vec<u8> {
    let (head, tail) = body.split_at(at.min(body.len()));
    [head, what, tail].concat()
}

/// After the XML declaration, if there is one.
fn after_declaration(body: &[u8]) -> usize {
    if !body.starts_with(b"<?xml") {
        return 0;
    }
    body.windows(2).position(|pair| pair == b"?>").map_or(0, |at| at + 2)
}

/// Just inside the root element or object.
fn inside(body: &[u8], kind: Kind) -> usize {
    let (start, end) = match kind {
        Kind::Xml => (after_declaration(body), b'>'),
        Kind::Json => (0, b'{'),
    };
    let found = body.iter().skip(start).position(|byte| *byte == end);
    found.map_or(body.len(), |at| start + at + 1)
}

fn doctype(body: &[u8], declaration: &str, reference: &str) -> Vec<u8> {
    let with_reference = insert(body, inside(body, Kind::Xml), reference.as_bytes());
    insert(&with_reference, after_declaration(body), declaration.as_bytes())
}

fn entity_bomb() -> String {
    let levels: String =
        (1..10).map(|n| format!("<!ENTITY e{n} \"{}\">", format!("&e{};", n - 1).repeat(10))).collect();
    format!("<!DOCTYPE svar [<!ENTITY e0 \"ha\">{levels}]>")
}

/// Every namespace but SOAP's and W3C's own gets another name.
fn other_namespaces(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(body);
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split("xmlns");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str("xmlns");
        let mut pieces = part.splitn(3, ['"', '\'']);
        match (pieces.next(), pieces.next(), pieces.next()) {
            (Some(prefix), Some(name), Some(rest))
                if !name.contains("xmlsoap.org") && !name.contains("w3.org") =>
            {
                let quote = part.get(prefix.len()..=prefix.len()).unwrap_or("\"");
                out.push_str(&format!("{prefix}{quote}{name}/annan{quote}{rest}"));
            }
            _ => out.push_str(part),
        }
    }
    out.into_bytes()
}

fn utf16(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(body).replacen("UTF-8", "UTF-16", 1).replacen("utf-8", "utf-16", 1);
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

/// What a gRPC message of the right length prefix is filled with instead.
pub(crate) fn distort_message(lie: Lie, message: &[u8]) -> Vec<u8> {
    match lie {
        Lie::Truncated => message[..message.len() / 2].to_vec(),
        // Field 15, which the contract does not have: a group begun again and again and never ended.
        Lie::DeepNesting => vec![0x7b; DEPTH],
        // Field 1 is text, and text must be UTF-8.
        Lie::BrokenEncoding => [&[0x0a, NO_UTF8.len() as u8], NO_UTF8].concat(),
        Lie::Utf16 => utf16(&[0x0a]).into_iter().chain(utf16(message)).collect(),
        Lie::Doctype => DOCTYPE.into(),
        Lie::EntityBomb => entity_bomb().into_bytes(),
        Lie::HtmlPage => HTML.into(),
        // Field 2, the outcome, with a number that the contract does not have.
        Lie::WrongNamespace => [message, &[0x10, 99]].concat(),
        Lie::EmptyBody => vec![],
        _ => message.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &[u8] = br#"<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><a:Svar xmlns:a='urn:a'><a:Pnr>19800101-9804</a:Pnr></a:Svar></s:Body></s:Envelope>"#;
    const JSON: &[u8] = br#"{"pnr":"198001019804","n":1}"#;

    fn text(lie: Lie, kind: Kind) -> String {
        let body = if kind == Kind::Xml { XML } else { JSON };
        String::from_utf8_lossy(&distort(lie, kind, body.to_vec())).into_owned()
    }

    #[test]
    fn a_wrong_namespace_changes_the_agencys_and_leaves_soap_alone() {
        let xml = text(Lie::WrongNamespace, Kind::Xml);
        assert!(
            xml.contains("xmlns:a='urn:a/annan'>") && xml.contains(r#"soap/envelope/"><s:Body>"#),
            "{xml}"
        );
        assert_eq!(xml.len(), XML.len() + "/annan".len());
    }

    #[test]
    fn a_doctype_stands_between_declaration_and_root_and_its_entity_is_used() {
        let xml = text(Lie::Doctype, Kind::Xml);
        assert!(
            xml.contains(r#"?><!DOCTYPE svar"#)
                && xml.contains("]><s:Envelope")
                && xml.contains("/\">&fil;<s:Body")
        );
        let xml = text(Lie::EntityBomb, Kind::Xml);
        assert!(xml.contains("&e9;<s:Body") && xml.len() < 4096);
    }

    #[test]
    fn deep_nesting_is_well_formed_json_within_a_megabyte() {
        let json = text(Lie::DeepNesting, Kind::Json);
        assert!(json.starts_with(r#"{"djup":[[["#) && json.ends_with(r#"]],"pnr":"198001019804","n":1}"#));
        for kind in [Kind::Xml, Kind::Json] {
            assert!((200_000..1_000_000).contains(&text(Lie::DeepNesting, kind).len()));
        }
        let wide = text(Lie::EntityBomb, Kind::Json);
        assert!(wide.len() < 1_000_000 && serde_json::from_str::<serde_json::Value>(&wide).is_ok());
    }

    #[test]
    fn utf16_has_a_byte_order_mark_and_says_so_in_the_declaration() {
        let bytes = distort(Lie::Utf16, Kind::Xml, XML.to_vec());
        assert!(bytes.starts_with(&[0xff, 0xfe]));
        let units: Vec<u16> = bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        assert!(String::from_utf16(&units).unwrap().contains("encoding=\"UTF-16\""));
    }

    #[test]
    fn a_broken_encoding_is_no_utf8_and_a_truncated_body_is_half() {
        for kind in [Kind::Xml, Kind::Json] {
            let body = if kind == Kind::Xml { XML } else { JSON };
            assert!(std::str::from_utf8(&distort(Lie::BrokenEncoding, kind, body.to_vec())).is_err());
            assert_eq!(distort(Lie::Truncated, kind, body.to_vec()).len(), body.len() / 2);
        }
    }

    #[test]
    fn another_persons_number_is_put_in_every_written_form() {
        let number = |text| Personnummer::parse_undated(text).unwrap();
        let (asked, other) = (number("198001019804"), number("198001019812"));
        let body = b"198001019804 19800101-9804 8001019804 800101-9804".to_vec();
        let told = String::from_utf8(replace_number(body, &asked, &other)).unwrap();
        assert_eq!(told, "198001019812 19800101-9812 8001019812 800101-9812");
    }

    #[test]
    fn filler_before_the_end_leaves_a_valid_document() {
        let at = before_the_end(Kind::Json, JSON);
        let padded = insert(JSON, at, &[b' '; 100]);
        assert!(serde_json::from_slice::<serde_json::Value>(&padded).is_ok());
        assert_eq!(&XML[before_the_end(Kind::Xml, XML)..], b"</s:Envelope>");
    }
}
