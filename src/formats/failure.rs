//! A failure that stands where facts should, or beside them: known by the names of its fields and by what they say.
//!
//! No contract names them, so they are looked for by what such fields are called. What is taken for one wrongly makes an answer
//! one in part; a failure that is not seen would be told as "nothing there".

use std::ops::RangeInclusive;

use ssbtek_xml::Element;

/// What notes call it.
pub(crate) const NAME: &str = "fel";

/// Names that are a failure's, in lower case and without signs.
const WHOLE: [&str; 8] = ["fel", "felet", "fault", "faults", "err", "errors", "failed", "failure"];
/// Beginnings of such names.
const BEGINS: [&str; 14] = [
    "error",
    "felkod",
    "feltext",
    "felmed",
    "felbesk",
    "feltyp",
    "felorsak",
    "felinfo",
    "felresultat",
    "felstatus",
    "fellista",
    "faultc",
    "faults",
    "exception",
];
/// Ends of such names: `tekniskaFel`, `SsbtException`.
const ENDS: [&str; 6] = ["exception", "error", "errors", "soapfault", "stacktrace", "tekniskafel"];
/// Names under which a status stands.
const STATUS: [&str; 11] = [
    "status",
    "statuskod",
    "statuscode",
    "statustext",
    "httpstatus",
    "httpstatuscode",
    "returkod",
    "returncode",
    "resultat",
    "resultatkod",
    "svarskod",
];
/// Names under which words stand that are no facts.
const WORDS: [&str; 17] = [
    "message",
    "messages",
    "meddelande",
    "meddelanden",
    "msg",
    "text",
    "detail",
    "details",
    "detalj",
    "title",
    "reason",
    "cause",
    "orsak",
    "info",
    "information",
    "upplysning",
    "beskrivning",
];
/// Names of what only tells which message it is.
const ENVELOPE: [&str; 22] = [
    "timestamp",
    "tidpunkt",
    "tidstampel",
    "tid",
    "path",
    "instance",
    "type",
    "typ",
    "kalla",
    "source",
    "traceid",
    "spanid",
    "requestid",
    "correlationid",
    "korrelationsid",
    "id",
    "version",
    "kod",
    "code",
    "schemaversion",
    "method",
    "url",
];
/// What says that there is no failure.
const NONE: [&str; 10] = ["", "false", "0", "nej", "no", "null", "none", "ok", "inga", "inget"];
/// Texts that go with a success, or with a field that holds no words, and say no more than that.
const HARMLESS: [&str; 15] = [
    // What CSN and AF write today beside "not found" and "found".
    "ej träff",
    "sökande hittad",
    "sökanden hittad",
    "ja",
    "yes",
    "true",
    "tillgänglig",
    "tillganglig",
    "available",
    "i drift",
    "lyckades",
    "lyckad",
    "success",
    "succeeded",
    "godkänd",
];
/// Words that tell of something that broke, in lower case.
const BREAKS: [&str; 21] = [
    "tekniskt fel",
    "internt fel",
    "ett fel",
    "fel uppstod",
    "fel vid",
    "internal error",
    "server error",
    "internal_server_error",
    "exception",
    "unavailable",
    "otillgänglig",
    "otillganglig",
    "misslyck",
    "timeout",
    "timed out",
    "bad gateway",
    "forbidden",
    "unauthorized",
    "obehörig",
    "nere för",
    "ur funktion",
];
/// Words that tell of a failure unless the source has said by its code that it knows no such person.
const NOT_THERE: [&str; 7] =
    ["kunde inte", "kunde ej", "kan inte", "not found", "not_found", "hittades inte", "felande"];

/// Words that tell that nobody, or nothing, was found.
const NOBODY: [&str; 16] = [
    "träff",
    "traff",
    "finns ej",
    "finns inte",
    "finns inga",
    "finns ingen",
    "saknas",
    "okänd",
    "okand",
    "unknown",
    "ej funnen",
    "ej känd",
    "inga uppgifter",
    "inga ärenden",
    "ingen person",
    "hittad",
];

/// Whether a field's name is a failure's.
pub(crate) fn is_name(name: &str) -> bool {
    let name = plain(name);
    WHOLE.contains(&name.as_str())
        || BEGINS.iter().any(|begin| name.starts_with(begin))
        || ENDS.iter().any(|end| name.ends_with(end))
}

