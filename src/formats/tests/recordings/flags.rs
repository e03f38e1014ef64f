//! Flags of protected identity at every agency, in every form: each way to say yes is heard wherever it stands, also in an answer
//! that cannot be read to its end, and a known no is none.

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::{FUNDS, FundCode, ProtectionSignal, Source, SourceAnswer, sections::so::StatusTexts};
use ssbtek_formats::{Codec, HttpAnswer, read_answer, so};

use crate::{
    bad_input::source,
    stored::{ALL, bytes, codec, question},
};

/// One source: its name, and the recording that it answers with.
struct Told {
    source: Source,
    codec: Box<dyn Codec>,
    name: &'static str,
    body: String,
}

fn sources() -> Vec<Told> {
    let body = |name| String::from_utf8(bytes(name)).unwrap();
    let of = |name| Told { source: source(name), codec: codec(name), name, body: body(name) };
    let (code, _) = FUNDS[0];
    let fund = FundCode::parse(code).unwrap();
    let fund = Told {
        source: Source::Fund(fund.clone()),
        codec: Box::new(so::Codec::one_fund(fund, StatusTexts::default())),
        name: "a fund",
        body: body("so.xml"),
    };
    ALL.into_iter().map(of).chain([fund]).collect()
}

impl Told {
    fn read(&self, body: Vec<u8>) -> SourceAnswer {
        let answer = HttpAnswer { status: 200, content_type: None, body };
        read_answer(&*self.codec, &self.source, &question(), answer).answer
    }

    /// Where something can stand: before the end of some of its objects or elements.
    fn places(&self) -> Vec<usize> {
        let end = if self.is_json() { "}" } else { "</" };
        let all: Vec<usize> = self.body.match_indices(end).map(|(at, _)| at).collect();
        let some = [0, all.len() / 3, all.len() / 2, all.len() - 1];
        let mut some: Vec<usize> = some.into_iter().map(|n| all[n]).collect();
        some.dedup();
        some
    }

    fn is_json(&self) -> bool {
        self.body.trim_start().starts_with('{')
    }

    /// The answer with that in a place of its own.
    fn with(&self, what: &Shape, place: usize) -> String {
        let (before, after) = self.body.split_at(place);
        let (json, xml) = (&what.json, &what.xml);
        match self.is_json() {
            true if before.trim_end().ends_with('{') => format!("{before}{json}{after}"),
            true => format!("{before},{json}{after}"),
            false => format!("{before}{xml}{after}"),
        }
    }
}

/// Something that an agency may say, in both forms.
struct Shape {
    json: String,
    xml: String,
}

fn shape(json: impl Into<String>, xml: impl Into<String>) -> Shape {
    Shape { json: json.into(), xml: xml.into() }
}

const NAMES: [&str; 8] = [
    "skyddad",
    "SkyddadIdentitet",
    "sekretess",
    "Sekretessmarkering",
    "protected_identity",
    "sp\u{e4}rrmarkering",
    "spa\u{308}rrmarkering",
    "skyddadFolkbokfo\u{308}ring",
];
const YES: [&str; 13] = [
    "\"Ja\"",
    "\"JA\"",
    "\"J\"",
    "\"1\"",
    "\"true\"",
    "\"X\"",
    "true",
    "1",
    "1e0",
    "\"2024-01-01\"",
    "\"Skyddad folkbokf\u{f6}ring\"",
    "{\"varde\":true}",
    "[false,[{\"x\":\"J\"}]]",
];
const NO: [&str; 14] = [
    "\"Nej\"",
    "\"NEJ\"",
    "\"N\"",
    "\"0\"",
    "\"false\"",
    "\"\"",
    "\"  \"",
    "\"Ej skyddad\"",
    "false",
    "0",
    "0.0",
    "null",
    "{\"varde\":false}",
    "[]",
];

