//! `fraga` in the answer: the question given back, rebuilt from what was understood, not from what was sent.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::{Agency, Period, SkvRequest};
use ssbtek_xml::Writer;

use crate::{
    AGENCIES, AgencyQuestion, Asked, InformationQuestion, LefiQuestion,
    form::{Asks, place},
};

/// `periods`: of which each agency was really asked, where that is known.
pub(crate) fn write(question: &InformationQuestion, periods: &BTreeMap<Agency, Period>, writer: &mut Writer) {
    writer.open("ssbt:fraga").with(|writer| general(question, writer)).open("ssbt:specifikaFrageparametrar");
    for agency in AGENCIES {
        let asked = question.agencies.get(&agency);
        writer
            .open(&format!("ssbt:{}", agency.code()))
            .attribute("inkludera", boolean(asked.is_some()))
            .with(|writer| {
                if let Some(asked) = asked {
                    specific(asked, told_period(agency, asked, periods, question), writer);
                }
            })
            .close();
    }
    writer.close().close();
}

fn general(question: &InformationQuestion, writer: &mut Writer) {
    let asker = &question.asker;
    writer
        .open("ssbt:generellaFrageparametrar")
        .optional("ssbt:frageTidpunkt", question.asked_at.as_ref().map(|moment| moment.as_str()))
        .optional("ssbt:korrelationsid", question.correlation_id.as_deref())
        .element_with_text("ssbt:fraganSkallInkluderasISvaret", boolean(question.echo))
        .open("ssbt:ingivare")
        .element_with_text("ssbt:organisationsnummer", asker.organisation.as_str())
        .element_with_text("ssbt:namn", &asker.name)
        .element_with_text("ssbt:handlaggare", asker.case_worker.as_str())
        .close()
        .element_with_text("ssbt:personidentitet", question.person.expose())
        .element_with_text("ssbt:arendeidentitet", question.case.as_str())
        .with(|writer| period(question.period, writer));
    for numbered in &question.processors {
        writer
            .open("ssbt:personuppgiftsbitrade")
            .optional("ssbt:ordningsnummer", numbered.number.map(|number| number.to_string()).as_deref())
            .element_with_text("ssbt:organisationsnummer", numbered.processor.organisation.as_str())
            .element_with_text("ssbt:namn", &numbered.processor.name)
            .close();
    }
    writer
        .element_with_text("ssbt:syfte", question.purpose.as_str())
        .element_with_text("ssbt:lagtext", &question.legal_basis.0)
        .close();
}

/// `tidsperiod` of the agency's own, where the contract has it and it is not the general one.
fn told_period(
    agency: Agency,
    asked: &AgencyQuestion,
    periods: &BTreeMap<Agency, Period>,
    question: &InformationQuestion,
) -> Option<Period> {
    let has_period = place(agency, question.version).is_some_and(|place| place.asks == Asks::Period);
    match periods.get(&agency).filter(|_| has_period) {
        Some(told) => Some(*told).filter(|told| *told != question.period),
        None => asked.period,
    }
}

fn specific(asked: &AgencyQuestion, period_told: Option<Period>, writer: &mut Writer) {
    if let Some(own) = period_told {
        period(own, writer);
    }
    match &asked.asked {
        Asked::Standard | Asked::SkvDocument => {}
        Asked::Lefi(question) => lefi(question, writer),
        Asked::Skv(request) => skv(request, writer),
    }
}

fn period(period: Period, writer: &mut Writer) {
    writer
        .open("ssbt:tidsperiod")
        .element_with_text("ssbt:fromDatum", &period.from().to_string())
        .element_with_text("ssbt:tomDatum", &period.to().to_string())
        .close();
}

fn lefi(question: &LefiQuestion, writer: &mut Writer) {
    writer
        .open("ssbt:fraga")
        .optional("ssbt:version", question.version.as_deref())
        .element_with_text("ssbt:aktorsid", question.actor_id())
        .element_with_text("ssbt:lefiJsonFraga", &STANDARD.encode(question.json()))
        .close();
}

fn skv(request: &SkvRequest, writer: &mut Writer) {
    writer.open("ssbt:fraga");
    for year in &request.years {
        writer.element_with_text("ssbt:ar", &year.to_string());
    }
    writer
        .element_with_text("ssbt:foretagsinformation", boolean(request.company_information))
        .element_with_text("ssbt:individuppgifter", boolean(request.individual_statements))
        .element_with_text("ssbt:skattekonto", boolean(request.tax_account))
        .element_with_text("ssbt:skatteuppgifter", boolean(request.tax_data))
        .element_with_text("ssbt:beskattningsbilagor", boolean(request.tax_appendices))
        .close();
}

fn boolean(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}
