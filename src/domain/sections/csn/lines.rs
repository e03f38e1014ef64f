//! CSN's payment plans as payment lines.

use super::{AmountRow, Case, PaymentStatus, PlanPayment, Section};
use crate::{
    Period,
    payment::{NetKind, Payment, PaymentState},
};

/// One line per payment with a total, in the order of the answer. The home-equipment loan makes no lines.
pub(super) fn of(section: &Section) -> Vec<Payment> {
    [&section.studiemedel, &section.studiehjalp, &section.studiestartsstod, &section.omstallningsstudiestod]
        .into_iter()
        .flatten()
        .flat_map(|case| case.plan.iter().filter_map(|payment| line(case, payment)))
        .collect()
}

fn line(case: &Case, payment: &PlanPayment) -> Option<Payment> {
    let text = |label: &str, code: &str| if label.is_empty() { code.to_owned() } else { label.to_owned() };
    let rows: Vec<&AmountRow> = payment.times.iter().flat_map(|time| &time.amounts).collect();
    Some(Payment {
        payer: "CSN".to_owned(),
        benefit: text(&case.label, if case.support.is_empty() { &case.number } else { &case.support }),
        sub_benefit: None,
        amount_type: match rows[..] {
            [row] => Some(text(&row.label, &row.kind)).filter(|text| !text.is_empty()),
            _ => None,
        },
        net: vec![(NetKind::Net, payment.total?)],
        gross: None,
        tax: None,
        deduction: None,
        paid_on: payment.date,
        covers: covers(payment),
        days: None,
        // A status nobody can read must not claim that money went out; the answer carries a note about it.
        state: match payment.status {
            PaymentStatus::Paid => PaymentState::Paid,
            PaymentStatus::Planned | PaymentStatus::Unknown(_) => PaymentState::Announced,
        },
    })
}

/// From the first to the last day of the times paid for; `None` as soon as one of them is open at either end.
fn covers(payment: &PlanPayment) -> Option<Period> {
    let spans: Option<Vec<Period>> = payment.times.iter().map(|time| time.span.days()).collect();
    let spans = spans?;
    let from = spans.iter().map(Period::from).min()?;
    let to = spans.iter().map(Period::to).max()?;
    Period::new(from, to).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Amount,
        sections::{
            Facts,
            csn::{Moment, PaidTime, Span},
        },
    };

    fn payment(total: Option<i64>, rows: usize) -> PlanPayment {
        let week = |text| Moment::parse(text).unwrap();
        let row =
            |label: &str| AmountRow { kind: "GRUNDB".into(), label: label.into(), ..AmountRow::default() };
        PlanPayment {
            date: None,
            status: PaymentStatus::Planned,
            times: vec![PaidTime {
                span: Span::new(week("202605"), week("202608")).unwrap(),
                amounts: (0..rows).map(|_| row("Bidrag")).collect(),
                total: None,
            }],
            total: total.map(|kronor| Amount::from_kronor(kronor).unwrap()),
        }
    }

    fn case(plan: Vec<PlanPayment>) -> Case {
        Case {
            number: "1".into(),
            support: "GRUND".into(),
            label: "Studiemedel".into(),
            plan,
            ..Case::default()
        }
    }

    #[test]
    fn a_planned_payment_is_announced_and_covers_its_weeks() {
        let section = Section { studiemedel: vec![case(vec![payment(Some(4272), 1)])], ..Section::default() };
        let lines = section.payments();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].state, PaymentState::Announced);
        assert_eq!(lines[0].paid_on, None);
        assert_eq!(lines[0].amount_type.as_deref(), Some("Bidrag"));
        assert_eq!(lines[0].covers.unwrap().from().to_string(), "2026-01-26");
        assert_eq!(lines[0].covers.unwrap().to().to_string(), "2026-02-22");
        assert_eq!(lines[0].net, [(NetKind::Net, Amount::from_kronor(4272).unwrap())]);
    }

    #[test]
    fn a_payment_without_a_total_makes_no_line_and_two_rows_name_no_amount_type() {
        let plan = vec![payment(None, 1), payment(Some(1), 2)];
        let section = Section { studiehjalp: vec![case(plan)], ..Section::default() };
        let lines = section.payments();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].amount_type, None);
        assert_eq!(section.studiehjalp[0].plan.len(), 2);
    }

    #[test]
    fn the_home_equipment_loan_makes_no_payment_lines() {
        let section =
            Section { hemutrustningslan: vec![case(vec![payment(Some(1), 1)])], ..Section::default() };
        assert!(section.payments().is_empty());
    }

    #[test]
    fn a_status_outside_the_list_never_claims_that_money_went_out() {
        let odd = PlanPayment { status: PaymentStatus::Unknown("X".into()), ..payment(Some(1), 1) };
        let section = Section { omstallningsstudiestod: vec![case(vec![odd])], ..Section::default() };
        assert_eq!(section.payments()[0].state, PaymentState::Announced);
    }
}
