//! CSN.

use ssbtek_proto::agency::v1::{CsnCase, CsnCaseStatus, CsnGrantedTime, CsnSection, CsnSpan};

use super::Facts;
use crate::show::phrases::{count, joined, kr, with};

pub(super) fn lines(section: &CsnSection, facts: &mut Facts) {
    let kinds = [
        ("studiemedel", &section.studiemedel),
        ("studiehjälp", &section.studiehjalp),
        ("studiestartsstöd", &section.studiestartsstod),
        ("omställningsstudiestöd", &section.omstallningsstudiestod),
        ("hemutrustningslån", &section.hemutrustningslan),
    ];
    facts.labelled("status of the person", section.unknown_status.as_deref().unwrap_or_default());
    for (kind, cases) in kinds {
        cases.iter().for_each(|case| facts.labelled(kind, &told(case)));
    }
    if kinds.iter().all(|(_, cases)| cases.is_empty()) {
        facts.none("cases (ärenden)");
    }
}

fn told(case: &CsnCase) -> String {
    let granted: Vec<String> = case.granted.iter().map(granted).collect();
    joined([
        Some(if case.label.is_empty() { case.support.clone() } else { case.label.clone() }),
        Some(status(case)),
        (case.granted.is_empty() && !case.applied.is_empty()).then(|| {
            let times = case.applied.iter().map(|time| {
                let (from, to) = (time.from.as_deref().unwrap_or("?"), time.to.as_deref().unwrap_or("?"));
                format!("{from} – {to}")
            });
            format!("applied for {}", times.collect::<Vec<_>>().join(" and "))
        }),
        (!granted.is_empty()).then(|| format!("granted {}", granted.join("; "))),
        (!case.plan.is_empty())
            .then(|| format!("{} in the plan", count(case.plan.len(), "payment", "payments"))),
        case.has_co_borrower.then(|| "with a co-borrower (medlånare)".to_owned()),
    ])
}

fn status(case: &CsnCase) -> String {
    match CsnCaseStatus::try_from(case.status) {
        Ok(CsnCaseStatus::Initiated) => "initiated (initierat)".to_owned(),
        Ok(CsnCaseStatus::Decided) => "decided (beslutat)".to_owned(),
        Ok(CsnCaseStatus::Closed) => "closed (avslutat)".to_owned(),
        Ok(CsnCaseStatus::Unstated) => "status not stated".to_owned(),
        Ok(CsnCaseStatus::Unknown | CsnCaseStatus::Unspecified) | Err(_) => {
            format!("status {}", case.unknown_status.as_deref().unwrap_or("not known"))
        }
    }
}

fn granted(time: &CsnGrantedTime) -> String {
    joined([
        time.span.as_ref().map(span),
        time.pace_percent.map(|percent| format!("{percent} %")),
        with("in all ", time.total.as_ref().map(|total| kr(total))),
    ])
}

fn span(span: &CsnSpan) -> String {
    format!("{} – {}", span.start.as_deref().unwrap_or("?"), span.end.as_deref().unwrap_or("?"))
}
