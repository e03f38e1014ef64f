//! What the mocks that speak SOAP 1.1 have in common.

use ssbtek_domain::{NaiveDate, Period};
use ssbtek_formats::AnswerElement;
use ssbtek_xml::{
    Element, Limits, Writer, parse,
    soap::{self, Body},
};

use super::{Request, Response};

/// Takes the question apart and answers it; a question against the schema gets a fault.
pub(crate) fn reply(
    request: &Request<'_>,
    (namespace, name): (&str, &str),
    answer: impl FnOnce(&Element) -> Option<Response>,
) -> Response {
    let read = || {
        let envelope = parse(request.body, &Limits::default()).ok()?;
        match soap::unwrap(&envelope) {
            Ok(Body::Payload(payload)) if payload.is(namespace, name) => answer(payload),
            _ => None,
        }
    };
    read().unwrap_or_else(|| fault("Client", |_| {}))
}

/// An answer with status 200.
pub(crate) fn told(payload: impl FnOnce(&mut Writer)) -> Response {
    Response { status: 200, content_type: soap::CONTENT_TYPE, body: soap::wrap(payload) }
}

/// An answer with status 200: its element around `children`.
pub(crate) fn answered(element: &AnswerElement, children: &[String]) -> Response {
    answered_in("ns2", element, children)
}

/// The same, the element's own namespace having the prefix `own`, or none.
pub(crate) fn answered_in(own: &str, element: &AnswerElement, children: &[String]) -> Response {
    let mut writer = Writer::new();
    writer.open(&format!("svar:{}", element.name)).namespace("svar", element.namespace);
    for child in children {
        writer.raw(child);
    }
    let payload = in_a_hand_of_its_own(&writer.finish(), own);
    told(|writer| {
        writer.raw(&payload);
    })
}

/// The same document with prefixes of the mock's own, all declared at the top, the root's being `own`: whoever relays it must not
/// be taken for somebody who has written it anew.
pub(crate) fn in_a_hand_of_its_own(document: &str, own: &str) -> String {
    let Ok(root) = ssbtek_xml::parse_str(document, &Limits::default()) else { return document.to_owned() };
    let mut namespaces = vec![];
    gather(&root, &mut namespaces);
    let prefix = |at: usize| if at == 0 { own.to_owned() } else { format!("ns{}", at + 2) };
    let known: Vec<(String, &str)> =
        namespaces.into_iter().enumerate().map(|(at, namespace)| (prefix(at), namespace)).collect();
    let mut writer = if document.starts_with("<?xml") { Writer::with_declaration() } else { Writer::new() };
    copy(&root, &known, true, &mut writer);
    writer.finish()
}

fn gather<'a>(element: &'a Element, namespaces: &mut Vec<&'a str>) {
    let attributes = element.attributes().iter().filter_map(|attribute| attribute.namespace());
    for namespace in element.namespace().into_iter().chain(attributes).filter(|it| !it.is_empty()) {
        if !namespaces.contains(&namespace) {
            namespaces.push(namespace);
        }
    }
    element.elements().iter().for_each(|child| gather(child, namespaces));
}

fn copy(element: &Element, known: &[(String, &str)], top: bool, writer: &mut Writer) {
    let name = |namespace: Option<&str>, local: &str| {
        let prefix = known.iter().find(|(_, known)| Some(*known) == namespace).map(|(prefix, _)| prefix);
        match prefix.filter(|prefix| !prefix.is_empty()) {
            Some(prefix) => format!("{prefix}:{local}"),
            None => local.to_owned(),
        }
    };
    writer.open(&name(element.namespace(), element.name()));
    for (prefix, namespace) in known.iter().filter(|_| top) {
        writer.namespace(prefix, namespace);
    }
    for attribute in element.attributes() {
        writer.attribute(&name(attribute.namespace(), attribute.name()), attribute.value());
    }
    if element.elements().is_empty() {
        writer.text(element.text());
    }
    element.elements().iter().for_each(|child| copy(child, known, false, writer));
    writer.close();
}

/// Every element of that name with another text.
pub(crate) fn with_text(xml: &str, name: &str, text: &str) -> String {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let mut parts = xml.split(&start);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.split_once(&end).map_or(part, |(_, rest)| rest);
        out.push_str(&format!("{start}{text}{end}{rest}"));
    }
    out
}

/// A SOAP fault.
pub(crate) fn fault(code: &str, detail: impl FnOnce(&mut Writer)) -> Response {
    let body = soap::wrap_fault(code, "Frågan kunde inte besvaras", detail);
    Response { status: 500, content_type: soap::CONTENT_TYPE, body }
}

/// The text that the question must hold.
pub(crate) fn text<'a>(payload: &'a Element, namespace: &str, name: &str) -> Option<&'a str> {
    payload.child_text(namespace, name)
}

/// `From`–`Tom` of the question.
pub(crate) fn period(payload: &Element, namespace: &str) -> Option<Period> {
    let day = |name| -> Option<NaiveDate> { text(payload, namespace, name)?.parse().ok() };
    Period::new(day("From")?, day("Tom")?).ok()
}

/// A valid number that is not the one asked about.
pub(crate) fn somebody_else(number: &str) -> &'static str {
    if number == "198001019804" { "198001019812" } else { "198001019804" }
}

#[cfg(test)]
mod tests {
    use ssbtek_domain::Personnummer;

    use super::*;

    #[test]
    fn a_document_in_the_mocks_own_hand_says_the_same_in_other_bytes() {
        let written =
            r#"<a xmlns="urn:a"><b xmlns="" x="1"><c>1 &lt; 2</c></b><d xmlns:x="urn:x" x:nil="true"/></a>"#;
        let copied = in_a_hand_of_its_own(written, "ns2");
        assert_eq!(
            copied,
            r#"<ns2:a xmlns:ns2="urn:a" xmlns:ns3="urn:x"><b x="1"><c>1 &lt; 2</c></b><ns2:d ns3:nil="true"/></ns2:a>"#
        );
        assert_eq!(with_text("<a><b>1</b><b>2</b></a>", "b", "3"), "<a><b>3</b><b>3</b></a>");
    }

    #[test]
    fn somebody_else_is_always_a_valid_other_number() {
        for asked in ["198001019804", "198001019812", "198505059803"] {
            assert_ne!(somebody_else(asked), asked);
            assert!(Personnummer::parse_undated(somebody_else(asked)).is_ok());
        }
    }
}
