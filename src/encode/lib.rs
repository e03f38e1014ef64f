//! A released answer → `ssbtek.broker.v1`, for every door that tells one. There is no other way to encode an answer.
//!
//! Takes nothing but what was released ([`ssbtek_query::Released`]); must never decide, do I/O, or leave out what an answer holds.

use chrono::SecondsFormat;
use prost::Message;
use ssbtek_authorize::{AccountKind, Denial, Whom};
use ssbtek_domain::{
    DateTime, EntryId, Protection, Role, Utc,
    payment::{NetKind, PaymentState},
};
use ssbtek_merge::{Discrepancy, DiscrepancyKind, PaymentLine, ProtectionSummary, SourceReport};
use ssbtek_proto::{agency::v1 as agency, broker::v1 as proto};
use ssbtek_query::{Again, HouseholdAnswer, HouseholdBegun, Part, QueryError, Released};
use ssbtek_transparency::Receipt;

/// The answer as it travels.
pub fn response(released: &Released) -> proto::AskResponse {
    let report = released.report();
    proto::AskResponse {
        entry_id: released.entry().to_string(),
        person_number: report.person.expose().to_owned(),
        role: role(report.role).into(),
        asked_at: time(report.asked_at),
        complete: report.is_complete(),
        protection: Some(protection_report(&report.protection)),
        sources: report.sources.iter().map(source).collect(),
        payments: report.payments.iter().map(payment).collect(),
        discrepancies: report.discrepancies.iter().map(discrepancy).collect(),
        receipt: Some(receipt(released.receipt())),
        provisional_case: released.is_provisional(),
    }
}

/// How a door says why there is no answer about a member of a household.
pub type SaysWhy = fn(&QueryError) -> proto::MemberRefused;

/// One part of an answer as it travels; a household's members are named by their places in it.
pub fn part(part: &Part, why: SaysWhy) -> proto::AskStreamResponse {
    use proto::ask_stream_response::Part as Sent;
    let part = match part {
        Part::Begun(begun) => {
            Sent::Begun(proto::AskBegun { entry_id: begun.entry.to_string(), asked_at: time(begun.asked_at) })
        }
        Part::Section(released) => Sent::Section(source(released.section())),
        Part::Answer(released) => Sent::Answer(response(released)),
        Part::HouseholdBegun(begun) => Sent::HouseholdBegun(household_begun(begun, why)),
        Part::MemberSection(whom, released) => Sent::MemberSection(proto::MemberSection {
            member: Some(place(*whom)),
            section: Some(source(released.section())),
        }),
        Part::Household(released) => Sent::Household(household(released, why)),
    };
    proto::AskStreamResponse { part: Some(part) }
}

fn household_begun(begun: &HouseholdBegun, why: SaysWhy) -> proto::HouseholdBegun {
    use proto::member_begun::Result as Became;
    let member = |(whom, became): &(Whom, Result<EntryId, Denial>)| proto::MemberBegun {
        member: Some(place(*whom)),
        result: Some(match became {
            Ok(entry) => Became::EntryId(entry.to_string()),
            Err(denial) => Became::Refused(why(&QueryError::Denied(*denial))),
        }),
    };
    proto::HouseholdBegun {
        entry_id: begun.entry.to_string(),
        asked_at: time(begun.asked_at),
        members: begun.members.iter().map(member).collect(),
    }
}

/// The answers about a household as they travel.
pub fn household(released: &Released<HouseholdAnswer>, why: SaysWhy) -> proto::HouseholdAnswer {
    use proto::member_answer::Result as Became;
    let member = |(whom, told): &(Whom, Result<Released, QueryError>)| proto::MemberAnswer {
        member: Some(place(*whom)),
        result: Some(match told {
            Ok(answer) => Became::Answer(response(answer)),
            Err(error) => Became::Refused(why(error)),
        }),
    };
    let is_complete =
        |told: &Result<Released, QueryError>| told.as_ref().is_ok_and(|answer| answer.report().is_complete());
    proto::HouseholdAnswer {
        members: released.members().iter().map(member).collect(),
        complete: released.members().iter().all(|(_, told)| is_complete(told)),
    }
}

fn place(whom: Whom) -> proto::MemberPlace {
    proto::MemberPlace { role: role(whom.role).into(), nth: whom.nth.into() }
}

/// The same in bytes, for who comes back for it.
pub fn written(part: &Part, why: SaysWhy) -> Vec<u8> {
    self::part(part, why).encode_to_vec()
}

/// A part that is told again, as it travels; `None` never, since [`written`] wrote it.
pub fn again(released: &Released<Again>) -> Option<proto::AskStreamResponse> {
    proto::AskStreamResponse::decode(released.written()).ok()
}

