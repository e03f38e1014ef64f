//! Reading typed fields out of JSON objects, as far as they go. What has another type than the contract's is left out and
//! noted, by the field's name and never by its content. `null` counts as absent.

use chrono::{DateTime, NaiveDateTime};
use ssbtek_domain::{
    Amount, NaiveDate,
    sections::fk::common::{Code, Extent, Money, PartialDate, Span},
    stockholm_date,
};

use super::{
    json::Json,
    looked::{self, CouldBe, Looked},
};
use crate::{notes::Notes, unknown, who::Named};

/// Names under which LEFI has others than the person asked about, and whom people work for.
const OTHERS: [&str; 15] = [
    "barn",
    "Barn",
    "hemmavarandeBarn",
    "tidvisboendeBarn",
    "vaxelvisboendeBarn",
    "avliden",
    "avlidna",
    "personuppgift",
    "medsokande",
    "utbetalningsmottagare",
    "ovrigaBerattigadeEfterlevande",
    "samhorig",
    "foralder",
    "kontakt",
    "organisationsnummer",
];

/// The members of one object.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub(super) members: &'a [(String, Json)],
    pub(super) notes: &'a Notes,
    looked: &'a Looked,
}

impl<'a> Fields<'a> {
    /// The object, if it is one. What is looked for in it is told to `looked`.
    pub(super) fn of(json: &'a Json, notes: &'a Notes, looked: &'a Looked) -> Option<Self> {
        match json {
            Json::Object(members) => Some(Self { members, notes, looked }),
            _ => None,
        }
    }

    /// An object that stands in this one.
    pub(super) fn inside(&self, json: &'a Json) -> Option<Self> {
        Self::of(json, self.notes, self.looked)
    }

    /// Whether anything stands in it.
    pub(super) fn says_anything(&self) -> bool {
        self.members.iter().any(|(_, value)| value.says_anything())
    }

