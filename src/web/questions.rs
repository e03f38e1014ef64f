//! A question in a case: asked by the one path, shown as it comes, taken up again when the connection was cut.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use ssbtek_access_log::{Door, RefusedCall};
use ssbtek_authorize::{Ask, AskError, Denial, RawAsk};
use ssbtek_domain::{EntryId, Period, stockholm_date};
use ssbtek_merge::OriginalsWanted;
use ssbtek_present::payments::By;
use ssbtek_proto::agency::v1 as agency;
use ssbtek_query::{Asking as Question, Parts, QueryError, TakingUp};

use crate::{
    cases::{Held, Someone},
    pages,
    reply::Reply,
    rows::Route,
    site::{Asking, Site},
    stream::{Showing, Source, written},
};

/// A question that was asked in a session.
pub(crate) struct Asked {
    pub(crate) case: Held,
    pub(crate) about: Someone,
    pub(crate) period: Period,
    pub(crate) agencies: Vec<String>,
    pub(crate) by: By,
    entry: EntryId,
    /// Its parts, until somebody is shown them.
    parts: Mutex<Option<Parts>>,
}

impl Asked {
    /// Lets go of what nobody has been shown.
    fn forget(&self) {
        drop(self.unread());
    }

    /// Its parts, for who is shown them first.
    fn unread(&self) -> Option<Parts> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The days, as the contract writes them.
    pub(crate) fn days(&self) -> agency::Period {
        agency::Period { from: self.period.from().to_string(), to: self.period.to().to_string() }
    }
}

impl Site {
    /// Asks about one of a case's people.
    pub(crate) async fn ask(&self, asking: Asking<'_>) -> Reply {
        let Some(case) = asking.looking.session.case(asking.name) else {
            return Reply::page(404, pages::trouble::not_held(asking.turn));
        };
        let form = asking.form;
        let one = |name| form.one(name).unwrap_or_default();
        let Some(about) = case.someone(one("person")) else {
            return self.malformed(&asking, AskError::new("person", "is none of the case's")).await;
        };
        let agencies: Vec<String> = form.all("agency").map(str::to_owned).collect();
        // None is no way to say all of them here: whoever takes every tick away wants nobody asked.
        if agencies.is_empty() {
            return self.malformed(&asking, AskError::new("agencies", "names nobody")).await;
        }
        let by = if one("by") == "period" { By::Period } else { By::PaymentDay };
        let raw = RawAsk {
            case_id: case.id.as_str(),
            role: Some(about.role),
            person_number: Some(about.person.expose()),
            from: one("from"),
            to: one("to"),
            agencies: &agencies,
            purpose: "",
        };
        let ask = match Ask::parse(&raw, &self.limits.ask, stockholm_date(self.clock.now())) {
            Ok(ask) => ask,
            Err(error) => return self.malformed(&asking, error).await,
        };
        self.put(&asking, ask, None, (case, about, by)).await
    }

    /// Asks those again that failed.
    pub(crate) async fn ask_again(&self, asking: Asking<'_>) -> Reply {
        let Some(asked) = asking.looking.session.answer(asking.name) else {
            return Reply::page(404, pages::trouble::not_held(asking.turn));
        };
        let wanted: Vec<String> = asking.form.all("agency").map(str::to_owned).collect();
        let agencies = if wanted.is_empty() { asked.agencies.clone() } else { wanted };
        let (days, about) = (asked.days(), asked.about.clone());
        let raw = RawAsk {
            case_id: asked.case.id.as_str(),
            role: Some(about.role),
            person_number: Some(about.person.expose()),
            from: &days.from,
            to: &days.to,
            agencies: &agencies,
            purpose: "",
        };
        let ask = match Ask::parse(&raw, &self.limits.ask, stockholm_date(self.clock.now())) {
            Ok(ask) => ask,
            Err(error) => return self.malformed(&asking, error).await,
        };
        self.put(&asking, ask, Some(asked.entry), (asked.case.clone(), about, asked.by)).await
    }

