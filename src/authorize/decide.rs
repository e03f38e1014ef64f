//! The decision, as a table to be read from top to bottom. The first line that does not hold is the denial.

use std::collections::{BTreeMap, BTreeSet};

use ssbtek_domain::{
    CaseId, DateTime, Kinds, NaiveDate, Personnummer, Protection, Role, Utc, calendar::days_before,
    stockholm_date,
};

use crate::{
    Ask, Board, BoardState, Caller, Case, CaseState, CaseWorker, Denial, Duty, Facts, InformationSet, Member,
    NotPermitted, Permit, Remembered,
};

/// May this caller ask this, on these facts, at this moment?
pub fn decide(caller: &Caller, ask: &Ask, facts: &Facts, now: DateTime<Utc>) -> Result<Permit, Denial> {
    let today = stockholm_date(now);
    let read = facts;
    let attested = crate::attestation::for_question(caller, ask, facts, now);
    let facts = attested.as_ref().unwrap_or(facts);
    let Standing { board, case_worker, case } = standing(caller, &ask.case, facts, now)?;
    require(board.rules.hours.is_none_or(|hours| hours.contain(now)), Denial::OutsideHours)?;
    let (role, person) = holder(case, ask.role, ask.person.as_ref(), today)?;
    require(!facts.is_restricted(person), Denial::PersonRestricted)?;

    let set =
        |agency| facts.provider.as_ref().map(|found| found.body.information_set(agency)).unwrap_or_default();
    let ground = |agency| facts.law.as_ref().and_then(|law| law.body.ground(ask.wanted_kinds(agency), today));
    let (mut agencies, mut not_permitted, mut sets) = (Vec::new(), Vec::new(), BTreeMap::new());
    let (mut kinds, mut without_ground) = (Kinds::new(), Vec::new());
    for agency in &ask.agencies {
        match (ground(*agency), set(*agency)) {
            _ if board.never_asked.contains(agency) => {
                not_permitted.push((*agency, NotPermitted::NeverAskedByBoard));
            }
            (_, InformationSet::Nothing) => not_permitted.push((*agency, NotPermitted::NotAgreedByAgency)),
            (None, _) => not_permitted.push((*agency, NotPermitted::NoLegalBasis)),
            (Some(ground), set) => {
                let worded = ask.wishes.get(agency).and_then(|wish| wish.basis.clone());
                agencies.push((*agency, worded.unwrap_or(ground.basis)));
                let wanted = ask.wanted_kinds(*agency).into_iter();
                without_ground.extend(wanted.filter(|kind| !ground.kinds.contains(kind)));
                kinds.extend(ground.kinds);
                sets.insert(*agency, set);
            }
        }
    }
    require(!agencies.is_empty() || ask.agencies.is_empty(), Denial::NoAgencyPermitted)?;
    let protection = own_protection(case, facts, person);
    Ok(Permit {
        caller: caller.clone(),
        board_name: board.name.clone(),
        unit: case_worker.unit.as_str().to_owned(),
        ask: ask.clone(),
        role,
        person: person.clone(),
        agencies,
        kinds,
        without_ground,
        information_sets: sets,
        provisional: case.provisional_to.is_some(),
        protection,
        remembered: protection > case_says(case, person),
        household_protected: household_protected(case, facts),
        // Of a case that is attested no household is known; see docs/adr/0042.
        household_unchecked: match attested {
            None => unchecked(board, case, person, facts, now),
            Some(_) => BTreeSet::new(),
        },
        heard_beside: Default::default(),
        shares_household: case.members.len() > 1,
        household: household(case, person, today),
        max_questions_an_hour: board.rules.max_questions_an_hour,
        names_open: board.rules.names_of_protected,
        not_permitted,
        attested: attested.is_some(),
        protected_for_account: board.may_see_protected(&caller.case_worker),
        versions: read.versions(Some(person)),
        decided_at: now,
        household_check_days: facts.household_check_days,
        law: facts.law.clone(),
        certificate: facts.certificate.clone(),
    })
}

/// The level that the case says, or the board remembers, of a person.
fn own_protection(case: &Case, facts: &Facts, person: &Personnummer) -> Protection {
    let remembered = facts.remembered_of(person).map_or(Protection::None, Remembered::level);
    remembered.max(case_says(case, person))
}

/// The level that the case itself says.
fn case_says(case: &Case, person: &Personnummer) -> Protection {
    let marked = case.members.iter().any(|member| member.protected && member.person == *person);
    if marked { Protection::Sekretessmarkering } else { Protection::None }
}

