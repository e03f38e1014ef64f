//! `FragaMeddelande`.

use ssbtek_domain::Question;

use super::NAMESPACE;
use crate::{CannotAsk, HttpQuestion, Repeated, Told, soap_answer};

pub(super) fn write(question: &Question) -> Result<HttpQuestion, CannotAsk> {
    soap_answer::check_texts(question)?;
    let fields = fields(&Told::from(question));
    Ok(soap_answer::question(|writer| {
        writer
            .open("FragaMeddelande")
            .namespace("", NAMESPACE)
            .open("Inkludera")
            .attribute("ArbetssokandeInfo", "true")
            .attribute("AkasseInfo", "true")
            .attribute("BeslutInfo", "true")
            .close()
            .open("Fraga");
        for (name, text) in fields.fields() {
            writer.element_with_text(name, text);
        }
        writer.close().close();
    }))
}

/// `Fraga`, which the answer repeats.
pub fn fields(told: &Told<'_>) -> Repeated {
    let before = [
        ("OrganisationsnummerForIngivare", told.organisation.as_str().to_owned()),
        ("NamnPaIngivare", told.name.to_owned()),
        ("KontonamnForHandlaggare", told.case_worker.to_owned()),
        ("Referensnummer", told.case.to_owned()),
        ("From", told.period.from().to_string()),
        ("Tom", told.period.to().to_string()),
        ("SyfteMedFraga", told.purpose.to_owned()),
        ("LagParagraf", told.legal_basis.to_owned()),
    ];
    let processor = told.processors.first().into_iter().flat_map(|processor| {
        [
            ("OrganisationsnummerForPersonuppgiftsbitrade", processor.organisation.as_str().to_owned()),
            ("NamnPaPersonuppgiftsbitrade", processor.name.clone()),
        ]
    });
    let person = ("IdentitetsbeteckningFysiskPerson", told.person.expose().to_owned());
    before.into_iter().chain(processor).chain([person]).collect()
}
