//! Messages → the registry's types; every field that is wrong is named.

use std::collections::BTreeSet;

use chrono::NaiveTime;
use ssbtek_authorize::{
    AgencyTerms, AskError, Contact, DocumentHash, Evidence, Hours, InformationSet, ProcessorAgreement,
    ProcessorAgreementVariant as Variant, QualificationItem, Rules, StepKind, SubProcessor,
};
use ssbtek_domain::{Agency, CaseWorkerId, NaiveDate, OrganisationNumber, Processor, parse_time_of_day};
use ssbtek_proto::broker::v1 as proto;
use ssbtek_registry::Texts;

use super::{day, field};
use crate::Refusal;
use crate::grpc::listed;

pub(super) fn organisation(name: &'static str, text: &str) -> Result<OrganisationNumber, Refusal> {
    field(name, OrganisationNumber::parse(text))
}

pub(super) fn document(name: &'static str, text: &str) -> Result<DocumentHash, Refusal> {
    field(name, DocumentHash::parse(text))
}

pub(super) fn optional_day(name: &'static str, text: Option<&str>) -> Result<Option<NaiveDate>, Refusal> {
    text.map(|text| day(name, text)).transpose()
}

pub(super) fn step(step: i32) -> Result<StepKind, Refusal> {
    use proto::ConnectionStep as Step;
    Ok(match Step::try_from(step) {
        Ok(Step::Check) => StepKind::Check,
        Ok(Step::Approve) => StepKind::Approve,
        Ok(Step::Enable) => StepKind::Enable,
        Ok(Step::Suspend) => StepKind::Suspend,
        Ok(Step::Resume) => StepKind::Resume,
        Ok(Step::End) => StepKind::End,
        Ok(Step::Purge) => return Err(AskError::new("step", "a purge is run, not declared").into()),
        Ok(Step::Unspecified) | Err(_) => return Err(AskError::new("step", "must be a known step").into()),
    })
}

pub(super) fn text(text: i32) -> Result<Texts, Refusal> {
    match proto::PublishedText::try_from(text) {
        Ok(proto::PublishedText::Instructions) => Ok(Texts::Instructions),
        Ok(proto::PublishedText::Terms) => Ok(Texts::Terms),
        _ => Err(AskError::new("text", "must be instructions or terms").into()),
    }
}

pub(super) fn variant(variant: proto::ProcessorAgreementVariant) -> Option<Variant> {
    match variant {
        proto::ProcessorAgreementVariant::Provider => Some(Variant::Provider),
        proto::ProcessorAgreementVariant::Common => Some(Variant::Common),
        proto::ProcessorAgreementVariant::Unspecified => None,
    }
}

pub(super) fn processor_agreement(
    m: proto::SetProcessorAgreementRequest,
) -> Result<ProcessorAgreement, Refusal> {
    let missing = || AskError::new("variant", "must be the provider's or the common one");
    let variant = variant(m.variant()).ok_or_else(missing)?;
    Ok(ProcessorAgreement {
        variant,
        version: m.version,
        instructions_version: m.instructions_version,
        signed_on: day("signed_on", &m.signed_on)?,
        document: document("document_sha256", &m.document_sha256)?,
    })
}

pub(super) fn sub_processors(list: Vec<proto::SubProcessor>) -> Result<Vec<SubProcessor>, Refusal> {
    let read = |m: proto::SubProcessor| {
        let organisation = organisation("sub_processors.organisation_number", &m.organisation_number)?;
        let from = optional_day("sub_processors.from", m.from.as_deref())?;
        Ok(SubProcessor { organisation, name: m.name, task: m.task, country: m.country, from })
    };
    listed("sub_processors", list)?.into_iter().map(read).collect()
}

pub(super) fn processors(list: Vec<proto::ChainProcessor>) -> Result<Vec<Processor>, Refusal> {
    let read = |m: proto::ChainProcessor| {
        let organisation = organisation("processors_before.organisation_number", &m.organisation_number)?;
        Ok(Processor { organisation, name: m.name })
    };
    listed("processors_before", list)?.into_iter().map(read).collect()
}

pub(super) fn item(name: &str) -> Result<QualificationItem, Refusal> {
    field("item", QualificationItem::parse(name).ok_or("must be a known item"))
}

pub(super) fn evidence(m: &proto::RecordEvidenceRequest) -> Result<Evidence, Refusal> {
    Ok(Evidence {
        document: document("document_sha256", &m.document_sha256)?,
        dated: day("dated", &m.dated)?,
        valid_to: optional_day("valid_to", m.valid_to.as_deref())?,
    })
}

pub(super) fn contact(contact: Option<proto::Contact>) -> Result<Contact, Refusal> {
    let m = contact.ok_or_else(|| AskError::new("contact", "is required"))?;
    Ok(Contact { name: m.name, email: m.email, phone: m.phone })
}

pub(super) fn agency_terms(m: proto::SetAgencyRequest) -> Result<AgencyTerms, Refusal> {
    Ok(AgencyTerms {
        contact: m.contact.map(|found| contact(Some(found))).transpose()?,
        information_set: if m.nothing { InformationSet::Nothing } else { InformationSet::Full },
        sub_processors: sub_processors(m.sub_processors)?,
    })
}

pub(super) fn rules(m: &proto::SetRulesRequest) -> Result<(Rules, BTreeSet<Agency>), Refusal> {
    let named = listed("protected_accounts", m.protected_accounts.iter().collect())?;
    let named = named.into_iter().map(|id| field("protected_accounts", CaseWorkerId::parse(id)));
    let named = named.collect::<Result<BTreeSet<_>, _>>()?;
    let hours = match (&m.hours_from, &m.hours_to) {
        (None, None) => None,
        (Some(from), Some(to)) => Some(Hours {
            from: time("hours_from", from)?,
            to: time("hours_to", to)?,
            weekdays_only: m.weekdays_only,
        }),
        _ => return Err(AskError::new("hours_from", "must come with hours_to").into()),
    };
    let days = m.max_provisional_days.map(|days| u16::try_from(days).map_err(|_| "is too large")).transpose();
    let check =
        m.household_check_days.map(|days| u16::try_from(days).map_err(|_| "is too large")).transpose();
    let rules = Rules {
        protected_only_for: m.protected_named_only.then_some(named),
        hours,
        max_questions_an_hour: m.max_questions_an_hour,
        max_provisional_days: field("max_provisional_days", days)?,
        names_of_protected: m.names_of_protected,
        household_check_days: field("household_check_days", check)?,
    };
    let never = listed("never_asked", m.never_asked.iter().collect())?;
    let never = never.into_iter().map(|code| field("never_asked", Agency::parse(code)));
    Ok((rules, never.collect::<Result<_, _>>()?))
}

fn time(name: &'static str, text: &str) -> Result<NaiveTime, Refusal> {
    field(name, parse_time_of_day(text).ok_or("must be a time of day, HH:MM"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_declares_a_purge_that_was_not_run() {
        assert_eq!(step(proto::ConnectionStep::End as i32).unwrap(), StepKind::End);
        assert!(step(proto::ConnectionStep::Purge as i32).is_err());
    }
}
