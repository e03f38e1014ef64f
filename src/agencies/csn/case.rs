//! One `Arende`. All five kinds share its shape; each has a namespace of its own, and some lack some parts.

use std::collections::BTreeSet;

use ssbtek_domain::{
    NaiveDate, Note,
    sections::csn::{
        AppliedTime, Case, CaseStatus, CoBorrower, GrantedTime, Mark, Moment, PaidTime, PaymentStatus,
        PlanPayment, Span, is_support_code,
    },
};
use ssbtek_xml::Element;

use super::{
    amounts,
    namespaces::{CSNTYPER, HEMUTRUSTNINGSLAN, OMSTALLNINGSSTUDIESTOD},
};
use crate::{
    Refused,
    fields::{Field, Fields, field},
};

/// Caps of CSN's lists; a list as long as its cap may have been cut. Those of transition study support have no cap.
const MAX_APPLIED: usize = 5;
const MAX_GRANTED: usize = 10;
const MAX_PAYMENTS: usize = 50;
const MAX_PAID_TIMES: usize = 10;

/// `takt`'s published values.
const PACES: [u16; 7] = [0, 20, 40, 50, 60, 75, 100];

type Notes = BTreeSet<Note>;

pub(super) fn read(case: &Element, namespace: &'static str, notes: &mut Notes) -> Result<Case, Refused> {
    let known =
        ["stodform", "klartext", "status", "relarende", "soktaTider", "BeviljadeTider", "UtbetalningsPlan"];
    let fields = Fields::closed(case, namespace, &known)?;
    let has_times = namespace != HEMUTRUSTNINGSLAN;
    let capped = namespace != OMSTALLNINGSSTUDIESTOD;
    let support = fields.required_text(field!("stodform"))?;
    note(notes, !is_support_code(&support), Note::UnknownCode("stodform"));
    let status = status(&fields.required_text(field!("status"))?);
    note(notes, matches!(status, CaseStatus::Unknown(_)), Note::UnknownCode("Arende/status"));

    let (mut applied, mut granted) = (vec![], vec![]);
    if has_times {
        for time in list(&fields, field!("soktaTider"), namespace, "soktTid")? {
            applied.push(applied_time(time, notes)?);
        }
        for time in list(&fields, field!("BeviljadeTider"), namespace, "BeviljadTid")? {
            granted.push(granted_time(time, notes)?);
        }
    }
    let mut plan = vec![];
    for payment in list(&fields, field!("UtbetalningsPlan"), namespace, "Utbetalning")? {
        plan.push(plan_payment(payment, notes)?);
    }
    note(notes, capped && applied.len() >= MAX_APPLIED, Note::PerhapsTruncated("soktTid"));
    note(notes, capped && granted.len() >= MAX_GRANTED, Note::PerhapsTruncated("BeviljadTid"));
    note(notes, capped && plan.len() >= MAX_PAYMENTS, Note::PerhapsTruncated("Utbetalning"));
    Ok(Case {
        number: case.attr("lopnummer").ok_or(Refused("Arende/@lopnummer is missing"))?.trim().to_owned(),
        support,
        label: fields.required_text(field!("klartext"))?,
        status,
        related_case: fields.text(field!("relarende"))?,
        co_borrower: case
            .attr("medlanare")
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(|text| CoBorrower::Number(text.to_owned())),
        applied,
        granted,
        plan,
    })
}

/// A mark that is set, blank, or something nobody knows.
pub(super) fn mark(text: &str, set: &str) -> Mark {
    match text.trim() {
        "" => Mark::Blank,
        text if text.to_lowercase() == set.to_lowercase() => Mark::Yes,
        text => Mark::Unknown(text.to_owned()),
    }
}

fn note(notes: &mut Notes, holds: bool, note: Note) {
    if holds {
        notes.insert(note);
    }
}

/// The elements of a list that must be there, though it may be empty.
fn list<'a>(
    fields: &Fields<'a>,
    field: Field,
    namespace: &'static str,
    name: &'static str,
) -> Result<Vec<&'a Element>, Refused> {
    Ok(Fields::closed(fields.required(field)?, namespace, &[name])?.all(name).collect())
}

fn status(text: &str) -> CaseStatus {
    match text {
        "" => CaseStatus::Unstated,
        "INITIERAD" | "INITIERAT" => CaseStatus::Initiated,
        "BESLUTAD" | "BESLUTAT" => CaseStatus::Decided,
        "AVSLUTAD" | "AVSLUTAT" => CaseStatus::Closed,
        other => CaseStatus::Unknown(other.to_owned()),
    }
}

