//! Every recording with each of its fields changed in every way that an agency's service has been seen, or could be expected, to
//! depart in: left out, empty, nil, of another type, twice, by another name, with something unknown beside it, with a failure beside
//! it, in another version. Nothing may vanish in silence, no failure may become an answer, and only what tells whom the answer is about or whether
//! it failed may refuse it.

mod json;
mod rules;
mod xml;

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::{Note, Outcome};
use ssbtek_formats::{HttpAnswer, ReadAnswer, RefusalCode, read_answer};

use self::rules::judge;
use crate::{
    bad_input::source,
    stored::{ALL, bytes, codec, question, skv_v11},
};

/// How a field is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    LeftOut,
    Empty,
    Nil,
    OtherType,
    NumberAsText,
    Double,
    Twice,
    UnknownBeside,
    FailureBeside,
    /// By a name that nobody knows.
    Renamed,
    /// By its own name in another letter case.
    OtherCase,
    /// The same text, written in another way.
    Rewritten,
    /// As text within something new.
    Wrapped,
    /// Nil, though something stands there.
    NilAndThere,
    /// As an attribute of its own, or of what is around it.
    AsAttribute,
    /// Nothing but white space.
    Blank,
    /// An empty text in place of whatever stands there.
    EmptyText,
    /// A list of one, or one in place of a list of one.
    OneAndMany,
}

/// A name in another letter case.
fn in_other_case(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    let other = if first == first.to_lowercase() { first.to_uppercase() } else { first.to_lowercase() };
    format!("{other}{rest}")
}

/// One change: where, how, and what comes of it.
struct Change {
    /// Names from the root to the field.
    path: Vec<String>,
    how: How,
    body: Vec<u8>,
}

impl Change {
    fn field(&self) -> &str {
        self.path.last().map(String::as_str).unwrap_or_default()
    }
}

fn made_of(name: &str, body: &[u8]) -> ReadAnswer {
    let answer = HttpAnswer { status: 200, content_type: None, body: body.to_vec() };
    read_answer(&*codec(name), &source(name), &question(), answer)
}

/// As the changes are written: JSON writes a number in one way only.
fn unchanged(name: &str) -> Vec<u8> {
    match name {
        "fk.json" => json::rewritten(&bytes(name)),
        "skv-v11" => skv_v11(|_, text| String::from_utf8(json::rewritten(text.as_bytes())).unwrap()),
        _ => bytes(name),
    }
}

fn changes(name: &str) -> Vec<Change> {
    match name {
        "fk.json" => json::changes(&bytes(name)),
        "skv-v10.xml" => {
            let whole = String::from_utf8(bytes(name)).unwrap();
            let (head, rest) = whole.split_once("<svar>").unwrap();
            let (inner, tail) = rest.split_once("</svar>").unwrap();
            let plain = inner.replace("&lt;", "<").replace("&gt;", ">");
            let inside = xml::changes(&plain).into_iter().map(|change| {
                let text = String::from_utf8(change.body).unwrap().replace('<', "&lt;").replace('>', "&gt;");
                Change { body: format!("{head}<svar>{text}</svar>{tail}").into_bytes(), ..change }
            });
            inside.chain(xml::changes(&whole)).collect()
        }
        "skv-v11" => {
            let parts = ["foretagsinformation", "individuppgifter", "skattekonto", "skatteuppgifter"];
            let inside = parts.into_iter().flat_map(|part| {
                let mut plain = vec![];
                skv_v11(|told, text| {
                    if told == part {
                        plain = text.clone().into_bytes();
                    }
                    text
                });
                json::changes(&plain).into_iter().map(move |change| {
                    let new = String::from_utf8(change.body).unwrap();
                    let body = skv_v11(|told, text| match told == part {
                        true => new.clone(),
                        false => String::from_utf8(json::rewritten(text.as_bytes())).unwrap(),
                    });
                    let path = [vec![part.to_owned()], change.path].concat();
                    Change { path, how: change.how, body }
                })
            });
            inside.chain(json::changes(&unchanged(name))).collect()
        }
        _ => xml::changes(&String::from_utf8(bytes(name)).unwrap()),
    }
}

