//! Answers.

use ssbtek_proto::{agency::v1::*, broker::v1::*};

pub(crate) fn source(code: &str, outcome: Outcome) -> SourceReport {
    SourceReport {
        source: code.to_owned(),
        outcome: outcome.into(),
        period: Some(Period { from: "2026-09-01".to_owned(), to: "2026-11-30".to_owned() }),
        legal_basis: "SFS 2008:975".to_owned(),
        ..SourceReport::default()
    }
}

/// Everybody has answered and nobody is protected.
pub(crate) fn answer(payments: Vec<PaymentLine>) -> AskResponse {
    let codes = ["AF", "CSN", "FK", "SKV", "SO", "TNS", "MIV"];
    AskResponse {
        entry_id: "0123456789abcdef0123456789abcdef".to_owned(),
        person_number: "198001019804".to_owned(),
        role: Role::Applicant.into(),
        asked_at: "2026-11-22T10:15:32Z".to_owned(),
        complete: true,
        protection: Some(ProtectionReport { level: Protection::None.into(), ..ProtectionReport::default() }),
        sources: codes.map(|code| source(code, Outcome::Answered)).into(),
        payments,
        ..AskResponse::default()
    }
}

/// `FK` pays a benefit.
pub(crate) fn paid(benefit: &str, paid_on: &str, net: &str) -> PaymentLine {
    PaymentLine {
        source: "FK".to_owned(),
        payer: "FK".to_owned(),
        benefit: benefit.to_owned(),
        net: vec![NetAmount { kind: net_amount::Kind::Net.into(), amount: net.to_owned() }],
        paid_on: (!paid_on.is_empty()).then(|| paid_on.to_owned()),
        state: PaymentState::Paid.into(),
        asked_at: "2026-11-22T10:15:32Z".to_owned(),
        legal_basis: "SFS 2008:975".to_owned(),
        ..PaymentLine::default()
    }
}

/// A fund pays; after tax, after deductions.
pub(crate) fn fund(paid_on: &str, after_tax: &str, after_deductions: &str) -> PaymentLine {
    let net =
        |kind: net_amount::Kind, amount: &str| NetAmount { kind: kind.into(), amount: amount.to_owned() };
    PaymentLine {
        source: "SO".to_owned(),
        payer: "Unionens a-kassa".to_owned(),
        net: vec![
            net(net_amount::Kind::AfterTax, after_tax),
            net(net_amount::Kind::AfterDeductions, after_deductions),
        ],
        ..paid("Arbetslöshetsersättning", paid_on, "")
    }
}
