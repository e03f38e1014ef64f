//! Benefits that exclude each other over the same days.
//!
//! Compensation from an unemployment fund presupposes being at the labour market's disposal for that part of full time:
//! not studying with CSN's support, not on sick leave and not in a programme that pays in its place, for the same part.
//! Where both shares are known, they contradict only if they are more than full time together.

use chrono::{Datelike, Weekday};
use ssbtek_domain::{
    Agency, Period,
    sections::{Section, csn, fk, so},
};

use crate::{Discrepancy, DiscrepancyKind, SourceReport};

/// FK's benefits that stand in the place of work or of the fund's compensation, as FK names them.
const IN_PLACE_OF_WORK: [&str; 5] = [
    "sjukpenning",
    "rehabiliteringspenning",
    "aktivitetsstöd",
    "utvecklingsersättning",
    "etableringsersättning",
];

/// Full time.
const FULL: i64 = 10_000;

/// Something paid for a time.
struct Claim {
    covers: Period,
    /// Part of full time in ten-thousandths; `None`: the source does not say.
    share: Option<i64>,
}

/// Pairs of agencies.
pub(super) fn find(sources: &[SourceReport]) -> Vec<Discrepancy> {
    let sections = || sources.iter().filter_map(|source| source.section.as_ref());
    let mut unemployed = vec![];
    let (mut studying, mut in_place) = (vec![], vec![]);
    for section in sections() {
        match section {
            Section::So(section) => unemployed.extend(section.funds.iter().flat_map(fund)),
            Section::Csn(section) => studying.extend(student(section)),
            Section::Fk(section) => in_place.extend(in_place_of_work(section)),
            // These pay nothing for a time.
            Section::Af(_) | Section::Skv(_) | Section::Tns(_) | Section::Miv(_) => {}
        }
    }
    let study = Texts {
        surely: "unemployment compensation and study support over the same days, together more than full time",
        perhaps: "unemployment compensation and study support over the same days; the extent is not known",
    };
    let benefit = Texts {
        surely: "unemployment compensation and a benefit from FK in place of work over the same days, together more than \
                 full time",
        perhaps: "unemployment compensation and a benefit from FK in place of work over the same days; the extent is not \
                  known",
    };
    let study = clash(Agency::Csn, &study, &unemployed, &studying);
    study.into_iter().chain(clash(Agency::Fk, &benefit, &unemployed, &in_place)).collect()
}

/// What is said of two claims that exclude each other.
struct Texts {
    surely: &'static str,
    perhaps: &'static str,
}

/// The surest contradiction among all pairs of claims.
fn clash(agency: Agency, texts: &Texts, unemployed: &[Claim], others: &[Claim]) -> Option<Discrepancy> {
    let over = |a: &Claim, b: &Claim| a.covers.intersect(&b.covers).is_some();
    let pairs =
        || unemployed.iter().flat_map(|a| others.iter().filter(move |b| over(a, b)).map(move |b| (a, b)));
    let together = |(a, b): (&Claim, &Claim)| Some(a.share? + b.share?);
    let surely = pairs().any(|pair| together(pair).is_some_and(|share| share > FULL));
    let perhaps = pairs().any(|pair| together(pair).is_none());
    let detail = match (surely, perhaps) {
        (true, _) => texts.surely,
        (false, true) => texts.perhaps,
        (false, false) => return None,
    };
    Some(Discrepancy {
        kind: DiscrepancyKind::OverlappingBenefits,
        sources: vec![Agency::So, agency],
        detail,
    })
}

/// A fund's days out of the weekdays of the time they cover.
fn fund(fund: &so::Fund) -> impl Iterator<Item = Claim> {
    fund.payments.iter().filter_map(|payment| {
        let covers = payment.covers?;
        let weekdays = weekdays(&covers);
        let days = payment.days.map(|days| days.ten_thousandths()).filter(|days| *days > 0 && weekdays > 0);
        Some(Claim { covers, share: days.map(|days| (days / weekdays).min(FULL)) })
    })
}

fn weekdays(period: &Period) -> i64 {
    let weekend = |day: Weekday| matches!(day, Weekday::Sat | Weekday::Sun);
    let (weeks, rest) = (period.days() / 7, period.days() % 7);
    let first = period.from();
    let rest = first.iter_days().take(usize::try_from(rest).unwrap_or(0));
    weeks * 5 + rest.filter(|day| !weekend(day.weekday())).count() as i64
}

/// What CSN has paid, with the pace of studies granted for those weeks.
fn student(section: &csn::Section) -> Vec<Claim> {
    let of_case = |case: &csn::Case| -> Vec<Claim> {
        let paid = case.plan.iter().filter(|payment| payment.status == csn::PaymentStatus::Paid);
        let times = paid.flat_map(|payment| payment.times.iter().filter_map(|time| time.span.days()));
        times.map(|covers| Claim { covers, share: pace(case, &covers) }).collect()
    };
    let cases = [&section.studiemedel, &section.studiestartsstod, &section.omstallningsstudiestod];
    cases.into_iter().flatten().flat_map(of_case).collect()
}

/// The lowest pace granted over a time: what is surely studied.
fn pace(case: &csn::Case, covers: &Period) -> Option<i64> {
    let over = |granted: &&csn::GrantedTime| {
        granted.span.days().is_some_and(|days| days.intersect(covers).is_some())
    };
    let paces: Option<Vec<i64>> = case
        .granted
        .iter()
        .filter(over)
        .map(|granted| granted.pace.map(|pace| i64::from(pace) * 100))
        .collect();
    paces?.into_iter().min()
}

fn in_place_of_work(section: &fk::Section) -> Vec<Claim> {
    section.paid.iter().filter(|payment| is_in_place_of_work(payment)).filter_map(sick_claim).collect()
}

fn is_in_place_of_work(payment: &fk::paid::FkPayment) -> bool {
    let benefits = payment.details.iter().map(|row| &row.benefit).chain([&payment.benefit_family]);
    let labels = benefits.filter_map(|code| code.as_ref()?.label()).map(str::to_lowercase);
    labels.into_iter().any(|label| IN_PLACE_OF_WORK.iter().any(|known| label.contains(known)))
}

/// A payment's time and the lowest extent its rows state.
fn sick_claim(payment: &fk::paid::FkPayment) -> Option<Claim> {
    let covers = payment.period.as_ref()?.period()?;
    let shares: Option<Vec<i64>> = payment.details.iter().map(|row| share(row.extent.as_ref()?)).collect();
    Some(Claim { covers, share: shares.and_then(|shares| shares.into_iter().min()) })
}

/// Both 0 or either missing: not stated.
fn share(extent: &fk::common::Extent) -> Option<i64> {
    let (numerator, denominator) = (extent.numerator?, extent.denominator?);
    if numerator <= 0 || denominator <= 0 {
        return None;
    }
    Some((numerator.checked_mul(FULL)? / denominator).min(FULL))
}
