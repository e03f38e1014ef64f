//! One case (`Arende`) at CSN with its times and its payment plan.

use crate::{Amount, NaiveDate, sections::csn::Span};

/// One case. `studiemedel`, `studiehjalp`, `studiestartsstod` and `omstallningsstudiestod` have times; only
/// `hemutrustningslan` has a co-borrower.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Case {
    /// `@lopnummer`: digits, unique within the person's cases of one kind.
    pub number: String,
    /// `stodform`: code of the support; see [`super::is_support_code`].
    pub support: String,
    /// `klartext`: the support in words.
    pub label: String,
    /// `status`.
    pub status: CaseStatus,
    /// `relarende`: number of the case this one belongs to.
    pub related_case: Option<String>,
    /// `@medlanare`: that another person shares the loan.
    pub co_borrower: Option<CoBorrower>,
    /// `soktaTider`: what was applied for.
    pub applied: Vec<AppliedTime>,
    /// `BeviljadeTider`: what was granted.
    pub granted: Vec<GrantedTime>,
    /// `UtbetalningsPlan`: paid and planned payments.
    pub plan: Vec<PlanPayment>,
}

/// How far a case has come (`status`; CSN writes both grammatical genders).
#[derive(Clone, PartialEq, Eq, Default)]
pub enum CaseStatus {
    /// Blanks.
    #[default]
    Unstated,
    /// INITIERAD, INITIERAT.
    Initiated,
    /// BESLUTAD, BESLUTAT.
    Decided,
    /// AVSLUTAD, AVSLUTAT.
    Closed,
    /// Outside the published list, as it came.
    Unknown(String),
}

/// Another person on the loan: a third party.
#[derive(Clone, PartialEq, Eq)]
pub enum CoBorrower {
    /// The number as CSN wrote it, at most 12 characters.
    Number(String),
    /// There is one; the number was withheld.
    Withheld,
}

/// A mark that CSN sets or leaves blank (`sekretess`, `soktlan`).
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Mark {
    /// The field was not there.
    #[default]
    Absent,
    /// There, and nothing but blanks.
    Blank,
    /// "Ja", "J".
    Yes,
    /// Something else, as it came.
    Unknown(String),
}

/// A time applied for (`soktTid`).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct AppliedTime {
    /// `soktfrom`.
    pub from: Option<NaiveDate>,
    /// `sokttom`.
    pub to: Option<NaiveDate>,
    /// `soktomfattning`: per cent of full time.
    pub extent: Option<u16>,
    /// `soktlan`: whether a loan was applied for too.
    pub loan: Mark,
}

/// A time granted (`BeviljadTid`).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct GrantedTime {
    /// `starttid`, `sluttid`.
    pub span: Span,
    /// `takt`: per cent of full time.
    pub pace: Option<u16>,
    /// `gr_takt`: a number without published meaning, carried as it came.
    pub gr_takt: Option<u16>,
    /// `Beloppen`.
    pub amounts: Vec<AmountRow>,
    /// `totbelopp`.
    pub total: Option<Amount>,
}

/// One payment of a plan (`Utbetalning`).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PlanPayment {
    /// `utbetdatum`; `None` when CSN says "0": not decided.
    pub date: Option<NaiveDate>,
    /// `utbetstatus`.
    pub status: PaymentStatus,
    /// `Utbetaldatider`: the times it covers.
    pub times: Vec<PaidTime>,
    /// `totbelopp`: what is paid out.
    pub total: Option<Amount>,
}

/// `utbetstatus`.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum PaymentStatus {
    /// "Planerad": announced.
    #[default]
    Planned,
    /// "Utbetald", "UTBETALAD".
    Paid,
    /// Outside the published list, as it came.
    Unknown(String),
}

/// A time that a payment covers (`Utbetaldtid`).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PaidTime {
    /// `startvecka`, `slutvecka`.
    pub span: Span,
    /// `Beloppen`.
    pub amounts: Vec<AmountRow>,
    /// `totbelopp`.
    pub total: Option<Amount>,
}

/// One amount of a time (`Belopp`). Rows can exceed the payment and are never added up.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct AmountRow {
    /// `beloppstyp`: code; see [`super::is_amount_code`].
    pub kind: String,
    /// `klartext`: the kind in words.
    pub label: String,
    /// `belopp`.
    pub amount: Option<Amount>,
    /// `totbelopp`.
    pub total: Option<Amount>,
}
