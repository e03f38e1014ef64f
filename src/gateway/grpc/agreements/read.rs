//! The registry's types → messages.

use ssbtek_authorize::{
    AgencyTerms, Agent, AgentNotification, Board, CaseWorker, Contact, Covers, DocumentHash, DocumentVersion,
    Evidence, InformationSet, LegalBases, LegalBasisRule, Party, ProcessorAgreementVariant as Variant,
    Provider, QualificationItem, Signature, Versioned,
};
use ssbtek_domain::{DateTime, NaiveDate, OrganisationNumber, Processor, Utc};
use ssbtek_proto::broker::v1 as proto;
use ssbtek_registry::{AccountLine, Replayed};

use crate::encode::{self, time};

pub(super) fn replayed(replayed: &Replayed) -> proto::ReplayDecisionResponse {
    proto::ReplayDecisionResponse {
        organisation_number: replayed.board.to_string(),
        decided_at: time(replayed.at),
        logged: replayed.logged.as_str().to_owned(),
        replayed: replayed.replayed.as_str().to_owned(),
        versions: versions(&replayed.versions),
        recheck: replayed.recheck.as_ref().map(|recheck| proto::ReplayedRecheck {
            judged_at: time(recheck.at),
            logged: recheck.logged.as_str().to_owned(),
            replayed: recheck.replayed.as_str().to_owned(),
            versions: versions(&recheck.versions),
        }),
    }
}

fn versions(versions: &[DocumentVersion]) -> Vec<proto::FactVersion> {
    let told = |found: &DocumentVersion| proto::FactVersion {
        kind: found.kind.as_str().to_owned(),
        version: found.version,
    };
    versions.iter().map(told).collect()
}

pub(super) fn account(line: &AccountLine) -> proto::AccountReport {
    proto::AccountReport {
        id: line.account.id.as_str().to_owned(),
        name: line.account.name.clone(),
        blocked: line.account.blocked,
        confirmed: line.confirmed,
        last_question_at: line.last_question.map(time).unwrap_or_default(),
        dormant: line.dormant,
        followed_up_at: line.account.follow_ups.last().map(|done| time(done.at)).unwrap_or_default(),
        not_nameable: !line.is_normal,
        twins: line.twins.iter().map(|twin| twin.as_str().to_owned()).collect(),
        version: line.version,
        kind: encode::account_kind(&line.account.kind).into(),
        responsible: responsible(&line.account),
    }
}

fn responsible(account: &CaseWorker) -> String {
    account.kind.responsible().map(|person| person.as_str().to_owned()).unwrap_or_default()
}

/// A system's account, as the agreement knows it.
pub(super) fn system_account(account: &CaseWorker) -> proto::SystemAccount {
    proto::SystemAccount {
        id: account.id.as_str().to_owned(),
        responsible: responsible(account),
        blocked: account.blocked,
    }
}

pub(super) fn board(
    version: u64,
    board: &Board,
    provider: &Provider,
    now: DateTime<Utc>,
) -> proto::GetBoardResponse {
    let step = |step: &ssbtek_authorize::Step| proto::TakenStep {
        step: step.kind.as_str().to_owned(),
        by: step.by.clone(),
        at: time(step.at),
        document_sha256: step.document.as_str().to_owned(),
        on: step.on.map(|on| on.to_string()).unwrap_or_default(),
    };
    let power = &board.power_of_attorney;
    let approved = &board.approved_sub_processors;
    let unapproved = provider.sub_processors.iter().map(|sub| sub.organisation);
    let mut told = proto::GetBoardResponse {
        version,
        state: board.standing(now).as_str().to_owned(),
        history: board.history.iter().map(step).collect(),
        ended_on: board.ended_on().map(|on| on.to_string()),
        purge_due_on: board.deadline().map(|deadline| deadline.limit_on.to_string()),
        name: board.name.clone(),
        contact: board.contact.as_ref().map(contact),
        power_of_attorney_needed: power.needed,
        power_of_attorney_sha256: power.document.as_ref().map_or("", DocumentHash::as_str).to_owned(),
        approved_sub_processors: approved.iter().map(ToString::to_string).collect(),
        unapproved_sub_processors: unapproved
            .filter(|number| !approved.contains(number))
            .map(|number| number.to_string())
            .collect(),
        certificates: board.certificates.iter().map(certificate).collect(),
        rules: Some(rules(board)),
        ..Default::default()
    };
    if let Some(agreement) = &board.processor_agreement {
        told.set_processor_agreement_variant(match agreement.variant {
            Variant::Provider => proto::ProcessorAgreementVariant::Provider,
            Variant::Common => proto::ProcessorAgreementVariant::Common,
        });
        told.processor_agreement_version.clone_from(&agreement.version);
        told.processor_instructions_version.clone_from(&agreement.instructions_version);
    }
    told
}

fn rules(board: &Board) -> proto::SetRulesRequest {
    let rules = &board.rules;
    let clock = |time: chrono::NaiveTime| time.format("%H:%M").to_string();
    proto::SetRulesRequest {
        expected_version: None,
        protected_named_only: rules.protected_only_for.is_some(),
        protected_accounts: rules
            .protected_only_for
            .iter()
            .flatten()
            .map(|id| id.as_str().to_owned())
            .collect(),
        hours_from: rules.hours.map(|hours| clock(hours.from)),
        hours_to: rules.hours.map(|hours| clock(hours.to)),
        weekdays_only: rules.hours.is_some_and(|hours| hours.weekdays_only),
        max_questions_an_hour: rules.max_questions_an_hour,
        max_provisional_days: rules.max_provisional_days.map(u32::from),
        names_of_protected: rules.names_of_protected,
        household_check_days: rules.household_check_days.map(u32::from),
        never_asked: board.never_asked.iter().map(|agency| agency.code().to_owned()).collect(),
    }
}

