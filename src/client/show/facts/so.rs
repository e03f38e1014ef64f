//! The unemployment funds: what is not a payment.

use ssbtek_proto::agency::v1::{Period, SoFund, SoSection};

use super::Facts;
use crate::show::phrases::{joined, period};

pub(super) fn lines(section: &SoSection, facts: &mut Facts) {
    for fund in &section.funds {
        facts.labelled(&fund.name, &told(fund));
    }
}

fn told(fund: &SoFund) -> String {
    let days = |of: &Period| {
        let told = |text: &str| if text.is_empty() { "not told".to_owned() } else { text.to_owned() };
        period(&Period { from: told(&of.from), to: told(&of.to) })
    };
    let suspended: Vec<String> = fund.suspensions.iter().map(days).collect();
    let application = fund.application.as_ref();
    joined([
        (!suspended.is_empty()).then(|| format!("suspended (avstängd) {}", suspended.join(" and "))),
        application
            .and_then(|of| of.right_decided_on.as_ref())
            .map(|on| format!("right to compensation decided {on}")),
        application
            .filter(|of| of.right_not_told)
            .map(|_| "whether the right to compensation is decided: not told".to_owned()),
        application.filter(|of| of.claim_submitted).map(|_| "claim for payment handed in".to_owned()),
        application
            .filter(|of| of.claim_not_told)
            .map(|_| "whether a claim for payment is handed in: not told".to_owned()),
    ])
}
