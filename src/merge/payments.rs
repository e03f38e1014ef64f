//! Payment lines over all sources: newest first, undated last; nothing dropped, nothing added up.

use std::{cmp::Reverse, collections::HashMap};

use ssbtek_domain::{
    Amount, DateTime, LegalBasis, NaiveDate, Utc,
    payment::{NetKind, Payment},
};

use crate::{PaymentLine, SourceReport};

/// All payments of all sections.
pub(crate) fn lines(sources: &[SourceReport], asked_at: DateTime<Utc>) -> Vec<PaymentLine> {
    let mut lines: Vec<PaymentLine> = sources
        .iter()
        .filter_map(|source| Some((source, source.section.as_ref()?)))
        .flat_map(|(source, section)| {
            let basis = source.basis.clone().unwrap_or_else(|| LegalBasis(String::new()));
            section.facts().payments().into_iter().map(move |payment| PaymentLine {
                source: source.agency,
                payment,
                asked_at,
                basis: basis.clone(),
                perhaps_duplicate: false,
            })
        })
        .collect();
    // A total order, so that the same facts give the same list however they were cut over sources.
    lines.sort_by(|a, b| {
        let key = |line: &PaymentLine| (line.payment.paid_on.is_none(), Reverse(line.payment.paid_on));
        key(a).cmp(&key(b)).then_with(|| (a.source, &a.payment).cmp(&(b.source, &b.payment)))
    });
    mark_duplicates(&mut lines);
    lines
}

/// What two statements of the same payment agree on.
type Alike = (NaiveDate, Vec<(NetKind, Amount)>, String);

fn alike(payment: &Payment) -> Option<Alike> {
    Some((payment.paid_on?, payment.net.clone(), payment.benefit.to_lowercase()))
}

/// Two lines may be the same payment: some benefits exist at both FK and PM, and what was announced may stand there still
/// when it has been paid. Two equal lines of one payer in one state are two payments; the payer says so.
fn mark_duplicates(lines: &mut [PaymentLine]) {
    let mut groups: HashMap<Alike, Vec<usize>> = HashMap::new();
    for (n, line) in lines.iter().enumerate() {
        if let Some(alike) = alike(&line.payment) {
            groups.entry(alike).or_default().push(n);
        }
    }
    for group in groups.into_values() {
        let Some(first) = group.first().and_then(|n| lines.get(*n)) else { continue };
        let first = (first.payment.payer.clone(), first.payment.state);
        let differ = |n: &usize| {
            lines.get(*n).is_some_and(|line| (&line.payment.payer, line.payment.state) != (&first.0, first.1))
        };
        if group.iter().any(differ) {
            for n in group {
                if let Some(line) = lines.get_mut(n) {
                    line.perhaps_duplicate = true;
                }
            }
        }
    }
}
