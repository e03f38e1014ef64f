//! Reading typed fields out of JSON objects. What has another type than the contract's refuses the answer, by the field's
//! name and never by its content. `null` counts as absent.

use ssbtek_domain::{
    Amount, NaiveDate,
    sections::fk::common::{Code, Extent, Money, PartialDate, Span},
};

use super::json::Json;
use crate::Refused;

/// A field's name, and what is said when it breaks the contract.
#[derive(Clone, Copy)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) refused: Refused,
}

/// Makes a [`Key`] out of a literal.
macro_rules! key {
    ($name:literal) => {
        $crate::fk::fields::Key {
            name: $name,
            refused: $crate::Refused(concat!("LEFI's field ", $name, " breaks the contract")),
        }
    };
}
pub(super) use key;

/// The members of one object.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [(String, Json)]);

impl<'a> Fields<'a> {
    /// The object, or a refusal.
    pub(super) fn of(json: &'a Json, refused: Refused) -> Result<Self, Refused> {
        match json {
            Json::Object(members) => Ok(Self(members)),
            _ => Err(refused),
        }
    }

    /// The value as it stands; `None` when absent or null.
    pub(super) fn raw(&self, key: Key) -> Option<&'a Json> {
        let found = self.0.iter().find(|(name, _)| name == key.name).map(|(_, value)| value);
        found.filter(|value| !matches!(value, Json::Null))
    }

    pub(super) fn text(&self, key: Key) -> Result<Option<String>, Refused> {
        match self.raw(key) {
            None => Ok(None),
            Some(Json::Text(text)) => Ok(Some(text.clone())),
            Some(_) => Err(key.refused),
        }
    }

    pub(super) fn texts(&self, key: Key) -> Result<Vec<String>, Refused> {
        let items = self.items(key)?.iter();
        items
            .map(|item| match item {
                Json::Text(text) => Ok(text.clone()),
                _ => Err(key.refused),
            })
            .collect()
    }

    pub(super) fn flag(&self, key: Key) -> Result<Option<bool>, Refused> {
        match self.raw(key) {
            None => Ok(None),
            Some(Json::Flag(flag)) => Ok(Some(*flag)),
            Some(_) => Err(key.refused),
        }
    }

    /// A number in plain decimal form.
    pub(super) fn decimal(&self, key: Key) -> Result<Option<String>, Refused> {
        match self.raw(key) {
            None => Ok(None),
            Some(Json::Number(number)) => Ok(Some(number.clone())),
            Some(_) => Err(key.refused),
        }
    }

    pub(super) fn integer(&self, key: Key) -> Result<Option<i64>, Refused> {
        let number = self.decimal(key)?;
        number.map(|number| number.parse().map_err(|_| key.refused)).transpose()
    }

    /// An amount that fits exactly; a finer or greater one refuses the answer rather than being rounded.
    pub(super) fn amount(&self, key: Key) -> Result<Option<Amount>, Refused> {
        let number = self.decimal(key)?;
        number.map(|number| number.parse().map_err(|_| key.refused)).transpose()
    }

    /// A whole date, which the contract promises here.
    pub(super) fn date(&self, key: Key) -> Result<Option<NaiveDate>, Refused> {
        match self.partial(key)? {
            None => Ok(None),
            Some(date) => date.whole().map(Some).ok_or(key.refused),
        }
    }

    /// A date that may lack its day. FK writes blanks for an unknown one.
    pub(super) fn partial(&self, key: Key) -> Result<Option<PartialDate>, Refused> {
        match self.text(key)? {
            None => Ok(None),
            Some(text) if text.trim().is_empty() => Ok(None),
            Some(text) => PartialDate::parse(text.trim()).map(Some).ok_or(key.refused),
        }
    }

    /// The items of a list; none when absent.
    pub(super) fn items(&self, key: Key) -> Result<&'a [Json], Refused> {
        match self.raw(key) {
            None => Ok(&[]),
            Some(Json::List(items)) => Ok(items),
            Some(_) => Err(key.refused),
        }
    }

    /// A list of objects, each read by `read`.
    pub(super) fn each<T>(
        &self,
        key: Key,
        read: impl Fn(Fields<'a>) -> Result<T, Refused>,
    ) -> Result<Vec<T>, Refused> {
        self.items(key)?.iter().map(|item| read(Fields::of(item, key.refused)?)).collect()
    }

    /// A list of objects, or one object where the contract has no list for this benefit.
    pub(super) fn one_or_each<T>(
        &self,
        key: Key,
        read: impl Fn(Fields<'a>) -> Result<T, Refused>,
    ) -> Result<Vec<T>, Refused> {
        match self.raw(key) {
            Some(Json::Object(members)) => Ok(vec![read(Fields(members))?]),
            _ => self.each(key, read),
        }
    }

    /// One object read by `read`.
    pub(super) fn one<T>(
        &self,
        key: Key,
        read: impl Fn(Fields<'a>) -> Result<T, Refused>,
    ) -> Result<Option<T>, Refused> {
        self.raw(key).map(|json| read(Fields::of(json, key.refused)?)).transpose()
    }

    /// A code: an object, or a bare text.
    pub(super) fn code(&self, key: Key) -> Result<Option<Code>, Refused> {
        match self.raw(key) {
            Some(Json::Text(text)) => Ok(Some(Code::bare(text.clone()))),
            _ => self.one(key, code),
        }
    }

    pub(super) fn money(&self, key: Key) -> Result<Option<Money>, Refused> {
        self.one(key, money)
    }

    pub(super) fn extent(&self, key: Key) -> Result<Option<Extent>, Refused> {
        self.one(key, extent)
    }

    /// FK's `fran`/`till` or PM's `from`/`tom`.
    pub(super) fn span(&self, key: Key) -> Result<Option<Span>, Refused> {
        self.one(key, |fields| {
            Ok(Span {
                from: fields.partial(key!("fran"))?.or(fields.partial(key!("from"))?),
                to: fields.partial(key!("till"))?.or(fields.partial(key!("tom"))?),
            })
        })
    }
}

/// `id` or `kod` (text or number) with `beskrivning`, or `namn` for countries.
pub(super) fn code(fields: Fields<'_>) -> Result<Code, Refused> {
    let id = |key: Key| match fields.raw(key) {
        None => Ok(None),
        Some(Json::Text(text) | Json::Number(text)) => Ok(Some(text.clone())),
        Some(_) => Err(key.refused),
    };
    Ok(Code {
        id: id(key!("id"))?.or(id(key!("kod"))?),
        description: fields.text(key!("beskrivning"))?.or(fields.text(key!("namn"))?),
    })
}

pub(super) fn money(fields: Fields<'_>) -> Result<Money, Refused> {
    Ok(Money { amount: fields.amount(key!("summa"))?, currency: fields.text(key!("valuta"))? })
}

pub(super) fn extent(fields: Fields<'_>) -> Result<Extent, Refused> {
    Ok(Extent { numerator: fields.integer(key!("taljare"))?, denominator: fields.integer(key!("namnare"))? })
}
