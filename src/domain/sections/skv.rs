//! Skatteverket. What is published is only the envelope: in contract v10 an XML document inside a string, in v11 five
//! parts of JSON. Their inner schemas are not public, so each document is carried verbatim, and the typed facts beside
//! it are a reading of it: a fact that is missing here may still stand in the document.

mod document;
mod facts;
mod kinds;
mod verdicts;

pub use document::{Document, Part, names_another, names_others, names_others_by_number, person_numbers};
pub use facts::{Appendix, Company, IncomeYear, IndividualStatement, Payer, Property, TaxAccount};
pub use verdicts::is_appendix;

use crate::{
    Format, Information, Outcome, Personnummer, Profile, ProtectionSignal,
    payment::{BenefitTime, Payment},
};

pub(super) const PROFILE: Profile = Profile {
    name: "Skatteverket",
    can_flag_protection: false,
    kinds: &kinds::KINDS,
    format: Some(Format::Skv),
    verdicts: verdicts::TABLE,
};

/// What Skatteverket knows about one person. It states no payments.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// Whom the answer is about, where it says so.
    pub person: Option<Personnummer>,
    /// Taxed income, capital and property per income year.
    pub years: Vec<IncomeYear>,
    /// Individual statements: what employers reported month by month.
    pub statements: Vec<IndividualStatement>,
    /// The tax account.
    pub tax_account: Option<TaxAccount>,
    /// Companies.
    pub companies: Vec<Company>,
    /// Appendices to the tax return.
    pub appendices: Vec<Appendix>,
    /// The documents the facts were read from, verbatim.
    pub documents: Vec<Document>,
}

impl super::Facts for Section {
    fn person(&self) -> Option<&Personnummer> {
        self.person.as_ref()
    }

    fn protection(&self) -> ProtectionSignal {
        ProtectionSignal::CannotSay
    }

    fn payments(&self) -> Vec<Payment> {
        vec![]
    }

    fn benefit_times(&self) -> Vec<BenefitTime> {
        vec![]
    }

    fn outcomes(&self) -> Vec<Outcome> {
        vec![]
    }

    fn take_out(&mut self, kind: Information) -> bool {
        kinds::take_out(self, kind)
    }

    fn numbers_of_others(&self) -> Vec<&str> {
        let payers = self.statements.iter().filter_map(|statement| statement.payer.as_ref());
        let payers = payers.filter_map(|payer| payer.number.as_deref());
        let companies = self.companies.iter().filter_map(|company| company.number.as_deref());
        let documents = self.documents.iter().filter_map(|document| document.text.as_deref());
        payers.chain(companies).chain(documents).collect()
    }

    /// Payers and companies that are known by another person's number, and every document in which such a number
    /// stands. A name without a number cannot be told apart in a document of unknown form.
    fn withhold_others(&mut self, open: &[Personnummer]) -> Vec<&'static str> {
        let mut withheld = vec![];
        let own: Vec<Personnummer> = self.person.iter().chain(open).cloned().collect();
        let foreign = |text: &str| document::names_others(text, &own);
        let mut note = |found: bool, name: &'static str| {
            if found {
                withheld.push(name);
            }
        };

        let mut payers = false;
        for statement in &mut self.statements {
            let number = statement.payer.as_ref().and_then(|payer| payer.number.as_deref());
            if number.is_some_and(foreign) {
                statement.payer = None;
                payers = true;
            }
        }
        note(payers, "arbetsgivare");

        let mut companies = false;
        for company in &mut self.companies {
            if company.number.as_deref().is_some_and(foreign) {
                company.withhold_identity();
                companies = true;
            }
        }
        note(companies, "foretag");

        let mut documents = false;
        for document in &mut self.documents {
            if document.text.as_deref().is_some_and(foreign) {
                document.leave_own();
                // What was left may name the person asked about, and nobody else.
                document.text.take_if(|text| foreign(text));
                documents = true;
            }
        }
        note(documents, "dokument");
        withheld
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HoldBack, sections::Facts, verdict::withhold};

    fn section(text: &str) -> Section {
        Section {
            person: Personnummer::parse_undated("198001019804").ok(),
            statements: vec![IndividualStatement {
                payer: Some(Payer { number: Some("165560360793".into()), name: Some("Bruket".into()) }),
                ..IndividualStatement::default()
            }],
            documents: vec![Document::verbatim(Some(Part::TaxData), text.into())],
            ..Section::default()
        }
    }

    #[test]
    fn a_document_that_names_only_the_person_and_companies_is_kept() {
        let mut own =
            section(r#"{"personnummer":"198001019804","x":"8001019804","foretag":"16556036-0793"}"#);
        assert!(own.withhold_third_parties().is_empty());
        assert!(own.documents[0].text.is_some() && own.statements[0].payer.is_some());
    }

    #[test]
    fn a_document_that_names_another_person_is_withheld_whole() {
        let other = (0..10).map(|d| format!("19900101980{d}"));
        let other = other.into_iter().find(|text| Personnummer::parse_undated(text).is_ok()).unwrap();
        let short = format!("{}-{}", &other[2..8], &other[8..]);
        for text in [other.clone(), short, format!("<m>{}</m>", &other[2..])] {
            let mut foreign = section(&format!("1980010198041 {text}"));
            assert_eq!(foreign.withhold_third_parties(), ["dokument"]);
            assert!(foreign.documents[0].text.is_none());
        }
        let mut sole_trader = section("");
        sole_trader.statements[0].payer = Some(Payer { number: Some(other), name: None });
        assert_eq!(sole_trader.withhold_third_parties(), ["arbetsgivare"]);
    }

    #[test]
    fn nothing_that_locates_the_person_is_left_after_withholding() {
        let mut located = section("{}");
        located.companies = vec![Company {
            name: Some("Snickeri".into()),
            approved_for_f_tax: Some(true),
            ..Company::default()
        }];
        located.years = vec![IncomeYear {
            year: 2025,
            properties: vec![Property { designation: Some("Ön 1:1".into()), assessed_value: None }],
            ..IncomeYear::default()
        }];
        assert_eq!(
            withhold(&mut located, HoldBack::Whereabouts, false),
            ["fastighetsbeteckning", "arbetsgivare", "foretag", "dokument"]
        );
        assert!(located.statements[0].payer.is_none() && located.companies[0].name.is_none());
        assert_eq!(located.companies[0].approved_for_f_tax, Some(true));
        assert!(located.years[0].properties.is_empty() && located.documents[0].text.is_none());
        assert!(withhold(&mut located, HoldBack::Whereabouts, false).is_empty());
    }
}
