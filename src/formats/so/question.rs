//! `GetUnemploymentBenefitPaymentRequest`.

use ssbtek_domain::Question;

use super::NAMESPACE;
use crate::{CannotAsk, HttpQuestion, Repeated, Told, soap_answer};

pub(super) fn write(question: &Question) -> Result<HttpQuestion, CannotAsk> {
    soap_answer::check_texts(question)?;
    let fields = fields(&Told::from(question));
    Ok(soap_answer::question(|writer| {
        writer.open("GetUnemploymentBenefitPaymentRequest").namespace("", NAMESPACE);
        for (name, text) in fields.fields() {
            writer.element_with_text(name, text);
        }
        writer.close();
    }))
}

/// The question's fields, all of which the answer repeats.
pub fn fields(told: &Told<'_>) -> Repeated {
    let before = [
        ("OrganisationsnummerIngivare", told.organisation.as_str().to_owned()),
        ("NamnIngivare", told.name.to_owned()),
        ("KontonamnHandlaggare", told.case_worker.to_owned()),
        ("Referensnummer", told.case.to_owned()),
        ("From", told.period.from().to_string()),
        ("Tom", told.period.to().to_string()),
        ("Syfte", told.purpose.to_owned()),
        ("Paragraf", told.legal_basis.to_owned()),
    ];
    // The schema wants all numbers first, then all names.
    let processors = || told.processors.iter();
    let numbers = processors()
        .map(|it| ("OrganisationsnummerPersonuppgiftsbitrade", it.organisation.as_str().to_owned()));
    let names = processors().map(|it| ("NamnPersonuppgiftsbitrade", it.name.clone()));
    let person = ("IdentificationNumber", told.person.expose().to_owned());
    before.into_iter().chain(numbers).chain(names).chain([person]).collect()
}
