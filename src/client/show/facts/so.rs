//! The unemployment funds: what is not a payment.

use ssbtek_proto::agency::v1::{SoFund, SoSection};

use super::Facts;
use crate::show::phrases::{joined, period};

pub(super) fn lines(section: &SoSection, facts: &mut Facts) {
    for fund in &section.funds {
        facts.labelled(&fund.name, &told(fund));
    }
}

fn told(fund: &SoFund) -> String {
    let suspended: Vec<String> = fund.suspensions.iter().map(period).collect();
    let application = fund.application.as_ref();
    joined([
        (!suspended.is_empty()).then(|| format!("suspended (avstängd) {}", suspended.join(" and "))),
        application
            .and_then(|of| of.right_decided_on.as_ref())
            .map(|on| format!("right to compensation decided {on}")),
        application.filter(|of| of.claim_submitted).map(|_| "claim for payment handed in".to_owned()),
    ])
}
