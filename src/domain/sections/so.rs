//! The unemployment funds (a-kassor): one entry per fund that answered, whoever carried the question there.
//! Field names in brackets are those of `INT014.UBPService`.

mod benefit_times;
mod compose;
mod status;
mod verdicts;

pub use status::StatusTexts;
pub(crate) use status::is_own_status;

use chrono::NaiveDate;

use crate::{
    Amount, Format, Information, Kind, Outcome, PartOutcome, Period, Personnummer, Profile, ProtectionSignal,
    payment::{BenefitTime, NetKind, Payment, PaymentState},
};

pub(super) const PROFILE: Profile = Profile {
    name: "Sveriges a-kassor",
    can_flag_protection: false,
    kinds: &[Kind { name: "SO", part: None, ordinance: Some("4 §") }],
    format: Some(Format::So),
    verdicts: verdicts::TABLE,
};

/// What the funds know about one person. A fund that is asked directly answers with exactly one entry.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// Whom the answer is about (`IdentificationNumber`).
    pub person: Option<Personnummer>,
    /// One entry per fund (`ArbetsloshetsersattningLista/Arbetsloshetsersattning`), in the order of the answer.
    pub funds: Vec<Fund>,
}

/// One fund's answer (`Arbetsloshetsersattning`).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Fund {
    /// The fund's name (`SvarandeOrganisation`).
    pub name: String,
    /// How its answer went (`StatusSvarandeOrganisation`): free text without a code list; see [`StatusTexts`].
    pub status: String,
    /// Payments (`Utbetalningar`).
    pub payments: Vec<FundPayment>,
    /// Periods of suspension (`Avstangningar`).
    pub suspensions: Vec<Suspension>,
    /// What the person has applied for (`AnsoktOmErsattning`); left out is not the same as "nothing".
    pub application: Option<Application>,
}

/// One payment from a fund (`Utbetalningar`). SO's schema requires every field; what came without one, or with one that cannot
/// be understood, has `None` there.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct FundPayment {
    /// `Utbetalningsdatum`.
    pub paid_on: Option<NaiveDate>,
    /// `NettoEfterSkatt`, SEK.
    pub net_after_tax: Option<Amount>,
    /// `NettoEfterAvdrag`, SEK.
    pub net_after_deductions: Option<Amount>,
    /// Days compensated (`Ersattningsdagar`), decimal: half days occur.
    pub days: Option<Amount>,
    /// Days covered (`AvserFrom`–`AvserTom`).
    pub covers: Option<Period>,
}

/// A suspension (`Avstangningar`); an end that was not told, or not understood, is `None`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Suspension {
    /// First day (`AvstangdFrom`).
    pub from: Option<NaiveDate>,
    /// Last day, included (`AvstangdTom`).
    pub to: Option<NaiveDate>,
}

impl From<Period> for Suspension {
    fn from(days: Period) -> Self {
        Self { from: Some(days.from()), to: Some(days.to()) }
    }
}

/// What has been applied for (`AnsoktOmErsattning`).
#[derive(Clone, PartialEq, Eq)]
pub struct Application {
    /// Decided on the right to compensation on (`BeslutOmRattTillErsattning`); `None`: no decision yet (nil), unless
    /// [`Application::right_not_told`].
    pub right_decided_on: Option<NaiveDate>,
    /// Whether there is a decision was left out, or could not be understood: then "no decision yet" must not be read.
    pub right_not_told: bool,
    /// A claim for payment has been handed in (`AnsokanOmUtbetalningInlamnad`); `None`: not told, or not understood.
    pub claim_submitted: Option<bool>,
}

impl FundPayment {
    /// The net amounts that were told, each under its own name. Without any there is no payment line.
    pub fn net(&self) -> Vec<(NetKind, Amount)> {
        let told =
            [(NetKind::AfterTax, self.net_after_tax), (NetKind::AfterDeductions, self.net_after_deductions)];
        told.into_iter().filter_map(|(kind, amount)| Some((kind, amount?))).collect()
    }
}

impl Fund {
    /// What a fund that does not say its name is called.
    pub const UNNAMED: &'static str = "a-kassa ej angiven";

    /// What became of this fund. An unknown status could not be checked; facts under a status that is not a plain
    /// success are kept, and the answer counts as given in part.
    pub fn outcome(&self, texts: &StatusTexts) -> Outcome {
        let holds_facts =
            !self.payments.is_empty() || !self.suspensions.is_empty() || self.application.is_some();
        match texts.outcome(&self.status) {
            Some(Outcome::Answered) => Outcome::Answered,
            _ if holds_facts => Outcome::AnsweredInPart,
            known => known.unwrap_or(Outcome::FailedAtSource),
        }
    }
}

impl Section {
    /// What became of each fund, in the order of the answer. No codes: a status is free text.
    pub fn parts(&self, texts: &StatusTexts) -> Vec<PartOutcome> {
        self.funds
            .iter()
            .map(|fund| PartOutcome { part: fund.name.clone(), outcome: fund.outcome(texts), code: None })
            .collect()
    }
}

impl super::Facts for Section {
    fn person(&self) -> Option<&Personnummer> {
        self.person.as_ref()
    }

    fn protection(&self) -> ProtectionSignal {
        ProtectionSignal::CannotSay
    }

    fn payments(&self) -> Vec<Payment> {
        let lines = |fund: &Fund| -> Vec<Payment> {
            fund.payments.iter().filter_map(|payment| line(&fund.name, payment)).collect()
        };
        self.funds.iter().flat_map(lines).collect()
    }

    fn benefit_times(&self) -> Vec<BenefitTime> {
        benefit_times::of(self)
    }

    fn outcomes(&self) -> Vec<Outcome> {
        let default = StatusTexts::default();
        // A text that nobody knows is the connector's to judge: it knows which texts are configured.
        self.funds.iter().filter_map(|fund| default.outcome(&fund.status)).collect()
    }

    fn take_out(&mut self, _: Information) -> bool {
        false
    }

    fn numbers_of_others(&self) -> Vec<&str> {
        vec![]
    }

    fn withhold_others(&mut self, _: &[Personnummer]) -> Vec<&'static str> {
        vec![]
    }
}

/// Both net amounts are carried, each under its own name. Their difference is not called a deduction: SO does not.
fn line(fund: &str, payment: &FundPayment) -> Option<Payment> {
    let net = payment.net();
    (!net.is_empty()).then(|| Payment {
        payer: fund.to_owned(),
        benefit: "Arbetslöshetsersättning".to_owned(),
        sub_benefit: None,
        amount_type: None,
        net,
        gross: None,
        tax: None,
        deduction: None,
        paid_on: payment.paid_on,
        covers: payment.covers,
        days: payment.days,
        state: PaymentState::Paid,
    })
}
