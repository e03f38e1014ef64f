//! A case: found by its number, shown with its people to whom it is assigned.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use ssbtek_access_log::{Door, Filter, Payload, Reading, Refused, RefusedCall};
use ssbtek_authorize::{Ask, AskError, Case, Denial, Facts, Member, Remembered, may_ask_in};
use ssbtek_domain::{Agency, CaseId, Period, Personnummer, Protection, Purpose, Role, stockholm_date};
use ssbtek_registry::DeskError;

use crate::{
    pages,
    reply::{Looking, Reply, Turn},
    rows::Route,
    site::{Asking, Site},
};

/// Most records of the account's own that are looked through for the cases it asked in lately.
const OWN_RECORDS: u32 = 200;
/// Most cases shown as asked in lately.
const MAX_LATELY: usize = 20;

/// A case that was opened in a session.
pub(crate) struct OpenCase {
    pub(crate) id: CaseId,
    /// That it is to be shown is recorded already, by the form that found it.
    recorded: AtomicBool,
    /// Its people as they were shown, for the form that names one of them by place.
    people: Mutex<Vec<Someone>>,
}

/// One of its people.
#[derive(Clone)]
pub(crate) struct Someone {
    pub(crate) role: Role,
    pub(crate) person: Personnummer,
    /// The board knows, or remembers, that the identity is protected.
    pub(crate) protected: bool,
}

impl OpenCase {
    pub(crate) fn new(id: CaseId) -> Self {
        Self { id, recorded: AtomicBool::new(false), people: Mutex::default() }
    }

    /// The person at a place of the list as it was shown last.
    pub(crate) fn someone(&self, place: &str) -> Option<Someone> {
        let people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        place.parse::<usize>().ok().and_then(|place| people.get(place)).cloned()
    }

