//! What the mocks that speak SOAP 1.1 have in common.

use ssbtek_domain::{NaiveDate, Period};
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
    fn somebody_else_is_always_a_valid_other_number() {
        for asked in ["198001019804", "198001019812", "198505059803"] {
            assert_ne!(somebody_else(asked), asked);
            assert!(Personnummer::parse_undated(somebody_else(asked)).is_ok());
        }
    }
}
