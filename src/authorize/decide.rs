//! The decision, as a table to be read from top to bottom. The first line that does not hold is the denial.

use ssbtek_domain::{CaseId, DateTime, Personnummer, Role, Utc, stockholm_date};

use crate::{
    Ask, Board, BoardState, Caller, Case, CaseState, CaseWorker, Denial, Duty, Facts, LegalBases,
    NotPermitted, Permit,
};

/// May this caller ask this, on these facts, at this moment?
pub fn decide(
    caller: &Caller,
    ask: &Ask,
    facts: &Facts,
    law: &LegalBases,
    now: DateTime<Utc>,
) -> Result<Permit, Denial> {
    let Standing { board, case_worker, case } = standing(caller, &ask.case, facts, now)?;
    let (role, person) = holder(case, ask.role, ask.person.as_ref())?;

    let today = stockholm_date(now);
    let (mut agencies, mut not_permitted) = (Vec::new(), Vec::new());
    for agency in &ask.agencies {
        match law.on(*agency, today) {
            _ if board.never_asked.contains(agency) => {
                not_permitted.push((*agency, NotPermitted::NeverAskedByBoard));
            }
            None => not_permitted.push((*agency, NotPermitted::NoLegalBasis)),
            Some(basis) => {
                let worded = ask.wishes.get(agency).and_then(|wish| wish.basis.clone());
                agencies.push((*agency, worded.unwrap_or(basis)));
            }
        }
    }
    if agencies.is_empty() && !ask.agencies.is_empty() {
        return Err(Denial::NoAgencyPermitted);
    }
    Ok(Permit {
        caller: caller.clone(),
        board_name: board.name.clone(),
        unit: case_worker.unit.as_str().to_owned(),
        case: ask.case.clone(),
        role,
        person: person.clone(),
        period: ask.period,
        purpose: ask.purpose.clone(),
        agencies,
        not_permitted,
        wishes: ask.wishes.clone(),
        versions: facts.versions(),
        decided_at: now,
    })
}

/// The documents that must all be there and in order before anything else is looked at.
pub(crate) struct Standing<'a> {
    pub(crate) board: &'a Board,
    pub(crate) case_worker: &'a CaseWorker,
    pub(crate) case: &'a Case,
}

/// Board, certificate, account, case: in this order, so that who may not know of a case learns nothing of it.
pub(crate) fn standing<'a>(
    caller: &Caller,
    case: &CaseId,
    facts: &'a Facts,
    now: DateTime<Utc>,
) -> Result<Standing<'a>, Denial> {
    let (board, case_worker) = on_duty(caller, Duty::Asks, facts, now)?;

    let found = &facts.case.as_ref().ok_or(Denial::CaseUnknown)?.body;
    require(found.id == *case, Denial::CaseUnknown)?;
    require(found.case_workers.contains(&caller.case_worker), Denial::CaseNotAssigned)?;
    require(found.state == CaseState::Active, Denial::CaseClosed)?;
    Ok(Standing { board, case_worker, case: found })
}

/// Whether the caller's account stands and may do this; for calls that are about no case.
pub fn on_duty<'a>(
    caller: &Caller,
    duty: Duty,
    facts: &'a Facts,
    now: DateTime<Utc>,
) -> Result<(&'a Board, &'a CaseWorker), Denial> {
    let board = &facts.board.as_ref().ok_or(Denial::BoardNotInForce)?.body;
    require(board.state == BoardState::InForce, Denial::BoardNotInForce)?;
    // Until its purge an ended board can read its log and take it over; it can ask nothing.
    let ended = board.ended_on.is_some_and(|last_day| last_day < stockholm_date(now));
    require(!ended || duty == Duty::Audits || duty == Duty::Administers, Denial::BoardNotInForce)?;
    require(board.accepts_certificate(&caller.certificate, now), Denial::CertificateNotRegistered)?;

    let case_worker = &facts.case_worker.as_ref().ok_or(Denial::CaseWorkerUnknown)?.body;
    require(!case_worker.blocked, Denial::CaseWorkerBlocked)?;
    require(case_worker.may(duty), Denial::CaseWorkerMayNot)?;
    Ok((board, case_worker))
}

/// The one person with the role; the number, if given, must match. Without a role, the role of the person given.
pub(crate) fn holder<'a>(
    case: &'a Case,
    role: Option<Role>,
    person: Option<&Personnummer>,
) -> Result<(Role, &'a Personnummer), Denial> {
    let mut holders = case
        .members
        .iter()
        .filter(|member| role.is_none_or(|role| member.role == role))
        .map(|member| (member.role, &member.person));
    match (person, role) {
        (Some(person), _) => holders.find(|(_, holder)| *holder == person).ok_or(Denial::PersonNotInCase),
        (None, None) => Err(Denial::PersonNumberNeeded),
        (None, Some(_)) => match (holders.next(), holders.next()) {
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => Err(Denial::PersonNumberNeeded),
            (None, _) => Err(Denial::RoleNotInCase),
        },
    }
}

fn require(holds: bool, otherwise: Denial) -> Result<(), Denial> {
    if holds { Ok(()) } else { Err(otherwise) }
}
