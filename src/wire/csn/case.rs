//! One CSN case ⇄ wire.

use ssbtek_domain::sections::csn::{
    AmountRow, AppliedTime, Case, CaseStatus, CoBorrower, GrantedTime, Moment, PaidTime, PaymentStatus,
    PlanPayment, Span,
};
use ssbtek_domain::{Amount, NaiveDate};
use ssbtek_proto::agency::v1 as proto;

use super::{beside_unknown, mark, mark_from_proto};
use crate::common::{self, WireError, opt_amount, opt_date};

pub(super) fn to_proto(case: &Case) -> proto::CsnCase {
    let (status, unknown_status) = status(&case.status);
    proto::CsnCase {
        number: case.number.clone(),
        support: case.support.clone(),
        label: case.label.clone(),
        status,
        unknown_status,
        related_case: case.related_case.clone(),
        has_co_borrower: case.co_borrower.is_some(),
        co_borrower_number: match &case.co_borrower {
            Some(CoBorrower::Number(number)) => Some(number.clone()),
            Some(CoBorrower::Withheld) | None => None,
        },
        applied: case.applied.iter().map(applied).collect(),
        granted: case.granted.iter().map(granted).collect(),
        plan: case.plan.iter().map(payment).collect(),
    }
}

pub(super) fn from_proto(case: proto::CsnCase) -> Result<Case, WireError> {
    Ok(Case {
        number: case.number,
        support: case.support,
        label: case.label,
        status: status_from_proto(case.status, case.unknown_status)?,
        related_case: case.related_case,
        co_borrower: match (case.has_co_borrower, case.co_borrower_number) {
            (_, Some(number)) => Some(CoBorrower::Number(number)),
            (true, None) => Some(CoBorrower::Withheld),
            (false, None) => None,
        },
        applied: case.applied.into_iter().map(applied_from_proto).collect::<Result<_, _>>()?,
        granted: case.granted.into_iter().map(granted_from_proto).collect::<Result<_, _>>()?,
        plan: case.plan.into_iter().map(payment_from_proto).collect::<Result<_, _>>()?,
    })
}

fn status(status: &CaseStatus) -> (i32, Option<String>) {
    use proto::CsnCaseStatus as Wire;
    match status {
        CaseStatus::Unstated => (Wire::Unstated.into(), None),
        CaseStatus::Initiated => (Wire::Initiated.into(), None),
        CaseStatus::Decided => (Wire::Decided.into(), None),
        CaseStatus::Closed => (Wire::Closed.into(), None),
        CaseStatus::Unknown(text) => (Wire::Unknown.into(), Some(text.clone())),
    }
}

fn status_from_proto(status: i32, unknown: Option<String>) -> Result<CaseStatus, WireError> {
    use proto::CsnCaseStatus as Wire;
    beside_unknown(status, Wire::Unknown, &unknown, "csn.case.status")?;
    match Wire::try_from(status) {
        Ok(Wire::Unstated) => Ok(CaseStatus::Unstated),
        Ok(Wire::Initiated) => Ok(CaseStatus::Initiated),
        Ok(Wire::Decided) => Ok(CaseStatus::Decided),
        Ok(Wire::Closed) => Ok(CaseStatus::Closed),
        Ok(Wire::Unknown) => Ok(CaseStatus::Unknown(unknown.unwrap_or_default())),
        Ok(Wire::Unspecified) | Err(_) => Err(WireError("csn.case.status")),
    }
}

fn applied(time: &AppliedTime) -> proto::CsnAppliedTime {
    let (loan, unknown_loan) = mark(&time.loan);
    proto::CsnAppliedTime {
        from: date(time.from),
        to: date(time.to),
        extent_percent: time.extent.map(u32::from),
        loan,
        unknown_loan,
    }
}

fn applied_from_proto(time: proto::CsnAppliedTime) -> Result<AppliedTime, WireError> {
    Ok(AppliedTime {
        from: opt_date(time.from.as_deref(), "csn.applied.from")?,
        to: opt_date(time.to.as_deref(), "csn.applied.to")?,
        extent: percent(time.extent_percent, "csn.applied.extent_percent")?,
        loan: mark_from_proto(time.loan, time.unknown_loan, "csn.applied.loan")?,
    })
}

fn granted(time: &GrantedTime) -> proto::CsnGrantedTime {
    proto::CsnGrantedTime {
        span: Some(span(&time.span)),
        pace_percent: time.pace.map(u32::from),
        gr_takt: time.gr_takt.map(u32::from),
        amounts: time.amounts.iter().map(row).collect(),
        total: amount(time.total),
    }
}

fn granted_from_proto(time: proto::CsnGrantedTime) -> Result<GrantedTime, WireError> {
    Ok(GrantedTime {
        span: span_from_proto(time.span, "csn.granted.span")?,
        pace: percent(time.pace_percent, "csn.granted.pace_percent")?,
        gr_takt: percent(time.gr_takt, "csn.granted.gr_takt")?,
        amounts: rows_from_proto(time.amounts)?,
        total: opt_amount(time.total.as_deref(), "csn.granted.total")?,
    })
}

