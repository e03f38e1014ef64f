//! Skatteverket.

use ssbtek_proto::agency::v1::{SkvCompany, SkvIncomeYear, SkvIndividualStatement, SkvSection};

use super::Facts;
use crate::show::phrases::{self, count, joined, period, with};

pub(super) fn lines(section: &SkvSection, facts: &mut Facts) {
    section.years.iter().for_each(|year| income_year(year, facts));
    section.statements.iter().for_each(|of| statement(of, facts));
    if let Some(account) = &section.tax_account {
        let text = joined([kr("balance ", &account.balance), with("on ", account.as_of.as_ref())]);
        facts.labelled("tax account (skattekonto)", &text);
    }
    section.companies.iter().for_each(|of| company(of, facts));
    for appendix in &section.appendices {
        let year = appendix.year.map(|year| year.to_string());
        facts.labelled("appendix to the tax return (bilaga)", &joined([Some(appendix.kind.clone()), year]));
    }
    if !section.documents.is_empty() {
        let held_back = section.documents.iter().filter(|document| document.text.is_none()).count();
        let text = joined([
            Some(count(section.documents.len(), "document", "documents")),
            (held_back > 0).then(|| format!("{held_back} held back")),
        ]);
        facts.labelled("as SKV sent it", &format!("{text}; may state more than is read out here"));
    }
}

fn income_year(year: &SkvIncomeYear, facts: &mut Facts) {
    let values: Vec<String> = year.properties.iter().filter_map(|of| kr("", &of.assessed_value)).collect();
    let text = joined([
        kr("earned income (fastställd förvärvsinkomst) ", &year.earned_income),
        kr("surplus of business ", &year.business_surplus),
        kr("surplus of capital ", &year.capital_surplus),
        kr("deficit of capital ", &year.capital_deficit),
        kr("base of property fee ", &year.property_fee_base),
        kr("final tax (slutlig skatt) ", &year.final_tax),
        (!year.properties.is_empty())
            .then(|| count(year.properties.len(), "taxed property", "taxed properties")),
        (!values.is_empty()).then(|| format!("taxeringsvärde {}", values.join(" and "))),
    ]);
    facts.labelled(&format!("income year {}", year.year), &text);
}

fn statement(of: &SkvIndividualStatement, facts: &mut Facts) {
    let payer = of.payer.as_ref().and_then(|payer| payer.name.clone().or_else(|| payer.number.clone()));
    let text = joined([
        of.month.as_ref().map(period),
        Some(payer.unwrap_or_else(|| "payer not stated or held back".to_owned())),
        kr("pay before tax ", &of.gross),
        kr("tax ", &of.tax),
    ]);
    facts.labelled("reported pay (individuppgift)", &text);
}

fn company(of: &SkvCompany, facts: &mut Facts) {
    let yes = |said: Option<bool>, what: &str| {
        said.map(|yes| format!("{what}: {}", if yes { "yes" } else { "no" }))
    };
    let name = of.name.clone().or_else(|| of.number.clone());
    let text = joined([
        Some(name.unwrap_or_else(|| "name not stated or held back".to_owned())),
        yes(of.approved_for_f_tax, "F-tax"),
        yes(of.registered_for_vat, "VAT"),
    ]);
    facts.labelled("company (företag)", &text);
}

fn kr(before: &str, amount: &Option<String>) -> Option<String> {
    amount.as_ref().map(|amount| format!("{before}{}", phrases::kr(amount)))
}