    fn show(&self, people: &[Someone]) {
        people.clone_into(&mut self.people.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Site {
    /// The first page: what this is, or one's own cases.
    pub(crate) async fn start(&self, turn: &Turn) -> Reply {
        let Some(looking) = &turn.session else { return Reply::page(200, pages::start::welcome(turn)) };
        if !looking.account.duties.contains(&ssbtek_authorize::Duty::Asks) {
            return Reply::page(200, pages::start::asks_nothing(turn));
        }
        let lately = self.asked_lately(looking).await;
        let token = self.form_token(&looking.session, Route::FindCase);
        let tokens = lately.iter().map(|_| self.form_token(&looking.session, Route::FindCase)).collect();
        Reply::page(200, pages::start::cases(turn, &lately, &token, tokens))
    }

    /// Cases the account asked in lately, newest first: from its own records, so that nothing more is kept. Whether it may still ask in one is
    /// judged when it is opened.
    async fn asked_lately(&self, looking: &Looking) -> Vec<CaseId> {
        let (board, account) = (looking.session.board, looking.account.id.clone());
        let found = self.log.read(board, &Filter::CaseWorker(account), None, OWN_RECORDS).await;
        let mut lately = Vec::new();
        for record in found.unwrap_or_default() {
            let Some(Payload::Intent(intent)) = record.payload else { continue };
            if !lately.contains(&intent.case) && lately.len() < MAX_LATELY {
                lately.push(intent.case);
            }
        }
        lately
    }

    /// Finds a case by its number, for whom it is assigned to; that it was searched for is recorded either way.
    pub(crate) async fn find_case(&self, asking: Asking<'_>) -> Reply {
        let id = match CaseId::parse(asking.form.one("case").unwrap_or_default()) {
            Ok(id) => id,
            Err(error) => return self.told_of(&asking, AskError::new("case_id", error).into()).await,
        };
        let case = OpenCase::new(id);
        let people = match self.people(&asking, &case).await {
            Ok(people) => people,
            Err(reply) => return *reply,
        };
        if let Err(error) = self.record_case(&asking, &case, &people).await {
            return self.told_of(&asking, error).await;
        }
        case.recorded.store(true, Ordering::SeqCst);
        let name = asking.looking.session.hold_case(case, &*self.entropy);
        Reply::see(&format!("/arende/{name}"))
    }

    /// A case with its people, and the form to ask about one of them.
    pub(crate) async fn show_case(&self, asking: Asking<'_>) -> Reply {
        let Some(case) = asking.looking.session.case(asking.name) else {
            return Reply::page(404, pages::trouble::not_held(asking.turn));
        };
        let people = match self.people(&asking, &case).await {
            Ok(people) => people,
            Err(reply) => return *reply,
        };
        // Once for the form that found it, and once for each time that it is shown again.
        if !case.recorded.swap(false, Ordering::SeqCst)
            && let Err(error) = self.record_case(&asking, &case, &people).await
        {
            return self.told_of(&asking, error).await;
        }
        case.show(&people);
        let token = self.form_token(&asking.looking.session, Route::Ask);
        let today = stockholm_date(self.clock.now());
        let shown = pages::case::Shown {
            name: asking.name,
            id: case.id.as_str(),
            people: &people,
            token: &token,
            today,
        };
        Reply::page(200, pages::case::page(asking.turn, &shown))
    }

    /// The people of a case whom the account may be shown, by the registry as it is now. A refusal is recorded, with the case.
    async fn people(&self, asking: &Asking<'_>, case: &OpenCase) -> Result<Vec<Someone>, Box<Reply>> {
        let now = self.clock.now();
        let caller = asking.caller();
        let Ok(facts) = self.registry.facts(&caller.facts_key(Some(case.id.clone()))).await else {
            return Err(Box::new(Reply::page(503, pages::trouble::not_now(asking.turn))));
        };
        let facts = facts.over(Some(asking.looking.session.check()));
        match may_ask_in(&caller, &case.id, &facts, now) {
            Ok(found) => Ok(shown(found, &facts, asking.looking, stockholm_date(now))),
            Err(denial) => {
                let versions = facts.versions(None);
                let call = Some(RefusedCall { name: asking.row.name, asks: false });
                let ask = searched(&case.id, stockholm_date(now));
                let refused =
                    Refused { call, ..Refused::new(ask.as_ref(), denial, versions, now, Door::Web) };
                let told = match self.log.refuse(&caller, refused).await {
                    Ok(Denial::AssertionUsed) => (409, pages::trouble::sent_twice(asking.turn)),
                    Ok(denial) => (403, pages::trouble::denied(asking.turn, denial)),
                    Err(_) => (503, pages::trouble::not_now(asking.turn)),
                };
                Err(Box::new(Reply::page(told.0, told.1)))
            }
        }
    }

    /// That it is shown: whom, in number, and how many of them are protected.
    async fn record_case(
        &self,
        asking: &Asking<'_>,
        case: &OpenCase,
        people: &[Someone],
    ) -> Result<(), DeskError> {
        let protected = people.iter().filter(|someone| someone.protected).count();
        let reading = Reading::by("case", "case", case.id.as_str(), u64::try_from(people.len()).ok());
        let reading = reading.of_protected(u64::try_from(protected).unwrap_or(u64::MAX));
        Ok(self.log.record_reading(&asking.caller(), reading, Some(asking.token.clone())).await?)
    }
}

/// A search for a case, as its refusal is recorded: about nobody.
fn searched(case: &CaseId, today: ssbtek_domain::NaiveDate) -> Option<Ask> {
    Some(Ask {
        case: case.clone(),
        role: None,
        person: None,
        period: Period::new(today, today).ok()?,
        agencies: std::collections::BTreeSet::<Agency>::new(),
        purpose: Purpose::parse("ekonomiskt bistånd").ok()?,
        wishes: Default::default(),
    })
}

/// Who belongs to the household today. Whom the account may not be told of as protected is not there for it.
fn shown(case: &Case, facts: &Facts, looking: &Looking, today: ssbtek_domain::NaiveDate) -> Vec<Someone> {
    let board = facts.board.as_ref().map(|found| &found.body);
    let may_see = board.is_some_and(|board| board.may_see_protected(&looking.account.id));
    let protected = |member: &Member| {
        let known = facts.remembered.iter().find(|known| known.person == member.person);
        member.protected || known.map_or(Protection::None, Remembered::level) > Protection::None
    };
    let mut people: Vec<Someone> = case
        .members
        .iter()
        .filter(|member| member.is_on(today))
        .map(|member| Someone {
            role: member.role,
            person: member.person.clone(),
            protected: protected(member),
        })
        .filter(|someone| may_see || !someone.protected)
        .collect();
    people.sort_by_key(|someone| match someone.role {
        Role::Applicant => 0,
        Role::CoApplicant => 1,
        Role::Child => 2,
    });
    people
}

/// A shared case, as a question holds it.
pub(crate) type Held = Arc<OpenCase>;
