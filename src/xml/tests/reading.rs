//! What reading promises: the right tree, and refusal of everything that is not plain XML.
#![expect(clippy::unwrap_used, reason = "tests")]

use ssbtek_xml::{Document, Limits, Writer, XmlError, parse, parse_str};

fn refused(xml: &str) -> XmlError {
    parse(xml.as_bytes(), &Limits::default()).unwrap_err()
}

#[test]
fn namespaces_are_resolved_whatever_the_prefixes() {
    let xml = r#"<?xml version="1.0" encoding="utf-8"?>
        <a:r xmlns:a="urn:a" xmlns="urn:d"><b x="1" a:x="2"/><c xmlns=""/><a:b/><b>second</b></a:r>"#;
    let root = parse(xml.as_bytes(), &Limits::default()).unwrap();
    assert!(root.is("urn:a", "r"));
    let b = root.child("urn:d", "b").unwrap();
    assert_eq!((b.attr("x"), b.attr_in("urn:a", "x")), (Some("1"), Some("2")));
    assert!(root.child("", "c").unwrap().namespace().is_none());
    assert_eq!(root.children("urn:d", "b").count(), 2);
    assert_eq!(root.children_named("b").count(), 3);
    assert_eq!(root.child("urn:b", "b").map(|b| b.name()), None);
}

