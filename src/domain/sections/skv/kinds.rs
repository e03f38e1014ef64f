//! Five kinds of information in one answer: the contract's five parts. The one document of contract v10 goes by
//! [`Part::TaxData`].

use super::{Part, Section};
use crate::{Agency, Information, Kind};

pub(super) const KINDS: [Kind; 5] = {
    let [a, b, c, d, e] = Part::ALL;
    [kind(a), kind(b), kind(c), kind(d), kind(e)]
};

/// Companies and what is appended to tax returns are not among what 6 § lets Skatteverket give.
const fn kind(part: Part) -> Kind {
    let (name, ordinance) = match part {
        Part::CompanyInformation => ("SKV.foretagsinformation", None),
        Part::IndividualStatements => ("SKV.individuppgifter", None),
        // What is paid back of tax, and income of capital.
        Part::TaxAccount => ("SKV.skattekonto", Some("6 §")),
        Part::TaxData => ("SKV.skatteuppgifter", Some("6 §")),
        Part::TaxAppendices => ("SKV.beskattningsbilagor", None),
    };
    Kind { name, part: Some(part.name()), ordinance }
}

impl Information {
    /// One of Skatteverket's five parts.
    pub const fn skv(part: Part) -> Self {
        // The parts are numbered as they are listed.
        Self::in_place(Agency::Skv, &KINDS, part as usize)
    }
}

pub(super) fn take_out(facts: &mut Section, kind: Information) -> bool {
    let part = Part::ALL.into_iter().find(|part| Information::skv(*part) == kind);
    part.is_some_and(|part| take_out_part(facts, part))
}

fn take_out_part(facts: &mut Section, part: Part) -> bool {
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
