//! The unemployment funds (a-kassor): one entry per fund that answered, whoever carried the question there.
//! Field names in brackets are those of `INT014.UBPService`.

mod compose;
mod status;

pub use status::StatusTexts;
pub(crate) use status::is_own_status;

use chrono::NaiveDate;

use crate::{
    Amount, Outcome, PartOutcome, Period, Personnummer, ProtectionSignal,
    payment::{NetKind, Payment, PaymentState},
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
    pub suspensions: Vec<Period>,
    /// What the person has applied for (`AnsoktOmErsattning`); left out is not the same as "nothing".
    pub application: Option<Application>,
}

/// One payment from a fund (`Utbetalningar`).
#[derive(Clone, PartialEq, Eq)]
pub struct FundPayment {
    /// `Utbetalningsdatum`.
    pub paid_on: NaiveDate,
    /// `NettoEfterSkatt`, SEK.
    pub net_after_tax: Amount,
    /// `NettoEfterAvdrag`, SEK.
    pub net_after_deductions: Amount,
    /// Days compensated (`Ersattningsdagar`), decimal: half days occur.
    pub days: Amount,
    /// Days covered (`AvserFrom`–`AvserTom`).
    pub covers: Period,
}

/// What has been applied for (`AnsoktOmErsattning`).
#[derive(Clone, PartialEq, Eq)]
pub struct Application {
    /// Decided on the right to compensation on (`BeslutOmRattTillErsattning`); `None`: no decision yet (nil).
    pub right_decided_on: Option<NaiveDate>,
    /// A claim for payment has been handed in (`AnsokanOmUtbetalningInlamnad`).
    pub claim_submitted: bool,
}

impl Fund {
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
            fund.payments.iter().map(|payment| line(&fund.name, payment)).collect()
        };
        self.funds.iter().flat_map(lines).collect()
    }

    fn withhold_others(&mut self, _: &[Personnummer]) -> Vec<&'static str> {
        vec![]
    }
}

/// Both net amounts are carried, each under its own name. Their difference is not called a deduction: SO does not.
fn line(fund: &str, payment: &FundPayment) -> Payment {
    Payment {
        payer: fund.to_owned(),
        benefit: "Arbetslöshetsersättning".to_owned(),
        sub_benefit: None,
        amount_type: None,
        net: vec![
            (NetKind::AfterTax, payment.net_after_tax),
            (NetKind::AfterDeductions, payment.net_after_deductions),
        ],
        gross: None,
        tax: None,
        deduction: None,
        paid_on: Some(payment.paid_on),
        covers: Some(payment.covers),
        days: Some(payment.days),
        state: PaymentState::Paid,
    }
}