#[test]
fn text_is_put_together_from_characters_references_and_cdata() {
    let xml = "<r a='&amp;lt;&#38;&#x41;'>a&amp;b<!-- c --><![CDATA[<x>&y;]]>&#229;\r\nd<e/> f</r>";
    let root = parse(xml.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(root.text(), "a&b<x>&y;å\nd f");
    assert_eq!(root.attr("a"), Some("&lt;&A"));
}

#[test]
fn nil_and_empty_elements_have_no_value() {
    let xml =
        r#"<r xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><a i:nil="true"/><b> </b><c> x </c></r>"#;
    let root = parse(xml.as_bytes(), &Limits::default()).unwrap();
    assert!(root.child_named("a").unwrap().is_nil());
    assert_eq!(root.child_text_named("a"), None);
    assert_eq!(root.child_text_named("b"), None);
    assert_eq!(root.child_text_named("c"), Some("x"));
}

#[test]
fn utf_16_reads_the_same_as_utf_8_with_or_without_a_byte_order_mark() {
    let text = r#"<?xml version="1.0" encoding="UTF-16"?><r>åäö €𝄞</r>"#;
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marked = |mark: [u8; 2], bytes: &[u8]| [&mark[..], bytes].concat();
    for bytes in [marked([0xFF, 0xFE], &little), marked([0xFE, 0xFF], &big), little, big] {
        assert_eq!(parse(&bytes, &Limits::default()).unwrap().text(), "åäö €𝄞");
    }
    let utf8 = [&[0xEF, 0xBB, 0xBF][..], "<r>åäö</r>".as_bytes()].concat();
    assert_eq!(parse(&utf8, &Limits::default()).unwrap().text(), "åäö");
}

#[test]
fn broken_or_wrongly_declared_encoding_is_refused() {
    let bytes = |bytes: &[u8]| parse(bytes, &Limits::default()).unwrap_err();
    assert_eq!(bytes(b"<r>\xE5</r>"), XmlError::Encoding);
    assert_eq!(bytes(b"\xFF\xFE<\0r\0/\0>"), XmlError::Encoding);
    assert_eq!(bytes(b"\xFF\xFE<\0\x00\xD8>\0"), XmlError::Encoding);
    assert_eq!(refused("<?xml version='1.0' encoding='utf-16'?><r/>"), XmlError::Encoding);
    assert_eq!(refused("<?xml version='1.0' encoding='ISO-8859-1'?><r>å</r>"), XmlError::Encoding);
    assert_eq!(refused("<?xml version='1.0' encoding='UTF-7'?><r/>"), XmlError::Encoding);
}

#[test]
fn a_document_that_says_that_it_is_in_iso_8859_1_is_read_so() {
    for name in ["ISO-8859-1", "iso-8859-1", "latin1"] {
        let bytes = [b"<?xml version='1.0' encoding='", name.as_bytes(), b"'?><r>\xE5\xF6</r>"].concat();
        assert_eq!(parse(&bytes, &Limits::default()).unwrap().text(), "åö", "{name}");
    }
}

#[test]
fn a_document_inside_a_string_may_declare_what_it_likes() {
    let root = parse_str("<?xml version='1.0' encoding='utf-16'?><r>å</r>", &Limits::default()).unwrap();
    assert_eq!(root.text(), "å");
}

#[test]
fn a_doctype_is_refused_in_every_form() {
    for xml in [
        "<!DOCTYPE r><r/>",
        "<!DOCTYPE r SYSTEM 'file:///etc/passwd'><r/>",
        "<!DOCTYPE r [<!ENTITY a 'b'><!ENTITY c '&a;&a;'>]><r>&c;</r>",
        "<!DOCTYPE r [<!ENTITY % x SYSTEM 'http://127.0.0.1/'> %x;]><r/>",
        "<!DOCTYPE r [",
    ] {
        assert_eq!(refused(xml), XmlError::Doctype, "{xml}");
    }
}

#[test]
fn only_predefined_entities_and_allowed_characters_can_be_referred_to() {
    for xml in
        ["<r>&x;</r>", "<r a='&x;'/>", "<r>&#0;</r>", "<r>&#x1F;</r>", "<r a='&#1;'/>", "<r>&#xD800;</r>"]
    {
        assert_eq!(refused(xml), XmlError::Entity, "{xml}");
    }
}

#[test]
fn processing_instructions_are_refused_but_in_an_answer_where_they_are_nothing() {
    for xml in ["<?xml-stylesheet href='x'?><r>1</r>", "<r>1<?php x?></r>", "<r>1</r><?x?>"] {
        assert_eq!(refused(xml), XmlError::ProcessingInstruction);
        assert_eq!(parse(xml.as_bytes(), &Limits::of_answers()).unwrap().text(), "1", "{xml}");
    }
    for xml in ["<?x?><!DOCTYPE r><r/>", "<r>&x;<?x?></r>", "<r><?xml version='1.0'?></r>", "<r><?x</r>"] {
        assert!(parse(xml.as_bytes(), &Limits::of_answers()).is_err(), "{xml}");
    }
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for xml in [
        "",
        " ",
        "x",
        "<r>",
        "</r>",
        "<r></s>",
        "<r/><r/>",
        "<r/>x",
        "x<r/>",
        "<r/>&amp;",
        "<r a='1' a='2'/>",
        "<r xmlns:a='u' xmlns:b='u' a:x='1' b:x='2'/>",
        "<r xmlns:a='u' xmlns:a='v'/>",
        "<r a=1/>",
        "<r a/>",
        "<r a='<'/>",
        "<r>]]></r>",
        "<r>\u{1}</r>",
        "<r>\u{FFFE}</r>",
        "<r><!-- -- --></r>",
        "<1/>",
        "<a:b:c xmlns:a='u'/>",
        "<r><![CDATA[</r>",
        " <?xml version='1.0'?><r/>",
        "<r><?xml version='1.0'?></r>",
        "<?xml version='1.1'?><r/>",
        "<r>{\"json\":1}",
    ] {
        assert_eq!(refused(xml), XmlError::Malformed, "{xml}");
    }
}

#[test]
fn prefixes_must_be_declared_and_reserved_ones_stay_what_they_are() {
    for xml in [
        "<a:r/>",
        "<r a:x='1'/>",
        "<r><x xmlns:a='u'/><a:y/></r>",
        "<r xmlns:a=''/>",
        "<r xmlns:xml='u'/>",
        "<r xmlns:xmlns='u'/>",
        "<r xmlns:a='http://www.w3.org/XML/1998/namespace'/>",
        "<r xmlns='http://www.w3.org/2000/xmlns/'/>",
    ] {
        assert_eq!(refused(xml), XmlError::Namespace, "{xml}");
    }
    let root = parse(b"<r xml:lang='sv'/>", &Limits::default()).unwrap();
    assert_eq!(root.attr_in("http://www.w3.org/XML/1998/namespace", "lang"), Some("sv"));
}

#[test]
fn the_raw_bytes_of_an_element_are_those_that_came() {
    let xml = "<e:E xmlns:e='urn:e' xmlns='urn:d'><e:B>\r\n<p  a = '1'>&#229;<q/></p >\n</e:B></e:E>";
    let document = Document::parse(xml.as_bytes(), &Limits::default()).unwrap();
    let payload = document.root().child("urn:e", "B").unwrap().child("urn:d", "p").unwrap();
    assert_eq!(document.raw(payload), "<p  a = '1'>&#229;<q/></p >");
    assert_eq!(&xml[payload.raw_range()], document.raw(payload));
    assert_eq!(document.raw(&payload.elements()[0]), "<q/>");
    assert_eq!(document.raw(document.root()), xml);
}

#[test]
fn an_element_on_its_own_keeps_the_namespaces_it_inherited() {
    let xml = "<e:E xmlns:e='urn:e' xmlns='urn:d' xmlns:t='urn:t'><e:B xmlns:t='urn:t2'>\
               <p xmlns='urn:own' t:a='>'><e:q/></p><s/><u xmlns=''/></e:B></e:E>";
    let document = Document::parse(xml.as_bytes(), &Limits::default()).unwrap();
    let body = document.root().child_named("B").unwrap();
    for (name, namespace) in [("p", "urn:own"), ("s", "urn:d"), ("u", "")] {
        let element = body.child_named(name).unwrap();
        let alone = parse(document.standalone(element).as_bytes(), &Limits::default()).unwrap();
        assert!(alone.is(namespace, name));
        assert_eq!(Writer::new().tree(&alone).finish(), Writer::new().tree(element).finish());
        assert_eq!(alone.attr_in("urn:t2", "a"), element.attr_in("urn:t2", "a"));
    }
    assert_eq!(document.standalone(document.root()), xml);
}

#[test]
fn nothing_of_the_content_is_in_a_debug_text() {
    let root = parse(b"<hemlig hemlig='hemlig'>hemlig</hemlig>", &Limits::default()).unwrap();
    assert!(!format!("{root:?} {:?}", root.attributes()).contains("hemlig"));
}
