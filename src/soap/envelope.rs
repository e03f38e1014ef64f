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
    skips_instructions: false,
};

/// Accepts `text/xml`, in whatever case and with whatever parameters, as long as a charset is one that is read and that the
/// body is written in. A byte order mark says more than a charset (RFC 7303 section 3).
pub(crate) fn check_content_type(content_type: Option<&str>, body: &[u8]) -> Result<(), SoapFault> {
    let wrong = |message: &str| Err(SoapFault::client(FaultCode::ContentType, message));
    let Some(written) = content_type else {
        return wrong("Content-Type: saknas, ska vara text/xml");
    };
    let mut parts = parts(written).into_iter();
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
    let mut charsets = parts
        .filter_map(|part| {
            part.split_once('=').map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim()))
        })
        .filter(|(name, _)| name == "charset")
        .map(|(_, charset)| charset.trim_matches('"').to_ascii_lowercase());
    let Some(charset) = charsets.next() else { return Ok(()) };
    if charsets.next().is_some() {
        return wrong("Content-Type: charset ska stå en gång");
    }
    let is_marked = matches!(body, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0xef, 0xbb, 0xbf, ..]);
    let is_wide = matches!(body, [b'<', 0, ..] | [0, b'<', ..]);
    let is_so = match charset.as_str() {
        "utf-8" | "utf8" => !is_wide,
        "us-ascii" => body.is_ascii() && !is_wide,
        "utf-16" | "utf-16le" | "utf-16be" => is_wide,
        _ => return wrong("Content-Type: charset ska vara utf-8 eller utf-16"),
    };
    if is_so || is_marked {
        Ok(())
    } else {
        wrong("Content-Type: charset är inte det som meddelandet är skrivet i")
    }
}

/// The parts between semicolons; those inside quotation marks part nothing.
fn parts(written: &str) -> Vec<&str> {
    let mut quoted = false;
    let between = |c: char| {
        quoted ^= c == '"';
        c == ';' && !quoted
    };
    written.split(between).map(str::trim).collect()
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
    if envelope.is(soap::NAMESPACE_1_2, "Envelope") {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charset_is_the_one_that_the_body_is_written_in() {
        let wide: Vec<u8> = "<å/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [&[0xff, 0xfe][..], &wide].concat();
        let taken = |content_type: &str, body: &[u8]| check_content_type(Some(content_type), body).is_ok();
        for (content_type, body) in [
            ("text/xml", "<å/>".as_bytes()),
            ("text/xml; charset=utf-8", "<å/>".as_bytes()),
            ("TEXT/XML;Charset=\"UTF-8\"", "<å/>".as_bytes()),
            ("text/xml; charset=us-ascii", "<a/>".as_bytes()),
            ("text/xml; a=\"x;charset=latin1\"", "<a/>".as_bytes()),
            ("text/xml; charset=utf-16", &wide),
            ("text/xml; charset=utf-16", &marked),
            ("text/xml; charset=utf-8", &marked),
            ("text/xml", &wide),
        ] {
            assert!(taken(content_type, body), "{content_type}");
        }
        for (content_type, body) in [
            ("text/xml; charset=utf-16", "<a/>".as_bytes()),
            ("text/xml; charset=utf-8", &wide),
            ("text/xml; charset=us-ascii", "<å/>".as_bytes()),
            ("text/xml; charset=utf-8; charset=utf-16", "<a/>".as_bytes()),
            ("text/xml; charset=iso-8859-1", "<a/>".as_bytes()),
            ("text/xml; charset=", "<a/>".as_bytes()),
            ("text/xmlx", "<a/>".as_bytes()),
            ("application/xml", "<a/>".as_bytes()),
            ("", "<a/>".as_bytes()),
        ] {
            assert!(!taken(content_type, body), "{content_type}");
        }
    }
}