/// Whether anybody in the household, of whatever day, is said to be protected, or is known to live with somebody who is.
fn household_protected(case: &Case, facts: &Facts) -> bool {
    let remembered =
        facts.remembered.iter().any(|known| known.level() > Protection::None || known.protects_beside());
    remembered || case.members.iter().any(|member| member.protected)
}

/// Other adults who belong to the household today and of whom it is not known that nobody says that the person is protected. Children are seldom asked about: of them, what others' answers say counts.
fn unchecked(
    board: &Board,
    case: &Case,
    person: &Personnummer,
    facts: &Facts,
    now: DateTime<Utc>,
) -> BTreeSet<Personnummer> {
    let own = board.rules.household_check_days.unwrap_or(u16::MAX);
    let days = facts.household_check_days.min(own);
    if days == 0 {
        return BTreeSet::new();
    }
    let (today, since) = (stockholm_date(now), days_before(now, days.into()));
    let is_settled = |member: &Member| {
        let settled_at = facts.remembered_of(&member.person).and_then(Remembered::settled_at);
        settled_at.is_some_and(|at| at > since)
    };
    let others = case.members.iter().filter(|member| member.person != *person && member.role != Role::Child);
    let unchecked = others.filter(|member| member.is_on(today) && !is_settled(member));
    unchecked.map(|member| member.person.clone()).collect()
}

/// The others of the household on a day, each once.
fn household(case: &Case, person: &Personnummer, day: NaiveDate) -> Vec<Personnummer> {
    let others = case.members.iter().filter(|member| member.person != *person && member.is_on(day));
    let mut numbers: Vec<Personnummer> = others.map(|member| member.person.clone()).collect();
    numbers.sort();
    numbers.dedup();
    numbers
}

/// The person a question is about, as far as the facts tell; for the record of a refusal.
pub fn asked_about<'a>(ask: &'a Ask, facts: &'a Facts, now: DateTime<Utc>) -> Option<&'a Personnummer> {
    let in_case = |case: &'a Case| holder(case, ask.role, None, stockholm_date(now)).ok();
    let found = || facts.case.as_ref().and_then(|found| in_case(&found.body)).map(|(_, person)| person);
    ask.person.as_ref().or_else(found)
}

/// The documents that must all be there and in order before anything else is looked at.
pub(crate) struct Standing<'a> {
    pub(crate) board: &'a Board,
    pub(crate) case_worker: &'a CaseWorker,
    pub(crate) case: &'a Case,
}

/// Certificate, agreement, agent chain, account, instructions, case: in this order, so that who may not know of a case
/// learns nothing of it.
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
    require(!found.has_lapsed(stockholm_date(now)), Denial::CaseLapsed)?;
    Ok(Standing { board, case_worker, case: found })
}

/// The case, if the caller may ask in it now; for who looks at a case before asking.
pub fn may_ask_in<'a>(
    caller: &Caller,
    case: &CaseId,
    facts: &'a Facts,
    now: DateTime<Utc>,
) -> Result<&'a Case, Denial> {
    Ok(standing(caller, case, facts, now)?.case)
}

/// Whether the caller's account stands and may do this; for calls that are about no case.
pub fn on_duty<'a>(
    caller: &Caller,
    duty: Duty,
    facts: &'a Facts,
    now: DateTime<Utc>,
) -> Result<(&'a Board, &'a CaseWorker), Denial> {
    let board = &facts.board.as_ref().ok_or(Denial::BoardNotInForce)?.body;
    credentials(caller, board, facts, now)?;
    on_duty_over(caller, duty, facts, now)
}

/// Whether the caller is the board's administrator, over a certificate that it may be about to confirm.
pub fn may_confirm_certificate(caller: &Caller, facts: &Facts, now: DateTime<Utc>) -> Result<(), Denial> {
    let board = &facts.board.as_ref().ok_or(Denial::BoardNotInForce)?.body;
    match credentials(caller, board, facts, now) {
        Ok(()) | Err(Denial::CertificateNotConfirmed) => {}
        Err(denial) => return Err(denial),
    }
    on_duty_over(caller, Duty::Administers, facts, now).map(|_| ())
}

