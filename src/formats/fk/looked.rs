//! What the readers look for in LEFI's answer, so that what they did not look for is found afterwards: it is unknown, and may be what
//! was looked for and is not there. What is unknown is derived from the reading itself, and not from a
//! list of known names.

use std::{cell::RefCell, collections::BTreeMap};

use ssbtek_domain::Note;

use super::json::Json;
use crate::{
    failure,
    notes::Notes,
    unknown::{self, Around, Records, Within},
};

/// Whether a value could be what a reader looks for.
pub(super) type CouldBe = fn(&Json) -> bool;

/// One thing that was looked for, under one of two names.
#[derive(Clone, Copy)]
struct Wanted {
    name: &'static str,
    or: &'static str,
    could_be: CouldBe,
    /// All that stands in it is read, whatever its names.
    whole: bool,
}

/// What was looked for in each object, which is known by where it stands in the document.
#[derive(Default)]
pub(super) struct Looked(RefCell<BTreeMap<usize, Vec<Wanted>>>);

impl Looked {
    /// A reader looks for `name`, or for `or` in its place.
    pub(super) fn note(
        &self,
        object: &[(String, Json)],
        name: &'static str,
        or: &'static str,
        could_be: CouldBe,
    ) {
        self.add(object, Wanted { name, or, could_be, whole: false });
    }

    /// A reader looks for a list of records.
    pub(super) fn note_list(&self, object: &[(String, Json)], name: &'static str) {
        self.add(object, Wanted { name, or: name, could_be: is_list, whole: false });
    }

    /// A reader reads all that stands under `name`.
    pub(super) fn note_whole(&self, object: &[(String, Json)], name: &'static str) {
        self.add(object, Wanted { name, or: name, could_be: is_object, whole: true });
    }

    fn add(&self, object: &[(String, Json)], wanted: Wanted) {
        let mut all = self.0.borrow_mut();
        let of_object = all.entry(object.as_ptr() as usize).or_default();
        match of_object.iter_mut().find(|known| (known.name, known.or) == (wanted.name, wanted.or)) {
            Some(known) => known.whole |= wanted.whole,
            None => of_object.push(wanted),
        }
    }

    /// Notes what nobody looked for in a value that has been read, and in all that stands in it. `place` names it.
    pub(super) fn judge(&self, json: &Json, place: &'static str, notes: &Notes) {
        match json {
            Json::Object(members) => {
                for (value, name) in self.judge_object(members, place, notes) {
                    self.judge(value, name, notes);
                }
            }
            Json::List(items) => items.iter().for_each(|item| self.judge(item, place, notes)),
            Json::Null | Json::Flag(_) | Json::Number(..) | Json::Exponent(..) | Json::Text(_) => {}
        }
    }

    /// The same of an object alone; what in it was looked into.
    pub(super) fn judge_object<'j>(
        &self,
        members: &'j [(String, Json)],
        place: &'static str,
        notes: &Notes,
    ) -> Vec<(&'j Json, &'static str)> {
        let all = self.0.borrow();
        let Some(wanted) = all.get(&(members.as_ptr() as usize)).filter(|_| !members.is_empty()) else {
            return vec![];
        };
        let known = |member: &str| wanted.iter().find(|wanted| wanted.name == member || wanted.or == member);
        let count = || Records::of(members.iter().flat_map(|(_, value)| counts(value)));
        let has_lists = members.iter().any(|(_, value)| matches!(value, Json::List(_)));
        let around = Around::new(if has_lists { Within::Lists } else { Within::Record }, &count);
        let mut unknown = vec![];
        for (name, value) in members.iter().filter(|(name, _)| known(name).is_none()) {
            notes.add(Note::PassedOver(place));
            if value.texts(&[]).into_iter().any(|text| notes.is_anothers(text)) {
                notes.leave_to_another(place);
            }
            if value.says_anything() {
                unknown.push((name, value));
            }
            if is_more(name, value, &around) {
                match value.texts(&[]).into_iter().any(failure::tells) {
                    true => notes.fail_at(place),
                    false => notes.lose(place),
                }
            }
        }
        let is_there = |name: &str| members.iter().any(|(member, value)| member == name && is_told(value));
        let absent = wanted.iter().filter(|wanted| !is_there(wanted.name) && !is_there(wanted.or));
        for wanted in absent {
            let may_be = |(name, value): &(&String, &Json)| {
                failure::is_same_name(name, wanted.name)
                    || failure::is_same_name(name, wanted.or)
                    || (wanted.could_be)(value)
            };
            if unknown.iter().any(may_be) {
                notes.lose(place);
            }
        }
        let into = |(name, value): &'j (String, Json)| {
            let wanted = known(name).filter(|wanted| !wanted.whole)?;
            Some((value, if wanted.name == name { wanted.name } else { wanted.or }))
        };
        members.iter().filter_map(into).collect()
    }
}

