use ssbtek_soap::{FaultClass, FaultCode, LIMITS, parse};

use super::support::*;

fn code(text: &str) -> FaultCode {
    read(text.as_bytes()).unwrap_err().code
}

#[test]
fn nesting_a_hundred_thousand_deep_is_refused_without_descending() {
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    // With the door's own limits it is too large, with any size allowed it is too deep.
    assert_eq!(code(&envelope(&deep)), FaultCode::TooLarge);
    let wide = ssbtek_xml::Limits { max_bytes: usize::MAX / 4, max_nodes: usize::MAX, ..LIMITS };
    let refused = parse(envelope(&deep).as_bytes(), Some("text/xml"), &wide, today()).unwrap_err();
    assert_eq!(refused.messages(), ["Meddelandet är djupare nästlat än tillåtet"]);
}

#[test]
fn many_siblings_and_attributes_are_refused() {
    assert_eq!(code(&envelope(&"<a/>".repeat(10_000))), FaultCode::TooLarge);
    let attributes: String = (0..100).map(|i| format!(" a{i}='1'")).collect();
    assert_eq!(code(&envelope(&format!("<a{attributes}/>"))), FaultCode::TooLarge);
}

#[test]
fn external_entities_and_expansion_are_refused() {
    let question = Draft::new(V10).envelope();
    let with = |dtd: &str| format!("<?xml version=\"1.0\"?>{dtd}{question}");
    assert_eq!(code(&with(r#"<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>"#)), FaultCode::Xml);
    assert_eq!(code(&with(r#"<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>"#)), FaultCode::Xml);
    assert_eq!(code(&with(r#"<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">"#)), FaultCode::Xml);
    assert_eq!(code(&question.replace("EB-2026-17", "&e;")), FaultCode::Xml);
    assert_eq!(code(&with("<?xml-stylesheet href='x'?>")), FaultCode::Xml);
}

#[test]
fn soap_1_2_is_refused_as_a_version_mismatch() {
    let text = Draft::new(V10).envelope().replace(SOAP, "http://www.w3.org/2003/05/soap-envelope");
    let refused = read(text.as_bytes()).unwrap_err();
    assert_eq!((refused.class, refused.code), (FaultClass::VersionMismatch, FaultCode::SoapVersion));
    assert_eq!(code(&Draft::new(V10).body()), FaultCode::SoapVersion, "no envelope at all");
}

#[test]
fn an_envelope_of_another_shape_is_refused() {
    let body = Draft::new(V10).body();
    let two_bodies = format!(
        r#"<s:Envelope xmlns:s="{SOAP}"><s:Body>{body}</s:Body><s:Body>{body}</s:Body></s:Envelope>"#
    );
    assert_eq!(code(&two_bodies), FaultCode::Envelope);
    assert_eq!(code(&envelope(&body.repeat(2))), FaultCode::Envelope);
    assert_eq!(code(&envelope("")), FaultCode::Envelope);
    let header = format!(
        r#"<s:Envelope xmlns:s="{SOAP}"><s:Header><h s:mustUnderstand="1"/></s:Header><s:Body>{body}</s:Body></s:Envelope>"#
    );
    assert_eq!(code(&header), FaultCode::Header);
    assert_eq!(code(&envelope("<s:Fault><faultcode>s:Client</faultcode></s:Fault>")), FaultCode::Operation);
}

#[test]
fn another_namespace_or_operation_is_refused() {
    let text = |namespace: &str| Draft::new(V10).envelope().replace(V10, namespace);
    assert_eq!(
        code(&text("http://schema.forsakringskassan.se/integration/ssbt/9")),
        FaultCode::ContractVersion
    );
    assert_eq!(code(&text("")), FaultCode::ContractVersion);
    assert_eq!(code(&envelope(&format!(r#"<raderaAllt xmlns="{V10}"/>"#))), FaultCode::Operation);
}

#[test]
fn the_version_of_one_child_cannot_differ_from_its_parents() {
    let text = Draft::new(V10).envelope().replace("<ingivare>", &format!(r#"<ingivare xmlns="{V11}">"#));
    assert_eq!(read(text.as_bytes()).unwrap_err().messages(), ["ingivare: har en annan namnrymd än frågan"]);
}

#[test]
fn content_types_that_are_not_soap_1_1_are_refused() {
    let text = Draft::new(V10).envelope();
    for content_type in [
        None,
        Some(""),
        Some("application/json"),
        Some("application/xml"),
        Some("application/soap+xml; charset=utf-8"),
        Some("multipart/related; type=\"application/xop+xml\"; boundary=x"),
        Some("text/xml; charset=iso-8859-1"),
        Some("text/xmlx"),
    ] {
        let refused = parse(text.as_bytes(), content_type, &LIMITS, today()).unwrap_err();
        assert_eq!(refused.code, FaultCode::ContentType, "{content_type:?}");
    }
}

#[test]
fn whatever_is_cut_off_or_broken_is_refused_without_panic() {
    let text = Draft::new(V11).asking_all().envelope();
    for end in (0..text.len()).step_by(7) {
        assert!(read(&text.as_bytes()[..end]).is_err());
    }
    for at in (0..text.len()).step_by(5) {
        let mut broken = text.clone().into_bytes();
        for byte in [0, b'<', b'&', 0xFF] {
            broken[at] = byte;
            let _ = read(&broken);
        }
    }
    assert!(read(b"").is_err());
}
