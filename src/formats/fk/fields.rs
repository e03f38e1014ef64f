//! Reading typed fields out of JSON objects, as far as they go. What has another type than the contract's is left out and
//! noted, by the field's name and never by its content. `null` counts as absent.

use ssbtek_domain::{
    Amount, NaiveDate,
    sections::fk::common::{Code, Extent, Money, PartialDate, Span},
};

use super::json::Json;
use crate::notes::Notes;

/// The members of one object.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub(super) members: &'a [(String, Json)],
    pub(super) notes: &'a Notes,
}

impl<'a> Fields<'a> {
    /// The object, if it is one.
    pub(super) fn of(json: &'a Json, notes: &'a Notes) -> Option<Self> {
        match json {
            Json::Object(members) => Some(Self { members, notes }),
            _ => None,
        }
    }

    /// The value as it stands; `None` when absent or null.
    pub(super) fn raw(&self, name: &'static str) -> Option<&'a Json> {
        let found = self.members.iter().find(|(member, _)| member == name).map(|(_, value)| value);
        found.filter(|value| !matches!(value, Json::Null))
    }

    fn read<T>(&self, name: &'static str, read: impl FnOnce(&'a Json) -> Option<T>) -> Option<T> {
        let found = read(self.raw(name)?);
        if found.is_none() {
            self.notes.not_understood(name);
        }
        found
    }

    pub(super) fn text(&self, name: &'static str) -> Option<String> {
        self.read(name, |json| match json {
            Json::Text(text) => Some(text.clone()),
            _ => None,
        })
    }

    /// Texts; what is none among them is left out.
    pub(super) fn texts(&self, name: &'static str) -> Vec<String> {
        let text = |item: &Json| match item {
            Json::Text(text) => Some(text.clone()),
            _ => {
                self.notes.not_understood(name);
                None
            }
        };
        self.items(name).iter().filter_map(text).collect()
    }

    pub(super) fn flag(&self, name: &'static str) -> Option<bool> {
        self.read(name, |json| match json {
            Json::Flag(flag) => Some(*flag),
            _ => None,
        })
    }

    /// A number in plain decimal form.
    pub(super) fn decimal(&self, name: &'static str) -> Option<String> {
        self.read(name, |json| match json {
            Json::Number(number) | Json::Exponent(number, _) => Some(number.clone()),
            _ => None,
        })
    }

    pub(super) fn integer(&self, name: &'static str) -> Option<i64> {
        self.decimal(name).and_then(|number| {
            let read = number.parse().ok();
            if read.is_none() {
                self.notes.not_understood(name);
            }
            read
        })
    }

    /// An amount, exactly; one that is none, rounded to öre with a note. A number within quotation marks is one too.
    pub(super) fn amount(&self, name: &'static str) -> Option<Amount> {
        self.read(name, |json| match json {
            Json::Number(text) | Json::Text(text) => self.notes.amount(text.trim(), name),
            Json::Exponent(_, written) => self.notes.amount(written, name),
            _ => None,
        })
    }

    /// A whole date, which the contract promises here.
    pub(super) fn date(&self, name: &'static str) -> Option<NaiveDate> {
        let whole = self.partial(name)?.whole();
        if whole.is_none() {
            self.notes.not_understood(name);
        }
        whole
    }

    /// A date that may lack its day. FK writes blanks for an unknown one.
    pub(super) fn partial(&self, name: &'static str) -> Option<PartialDate> {
        let text = self.text(name)?;
        if text.trim().is_empty() {
            return None;
        }
        let read = PartialDate::parse(text.trim());
        if read.is_none() {
            self.notes.not_understood(name);
        }
        read
    }

    /// The items of a list; none when absent.
    pub(super) fn items(&self, name: &'static str) -> &'a [Json] {
        self.read(name, |json| match json {
            Json::List(items) => Some(items.as_slice()),
            _ => None,
        })
        .unwrap_or_default()
    }

    /// A list of objects, or one object where a list was expected, each read by `read`. What is no object costs itself.
    pub(super) fn each<T>(&self, name: &'static str, read: impl Fn(Fields<'a>) -> T) -> Vec<T> {
        let items = match self.raw(name) {
            None => &[],
            Some(Json::List(items)) => items.as_slice(),
            Some(one) => std::slice::from_ref(one),
        };
        let object = |item: &'a Json| {
            let fields = Fields::of(item, self.notes);
            if fields.is_none() && !matches!(item, Json::Null) {
                self.notes.lose(name);
            }
            fields.map(&read)
        };
        items.iter().filter_map(object).collect()
    }

    /// One object read by `read`.
    pub(super) fn one<T>(&self, name: &'static str, read: impl Fn(Fields<'a>) -> T) -> Option<T> {
        self.read(name, |json| Fields::of(json, self.notes)).map(read)
    }

    /// A code: an object, or a bare text or number.
    pub(super) fn code(&self, name: &'static str) -> Option<Code> {
        match self.raw(name) {
            Some(Json::Text(text) | Json::Number(text)) => Some(Code::bare(text.clone())),
            _ => self.one(name, code),
        }
    }

    /// An amount with its currency, or a bare amount.
    pub(super) fn money(&self, name: &'static str) -> Option<Money> {
        match self.raw(name) {
            Some(Json::Number(_) | Json::Exponent(..)) => {
                Some(Money { amount: self.amount(name), currency: None })
            }
            _ => self.one(name, money),
        }
    }

    pub(super) fn extent(&self, name: &'static str) -> Option<Extent> {
        self.one(name, extent)
    }

    /// FK's `fran`/`till` or PM's `from`/`tom`.
    pub(super) fn span(&self, name: &'static str) -> Option<Span> {
        self.one(name, |fields| Span {
            from: fields.partial("fran").or_else(|| fields.partial("from")),
            to: fields.partial("till").or_else(|| fields.partial("tom")),
        })
    }
}

/// `id` or `kod` (text or number) with `beskrivning`, or `namn` for countries.
pub(super) fn code(fields: Fields<'_>) -> Code {
    let id = |name| {
        fields.read(name, |json| match json {
            Json::Text(text) | Json::Number(text) | Json::Exponent(text, _) => Some(text.clone()),
            _ => None,
        })
    };
    Code {
        id: id("id").or_else(|| id("kod")),
        description: fields.text("beskrivning").or_else(|| fields.text("namn")),
    }
}

pub(super) fn money(fields: Fields<'_>) -> Money {
    Money { amount: fields.amount("summa"), currency: fields.text("valuta") }
}

pub(super) fn extent(fields: Fields<'_>) -> Extent {
    Extent { numerator: fields.integer("taljare"), denominator: fields.integer("namnare") }
}
