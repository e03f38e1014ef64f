//! FK's payments, paid (`utbetalningsuppgift[]`) and announced (`preliminarautbetalningar[]`).

use super::common::{Code, Extent, Money, PartialDate, Span};
use crate::{
    Amount,
    payment::{NetKind, Payment, PaymentState},
};

/// `LefiUtbetalningUppgift`. The totals are FK's own; the rows may exceed them and are never added up.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct FkPayment {
    /// `typ`: 0 local, 1 monthly, 2 daily, 3 retroactive, 4 presumptive.
    pub kind: Option<Code>,
    /// `foretag`: the paying authority, 1001 FK, 1003 PM.
    pub company: Option<Code>,
    /// `formansfamilj`.
    pub benefit_family: Option<Code>,
    /// `datum`: day of payment.
    pub date: Option<PartialDate>,
    /// `period` that the payment covers.
    pub period: Option<Span>,
    /// `bruttobelopp`.
    pub gross: Option<Money>,
    /// `skattebelopp`.
    pub tax: Option<Money>,
    /// `avdragsbelopp`; includes the tax.
    pub deduction: Option<Money>,
    /// `nettobelopp`.
    pub net: Option<Money>,
    /// `utbetalningsdetalj[]`.
    pub details: Vec<PaymentDetail>,
}

/// `LefiUtbetalningDetalj`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PaymentDetail {
    /// `forman`.
    pub benefit: Option<Code>,
    /// `period`.
    pub period: Option<Span>,
    /// `beloppstyp`.
    pub amount_type: Option<Code>,
    /// `omfattning`.
    pub extent: Option<Extent>,
    /// `dagar`.
    pub days: Option<i64>,
    /// `timmar`.
    pub hours: Option<i64>,
    /// `bruttobelopp`.
    pub gross: Option<Money>,
    /// `skattebelopp`.
    pub tax: Option<Money>,
    /// `avdragsbelopp`.
    pub deduction: Option<Money>,
}

/// What a reader is shown when neither payment nor rows say which benefit it is.
pub(super) const BENEFIT_NOT_STATED: &str = "förmån ej angiven";

impl FkPayment {
    /// The payment as a line; `None` without a net amount in Swedish kronor.
    pub(super) fn line(&self, state: PaymentState) -> Option<Payment> {
        let net = self.net.as_ref()?.in_sek()?;
        let sek = |money: &Option<Money>| money.as_ref().and_then(Money::in_sek);
        let sub_benefit = only(self.details.iter().filter_map(|row| label(&row.benefit)));
        let benefit = label(&self.benefit_family).or_else(|| sub_benefit.clone());
        let at_pm = self.company.as_ref().and_then(|company| company.id.as_deref()) == Some("1003");
        Some(Payment {
            payer: if at_pm { "PM" } else { "FK" }.to_owned(),
            benefit: benefit.unwrap_or_else(|| BENEFIT_NOT_STATED.to_owned()),
            sub_benefit,
            amount_type: only(self.details.iter().filter_map(|row| label(&row.amount_type))),
            net: vec![(NetKind::Net, net)],
            gross: sek(&self.gross),
            tax: sek(&self.tax),
            deduction: sek(&self.deduction),
            paid_on: self.date.and_then(PartialDate::whole),
            covers: self.period.as_ref().and_then(Span::period),
            days: only(self.details.iter().filter_map(|row| row.days))
                .and_then(|days| Amount::from_kronor(days).ok()),
            state,
        })
    }
}

/// The label as an owned text.
pub(super) fn label(code: &Option<Code>) -> Option<String> {
    code.as_ref().and_then(Code::label).map(str::to_owned)
}

/// The item, when there is exactly one.
pub(super) fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let first = items.next()?;
    items.next().is_none().then_some(first)
}
