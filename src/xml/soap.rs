//! SOAP 1.1 envelopes, document/literal. No encoding rules, no references inside the body. An answer may come in SOAP 1.2 too.

use crate::{Element, Writer};

/// The actor that every node on a message's way is.
const NEXT: &str = "http://schemas.xmlsoap.org/soap/actor/next";

/// Namespace of SOAP 1.1.
pub const NAMESPACE: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// Namespace of SOAP 1.2, in which nothing is written.
pub const NAMESPACE_1_2: &str = "http://www.w3.org/2003/05/soap-envelope";

/// Roles of SOAP 1.2 that are ours: the next node's, and the last one's.
const OURS_1_2: [&str; 2] = [
    "http://www.w3.org/2003/05/soap-envelope/role/next",
    "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver",
];

/// `Content-Type` of SOAP 1.1.
pub const CONTENT_TYPE: &str = "text/xml; charset=utf-8";

/// Why an envelope was refused. Holds no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SoapError {
    /// The document element is no `Envelope` of SOAP 1.1 (SOAP 1.2 included).
    #[error("not a SOAP 1.1 envelope")]
    NotSoap11,
    /// Not exactly one `Body`, with only a `Header` before it and only elements of other namespaces after it.
    #[error("an envelope has one body, and only a header before it")]
    Shape,
    /// Not exactly one element inside the body.
    #[error("a body has one element")]
    NotOneElement,
    /// A header block that must be understood; none is.
    #[error("a header block that must be understood is not")]
    MustUnderstand,
}

/// What a body holds.
#[derive(Debug)]
pub enum Body<'a> {
    /// The one element.
    Payload(&'a Element),
    /// A fault.
    Fault(Fault<'a>),
}

/// A SOAP fault.
pub struct Fault<'a> {
    code: &'a str,
    text: &'a str,
    detail: Option<&'a Element>,
}

impl<'a> Fault<'a> {
    /// `faultcode` without its prefix: `Client`, `Server`, …; empty when missing or no code by its form.
    pub fn code(&self) -> &'a str {
        self.code
    }

    /// `faultstring`: free text of the sender, for the one who asked and for nobody else.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The first element inside `detail`.
    pub fn detail(&self) -> Option<&'a Element> {
        self.detail
    }
}

impl std::fmt::Debug for Fault<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fault(redacted)")
    }
}

/// A whole message around what `payload` writes.
pub fn wrap(payload: impl FnOnce(&mut Writer)) -> Vec<u8> {
    Writer::with_declaration()
        .open("soap:Envelope")
        .namespace("soap", NAMESPACE)
        .open("soap:Body")
        .with(payload)
        .finish()
        .into_bytes()
}

/// A fault: `code` is `Client`, `Server` or another local name of SOAP 1.1; `detail` writes inside `detail`.
pub fn wrap_fault(code: &str, text: &str, detail: impl FnOnce(&mut Writer)) -> Vec<u8> {
    wrap(|writer| {
        writer
            .open("soap:Fault")
            .element_with_text("faultcode", &format!("soap:{code}"))
            .element_with_text("faultstring", text)
            .open("detail")
            .with(detail)
            .close()
            .close();
    })
}

/// Takes an envelope apart.
pub fn unwrap(envelope: &Element) -> Result<Body<'_>, SoapError> {
    unwrap_in(NAMESPACE, envelope)
}

/// The same of an answer, which may come in SOAP 1.2 whatever it was asked in.
pub fn unwrap_answer(envelope: &Element) -> Result<Body<'_>, SoapError> {
    unwrap_in(if envelope.is(NAMESPACE_1_2, "Envelope") { NAMESPACE_1_2 } else { NAMESPACE }, envelope)
}

fn unwrap_in<'a>(namespace: &str, envelope: &'a Element) -> Result<Body<'a>, SoapError> {
    if !envelope.is(namespace, "Envelope") {
        return Err(SoapError::NotSoap11);
    }
    let (header, rest) = match envelope.elements() {
        [header, rest @ ..] if header.is(namespace, "Header") => (Some(header), rest),
        rest => (None, rest),
    };
    let [body, after @ ..] = rest else { return Err(SoapError::Shape) };
    // Section 4: what follows the body must be qualified, and is nobody's business here.
    let foreign = |element: &Element| element.namespace().is_some_and(|at| !at.is_empty() && at != namespace);
    if !body.is(namespace, "Body") || !after.iter().all(foreign) {
        return Err(SoapError::Shape);
    }
    header.map_or(Ok(()), |header| check_header(namespace, header))?;
    let [payload] = body.elements() else { return Err(SoapError::NotOneElement) };
    Ok(match payload.is(namespace, "Fault") {
        true if namespace == NAMESPACE => Body::Fault(fault(payload)),
        true => Body::Fault(fault_1_2(payload)),
        false => Body::Payload(payload),
    })
}