/// A place of a recording with something else in it.
pub(crate) struct Put {
    /// Where.
    pub(crate) path: String,
    /// Whether only the question, or which message it is, stands there.
    pub(crate) is_echo: bool,
    /// The answer.
    pub(crate) body: Vec<u8>,
}

/// A recording with that text in place of each value, and under a new name in each element or object.
pub(crate) fn places(name: &str, text: &str) -> Vec<Put> {
    let inside = |path: Vec<String>, body: Vec<u8>| {
        let is_echo = path.iter().any(|name| {
            matches!(name.as_str(), "Fraga" | "GemensamtFragaEkbistand" | "Header" | "Envelope" | "Body")
        });
        let last_is = |names: &[&str]| names.contains(&path.last().map(String::as_str).unwrap_or_default());
        let is_echo = (is_echo
            && path
                .iter()
                .any(|name| matches!(name.as_str(), "Fraga" | "GemensamtFragaEkbistand" | "Header")))
            || last_is(&["Envelope", "Body"])
            || (name == "so.xml" && last_is(&ECHOED_BY_SO))
            || last_is(&["Schemaversion", "Referensnummer", "LagParagraf", "@schemaVersion"]);
        Put { path: path.join("/"), is_echo, body }
    };
    match name {
        "fk.json" => {
            json::put(&bytes(name), text).into_iter().map(|(path, body)| inside(path, body)).collect()
        }
        "skv-v10.xml" => {
            let whole = String::from_utf8(bytes(name)).unwrap();
            let (head, rest) = whole.split_once("<svar>").unwrap();
            let (inner, tail) = rest.split_once("</svar>").unwrap();
            let plain = inner.replace("&lt;", "<").replace("&gt;", ">");
            xml::put(&plain, text)
                .into_iter()
                .map(|(path, body)| {
                    let document = body.replace('<', "&lt;").replace('>', "&gt;");
                    inside(path, format!("{head}<svar>{document}</svar>{tail}").into_bytes())
                })
                .collect()
        }
        "skv-v11" => ["foretagsinformation", "individuppgifter", "skattekonto", "skatteuppgifter"]
            .into_iter()
            .flat_map(|part| {
                let mut plain = vec![];
                skv_v11(|told, text| {
                    if told == part {
                        plain = text.clone().into_bytes();
                    }
                    text
                });
                json::put(&plain, text).into_iter().map(move |(path, new)| {
                    let new = String::from_utf8(new).unwrap();
                    let body = skv_v11(|told, text| if told == part { new.clone() } else { text });
                    inside([vec![part.to_owned()], path].concat(), body)
                })
            })
            .collect(),
        _ => xml::put(&String::from_utf8(bytes(name)).unwrap(), text)
            .into_iter()
            .map(|(path, body)| inside(path, body.into_bytes()))
            .collect(),
    }
}

/// A recording with each of these fields, in turn, in each element and on it as an attribute, or in each object.
pub(crate) fn beside_fields(name: &str, fields: &[(&str, &str)]) -> Vec<Put> {
    fields
        .iter()
        .flat_map(|(field, value)| {
            each_document(name, &|text| json::with_member(text.as_bytes(), field, value), &|text| {
                xml::with_field(text, field, value)
            })
        })
        .collect()
}

/// A recording with each of its lists and records once more where nobody looks: in another namespace, within itself, by another name.
pub(crate) fn beside(name: &str) -> Vec<Put> {
    each_document(name, &|text| json::once_more(text.as_bytes()), &xml::once_more)
}

type Documents<'f> = &'f dyn Fn(&str) -> Vec<(String, String)>;

