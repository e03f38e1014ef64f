//! Payment lines over all sources: newest first, undated last; nothing dropped, nothing added up.

use std::cmp::Reverse;

use ssbtek_domain::{DateTime, LegalBasis, Utc};

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

/// Some benefits exist at both FK and PM: same day, same amounts, same benefit, another payer.
fn mark_duplicates(lines: &mut [PaymentLine]) {
    for i in 0..lines.len() {
        let twin = (0..lines.len()).find(|j| *j != i && same_payment(&lines[i], &lines[*j]));
        lines[i].perhaps_duplicate = twin.is_some();
    }
}

fn same_payment(a: &PaymentLine, b: &PaymentLine) -> bool {
    let (a, b) = (&a.payment, &b.payment);
    a.payer != b.payer
        && a.paid_on.is_some()
        && a.paid_on == b.paid_on
        && a.net == b.net
        && a.benefit.eq_ignore_ascii_case(&b.benefit)
}