/// Section 4.2 (5.2 of SOAP 1.2): a block is for whoever its `actor` (`role`) names, the last of the message's way if nobody. What is
/// for others is passed over; what is for us and must be understood is not. Anything but a plain "no" counts as must.
fn check_header(namespace: &str, header: &Element) -> Result<(), SoapError> {
    let ours = |block: &Element| match namespace {
        NAMESPACE => {
            let actor = block.attr_in(NAMESPACE, "actor").unwrap_or_default().trim();
            actor.is_empty() || actor == NEXT
        }
        _ => {
            let role = block.attr_in(namespace, "role").unwrap_or_default().trim();
            role.is_empty() || OURS_1_2.contains(&role)
        }
    };
    let must = |block: &Element| {
        let must = block.attr_in(namespace, "mustUnderstand").unwrap_or("0").trim();
        !matches!(must, "0" | "false")
    };
    let refused = header.elements().iter().any(|block| ours(block) && must(block));
    if refused { Err(SoapError::MustUnderstand) } else { Ok(()) }
}

/// The parts of a fault stand in no namespace, but not every sender knows.
fn fault(element: &Element) -> Fault<'_> {
    Fault {
        code: local_code(element.child_text_named("faultcode").unwrap_or_default()),
        text: element.child_named("faultstring").map(Element::trimmed).unwrap_or_default(),
        detail: element.child_named("detail").and_then(|detail| detail.elements().first()),
    }
}

/// The same in SOAP 1.2: `Code/Value`, `Reason/Text`, `Detail`.
fn fault_1_2(element: &Element) -> Fault<'_> {
    let inside = |outer, inner| element.child_named(outer).and_then(|outer| outer.child_named(inner));
    Fault {
        code: local_code(inside("Code", "Value").map(Element::trimmed).unwrap_or_default()),
        text: inside("Reason", "Text").map(Element::trimmed).unwrap_or_default(),
        detail: element.child_named("Detail").and_then(|detail| detail.elements().first()),
    }
}

