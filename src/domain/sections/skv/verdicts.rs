//! Skatteverket.

use crate::{
    Agency, Amount,
    sections::skv::{
        Appendix, Company, Document, IncomeYear, IndividualStatement, Payer, Property, Section, TaxAccount,
    },
    verdict::{Text, Verdict, Withhold, Withholding, verdicts},
};

verdicts! {
    TABLE of Skv;
    Section {
        person: nothing("the number that was asked about"),
        years: inside(),
        statements: by(pay, nothing, "what stands in it has verdicts of its own"),
        tax_account: inside(),
        companies: inside(),
        appendices: inside(),
        documents: by(reduce, home, "dokument", "anything may stand in it: only what leads nowhere stays, value by value"),
    }
    IncomeYear {
        year: nothing("a year"),
        earned_income: inference("inkomst", "less what was paid out in the year, and what employers paid, it is the tax of the year, and so the municipality's rate"),
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
        gross: by(judged_with_its_payer, inference, "bruttobelopp", "what FK, PM or a fund paid before tax: it stands beside what they paid out; what an employer paid stays, since nobody else tells of it"),
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

/// What is told of pay before tax stays where an employer paid it: that goes by the payer, who goes too.
fn pay(_: &Verdict, statements: &mut [IndividualStatement], to: &mut Withholding) {
    const GROSS: Verdict =
        Verdict::inference((Agency::Skv, "IndividualStatement", "gross"), "bruttobelopp", "");
    for statement in statements {
        if !statement.payer.as_ref().is_some_and(Payer::is_employer) {
            to.field(&GROSS, &mut statement.gross);
        }
        statement.withhold(to);
    }
}

/// [`pay`] has done it.
fn judged_with_its_payer(_: &Verdict, _: &mut Option<Amount>, _: &mut Withholding) {}

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
