//! SOAP 1.1 envelopes, document/literal. Nothing of SOAP 1.2, no encoding rules, no references inside the body.

use crate::{Element, Writer};

/// The actor that every node on a message's way is.
const NEXT: &str = "http://schemas.xmlsoap.org/soap/actor/next";

/// Namespace of SOAP 1.1.
pub const NAMESPACE: &str = "http://schemas.xmlsoap.org/soap/envelope/";

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
    if !envelope.is(NAMESPACE, "Envelope") {
        return Err(SoapError::NotSoap11);
    }
    let (header, rest) = match envelope.elements() {
        [header, rest @ ..] if header.is(NAMESPACE, "Header") => (Some(header), rest),
        rest => (None, rest),
    };
    let [body, after @ ..] = rest else { return Err(SoapError::Shape) };
    // Section 4: what follows the body must be qualified, and is nobody's business here.
    let foreign = |element: &Element| element.namespace().is_some_and(|at| !at.is_empty() && at != NAMESPACE);
    if !body.is(NAMESPACE, "Body") || !after.iter().all(foreign) {
        return Err(SoapError::Shape);
    }
    header.map_or(Ok(()), check_header)?;
    let [payload] = body.elements() else { return Err(SoapError::NotOneElement) };
    Ok(if payload.is(NAMESPACE, "Fault") { Body::Fault(fault(payload)) } else { Body::Payload(payload) })
}

/// Section 4.2: a block is for whoever its `actor` names, the last of the message's way if nobody. What is for others is
/// passed over; what is for us and must be understood is not. Anything but a plain "no" counts as must.
fn check_header(header: &Element) -> Result<(), SoapError> {
    let ours = |block: &Element| {
        let actor = block.attr_in(NAMESPACE, "actor").unwrap_or_default().trim();
        actor.is_empty() || actor == NEXT
    };
    let must = |block: &Element| {
        let must = block.attr_in(NAMESPACE, "mustUnderstand").unwrap_or("0").trim();
        !matches!(must, "0" | "false")
    };
    let refused = header.elements().iter().any(|block| ours(block) && must(block));
    if refused { Err(SoapError::MustUnderstand) } else { Ok(()) }
}

/// The parts of a fault stand in no namespace, but not every sender knows.
fn fault(element: &Element) -> Fault<'_> {
    let written = element.child_text_named("faultcode").unwrap_or_default();
    let local = written.rsplit(':').next().unwrap_or_default();
    let is_code = local.len() <= 64
        && local.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    Fault {
        code: if is_code { local } else { "" },
        text: element.child_named("faultstring").map(Element::trimmed).unwrap_or_default(),
        detail: element.child_named("detail").and_then(|detail| detail.elements().first()),
    }
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
    fn soap_1_2_is_refused() {
        let xml = br#"<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><a/></e:Body></e:Envelope>"#;
        let root = parse(xml, &Limits::default()).unwrap();
        assert_eq!(unwrap(&root).unwrap_err(), SoapError::NotSoap11);
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
