//! The answer's outer form: five parts with data or an error, and an error for the whole.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::value::RawValue;
use ssbtek_domain::{Fault, Note, sections::skv::Part};

use crate::{
    RefusalCode, Refused, failure, flags,
    notes::Notes,
    skv::tree,
    unknown::{Around, Records, Within},
    unreadable,
};

/// What stands in the answer.
pub(super) struct Response {
    /// `personidentitet`.
    pub(super) person: Option<String>,
    /// Each of the five, in the contract's order.
    pub(super) parts: Vec<(Part, Option<Told>)>,
    /// `error` for the whole.
    pub(super) error: Option<Fault>,
}

/// One part.
pub(super) struct Told {
    /// The document's text, or why there is none in its data.
    pub(super) document: Option<Result<String, Refused>>,
    /// `error`.
    pub(super) error: Option<Fault>,
}

impl Told {
    /// Whether a flag of protected identity stands in the document.
    pub(super) fn is_flagged(&self) -> bool {
        matches!(&self.document, Some(Ok(text)) if flags::in_bytes(text.as_bytes()) > 0)
    }
}

/// A member that stands twice is refused: two readers could see two answers.
#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow, default)]
    personidentitet: Option<&'a RawValue>,
    #[serde(borrow, default)]
    foretagsinformation: Option<&'a RawValue>,
    #[serde(borrow, default)]
    individuppgifter: Option<&'a RawValue>,
    #[serde(borrow, default)]
    skattekonto: Option<&'a RawValue>,
    #[serde(borrow, default)]
    skatteuppgifter: Option<&'a RawValue>,
    #[serde(borrow, default)]
    beskattningsbilagor: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct PartMembers<'a> {
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct FaultMembers<'a> {
    #[serde(borrow, default)]
    felkod: Option<&'a RawValue>,
    #[serde(borrow, default)]
    felmeddelande: Option<&'a RawValue>,
}

/// What notes call what stands beside the parts.
const WHOLE: &str = "SKV";
const NOT_JSON: Refused =
    Refused("the answer is no JSON of the five parts and their errors", RefusalCode::NotWellFormed);
const NO_DATA: Refused = Refused("a part's data is no base64 of JSON", RefusalCode::NotWellFormed);

impl Response {
    pub(super) fn read(text: &str, notes: &Notes) -> Result<Self, Refused> {
        let members: Members<'_> = object(text).ok_or(NOT_JSON)?;
        let known = |name: &str| {
            matches!(name, "personidentitet" | "error") || Part::ALL.iter().any(|part| part.name() == name)
        };
        pass_over(text, known, WHOLE, notes);
        let person = match members.personidentitet.filter(|raw| !is_null(raw)) {
            None => None,
            Some(raw) => Some(scalar(raw).ok_or(Refused::NOBODY_NAMED)?),
        };
        // Blank is as if it were not there.
        let person = person.filter(|number| !number.trim().is_empty());
        let parts = [
            members.foretagsinformation,
            members.individuppgifter,
            members.skattekonto,
            members.skatteuppgifter,
            members.beskattningsbilagor,
        ];
        let parts = Part::ALL.into_iter().zip(parts);
        Ok(Self {
            person,
            parts: parts
                .map(|(part, raw)| (part, raw.filter(|raw| !is_null(raw)).map(|raw| told(part, raw, notes))))
                .collect(),
            error: members.error.filter(|raw| !is_null(raw)).map(|raw| fault(None, raw)),
        })
    }
}

/// An object's members. A list of the same values, which would be read as well, is none.
fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    text.trim_start().starts_with('{').then(|| serde_json::from_str(text).ok()).flatten()
}

