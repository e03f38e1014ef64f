//! The unemployment funds' section.

use ssbtek_domain::sections::so::{Application, Fund, FundPayment, Section, Suspension};
use ssbtek_proto::agency::v1 as proto;

use crate::common::{
    WireError, opt_amount, opt_date, opt_person, period, period_from_proto, text_of, told_date,
};

pub(crate) fn to_proto(section: &Section) -> proto::SoSection {
    proto::SoSection {
        person_number: section.person.as_ref().map(|person| person.expose().to_owned()),
        funds: section.funds.iter().map(fund_to_proto).collect(),
    }
}

fn fund_to_proto(fund: &Fund) -> proto::SoFund {
    proto::SoFund {
        name: fund.name.clone(),
        status: fund.status.clone(),
        payments: fund.payments.iter().map(payment_to_proto).collect(),
        suspensions: fund.suspensions.iter().map(suspension).collect(),
        application: fund.application.as_ref().map(|application| proto::SoApplication {
            right_decided_on: application.right_decided_on.map(|day| day.to_string()),
            right_not_told: application.right_not_told,
            claim_submitted: application.claim_submitted.unwrap_or_default(),
            claim_not_told: application.claim_submitted.is_none(),
        }),
    }
}

fn suspension(of: &Suspension) -> proto::Period {
    proto::Period { from: text_of(of.from), to: text_of(of.to) }
}

fn payment_to_proto(payment: &FundPayment) -> proto::SoPayment {
    proto::SoPayment {
        paid_on: text_of(payment.paid_on),
        net_after_tax: text_of(payment.net_after_tax),
        net_after_deductions: text_of(payment.net_after_deductions),
        days: text_of(payment.days),
        covers: payment.covers.as_ref().map(period),
    }
}

pub(crate) fn from_proto(section: proto::SoSection) -> Result<Section, WireError> {
    Ok(Section {
        person: opt_person(section.person_number.as_deref(), "person_number")?,
        funds: section.funds.into_iter().map(fund_from_proto).collect::<Result<_, _>>()?,
    })
}

fn fund_from_proto(fund: proto::SoFund) -> Result<Fund, WireError> {
    if fund.name.is_empty() {
        return Err(WireError("funds.name"));
    }
    let application = |given: proto::SoApplication| -> Result<Application, WireError> {
        Ok(Application {
            right_decided_on: opt_date(
                given.right_decided_on.as_deref(),
                "funds.application.right_decided_on",
            )?,
            right_not_told: given.right_not_told,
            claim_submitted: (!given.claim_not_told).then_some(given.claim_submitted),
        })
    };
    Ok(Fund {
        name: fund.name,
        status: fund.status,
        payments: fund.payments.into_iter().map(payment_from_proto).collect::<Result<_, _>>()?,
        suspensions: fund.suspensions.iter().map(suspension_from_proto).collect::<Result<_, _>>()?,
        application: fund.application.map(application).transpose()?,
    })
}

fn payment_from_proto(payment: proto::SoPayment) -> Result<FundPayment, WireError> {
    let told = |text: &str, field| opt_amount(Some(text).filter(|text| !text.is_empty()), field);
    let days = |given: &proto::Period| period_from_proto(given, "funds.payments.covers");
    let read = FundPayment {
        paid_on: told_date(&payment.paid_on, "funds.payments.paid_on")?,
        net_after_tax: told(&payment.net_after_tax, "funds.payments.net_after_tax")?,
        net_after_deductions: told(&payment.net_after_deductions, "funds.payments.net_after_deductions")?,
        days: told(&payment.days, "funds.payments.days")?,
        covers: payment.covers.as_ref().map(days).transpose()?,
    };
    // Without any it would vanish from the lines.
    if read.net().is_empty() { Err(WireError("funds.payments.net_after_tax")) } else { Ok(read) }
}

fn suspension_from_proto(given: &proto::Period) -> Result<Suspension, WireError> {
    let read = Suspension {
        from: told_date(&given.from, "funds.suspensions")?,
        to: told_date(&given.to, "funds.suspensions")?,
    };
    let backwards = read.from.zip(read.to).is_some_and(|(from, to)| to < from);
    let says_nothing = read.from.is_none() && read.to.is_none();
    if backwards || says_nothing { Err(WireError("funds.suspensions")) } else { Ok(read) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment() -> proto::SoPayment {
        proto::SoPayment {
            paid_on: "2026-01-08".to_owned(),
            net_after_tax: "8123.5".to_owned(),
            net_after_deductions: "7823.25".to_owned(),
            days: "9.5".to_owned(),
            covers: Some(proto::Period { from: "2025-12-22".to_owned(), to: "2026-01-04".to_owned() }),
        }
    }

    fn section(payment: proto::SoPayment) -> proto::SoSection {
        let fund = proto::SoFund { name: "A".to_owned(), payments: vec![payment], ..Default::default() };
        proto::SoSection { funds: vec![fund], ..Default::default() }
    }

    #[test]
    fn decimals_survive_the_wire_to_the_last_digit() {
        let there = section(payment());
        assert!(to_proto(&from_proto(there.clone()).unwrap()) == there);
    }

    #[test]
    fn what_a_fund_did_not_tell_stays_untold() {
        let payment = proto::SoPayment {
            paid_on: String::new(),
            net_after_tax: String::new(),
            days: String::new(),
            covers: None,
            ..payment()
        };
        let mut there = section(payment);
        there.funds[0].suspensions = vec![proto::Period { from: "2026-01-01".to_owned(), to: String::new() }];
        there.funds[0].application =
            Some(proto::SoApplication { right_not_told: true, claim_not_told: true, ..Default::default() });
        assert!(to_proto(&from_proto(there.clone()).unwrap()) == there);
    }

    #[test]
    fn a_malformed_field_is_named_and_never_quoted() {
        let cases = [
            (proto::SoPayment { days: "1e1".to_owned(), ..payment() }, "funds.payments.days"),
            (proto::SoPayment { paid_on: "20260108".to_owned(), ..payment() }, "funds.payments.paid_on"),
            (
                proto::SoPayment {
                    net_after_tax: String::new(),
                    net_after_deductions: String::new(),
                    ..payment()
                },
                "funds.payments.net_after_tax",
            ),
        ];
        for (payment, field) in cases {
            assert_eq!(from_proto(section(payment)).err(), Some(WireError(field)));
        }
    }
}
