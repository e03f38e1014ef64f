//! `FragaMeddelande`.

use ssbtek_domain::Question;
use ssbtek_xml::Writer;

use super::NAMESPACE;
use crate::{CannotAsk, HttpQuestion, soap_answer};

pub(super) fn write(question: &Question) -> Result<HttpQuestion, CannotAsk> {
    soap_answer::check_texts(question)?;
    Ok(soap_answer::question(|writer| {
        writer
            .open("FragaMeddelande")
            .namespace("", NAMESPACE)
            .open("Inkludera")
            .attribute("ArbetssokandeInfo", "true")
            .attribute("AkasseInfo", "true")
            .attribute("BeslutInfo", "true")
            .close()
            .with(|writer| fraga(writer, question))
            .close();
    }))
}

fn fraga(writer: &mut Writer, question: &Question) {
    let processor = question.asking.processors.first();
    writer
        .open("Fraga")
        .element_with_text("OrganisationsnummerForIngivare", question.asking.organisation.as_str())
        .element_with_text("NamnPaIngivare", &question.asking.name)
        .element_with_text("KontonamnForHandlaggare", question.asking.case_worker.as_str())
        .element_with_text("Referensnummer", question.case.as_str())
        .element_with_text("From", &question.period.from().to_string())
        .element_with_text("Tom", &question.period.to().to_string())
        .element_with_text("SyfteMedFraga", question.purpose.as_str())
        .element_with_text("LagParagraf", &question.legal_basis.0)
        .optional(
            "OrganisationsnummerForPersonuppgiftsbitrade",
            processor.map(|processor| processor.organisation.as_str()),
        )
        .optional("NamnPaPersonuppgiftsbitrade", processor.map(|processor| processor.name.as_str()))
        .element_with_text("IdentitetsbeteckningFysiskPerson", question.person.expose())
        .close();
}
