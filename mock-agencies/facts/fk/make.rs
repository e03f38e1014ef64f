//! Small makers of domain values.

use chrono::{Datelike, Months};
use ssbtek_domain::{
    Amount, NaiveDate, Period, Personnummer, Protection,
    sections::fk::{
        common::{Code, Extent, Figure, FigureValue, Money, PersonRole},
        person::{Person, PersonInRole},
    },
};

use crate::population::TestPerson;

pub(super) fn kronor(kronor: i64) -> Amount {
    Amount::from_kronor(kronor).unwrap_or_default()
}

pub(super) fn ore(ore: i64) -> Amount {
    Amount::from_ore(ore).unwrap_or_default()
}

pub(super) fn sek(amount: Amount) -> Option<Money> {
    Some(Money::sek(amount))
}

pub(super) fn code(id: &str, description: &str) -> Option<Code> {
    Some(Code::new(id, description))
}

pub(super) fn extent(numerator: i64, denominator: i64) -> Extent {
    Extent { numerator: Some(numerator), denominator: Some(denominator) }
}

pub(super) fn number(name: &str, value: impl ToString) -> Figure {
    Figure { name: name.to_owned(), value: FigureValue::Number(value.to_string()) }
}

pub(super) fn text(name: &str, value: &str) -> Figure {
    Figure { name: name.to_owned(), value: FigureValue::Text(value.to_owned()) }
}

pub(super) fn flag(name: &str, value: bool) -> Figure {
    Figure { name: name.to_owned(), value: FigureValue::Flag(value) }
}

/// `name.summa` and `name.valuta`, as an amount comes out of a basis.
pub(super) fn money_figures(name: &str, amount: i64) -> [Figure; 2] {
    [number(&format!("{name}.summa"), amount), text(&format!("{name}.valuta"), "SEK")]
}

/// Another person of `asked`'s household, or `asked`, by number and protection.
pub(super) fn other(asked: &TestPerson, number: &Personnummer) -> Person {
    let own = *number == asked.number && asked.protection > Protection::None;
    Person {
        number: Some(number.expose().to_owned()),
        born: number.birth_date().map(|day| day.to_string()),
        protected: Some(own || asked.protected_household.contains(number)),
        ..Person::default()
    }
}

pub(super) fn in_role(role: PersonRole, asked: &TestPerson, number: &Personnummer) -> PersonInRole {
    PersonInRole { role, person: other(asked, number) }
}

/// The calendar month that `day` lies in.
#[expect(clippy::expect_used, reason = "the last day of a month never lies before its first")]
pub(super) fn month_of(day: NaiveDate) -> Period {
    let first = day.with_day(1).unwrap_or(day);
    let next = first.checked_add_months(Months::new(1));
    Period::new(first, next.and_then(|next| next.pred_opt()).unwrap_or(first)).expect("in order")
}

/// The calendar months that `period` touches.
pub(super) fn months(period: &Period) -> Vec<Period> {
    let mut months = vec![month_of(period.from())];
    while let Some(next) = months.last().and_then(|month| month.to().succ_opt())
        && next <= period.to()
    {
        months.push(month_of(next));
    }
    months
}

/// That day of the month that `month` begins.
pub(super) fn on_day(month: &Period, day: u32) -> NaiveDate {
    month.from().with_day(day).unwrap_or(month.to())
}

/// The month before the one that `month` begins.
pub(super) fn month_before(month: &Period) -> Period {
    month_of(month.from().pred_opt().unwrap_or(month.from()))
}
