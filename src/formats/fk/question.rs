//! The question to LEFI: who asks, for what, for how long.

use std::collections::BTreeMap;

use chrono::{Days, Months};
use ssbtek_domain::{Note, OrganisationNumber, Period, Personnummer, Question, Wanted};

use super::{
    fields::Fields,
    json::{self, Json},
    looked::Looked,
    types::{InformationClass, InformationTypes},
};
use crate::{CannotAsk, Refused, notes::Notes};

/// Longest period LEFI answers for, in months; a longer one is answered with 400.
const MAX_MONTHS: u32 = 24;

/// LEFI's id of one actor (`aktorsId`), fit to stand in a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorId(String);

impl ActorId {
    /// 1 to 64 letters, digits and hyphens; `None` if it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let fits =
            (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        fits.then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// As which actor a board asks.
#[derive(Debug, Clone)]
pub enum Actors {
    /// Every board as the same one.
    Same(ActorId),
    /// Each board as its own; a board that is not listed cannot ask.
    PerBoard(BTreeMap<OrganisationNumber, ActorId>),
}

impl Actors {
    pub(super) fn of(&self, board: &OrganisationNumber) -> Result<&ActorId, CannotAsk> {
        match self {
            Actors::Same(actor) => Ok(actor),
            Actors::PerBoard(actors) => {
                actors.get(board).ok_or(CannotAsk("the board has no aktorsId at LEFI in the configuration"))
            }
        }
    }
}

/// The latest two years of `wanted`.
pub(super) fn narrowed(wanted: Period) -> (Period, Option<Note>) {
    let earliest = wanted
        .to()
        .checked_sub_months(Months::new(MAX_MONTHS))
        .and_then(|day| day.checked_add_days(Days::new(1)))
        .unwrap_or(wanted.from());
    match Period::new(earliest, wanted.to()) {
        Ok(latest) if wanted.from() < earliest => {
            (latest, Some(Note::PeriodNarrowed("LEFI: at most two years")))
        }
        _ => (wanted, None),
    }
}

/// What is asked for about one person.
pub(super) struct Asked {
    pub(super) period: Period,
    pub(super) types: InformationTypes,
}

impl Asked {
    /// The caller's own question where there is one, else the standard one; both within the question's period.
    pub(super) fn of(question: &Question, standard: &InformationTypes) -> Result<Self, CannotAsk> {
        let asked = match &question.wanted {
            Wanted::Lefi(own) => own_question(question, own)?,
            Wanted::Standard | Wanted::Skv(_) | Wanted::SkvDocument => {
                Self { period: question.period, types: standard.clone() }
            }
        };
        let asked = Self { types: asked.types.within(&question.kinds), ..asked };
        if asked.types.is_empty() {
            return Err(CannotAsk("nothing of the caller's LEFI question has a legal basis"));
        }
        match narrowed(asked.period) {
            (_, None) => Ok(asked),
            (_, Some(_)) => Err(CannotAsk("LEFI answers for at most two years")),
        }
    }

    /// The body. Written field by field in the contract's order.
    pub(super) fn to_json(&self, person: &Personnummer) -> Vec<u8> {
        let mut body = serde_json::Map::new();
        body.insert("personnummer".to_owned(), person.expose().into());
        body.insert(
            "period".to_owned(),
            serde_json::json!({ "from": self.period.from().to_string(), "tom": self.period.to().to_string() }),
        );
        for class in InformationClass::ALL {
            let codes = self.types.of(class);
            if !codes.is_empty() {
                body.insert(class.field_name().to_owned(), codes.into());
            }
        }
        serde_json::Value::Object(body).to_string().into_bytes()
    }
}

/// The caller's own question: about the same person, within the period, with published types only. What the permit
/// covers goes through unchanged, `FK:GEPI` is added, and everything is written anew, so that nothing unread is sent.
fn own_question(question: &Question, own: &[u8]) -> Result<Asked, CannotAsk> {
    const NOT_A_QUESTION: CannotAsk = CannotAsk("the caller's LEFI question does not follow the contract");
    let broken = |_: Refused| NOT_A_QUESTION;
    let json = json::parse(own).map_err(broken)?;
    let notes = Notes::default();
    let looked = Looked::default();
    let fields = Fields::of(&json, &notes, &looked).ok_or(NOT_A_QUESTION)?;
    let known = |name: &str| {
        matches!(name, "personnummer" | "period")
            || InformationClass::ALL.iter().any(|class| class.field_name() == name)
    };
    if !fields.members.iter().all(|(name, _)| known(name)) {
        return Err(NOT_A_QUESTION);
    }
    let number = fields.text("personnummer").ok_or(NOT_A_QUESTION)?;
    if number != question.person.expose() && number != question.person.ten_digits() {
        return Err(CannotAsk("the caller's LEFI question is about another person"));
    }
    let span = fields.span("period").ok_or(NOT_A_QUESTION)?;
    let period = span.period().ok_or(NOT_A_QUESTION)?;
    let period = period
        .intersect(&question.period)
        .ok_or(CannotAsk("the caller's LEFI question lies outside the permitted period"))?;
    let mut types = InformationTypes::only_general();
    for class in InformationClass::ALL {
        let found = fields.members.iter().find(|(name, _)| name == class.field_name());
        let items = match found {
            None | Some((_, Json::Null)) => continue,
            Some((_, Json::List(items))) => items,
            Some(_) => return Err(NOT_A_QUESTION),
        };
        for item in items {
            let Json::Text(code) = item else { return Err(NOT_A_QUESTION) };
            types
                .add(class, code)
                .map_err(|_| CannotAsk("the caller's LEFI question names an unknown information type"))?;
        }
    }
    Ok(Asked { period, types })
}
