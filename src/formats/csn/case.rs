//! One `Arende`. All five kinds share its shape; each has a namespace of its own, and some lack some parts.

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
    namespaces::{ANY, HEMUTRUSTNINGSLAN, OMSTALLNINGSSTUDIESTOD},
};
use crate::{fields::Fields, notes::Notes};

/// Caps of CSN's lists; a list as long as its cap may have been cut. Those of transition study support have no cap.
const MAX_APPLIED: usize = 5;
const MAX_GRANTED: usize = 10;
const MAX_PAYMENTS: usize = 50;
const MAX_PAID_TIMES: usize = 10;

/// `takt`'s published values.
const PACES: [u16; 7] = [0, 20, 40, 50, 60, 75, 100];

/// What of a case is judged by itself: its lists, and where it has somebody else.
pub(super) const APART: [&str; 4] = ["soktaTider", "BeviljadeTider", "UtbetalningsPlan", "@medlanare"];

/// `kind` is the kind's namespace in schema 4.0, whatever the answer's own version.
pub(super) fn read(case: &Element, kind: &'static str, notes: &Notes) -> Case {
    let known = [
        "stodform",
        "klartext",
        "status",
        "relarende",
        "soktaTider",
        "BeviljadeTider",
        "UtbetalningsPlan",
        "@lopnummer",
        "@medlanare",
    ];
    let fields = Fields::of(case, ANY, &known, "Arende", notes);
    let has_times = kind != HEMUTRUSTNINGSLAN;
    let capped = kind != OMSTALLNINGSSTUDIESTOD;
    let support = fields.required_text("stodform");
    notes.add_if(!is_support_code(&support), Note::UnknownCode("stodform"));
    let status = status(&fields.required_text("status"));
    notes.add_if(matches!(status, CaseStatus::Unknown(_)), Note::UnknownCode("Arende/status"));

    let (mut applied, mut granted) = (vec![], vec![]);
    if has_times {
        applied.extend(list(&fields, "soktaTider", "soktTid").map(|time| applied_time(time, notes)));
        granted.extend(list(&fields, "BeviljadeTider", "BeviljadTid").map(|time| granted_time(time, notes)));
    }
    let plan: Vec<PlanPayment> = list(&fields, "UtbetalningsPlan", "Utbetalning")
        .map(|payment| plan_payment(payment, notes))
        .collect();
    notes.cut_if(capped && applied.len() >= MAX_APPLIED, "soktTid");
    notes.cut_if(capped && granted.len() >= MAX_GRANTED, "BeviljadTid");
    notes.cut_if(capped && plan.len() >= MAX_PAYMENTS, "Utbetalning");
    let number = fields.attr("lopnummer");
    notes.add_if(number.is_none(), Note::Missing("Arende/@lopnummer"));
    Case {
        number: number.unwrap_or_default().trim().to_owned(),
        support,
        label: fields.required_value("klartext").unwrap_or_default().to_owned(),
        status,
        related_case: fields.text("relarende"),
        co_borrower: fields
            .attr_of_another("medlanare")
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(|text| CoBorrower::Number(text.to_owned())),
        applied,
        granted,
        plan,
    }
}

/// A mark that is set, blank, or something nobody knows.
pub(super) fn mark(text: &str, set: &str) -> Mark {
    match text.trim() {
        "" => Mark::Blank,
        text if text.to_lowercase() == set.to_lowercase() => Mark::Yes,
        text => Mark::Unknown(text.to_owned()),
    }
}

