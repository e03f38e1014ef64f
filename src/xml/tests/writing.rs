//! What writing promises: always well-formed, and read back the same.

use proptest::prelude::*;
use ssbtek_xml::{Limits, Writer, parse};

#[test]
fn elements_attributes_and_namespaces_come_out_as_said() {
    let xml = Writer::with_declaration()
        .open("q:Fraga")
        .namespace("q", "urn:a&b")
        .attribute("inkludera", "true")
        .element_with_text("Namn", "Åsa <&> \"x\"")
        .optional("Saknas", None)
        .open("Tom")
        .close()
        .finish();
    assert_eq!(
        xml,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><q:Fraga xmlns:q=\"urn:a&amp;b\" inkludera=\"true\">\
         <Namn>Åsa &lt;&amp;&gt; \"x\"</Namn><Tom/></q:Fraga>"
    );
}

#[test]
fn what_xml_cannot_carry_is_replaced_and_the_rest_stays_well_formed() {
    let xml = Writer::new().element_with_text("r", "a\0b\u{FFFF}c").finish();
    assert_eq!(parse(xml.as_bytes(), &Limits::default()).unwrap().text(), "a\u{FFFD}b\u{FFFD}c");
}

#[test]
fn a_piece_from_elsewhere_is_refused_if_it_is_not_well_formed() {
    let mut writer = Writer::new();
    writer.open("r");
    assert!(writer.checked("<a/></r>", &Limits::default()).is_err());
    assert!(writer.checked("<a/>", &Limits::default()).is_ok());
    assert_eq!(writer.finish(), "<r><a/></r>");
}

#[test]
fn a_tree_written_anew_reads_the_same() {
    let xml = r#"<a:r xmlns:a="urn:a" a:k="v" xml:lang="sv"><b>t</b><a:c xmlns="urn:d"><d/></a:c></a:r>"#;
    let first = parse(xml.as_bytes(), &Limits::default()).unwrap();
    let written = Writer::new().tree(&first).finish();
    let second = parse(written.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(Writer::new().tree(&second).finish(), written);
    assert!(second.is("urn:a", "r") && second.child("", "b").is_some());
    assert_eq!(second.attr_in("urn:a", "k"), Some("v"));
    assert!(second.child("urn:a", "c").unwrap().child("urn:d", "d").is_some());
}

proptest! {
    #[test]
    fn every_text_survives_writing_and_reading(text in "\\PC*|[\\x09\\x0A\\x0D &<>\"'\\]a]*") {
        let xml = Writer::new().open("r").attribute("a", &text).text(&text).finish();
        let root = parse(xml.as_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(root.text(), &*text);
        prop_assert_eq!(root.attr("a"), Some(&*text));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = parse(&bytes, &Limits::default());
    }

    #[test]
    fn no_markup_makes_the_reader_panic(text in "([<>/!?&;=\"' a:x-]|<a>|</a>|<!--|-->|<!\\[CDATA\\[|xmlns)*") {
        let _ = parse(text.as_bytes(), &Limits::default());
    }
}
