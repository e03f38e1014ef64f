//! What no contract has, wherever it stands: the one rule that decides whether it may be passed over with a note, or means that the
//! answer is not whole. Passed over is what cannot say that anything is missing: nothing, a plain "no" or "OK", a number, a day, what
//! only tells which message it is. Everything else (words, a code, a record, a mark that something is so, a count of more than
//! stands there, a page) makes the answer one in part.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
};

use ssbtek_xml::{Attribute, Element, XSI};

use crate::failure;

/// Parts of names under which a count stands.
const COUNTS: [&str; 14] = [
    "antal",
    "count",
    "total",
    "size",
    "storlek",
    "rader",
    "poster",
    "traff",
    "hits",
    "rows",
    "records",
    "items",
    "forekomst",
    "numfound",
];
/// Parts of names under which it stands that there is more, and where.
const MORE: [&str; 24] = [
    "fler", "more", "nasta", "next", "sida", "sidor", "page", "cursor", "offset", "fortsatt", "continu",
    "resume", "kvar", "rest", "remain", "ejvisad", "dold", "hidden", "omitted", "skipped", "uteslut",
    "merfinns", "finnsmer", "hasmer",
];
/// Parts of names under which it stands how much is told at most.
const LIMITS: [&str; 3] = ["limit", "maxantal", "pagesize"];
/// Parts of names under which it stands whether this is the end.
const ENDS: [&str; 6] = ["slut", "sista", "last", "allt", "alla", "hela"];
/// Parts of names under which it stands that something is not there.
const LACKS: [&str; 13] = [
    "trunk", "trunc", "avkort", "avbrut", "ofullst", "incompl", "partial", "delvis", "begrans", "limited",
    "saknas", "missing", "utelamn",
];
/// Parts of names under which it stands that everything is there.
const WHOLE: [&str; 4] = ["fullstand", "komplett", "complete", "allahamt"];
/// Names of a currency.
const CURRENCIES: [&str; 4] = ["valuta", "valutakod", "currency", "currencycode"];
/// What says yes.
const YES: [&str; 7] = ["true", "ja", "j", "yes", "y", "x", "sant"];
/// What says no.
const NO: [&str; 6] = ["false", "nej", "n", "no", "0", "falskt"];

/// How many records of one kind stand somewhere: by these a count is judged.
#[derive(Default)]
pub(crate) struct Records(BTreeSet<usize>);

impl Records {
    /// Of the numbers given.
    pub(crate) fn of(counts: impl IntoIterator<Item = usize>) -> Self {
        Self(counts.into_iter().collect())
    }

    /// Of elements with one name within an element, directly or in its lists.
    pub(crate) fn in_element(element: &Element) -> Self {
        let mut found = BTreeSet::new();
        let mut waiting = vec![element];
        while let Some(element) = waiting.pop() {
            let children = element.elements();
            let mut counts = BTreeMap::<&str, usize>::new();
            children.iter().for_each(|child| *counts.entry(child.name()).or_default() += 1);
            found.extend(counts.into_values());
            waiting.extend(children.iter().filter(|child| !child.elements().is_empty()));
        }
        Self(found)
    }

    fn are(&self, count: usize) -> bool {
        count == 0 || self.0.contains(&count)
    }

    fn reach(&self, count: usize) -> bool {
        self.0.last().is_some_and(|most| count <= *most)
    }
}

/// What something that nobody knows stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    /// A list, which holds nothing but records: what else stands there says something of them all.
    List,
    /// Something that holds lists: a number may be how many records there are, whatever it is called.
    Lists,
    /// Anything else.
    Record,
}

/// What stands around something that nobody knows.
pub(crate) struct Around<'c> {
    within: Within,
    count: &'c dyn Fn() -> Records,
    counted: OnceCell<Records>,
}

impl<'c> Around<'c> {
    /// `count` is asked once, and only where something may be a count.
    pub(crate) fn new(within: Within, count: &'c dyn Fn() -> Records) -> Self {
        Self { within, count, counted: OnceCell::new() }
    }

    /// The same of what stands within something: only by its name it is a count of what stands around that.
    pub(crate) fn within(&self) -> Self {
        Self::new(Within::Record, self.count)
    }

    fn records(&self) -> &Records {
        self.counted.get_or_init(self.count)
    }
}

/// Whether a value that nobody knows may mean that the answer is not whole.
pub(crate) fn is_more(name: &str, text: &str, around: &Around<'_>) -> bool {
    let (name, told) = (without_marks(&failure::plain(name)), text.trim().to_lowercase());
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    let told = told.as_str();
    if failure::tells(told) || failure::is_name(&name) && failure::says_so(told) {
        return true;
    }
    if has(&LACKS) {
        return !NO.contains(&told) && !matches!(told, "null" | "none");
    }
    if has(&WHOLE) {
        return !YES.contains(&told) && told != "1" && !told.is_empty();
    }
    if has(&ENDS) && (YES.contains(&told) || NO.contains(&told)) {
        return NO.contains(&told);
    }
    if told.is_empty() || !failure::says_so(told) && !failure::is_status(&name) {
        return false;
    }
    let count: Option<usize> = told.parse().ok();
    if has(&LIMITS) {
        return count.is_none_or(|most| around.records().reach(most));
    }
    if has(&MORE) || name == "mer" {
        return told != "1" || !has(&["sida", "sidor", "page"]);
    }
    if has(&COUNTS) {
        return count.is_none_or(|count| !around.records().are(count));
    }
    if failure::is_status(&name) || matches!(name.as_str(), "kod" | "code") {
        let succeeded = count.is_some_and(|code| code == 0 || (200..300).contains(&code));
        return !succeeded && failure::says_so(told) && !failure::is_harmless(told);
    }
    if CURRENCIES.contains(&name.as_str()) {
        return !is_kronor(told);
    }
    if YES.contains(&told) {
        return true;
    }
    if failure::is_harmless(told)
        || failure::is_envelope(&name) && !told.contains(char::is_whitespace)
        || is_id(told)
    {
        return false;
    }
    if !is_number_like(told) {
        return true;
    }
    // How many, or which of how many, whatever it is called.
    match around.within {
        Within::List => count.is_some() || told.contains('/'),
        Within::Lists => count.is_some_and(|count| !around.records().reach(count)) || told.contains('/'),
        Within::Record => false,
    }
}

