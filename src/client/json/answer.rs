//! A merged answer.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use ssbtek_proto::{agency::v1 as agency, broker::v1 as proto, facts::Facts};

use super::Receipt;
use crate::{ClientError, words};

/// `AskResponse`.
#[derive(Serialize)]
pub struct Answer<'a> {
    entry_id: &'a str,
    person_number: &'a str,
    role: String,
    asked_at: &'a str,
    complete: bool,
    protection: Option<Protection<'a>>,
    sources: Vec<Source<'a>>,
    payments: Vec<Payment<'a>>,
    discrepancies: Vec<Discrepancy<'a>>,
    receipt: Option<Receipt>,
    provisional_case: bool,
}

#[derive(Serialize)]
struct Protection<'a> {
    level: String,
    said_by: &'a [String],
    silent: &'a [String],
    others_said_by: &'a [String],
    household_protected: bool,
    household_not_checked: bool,
    remembered: bool,
    others_not_known_by: &'a [String],
}

#[derive(Serialize)]
pub(super) struct Period<'a> {
    from: &'a str,
    to: &'a str,
}

#[derive(Serialize)]
struct Source<'a> {
    source: &'a str,
    outcome: String,
    parts: Vec<Part<'a>>,
    period: Option<Period<'a>>,
    legal_basis: Option<&'a str>,
    section: Option<Facts>,
    withheld: &'a [String],
    notes: Vec<Note<'a>>,
    fault_code: Option<&'a str>,
    originals: Vec<Original<'a>>,
    duration_ms: u32,
}

#[derive(Serialize)]
struct Part<'a> {
    part: &'a str,
    outcome: String,
    code: Option<&'a str>,
}

#[derive(Serialize)]
struct Note<'a> {
    kind: String,
    detail: &'a str,
}

#[derive(Serialize)]
struct Original<'a> {
    media_type: &'a str,
    /// Base64 (RFC 4648 § 4).
    payload: String,
}

#[derive(Serialize)]
struct Payment<'a> {
    source: &'a str,
    payer: &'a str,
    benefit: &'a str,
    sub_benefit: Option<&'a str>,
    amount_type: Option<&'a str>,
    net: Vec<Net<'a>>,
    gross: Option<&'a str>,
    tax: Option<&'a str>,
    deduction: Option<&'a str>,
    paid_on: Option<&'a str>,
    covers: Option<Period<'a>>,
    days: Option<&'a str>,
    state: String,
    asked_at: &'a str,
    legal_basis: Option<&'a str>,
    perhaps_duplicate: bool,
}

#[derive(Serialize)]
struct Net<'a> {
    kind: String,
    amount: &'a str,
}

#[derive(Serialize)]
struct Discrepancy<'a> {
    kind: String,
    sources: &'a [String],
    detail: &'a str,
}

impl<'a> Answer<'a> {
    /// The whole answer; fails only if a section does not fit its own contract.
    pub fn of(answer: &'a proto::AskResponse) -> Result<Self, ClientError> {
        Ok(Self {
            entry_id: &answer.entry_id,
            person_number: &answer.person_number,
            role: words::role(answer.role),
            asked_at: &answer.asked_at,
            complete: answer.complete,
            protection: answer.protection.as_ref().map(|report| Protection {
                level: words::protection(report.level),
                said_by: &report.said_by,
                silent: &report.silent,
                others_said_by: &report.others_said_by,
                household_protected: report.household_protected,
                household_not_checked: report.household_not_checked,
                remembered: report.remembered,
                others_not_known_by: &report.others_not_known_by,
            }),
            sources: answer.sources.iter().map(source).collect::<Result<_, _>>()?,
            payments: answer.payments.iter().map(payment).collect(),
            discrepancies: answer
                .discrepancies
                .iter()
                .map(|found| Discrepancy {
                    kind: words::discrepancy(found.kind),
                    sources: &found.sources,
                    detail: &found.detail,
                })
                .collect(),
            receipt: answer.receipt.as_ref().map(Receipt::of),
            provisional_case: answer.provisional_case,
        })
    }
}

fn source(report: &proto::SourceReport) -> Result<Source<'_>, ClientError> {
    let part = |part: &'_ agency::PartOutcome| words::outcome(part.outcome);
    Ok(Source {
        source: &report.source,
        outcome: words::outcome(report.outcome),
        parts: report
            .parts
            .iter()
            .map(|of| Part { part: &of.part, outcome: part(of), code: of.code.as_deref() })
            .collect(),
        period: report.period.as_ref().map(period),
        legal_basis: stated(&report.legal_basis),
        section: match &report.section {
            Some(section) => Some(Facts::of(section).ok_or_else(|| {
                ClientError::Failed("a section of the answer does not fit its contract".to_owned())
            })?),
            None => None,
        },
        withheld: &report.withheld,
        notes: report
            .notes
            .iter()
            .map(|note| Note { kind: words::note(note.kind), detail: &note.detail })
            .collect(),
        fault_code: report.fault_code.as_deref(),
        originals: report
            .originals
            .iter()
            .map(|original| Original {
                media_type: &original.media_type,
                payload: STANDARD.encode(&original.payload),
            })
            .collect(),
        duration_ms: report.duration_ms,
    })
}

fn payment(line: &proto::PaymentLine) -> Payment<'_> {
    Payment {
        source: &line.source,
        payer: &line.payer,
        benefit: &line.benefit,
        sub_benefit: line.sub_benefit.as_deref(),
        amount_type: line.amount_type.as_deref(),
        net: line.net.iter().map(|net| Net { kind: words::net(net.kind), amount: &net.amount }).collect(),
        gross: line.gross.as_deref(),
        tax: line.tax.as_deref(),
        deduction: line.deduction.as_deref(),
        paid_on: line.paid_on.as_deref(),
        covers: line.covers.as_ref().map(period),
        days: line.days.as_deref(),
        state: words::payment_state(line.state),
        asked_at: &line.asked_at,
        legal_basis: stated(&line.legal_basis),
        perhaps_duplicate: line.perhaps_duplicate,
    }
}

pub(super) fn period(period: &agency::Period) -> Period<'_> {
    Period { from: &period.from, to: &period.to }
}

/// Empty text stands for no value on the wire.
pub(super) fn stated(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
