//! `findByPersonnummer`.

use ssbtek_domain::Question;

use super::NAMESPACE;
use crate::{CannotAsk, HttpQuestion, soap_answer};

pub(super) fn write(question: &Question) -> Result<HttpQuestion, CannotAsk> {
    soap_answer::check_texts(question)?;
    Ok(soap_answer::question(|writer| {
        writer
            .open("miv:findByPersonnummer")
            .namespace("miv", NAMESPACE)
            .open("query")
            .element_with_text("korrelationsid", &question.entry.to_string())
            .element_with_text("personnummer", question.person.expose())
            .open("ingivare")
            .element_with_text("handlaggare", question.asking.case_worker.as_str())
            .element_with_text("namn", &question.asking.name)
            .element_with_text("organisationsnummer", question.asking.organisation.as_str())
            .close()
            .close()
            .close();
    }))
}