    /// The value as it stands; `None` when absent or null.
    pub(super) fn raw(&self, name: &'static str, could_be: CouldBe) -> Option<&'a Json> {
        self.looked.note(self.members, name, name, could_be);
        self.find(name)
    }

    /// All that stands under a name, whatever is in it.
    pub(super) fn whole(&self, name: &'static str) -> Option<&'a Json> {
        self.looked.note_whole(self.members, name);
        self.find(name)
    }

    fn find(&self, name: &str) -> Option<&'a Json> {
        let found = self.members.iter().find(|(member, _)| member == name).map(|(_, value)| value);
        found.filter(|value| !matches!(value, Json::Null))
    }

    /// Whether amounts of the object are in another currency than Swedish kronor, wherever in it that stands.
    pub(super) fn is_in_another_currency(&self) -> bool {
        has_another_currency(self.members)
    }

    /// Whether `null` stands under a name.
    pub(super) fn is_null(&self, name: &str) -> bool {
        self.members.iter().any(|(member, value)| member == name && matches!(value, Json::Null))
    }

    /// A value in which nobody else's number may stand; one in which there is one is left out.
    fn own(&self, name: &'static str, could_be: CouldBe) -> Option<&'a Json> {
        self.raw(name, could_be).filter(|json| self.is_own(name, json))
    }

    fn is_own(&self, name: &'static str, json: &Json) -> bool {
        if let Json::Text(text) = json
            && text.chars().any(is_no_texts)
        {
            self.notes.lose(name);
            return false;
        }
        let own = match json {
            Json::Text(text) | Json::Number(text, _) | Json::Exponent(text, _) => {
                !self.notes.is_anothers(text)
            }
            Json::Null | Json::Flag(_) | Json::List(_) | Json::Object(_) => true,
        };
        if !own {
            self.notes.leave_to_another(name);
        }
        own
    }

    /// Whether the object names only somebody else, and where LEFI has nobody else.
    pub(super) fn names_only_others(&self) -> bool {
        self.named() == Named::Others
    }

    /// Whom the object names, but where LEFI has others.
    pub(super) fn named(&self) -> Named {
        let texts = self.members.iter().filter(|(name, _)| !OTHERS.contains(&name.as_str()));
        self.notes.named(texts.flat_map(|(_, value)| value.texts(&OTHERS)))
    }

    fn read<T>(
        &self,
        name: &'static str,
        could_be: CouldBe,
        read: impl FnOnce(&'a Json) -> Option<T>,
    ) -> Option<T> {
        let found = read(self.own(name, could_be)?);
        if found.is_none() {
            self.notes.lose(name);
        }
        found
    }

    pub(super) fn text(&self, name: &'static str) -> Option<String> {
        self.read(name, looked::is_text, text)
    }

    /// A text of somebody else, where the contract has one.
    pub(super) fn text_of_another(&self, name: &'static str) -> Option<String> {
        let found = text(self.raw(name, looked::is_text)?).filter(|text| !text.chars().any(is_no_texts));
        if found.is_none() {
            self.notes.lose(name);
        }
        found
    }

    /// Texts; what is none among them is left out.
    pub(super) fn texts(&self, name: &'static str) -> Vec<String> {
        let items = self
            .read(name, looked::is_list_of_texts, |json| match json {
                Json::List(items) => Some(items.as_slice()),
                _ => None,
            })
            .unwrap_or_default();
        let told = |item: &Json| match item {
            Json::Text(text) => self.is_own(name, item).then(|| text.clone()),
            _ => {
                self.notes.lose(name);
                None
            }
        };
        items.iter().filter_map(told).collect()
    }

    pub(super) fn flag(&self, name: &'static str) -> Option<bool> {
        self.read(name, looked::is_flag, |json| match json {
            Json::Flag(flag) => Some(*flag),
            _ => None,
        })
    }

    /// A number in plain decimal form.
    pub(super) fn decimal(&self, name: &'static str) -> Option<String> {
        self.read(name, looked::is_number, |json| match json {
            Json::Number(number, _) | Json::Exponent(number, _) => Some(number.clone()),
            _ => None,
        })
    }

    pub(super) fn integer(&self, name: &'static str) -> Option<i64> {
        self.decimal(name).and_then(|number| {
            let read = number.parse().ok();
            if read.is_none() {
                self.notes.lose(name);
            }
            read
        })
    }

    /// An amount, exactly; one that is none, rounded to öre with a note. A number within quotation marks is one too.
    pub(super) fn amount(&self, name: &'static str) -> Option<Amount> {
        self.read(name, looked::is_number, |json| match json {
            Json::Number(_, text) | Json::Text(text) => self.notes.amount(text.trim(), name),
            Json::Exponent(_, written) => self.notes.amount(written, name),
            _ => None,
        })
    }

    /// A whole date, which the contract promises here.
    pub(super) fn date(&self, name: &'static str) -> Option<NaiveDate> {
        let whole = self.partial(name)?.whole();
        if whole.is_none() {
            self.notes.lose(name);
        }
        whole
    }

    /// A date that may lack its day. FK writes blanks for an unknown one.
    pub(super) fn partial(&self, name: &'static str) -> Option<PartialDate> {
        self.day(name, text(self.read_raw(name, name, is_day)?))
    }

    fn day(&self, name: &'static str, text: Option<String>) -> Option<PartialDate> {
        let Some(text) = text else {
            self.notes.lose(name);
            return None;
        };
        if text.trim().is_empty() {
            return None;
        }
        let read = swedish_day(text.trim());
        if read.is_none() {
            self.notes.lose(name);
        }
        read
    }

    /// What stands under the one name or the other, and is nobody else's.
    fn read_raw(&self, name: &'static str, or: &'static str, could_be: CouldBe) -> Option<&'a Json> {
        self.looked.note(self.members, name, or, could_be);
        let (one, other) = (self.find(name), self.find(or));
        // Where both stand, both must say the same.
        if let (Some(one), Some(other), false) = (one, other, name == or) {
            self.notes.lose_if(one.texts(&[]) != other.texts(&[]), or);
        }
        let found = one.map(|json| (name, json)).or_else(|| Some((or, other?)));
        found.filter(|(name, json)| self.is_own(name, json)).map(|(_, json)| json)
    }

    /// A list of objects, or one object where a list was expected, each read by `read`. What is no object costs itself, and so does
    /// one that names only somebody else, but where LEFI has others.
    pub(super) fn each<T>(&self, name: &'static str, read: impl Fn(Fields<'a>) -> T) -> Vec<T> {
        self.each_but(name, Some(&OTHERS), read)
    }

    /// The same of what makes lines, where LEFI has nobody else.
    pub(super) fn lines<T>(&self, name: &'static str, read: impl Fn(Fields<'a>) -> T) -> Vec<T> {
        self.each_but(name, Some(&[]), read)
    }

