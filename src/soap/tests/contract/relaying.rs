use ssbtek_domain::{Agency, Original};
use ssbtek_soap::{Payload, relay};

fn original(text: &str) -> Original {
    Original { media_type: "text/xml", bytes: text.as_bytes().to_vec() }
}

fn elements(agency: Agency, text: &str) -> Vec<String> {
    let Payload::Elements(elements) = relay(agency, &original(text)).unwrap() else {
        panic!("elements expected")
    };
    elements
}

#[test]
fn what_is_inside_an_answer_is_relayed_byte_for_byte() {
    let inside = "<svar>&lt;?xml version=\"1.0\"?&gt;&#xE5;<![CDATA[<a b='1'>  ]]>\r\n</svar>";
    let text = format!(
        r#"<q:BeskattningsuppgifterResponse xmlns:q="http://beskattningws.ws.service.bs.zg.rsv.se/">{inside}</q:BeskattningsuppgifterResponse>"#
    );
    let relayed = elements(Agency::Skv, &text);
    assert_eq!(relayed.len(), 1);
    assert_eq!(relayed[0].replace(" xmlns:q=\"http://beskattningws.ws.service.bs.zg.rsv.se/\"", ""), inside);
}

#[test]
fn namespaces_declared_further_out_go_along() {
    let text = r#"<SvarMeddelande xmlns="http://api.arbetsformedlingen.se/arbetssokande/ersattningsstod/v2" xmlns:x="urn:x"><Fraga/><Svar><x:eget x:a="1"/></Svar></SvarMeddelande>"#;
    for element in elements(Agency::Af, text) {
        let parsed = ssbtek_xml::parse_str(&element, &ssbtek_xml::Limits::default()).unwrap();
        assert_eq!(
            parsed.namespace(),
            Some("http://api.arbetsformedlingen.se/arbetssokande/ersattningsstod/v2")
        );
        assert!(parsed.elements().iter().all(|child| child.is("urn:x", "eget")));
    }
}

#[test]
fn unqualified_children_stay_unqualified() {
    let text = r#"<m:findByPersonnummerResponse xmlns:m="http://schema.migrationsverket.se/ssbtek/1/"><response><correlationid>1</correlationid></response></m:findByPersonnummerResponse>"#;
    let relayed = elements(Agency::Miv, text);
    let parsed = ssbtek_xml::parse_str(&relayed[0], &ssbtek_xml::Limits::default()).unwrap();
    assert!(parsed.is("", "response") && parsed.child("", "correlationid").is_some());
}

#[test]
fn another_agencys_answer_is_not_relayed() {
    let text =
        r#"<SvarMeddelande xmlns="http://api.arbetsformedlingen.se/arbetssokande/ersattningsstod/v2"/>"#;
    for agency in [Agency::So, Agency::Tns, Agency::Miv, Agency::Skv, Agency::Csn] {
        assert!(relay(agency, &original(text)).is_err(), "{agency}");
    }
    assert!(relay(Agency::Af, &original("<SvarMeddelande/>")).is_err(), "without its namespace");
    assert!(relay(Agency::Af, &original("<!DOCTYPE x><x/>")).is_err());
}

#[test]
fn documents_are_relayed_as_they_are() {
    let json = Original { media_type: "application/json", bytes: b"{ \"utlamnare\" : [] }".to_vec() };
    assert_eq!(relay(Agency::Fk, &json), Ok(Payload::Document(json.bytes.clone())));
    let csn =
        original("<c:CSNSvar xmlns:c=\"http://schema.csn.se/v4.0/kommunfraga\" schemaVersion=\"4.0\"/>");
    assert_eq!(relay(Agency::Csn, &csn), Ok(Payload::Document(csn.bytes.clone())));
}
