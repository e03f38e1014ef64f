//! LEFI's small types: codes in their four forms, amounts, shares, periods.

use ssbtek_domain::sections::fk::common::{Code, Extent, Money, PartialDate, Span};

use super::json::{Json, Object};

/// `LefiSifferkod`: a number as `id`. A code that is no number stays a text.
pub(super) fn digits(code: &Option<Code>) -> Option<Json> {
    let code = code.as_ref()?;
    let id = code.id.as_ref().map(|id| match id.parse::<i64>() {
        Ok(number) => Json::number(number),
        Err(_) => Json::text(id),
    });
    Some(Object::default().put("id", id).text("beskrivning", code.description.as_deref()).done())
}

/// `LefiBokstavskod`: a text as `id`.
pub(super) fn letters(code: &Option<Code>) -> Option<Json> {
    let code = code.as_ref()?;
    let written = Object::default().text("id", code.id.as_deref());
    Some(written.text("beskrivning", code.description.as_deref()).done())
}

/// PM's `kod` and `beskrivning`, both of which the contract demands.
pub(super) fn pm(code: &Option<Code>) -> Option<Json> {
    let code = code.as_ref()?;
    let id = code.id.as_deref().or(code.description.as_deref());
    let description = code.description.as_deref().or(code.id.as_deref());
    Some(Object::default().text("kod", id).text("beskrivning", description).done())
}

/// A code of LEFI's own, without a better description than itself.
pub(super) fn known(code: &str) -> Option<Json> {
    pm(&Some(Code::bare(code)))
}

/// A country.
pub(super) fn country(code: &Option<Code>) -> Option<Json> {
    let code = code.as_ref()?;
    Some(Object::default().text("kod", code.id.as_deref()).text("namn", code.description.as_deref()).done())
}

/// A code that LEFI writes as a bare text.
pub(super) fn bare(code: &Option<Code>) -> Option<Json> {
    let code = code.as_ref()?;
    code.id.as_deref().or(code.description.as_deref()).map(Json::text)
}

pub(super) fn money(money: &Option<Money>) -> Option<Json> {
    money.as_ref().map(amount)
}

pub(super) fn amount(money: &Money) -> Json {
    Object::default().number("summa", money.amount).text("valuta", money.currency.as_deref()).done()
}

pub(super) fn extent(extent: &Option<Extent>) -> Option<Json> {
    extent.as_ref().map(share)
}

pub(super) fn share(extent: &Extent) -> Json {
    Object::default().number("taljare", extent.numerator).number("namnare", extent.denominator).done()
}

pub(super) fn date(date: &Option<PartialDate>) -> Option<Json> {
    date.map(|date| Json::text(date.to_string()))
}

/// FK's periods.
pub(super) fn from_till(span: &Option<Span>) -> Option<Json> {
    span_as(span, "fran", "till")
}

/// PM's periods.
pub(super) fn from_tom(span: &Option<Span>) -> Option<Json> {
    span_as(span, "from", "tom")
}

fn span_as(span: &Option<Span>, from: &str, to: &str) -> Option<Json> {
    let span = span.as_ref()?;
    Some(Object::default().put(from, date(&span.from)).put(to, date(&span.to)).done())
}