/// Whether two names differ by nothing but letter case and signs.
pub(crate) fn is_same_name(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

/// Whether a field's name is a status'.
pub(crate) fn is_status(name: &str) -> bool {
    STATUS.contains(&plain(name).as_str())
}

/// Whether words, and no facts, stand under a field's name.
pub(crate) fn is_words(name: &str) -> bool {
    WORDS.contains(&plain(name).as_str())
}

/// Whether a field only tells which message it is.
pub(crate) fn is_envelope(name: &str) -> bool {
    ENVELOPE.contains(&plain(name).as_str())
}

/// Whether what stands under a failure's name says that there is one.
pub(crate) fn says_so(text: &str) -> bool {
    !NONE.contains(&text.trim().to_lowercase().as_str())
}

/// Whether a status or a message tells of a failure: in words, or as HTTP's number.
pub fn tells(text: &str) -> bool {
    let lower = text.trim().to_lowercase();
    breaks(text) || begins_with(&lower, 400..=499) || NOT_THERE.iter().any(|words| lower.contains(words))
}

/// Whether what goes with the source's word that it knows no such person says so too, or nothing: whoever says something else has
/// not said that nobody was found.
pub(crate) fn goes_with_nobody(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    // HTTP's number for it, which says no more.
    let text =
        text.strip_prefix("404").map_or(text.as_str(), |rest| rest.trim_start_matches([':', ' ', '-', '.']));
    let says = |words: &[&str]| words.iter().any(|words| text.contains(words));
    !says_so(text) || is_harmless(text) || !breaks(text) && (says(&NOT_THERE) || says(&NOBODY))
}

/// Whether a text tells that something broke, and not only that nobody was found.
pub(crate) fn breaks(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    begins_with(&text, 500..=599)
        || matches!(text.as_str(), "fel" | "error" | "failed" | "failure" | "nok")
        || BREAKS.iter().any(|words| text.contains(words))
}

/// Whether a text begins with one of HTTP's numbers.
fn begins_with(text: &str, codes: RangeInclusive<u16>) -> bool {
    let code = text.split([' ', ':']).next().and_then(|number| number.parse().ok());
    code.is_some_and(|code| codes.contains(&code))
}

/// Whether a text says nothing, or nothing but that all is well.
pub(crate) fn is_plain_ok(text: &str) -> bool {
    matches!(text.trim(), "" | "OK" | "Ok" | "ok")
}

/// Whether a text goes with a success and says no more than that.
pub(crate) fn is_harmless(text: &str) -> bool {
    HARMLESS.contains(&text.trim().to_lowercase().as_str())
}

/// Whether a text is said to people: a sentence, a word where no code's name stands, or whatever stands where words do. What is known
/// to be harmless is not.
pub(crate) fn is_said(name: &str, text: &str) -> bool {
    let text = text.trim();
    if !says_so(text) || is_harmless(text) {
        return false;
    }
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let is_sentence = letters > 0 && text.split_whitespace().nth(1).is_some();
    let is_word = letters > 2 && !text.chars().any(|c| c.is_numeric() || c.is_whitespace());
    is_words(name) || is_sentence || is_word && !is_envelope(name)
}

/// Whether a failure stands in an answer's element, however deep, and says so. `known` are the contract's own, whose readers judge
/// them.
pub(crate) fn is_told(element: &Element, known: &[&str]) -> bool {
    let others = element.elements().iter().filter(|child| !known.contains(&child.name()));
    others.into_iter().any(|child| (is_name(child.name()) && says_anything(child)) || is_told(child, known))
}

fn says_anything(element: &Element) -> bool {
    says_so(element.trimmed())
        || element.attributes().iter().any(|attribute| says_so(attribute.value()))
        || element.elements().iter().any(says_anything)
}

/// A name's letters and digits in lower case.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_known_by_its_name_and_what_only_sounds_like_one_is_none() {
        for name in [
            "fel",
            "Fel",
            "felkod",
            "felMeddelande",
            "fel_kod",
            "error",
            "errorCode",
            "Errors",
            "SSBTException",
            "faultstring",
            "stackTrace",
        ] {
            assert!(is_name(name), "{name}");
        }
        for name in
            ["felaktigaUppgifter", "felparkeringsavgift", "default", "formansfel2026", "saldo", "felle"]
        {
            assert!(!is_name(name), "{name}");
        }
        for text in ["", " 0", "OK", "false", "Inga"] {
            assert!(!says_so(text), "{text}");
        }
        for text in
            ["500", "503 Service", "FEL", "Tekniskt fel hos källan", "404: inga uppgifter", "Not Found"]
        {
            assert!(tells(text), "{text}");
        }
        for text in ["OK", "0", "200", "4010", "Aktiv", "GODKÄND", "felfri"] {
            assert!(!tells(text), "{text}");
        }
        for text in ["", "404", "404 NOT_FOUND", "404: inga uppgifter", "Ej träff", "Personen finns inte"] {
            assert!(goes_with_nobody(text), "{text}");
        }
        for text in ["Systemet stängt", "404: stängt", "E17", "Tekniskt fel: ingen träff"] {
            assert!(!goes_with_nobody(text), "{text}");
        }
        for text in ["Personen hittades inte", "404: inga uppgifter"] {
            assert!(tells(text) && !breaks(text), "{text}");
        }
        for (name, text) in [
            ("x", "Registret är stängt"),
            ("x", "Driftstopp"),
            ("meddelande", "E17"),
            ("kod", "Stängt för underhåll"),
            ("status", "FEL"),
        ] {
            assert!(is_said(name, text), "{name} {text}");
        }
        for (name, text) in [
            ("x", "17"),
            ("x", "2026-11-20 10:00"),
            ("x", "A1B2"),
            ("kod", "FEL"),
            ("meddelande", "OK"),
            ("meddelande", " "),
            ("status", "Tillgänglig"),
            ("x", "true"),
        ] {
            assert!(!is_said(name, text), "{name} {text}");
        }
    }

    #[test]
    fn an_element_is_a_failure_only_where_it_says_something_that_the_contract_does_not_have() {
        for (xml, raised) in [
            ("<fel><kod>17</kod></fel>", true),
            ("<a><b><error>17</error></b></a>", true),
            ("<felresultat><kod>17</kod></felresultat>", false),
            ("<error felkod='17'/>", true),
            ("<Fel/>", false),
            ("<fel><kod>0</kod><text>OK</text></fel>", false),
            ("<nyttFalt>17</nyttFalt>", false),
        ] {
            let xml = format!("<svar>{xml}</svar>");
            let element = ssbtek_xml::parse(xml.as_bytes(), &ssbtek_xml::Limits::default()).unwrap();
            assert_eq!(is_told(&element, &["felresultat"]), raised, "{xml}");
        }
    }
}
