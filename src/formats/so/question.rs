//! `GetUnemploymentBenefitPaymentRequest`.

use ssbtek_domain::Question;

use super::NAMESPACE;
use crate::{CannotAsk, HttpQuestion, soap_answer};

pub(super) fn write(question: &Question) -> Result<HttpQuestion, CannotAsk> {
    soap_answer::check_texts(question)?;
    let processors = &question.asking.processors;
    Ok(soap_answer::question(|writer| {
        writer
            .open("GetUnemploymentBenefitPaymentRequest")
            .namespace("", NAMESPACE)
            .element_with_text("OrganisationsnummerIngivare", question.asking.organisation.as_str())
            .element_with_text("NamnIngivare", &question.asking.name)
            .element_with_text("KontonamnHandlaggare", question.asking.case_worker.as_str())
            .element_with_text("Referensnummer", question.case.as_str())
            .element_with_text("From", &question.period.from().to_string())
            .element_with_text("Tom", &question.period.to().to_string())
            .element_with_text("Syfte", question.purpose.as_str())
            .element_with_text("Paragraf", &question.legal_basis.0);
        // The schema wants all numbers first, then all names.
        for processor in processors {
            writer.element_with_text(
                "OrganisationsnummerPersonuppgiftsbitrade",
                processor.organisation.as_str(),
            );
        }
        for processor in processors {
            writer.element_with_text("NamnPersonuppgiftsbitrade", &processor.name);
        }
        writer.element_with_text("IdentificationNumber", question.person.expose()).close();
    }))
}