    /// The same of others than the person asked about, or where whom each is about is judged by `read`.
    pub(super) fn each_of_others<T>(&self, name: &'static str, read: impl Fn(Fields<'a>) -> T) -> Vec<T> {
        self.each_but(name, None, read)
    }

    fn each_but<T>(
        &self,
        name: &'static str,
        others: Option<&[&str]>,
        read: impl Fn(Fields<'a>) -> T,
    ) -> Vec<T> {
        self.looked.note_list(self.members, name);
        // Nothing is what an empty list says, and one that is not there.
        if self.is_null(name) {
            self.notes.lose(name);
        }
        let items = match self.find(name) {
            None => &[],
            Some(Json::List(items)) => items.as_slice(),
            Some(one) => std::slice::from_ref(one),
        };
        let object = |item: &'a Json| {
            let fields = self.inside(item);
            // Of whatever stands there nothing is told.
            if fields.is_none() || !item.says_anything() {
                self.notes.lose(name);
            }
            if others.is_some_and(|others| self.notes.named(item.texts(others)) == Named::Others) {
                self.notes.leave_to_another(name);
                return None;
            }
            fields.map(&read)
        };
        items.iter().filter_map(object).collect()
    }

    /// One object read by `read`.
    pub(super) fn one<T>(&self, name: &'static str, read: impl Fn(Fields<'a>) -> T) -> Option<T> {
        self.one_like(name, looked::is_object, read)
    }

    fn one_like<T>(
        &self,
        name: &'static str,
        could_be: CouldBe,
        read: impl Fn(Fields<'a>) -> T,
    ) -> Option<T> {
        self.read(name, could_be, |json| self.inside(json)).map(read)
    }

    /// A code: an object, or a bare text or number.
    pub(super) fn code(&self, name: &'static str) -> Option<Code> {
        match self.own(name, looked::is_code)? {
            Json::Text(text) | Json::Number(text, _) => Some(Code::bare(text.clone())),
            _ => self.one_like(name, looked::is_code, code),
        }
    }

    /// An amount with its currency, or a bare amount.
    pub(super) fn money(&self, name: &'static str) -> Option<Money> {
        match self.own(name, looked::is_money)? {
            Json::Number(..) | Json::Exponent(..) => {
                Some(Money { amount: self.amount(name), currency: None })
            }
            _ => self.one_like(name, looked::is_money, money),
        }
    }

    pub(super) fn extent(&self, name: &'static str) -> Option<Extent> {
        self.one_like(name, looked::is_extent, extent)
    }

    /// FK's `fran`/`till` or PM's `from`/`tom`.
    pub(super) fn span(&self, name: &'static str) -> Option<Span> {
        let end = |fields: Fields<'a>, one, other| {
            fields.read_raw(one, other, is_day).and_then(|json| fields.day(one, text(json)))
        };
        self.one_like(name, looked::is_span, |fields| Span {
            from: end(fields, "fran", "from"),
            to: end(fields, "till", "tom"),
        })
    }
}

fn has_another_currency(members: &[(String, Json)]) -> bool {
    members.iter().any(|(name, value)| match value {
        Json::Text(text) | Json::Number(text, _) => unknown::is_currency(name) && !unknown::is_kronor(text),
        Json::Object(members) => has_another_currency(members),
        Json::List(_) | Json::Null | Json::Flag(_) | Json::Exponent(..) => false,
    })
}

/// Whether a sign stands in no text of anybody's: XML cannot carry it, and what it does to who is shown it is not known.
pub(super) fn is_no_texts(sign: char) -> bool {
    sign.is_control() && !matches!(sign, '\t' | '\n' | '\r') || matches!(sign, '\u{fffe}' | '\u{ffff}')
}

fn text(json: &Json) -> Option<String> {
    match json {
        Json::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn is_day(json: &Json) -> bool {
    matches!(json, Json::Text(text) if swedish_day(text.trim()).is_some())
}

/// A date; of an instant with its zone, the day that it falls on in Sweden; of a time without a zone, the day that it states.
fn swedish_day(text: &str) -> Option<PartialDate> {
    if !text.contains('T') {
        return PartialDate::parse(text);
    }
    // A zone is written with a colon, or without one.
    let zoned = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    let day = match zoned {
        Ok(instant) => stockholm_date(instant.to_utc()),
        Err(_) => text.parse::<NaiveDateTime>().ok()?.date(),
    };
    // A year has four digits.
    PartialDate::parse(&day.to_string())
}

/// `id` or `kod` (text or number) with `beskrivning`, or `namn` for countries.
pub(super) fn code(fields: Fields<'_>) -> Code {
    let told = |json: &Json| match json {
        Json::Text(text) | Json::Number(text, _) | Json::Exponent(text, _) => Some(text.clone()),
        _ => None,
    };
    let either = |name, or, could_be: CouldBe, read: &dyn Fn(&Json) -> Option<String>| {
        let found = fields.read_raw(name, or, could_be)?;
        let read = read(found);
        if read.is_none() {
            fields.notes.lose(name);
        }
        read
    };
    Code {
        id: either("id", "kod", looked::is_text_or_number, &told),
        description: either("beskrivning", "namn", looked::is_text, &text),
    }
}

pub(super) fn money(fields: Fields<'_>) -> Money {
    Money { amount: fields.amount("summa"), currency: fields.text("valuta") }
}

pub(super) fn extent(fields: Fields<'_>) -> Extent {
    Extent { numerator: fields.integer("taljare"), denominator: fields.integer("namnare") }
}