fn contact(contact: &Contact) -> proto::Contact {
    let Contact { name, email, phone } = contact.clone();
    proto::Contact { name, email, phone }
}

fn certificate(found: &ssbtek_authorize::RegisteredCertificate) -> proto::RegisteredCertificate {
    proto::RegisteredCertificate {
        sha256: found.sha256.clone(),
        proven_at: found.proven_at.map(time).unwrap_or_default(),
        revoked_at: found.revoked_at.map(time).unwrap_or_default(),
        confirmed_at: found.confirmed_at.or(found.proven_at).map(time).unwrap_or_default(),
    }
}

pub(super) fn agent(version: u64, agent: &Agent, today: NaiveDate) -> proto::GetAgentResponse {
    let evidence = |(item, evidence): (&QualificationItem, &Evidence)| proto::QualificationEvidence {
        item: item.as_str().to_owned(),
        document_sha256: evidence.document.as_str().to_owned(),
        dated: evidence.dated.to_string(),
        valid_to: evidence.valid_to.map(|to| to.to_string()),
    };
    proto::GetAgentResponse {
        version,
        name: agent.name.clone(),
        qualification: agent.qualification.iter().map(evidence).collect(),
        qualified: agent.is_qualified(today),
        lacks: agent.lacks(today),
        agreement_signed_at: agent.agreement.as_ref().map(|signed| time(signed.at)).unwrap_or_default(),
        ended_on: agent.ended_on.map(|on| on.to_string()),
        certificates: agent.certificates.iter().map(certificate).collect(),
    }
}

pub(super) fn agency(version: u64, terms: &AgencyTerms) -> proto::GetAgencyResponse {
    proto::GetAgencyResponse {
        contact: terms.contact.as_ref().map(contact),
        nothing: terms.information_set == InformationSet::Nothing,
        sub_processors: terms.sub_processors.iter().map(sub_processor).collect(),
        version,
    }
}

fn sub_processor(found: &ssbtek_authorize::SubProcessor) -> proto::SubProcessor {
    proto::SubProcessor {
        organisation_number: found.organisation.to_string(),
        name: found.name.clone(),
        task: found.task.clone(),
        country: found.country.clone(),
        from: found.from.map(|from| from.to_string()),
    }
}

pub(super) fn party(number: OrganisationNumber, party: &Party) -> proto::Party {
    proto::Party {
        organisation_number: number.to_string(),
        name: party.name.clone(),
        state: party.state.clone(),
        since: party.since.to_string(),
        ends_on: party.ends_on.map(|on| on.to_string()),
    }
}

pub(super) fn notification(found: &AgentNotification) -> proto::AgentNotice {
    let signed = |by: &Option<Signature>| by.as_ref().map(|by| time(by.at)).unwrap_or_default();
    let link = |link: &Processor| proto::ChainProcessor {
        organisation_number: link.organisation.to_string(),
        name: link.name.clone(),
    };
    proto::AgentNotice {
        agent: found.agent.to_string(),
        from: found.from.to_string(),
        document_sha256: found.document.as_str().to_owned(),
        processor_agreement_sha256: found.processor_agreement.as_str().to_owned(),
        processors_before: found.processors_before.iter().map(link).collect(),
        signed_by_agent_at: signed(&found.signed_by_agent),
        signed_by_board_at: signed(&found.signed_by_board),
        ended_at: found.ended_at.map(time).unwrap_or_default(),
    }
}

pub(super) fn published(provider: &Versioned<Provider>, now: DateTime<Utc>) -> proto::GetPublishedResponse {
    let (version, provider) = (provider.version, &provider.body);
    let named = |found: Option<&ssbtek_authorize::Published>| {
        found.map(|p| (p.version.clone(), p.document.as_str().to_owned())).unwrap_or_default()
    };
    let (instructions_version, instructions_sha256) = named(provider.instructions_at(now));
    let (terms_version, terms_sha256) = named(provider.terms_at(now));
    proto::GetPublishedResponse {
        instructions_version,
        instructions_sha256,
        terms_version,
        terms_sha256,
        sub_processors: provider.sub_processors.iter().map(sub_processor).collect(),
        content: String::new(),
        legal_bases: Vec::new(),
        version,
    }
}

/// Every provision, as it is published.
pub(super) fn legal_bases(law: &LegalBases) -> Vec<proto::PublishedLegalBasis> {
    let told = |rule: &LegalBasisRule| proto::PublishedLegalBasis {
        information: match rule.covers {
            Covers::Kind(kind) => kind.name(),
            Covers::Agency(agency) => agency.code(),
        }
        .to_owned(),
        text: rule.text.clone(),
        valid_from: rule.valid_from.to_string(),
        valid_to: rule.valid_to.map(|day| day.to_string()).unwrap_or_default(),
    };
    law.0.iter().map(told).collect()
}
