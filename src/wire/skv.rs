//! SKV section ⇄ wire.

use ssbtek_domain::sections::skv::{
    Appendix, Company, Document, IncomeYear, IndividualStatement, Part, Payer, Property, Section, TaxAccount,
};
use ssbtek_domain::{Amount, is_year};
use ssbtek_proto::agency::v1 as proto;

use crate::common::{self, WireError, opt_amount, opt_date, opt_person, period_from_proto};

pub(crate) fn to_proto(section: &Section) -> proto::SkvSection {
    proto::SkvSection {
        person_number: section.person.as_ref().map(|person| person.expose().to_owned()),
        years: section.years.iter().map(year).collect(),
        statements: section.statements.iter().map(statement).collect(),
        tax_account: section.tax_account.as_ref().map(|account| proto::SkvTaxAccount {
            balance: amount(account.balance),
            as_of: account.as_of.map(|day| day.to_string()),
        }),
        companies: section.companies.iter().cloned().map(company).collect(),
        appendices: section
            .appendices
            .iter()
            .map(|appendix| proto::SkvAppendix { year: appendix.year, kind: appendix.kind.clone() })
            .collect(),
        documents: section.documents.iter().map(document).collect(),
    }
}

pub(crate) fn from_proto(section: proto::SkvSection) -> Result<Section, WireError> {
    Ok(Section {
        person: opt_person(section.person_number.as_deref(), "skv.person_number")?,
        years: section.years.into_iter().map(year_from_proto).collect::<Result<_, _>>()?,
        statements: section.statements.into_iter().map(statement_from_proto).collect::<Result<_, _>>()?,
        tax_account: section.tax_account.map(account_from_proto).transpose()?,
        companies: section.companies.into_iter().map(company_from_proto).collect(),
        appendices: section
            .appendices
            .into_iter()
            .map(|appendix| {
                Ok(Appendix { year: appendix.year.map(told_year).transpose()?, kind: appendix.kind })
            })
            .collect::<Result<_, _>>()?,
        documents: section.documents.into_iter().map(document_from_proto).collect::<Result<_, _>>()?,
    })
}

fn year(year: &IncomeYear) -> proto::SkvIncomeYear {
    let property = |property: &Property| proto::SkvProperty {
        designation: property.designation.clone(),
        assessed_value: amount(property.assessed_value),
    };
    proto::SkvIncomeYear {
        year: year.year,
        earned_income: amount(year.earned_income),
        business_surplus: amount(year.business_surplus),
        capital_surplus: amount(year.capital_surplus),
        capital_deficit: amount(year.capital_deficit),
        property_fee_base: amount(year.property_fee_base),
        final_tax: amount(year.final_tax),
        properties: year.properties.iter().map(property).collect(),
    }
}

/// A year that can be meant.
fn told_year(year: i32) -> Result<i32, WireError> {
    is_year(year).then_some(year).ok_or(WireError("skv.year"))
}

fn year_from_proto(year: proto::SkvIncomeYear) -> Result<IncomeYear, WireError> {
    let property = |property: proto::SkvProperty| {
        Ok(Property {
            designation: property.designation,
            assessed_value: opt_amount(property.assessed_value.as_deref(), "skv.property.assessed_value")?,
        })
    };
    Ok(IncomeYear {
        year: told_year(year.year)?,
        earned_income: opt_amount(year.earned_income.as_deref(), "skv.year.earned_income")?,
        business_surplus: opt_amount(year.business_surplus.as_deref(), "skv.year.business_surplus")?,
        capital_surplus: opt_amount(year.capital_surplus.as_deref(), "skv.year.capital_surplus")?,
        capital_deficit: opt_amount(year.capital_deficit.as_deref(), "skv.year.capital_deficit")?,
        property_fee_base: opt_amount(year.property_fee_base.as_deref(), "skv.year.property_fee_base")?,
        final_tax: opt_amount(year.final_tax.as_deref(), "skv.year.final_tax")?,
        properties: year.properties.into_iter().map(property).collect::<Result<_, _>>()?,
    })
}

