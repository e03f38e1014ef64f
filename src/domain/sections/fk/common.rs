//! Small types that LEFI uses everywhere.

use std::fmt;

use chrono::{Datelike, NaiveDate};

use crate::{Amount, Period, of_our_time};

/// A code with its Swedish description. LEFI's `Sifferkod` and `Bokstavskod` (`id`, `beskrivning`), PM's `kod` and
/// `beskrivning`, and FK's codes that are bare texts (only `id`).
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Code {
    /// `id` or `kod` as text; numbers in plain decimal form.
    pub id: Option<String>,
    /// `beskrivning`.
    pub description: Option<String>,
}

impl Code {
    /// A code with a description.
    pub fn new(id: impl Into<String>, description: impl Into<String>) -> Self {
        Self { id: Some(id.into()), description: Some(description.into()) }
    }

    /// A code without a description.
    pub fn bare(id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), description: None }
    }

    /// What a reader is shown: the description, else the code; `None` when both are missing or blank.
    pub fn label(&self) -> Option<&str> {
        let said = |text: &'_ &str| !text.trim().is_empty();
        self.description.as_deref().filter(said).or(self.id.as_deref().filter(said))
    }
}

/// `LefiOmfattning`: a share as numerator and denominator. Both 0 or both missing: not stated.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Extent {
    /// `taljare`.
    pub numerator: Option<i64>,
    /// `namnare`.
    pub denominator: Option<i64>,
}

/// `LefiBelopp`: an amount and its currency, both optional in the contract.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Money {
    /// `summa`, exact, in units of `currency`.
    pub amount: Option<Amount>,
    /// `valuta`, ISO 4217; missing means Swedish kronor.
    pub currency: Option<String>,
}

impl Money {
    /// Swedish kronor.
    pub fn sek(amount: Amount) -> Self {
        Self { amount: Some(amount), currency: Some("SEK".to_owned()) }
    }

    /// The amount when it is in Swedish kronor; `None` in any other currency: the broker converts nothing.
    pub fn in_sek(&self) -> Option<Amount> {
        match self.currency.as_deref().map(str::trim) {
            None | Some("" | "SEK" | "sek") => self.amount,
            Some(_) => None,
        }
    }
}

/// A date that may lack its day, or its day and month: FK writes `2023-12-14`, `2022-09` and `2022`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartialDate {
    first: NaiveDate,
    precision: Precision,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Precision {
    Day,
    Month,
    Year,
}

impl PartialDate {
    /// A whole date.
    pub fn day(day: NaiveDate) -> Self {
        Self { first: day, precision: Precision::Day }
    }

    /// The month that `day` lies in.
    pub fn month(day: NaiveDate) -> Self {
        Self { first: day.with_day(1).unwrap_or(day), precision: Precision::Month }
    }

    /// Reads `YYYY-MM-DD` (a time of day after `T` is dropped), `YYYY-MM` or `YYYY`; `None` if it is none of them.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.split_once('T').map_or(text, |(date, _)| date);
        let shaped = text.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
        if !shaped {
            return None;
        }
        let (padded, precision) = match text.len() {
            10 => (text.to_owned(), Precision::Day),
            7 => (format!("{text}-01"), Precision::Month),
            4 => (format!("{text}-01-01"), Precision::Year),
            _ => return None,
        };
        Some(Self { first: of_our_time(padded.parse().ok()?)?, precision })
    }

    /// The date, when it is whole.
    pub fn whole(self) -> Option<NaiveDate> {
        (self.precision == Precision::Day).then_some(self.first)
    }

    /// The first day it can mean.
    pub fn first_day(self) -> NaiveDate {
        self.first
    }

    /// The last day it can mean.
    pub fn last_day(self) -> NaiveDate {
        let next = match self.precision {
            Precision::Day => return self.first,
            Precision::Month => self.first.checked_add_months(chrono::Months::new(1)),
            Precision::Year => self.first.checked_add_months(chrono::Months::new(12)),
        };
        next.and_then(|day| day.pred_opt()).unwrap_or(self.first)
    }
}

impl fmt::Display for PartialDate {
    /// As it was written: `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.precision {
            Precision::Day => write!(f, "{}", self.first),
            Precision::Month => write!(f, "{}", self.first.format("%Y-%m")),
            Precision::Year => write!(f, "{}", self.first.format("%Y")),
        }
    }
}

/// `LefiFranTill` and PM's periods: a missing end means that the period is open there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// `fran` or `from`.
    pub from: Option<PartialDate>,
    /// `till` or `tom`, included.
    pub to: Option<PartialDate>,
}

impl Span {
    /// Both ends, as whole dates.
    pub fn of(period: &Period) -> Self {
        Self { from: Some(PartialDate::day(period.from())), to: Some(PartialDate::day(period.to())) }
    }

    /// From a day on, without an end.
    pub fn since(day: NaiveDate) -> Self {
        Self { from: Some(PartialDate::day(day)), to: None }
    }

    /// Whole days, when both ends are stated and in order; months count from their first to their last day.
    pub fn period(&self) -> Option<Period> {
        Period::new(self.from?.first_day(), self.to?.last_day()).ok()
    }
}

/// One named value out of a basis for calculation (`underlag`, `grunduppgifter`, `tillagg`) whose fields differ
/// between benefits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Figure {
    /// LEFI's own field names joined by points, with positions in lists: `inkomster[0].summa`.
    pub name: String,
    /// The value.
    pub value: FigureValue,
}

/// The value of a [`Figure`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum FigureValue {
    /// An exact decimal number as text, without exponent.
    Number(String),
    /// A text, a code or a date as it came.
    Text(String),
    /// Yes or no.
    Flag(bool),
}

/// Another person's part in a matter or decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PersonRole {
    /// `barn`: the child that the matter is about.
    Barn,
    /// `hemmavarandeBarn`: child living at home.
    HemmavarandeBarn,
    /// `tidvisboendeBarn`: child staying some of the time.
    TidvisboendeBarn,
    /// `vaxelvisboendeBarn`: child living alternately with both parents.
    VaxelvisboendeBarn,
    /// `medsokande`: co-applicant.
    Medsokande,
    /// `avliden`, `avlidna`: deceased.
    Avliden,
    /// `personuppgift`: the person that a child's own allowance is about.
    Personuppgift,
    /// `utbetalningsmottagare`: payee.
    Utbetalningsmottagare,
    /// `ovrigaBerattigadeEfterlevande`: another survivor with a right to the benefit.
    BerattigadEfterlevande,
}

impl PersonRole {
    /// Every role.
    pub const ALL: [PersonRole; 9] = [
        PersonRole::Barn,
        PersonRole::HemmavarandeBarn,
        PersonRole::TidvisboendeBarn,
        PersonRole::VaxelvisboendeBarn,
        PersonRole::Medsokande,
        PersonRole::Avliden,
        PersonRole::Personuppgift,
        PersonRole::Utbetalningsmottagare,
        PersonRole::BerattigadEfterlevande,
    ];
}