/// What is made of each document of a recording, within the rest of it. Each comes with its place.
fn each_document(name: &str, of_json: Documents<'_>, of_xml: Documents<'_>) -> Vec<Put> {
    let put = |(path, body): (String, String)| Put { path, is_echo: false, body: body.into_bytes() };
    match name {
        "fk.json" => of_json(&String::from_utf8(bytes(name)).unwrap()).into_iter().map(put).collect(),
        "skv-v10.xml" => {
            let whole = String::from_utf8(bytes(name)).unwrap();
            let (head, rest) = whole.split_once("<svar>").unwrap();
            let (inner, tail) = rest.split_once("</svar>").unwrap();
            let inside = of_xml(&inner.replace("&lt;", "<").replace("&gt;", ">")).into_iter();
            let inside = inside.map(|(path, text)| {
                let text = text.replace('<', "&lt;").replace('>', "&gt;");
                put((path, format!("{head}<svar>{text}</svar>{tail}")))
            });
            inside.chain(of_xml(&whole).into_iter().map(put)).collect()
        }
        "skv-v11" => {
            let parts = ["foretagsinformation", "individuppgifter", "skattekonto", "skatteuppgifter"];
            let inside = parts.into_iter().flat_map(|part| {
                let mut plain = String::new();
                skv_v11(|told, text| {
                    if told == part {
                        plain.clone_from(&text);
                    }
                    text
                });
                of_json(&plain).into_iter().map(move |(path, new)| Put {
                    path: format!("{part}: {path}"),
                    is_echo: false,
                    body: skv_v11(|told, text| if told == part { new.clone() } else { text }),
                })
            });
            let around = of_json(&String::from_utf8(bytes(name)).unwrap());
            inside.chain(around.into_iter().map(put)).collect()
        }
        _ => of_xml(&String::from_utf8(bytes(name)).unwrap()).into_iter().map(put).collect(),
    }
}

/// What SO repeats of the question.
const ECHOED_BY_SO: [&str; 8] = [
    "OrganisationsnummerIngivare",
    "NamnIngivare",
    "KontonamnHandlaggare",
    "Referensnummer",
    "From",
    "Tom",
    "Syfte",
    "Paragraf",
];

/// Tries every change of one recording, of which there are more than `least`.
fn nothing_vanishes_and_no_failure_becomes_an_answer(name: &str, least: usize) {
    let whole = made_of(name, &unchanged(name));
    let changes = changes(name);
    let mut wrong = vec![];
    for change in &changes {
        let read = made_of(name, &change.body);
        if let Err(why) = judge(name, change, &whole, &read) {
            let outcome = read.answer.outcome;
            let (path, how) = (change.path.join("/"), change.how);
            wrong.push(format!("{path} {how:?}: {why} ({outcome}, {:?})", read.refused));
        }
    }
    assert!(changes.len() > least, "{}", changes.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), changes.len(), wrong.join("\n"));
}

/// One test for each recording, so that they run beside each other.
macro_rules! whatever_field_departs {
    ($($of:ident: $name:literal, $least:literal;)*) => {
        mod nothing_vanishes_in_silence_and_no_failure_becomes_an_answer_whatever_field_departs {
            $(#[test]
            fn $of() {
                super::nothing_vanishes_and_no_failure_becomes_an_answer($name, $least);
            })*

            #[test]
            fn of_every_recording() {
                assert_eq!([$($name),*], crate::stored::ALL);
            }
        }
    };
}

whatever_field_departs! {
    of_af: "af.xml", 250;
    of_csn: "csn.xml", 500;
    of_csn_in_an_older_version: "csn-3.0.xml", 500;
    of_fk_and_pm: "fk.json", 500;
    of_so: "so.xml", 200;
    of_tns: "tns.xml", 50;
    of_miv: "miv.xml", 150;
    of_skv_in_v10: "skv-v10.xml", 50;
    of_skv_in_v11: "skv-v11", 250;
}

#[test]
fn a_list_of_nothing_but_records_by_an_unknown_name_is_no_empty_list() {
    for (name, record) in [
        ("af.xml", "Beslut"),
        ("csn.xml", "Arende"),
        ("csn.xml", "Utbetalning"),
        ("so.xml", "Arbetsloshetsersattning"),
        ("tns.xml", "fordon"),
    ] {
        let told = String::from_utf8(bytes(name)).unwrap();
        let mut renamed = told.clone();
        for (before, after) in [":", "<", "/"].iter().flat_map(|before| [(before, ">"), (before, " ")]) {
            let by = |name: &str| [before, name, after].concat();
            renamed = renamed.replace(&by(record), &by("NyttNamn"));
        }
        assert_ne!(renamed, told, "{name} {record}");
        let read = made_of(name, renamed.as_bytes());
        assert_eq!(read.answer.outcome, Outcome::AnsweredInPart, "{name} {record} {:?}", read.refused);
    }
}

