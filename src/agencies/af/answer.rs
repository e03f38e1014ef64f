//! `SvarMeddelande`. A failure hides in `StatusSokandeinformationKod` and in the activity report's message.

use ssbtek_domain::{
    Agency, Note, Outcome, Question, Source, SourceAnswer,
    sections::{
        Section as AnySection,
        af::{ActivityReport, Decision, Registration, ReportMessage, Section},
    },
};
use ssbtek_xml::Element;

use super::NAMESPACE;
use crate::{
    HttpAnswer, Refused,
    fields::{Fields, field},
    soap_answer,
};

const SOURCE: Source = Source::Agency(Agency::Af);

pub(super) fn read(
    question: &Question,
    answer: &HttpAnswer,
    no_such_person: &[i32],
) -> Result<SourceAnswer, Refused> {
    soap_answer::read(
        &SOURCE,
        answer,
        (NAMESPACE, "SvarMeddelande"),
        |payload| Ok(judge(section(payload, question)?, no_such_person)),
        |fault| soap_answer::plain_fault(&SOURCE, fault),
    )
}

fn judge(section: Section, no_such_person: &[i32]) -> SourceAnswer {
    let unknown_report = section
        .registration
        .as_ref()
        .is_some_and(|it| matches!(it.activity_report.message, ReportMessage::Other(_)));
    let (mut outcome, mut parts) = (section.outcome(), section.parts());
    // Facts under "no such person" contradict it: then it stays a failure of a part.
    if outcome == Outcome::FailedAtSource && no_such_person.contains(&section.status_code) {
        outcome = Outcome::NoSuchPerson;
        parts.clear();
    }
    let failed = section.status_code != 0 && outcome != Outcome::NoSuchPerson;
    // Where nobody is found there are no facts, unless that the identity is protected.
    let empty = outcome == Outcome::NoSuchPerson && section.protected != Some(true);
    SourceAnswer {
        parts,
        fault_code: failed.then(|| section.status_code.to_string()),
        section: (!empty).then_some(AnySection::Af(section)),
        notes: unknown_report
            .then_some(Note::UnknownCode("AktivitetsRapportMeddelande"))
            .into_iter()
            .collect(),
        ..SourceAnswer::without_facts(SOURCE, outcome)
    }
}

fn section(payload: &Element, question: &Question) -> Result<Section, Refused> {
    let message = Fields::open(payload, NAMESPACE, &["Fraga", "Svar"])?;
    let asked =
        Fields::open(message.required(field!("Fraga"))?, NAMESPACE, &["IdentitetsbeteckningFysiskPerson"])?;
    soap_answer::same_person(question, &asked.required_text(field!("IdentitetsbeteckningFysiskPerson"))?)?;
    let told = Fields::open(
        message.required(field!("Svar"))?,
        NAMESPACE,
        &[
            "Schemaversion",
            "Referensnummer",
            "LagParagraf",
            "IdentitetsbeteckningFysiskPerson",
            "Fornamn",
            "Efternamn",
            "Sekretessmarkering",
            "ArbetssokandeInfo",
            "BeslutInfo",
            "Akassetillhorighet",
            "StatusSokandeinformationKod",
            "StatusSokandeinformationKodText",
        ],
    )?;
    let person = told.required_text(field!("IdentitetsbeteckningFysiskPerson"))?;
    Ok(Section {
        person: Some(soap_answer::same_person(question, &person)?),
        given_name: told.text(field!("Fornamn"))?,
        family_name: told.text(field!("Efternamn"))?,
        protected: told.boolean(field!("Sekretessmarkering"))?,
        registration: told.one(field!("ArbetssokandeInfo"))?.map(registration).transpose()?,
        decisions: told.one(field!("BeslutInfo"))?.map(decisions).transpose()?,
        fund_membership: told.text(field!("Akassetillhorighet"))?,
        status_code: told.required_int(field!("StatusSokandeinformationKod"))?,
        status_text: Some(told.required_text(field!("StatusSokandeinformationKodText"))?)
            .filter(|text| !text.is_empty()),
    })
}

fn registration(info: &Element) -> Result<Registration, Refused> {
    let info = Fields::closed(
        info,
        NAMESPACE,
        &[
            "Arbetssokande",
            "ArbetssokandeSKAT",
            "ArbetssokandeRegistrerad",
            "ArbetssokandeOmfattning",
            "ArbetssokandeAvaktualiserad",
            "AktivetetsRapportDatum",
        ],
    )?;
    let report = Fields::closed(
        info.required(field!("AktivetetsRapportDatum"))?,
        NAMESPACE,
        &["AktivitetsRapportMeddelande", "SenasteAktivitetsRapportDatum"],
    )?;
    let message = report.required_text(field!("AktivitetsRapportMeddelande"))?;
    Ok(Registration {
        jobseeker: info.boolean(field!("Arbetssokande"))?,
        category: info.text(field!("ArbetssokandeSKAT"))?,
        registered_on: info.date(field!("ArbetssokandeRegistrerad"))?,
        extent_percent: info.int(field!("ArbetssokandeOmfattning"))?,
        deactivated_on: info.date(field!("ArbetssokandeAvaktualiserad"))?,
        activity_report: ActivityReport {
            message: ReportMessage::from_code(&message),
            latest_on: report.date(field!("SenasteAktivitetsRapportDatum"))?,
        },
    })
}

fn decisions(info: &Element) -> Result<Vec<Decision>, Refused> {
    let info = Fields::open(info, NAMESPACE, &["EkonomiskaBeslut"])?;
    let list = Fields::closed(info.required(field!("EkonomiskaBeslut"))?, NAMESPACE, &["Beslut"])?;
    list.all("Beslut").map(decision).collect()
}

fn decision(element: &Element) -> Result<Decision, Refused> {
    let told = Fields::open(element, NAMESPACE, &["ErsattningTyp", "Omfattning", "BeslutFrom", "BeslutTom"])?;
    Ok(Decision {
        kind: told.required_text(field!("ErsattningTyp"))?,
        extent_percent: told.required_int(field!("Omfattning"))?,
        from: told.required_date(field!("BeslutFrom"))?,
        to: told.required_date(field!("BeslutTom"))?,
    })
}
