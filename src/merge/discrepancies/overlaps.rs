//! Benefits that exclude each other over the same days.
//!
//! Compensation from an unemployment fund presupposes being at the labour market's disposal for that part of full time:
//! not studying with CSN's support, not on sick leave and not in a programme that pays in its place, for the same part.
//! Where both shares are known, they contradict only if they are more than full time together.

use ssbtek_domain::{
    Agency,
    payment::{BenefitTime, FULL_TIME, PaidAs},
};

use crate::{Discrepancy, DiscrepancyKind, SourceReport};

/// As what nobody is paid beside being unemployed, with what is said of it: surely more than full time together, or perhaps.
const EXCLUDED: [(PaidAs, &str, &str); 2] = [
    (
        PaidAs::Student,
        "unemployment compensation and study support over the same days, together more than full time",
        "unemployment compensation and study support over the same days; the extent is not known",
    ),
    (
        PaidAs::AwayFromWork,
        "unemployment compensation and a benefit in place of work over the same days, together more than full time",
        "unemployment compensation and a benefit in place of work over the same days; the extent is not known",
    ),
];

/// Pairs of agencies: who pays somebody as unemployed, and who pays the same person as something else.
pub(super) fn find(sources: &[SourceReport]) -> Vec<Discrepancy> {
    let told: Vec<(Agency, BenefitTime)> = sources
        .iter()
        .filter_map(|source| source.section.as_ref())
        .flat_map(|section| section.facts().benefit_times().into_iter().map(|time| (section.agency(), time)))
        .collect();
    let by = |agency: Agency, paid_as: PaidAs| -> Vec<&BenefitTime> {
        let mine = told.iter().filter(|(of, time)| *of == agency && time.paid_as == paid_as);
        mine.map(|(_, time)| time).collect()
    };
    let mut found = vec![];
    for fund in Agency::ALL {
        let unemployed = by(fund, PaidAs::Unemployed);
        for other in Agency::ALL {
            for (paid_as, surely, perhaps) in EXCLUDED {
                let detail = clash(&unemployed, &by(other, paid_as), surely, perhaps);
                found.extend(detail.map(|detail| Discrepancy {
                    kind: DiscrepancyKind::OverlappingBenefits,
                    sources: vec![fund, other],
                    detail,
                }));
            }
        }
    }
    found
}

/// The surest contradiction among all pairs of times: what is said if some pair is surely more than full time together, or perhaps.
fn clash(
    unemployed: &[&BenefitTime],
    others: &[&BenefitTime],
    surely: &'static str,
    perhaps: &'static str,
) -> Option<&'static str> {
    let over = |a: &BenefitTime, b: &BenefitTime| a.covers.intersect(&b.covers).is_some();
    let pairs = || unemployed.iter().flat_map(|a| others.iter().filter(|b| over(a, b)).map(move |b| (a, b)));
    let together = |(a, b): (&&BenefitTime, &&BenefitTime)| Some(a.share? + b.share?);
    if pairs().any(|pair| together(pair).is_some_and(|share| share > FULL_TIME)) {
        return Some(surely);
    }
    pairs().any(|pair| together(pair).is_none()).then_some(perhaps)
}
