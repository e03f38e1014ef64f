//! Pensionsmyndigheten's facts, in PM's own model.

use super::{
    common::{Code, Figure, Span},
    paid::{BENEFIT_NOT_STATED, label, only},
    person::PersonInRole,
};
use crate::{
    Amount, NaiveDate,
    payment::{NetKind, Payment, PaymentState},
};

/// Everything LEFI relays from PM. Amounts are whole kronor in the contract.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PensionAgency {
    /// `ansprak[]`: applications.
    pub claims: Vec<PmClaim>,
    /// `beslut[]`.
    pub decisions: Vec<PmDecision>,
    /// `utbetalningar[]`.
    pub paid: Vec<PmPayment>,
    /// `preliminaraUtbetalningar[]`.
    pub announced: Vec<PmPayment>,
    /// `ovrigInformation[]`: life certificate, pension balance, pension basis.
    pub other: Vec<PmInformation>,
}

/// `LefiPmFormanAnsprak`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PmClaim {
    /// `ansprakid`.
    pub id: Option<String>,
    /// `ankomstdatum`.
    pub arrived: Option<NaiveDate>,
    /// `formansgrupp`.
    pub group: Option<Code>,
    /// `yrkadPeriod`, possibly without an end.
    pub period: Option<Span>,
}

/// `LefiPmFormanBeslut`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PmDecision {
    /// `beslutsid`.
    pub id: Option<String>,
    /// `beslutsdatum`.
    pub decided: Option<NaiveDate>,
    /// `formansgrupp`.
    pub group: Option<Code>,
    /// `beslutsstatus`.
    pub status: Option<Code>,
    /// `beslutsutfall`.
    pub outcome: Option<Code>,
    /// `beslutadErsattning[]`.
    pub compensations: Vec<PmCompensation>,
    /// `tillagg…medsokande`, `.avlidna[]`, `.ovrigaBerattigadeEfterlevande[]`.
    pub persons: Vec<PersonInRole>,
    /// The rest of `tillagg`.
    pub additions: Vec<Figure>,
}

/// `LefiPmFormanBeslutadErsattning`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PmCompensation {
    /// `beslutatBelopp.belopp`.
    pub amount: Option<Amount>,
    /// `beslutatBelopp.beloppsfrekvens`.
    pub frequency: Option<Code>,
    /// `period`, possibly without an end.
    pub period: Option<Span>,
    /// `ersattningstyp`.
    pub kind: Option<Code>,
    /// `omfattning`, an exact decimal from 0 to 1.
    pub extent: Option<String>,
    /// `underlag`.
    pub basis: Vec<Figure>,
}

/// `LefiPmFormanUtbetalning`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PmPayment {
    /// `utbetalningsdatum`.
    pub date: Option<NaiveDate>,
    /// `utbetalningsperiod`.
    pub period: Option<Span>,
    /// `bruttobelopp`.
    pub gross: Option<Amount>,
    /// `nettobelopp`.
    pub net: Option<Amount>,
    /// `avdrag[]`: what lies between gross and net.
    pub deductions: Vec<PmDeduction>,
    /// `utbetalningsrader[]`: what makes up the gross.
    pub rows: Vec<PmPaymentRow>,
}

/// `LefiPmFormanUtbetalningAvdrag`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PmDeduction {
    /// `belopp`.
    pub amount: Option<Amount>,
    /// `avdragstyp`.
    pub kind: Option<Code>,
}

/// `LefiPmFormanUtbetalningRad`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PmPaymentRow {
    /// `formansgrupp`.
    pub group: Option<Code>,
    /// `belopp`.
    pub amount: Option<Amount>,
    /// `utbetalningsforman`.
    pub benefit: Option<Code>,
    /// `beloppstyp`.
    pub amount_type: Option<Code>,
}

/// `LefiPmOvrigInformation`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PmInformation {
    /// `informationstyp`.
    pub kind: Option<Code>,
    /// `levnadsintyg`, `pensionsbehallning` or `pensionsunderlag`.
    pub figures: Vec<Figure>,
}

impl PmPayment {
    /// The payment as a line; `None` without a net amount. PM states the benefit on the rows only: one payment that
    /// covers several benefits carries all their names. PM states no totals for tax and deductions: a single deduction
    /// row is the deduction, several stay in the section.
    pub(super) fn line(&self, state: PaymentState) -> Option<Payment> {
        let mut benefits: Vec<String> = vec![];
        for benefit in self.rows.iter().filter_map(|row| label(&row.group)) {
            if !benefits.contains(&benefit) {
                benefits.push(benefit);
            }
        }
        let benefit = if benefits.is_empty() { BENEFIT_NOT_STATED.to_owned() } else { benefits.join(" + ") };
        Some(Payment {
            payer: "PM".to_owned(),
            benefit,
            sub_benefit: only(self.rows.iter().filter_map(|row| label(&row.benefit))),
            amount_type: only(self.rows.iter().filter_map(|row| label(&row.amount_type))),
            net: vec![(NetKind::Net, self.net?)],
            gross: self.gross,
            tax: None,
            deduction: match self.deductions.as_slice() {
                [deduction] => deduction.amount,
                _ => None,
            },
            paid_on: self.date,
            covers: self.period.as_ref().and_then(Span::period),
            days: None,
            state,
        })
    }
}
