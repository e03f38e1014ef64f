//! Pensionsmyndigheten, inside Försäkringskassan's answer.

use ssbtek_proto::agency::v1::{FkPensionAgency, FkPensionCompensation};

use super::Facts;
use crate::show::phrases::{code, joined, kr, span, with};

pub(super) fn lines(pension: &FkPensionAgency, facts: &mut Facts) {
    for claim in &pension.claims {
        let text = joined([
            claim.group.as_ref().and_then(code),
            with("arrived ", claim.arrived.as_ref()),
            claim.period.as_ref().and_then(span),
        ]);
        facts.labelled("PM application (anspråk)", &text);
    }
    for decision in &pension.decisions {
        let granted: Vec<String> = decision.compensations.iter().map(compensation).collect();
        let text = joined([
            decision.decided.clone(),
            decision.group.as_ref().and_then(code),
            decision.outcome.as_ref().and_then(code),
            decision.status.as_ref().and_then(code),
            Some(granted.join("; ")),
        ]);
        facts.labelled("PM decision (beslut)", &text);
    }
    for other in pension.other.iter().filter_map(|other| other.kind.as_ref().and_then(code)) {
        facts.labelled("PM other information", &other);
    }
    if pension.claims.is_empty() && pension.decisions.is_empty() {
        facts.none("applications and decisions at PM");
    }
}

fn compensation(of: &FkPensionCompensation) -> String {
    let often = of.frequency.as_ref().and_then(code).map(|often| format!(" {often}")).unwrap_or_default();
    joined([
        of.kind.as_ref().and_then(code),
        of.amount.as_ref().map(|amount| format!("{}{often}", kr(amount))),
        of.period.as_ref().and_then(span),
    ])
}