    async fn put(
        &self,
        asking: &Asking<'_>,
        ask: Ask,
        follows: Option<EntryId>,
        (case, about, by): (Held, Someone, By),
    ) -> Reply {
        let session = &asking.looking.session;
        let caller = asking.caller();
        let place = self.places.take(caller.certificate, &session.questions);
        let Some(place) = place.filter(|place| place.count_for(caller.board)) else {
            return Reply::page(503, pages::trouble::too_many(asking.turn));
        };
        let (period, within) = (ask.period, Duration::from_millis(self.limits.query_deadline_ms));
        let agencies = ask.agencies.iter().map(ToString::to_string).collect();
        let question = Question {
            caller,
            ask,
            door: Door::Web,
            follows,
            originals: OriginalsWanted::No,
            within,
            certificate: session.check(),
        };
        let mut parts = self.query.ask_as_it_comes(question, place, written);
        // What is refused before anything leaves is refused here; from its beginning on, it has a page.
        let entry = match parts.next().await {
            Some(Ok(ssbtek_query::Part::Begun(begun))) => begun.entry,
            Some(Err(error)) => return self.refused(asking, error).await,
            Some(Ok(_)) | None => return Reply::page(503, pages::trouble::not_now(asking.turn)),
        };
        let asked = Asked { case, about, period, agencies, by, entry, parts: Mutex::new(Some(parts)) };
        let name = session.hold_answer(asked, &*self.entropy);
        // What nobody comes for is kept no longer than any answer.
        let unread = session.answer(&name).map(|asked| std::sync::Arc::downgrade(&asked));
        let wait = within + Duration::from_millis(self.limits.resume_within_ms);
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            if let Some(asked) = unread.and_then(|asked| asked.upgrade()) {
                asked.forget();
            }
        });
        Reply::see(&format!("/svar/{name}"))
    }

    /// Shows an answer as it comes; or again, with nobody asked, for as long as it is kept.
    pub(crate) async fn show_answer(&self, asking: Asking<'_>) -> Reply {
        let session = &asking.looking.session;
        let Some(asked) = session.answer(asking.name) else {
            return Reply::page(404, pages::trouble::not_held(asking.turn));
        };
        let source = match asked.unread() {
            Some(parts) => Source::First(parts),
            None => {
                let taking = TakingUp {
                    caller: asking.caller(),
                    entry: asked.entry,
                    door: Door::Web,
                    call: RefusedCall { name: asking.row.name, asks: false },
                    certificate: session.check(),
                };
                match self.query.take_up(taking).await {
                    Ok(parts) => Source::Again(Box::new(parts)),
                    Err(QueryError::NotKept) => {
                        let page = pages::answer::over(asking.turn, &asked, &self.case_name(&asking, &asked));
                        return Reply::page(410, page);
                    }
                    Err(error) => return self.refused(&asking, error).await,
                }
            }
        };
        let again = self.form_token(session, Route::AskAgain);
        let showing = Showing {
            turn: asking.turn.clone(),
            case_name: self.case_name(&asking, &asked),
            asked,
            name: asking.name.to_owned(),
            again,
            log_key: (self.log_keys)(session.board),
            today: stockholm_date(self.clock.now()),
        };
        Reply::as_it_comes(showing.begin(source))
    }

    /// The address of the case in this session, if it is held still.
    fn case_name(&self, asking: &Asking<'_>, asked: &Asked) -> String {
        let cases = asking.looking.session.cases();
        let own = cases.iter().find(|(_, case)| case.id == asked.case.id);
        own.map(|(name, _)| format!("/arende/{name}")).unwrap_or_else(|| "/".to_owned())
    }

    /// What is malformed is recorded, spends its token, and is told by field.
    async fn malformed(&self, asking: &Asking<'_>, error: AskError) -> Reply {
        let call = Some(RefusedCall { name: asking.row.name, asks: true });
        match self.query.refuse_malformed(&asking.caller(), error.field, call, Door::Web).await {
            Ok(()) => Reply::page(400, pages::trouble::field(asking.turn, error.field)),
            Err(error) => self.refused(asking, error).await,
        }
    }

    /// A question that got no answer; the path has recorded it.
    async fn refused(&self, asking: &Asking<'_>, error: QueryError) -> Reply {
        let turn = asking.turn;
        match error {
            QueryError::Denied(Denial::AssertionUsed) | QueryError::Replayed => {
                Reply::page(409, pages::trouble::sent_twice(turn))
            }
            QueryError::Denied(Denial::InstructionsNotConfirmed) => self.instructions(turn).await,
            QueryError::Denied(denial) => Reply::page(403, pages::trouble::denied(turn, denial)),
            QueryError::NothingToAskAgain => {
                // The path tells the door, and the door records it, as it does at every door.
                let call = Some(RefusedCall { name: asking.row.name, asks: true });
                let _ =
                    self.query.refuse_malformed(&asking.caller(), "follows_entry_id", call, Door::Web).await;
                Reply::page(409, pages::trouble::nothing_again(turn))
            }
            QueryError::NotKept => Reply::page(410, pages::trouble::not_held(turn)),
            QueryError::Unrecorded => Reply::page(503, pages::trouble::unrecorded(turn)),
            QueryError::Unavailable | QueryError::TooLate => Reply::page(503, pages::trouble::not_now(turn)),
        }
    }
}

/// The role as the contract has it.
pub(crate) fn role(about: &Someone) -> i32 {
    ssbtek_encode::role(about.role).into()
}