/// The same once the certificate has been judged.
fn on_duty_over<'a>(
    caller: &Caller,
    duty: Duty,
    facts: &'a Facts,
    now: DateTime<Utc>,
) -> Result<(&'a Board, &'a CaseWorker), Denial> {
    let board = &facts.board.as_ref().ok_or(Denial::BoardNotInForce)?.body;
    let provider = facts.provider.as_ref().map(|found| &found.body);
    match duty {
        Duty::Asks => {
            board.in_force(now)?;
            let unapproved = provider.and_then(|provider| provider.unapproved_by(board, stockholm_date(now)));
            require(unapproved.is_none(), Denial::SubProcessorNotApproved)?;
        }
        // A case can be closed while the connection is suspended.
        Duty::KeepsCases => {
            board.in_force(now).or_else(|denial| require(denial == Denial::BoardSuspended, denial))?
        }
        // Accounts are prepared before access is enabled, and audited after it has ended; what persons are told of goes on.
        Duty::Audits | Duty::Administers | Duty::DelaysDisclosure => {
            require(board.state != BoardState::Purged, Denial::BoardEnded)?
        }
    }
    let case_worker = account(caller, facts, now)?;
    require(case_worker.may(duty), Denial::CaseWorkerMayNot)?;
    // Who asks through it is not known: only where the board's agreement says that the board vouches for that.
    let attests = board.attests_cases.is_some_and(|set| set.holds_on(stockholm_date(now)));
    let vouched = duty != Duty::Asks || case_worker.kind.is_person() || attests;
    require(vouched, Denial::CaseWorkerMayNot)?;
    let confirmed = duty != Duty::Asks || case_worker.has_confirmed(provider, now);
    require(confirmed, Denial::InstructionsNotConfirmed)?;
    Ok((board, case_worker))
}

/// Whether the caller's account stands, whatever its duties; for what every account does for itself.
pub fn any_duty(caller: &Caller, facts: &Facts, now: DateTime<Utc>) -> Result<(), Denial> {
    let board = &facts.board.as_ref().ok_or(Denial::BoardNotInForce)?.body;
    credentials(caller, board, facts, now)?;
    require(board.state != BoardState::Purged, Denial::BoardEnded)?;
    account(caller, facts, now).map(|_| ())
}

/// Whether certificate and signing key hold: before anything is said of the agreement, so that a revoked one learns nothing.
fn credentials(caller: &Caller, board: &Board, facts: &Facts, now: DateTime<Utc>) -> Result<(), Denial> {
    let certificate = facts.certificate.as_ref();
    let not_good = if caller.signed_in { Denial::SessionEnded } else { Denial::CertificateNotValid };
    require(certificate.is_none_or(|check| check.is_good(now)), not_good)?;
    let in_use = |kid: &str| board.assertion_keys.iter().any(|key| key.kid == kid && key.is_valid_at(now));
    require(caller.signed_with.as_deref().is_none_or(in_use), Denial::AssertionKeyRetired)?;
    // The last: one that is only not confirmed yet may still be confirmed. Whose sign-in it is, the account says.
    if caller.agent.is_some() || caller.signed_in {
        Ok(())
    } else {
        board.accepts_certificate(&caller.certificate, now)
    }
}

/// The account, not blocked; through an agent only while its whole chain holds.
fn account<'a>(caller: &Caller, facts: &'a Facts, now: DateTime<Utc>) -> Result<&'a CaseWorker, Denial> {
    if caller.agent.is_some() {
        crate::agent::chain(
            facts.agent.as_ref().map(|found| &found.body),
            facts.notification.as_ref().map(|found| &found.body),
            caller,
            now,
        )?;
    }
    let case_worker = &facts.case_worker.as_ref().ok_or(Denial::CaseWorkerUnknown)?.body;
    require(!case_worker.blocked, Denial::CaseWorkerBlocked)?;
    let leads_here = !caller.signed_in || case_worker.is_signed_in_by(&caller.certificate);
    require(leads_here, Denial::SignInNotRegistered)?;
    Ok(case_worker)
}

/// The one person with the role today; the number, if given, must match. Without a role, the role of the person given.
pub(crate) fn holder<'a>(
    case: &'a Case,
    role: Option<Role>,
    person: Option<&Personnummer>,
    today: NaiveDate,
) -> Result<(Role, &'a Personnummer), Denial> {
    let in_role = |member: &&Member| role.is_none_or(|role| member.role == role) && member.is_on(today);
    let mut holders = case.members.iter().filter(in_role).map(|member| (member.role, &member.person));
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

/// One line of the table.
pub(crate) fn require(holds: bool, otherwise: Denial) -> Result<(), Denial> {
    if holds { Ok(()) } else { Err(otherwise) }
}
