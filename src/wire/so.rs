//! The unemployment funds' section.

use ssbtek_domain::{
    Amount,
    sections::so::{Application, Fund, FundPayment, Section},
};
use ssbtek_proto::agency::v1 as proto;

use crate::common::{WireError, date_from_text, opt_date, opt_person, period, period_from_proto};

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
        suspensions: fund.suspensions.iter().map(period).collect(),
        application: fund.application.as_ref().map(|application| proto::SoApplication {
            right_decided_on: application.right_decided_on.map(|day| day.to_string()),
            claim_submitted: application.claim_submitted,
        }),
    }
}

fn payment_to_proto(payment: &FundPayment) -> proto::SoPayment {
    proto::SoPayment {
        paid_on: payment.paid_on.to_string(),
        net_after_tax: payment.net_after_tax.to_string(),
        net_after_deductions: payment.net_after_deductions.to_string(),
        days: payment.days.to_string(),
        covers: Some(period(&payment.covers)),
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
    let suspension = |given: &proto::Period| period_from_proto(given, "funds.suspensions");
    let application = |given: proto::SoApplication| -> Result<Application, WireError> {
        Ok(Application {
            right_decided_on: opt_date(
                given.right_decided_on.as_deref(),
                "funds.application.right_decided_on",
            )?,
            claim_submitted: given.claim_submitted,
        })
    };
    Ok(Fund {
        name: fund.name,
        status: fund.status,
        payments: fund.payments.into_iter().map(payment_from_proto).collect::<Result<_, _>>()?,
        suspensions: fund.suspensions.iter().map(suspension).collect::<Result<_, _>>()?,
        application: fund.application.map(application).transpose()?,
    })
}

fn payment_from_proto(payment: proto::SoPayment) -> Result<FundPayment, WireError> {
    let covers = payment.covers.ok_or(WireError("funds.payments.covers"))?;
    Ok(FundPayment {
        paid_on: date_from_text(&payment.paid_on, "funds.payments.paid_on")?,
        net_after_tax: amount(&payment.net_after_tax, "funds.payments.net_after_tax")?,
        net_after_deductions: amount(&payment.net_after_deductions, "funds.payments.net_after_deductions")?,
        days: amount(&payment.days, "funds.payments.days")?,
        covers: period_from_proto(&covers, "funds.payments.covers")?,
    })
}

fn amount(text: &str, field: &'static str) -> Result<Amount, WireError> {
    text.parse().map_err(|_| WireError(field))
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
    fn a_malformed_field_is_named_and_never_quoted() {
        let cases = [
            (proto::SoPayment { days: "1e1".to_owned(), ..payment() }, "funds.payments.days"),
            (proto::SoPayment { covers: None, ..payment() }, "funds.payments.covers"),
            (proto::SoPayment { paid_on: "20260108".to_owned(), ..payment() }, "funds.payments.paid_on"),
            (proto::SoPayment { net_after_tax: String::new(), ..payment() }, "funds.payments.net_after_tax"),
        ];
        for (payment, field) in cases {
            assert_eq!(from_proto(section(payment)).err(), Some(WireError(field)));
        }
    }
}
