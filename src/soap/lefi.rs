//! The caller's own question to LEFI, inside FK's block: decoded and understood, so that it can be held against the
//! permit. What is not understood is refused: a field that is not known cannot be checked.

use std::{collections::BTreeSet, fmt};

use base64::{
    Engine, alphabet, engine::DecodePaddingMode, engine::GeneralPurpose, engine::GeneralPurposeConfig,
};
use serde::Deserialize;
use serde_json::error::Category;
use ssbtek_domain::{Period, Personnummer};
use ssbtek_formats::fk::InformationClass;

use crate::{flaws::Flaw, lexical};

const MAX_JSON_BYTES: usize = 32 * 1024;
const MAX_CODES: usize = 500;
const MAX_CODE_CHARS: usize = 32;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// FK's `fraga`. Immutable: the JSON is what was checked.
#[derive(Clone)]
pub struct LefiQuestion {
    pub(crate) version: Option<String>,
    actor_id: String,
    json: Vec<u8>,
    period: Period,
    lists: [(InformationClass, Vec<String>); 6],
    information: BTreeSet<String>,
}

impl LefiQuestion {
    /// `aktorsid`: letters, digits, `.`, `_` and `-`, at most 64. Whether it is this board's is for the caller to say.
    pub fn actor_id(&self) -> &str {
        &self.actor_id
    }

    /// The JSON as it was sent.
    pub fn json(&self) -> &[u8] {
        &self.json
    }

    /// The period that the JSON asks about.
    pub fn period(&self) -> Period {
        self.period
    }

    /// Every code the JSON asks for, from all of its lists: `FK:SJP`, `PM:AP`, `FK:GEPI`.
    pub fn information(&self) -> &BTreeSet<String> {
        &self.information
    }

    /// Every code with its list.
    pub(crate) fn types(&self) -> impl Iterator<Item = (InformationClass, &str)> {
        self.lists.iter().flat_map(|(class, codes)| codes.iter().map(|code| (*class, code.as_str())))
    }

    /// Whether general information about the person is asked for (`FK:GEPI`).
    pub fn asks_general_information(&self) -> bool {
        self.information.contains("FK:GEPI")
    }

    /// Decodes and checks. `person` is whom the whole question is about; the JSON must be about the same.
    pub(crate) fn read(
        version: Option<String>,
        actor_id: String,
        encoded: &str,
        person: Option<&Personnummer>,
    ) -> Result<Self, Flaw> {
        let json = decode(encoded)?;
        // A struct could be read from an array as well; LEFI's question is an object.
        if json.iter().find(|b| !b.is_ascii_whitespace()) != Some(&b'{') {
            return Err(Flaw::invalid("är inte ett JSON-objekt"));
        }
        let fields: Fields = serde_json::from_slice(&json).map_err(|error| match error.classify() {
            Category::Data => {
                Flaw::invalid("följer inte LEFI-frågans form (okänt, saknat eller upprepat fält)")
            }
            Category::Syntax | Category::Eof | Category::Io => Flaw::invalid("är inte välformad JSON"),
        })?;
        if person.is_some_and(|person| !names(&fields.personnummer, person)) {
            return Err(Flaw::invalid("personnummer är inte detsamma som personidentitet"));
        }
        let period = fields.period.read().ok_or_else(|| Flaw::invalid("period har fel form"))?;
        let lists = fields.lists()?;
        let information = lists.iter().flat_map(|(_, codes)| codes.iter().cloned()).collect();
        Ok(Self { version, actor_id, json, period, lists, information })
    }
}

impl fmt::Debug for LefiQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LefiQuestion(redacted)")
    }
}

/// White space may stand anywhere in `xs:base64Binary`.
fn decode(encoded: &str) -> Result<Vec<u8>, Flaw> {
    let dense: String = encoded.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let json = BASE64.decode(dense).map_err(|_| Flaw::invalid("är inte base64"))?;
    if json.len() > MAX_JSON_BYTES {
        return Err(Flaw::invalid(format!("får ha högst {MAX_JSON_BYTES} byte")));
    }
    Ok(json)
}

/// LEFI takes 10 or 12 digits.
fn names(written: &str, person: &Personnummer) -> bool {
    written == person.expose() || written == person.ten_digits()
}

/// LEFI v9's question. Unknown and repeated fields are refused: two readers could understand them differently.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Fields {
    personnummer: String,
    period: Days,
    formansinformation: Option<Vec<String>>,
    ansprak: Option<Vec<String>>,
    beslut: Option<Vec<String>>,
    preliminara_utbetalningar: Option<Vec<String>>,
    utbetalningar: Option<Vec<String>>,
    ovrig_information: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Days {
    from: String,
    tom: String,
}

impl Days {
    fn read(&self) -> Option<Period> {
        Period::new(lexical::date(&self.from)?, lexical::date(&self.tom)?).ok()
    }
}

impl Fields {
    fn lists(self) -> Result<[(InformationClass, Vec<String>); 6], Flaw> {
        let lists = [
            (InformationClass::Formansinformation, self.formansinformation),
            (InformationClass::Ansprak, self.ansprak),
            (InformationClass::Beslut, self.beslut),
            (InformationClass::PreliminaraUtbetalningar, self.preliminara_utbetalningar),
            (InformationClass::Utbetalningar, self.utbetalningar),
            (InformationClass::OvrigInformation, self.ovrig_information),
        ];
        let lists = lists.map(|(class, codes)| (class, codes.unwrap_or_default()));
        let all = || lists.iter().flat_map(|(_, codes)| codes);
        if all().count() > MAX_CODES {
            return Err(Flaw::invalid(format!("får ha högst {MAX_CODES} koder")));
        }
        let is_code = |code: &String| {
            (1..=MAX_CODE_CHARS).contains(&code.len())
                && code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'_' | b'-'))
        };
        match all().all(is_code) {
            true if all().next().is_none() => Err(Flaw::invalid("frågar inte efter någonting")),
            true => Ok(lists),
            false => Err(Flaw::invalid("har en kod med fel form")),
        }
    }
}