/// Whether a member that nobody knows may mean that the answer is not whole. An object of one value is that value.
fn is_more(name: &str, value: &Json, around: &Around<'_>) -> bool {
    match value {
        Json::Null => false,
        Json::Flag(flag) => unknown::is_more(name, if *flag { "true" } else { "false" }, around),
        Json::Text(text) | Json::Number(text, _) | Json::Exponent(text, _) => {
            unknown::is_more(name, text, around)
        }
        Json::Object(members) => match members.as_slice() {
            [(name, one)] if !matches!(one, Json::Object(_) | Json::List(_)) => {
                is_more(name, one, &around.within())
            }
            _ => value.says_anything(),
        },
        Json::List(_) => value.says_anything(),
    }
}

/// How many items each list in a value has.
fn counts(value: &Json) -> Vec<usize> {
    match value {
        Json::List(items) => items.iter().flat_map(counts).chain([items.len()]).collect(),
        Json::Object(members) => members.iter().flat_map(|(_, value)| counts(value)).collect(),
        _ => vec![],
    }
}

/// Whether a value is there; of lists and objects, whether anything stands in them.
fn is_told(json: &Json) -> bool {
    match json {
        Json::Null => false,
        Json::List(_) | Json::Object(_) => json.says_anything(),
        Json::Flag(_) | Json::Number(..) | Json::Exponent(..) | Json::Text(_) => true,
    }
}

pub(super) fn is_text(json: &Json) -> bool {
    matches!(json, Json::Text(_))
}

pub(super) fn is_flag(json: &Json) -> bool {
    matches!(json, Json::Flag(_))
}

pub(super) fn is_number(json: &Json) -> bool {
    matches!(json, Json::Number(..) | Json::Exponent(..))
}

pub(super) fn is_text_or_number(json: &Json) -> bool {
    is_text(json) || is_number(json)
}

pub(super) fn is_object(json: &Json) -> bool {
    matches!(json, Json::Object(_))
}

/// Of objects.
pub(super) fn is_list(json: &Json) -> bool {
    matches!(json, Json::List(items) if items.iter().any(is_object))
}

pub(super) fn is_list_of_texts(json: &Json) -> bool {
    matches!(json, Json::List(items) if items.iter().any(is_text))
}

/// Days: how many, or which.
pub(super) fn is_days(json: &Json) -> bool {
    is_number(json) || is_list_of_texts(json)
}

pub(super) fn is_code(json: &Json) -> bool {
    is_text_or_number(json) || has_any(json, &["id", "kod", "beskrivning", "namn"])
}

pub(super) fn is_money(json: &Json) -> bool {
    is_number(json) || has_any(json, &["summa", "valuta"])
}

pub(super) fn is_extent(json: &Json) -> bool {
    has_any(json, &["taljare", "namnare"])
}

pub(super) fn is_span(json: &Json) -> bool {
    has_any(json, &["fran", "from", "till", "tom"])
}

/// Whether a value is an object with a member of one of these names.
pub(super) fn has_any(json: &Json, names: &[&str]) -> bool {
    matches!(json, Json::Object(members) if members.iter().any(|(name, _)| names.contains(&name.as_str())))
}
