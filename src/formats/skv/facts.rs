//! Typed facts out of a document, by names of this product's own choosing: Skatteverket's are not public (v10's inner XML
//! and v11's JSON are read by the same ones). Reading is lenient, for the document itself is kept: what has another name
//! or another form is left out here.

use std::str::FromStr;

use chrono::Months;
use ssbtek_domain::{
    Amount, Note, Period, Personnummer, parse_day, parse_month,
    sections::skv::{
        Appendix, Company, IncomeYear, IndividualStatement, Part, Payer, Property, Section, TaxAccount,
    },
};

use super::{reduce, tree::Node};
use crate::notes::Notes;

/// Which part the elements of v10's one document belong to; all others are the tax data's.
const PARTS: [(&str, Part); 6] = [
    ("individuppgifter", Part::IndividualStatements),
    ("foretag", Part::CompanyInformation),
    ("bilagor", Part::TaxAppendices),
    ("skattekonto", Part::TaxAccount),
    ("saldo", Part::TaxAccount),
    ("saldodatum", Part::TaxAccount),
];

/// The part that an element of v10's document belongs to.
pub(super) fn part_of(name: &str) -> Part {
    PARTS.iter().find(|(known, _)| *known == name).map_or(Part::TaxData, |(_, part)| *part)
}

/// How many facts a section holds, its documents not counted.
pub(super) fn count(section: &Section) -> usize {
    section.years.len()
        + section.statements.len()
        + section.companies.len()
        + section.appendices.len()
        + usize::from(section.tax_account.is_some())
}

/// Whether words stand where a record should: they may be anything, and are no empty list.
fn has_words_for_records(node: &Node) -> bool {
    let words = reduce::holds_records(&node.name) && node.children.is_empty();
    words && !node.text.trim().is_empty() || node.children.iter().any(has_words_for_records)
}

/// Adds what the document's root tells of the person. Returns whether anything had to be left out, which is noted too.
pub(super) fn take_in(
    root: &mut Node,
    part: Option<Part>,
    person: &Personnummer,
    section: &mut Section,
    notes: &Notes,
) -> bool {
    let place = part.map_or("dokument", Part::name);
    let in_words = has_words_for_records(root);
    let of_others = root.leave_to_others(person);
    if of_others {
        notes.leave_to_another(place);
    }
    if in_words {
        notes.lose(place);
    }
    read(root, part, section, notes);
    in_words || of_others
}

/// Of one part, what is of its kind; of v10's one document, everything.
pub(super) fn read(root: &Node, part: Option<Part>, section: &mut Section, notes: &Notes) {
    let tells = |of: Part| part.is_none_or(|part| part == of);
    if tells(Part::TaxData) {
        section.years.extend(root.all("inkomstar").filter_map(|node| income_year(node, notes)));
    }
    if tells(Part::IndividualStatements) {
        section.statements.extend(root.all("individuppgifter").map(|node| statement(node, notes)));
    }
    if tells(Part::CompanyInformation) {
        section.companies.extend(root.all("foretag").map(company));
    }
    if tells(Part::TaxAppendices) {
        section.appendices.extend(root.all("bilagor").filter_map(|node| {
            Some(Appendix { year: parsed(node, "ar"), kind: node.text_of("bilaga")?.to_owned() })
        }));
    }
    // v11's part is the account itself; v10's document has it inside.
    let account = root.child("skattekonto").unwrap_or(root);
    if tells(Part::TaxAccount) && account.child("saldo").is_some() {
        section.tax_account = Some(TaxAccount {
            balance: amount(account, "saldo", notes),
            as_of: account.text_of("saldodatum").and_then(parse_day),
        });
    }
}

fn income_year(node: &Node, notes: &Notes) -> Option<IncomeYear> {
    let known = |name| amount(node, name, notes);
    let property = |property: &Node| Property {
        designation: owned(property, "fastighetsbeteckning"),
        assessed_value: amount(property, "taxeringsvarde", notes),
    };
    Some(IncomeYear {
        year: parsed(node, "ar")?,
        earned_income: known("faststalldForvarvsinkomst"),
        business_surplus: known("overskottNaringsverksamhet"),
        capital_surplus: known("overskottKapital"),
        capital_deficit: known("underskottKapital"),
        property_fee_base: known("underlagFastighetsavgift"),
        final_tax: known("slutligSkatt"),
        properties: node.all("fastigheter").map(property).collect(),
    })
}

fn statement(node: &Node, notes: &Notes) -> IndividualStatement {
    IndividualStatement {
        month: node.text_of("redovisningsperiod").and_then(month),
        payer: node
            .child("arbetsgivare")
            .map(|payer| Payer { number: owned(payer, "organisationsnummer"), name: owned(payer, "namn") }),
        gross: amount(node, "kontantErsattning", notes),
        tax: amount(node, "avdragenSkatt", notes),
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

/// The document itself is kept, so an amount that cannot be read costs nothing but itself.
fn amount(node: &Node, name: &'static str, notes: &Notes) -> Option<Amount> {
    let text = node.text_of(name)?;
    if let Ok(exact) = text.parse() {
        return Some(exact);
    }
    let rounded = Amount::nearest_ore(text);
    notes.add(if rounded.is_some() { Note::Rounded(name) } else { Note::NotUnderstood(name) });
    rounded
}

fn owned(node: &Node, name: &str) -> Option<String> {
    node.text_of(name).map(str::to_owned)
}

fn parsed<T: FromStr>(node: &Node, name: &str) -> Option<T> {
    node.text_of(name)?.parse().ok()
}
