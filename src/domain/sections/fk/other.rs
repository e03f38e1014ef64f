//! FK's facts that are neither payments nor matters.

use super::{
    common::{Code, Extent, Figure, Money, PartialDate, Span},
    person::Person,
};

/// `programanvisning[]`: assignment to a labour market programme.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ProgramAssignment {
    /// `period`.
    pub period: Option<Span>,
    /// `omfattning`.
    pub extent: Option<Extent>,
    /// `program`.
    pub program: Option<Code>,
}

/// `programjobdagar[]`: days used in jobb- och utvecklingsgarantin.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ProgramJobDays {
    /// `antalForbrukade`.
    pub used: Option<i64>,
    /// `harForbrukatMaxAntal`.
    pub all_used: Option<bool>,
}

/// `sjukpenninggrundandeInkomstuppgift[]` (SGI).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SicknessIncome {
    /// `faststalldes`.
    pub established: Option<PartialDate>,
    /// `typ`.
    pub kind: Option<Code>,
    /// `anstallning`: yearly income from employment.
    pub employment: Option<Money>,
    /// `verksamhet`: yearly income from own business.
    pub business: Option<Money>,
    /// `karens`: waiting days for own business.
    pub waiting_days: Option<i64>,
    /// `dagar`: days of work a year.
    pub days: Option<i64>,
    /// `timmar`: hours of work a year.
    pub hours: Option<i64>,
}

/// `sjukOchAktivitetsersattningSteglosAvrakningHistorik[]` and `…Nulage[]`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Reconciliation {
    /// Whether it came in the historical list.
    pub historical: bool,
    /// `artal`, `YYYY`.
    pub year: Option<String>,
    /// Amounts under LEFI's own names, in the contract's order: `arsinkomstISverige`, `arsinkomstIAnnatLand`,
    /// `fribelopp`, `mellanskillnad`, `tillagg`, `avgift`, `utbetalning`, `aterkrav`.
    pub amounts: Vec<NamedMoney>,
}

/// Names that [`Reconciliation::amounts`] may carry, in the contract's order.
pub const RECONCILIATION_AMOUNTS: [&str; 8] = [
    "arsinkomstISverige",
    "arsinkomstIAnnatLand",
    "fribelopp",
    "mellanskillnad",
    "tillagg",
    "avgift",
    "utbetalning",
    "aterkrav",
];

/// An amount under a name of the contract.
#[derive(Clone, PartialEq, Eq)]
pub struct NamedMoney {
    /// LEFI's field name.
    pub name: String,
    /// The amount.
    pub money: Money,
}

/// `studiemedelsavisering[]`: notice from CSN to FK.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct StudyNotice {
    /// `typ`.
    pub kind: Option<Code>,
    /// `period`.
    pub period: Option<Span>,
}

/// `levnadsintygsuppgift[]`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct LifeCertificate {
    /// `uppdaterades`: date and time as it came.
    pub updated: Option<String>,
    /// `status`.
    pub status: Option<Code>,
}

/// `intjanandebehallning[]`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PensionBalance {
    /// `belopp`.
    pub amount: Option<Money>,
    /// `premiepensionBelopp`.
    pub premium_amount: Option<Money>,
}

/// `intjanandeuppgift[]`: what was earned towards a pension in one year.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PensionYear {
    /// `ar`.
    pub year: Option<i64>,
    /// `underlag`, `pensionsbehallningar`, `pensionsratter`, `faktiskaPensionsratter` and `poang`.
    pub figures: Vec<Figure>,
    /// `barnbeslut[]`.
    pub child_decisions: Vec<ChildDecision>,
}

/// `LefiIntjanandeBarnBeslut`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ChildDecision {
    /// `foralder`.
    pub parent: Option<Person>,
    /// `foraldertyp`.
    pub parent_type: Option<Code>,
    /// `berattigad`.
    pub entitled: Option<bool>,
    /// `upplysning`.
    pub remark: Option<String>,
}