/// The elements of a list that must be there, though it may be empty.
fn list<'a>(
    fields: &Fields<'a>,
    list: &'static str,
    name: &'static str,
) -> impl Iterator<Item = &'a Element> + use<'a> {
    fields.required(list);
    let notes = fields.notes();
    fields
        .all(list)
        .flat_map(move |element| Fields::of(element, ANY, &[name], list, notes).records(name, &[]))
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

fn applied_time(time: &Element, notes: &Notes) -> AppliedTime {
    let known = ["soktfrom", "sokttom", "soktomfattning", "soktlan"];
    let fields = Fields::of(time, ANY, &known, "soktTid", notes);
    let loan = fields.leaf("soktlan").map_or(Mark::Absent, |element| mark(element.text(), "J"));
    notes.add_if(matches!(loan, Mark::Unknown(_)), Note::UnknownCode("soktlan"));
    AppliedTime {
        from: date(&fields, "soktfrom"),
        to: date(&fields, "sokttom"),
        extent: pace(&fields, "soktomfattning"),
        loan,
    }
}

fn granted_time(time: &Element, notes: &Notes) -> GrantedTime {
    let known = ["starttid", "sluttid", "takt", "gr_takt", "Beloppen", "totbelopp"];
    let fields = Fields::of(time, ANY, &known, "BeviljadTid", notes);
    GrantedTime {
        span: span(&fields, "starttid", "sluttid"),
        pace: pace(&fields, "takt"),
        gr_takt: number(&fields, "gr_takt"),
        amounts: amounts::rows(&fields),
        total: amounts::amount(&fields, "totbelopp"),
    }
}

fn plan_payment(payment: &Element, notes: &Notes) -> PlanPayment {
    let known = ["utbetdatum", "utbetstatus", "Utbetaldatider", "totbelopp"];
    let fields = Fields::of(payment, ANY, &known, "Utbetalning", notes);
    let status = match fields.required_text("utbetstatus").as_str() {
        "Planerad" => PaymentStatus::Planned,
        "Utbetald" | "UTBETALAD" => PaymentStatus::Paid,
        other => PaymentStatus::Unknown(other.to_owned()),
    };
    notes.add_if(matches!(status, PaymentStatus::Unknown(_)), Note::UnknownCode("utbetstatus"));
    let known = ["startvecka", "slutvecka", "Beloppen", "totbelopp"];
    let times = list(&fields, "Utbetaldatider", "Utbetaldtid").map(|time| {
        let fields = Fields::of(time, ANY, &known, "Utbetaldtid", notes);
        PaidTime {
            span: span(&fields, "startvecka", "slutvecka"),
            amounts: amounts::rows(&fields),
            total: amounts::amount(&fields, "totbelopp"),
        }
    });
    let times: Vec<PaidTime> = times.collect();
    notes.cut_if(times.len() >= MAX_PAID_TIMES, "Utbetaldtid");
    // The broker converts nothing.
    let total = amounts::amount(&fields, "totbelopp").filter(|_| !fields.is_in_another_currency());
    if total.is_none() {
        // The payment stays, but makes no line.
        notes.lose_missing("totbelopp");
    }
    let paid_on = date(&fields, "utbetdatum");
    notes.add_if(paid_on.is_none() && status == PaymentStatus::Paid, Note::Missing("utbetdatum"));
    PlanPayment { date: paid_on, status, times, total }
}

/// `YYYYMMDD`; zeros mean "not decided".
fn date(fields: &Fields<'_>, name: &'static str) -> Option<NaiveDate> {
    match moment(fields, name)? {
        Moment::Day(day) => Some(day),
        Moment::Week(_) => {
            fields.notes().lose(name);
            None
        }
    }
}

fn moment(fields: &Fields<'_>, name: &'static str) -> Option<Moment> {
    let read = Moment::parse(&fields.text(name)?);
    fields.notes().lose_if(read.is_err(), name);
    read.ok().flatten()
}

fn span(fields: &Fields<'_>, start: &'static str, end: &'static str) -> Span {
    let span = Span::new(moment(fields, start), moment(fields, end));
    fields.notes().lose_if(span.is_err(), end);
    span.unwrap_or_default()
}

fn pace(fields: &Fields<'_>, name: &'static str) -> Option<u16> {
    let pace = number(fields, name);
    fields.notes().add_if(pace.is_some_and(|pace| !PACES.contains(&pace)), Note::UnknownCode(name));
    pace
}

fn number(fields: &Fields<'_>, name: &'static str) -> Option<u16> {
    let text = fields.text(name)?;
    let read = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    fields.notes().lose_if(read.is_none(), name);
    read
}