#[test]
fn a_record_by_another_name_beside_those_that_are_known_may_be_one_of_them() {
    for (name, record) in [
        ("af.xml", "Beslut"),
        ("csn.xml", "Arende"),
        ("csn.xml", "soktTid"),
        ("csn.xml", "BeviljadTid"),
        ("csn.xml", "Belopp"),
        ("csn.xml", "Utbetalning"),
        ("csn.xml", "Utbetaldtid"),
        ("so.xml", "Arbetsloshetsersattning"),
        ("so.xml", "Utbetalningar"),
        ("tns.xml", "fordon"),
        ("miv.xml", "svar"),
    ] {
        let beside = xml::renamed_beside(&String::from_utf8(bytes(name)).unwrap(), record);
        let read = made_of(name, beside.as_bytes());
        assert_eq!(read.answer.outcome, Outcome::AnsweredInPart, "{name} {record} {:?}", read.refused);
        assert!(read.answer.section == made_of(name, &bytes(name)).answer.section, "{name} {record}");
    }
}

#[test]
fn a_list_that_was_emptied_into_another_name_is_no_empty_list() {
    let text = String::from_utf8(bytes("fk.json")).unwrap();
    for (list, beside) in [
        ("utbetalningsuppgift", "formansinformation"),
        ("preliminarautbetalningar", "formansinformation"),
        ("utbetalningar", ""),
        ("preliminaraUtbetalningar", ""),
        ("ansprak", ""),
        ("beslut", ""),
    ] {
        let new = r#""nyttNamn": [{"datum": "2026-10-23", "nettobelopp": {"summa": 1}}], "#;
        let at = if beside.is_empty() {
            1
        } else {
            text.find(&format!("\"{beside}\": {{")).unwrap() + beside.len() + 5
        };
        let (head, tail) = text.split_at(at);
        let gone = tail.replacen(&format!("\"{list}\": [\n"), "\"annanLista\": [\n", 1);
        let read = made_of("fk.json", format!("{head}{new}{gone}").as_bytes());
        assert_eq!(read.answer.outcome, Outcome::AnsweredInPart, "{list} {:?}", read.refused);
    }
    let empty = text.replacen("\"preliminarautbetalningar\": []", "\"nyttNamn\": []", 1);
    assert_eq!(
        made_of("fk.json", empty.as_bytes()).answer.outcome,
        Outcome::Answered,
        "nothing stands there"
    );
}

#[test]
fn what_is_null_in_a_list_and_what_is_unknown_however_deep_is_noted() {
    let text = String::from_utf8(bytes("fk.json")).unwrap();
    for list in ["utbetalningsuppgift", "utbetalningar", "generellPersoninformation", "utbetalningsdetalj"] {
        let null = text.replacen(&format!("\"{list}\": ["), &format!("\"{list}\": [null, "), 1);
        assert_ne!(null, text, "{list}");
        let read = made_of("fk.json", null.as_bytes()).answer;
        assert!(read.notes.contains(&Note::NotUnderstood(list)), "{list}: {:?}", read.notes);
    }
    for (place, at) in [
        ("utbetalningsuppgift", "\"nyttFalt\""),
        ("nettobelopp", "\"summa\": 13272"),
        ("utbetalningsdetalj", "\"dagar\""),
        ("adress", "\"postort\""),
        ("roller", "\"id\": 1, \"beskrivning\": \"Folk"),
        ("utbetalningsrader", "\"belopp\""),
        ("utlamnare", "\"kod\": \"FK\""),
    ] {
        let unknown = text
            .replace("\"nyttFalt\": {\"a\": 1}", "\"gammalt\": null")
            .replace(at, &format!("\"okant\": 17, {at}"));
        let unknown = unknown.replace("\"gammalt\": null", "\"okant\": 17");
        let read = made_of("fk.json", unknown.as_bytes()).answer;
        assert!(read.notes.contains(&Note::PassedOver(place)), "{place}: {:?}", read.notes);
        assert!(read.section == made_of("fk.json", &bytes("fk.json")).answer.section, "{place}");
    }
}

