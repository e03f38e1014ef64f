//! From bytes to the one element inside the body, and which operation of which version it is.

use ssbtek_xml::{
    Element, Limits, XmlError,
    soap::{self, Body, SoapError},
};

use crate::{Call, FaultClass, FaultCode, Operation, SoapFault, Version};

/// How large a question may be: far above any real one (about 3 KiB; LEFI's list of codes is the longest part).
pub const LIMITS: Limits = Limits {
    max_bytes: 256 * 1024,
    max_depth: 32,
    max_nodes: 2_048,
    max_attributes_per_element: 32,
    max_namespaces_in_scope: 64,
};

const SOAP_1_2: &str = "http://www.w3.org/2003/05/soap-envelope";

/// Accepts `text/xml`, in whatever case and with whatever parameters, as long as a charset is one that is read.
pub(crate) fn check_content_type(content_type: Option<&str>) -> Result<(), SoapFault> {
    let wrong = |message: &str| Err(SoapFault::client(FaultCode::ContentType, message));
    let Some(written) = content_type else {
        return wrong("Content-Type: saknas, ska vara text/xml");
    };
    let mut parts = written.split(';').map(str::trim);
    match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "text/xml" => {}
        "application/soap+xml" => {
            return wrong("Content-Type: SOAP 1.2 används inte här, ska vara text/xml (SOAP 1.1)");
        }
        media if media.starts_with("multipart/") || media == "application/xop+xml" => {
            return wrong("Content-Type: MTOM och bilagor används inte här, ska vara text/xml");
        }
        _ => return wrong("Content-Type: ska vara text/xml"),
    }
    let charset =
        parts.filter_map(|p| p.split_once('=')).find(|(k, _)| k.trim().eq_ignore_ascii_case("charset"));
    let Some((_, charset)) = charset else { return Ok(()) };
    let charset = charset.trim().trim_matches('"').to_ascii_lowercase();
    match charset.as_str() {
        "utf-8" | "utf8" | "us-ascii" | "utf-16" | "utf-16le" | "utf-16be" => Ok(()),
        _ => wrong("Content-Type: charset ska vara utf-8 eller utf-16"),
    }
}

/// Bytes → document element, within the limits.
pub(crate) fn document(body: &[u8], limits: &Limits) -> Result<Element, SoapFault> {
    ssbtek_xml::parse(body, limits).map_err(|error| {
        let (code, message) = match error {
            XmlError::TooManyBytes => (FaultCode::TooLarge, "Meddelandet är större än tillåtet"),
            XmlError::TooDeep => (FaultCode::TooLarge, "Meddelandet är djupare nästlat än tillåtet"),
            XmlError::TooManyNodes | XmlError::TooManyAttributes | XmlError::TooManyNamespaces => {
                (FaultCode::TooLarge, "Meddelandet har fler element eller attribut än tillåtet")
            }
            XmlError::Doctype => (FaultCode::Xml, "Meddelandet har en DOCTYPE, vilket inte tillåts"),
            XmlError::Entity => (FaultCode::Xml, "Meddelandet har en entitetsreferens som inte tillåts"),
            XmlError::ProcessingInstruction => {
                (FaultCode::Xml, "Meddelandet har en bearbetningsinstruktion, vilket inte tillåts")
            }
            XmlError::Encoding => {
                (FaultCode::Xml, "Meddelandets teckenkodning är trasig eller varken UTF-8 eller UTF-16")
            }
            XmlError::Namespace => {
                (FaultCode::Xml, "Meddelandet har ett namnrymdsprefix som inte är deklarerat")
            }
            XmlError::Malformed => (FaultCode::Xml, "Meddelandet är inte välformad XML"),
        };
        SoapFault::client(code, message)
    })
}

/// The one element inside the body, and what it calls.
pub(crate) fn open(envelope: &Element) -> Result<(Call, &Element), SoapFault> {
    let mismatch =
        |message| SoapFault::of_class(FaultClass::VersionMismatch, FaultCode::SoapVersion, message);
    if envelope.is(SOAP_1_2, "Envelope") {
        return Err(mismatch("Kuvertet är SOAP 1.2: här används SOAP 1.1"));
    }
    let body = soap::unwrap(envelope).map_err(|error| match error {
        SoapError::NotSoap11 => mismatch("Meddelandet är inget SOAP 1.1-kuvert"),
        SoapError::Shape => {
            SoapFault::client(FaultCode::Envelope, "Kuvertet ska ha en Body och högst en Header före den")
        }
        SoapError::NotOneElement => SoapFault::client(FaultCode::Envelope, "Body ska ha ett enda element"),
        SoapError::MustUnderstand => SoapFault::of_class(
            FaultClass::MustUnderstand,
            FaultCode::Header,
            "Kuvertet har ett huvud med mustUnderstand som inte används här",
        ),
    })?;
    let Body::Payload(question) = body else {
        return Err(SoapFault::client(FaultCode::Operation, "Body innehåller ett fel och ingen fråga"));
    };
    let version = question.namespace().and_then(Version::of_namespace).ok_or_else(|| {
        SoapFault::client(
            FaultCode::ContractVersion,
            "Body: elementets namnrymd ska sluta på /ssbt/10 eller /ssbt/11",
        )
    })?;
    let operation = Operation::of_name(question.name()).ok_or_else(|| {
        SoapFault::client(
            FaultCode::Operation,
            "Body: elementet ska vara hamtaBastjanstInformation eller testaBastjanstInformation",
        )
    })?;
    Ok((Call { version, operation }, question))
}