/// As XML: objects are elements, items of lists are elements too.
fn as_xml(json: &str) -> String {
    fn write(value: &serde_json::Value) -> String {
        match value {
            serde_json::Value::Object(of) => {
                of.iter().map(|(name, value)| format!("<{name}>{}</{name}>", write(value))).collect()
            }
            serde_json::Value::Array(of) => {
                of.iter().map(|value| format!("<post>{}</post>", write(value))).collect()
            }
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
    write(&serde_json::from_str(json).unwrap())
}

fn under_names(values: &[&str]) -> Vec<Shape> {
    let under = |name: &'static str| {
        values.iter().map(move |value| {
            let xml = format!("<x><{name}>{}</{name}></x>", as_xml(value));
            shape(format!("\"x\":{{\"{name}\":{value}}}"), xml)
        })
    };
    NAMES.into_iter().flat_map(under).collect()
}

/// A flag whose name is a value, beside what says yes or no.
fn named(value: &str) -> Vec<Shape> {
    let mut shapes = vec![];
    for name in ["namn", "attributnamn", "parameter", "Nyckel", "egenskapensNamn", "kod", "typ"] {
        for flag in ["skyddad", "SEKRETESSMARKERING", "skyddad identitet", "spa\u{308}rrmarkering"] {
            let json = format!("\"x\":{{\"{name}\":\"{flag}\",\"varde\":{value},\"ordning\":7}}");
            let xml = as_xml(&format!("{{{json}}}"));
            shapes.push(shape(&json, xml));
            let json = format!("\"x\":{{\"value\":{value},\"{name}\":\"{flag}\"}}");
            let xml = match as_xml(value).as_str() {
                // An attribute that names a flag, and nothing else, sets it.
                "" => as_xml(&format!("{{{json}}}")),
                text => format!("<x {name}=\"{flag}\">{text}</x>"),
            };
            shapes.push(shape(json, xml));
        }
    }
    shapes
}

/// A word that says it by itself, whatever it stands under; and documents within texts.
fn stated() -> Vec<Shape> {
    let mut texts: Vec<String> = [
        "skyddad",
        "SKYDDAD",
        "Skyddad identitet",
        "\u{e4}r skyddad",
        "sekretessmarkerad",
        "Personen har sekretessmarkering",
        "Uppgift saknas p\u{e5} grund av skyddade personuppgifter",
    ]
    .map(str::to_owned)
    .into();
    let document = STANDARD.encode("{\"personnummer\":\"-\",\"skyddad\":true,\"annat\":[1,2]}");
    let lines: Vec<&str> = document.as_bytes().chunks(8).map(|line| str::from_utf8(line).unwrap()).collect();
    texts.push(lines.join("\r\n"));
    texts.push(document.trim_end_matches('=').to_owned());
    texts.push(format!("data:application/json;base64,{}", document.replace('+', "-").replace('/', "_")));
    texts.push(STANDARD.encode("<a><Sekretess>Ja</Sekretess></a>"));
    let mut shapes = vec![];
    for name in ["status", "tillstand", "x"] {
        for text in &texts {
            let json = format!("\"{name}\":{}", serde_json::to_string(text).unwrap());
            shapes.push(shape(json, format!("<{name}>{text}</{name}>")));
        }
    }
    shapes.push(shape("\"status\":[\"aktiv\",\"skyddad\",\"gift\"]", "<status skyddsstatus=\"skyddad\"/>"));
    shapes
}

fn says_so(answer: &SourceAnswer) -> bool {
    let own = answer.section.as_ref().map(|section| section.facts().protection());
    answer.unread_flag
        || matches!(own, Some(ProtectionSignal::Sekretessmarkering | ProtectionSignal::SkyddadFolkbokforing))
}

/// Tries every shape in every source's answer, in a place of its own, and holds what came of it against `wanted`. With
/// `FLAG_SHAPES=all` in every place; else each third shape at each source, so that three sources try them all.
fn each(shapes: &[Shape], tell: impl Fn(&Told, &Shape, usize) -> Vec<u8>, wanted: bool) {
    let all = std::env::var("FLAG_SHAPES").is_ok_and(|of| of == "all");
    let (mut tried, mut wrong) = (0, vec![]);
    for (at, told) in sources().iter().enumerate() {
        for (n, shape) in shapes.iter().enumerate().filter(|(n, _)| all || n % 3 == at % 3) {
            let places = told.places();
            let chosen = |place: &usize| all || places[n % places.len()] == *place;
            for place in places.iter().filter(|place| chosen(place)) {
                let answer = told.read(tell(told, shape, *place));
                tried += 1;
                if says_so(&answer) != wanted {
                    wrong.push(format!("{} {n} at {place}: {}", told.name, shape.json));
                }
            }
        }
    }
    let some = &wrong[..wrong.len().min(20)];
    assert!(tried > shapes.len() && wrong.is_empty(), "{} of {tried}: {some:#?}", wrong.len());
}

fn whole(told: &Told, shape: &Shape, place: usize) -> Vec<u8> {
    told.with(shape, place).into_bytes()
}

fn utf_16(told: &Told, shape: &Shape, place: usize) -> Vec<u8> {
    let text = told.with(shape, place);
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// Cut off a little after the shape: nothing can read it to its end.
fn cut(told: &Told, shape: &Shape, place: usize) -> Vec<u8> {
    let body = told.with(shape, place);
    let least = place + 2 + if told.is_json() { shape.json.len() } else { shape.xml.len() };
    let end = (least..body.len()).find(|end| body.is_char_boundary(*end)).unwrap_or(body.len());
    body.as_bytes()[..end].to_vec()
}

fn raised() -> Vec<Shape> {
    let mut shapes = under_names(&YES);
    shapes.extend(named("\"J\"").into_iter().chain(named("true")).chain(named("[{\"x\":1}]")));
    shapes.extend(stated());
    // Twice, and contradicted.
    shapes.push(shape(
        "\"skyddad\":false,\"skyddad\":true",
        "<a><Sekretess>Nej</Sekretess><Sekretess>Ja</Sekretess></a>",
    ));
    shapes.push(shape(
        "\"skyddad\":true,\"sekretess\":\"Nej\"",
        "<a sekretess=\"Ja\"><skyddad>false</skyddad></a>",
    ));
    shapes
}

#[test]
fn every_yes_is_heard_from_every_source_wherever_it_stands_and_however_it_is_written() {
    each(&raised(), whole, true);
    each(&stated(), utf_16, true);
}

#[test]
fn a_yes_is_heard_in_an_answer_that_cannot_be_read_to_its_end() {
    each(&raised(), cut, true);
}

#[test]
fn a_known_no_is_none_at_any_source() {
    let mut shapes = under_names(&NO);
    for no in ["\"N\"", "false", "\"0\"", "null", "[]"] {
        shapes.extend(named(no));
    }
    shapes.push(shape(
        "\"status\":\"ok\"",
        "<Skyddad xmlns:i=\"urn:i\" i:nil=\"true\" i:type=\"xs:boolean\"/>",
    ));
    shapes.push(shape("\"kod\":\"grundskydd\"", "<a><namn>Efterlevandeskydd</namn><varde>1</varde></a>"));
    shapes.push(shape("\"x\":\"Skyddat arbete\"", "<x>Skyddat arbete hos Samhall, h\u{f6}griskskydd</x>"));
    each(&shapes, whole, false);
}
