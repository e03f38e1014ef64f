//! `GetUnemploymentBenefitPaymentResponse`. A failure hides in each fund's free-text `StatusSvarandeOrganisation`.

use ssbtek_domain::{
    Note, Outcome, PartOutcome, Period, Question, Source, SourceAnswer,
    sections::{
        Section as AnySection,
        so::{Application, Fund, FundPayment, Section},
    },
};
use ssbtek_xml::Element;

use super::{Codec, NAMESPACE};
use crate::{
    HttpAnswer, Refused,
    fields::{Field, Fields, field},
    soap_answer,
};

pub(super) fn read(codec: &Codec, question: &Question, answer: &HttpAnswer) -> Result<SourceAnswer, Refused> {
    soap_answer::read(
        &codec.source,
        answer,
        (NAMESPACE, "GetUnemploymentBenefitPaymentResponse"),
        |payload| judge(codec, section(payload, question)?),
        |fault| soap_answer::plain_fault(&codec.source, fault),
    )
}

fn judge(codec: &Codec, section: Section) -> Result<SourceAnswer, Refused> {
    let mut parts = section.parts(&codec.texts);
    let outcome = if let Source::Fund(_) = codec.source {
        let [only] = parts.as_slice() else { return Err(Refused("a fund answers with exactly one entry")) };
        let outcome = only.outcome;
        parts.clear();
        outcome
    } else {
        parts.extend(missing(codec, &section));
        // An empty list is Samorganisationen's own word that no fund has anything.
        Outcome::of_parts(parts.iter().map(|part| part.outcome)).unwrap_or(Outcome::Answered)
    };
    let unknown = section.funds.iter().any(|fund| codec.texts.outcome(&fund.status).is_none());
    Ok(SourceAnswer {
        parts,
        section: (outcome != Outcome::NoSuchPerson).then_some(AnySection::So(section)),
        notes: unknown.then_some(Note::UnknownCode("StatusSvarandeOrganisation")).into_iter().collect(),
        ..SourceAnswer::without_facts(codec.source.clone(), outcome)
    })
}

/// Funds that should have been mentioned and were not.
fn missing(codec: &Codec, section: &Section) -> Vec<PartOutcome> {
    let unmentioned = |name: &&String| !section.funds.iter().any(|fund| fund.name == **name);
    codec
        .expected
        .iter()
        .filter(unmentioned)
        .map(|name| PartOutcome { part: name.clone(), outcome: Outcome::FailedAtSource, code: None })
        .collect()
}

fn section(payload: &Element, question: &Question) -> Result<Section, Refused> {
    let told = Fields::closed(
        payload,
        NAMESPACE,
        &[
            "OrganisationsnummerIngivare",
            "NamnIngivare",
            "KontonamnHandlaggare",
            "Referensnummer",
            "From",
            "Tom",
            "Syfte",
            "Paragraf",
            "OrganisationsnummerPersonuppgiftsbitrade",
            "NamnPersonuppgiftsbitrade",
            "IdentificationNumber",
            "ArbetsloshetsersattningLista",
        ],
    )?;
    let person = soap_answer::same_person(question, &told.required_text(field!("IdentificationNumber"))?)?;
    let list = Fields::closed(
        told.required(field!("ArbetsloshetsersattningLista"))?,
        NAMESPACE,
        &["Arbetsloshetsersattning"],
    )?;
    let funds = list.all("Arbetsloshetsersattning").map(fund).collect::<Result<_, _>>()?;
    Ok(Section { person: Some(person), funds })
}

fn fund(element: &Element) -> Result<Fund, Refused> {
    let told = Fields::closed(
        element,
        NAMESPACE,
        &[
            "SvarandeOrganisation",
            "StatusSvarandeOrganisation",
            "Utbetalningar",
            "Avstangningar",
            "AnsoktOmErsattning",
        ],
    )?;
    Ok(Fund {
        name: told.required_text(field!("SvarandeOrganisation"))?,
        status: told.required_text(field!("StatusSvarandeOrganisation"))?,
        payments: told.all("Utbetalningar").map(payment).collect::<Result<_, _>>()?,
        suspensions: told.all("Avstangningar").map(suspension).collect::<Result<_, _>>()?,
        application: told.one(field!("AnsoktOmErsattning"))?.map(application).transpose()?,
    })
}

fn payment(element: &Element) -> Result<FundPayment, Refused> {
    let told = Fields::closed(
        element,
        NAMESPACE,
        &[
            "Utbetalningsdatum",
            "NettoEfterSkatt",
            "NettoEfterAvdrag",
            "Ersattningsdagar",
            "AvserFrom",
            "AvserTom",
        ],
    )?;
    Ok(FundPayment {
        paid_on: told.required_date(field!("Utbetalningsdatum"))?,
        net_after_tax: told.required_amount(field!("NettoEfterSkatt"))?,
        net_after_deductions: told.required_amount(field!("NettoEfterAvdrag"))?,
        days: told.required_amount(field!("Ersattningsdagar"))?,
        covers: period(&told, field!("AvserFrom"), field!("AvserTom"))?,
    })
}

fn suspension(element: &Element) -> Result<Period, Refused> {
    let told = Fields::closed(element, NAMESPACE, &["AvstangdFrom", "AvstangdTom"])?;
    period(&told, field!("AvstangdFrom"), field!("AvstangdTom"))
}

fn application(element: &Element) -> Result<Application, Refused> {
    let told =
        Fields::closed(element, NAMESPACE, &["BeslutOmRattTillErsattning", "AnsokanOmUtbetalningInlamnad"])?;
    let submitted = field!("AnsokanOmUtbetalningInlamnad");
    // Must be there, and may be nil: nil is "no decision yet".
    let decided = field!("BeslutOmRattTillErsattning");
    if !told.required(decided)?.is_nil() && told.date(decided)?.is_none() {
        return Err(decided.refused);
    }
    Ok(Application {
        right_decided_on: told.date(decided)?,
        claim_submitted: told.boolean(submitted)?.ok_or(submitted.refused)?,
    })
}

fn period(told: &Fields<'_>, from: Field, to: Field) -> Result<Period, Refused> {
    Period::new(told.required_date(from)?, told.required_date(to)?).map_err(|_| to.refused)
}