/// A code without its prefix, if it is one by its form.
fn local_code(written: &str) -> &str {
    let local = written.rsplit(':').next().unwrap_or_default();
    let is_code = local.len() <= 64
        && local.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    if is_code { local } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, parse};

    fn envelope(inside: &str) -> Element {
        let text = format!(r#"<e:Envelope xmlns:e="{NAMESPACE}">{inside}</e:Envelope>"#);
        parse(text.as_bytes(), &Limits::default()).unwrap()
    }

    #[test]
    fn what_is_wrapped_is_unwrapped_the_same() {
        let bytes = wrap(|w| {
            w.open("a:Q").namespace("a", "urn:a").element_with_text("a:n", "å&<").close();
        });
        let root = parse(&bytes, &Limits::default()).unwrap();
        let Ok(Body::Payload(payload)) = unwrap(&root) else { panic!("payload expected") };
        assert!(payload.is("urn:a", "Q"));
        assert_eq!(payload.child_text("urn:a", "n"), Some("å&<"));
    }

    #[test]
    fn a_fault_gives_its_code_and_detail_but_never_its_text() {
        let bytes = wrap_fault("Server", "secret", |w| {
            w.open("x").element_with_text("felkod", "17").close();
        });
        let root = parse(&bytes, &Limits::default()).unwrap();
        let Ok(Body::Fault(fault)) = unwrap(&root) else { panic!("fault expected") };
        assert_eq!(fault.code(), "Server");
        assert_eq!(fault.detail().unwrap().child_text_named("felkod"), Some("17"));
        assert!(!format!("{fault:?}").contains("secret"));
    }

    #[test]
    fn a_question_in_soap_1_2_is_refused_and_an_answer_is_read() {
        let envelope = |inside: &str| {
            let xml = format!(r#"<e:Envelope xmlns:e="{NAMESPACE_1_2}">{inside}</e:Envelope>"#);
            parse(xml.as_bytes(), &Limits::default()).unwrap()
        };
        let answer = envelope("<e:Header/><e:Body><a/></e:Body>");
        assert_eq!(unwrap(&answer).unwrap_err(), SoapError::NotSoap11);
        assert!(matches!(unwrap_answer(&answer), Ok(Body::Payload(payload)) if payload.name() == "a"));
        let failed = envelope(
            "<e:Body><e:Fault><e:Code><e:Value>e:Receiver</e:Value></e:Code><e:Reason><e:Text>nere</e:Text></e:Reason><e:Detail><x/></e:Detail></e:Fault></e:Body>",
        );
        let Ok(Body::Fault(fault)) = unwrap_answer(&failed) else { panic!("a fault") };
        assert_eq!((fault.code(), fault.text(), fault.detail().unwrap().name()), ("Receiver", "nere", "x"));
        for role in ["", r#"e:role="http://www.w3.org/2003/05/soap-envelope/role/next""#] {
            let must = envelope(&format!(
                r#"<e:Header><h e:mustUnderstand="true" {role}/></e:Header><e:Body><a/></e:Body>"#
            ));
            assert_eq!(unwrap_answer(&must).unwrap_err(), SoapError::MustUnderstand);
        }
        // One version's body in the other's envelope is neither.
        let mixed = envelope(&format!(r#"<x:Body xmlns:x="{NAMESPACE}"><a/></x:Body>"#));
        assert_eq!(unwrap_answer(&mixed).unwrap_err(), SoapError::Shape);
    }

    #[test]
    fn two_bodies_or_two_payloads_or_none_are_refused() {
        let refused = |inside: &str| unwrap(&envelope(inside)).unwrap_err();
        assert_eq!(refused("<e:Body><a/></e:Body><e:Body><b/></e:Body>"), SoapError::Shape);
        assert_eq!(refused("<e:Body><a/></e:Body><e:Header/>"), SoapError::Shape);
        assert_eq!(refused("<e:Header/>"), SoapError::Shape);
        assert_eq!(refused(""), SoapError::Shape);
        assert_eq!(refused("<e:Body><a/><b/></e:Body>"), SoapError::NotOneElement);
        assert_eq!(refused("<e:Body/>"), SoapError::NotOneElement);
    }

    #[test]
    fn a_header_that_must_be_understood_is_refused_and_others_are_passed_over() {
        let must = envelope(r#"<e:Header><h e:mustUnderstand="1"/></e:Header><e:Body><a/></e:Body>"#);
        assert_eq!(unwrap(&must).unwrap_err(), SoapError::MustUnderstand);
        let may = envelope(r#"<e:Header><h e:mustUnderstand="0"/></e:Header><e:Body><a/></e:Body>"#);
        assert!(unwrap(&may).is_ok());
    }

    #[test]
    fn a_header_is_for_whom_its_actor_names() {
        let read = |attributes: &str| {
            let inside = format!("<e:Header><h {attributes}/></e:Header><e:Body><a/></e:Body>");
            unwrap(&envelope(&inside)).map(|_| ())
        };
        for others in ["urn:another", "http://example.org/", "http://schemas.xmlsoap.org/soap/actor/nex"] {
            assert_eq!(read(&format!(r#"e:mustUnderstand="1" e:actor="{others}""#)), Ok(()), "{others}");
        }
        for ours in ["", " ", NEXT] {
            let told = read(&format!(r#"e:mustUnderstand="1" e:actor="{ours}""#));
            assert_eq!(told, Err(SoapError::MustUnderstand), "{ours}");
            assert_eq!(read(&format!(r#"e:mustUnderstand="0" e:actor="{ours}""#)), Ok(()), "{ours}");
        }
        // An attribute of no namespace is not SOAP's.
        assert_eq!(read(r#"e:mustUnderstand="1" actor="urn:another""#), Err(SoapError::MustUnderstand));
        assert_eq!(read(r#"mustUnderstand="1""#), Ok(()));
        for must in ["true", "1", "yes", ""] {
            assert_eq!(
                read(&format!(r#"e:mustUnderstand="{must}""#)),
                Err(SoapError::MustUnderstand),
                "{must}"
            );
        }
    }

    #[test]
    fn what_follows_a_body_must_be_of_another_namespace_and_is_passed_over() {
        let read = |inside: &str| unwrap(&envelope(inside)).map(|_| ());
        assert_eq!(read(r#"<e:Body><a/></e:Body><x:y xmlns:x="urn:x"/>"#), Ok(()));
        assert_eq!(read("<e:Body><a/></e:Body><y/>"), Err(SoapError::Shape));
        assert_eq!(read(r#"<x:y xmlns:x="urn:x"/><e:Body><a/></e:Body>"#), Err(SoapError::Shape));
        assert_eq!(read("<e:Header/><e:Header/><e:Body><a/></e:Body>"), Err(SoapError::Shape));
    }
}
