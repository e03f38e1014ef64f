//! One model of payments over all sources.

use chrono::NaiveDate;

use crate::{Amount, Period};

/// Whether money has gone out or is foreseen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PaymentState {
    /// Paid out.
    Paid,
    /// Announced: preliminary at FK and PM, planned at CSN.
    Announced,
}

/// Which net amount a figure is. SO states two, and both are carried under their own names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NetKind {
    /// The only net amount the source states.
    Net,
    /// SO: after tax (`NettoEfterSkatt`).
    AfterTax,
    /// SO: after tax and deductions (`NettoEfterAvdrag`).
    AfterDeductions,
}

/// One payment as one source states it. Times, basis and person are added by the merge.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Payment {
    /// Who pays: `FK`, `PM`, `CSN`, a fund's name.
    pub payer: String,
    /// Benefit: the source's description, else its code, else its id.
    pub benefit: String,
    /// Sub-benefit, only when exactly one detail row says so.
    pub sub_benefit: Option<String>,
    /// Type of amount, only when exactly one detail row says so.
    pub amount_type: Option<String>,
    /// Net amounts with their kinds, at least one. (A payment without a net amount makes no line; it stays in the
    /// section.)
    pub net: Vec<(NetKind, Amount)>,
    /// Gross amount, where given.
    pub gross: Option<Amount>,
    /// Tax withheld, where given.
    pub tax: Option<Amount>,
    /// Deductions, where given.
    pub deduction: Option<Amount>,
    /// Day of payment; `None` when not decided.
    pub paid_on: Option<NaiveDate>,
    /// Days the payment covers; `None` when not stated.
    pub covers: Option<Period>,
    /// Number of days as the source states it (decimal), only when exactly one detail row says so.
    pub days: Option<Amount>,
    /// Paid or announced.
    pub state: PaymentState,
}

/// What somebody is paid a benefit as, where nobody can be two of them for the same part of full time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaidAs {
    /// At the labour market's disposal: compensation from an unemployment fund.
    Unemployed,
    /// Study support.
    Student,
    /// Sickness benefit, rehabilitation, a programme: what is paid in place of work, or of the fund's compensation.
    AwayFromWork,
}

/// Full time, in the unit of [`BenefitTime::share`].
pub const FULL_TIME: i64 = 10_000;

/// A time for which such a benefit is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenefitTime {
    /// As what.
    pub paid_as: PaidAs,
    /// The days.
    pub covers: Period,
    /// The part of full time in ten-thousandths; `None`: the source does not say.
    pub share: Option<i64>,
}
