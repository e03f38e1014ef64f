//! Two kinds of information in one answer: Försäkringskassan's and Pensionsmyndigheten's.

use super::{Section, paid::FkPayment, pm::PensionAgency};
use crate::{Agency, Information, Kind};

pub(super) const KINDS: [Kind; 2] = [
    Kind { name: "FK", part: Some("FK"), ordinance: Some("3 §") },
    Kind { name: "PM", part: Some("PM"), ordinance: Some("7 §") },
];

impl Information {
    /// Försäkringskassan's groups of LEFI.
    pub const FK: Self = Self::in_place(Agency::Fk, &KINDS, 0);
    /// Pensionsmyndigheten's, asked for and answered together with Försäkringskassan's.
    pub const PM: Self = Self::in_place(Agency::Fk, &KINDS, 1);
}

/// LEFI's `foretag` of a payment that Pensionsmyndigheten makes.
const PM_PAYS: &str = "1003";

pub(super) fn take_out(facts: &mut Section, kind: Information) -> bool {
    match kind {
        Information::FK => take_out_fk(facts),
        Information::PM => take_out_pm(facts),
        // A kind of another agency's.
        _ => false,
    }
}

fn is_pms(payment: &FkPayment) -> bool {
    payment.company.as_ref().and_then(|code| code.id.as_deref()) == Some(PM_PAYS)
}

fn take_out_pm(facts: &mut Section) -> bool {
    let before = facts.paid.len() + facts.announced.len();
    facts.paid.retain(|payment| !is_pms(payment));
    facts.announced.retain(|payment| !is_pms(payment));
    let pm = std::mem::take(&mut facts.pm);
    pm != PensionAgency::default() || facts.paid.len() + facts.announced.len() < before
}

fn take_out_fk(facts: &mut Section) -> bool {
    let mut kept =
        Section { person: facts.person.clone(), pm: std::mem::take(&mut facts.pm), ..Section::default() };
    let pms = |payments: &[FkPayment]| payments.iter().filter(|payment| is_pms(payment)).cloned().collect();
    (kept.paid, kept.announced) = (pms(&facts.paid), pms(&facts.announced));
    let rest = Section { pm: kept.pm.clone(), ..std::mem::take(facts) };
    let something = rest != kept;
    *facts = kept;
    something
}