#[test]
fn a_byte_order_mark_and_white_space_around_change_nothing() {
    for name in ALL {
        let whole = made_of(name, &bytes(name)).answer;
        let marked = made_of(name, &[b"\xef\xbb\xbf", &bytes(name)[..]].concat()).answer;
        assert!(marked.section == whole.section && marked.notes == whole.notes, "{name}: {}", marked.outcome);
        let spaced = made_of(name, &[&bytes(name)[..], b"\n \t\n"].concat()).answer;
        assert!(spaced.section == whole.section, "{name}: {}", spaced.outcome);
    }
    let marked = skv_v11(|_, text| format!("\u{feff}{text}"));
    let whole = made_of("skv-v11", &bytes("skv-v11")).answer;
    assert!(made_of("skv-v11", &marked).answer.section == whole.section, "inside the base64 too");
    let encoded = format!(r#""data":"{}""#, STANDARD.encode("\u{feff}"));
    assert!(!String::from_utf8(marked).unwrap().contains(&encoded));
}

#[test]
fn a_flag_is_heard_after_a_byte_order_mark() {
    let text = String::from_utf8(bytes("fk.json")).unwrap();
    let flagged = text.replace("\"nyttFalt\": {\"a\": 1}", "\"sekretess\": \"J\"");
    assert!(made_of("fk.json", flagged.as_bytes()).answer.unread_flag);
    assert!(made_of("fk.json", format!("\u{feff}{flagged}").as_bytes()).answer.unread_flag);
    let marked = skv_v11(|part, text| match part {
        "skattekonto" => format!("\u{feff}{}", text.replacen('{', "{\"skyddad\":true,", 1)),
        _ => text,
    });
    assert!(made_of("skv-v11", &marked).answer.unread_flag);
}

#[test]
fn other_encodings_and_prefixes_are_read_truly_or_refused() {
    for name in ALL.into_iter().filter(|name| name.ends_with("xml")) {
        let text = String::from_utf8(bytes(name)).unwrap();
        let whole = made_of(name, text.as_bytes()).answer;
        let same = |body: &[u8], what: &str| {
            let read = made_of(name, body);
            assert!(read.answer.section == whole.section, "{name} {what}: {:?}", read.refused);
            assert_eq!(read.answer.outcome, whole.outcome, "{name} {what}");
        };
        let declared = |encoding: &str| text.replacen("UTF-8", encoding, 1);
        let units: Vec<u16> = std::iter::once(0xfeff).chain(declared("UTF-16").encode_utf16()).collect();
        same(
            &units.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<_>>(),
            "UTF-16, little end first",
        );
        same(&units.iter().flat_map(|unit| unit.to_be_bytes()).collect::<Vec<_>>(), "UTF-16, big end first");
        same(text.replacen("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "", 1).as_bytes(), "undeclared");
        for wrong in ["ISO-8859-1", "windows-1252", "UTF-16", "UTF-7", "x"] {
            let read = made_of(name, declared(wrong).as_bytes());
            let refused = read.refused.is_some_and(|refused| refused.code() == RefusalCode::Encoding);
            assert!(refused || read.answer.section == whole.section, "{name} declared {wrong}");
            let latin_1: Vec<u8> =
                declared(wrong).chars().map(|c| u8::try_from(c as u32).unwrap_or(b'?')).collect();
            let read = made_of(name, &latin_1);
            if wrong == "ISO-8859-1" {
                same(&latin_1, "ISO-8859-1");
                continue;
            }
            assert!(
                latin_1.is_ascii() && read.answer.section == whole.section
                    || read.refused.is_some_and(|refused| refused.code() == RefusalCode::Encoding),
                "{name} in Latin-1, declared {wrong}: {:?}",
                read.refused
            );
        }
        let mut other = text.clone();
        for prefix in ["ns0", "ns2", "ns3", "csn", "pers", "sm", "gem", "soapenv"] {
            other = other.replace(&format!("{prefix}:"), &format!("q-{prefix}.x:"));
            other = other.replace(&format!("xmlns:{prefix}="), &format!("xmlns:q-{prefix}.x="));
        }
        assert!(other != text, "{name}");
        // Another prefix stands in the payload's bytes, and in no fact.
        same(other.as_bytes(), "other prefixes");
    }
}
