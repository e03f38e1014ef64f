//! Typed facts out of a document, by names of this product's own choosing: Skatteverket's are not public (v10's inner XML
//! and v11's JSON are read by the same ones). Reading is lenient, for the document itself is kept: what has another name
//! or another form is left out here.

use std::str::FromStr;

use chrono::Months;
use ssbtek_domain::{
    Amount, Period, parse_day, parse_month,
    sections::skv::{
        Appendix, Company, IncomeYear, IndividualStatement, Payer, Property, Section, TaxAccount,
    },
};

use super::tree::Node;

/// Adds what the document's root tells.
pub(super) fn read(root: &Node, section: &mut Section) {
    section.years.extend(root.all("inkomstar").filter_map(income_year));
    section.statements.extend(root.all("individuppgifter").map(statement));
    section.companies.extend(root.all("foretag").map(company));
    section.appendices.extend(root.all("bilagor").filter_map(|node| {
        Some(Appendix { year: parsed(node, "ar"), kind: node.text_of("bilaga")?.to_owned() })
    }));
    // v11's part is the account itself; v10's document has it inside.
    let account = root.child("skattekonto").unwrap_or(root);
    if account.child("saldo").is_some() {
        section.tax_account = Some(TaxAccount {
            balance: parsed(account, "saldo"),
            as_of: account.text_of("saldodatum").and_then(parse_day),
        });
    }
}

fn income_year(node: &Node) -> Option<IncomeYear> {
    let amount = |name| parsed::<Amount>(node, name);
    let property = |property: &Node| Property {
        designation: owned(property, "fastighetsbeteckning"),
        assessed_value: parsed(property, "taxeringsvarde"),
    };
    Some(IncomeYear {
        year: parsed(node, "ar")?,
        earned_income: amount("faststalldForvarvsinkomst"),
        business_surplus: amount("overskottNaringsverksamhet"),
        capital_surplus: amount("overskottKapital"),
        capital_deficit: amount("underskottKapital"),
        property_fee_base: amount("underlagFastighetsavgift"),
        final_tax: amount("slutligSkatt"),
        properties: node.all("fastigheter").map(property).collect(),
    })
}

fn statement(node: &Node) -> IndividualStatement {
    IndividualStatement {
        month: node.text_of("redovisningsperiod").and_then(month),
        payer: node
            .child("arbetsgivare")
            .map(|payer| Payer { number: owned(payer, "organisationsnummer"), name: owned(payer, "namn") }),
        gross: parsed(node, "kontantErsattning"),
        tax: parsed(node, "avdragenSkatt"),
    }
}

fn company(node: &Node) -> Company {
    Company {
        number: owned(node, "organisationsnummer"),
        name: owned(node, "namn"),
        approved_for_f_tax: parsed(node, "godkandForFskatt"),
        registered_for_vat: parsed(node, "momsregistrerad"),
    }
}

/// `YYYY-MM` or `YYYYMM`, as its days.
pub(super) fn month(text: &str) -> Option<Period> {
    let first = match text.split_at_checked(4)? {
        (year, month) if text.len() == 6 => parse_month(&format!("{year}-{month}"))?,
        _ => parse_month(text)?,
    };
    Period::new(first, first.checked_add_months(Months::new(1))?.pred_opt()?).ok()
}

fn owned(node: &Node, name: &str) -> Option<String> {
    node.text_of(name).map(str::to_owned)
}

fn parsed<T: FromStr>(node: &Node, name: &str) -> Option<T> {
    node.text_of(name)?.parse().ok()
}