/// `{"data"}` or `{"error"}`; neither of them is nothing told.
fn told(part: Part, raw: &RawValue, notes: &Notes) -> Told {
    let Some(members) = object::<PartMembers<'_>>(raw.get()) else {
        return Told { document: Some(Err(NO_DATA)), error: None };
    };
    let failed = pass_over(raw.get(), |name| matches!(name, "data" | "error"), part.name(), notes);
    let error =
        members.error.filter(|raw| !is_null(raw)).map(|raw| fault(Some(part), raw)).or(
            failed.then(|| Fault { part: Some(part.name().to_owned()), code: String::new(), texts: vec![] })
        );
    let data = members.data.filter(|raw| !is_null(raw));
    let document = data.filter(|raw| scalar(raw).as_deref() != Some("")).map(document);
    match document {
        // A sentence where base64 should be: the part's own words for what is wrong.
        Some(Err(Broken::Words(words))) if error.is_none() && words.contains("404") => {
            let fault =
                Fault { part: Some(part.name().to_owned()), code: "404".to_owned(), texts: vec![words] };
            Told { document: None, error: Some(fault) }
        }
        Some(Err(broken)) => Told { document: Some(Err(broken.refused())), error },
        Some(Ok(text)) => Told { document: Some(Ok(text)), error },
        None => Told { document: None, error },
    }
}

/// Why there is no document.
enum Broken {
    Refused(Refused),
    Words(String),
}

impl Broken {
    fn refused(self) -> Refused {
        match self {
            Broken::Refused(refused) => refused,
            Broken::Words(_) => NO_DATA,
        }
    }
}

/// Base64 of JSON; JSON that stands there as it is is taken too.
fn document(raw: &RawValue) -> Result<String, Broken> {
    if raw.get().starts_with(['{', '[']) {
        return Ok(raw.get().to_owned());
    }
    let text = scalar(raw).ok_or(Broken::Refused(NO_DATA))?;
    let text = text.trim_start_matches('\u{feff}').to_owned();
    if text.trim_start().starts_with(['{', '[']) {
        return Ok(text);
    }
    let dense: String = text.split_ascii_whitespace().collect();
    let Ok(bytes) = STANDARD.decode(dense) else { return Err(Broken::Words(text)) };
    if unreadable::is_compressed(&bytes) {
        return Err(Broken::Refused(Refused::COMPRESSED));
    }
    let text = unreadable::utf_8(&bytes).map_err(Broken::Refused)?;
    match serde_json::from_str::<&RawValue>(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(Broken::Words(text.to_owned())),
    }
}

/// An error, however much of it there is.
fn fault(part: Option<Part>, raw: &RawValue) -> Fault {
    let part = part.map(|part| part.name().to_owned());
    let Ok(members) = serde_json::from_str::<FaultMembers<'_>>(raw.get()) else {
        let texts = scalar(raw).into_iter().collect();
        return Fault { part, code: String::new(), texts };
    };
    let texts = members.felmeddelande.map(|raw| match serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
        Ok(items) => items.into_iter().filter_map(scalar).collect(),
        Err(_) => scalar(raw).into_iter().collect(),
    });
    let code = members.felkod.and_then(scalar).unwrap_or_default();
    Fault { part, code: code.trim().to_owned(), texts: texts.unwrap_or_default() }
}

/// The text of a string or a number.
fn scalar(raw: &RawValue) -> Option<String> {
    match raw.get().as_bytes().first()? {
        b'"' => serde_json::from_str(raw.get()).ok(),
        b'-' | b'0'..=b'9' => Some(raw.get().to_owned()),
        _ => None,
    }
}

fn is_null(raw: &RawValue) -> bool {
    raw.get() == "null"
}

/// Notes members that are not known. One that is a failure and says so makes the answer one in part; whether there is one.
fn pass_over(text: &str, known: impl Fn(&str) -> bool, place: &'static str, notes: &Notes) -> bool {
    let members = serde_json::from_str::<BTreeMap<String, &RawValue>>(text).unwrap_or_default();
    let nothing = Records::default;
    let around = Around::new(Within::Record, &nothing);
    let mut failed = false;
    for (name, value) in members.iter().filter(|(name, _)| !known(name)) {
        notes.add(Note::PassedOver(place));
        // What the parts do not have may be what words beside them speak of.
        if let Ok(node) = tree::of_json(name, value.get()) {
            let more = node.is_more(&around);
            if more {
                notes.doubt(place);
            }
            // Beside a part they are its own.
            failed |= !node.failures().is_empty() || place != WHOLE && more;
        }
        let says_so = scalar(value)
            .map_or(!matches!(value.get(), "null" | "false" | "{}" | "[]"), |text| failure::says_so(&text));
        failed |= failure::is_name(name) && says_so;
    }
    if failed {
        notes.fail();
    }
    failed
}
