//! Typed facts out of a document, by names of this product's own choosing: Skatteverket's are not public (v10's inner XML
//! and v11's JSON are read by the same ones). Reading is lenient, for the document itself is kept: what has another name
//! or another form is left out here, and that is said (`record.rs`).

use chrono::Months;
use ssbtek_domain::{
    Period, Personnummer, parse_month,
    sections::skv::{
        Appendix, Company, IncomeYear, IndividualStatement, Part, Payer, Property, Section, TaxAccount,
    },
};

use super::{record::Record, reduce, tree::Node};
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
    let ((), loses) = notes.loses(|| {
        if has_words_for_records(root) {
            notes.lose(place);
        }
        if root.leave_to_others(person) {
            notes.leave_to_another(place);
        }
        read(&Record::of(root, place, person, notes), part, section);
    });
    loses
}

/// Of one part, what is of its kind; of v10's one document, everything.
fn read(root: &Record<'_>, part: Option<Part>, section: &mut Section) {
    let tells = |of: Part| part.is_none_or(|part| part == of);
    if tells(Part::TaxData) {
        section.years.extend(root.records("inkomstar").iter().filter_map(income_year));
    }
    if tells(Part::IndividualStatements) {
        section.statements.extend(root.records("individuppgifter").iter().map(statement));
    }
    if tells(Part::CompanyInformation) {
        section.companies.extend(root.records("foretag").iter().map(company));
    }
    if tells(Part::TaxAppendices) {
        section.appendices.extend(root.records("bilagor").iter().filter_map(appendix));
    }
    if tells(Part::TaxAccount) {
        // v11's part is the account itself; v10's document has it inside.
        let inside = match part.is_none() || root.stands("skattekonto") {
            true => root.one("skattekonto"),
            false => None,
        };
        let is_root = !root.stands("skattekonto") && (part.is_some() || root.stands("saldo"));
        if let Some(account) = inside.as_ref().or(is_root.then_some(root)) {
            let read = TaxAccount { balance: account.amount("saldo"), as_of: account.day("saldodatum") };
            // A day without a balance says nothing of it.
            if read.balance.is_none() && account.stands("saldodatum") {
                account.miss("saldo");
            }
            section.tax_account = account.stands("saldo").then_some(read);
        }
    }
}

fn income_year(year: &Record<'_>) -> Option<IncomeYear> {
    let property = |property: &Record<'_>| Property {
        designation: property.text("fastighetsbeteckning"),
        assessed_value: property.amount("taxeringsvarde"),
    };
    let of = year.year("ar");
    let read = IncomeYear {
        year: of.unwrap_or_default(),
        earned_income: year.amount("faststalldForvarvsinkomst"),
        business_surplus: year.amount("overskottNaringsverksamhet"),
        capital_surplus: year.amount("overskottKapital"),
        capital_deficit: year.amount("underskottKapital"),
        property_fee_base: year.amount("underlagFastighetsavgift"),
        final_tax: year.amount("slutligSkatt"),
        properties: year.records("fastigheter").iter().map(property).collect(),
    };
    // Of which year it is must be known.
    if of.is_none() {
        year.lose("ar");
    }
    of.map(|_| read)
}

fn statement(statement: &Record<'_>) -> IndividualStatement {
    IndividualStatement {
        month: statement.month("redovisningsperiod"),
        payer: statement
            .one("arbetsgivare")
            .map(|payer| Payer { number: payer.text("organisationsnummer"), name: payer.text("namn") }),
        gross: statement.amount("kontantErsattning"),
        tax: statement.amount("avdragenSkatt"),
    }
}

fn company(company: &Record<'_>) -> Company {
    Company {
        number: company.text("organisationsnummer"),
        name: company.text("namn"),
        approved_for_f_tax: company.flag("godkandForFskatt"),
        registered_for_vat: company.flag("momsregistrerad"),
    }
}

fn appendix(appendix: &Record<'_>) -> Option<Appendix> {
    let (year, kind) = (appendix.year("ar"), appendix.text("bilaga"));
    if kind.is_none() {
        appendix.lose("bilaga");
    }
    Some(Appendix { year, kind: kind? })
}

/// `YYYY-MM` or `YYYYMM`, as its days.
pub(super) fn month(text: &str) -> Option<Period> {
    let first = match text.split_at_checked(4)? {
        (year, month) if text.len() == 6 => parse_month(&format!("{year}-{month}"))?,
        _ => parse_month(text)?,
    };
    Period::new(first, first.checked_add_months(Months::new(1))?.pred_opt()?).ok()
}
