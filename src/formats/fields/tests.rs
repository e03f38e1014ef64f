//! Reading as far as it goes.

use super::*;

fn element(inside: &str) -> Element {
    let text = format!(r#"<x xmlns="urn:a:2" xmlns:b="urn:b">{inside}</x>"#);
    ssbtek_xml::parse(text.as_bytes(), &ssbtek_xml::Limits::default()).unwrap()
}

const A: Space = Space("urn:a:*");

fn noted(notes: Notes) -> Vec<Note> {
    let source = ssbtek_domain::Source::Agency(ssbtek_domain::Agency::Af);
    notes.onto(ssbtek_domain::SourceAnswer::without_facts(source, ssbtek_domain::Outcome::Answered)).notes
}

#[test]
fn a_date_may_have_a_zone_and_nothing_else() {
    for text in ["2026-01-31", "2026-01-31Z", "2026-01-31+01:00", "2026-01-31-11:00"] {
        assert_eq!(date(text).map(|day| day.to_string()).as_deref(), Some("2026-01-31"), "{text}");
    }
    for text in
        ["2026-02-30", "2026-1-31", "20260131", "2026-01-31T00:00:00", "2026-01-31+1", "", "+026-01-31"]
    {
        assert_eq!(date(text), None, "{text}");
    }
}

#[test]
fn a_namespace_is_the_contracts_in_whatever_version() {
    for (pattern, namespace, holds) in [
        ("urn:a:*", "urn:a:2", true),
        ("urn:a:*", "urn:a:10.1", true),
        ("urn:a:*", "urn:a:", false),
        ("urn:a:*", "urn:a:x", false),
        ("urn:a:*", "urn:a:2/x", false),
        ("http://c/v*/*", "http://c/v3.0/person", true),
        ("http://c/v*/*", "http://c/vx/person", false),
        ("", "", true),
        ("", "urn:a:2", false),
    ] {
        assert_eq!(Space(pattern).holds(Some(namespace)), holds, "{pattern} {namespace}");
    }
}

#[test]
fn a_known_name_in_another_namespace_is_read_and_noted_and_never_overlooked() {
    let stray = element("<b:y>1</b:y>");
    let notes = Notes::default();
    assert_eq!(Fields::of(&stray, A, &["y"], "x", &notes).int("y"), Some(1));
    assert_eq!(noted(notes), [Note::OtherVersion("x")]);
    let both = element("<b:y>1</b:y><y>2</y>");
    assert_eq!(Fields::of(&both, A, &["y"], "x", &Notes::default()).int("y"), Some(2));
}

#[test]
fn what_is_unknown_repeated_malformed_or_missing_is_noted_by_name_and_reading_goes_on() {
    let notes = Notes::default();
    let odd = element("<y>1</y><y>2</y><z>one</z><w>1e1</w><q/>");
    let fields = Fields::of(&odd, A, &["y", "z", "w"], "x", &notes);
    assert_eq!((fields.int("y"), fields.int("z"), fields.int("v")), (Some(1), None, None));
    assert_eq!(fields.required_amount("w").map(|amount| amount.to_string()).as_deref(), Some("10"));
    assert_eq!(fields.required_date("u"), None);
    let expected = [
        Note::Missing("u"),
        Note::NotUnderstood("y"),
        Note::NotUnderstood("z"),
        Note::PassedOver("x"),
        Note::Rounded("w"),
    ];
    drop(fields);
    assert_eq!(noted(notes), expected);
}