/// A moment as it travels: RFC 3339, UTC, milliseconds.
pub fn time(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A role as it travels.
pub fn role(role: Role) -> proto::Role {
    match role {
        Role::Applicant => proto::Role::Applicant,
        Role::CoApplicant => proto::Role::CoApplicant,
        Role::Child => proto::Role::Child,
    }
}

/// What kind of holder an account has, as it travels.
pub fn account_kind(kind: &AccountKind) -> proto::AccountKind {
    match kind {
        AccountKind::Person => proto::AccountKind::Person,
        AccountKind::System { .. } => proto::AccountKind::System,
    }
}

/// A role that travelled; `None` if it is none.
pub fn role_from_proto(role: i32) -> Option<Role> {
    let role = proto::Role::try_from(role).ok()?;
    Role::ALL.into_iter().find(|candidate| self::role(*candidate) == role)
}

/// A level of protected identity as it travels.
pub fn protection(level: Protection) -> proto::Protection {
    match level {
        Protection::None => proto::Protection::None,
        Protection::NotKnown => proto::Protection::NotKnown,
        Protection::Sekretessmarkering => proto::Protection::Sekretessmarkering,
        Protection::SkyddadFolkbokforing => proto::Protection::SkyddadFolkbokforing,
    }
}

fn protection_report(summary: &ProtectionSummary) -> proto::ProtectionReport {
    let codes = |agencies: &[ssbtek_domain::Agency]| agencies.iter().map(ToString::to_string).collect();
    proto::ProtectionReport {
        level: protection(summary.level).into(),
        said_by: codes(&summary.said_by),
        silent: codes(&summary.silent),
        others_said_by: codes(&summary.others_said_by),
        household_protected: summary.household_protected,
        household_not_checked: summary.household_unchecked,
        remembered: summary.remembered,
        others_not_known_by: codes(&summary.others_not_known_by),
    }
}

fn source(report: &SourceReport) -> proto::SourceReport {
    proto::SourceReport {
        source: report.agency.code().to_owned(),
        outcome: ssbtek_wire::outcome_to_proto(report.outcome).into(),
        parts: report.parts.iter().map(ssbtek_wire::part).collect(),
        period: report.period.as_ref().map(ssbtek_wire::period),
        legal_basis: report.basis.as_ref().map(|basis| basis.0.clone()).unwrap_or_default(),
        section: report.section.as_ref().map(ssbtek_wire::section),
        withheld: report.withheld.iter().map(|field| (*field).to_owned()).collect(),
        notes: report.notes.iter().map(ssbtek_wire::note).collect(),
        fault_code: report.fault_code.clone(),
        originals: report
            .originals
            .beside()
            .iter()
            .map(|original| agency::Original {
                media_type: original.media_type.to_owned(),
                payload: original.bytes.clone().into(),
            })
            .collect(),
        duration_ms: report.duration_ms,
    }
}

fn payment(line: &PaymentLine) -> proto::PaymentLine {
    let payment = &line.payment;
    let text = |amount: Option<ssbtek_domain::Amount>| amount.map(|amount| amount.to_string());
    proto::PaymentLine {
        source: line.source.code().to_owned(),
        payer: payment.payer.clone(),
        benefit: payment.benefit.clone(),
        sub_benefit: payment.sub_benefit.clone(),
        amount_type: payment.amount_type.clone(),
        net: payment
            .net
            .iter()
            .map(|(kind, amount)| proto::NetAmount {
                kind: net_kind(*kind).into(),
                amount: amount.to_string(),
            })
            .collect(),
        gross: text(payment.gross),
        tax: text(payment.tax),
        deduction: text(payment.deduction),
        paid_on: payment.paid_on.map(|day| day.to_string()),
        covers: payment.covers.as_ref().map(ssbtek_wire::period),
        days: text(payment.days),
        state: match payment.state {
            PaymentState::Paid => proto::PaymentState::Paid,
            PaymentState::Announced => proto::PaymentState::Announced,
        }
        .into(),
        asked_at: time(line.asked_at),
        legal_basis: line.basis.0.clone(),
        perhaps_duplicate: line.perhaps_duplicate,
    }
}

fn net_kind(kind: NetKind) -> proto::net_amount::Kind {
    match kind {
        NetKind::Net => proto::net_amount::Kind::Net,
        NetKind::AfterTax => proto::net_amount::Kind::AfterTax,
        NetKind::AfterDeductions => proto::net_amount::Kind::AfterDeductions,
    }
}

fn discrepancy(found: &Discrepancy) -> proto::Discrepancy {
    let kind = match found.kind {
        DiscrepancyKind::Name => proto::discrepancy::Kind::Name,
        DiscrepancyKind::OverlappingBenefits => proto::discrepancy::Kind::OverlappingBenefits,
        DiscrepancyKind::PersonNumber => proto::discrepancy::Kind::PersonNumber,
    };
    proto::Discrepancy {
        kind: kind.into(),
        sources: found.sources.iter().map(ToString::to_string).collect(),
        detail: found.detail.to_owned(),
    }
}

/// A receipt as it travels.
pub fn receipt(receipt: &Receipt) -> proto::Receipt {
    proto::Receipt {
        leaf_hash: receipt.leaf_hash.as_bytes().to_vec(),
        leaf_index: receipt.index,
        inclusion: receipt.proof.iter().map(|hash| hash.as_bytes().to_vec()).collect(),
        checkpoint: receipt.checkpoint.clone(),
    }
}