fn payment(payment: &PlanPayment) -> proto::CsnPlanPayment {
    use proto::CsnPaymentStatus as Wire;
    let (status, unknown_status) = match &payment.status {
        PaymentStatus::Planned => (Wire::Planned, None),
        PaymentStatus::Paid => (Wire::Paid, None),
        PaymentStatus::Unknown(text) => (Wire::Unknown, Some(text.clone())),
    };
    let time = |time: &PaidTime| proto::CsnPaidTime {
        span: Some(span(&time.span)),
        amounts: time.amounts.iter().map(row).collect(),
        total: amount(time.total),
    };
    proto::CsnPlanPayment {
        date: date(payment.date),
        status: status.into(),
        unknown_status,
        times: payment.times.iter().map(time).collect(),
        total: amount(payment.total),
    }
}

fn payment_from_proto(payment: proto::CsnPlanPayment) -> Result<PlanPayment, WireError> {
    use proto::CsnPaymentStatus as Wire;
    let time = |time: proto::CsnPaidTime| {
        Ok(PaidTime {
            span: span_from_proto(time.span, "csn.paid_time.span")?,
            amounts: rows_from_proto(time.amounts)?,
            total: opt_amount(time.total.as_deref(), "csn.paid_time.total")?,
        })
    };
    beside_unknown(payment.status, Wire::Unknown, &payment.unknown_status, "csn.payment.status")?;
    Ok(PlanPayment {
        date: opt_date(payment.date.as_deref(), "csn.payment.date")?,
        status: match Wire::try_from(payment.status) {
            Ok(Wire::Planned) => PaymentStatus::Planned,
            Ok(Wire::Paid) => PaymentStatus::Paid,
            Ok(Wire::Unknown) => PaymentStatus::Unknown(payment.unknown_status.unwrap_or_default()),
            Ok(Wire::Unspecified) | Err(_) => return Err(WireError("csn.payment.status")),
        },
        times: payment.times.into_iter().map(time).collect::<Result<_, _>>()?,
        total: opt_amount(payment.total.as_deref(), "csn.payment.total")?,
    })
}

fn row(row: &AmountRow) -> proto::CsnAmountRow {
    proto::CsnAmountRow {
        kind: row.kind.clone(),
        label: row.label.clone(),
        amount: amount(row.amount),
        total: amount(row.total),
    }
}

fn rows_from_proto(rows: Vec<proto::CsnAmountRow>) -> Result<Vec<AmountRow>, WireError> {
    let row = |row: proto::CsnAmountRow| {
        Ok(AmountRow {
            kind: row.kind,
            label: row.label,
            amount: opt_amount(row.amount.as_deref(), "csn.amount_row.amount")?,
            total: opt_amount(row.total.as_deref(), "csn.amount_row.total")?,
        })
    };
    rows.into_iter().map(row).collect()
}

fn span(span: &Span) -> proto::CsnSpan {
    proto::CsnSpan {
        start: span.start().map(|moment| moment.iso()),
        end: span.end().map(|moment| moment.iso()),
        days: span.days().as_ref().map(common::period),
    }
}

fn span_from_proto(span: Option<proto::CsnSpan>, field: &'static str) -> Result<Span, WireError> {
    let Some(span) = span else { return Ok(Span::default()) };
    let moment = |text: Option<String>| {
        text.map(|text| Moment::from_iso(&text)).transpose().map_err(|_| WireError(field))
    };
    let read = Span::new(moment(span.start)?, moment(span.end)?).map_err(|_| WireError(field))?;
    match span.days {
        Some(days) if Some(common::period_from_proto(&days, field)?) != read.days() => Err(WireError(field)),
        _ => Ok(read),
    }
}

fn date(date: Option<NaiveDate>) -> Option<String> {
    date.map(|date| date.to_string())
}

fn amount(amount: Option<Amount>) -> Option<String> {
    amount.map(|amount| amount.to_string())
}

fn percent(number: Option<u32>, field: &'static str) -> Result<Option<u16>, WireError> {
    number.map(|number| u16::try_from(number).map_err(|_| WireError(field))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_contradict_the_weeks_are_refused() {
        let week = |text| Moment::parse(text).unwrap();
        let mut wire = span(&Span::new(week("202601"), week("202602")).unwrap());
        assert!(span_from_proto(Some(wire.clone()), "x").is_ok());
        wire.days = Some(proto::Period { from: "2026-01-01".into(), to: "2026-01-11".into() });
        assert_eq!(span_from_proto(Some(wire.clone()), "x").err(), Some(WireError("x")));
        wire.days = None;
        assert!(span_from_proto(Some(wire), "x").is_ok());
    }
}
