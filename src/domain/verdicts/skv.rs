//! Skatteverket.

use crate::{
    sections::skv::{
        Appendix, Company, Document, IncomeYear, IndividualStatement, Payer, Property, Section, TaxAccount,
    },
    verdict::{Text, Verdict, Withholding, verdicts},
};

verdicts! {
    TABLE of Skv;
    Section {
        person: nothing("the number that was asked about"),
        years: inside(),
        statements: inside(),
        tax_account: inside(),
        companies: inside(),
        appendices: inside(),
        documents: by(reduce, home, "dokument", "anything may stand in it: only what leads nowhere stays, value by value"),
    }
    IncomeYear {
        year: nothing("a year"),
        earned_income: nothing("an income: the rate cannot be told without the tax"),
        business_surplus: nothing("an amount"),
        capital_surplus: nothing("an amount"),
        capital_deficit: nothing("an amount"),
        property_fee_base: inference("fastighetsbeteckning", "the assessed value of the home, to be looked up in the open register"),
        final_tax: inference("skatt", "with the income it gives the municipality's rate to a hundredth"),
        properties: home("fastighetsbeteckning", "the home, where it is owned; its value is enough to find it in the open register"),
    }
    Property {
        designation: home("fastighetsbeteckning", "held back with the list of properties"),
        assessed_value: home("fastighetsbeteckning", "held back with the list of properties"),
    }
    IndividualStatement {
        month: nothing("a month"),
        payer: home("arbetsgivare", "a place of work is within reach of the home, and one can be followed from it"),
        gross: nothing("an income: the tax table cannot be told without the tax"),
        tax: inference("skatt", "with the pay it gives the tax table, and so the municipality's rate"),
    }
    Payer {
        number: home("arbetsgivare", "held back with the payer"),
        name: home("arbetsgivare", "held back with the payer"),
    }
    TaxAccount {
        balance: nothing("an amount that many things go into"),
        as_of: nothing("a day"),
    }
    Company {
        number: home("foretag", "small companies are registered at home"),
        name: home("foretag", "small companies are registered at home"),
        approved_for_f_tax: nothing("yes or no"),
        registered_for_vat: nothing("yes or no"),
    }
    Appendix {
        year: nothing("a year"),
        kind: by(appendix, text, "a form of the known list; another name is whatever was written"),
    }
    Document {
        part: nothing("which of the five parts"),
        text: home("dokument", "held back with the document"),
        reduced: nothing("what is left of the text where it is held back"),
        own: nothing("never told itself: what is left of the text where it names somebody else"),
    }
}

/// Appendices to the tax return, by the names of their forms.
const APPENDICES: [&str; 26] = [
    "K10", "K10A", "K11", "K12", "K13", "K15", "K15A", "K15B", "K2", "K4", "K5", "K6", "K7", "K8", "K9",
    "N1", "N2", "N3A", "N3B", "N4", "N5", "N6", "N7", "N8", "N9", "NE",
];

/// Whether a name is one of an appendix's form.
pub fn is_appendix(name: &str) -> bool {
    APPENDICES.contains(&name)
}

fn appendix(verdict: &Verdict, kind: &mut String, to: &mut Withholding) {
    if to.holds(verdict) && kind.keep(|text| text.is_empty() || is_appendix(text)) {
        to.note(verdict.withheld_as);
    }
}

fn reduce(verdict: &Verdict, documents: &mut [Document], to: &mut Withholding) {
    if to.holds(verdict) && documents.iter_mut().filter_map(Document::reduce).count() > 0 {
        to.note(verdict.withheld_as);
    }
}
