//! Which facts belong to which kind of information, for agencies that give several.

use super::{
    Section,
    fk::{self, paid::FkPayment, pm::PensionAgency},
    skv,
};
use crate::{Information, Kinds, sections::skv::Part};

/// LEFI's `foretag` of a payment that Pensionsmyndigheten makes.
const PM_PAYS: &str = "1003";

impl Section {
    /// Takes out everything that is of none of these kinds. Returns the kinds of which there was something.
    pub fn keep_only(&mut self, kinds: &Kinds) -> Vec<Information> {
        let mut left_out = vec![];
        for kind in Information::of(self.agency()).into_iter().filter(|kind| !kinds.contains(kind)) {
            let taken = match (&mut *self, kind) {
                (Section::Skv(facts), Information::Skv(part)) => take_out_part(facts, part),
                (Section::Fk(facts), Information::Pm) => take_out_pm(facts),
                (Section::Fk(facts), Information::Fk) => take_out_fk(facts),
                // These give one kind, which is not asked for at all where it has no ground.
                (
                    Section::Af(_) | Section::Csn(_) | Section::So(_) | Section::Tns(_) | Section::Miv(_),
                    _,
                ) => false,
                // A kind of another agency's.
                (Section::Skv(_) | Section::Fk(_), _) => false,
            };
            left_out.extend(taken.then_some(kind));
        }
        left_out
    }
}

fn take_out_part(facts: &mut skv::Section, part: Part) -> bool {
    // The one document of contract v10 goes by the tax data.
    let belongs = |of: Option<Part>| of.unwrap_or(Part::TaxData) == part;
    let documents = facts.documents.len();
    facts.documents.retain(|document| !belongs(document.part));
    let documents = facts.documents.len() < documents;
    let facts = match part {
        Part::CompanyInformation => !std::mem::take(&mut facts.companies).is_empty(),
        Part::IndividualStatements => !std::mem::take(&mut facts.statements).is_empty(),
        Part::TaxAccount => facts.tax_account.take().is_some(),
        Part::TaxData => !std::mem::take(&mut facts.years).is_empty(),
        Part::TaxAppendices => !std::mem::take(&mut facts.appendices).is_empty(),
    };
    documents || facts
}

fn is_pms(payment: &FkPayment) -> bool {
    payment.company.as_ref().and_then(|code| code.id.as_deref()) == Some(PM_PAYS)
}

fn take_out_pm(facts: &mut fk::Section) -> bool {
    let before = facts.paid.len() + facts.announced.len();
    facts.paid.retain(|payment| !is_pms(payment));
    facts.announced.retain(|payment| !is_pms(payment));
    let pm = std::mem::take(&mut facts.pm);
    pm != PensionAgency::default() || facts.paid.len() + facts.announced.len() < before
}

fn take_out_fk(facts: &mut fk::Section) -> bool {
    let mut kept = fk::Section {
        person: facts.person.clone(),
        pm: std::mem::take(&mut facts.pm),
        ..fk::Section::default()
    };
    let pms = |payments: &[FkPayment]| payments.iter().filter(|payment| is_pms(payment)).cloned().collect();
    (kept.paid, kept.announced) = (pms(&facts.paid), pms(&facts.announced));
    let rest = fk::Section { pm: kept.pm.clone(), ..std::mem::take(facts) };
    let something = rest != kept;
    *facts = kept;
    something
}