fn statement(statement: &IndividualStatement) -> proto::SkvIndividualStatement {
    proto::SkvIndividualStatement {
        month: statement.month.as_ref().map(common::period),
        payer: statement
            .payer
            .clone()
            .map(|payer| proto::SkvPayer { number: payer.number, name: payer.name }),
        gross: amount(statement.gross),
        tax: amount(statement.tax),
    }
}

fn statement_from_proto(statement: proto::SkvIndividualStatement) -> Result<IndividualStatement, WireError> {
    Ok(IndividualStatement {
        month: statement.month.map(|month| period_from_proto(&month, "skv.statement.month")).transpose()?,
        payer: statement.payer.map(|payer| Payer { number: payer.number, name: payer.name }),
        gross: opt_amount(statement.gross.as_deref(), "skv.statement.gross")?,
        tax: opt_amount(statement.tax.as_deref(), "skv.statement.tax")?,
    })
}

fn account_from_proto(account: proto::SkvTaxAccount) -> Result<TaxAccount, WireError> {
    Ok(TaxAccount {
        balance: opt_amount(account.balance.as_deref(), "skv.tax_account.balance")?,
        as_of: opt_date(account.as_of.as_deref(), "skv.tax_account.as_of")?,
    })
}

fn company(company: Company) -> proto::SkvCompany {
    proto::SkvCompany {
        number: company.number,
        name: company.name,
        approved_for_f_tax: company.approved_for_f_tax,
        registered_for_vat: company.registered_for_vat,
    }
}

fn company_from_proto(company: proto::SkvCompany) -> Company {
    Company {
        number: company.number,
        name: company.name,
        approved_for_f_tax: company.approved_for_f_tax,
        registered_for_vat: company.registered_for_vat,
    }
}

fn document(document: &Document) -> proto::SkvDocument {
    use proto::SkvPart as Wire;
    let part = match document.part {
        None => Wire::Whole,
        Some(Part::CompanyInformation) => Wire::CompanyInformation,
        Some(Part::IndividualStatements) => Wire::IndividualStatements,
        Some(Part::TaxAccount) => Wire::TaxAccount,
        Some(Part::TaxData) => Wire::TaxData,
        Some(Part::TaxAppendices) => Wire::TaxAppendices,
    };
    proto::SkvDocument { part: part.into(), text: document.text.clone() }
}

fn document_from_proto(document: proto::SkvDocument) -> Result<Document, WireError> {
    use proto::SkvPart as Wire;
    let part = match Wire::try_from(document.part) {
        Ok(Wire::Whole) => None,
        Ok(Wire::CompanyInformation) => Some(Part::CompanyInformation),
        Ok(Wire::IndividualStatements) => Some(Part::IndividualStatements),
        Ok(Wire::TaxAccount) => Some(Part::TaxAccount),
        Ok(Wire::TaxData) => Some(Part::TaxData),
        Ok(Wire::TaxAppendices) => Some(Part::TaxAppendices),
        Ok(Wire::Unspecified) | Err(_) => return Err(WireError("skv.document.part")),
    };
    Ok(Document { part, text: document.text, reduced: None, own: None })
}

fn amount(amount: Option<Amount>) -> Option<String> {
    amount.map(|amount| amount.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_told_apart_on_the_wire() {
        for part in [None].into_iter().chain(Part::ALL.map(Some)) {
            for text in [None, Some("{}".to_owned())] {
                let one = Document { part, text, reduced: None, own: None };
                assert!(document_from_proto(document(&one)).is_ok_and(|back| back == one));
            }
        }
        assert!(document_from_proto(proto::SkvDocument::default()).is_err());
    }

    #[test]
    fn an_amount_that_is_none_is_refused_by_name() {
        let wire = proto::SkvIncomeYear { year: 2025, final_tax: Some("1e9".into()), ..Default::default() };
        assert_eq!(year_from_proto(wire).err(), Some(WireError("skv.year.final_tax")));
        let of_two_digits = proto::SkvIncomeYear { year: 25, ..Default::default() };
        assert_eq!(year_from_proto(of_two_digits).err(), Some(WireError("skv.year")));
    }
}
