//! What stands in an element: whether anything does, and typed values out of its text.

use std::str::FromStr;

use ssbtek_domain::{Amount, NaiveDate, of_our_time};
use ssbtek_xml::{Attribute, Element};

use crate::unknown;

/// Whether anything but a text stands in an element.
pub(super) fn says_more_than_a_text(element: &Element) -> bool {
    element.elements().iter().any(says_anything)
        || element
            .attributes()
            .iter()
            .any(|attribute| unknown::says_of_it(attribute) && !attribute.value().trim().is_empty())
}

/// Whether an element holds others.
pub(super) fn is_record(element: &Element) -> bool {
    !element.elements().is_empty()
}

/// Whether anything stands in an element. Its depth is bounded by the parser's limits.
pub(super) fn says_anything(element: &Element) -> bool {
    !element.is_nil()
        && (!element.trimmed().is_empty()
            || element.attributes().iter().any(|attribute| attribute.namespace().is_none())
            || element.elements().iter().any(says_anything))
}

/// Every text and attribute in an element, but for what stands in the children and attributes named.
pub(super) fn texts<'a>(element: &'a Element, but: &[&str]) -> Vec<&'a str> {
    let attributes = element
        .attributes()
        .iter()
        .filter(|attribute| !but.iter().any(|name| name.strip_prefix('@') == Some(attribute.name())))
        .map(Attribute::value);
    let mut found: Vec<&str> = attributes.chain([element.text()]).collect();
    let inside = element.elements().iter().filter(|child| !but.contains(&child.name()));
    inside.for_each(|child| found.extend(texts(child, &[])));
    found
}

/// The names of an element and of all that says something in it. Its depth is bounded by the parser's limits.
pub(super) fn names(element: &Element) -> Vec<&str> {
    let attributes = element.attributes().iter().filter(|attribute| unknown::says_of_it(attribute));
    let mut found: Vec<&str> = attributes.map(Attribute::name).chain([element.name()]).collect();
    element
        .elements()
        .iter()
        .filter(|child| says_anything(child))
        .for_each(|child| found.extend(names(child)));
    found
}

/// Whether an element is one such, or holds one.
pub(super) fn any_within(element: &Element, is_it: &dyn Fn(&Element) -> bool) -> bool {
    is_it(element) || element.elements().iter().any(|child| any_within(child, is_it))
}

/// `xs:int`.
pub(super) fn int(text: &str) -> Option<i32> {
    i32::from_str(text).ok()
}

pub(super) fn is_amount(text: &str) -> bool {
    Amount::from_str(text).is_ok() || Amount::nearest_ore(text).is_some()
}

/// `xs:boolean`.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// `xs:date`: `YYYY-MM-DD`, perhaps with a time zone, which does not change the day that the agency meant.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    let (day, zone) = text.split_at_checked(10)?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let zoned = match zone.as_bytes() {
        [] | [b'Z'] => true,
        [b'+' | b'-', time @ ..] => {
            std::str::from_utf8(time).ok().and_then(|time| time.split_once(':')).is_some_and(
                |(hours, minutes)| hours.len() == 2 && minutes.len() == 2 && digits(hours) && digits(minutes),
            )
        }
        _ => false,
    };
    let fixed =
        day.bytes().enumerate().all(|(i, b)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    (zoned && fixed).then(|| day.parse().ok()).flatten().and_then(of_our_time)
}
