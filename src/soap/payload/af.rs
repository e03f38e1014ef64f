//! Arbetsförmedlingen: `Fraga` and `Svar`.

use ssbtek_domain::sections::af::{ActivityReport, Decision, Registration, Section};
use ssbtek_xml::Writer;

use super::{Told, alone, boolean};
use crate::wire_names::AF_ANSWER;

/// `Schemaversion` of the format written.
const SCHEMA_VERSION: &str = "2.0";

pub(super) fn write(told: &Told<'_>, facts: &Section) -> Vec<String> {
    let (namespace, _) = AF_ANSWER;
    vec![
        alone(namespace, "Fraga", |writer| question(told, writer)),
        alone(namespace, "Svar", |writer| answer(told, facts, writer)),
    ]
}

fn question(told: &Told<'_>, writer: &mut Writer) {
    let processor = told.processors.first();
    writer
        .element_with_text("OrganisationsnummerForIngivare", told.asker.organisation.as_str())
        .element_with_text("NamnPaIngivare", &told.asker.name)
        .element_with_text("KontonamnForHandlaggare", told.asker.case_worker.as_str())
        .element_with_text("Referensnummer", told.case)
        .element_with_text("From", &told.period.from().to_string())
        .element_with_text("Tom", &told.period.to().to_string())
        .element_with_text("SyfteMedFraga", told.purpose)
        .element_with_text("LagParagraf", told.legal_basis)
        .optional("OrganisationsnummerForPersonuppgiftsbitrade", processor.map(|it| it.organisation.as_str()))
        .optional("NamnPaPersonuppgiftsbitrade", processor.map(|it| it.name.as_str()))
        .element_with_text("IdentitetsbeteckningFysiskPerson", told.person.expose());
}

fn answer(told: &Told<'_>, facts: &Section, writer: &mut Writer) {
    writer
        .element_with_text("Schemaversion", SCHEMA_VERSION)
        .element_with_text("Referensnummer", told.case)
        .element_with_text("LagParagraf", told.legal_basis)
        .element_with_text("IdentitetsbeteckningFysiskPerson", told.person.expose())
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