/// The same of a value without a name.
pub fn may_be_more(text: &str) -> bool {
    is_more("", text, &Around::new(Within::Record, &Records::default))
}

/// The same of an element, with all that stands in it. One that holds one value is that value.
pub(crate) fn is_more_in(element: &Element, around: &Around<'_>) -> bool {
    if element.is_nil() {
        return false;
    }
    let attributes = || element.attributes().iter().filter(|attribute| says_of_it(attribute));
    match element.elements() {
        [] => {
            is_more(element.name(), element.trimmed(), around)
                || attributes().any(|it| is_more(it.name(), it.value(), around))
        }
        [only] if only.elements().is_empty() && attributes().next().is_none() => {
            !element.trimmed().is_empty() || is_more_in(only, &around.within())
        }
        _ => says_anything(element),
    }
}

/// Whether a value is in Swedish kronor by what stands as its currency.
pub(crate) fn is_kronor(text: &str) -> bool {
    matches!(text.trim().to_lowercase().as_str(), "" | "sek" | "kr" | "kronor" | "752")
}

/// Whether a field's name is a currency's.
pub(crate) fn is_currency(name: &str) -> bool {
    CURRENCIES.contains(&failure::plain(name).as_str())
}

/// Whether an attribute says anything of its element, and not only how to read or where to find it.
pub(crate) fn says_of_it(attribute: &Attribute) -> bool {
    const OF_MESSAGES: [&str; 5] = [
        XSI,
        "http://www.w3.org/XML/1998/namespace",
        ssbtek_xml::soap::NAMESPACE,
        ssbtek_xml::soap::NAMESPACE_1_2,
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
    ];
    !attribute.namespace().is_some_and(|namespace| OF_MESSAGES.contains(&namespace))
}

fn says_anything(element: &Element) -> bool {
    !element.is_nil()
        && (!element.trimmed().is_empty()
            || element.attributes().iter().any(|it| says_of_it(it) && !it.value().trim().is_empty())
            || element.elements().iter().any(says_anything))
}

/// A name is one with and without its dots.
fn without_marks(name: &str) -> String {
    name.replace(['å', 'ä'], "a").replace('ö', "o")
}

/// A number, a day, a time, a share: digits and what stands between them.
fn is_number_like(text: &str) -> bool {
    // Of an instant.
    let text = text.trim_end_matches('z').replacen('t', " ", 1);
    text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || b" +-.,:/%".contains(&byte))
        && !text.starts_with('-')
}

/// What only identifies: long, of the digits that computers count with.
fn is_id(text: &str) -> bool {
    let text = text.strip_prefix("urn:uuid:").unwrap_or(text);
    text.len() >= 16
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says_more(name: &str, text: &str) -> bool {
        is_more(name, text, &Around::new(Within::Record, &|| Records::of([1, 3])))
    }

    #[test]
    fn what_may_mean_that_something_is_missing_does_and_what_cannot_does_not() {
        for (name, text) in [
            ("antal", "9"),
            ("Antal_traffar", "2"),
            ("totalCount", "x"),
            ("harFler", "true"),
            ("harFler", "J"),
            ("nastaSida", "2"),
            ("next", "/v9?page=2"),
            ("nästaSida", "2"),
            ("kvar", "5"),
            ("limit", "3"),
            ("isLast", "false"),
            ("ofullstandig", ""),
            ("trunkerad", "1"),
            ("fullstandig", "false"),
            ("komplett", "0"),
            ("notering", "Arkiverade"),
            ("x", "E17"),
            ("x", "true"),
            ("x", "-3"),
            ("kod", "17"),
            ("status", "503"),
            ("felkod", "17"),
            ("valuta", "EUR"),
            ("x", "Se separat brev"),
        ] {
            assert!(says_more(name, text), "{name} {text}");
        }
        for (name, text) in [
            ("antal", "3"),
            ("antal", "0"),
            ("harFler", "false"),
            ("harFler", "nej"),
            ("sida", "1"),
            ("nastaSida", ""),
            ("ofullstandig", "false"),
            ("komplett", "true"),
            ("limit", "100"),
            ("isLast", "true"),
            ("lastModified", "2026-11-20"),
            ("x", "17"),
            ("x", "2026-11-20T10:00:00.000Z"),
            ("agarandel", "1/2"),
            ("traceId", "A1B2"),
            ("x", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"),
            ("status", "OK"),
            ("status", "200"),
            ("kod", "0"),
            ("felkod", "0"),
            ("valuta", "SEK"),
            ("x", "nej"),
            ("x", ""),
        ] {
            assert!(!says_more(name, text), "{name} {text}");
        }
        let beside_lists = |text: &str| is_more("x", text, &Around::new(Within::Lists, &|| Records::of([3])));
        let in_a_list =
            |name: &str, text: &str| is_more(name, text, &Around::new(Within::List, &|| Records::of([1])));
        assert!(in_a_list("x", "1") && !in_a_list("antal", "1") && !in_a_list("x", "0"));
        assert!(
            beside_lists("4") && beside_lists("1/3") && !beside_lists("3") && !beside_lists("2026-11-20")
        );
    }
}
