//! Where sources contradict each other.

use ssbtek_domain::{Agency, payment::PaymentState};

use crate::{Discrepancy, DiscrepancyKind, PaymentLine, SourceReport};

/// Contradictions among the sources, each pair once.
pub(crate) fn find(sources: &[SourceReport], payments: &[PaymentLine]) -> Vec<Discrepancy> {
    let mut found = names(sources);
    found.extend(overlaps(payments));
    found
}

fn names(sources: &[SourceReport]) -> Vec<Discrepancy> {
    let named: Vec<(Agency, String)> = sources
        .iter()
        .filter_map(|source| {
            let (_, family) = source.section.as_ref()?.facts().name()?;
            Some((source.agency, folded(family)))
        })
        .filter(|(_, family)| !family.is_empty())
        .collect();
    let Some((first, name)) = named.first() else { return vec![] };
    named
        .iter()
        .filter(|(_, other)| other != name)
        .map(|(agency, _)| Discrepancy {
            kind: DiscrepancyKind::Name,
            sources: vec![*first, *agency],
            detail: "the agencies have different family names for the person",
        })
        .collect()
}

fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Full compensation from an unemployment fund presupposes being at the labour market's disposal: not studying with CSN's
/// support, and not on sick leave, over the same days.
fn overlaps(payments: &[PaymentLine]) -> Vec<Discrepancy> {
    let paid = |agency: Agency| {
        payments.iter().filter(move |line| line.source == agency && line.payment.state == PaymentState::Paid)
    };
    let sick = |line: &&PaymentLine| line.payment.benefit.to_lowercase().contains("sjukpenning");
    let clash = |a: &PaymentLine, b: &PaymentLine| matches!((&a.payment.covers, &b.payment.covers), (Some(a), Some(b)) if a.intersect(b).is_some());
    let mut found = Vec::new();
    if paid(Agency::So).any(|fund| paid(Agency::Csn).any(|other| clash(fund, other))) {
        found.push(Discrepancy {
            kind: DiscrepancyKind::OverlappingBenefits,
            sources: vec![Agency::So, Agency::Csn],
            detail: "unemployment compensation and study support over the same days",
        });
    }
    if paid(Agency::So).any(|fund| paid(Agency::Fk).filter(sick).any(|other| clash(fund, other))) {
        found.push(Discrepancy {
            kind: DiscrepancyKind::OverlappingBenefits,
            sources: vec![Agency::So, Agency::Fk],
            detail: "unemployment compensation and sickness benefit over the same days",
        });
    }
    found
}