fn applied_time(time: &Element, notes: &mut Notes) -> Result<AppliedTime, Refused> {
    let fields = Fields::closed(time, CSNTYPER, &["soktfrom", "sokttom", "soktomfattning", "soktlan"])?;
    let loan = fields.one(field!("soktlan"))?.map_or(Mark::Absent, |element| mark(element.text(), "J"));
    note(notes, matches!(loan, Mark::Unknown(_)), Note::UnknownCode("soktlan"));
    Ok(AppliedTime {
        from: date(&fields, field!("soktfrom"))?,
        to: date(&fields, field!("sokttom"))?,
        extent: pace(&fields, field!("soktomfattning"), "soktomfattning", notes)?,
        loan,
    })
}

fn granted_time(time: &Element, notes: &mut Notes) -> Result<GrantedTime, Refused> {
    let fields =
        Fields::closed(time, CSNTYPER, &["starttid", "sluttid", "takt", "gr_takt", "Beloppen", "totbelopp"])?;
    Ok(GrantedTime {
        span: span(&fields, field!("starttid"), field!("sluttid"))?,
        pace: pace(&fields, field!("takt"), "takt", notes)?,
        gr_takt: number(&fields, field!("gr_takt"))?,
        amounts: amounts::rows(&fields, notes)?,
        total: amounts::amount(&fields, field!("totbelopp"))?,
    })
}

fn plan_payment(payment: &Element, notes: &mut Notes) -> Result<PlanPayment, Refused> {
    let fields =
        Fields::closed(payment, CSNTYPER, &["utbetdatum", "utbetstatus", "Utbetaldatider", "totbelopp"])?;
    let status = match fields.required_text(field!("utbetstatus"))?.as_str() {
        "Planerad" => PaymentStatus::Planned,
        "Utbetald" | "UTBETALAD" => PaymentStatus::Paid,
        other => PaymentStatus::Unknown(other.to_owned()),
    };
    note(notes, matches!(status, PaymentStatus::Unknown(_)), Note::UnknownCode("utbetstatus"));
    let mut times = vec![];
    for time in list(&fields, field!("Utbetaldatider"), CSNTYPER, "Utbetaldtid")? {
        let fields = Fields::closed(time, CSNTYPER, &["startvecka", "slutvecka", "Beloppen", "totbelopp"])?;
        times.push(PaidTime {
            span: span(&fields, field!("startvecka"), field!("slutvecka"))?,
            amounts: amounts::rows(&fields, notes)?,
            total: amounts::amount(&fields, field!("totbelopp"))?,
        });
    }
    note(notes, times.len() >= MAX_PAID_TIMES, Note::PerhapsTruncated("Utbetaldtid"));
    Ok(PlanPayment {
        date: date(&fields, field!("utbetdatum"))?,
        status,
        times,
        total: amounts::amount(&fields, field!("totbelopp"))?,
    })
}

/// `YYYYMMDD`; zeros mean "not decided".
fn date(fields: &Fields<'_>, field: Field) -> Result<Option<NaiveDate>, Refused> {
    match fields.text(field)?.as_deref().map(Moment::parse) {
        None | Some(Ok(None)) => Ok(None),
        Some(Ok(Some(Moment::Day(day)))) => Ok(Some(day)),
        Some(Ok(Some(Moment::Week(_))) | Err(_)) => Err(field.refused),
    }
}

fn span(fields: &Fields<'_>, start: Field, end: Field) -> Result<Span, Refused> {
    let moment = |field: Field| match fields.text(field)? {
        None => Ok(None),
        Some(text) => Moment::parse(&text).map_err(|_| field.refused),
    };
    Span::new(moment(start)?, moment(end)?).map_err(|_| end.refused)
}

fn pace(
    fields: &Fields<'_>,
    field: Field,
    name: &'static str,
    notes: &mut Notes,
) -> Result<Option<u16>, Refused> {
    let pace = number(fields, field)?;
    note(notes, pace.is_some_and(|pace| !PACES.contains(&pace)), Note::UnknownCode(name));
    Ok(pace)
}

fn number(fields: &Fields<'_>, field: Field) -> Result<Option<u16>, Refused> {
    let Some(text) = fields.text(field)? else { return Ok(None) };
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(field.refused);
    }
    text.parse().map(Some).map_err(|_| field.refused)
}
