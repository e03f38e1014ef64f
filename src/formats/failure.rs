//! A failure that stands where facts should, or beside them: known by the names of its fields and by what they say.
//!
//! No contract names them, so they are looked for by what such fields are called. What is taken for one wrongly makes an answer
//! one in part; a failure that is not seen would be told as "nothing there".

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
/// Words of a status, or of a message, that tell of a failure, in lower case.
const TELLS: [&str; 28] = [
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
    "kunde inte",
    "kunde ej",
    "kan inte",
    "misslyck",
    "timeout",
    "timed out",
    "not found",
    "not_found",
    "hittades inte",
    "bad gateway",
    "forbidden",
    "unauthorized",
    "obehörig",
    "felande",
    "nere för",
    "ur funktion",
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
    let text = text.trim().to_lowercase();
    let http = |text: &str| text.parse::<u16>().is_ok_and(|code| (400..=599).contains(&code));
    let begins_with_number = text.split([' ', ':']).next().is_some_and(http);
    begins_with_number
        || matches!(text.as_str(), "fel" | "error" | "failed" | "failure" | "nok")
        || TELLS.iter().any(|words| text.contains(words))
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

fn plain(name: &str) -> String {
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
