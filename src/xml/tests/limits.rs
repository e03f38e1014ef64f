//! What hostile documents cost: work stops at the limits, and depth costs no stack.
#![expect(clippy::unwrap_used, reason = "tests")]

use ssbtek_xml::{Element, Limits, XmlError, parse};

fn refused(xml: &[u8]) -> XmlError {
    parse(xml, &Limits::default()).unwrap_err()
}

#[test]
fn depth_is_counted_from_the_root_and_stops_at_the_limit() {
    let nested = |depth: usize| ["<a>".repeat(depth), "</a>".repeat(depth)].concat();
    assert!(parse(nested(64).as_bytes(), &Limits::default()).is_ok());
    assert_eq!(refused(nested(65).as_bytes()), XmlError::TooDeep);
    let empty_at_65 = ["<a>".repeat(64), "<b/>".to_owned(), "</a>".repeat(64)].concat();
    assert_eq!(refused(empty_at_65.as_bytes()), XmlError::TooDeep);
    // Refused on the way down: nothing is closed here.
    assert_eq!(refused("<a>".repeat(300_000).as_bytes()), XmlError::TooDeep);
}

#[test]
fn a_hundred_thousand_levels_need_no_stack_even_when_allowed() {
    let depth = 100_000;
    let xml = ["<a>".repeat(depth), "</a>".repeat(depth)].concat();
    let limits = Limits { max_depth: depth, max_nodes: depth, ..Limits::default() };
    let small_stack = std::thread::Builder::new().stack_size(128 * 1024);
    let parsed = small_stack.spawn(move || parse(xml.as_bytes(), &limits).map(drop)).unwrap().join();
    assert_eq!(parsed.unwrap(), Ok(()));
}

#[test]
fn bytes_are_counted_before_anything_is_read() {
    let limits = Limits { max_bytes: 16, ..Limits::default() };
    assert!(parse(b"<r>0123456789</r", &limits).is_err_and(|e| e == XmlError::Malformed));
    assert_eq!(parse(b"<r>0123456789</r>", &limits).unwrap_err(), XmlError::TooManyBytes);
    assert_eq!(refused(&vec![0xFF; 1024 * 1024 + 1]), XmlError::TooManyBytes);
}

#[test]
fn elements_and_attributes_are_counted_together() {
    let limits = Limits { max_nodes: 4, ..Limits::default() };
    assert!(parse(b"<r a='1' b='2'><c/></r>", &limits).is_ok());
    assert_eq!(parse(b"<r a='1' b='2'><c/><d/></r>", &limits).unwrap_err(), XmlError::TooManyNodes);
    let wide = ["<r>".to_owned(), "<a/>".repeat(200_000), "</r>".to_owned()].concat();
    assert_eq!(refused(wide.as_bytes()), XmlError::TooManyNodes);
}

#[test]
fn one_element_with_very_many_attributes_is_refused_before_they_are_compared() {
    let attributes: String = (0..60_000).map(|i| format!(" a{i}='1'")).collect();
    assert_eq!(refused(format!("<r{attributes}/>").as_bytes()), XmlError::TooManyAttributes);
}

#[test]
fn namespaces_in_scope_are_bounded_however_they_are_spread() {
    let level = |i: usize| (0..10).map(|j| format!(" xmlns:p{i}x{j}='u'")).collect::<String>();
    let nested: String = (0..13).map(|i| format!("<a{}>", level(i))).collect();
    assert_eq!(refused(nested.as_bytes()), XmlError::TooManyNamespaces);
}

#[test]
fn a_million_bytes_of_anything_is_refused_or_read_and_never_hangs() {
    let limit = Limits::default().max_bytes;
    for piece in [
        "<!--x-->",
        "<![CDATA[x]]>",
        "&amp;",
        "&#65;",
        "<!",
        "<?",
        "<a ",
        "\u{FEFF}",
        "]]",
        "<!DOCTYPE ",
        "<a b='",
    ] {
        let body = piece.repeat((limit - 16) / piece.len());
        // Only that it comes back is promised; the runner's own time limit says when it does not.
        let _ = parse(format!("<r>{body}</r>").as_bytes(), &Limits::default());
        let _ = parse(body.as_bytes(), &Limits::default());
    }
}

#[test]
fn the_tree_of_a_worst_case_document_stays_within_twelve_mebibytes_by_construction() {
    let limits = Limits::default();
    // A growing list holds at most its old and its new buffer: 1 + 1/2 of the next power of two.
    let nodes = limits.max_nodes.next_power_of_two() * size_of::<Element>() * 3 / 2;
    let names = limits.max_nodes * 48;
    let utf16_as_utf8 = limits.max_bytes * 3 / 2;
    let total = limits.max_bytes + utf16_as_utf8 + nodes + names;
    assert!(total <= 12 * 1024 * 1024, "{total} bytes");
}
