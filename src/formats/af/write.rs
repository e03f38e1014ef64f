//! `Fraga` and `Svar`, the children of `SvarMeddelande`.

use ssbtek_domain::sections::af::{ActivityReport, Decision, Registration, Section};
use ssbtek_xml::Writer;

use super::ANSWER;
use crate::{
    Repeated,
    element::{alone, boolean},
};

/// `Schemaversion` of the format written.
const SCHEMA_VERSION: &str = "2.0";

/// Both, each standing on its own: the question's fields as they are repeated, and what AF says of `person`.
pub fn children(asked: &Repeated, person: &str, facts: &Section) -> Vec<String> {
    let question = |writer: &mut Writer| {
        for (name, text) in asked.fields() {
            writer.element_with_text(name, text);
        }
    };
    vec![
        alone(ANSWER.namespace, "Fraga", question),
        alone(ANSWER.namespace, "Svar", |writer| answer(asked, person, facts, writer)),
    ]
}

fn answer(asked: &Repeated, person: &str, facts: &Section, writer: &mut Writer) {
    writer
        .element_with_text("Schemaversion", SCHEMA_VERSION)
        .element_with_text("Referensnummer", asked.text("Referensnummer"))
        .element_with_text("LagParagraf", asked.text("LagParagraf"))
        .element_with_text("IdentitetsbeteckningFysiskPerson", person)
        .optional("Fornamn", facts.given_name.as_deref())
        .optional("Efternamn", facts.family_name.as_deref())
        .optional("Sekretessmarkering", facts.protected.map(boolean));
    if let Some(known) = &facts.registration {
        registration(known, writer);
    }
    if let Some(known) = &facts.decisions {
        decisions(known, writer);
    }
    writer
        .optional("Akassetillhorighet", facts.fund_membership.as_deref())
        .element_with_text("StatusSokandeinformationKod", &facts.status_code.to_string())
        .element_with_text(
            "StatusSokandeinformationKodText",
            facts.status_text.as_deref().unwrap_or_default(),
        );
}

fn registration(known: &Registration, writer: &mut Writer) {
    writer
        .open("ArbetssokandeInfo")
        .optional("Arbetssokande", known.jobseeker.map(boolean))
        .optional("ArbetssokandeSKAT", known.category.as_deref())
        .optional("ArbetssokandeRegistrerad", known.registered_on.map(|day| day.to_string()).as_deref())
        .optional("ArbetssokandeOmfattning", known.extent_percent.map(|extent| extent.to_string()).as_deref())
        .optional("ArbetssokandeAvaktualiserad", known.deactivated_on.map(|day| day.to_string()).as_deref())
        .with(|writer| known.activity_report.iter().for_each(|report| activity_report(report, writer)))
        .close();
}

fn activity_report(report: &ActivityReport, writer: &mut Writer) {
    writer
        .open("AktivetetsRapportDatum")
        .element_with_text("AktivitetsRapportMeddelande", report.message.code())
        .optional("SenasteAktivitetsRapportDatum", report.latest_on.map(|day| day.to_string()).as_deref())
        .close();
}

fn decisions(known: &[Decision], writer: &mut Writer) {
    writer.open("BeslutInfo").open("EkonomiskaBeslut");
    for decision in known {
        writer
            .open("Beslut")
            .element_with_text("ErsattningTyp", &decision.kind)
            .optional("Omfattning", decision.extent_percent.map(|extent| extent.to_string()).as_deref())
            .optional("BeslutFrom", decision.from.map(|day| day.to_string()).as_deref())
            .optional("BeslutTom", decision.to.map(|day| day.to_string()).as_deref())
            .close();
    }
    writer.close().close();
}
