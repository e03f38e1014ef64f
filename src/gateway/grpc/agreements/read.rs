//! The registry's types → messages.

use ssbtek_authorize::{Board, Party, Provider};
use ssbtek_domain::{DateTime, OrganisationNumber, Utc, stockholm_date};
use ssbtek_proto::broker::v1 as proto;
use ssbtek_registry::{AccountLine, Replayed};

use crate::encode::time;

pub(super) fn replayed(replayed: &Replayed) -> proto::ReplayDecisionResponse {
    let version = |found: &ssbtek_authorize::DocumentVersion| proto::FactVersion {
        kind: found.kind.as_str().to_owned(),
        version: found.version,
    };
    proto::ReplayDecisionResponse {
        organisation_number: replayed.board.to_string(),
        decided_at: time(replayed.at),
        logged: replayed.logged.as_str().to_owned(),
        replayed: replayed.replayed.as_str().to_owned(),
        versions: replayed.versions.iter().map(version).collect(),
    }
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
    }
}

pub(super) fn board(version: u64, board: &Board) -> proto::GetBoardResponse {
    let step = |step: &ssbtek_authorize::Step| proto::TakenStep {
        step: step.kind.as_str().to_owned(),
        by: step.by.clone(),
        at: time(step.at),
        document_sha256: step.document.as_str().to_owned(),
        on: step.on.map(|on| on.to_string()).unwrap_or_default(),
    };
    proto::GetBoardResponse {
        version,
        state: board.state.as_str().to_owned(),
        history: board.history.iter().map(step).collect(),
        ended_on: board.ended_on().map(|on| on.to_string()),
        purge_due_on: board.purge_due_on().map(|on| on.to_string()),
    }
}

pub(super) fn party(number: OrganisationNumber, party: &Party) -> proto::Party {
    proto::Party {
        organisation_number: number.to_string(),
        name: party.name.clone(),
        state: party.state.clone(),
        since: party.since.to_string(),
    }
}

pub(super) fn published(provider: &Provider, now: DateTime<Utc>) -> proto::GetPublishedResponse {
    let today = stockholm_date(now);
    let terms = provider.terms.iter().filter(|p| p.valid_from <= today).max_by_key(|p| p.valid_from);
    let named = |found: Option<&ssbtek_authorize::Published>| {
        found.map(|p| (p.version.clone(), p.document.as_str().to_owned())).unwrap_or_default()
    };
    let (instructions_version, instructions_sha256) = named(provider.instructions_at(now));
    let (terms_version, terms_sha256) = named(terms);
    let sub_processor = |found: &ssbtek_authorize::SubProcessor| proto::SubProcessor {
        organisation_number: found.organisation.to_string(),
        name: found.name.clone(),
        task: found.task.clone(),
        country: found.country.clone(),
    };
    proto::GetPublishedResponse {
        instructions_version,
        instructions_sha256,
        terms_version,
        terms_sha256,
        sub_processors: provider.sub_processors.iter().map(sub_processor).collect(),
    }
}
