//! Typed readings of Skatteverket's documents. Every field is optional: the inner schemas are not public.

use crate::{Amount, NaiveDate, Period};

/// One income year (`skatteuppgifter`).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct IncomeYear {
    /// The income year.
    pub year: i32,
    /// Taxed earned income (fastställd förvärvsinkomst), SEK.
    pub earned_income: Option<Amount>,
    /// Surplus of business (överskott av näringsverksamhet), SEK.
    pub business_surplus: Option<Amount>,
    /// Surplus of capital (överskott av kapital), SEK.
    pub capital_surplus: Option<Amount>,
    /// Deficit of capital (underskott av kapital), SEK, as a positive number.
    pub capital_deficit: Option<Amount>,
    /// Base of the property fee (underlag för fastighetsavgift), SEK.
    pub property_fee_base: Option<Amount>,
    /// Final tax (slutlig skatt), SEK.
    pub final_tax: Option<Amount>,
    /// Real property that was taxed.
    pub properties: Vec<Property>,
}

/// Real property.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Property {
    /// Fastighetsbeteckning; locates the person.
    pub designation: Option<String>,
    /// Taxeringsvärde, SEK.
    pub assessed_value: Option<Amount>,
}

/// What one employer or other payer reported for one month (`individuppgifter`).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct IndividualStatement {
    /// The month reported (redovisningsperiod), as its days.
    pub month: Option<Period>,
    /// Who paid; a workplace, so it locates the person.
    pub payer: Option<Payer>,
    /// Cash pay before tax (kontant ersättning), SEK.
    pub gross: Option<Amount>,
    /// Tax withheld (avdragen preliminärskatt), SEK.
    pub tax: Option<Amount>,
}

/// Who paid.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Payer {
    /// Organisation number; a sole trader's is a person number.
    pub number: Option<String>,
    /// Name.
    pub name: Option<String>,
}

impl Payer {
    /// Whether this is certainly somebody who pays wages, and not an agency or a fund whose payments after tax are told elsewhere in
    /// an answer: a company, a municipality, a sole trader. State authorities have numbers that begin with 2021 00, funds, as all
    /// associations, such that begin with 8.
    pub(crate) fn is_employer(&self) -> bool {
        const PAYING: [&str; 10] = [
            "försäkringskass",
            "forsakringskass",
            "pensionsmyndig",
            "arbetsförmedl",
            "arbetsformedl",
            "studiestöd",
            "csn",
            "a-kassa",
            "akassa",
            "arbetslöshetskass",
        ];
        let name = self.name.as_deref().unwrap_or_default().to_lowercase();
        let digits: String =
            self.number.iter().flat_map(|number| number.chars()).filter(char::is_ascii_digit).collect();
        let short = match digits.len() {
            10 => digits.as_str(),
            12 => digits.get(2..).unwrap_or_default(),
            _ => return false,
        };
        // A person's number has a month where an organisation's has at least 20.
        if short.get(2..4).is_some_and(|month| month < "20") {
            return true;
        }
        !short.starts_with("202100")
            && !short.starts_with('8')
            && !PAYING.iter().any(|part| name.contains(part))
    }
}

/// The tax account (`skattekonto`).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct TaxAccount {
    /// Balance, SEK; negative is a debt.
    pub balance: Option<Amount>,
    /// The day of the balance.
    pub as_of: Option<NaiveDate>,
}

/// One company (`foretagsinformation`).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Company {
    /// Organisation number; a sole trader's is a person number.
    pub number: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Approved for F-tax (godkänd för F-skatt).
    pub approved_for_f_tax: Option<bool>,
    /// Registered for VAT (momsregistrerad).
    pub registered_for_vat: Option<bool>,
}

impl Company {
    /// Takes number and name away; `Some` if there was either.
    pub(super) fn withhold_identity(&mut self) -> Option<()> {
        let number = self.number.take();
        let name = self.name.take();
        number.or(name).map(|_| ())
    }
}

/// An appendix to the tax return (`beskattningsbilagor`).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Appendix {
    /// The income year.
    pub year: Option<i32>,
    /// The appendix's own name, such as `NE` or `K4`.
    pub kind: String,
}
