//! One request, by its row: whether it came from here, who looks, whether the form is its own, and only then what it is for.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header, request};
use http_body_util::{BodyExt as _, Limited};
use ssbtek_access_log::{AccessLog, Door, Refused, RefusedCall};
use ssbtek_authorize::{AskLimits, Caller, Denial, Duty, FactsKey, Registry, TokenUse, any_duty, on_duty};
use ssbtek_domain::{Clock, Entropy};
use ssbtek_gateway::Places;
use ssbtek_present::Language;
use ssbtek_query::QueryPath;
use ssbtek_registry::{Desk, DeskError};

use crate::{
    OpenIdProvider, SessionLimits, cookies,
    form::Form,
    forms::unasked,
    pages,
    reply::{Body, Looking, Reply, Turn},
    rows::{self, Records, Route, Row, Who},
    sessions::{Session, Sessions},
    sign_in,
};

/// Bounds of the pages.
#[derive(Debug, Clone, Copy)]
pub struct SiteLimits {
    /// Sessions.
    pub sessions: SessionLimits,
    /// How long a form can be sent after it was shown, in seconds.
    pub form_life_s: u32,
    /// Largest form taken, in bytes.
    pub max_form_bytes: usize,
    /// How long a form may take to arrive, in seconds.
    pub read_timeout_s: u64,
    /// Longest a whole question may take, in milliseconds.
    pub query_deadline_ms: u64,
    /// For how long an answer is kept after its end, in milliseconds.
    pub resume_within_ms: u64,
    /// Bounds on a question's form.
    pub ask: AskLimits,
}

/// What the pages need.
pub struct SiteParts {
    /// How browsers reach it, without a path.
    pub origin: String,
    /// Who says who somebody is.
    pub provider: OpenIdProvider,
    /// Facts.
    pub registry: Arc<dyn Registry>,
    /// Accounts and instructions.
    pub desk: Desk,
    /// Readings and refusals.
    pub log: AccessLog,
    /// Questions.
    pub query: Arc<QueryPath>,
    /// For questions under way, at all doors together.
    pub places: Places,
    /// The keys that receipts are checked against.
    pub log_keys: LogKeys,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Bounds.
    pub limits: SiteLimits,
}

/// A board's public log key, as `ssbtek` is given it.
pub type LogKeys = Arc<dyn Fn(ssbtek_domain::OrganisationNumber) -> Option<String> + Send + Sync>;

/// The pages.
pub struct Site {
    pub(crate) origin: String,
    pub(crate) provider: OpenIdProvider,
    pub(crate) registry: Arc<dyn Registry>,
    pub(crate) desk: Desk,
    pub(crate) log: AccessLog,
    pub(crate) query: Arc<QueryPath>,
    pub(crate) places: Places,
    pub(crate) log_keys: LogKeys,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) limits: SiteLimits,
    pub(crate) sessions: Sessions,
    pub(crate) sign_ins: aws_lc_rs::hmac::Key,
}

/// A request whose sender is known, and whose form, if it has one, is its own.
pub(crate) struct Asking<'a> {
    pub(crate) turn: &'a Turn,
    pub(crate) looking: &'a Looking,
    pub(crate) row: &'static Row,
    /// The name in the address.
    pub(crate) name: &'a str,
    pub(crate) form: &'a Form,
    /// Spent by what is recorded.
    pub(crate) token: TokenUse,
}

impl Asking<'_> {
    pub(crate) fn caller(&self) -> Caller {
        self.looking.session.caller(self.token.clone())
    }
}

impl Site {
    /// Nobody is signed in.
    pub fn new(parts: SiteParts) -> Self {
        let SiteParts {
            origin,
            provider,
            registry,
            desk,
            log,
            query,
            places,
            log_keys,
            clock,
            entropy,
            limits,
        } = parts;
        let (sessions, sign_ins) = (Sessions::new(limits.sessions), sign_in::key(&entropy));
        Self {
            origin,
            provider,
            registry,
            desk,
            log,
            query,
            places,
            log_keys,
            clock,
            entropy,
            limits,
            sessions,
            sign_ins,
        }
    }

    /// Lets go of sessions that have ended, and of everything they held.
    pub(crate) fn sweep(&self) {
        self.sessions.sweep(self.clock.now());
    }

    /// Answers one request.
    pub async fn answer<B>(self: &Arc<Self>, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (head, body) = request.into_parts();
        self.reply(head, body).await.into_response()
    }

    async fn reply<B>(self: &Arc<Self>, head: request::Parts, body: B) -> Reply
    where
        B: http_body::Body<Data = Bytes> + Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let nobody = Turn { language: language(&head.headers), session: None };
        if !self.is_for_here(&head.headers) {
            return Reply::page(421, pages::trouble::elsewhere(&nobody));
        }
        let (route, row, name) = match rows::find(&head.method, head.uri.path()) {
            Ok(found) => found,
            Err(elsewhere) => {
                return Reply::page(if elsewhere { 405 } else { 404 }, pages::trouble::nothing_here(&nobody));
            }
        };
        if row.posts && !self.is_from_here(&head.headers) {
            return Reply::page(403, pages::trouble::forged(&nobody));
        }
        // What is the same for everybody looks at nobody.
        let looks = row.who != Who::Anybody || route == Route::Start;
        let session = cookies::of(&head.headers, cookies::SESSION).filter(|_| looks);
        let session = session.and_then(|secret| self.sessions.of(secret, self.clock.now()));
        let turn = match session {
            None => nobody,
            Some(session) => match self.looks(row, session, nobody.language).await {
                Ok(turn) => turn,
                Err(reply) => return *reply,
            },
        };
        let query = head.uri.query().unwrap_or_default();
        match route {
            Route::Start => return self.start(&turn).await,
            Route::Style => return Reply::style(pages::STYLE),
            Route::Language => return chosen(name),
            Route::SignIn => return self.begin_sign_in(&turn).await,
            Route::SignedIn => return self.end_sign_in(&turn, &head.headers, query).await,
            _ => {}
        }
        let Some(looking) = turn.session.as_ref() else {
            return if row.posts {
                Reply::page(403, pages::trouble::not_signed_in(&turn))
            } else {
                Reply::see("/")
            };
        };
        let form = match self.form(row, &head.headers, body).await {
            Ok(form) => form,
            Err(status) => return Reply::page(status, pages::trouble::malformed(&turn)),
        };
        let token = match row.posts {
            false => unasked(&*self.entropy, self.clock.now()),
            true => {
                let token = form.one("token").unwrap_or_default();
                match looking.session.forms.judge(row, token, self.clock.now()) {
                    Ok(token) => token,
                    Err(is_over) => return self.refuse_form(&turn, looking, row, is_over).await,
                }
            }
        };
        let asking = Asking { turn: &turn, looking, row, name, form: &form, token };
        match route {
            Route::SignOut => self.sign_out(&turn, &head.headers),
            Route::Instructions => self.confirm(asking).await,
            Route::FindCase => self.find_case(asking).await,
            Route::Case => self.show_case(asking).await,
            Route::Ask => self.ask(asking).await,
            Route::Answer => self.show_answer(asking).await,
            Route::AskAgain => self.ask_again(asking).await,
            Route::Start | Route::Style | Route::Language | Route::SignIn | Route::SignedIn => {
                Reply::page(404, pages::trouble::nothing_here(&turn))
            }
        }
    }

    /// Whether the account behind a session stands and may do what the row is for, by the registry as it is now.
    async fn looks(
        self: &Arc<Self>,
        row: &'static Row,
        session: Arc<Session>,
        language: Language,
    ) -> Result<Turn, Box<Reply>> {
        let nobody = Turn { language, session: None };
        let now = self.clock.now();
        let caller = session.caller(unasked(&*self.entropy, now));
        let key: FactsKey = caller.facts_key(None);
        let Ok(facts) = self.registry.facts(&key).await else {
            return Err(Box::new(Reply::page(503, pages::trouble::not_now(&nobody))));
        };
        let facts = facts.over(Some(session.check()));
        let stands = any_duty(&caller, &facts, now);
        if let Err(denial) = stands {
            self.record_refusal(&caller, row, denial).await;
            // Whatever it was: what the session rested on is not there any more.
            session.end();
            let page = pages::trouble::ended(&nobody, denial);
            return Err(Box::new(
                Reply::page(403, page).cookie(cookies::clear(cookies::SESSION)).forgetting(),
            ));
        }
        let (Some(board), Some(account)) = (facts.board.as_ref(), facts.case_worker.as_ref()) else {
            return Err(Box::new(Reply::page(503, pages::trouble::not_now(&nobody))));
        };
        let sign_out = self.form_token(&session, Route::SignOut);
        let looking = Looking {
            sign_out,
            account: Arc::new(account.body.clone()),
            board: board.body.name.as_str().into(),
            session: session.clone(),
        };
        let turn = Turn { language, session: Some(looking) };
        if row.who == Who::Asker {
            let may = on_duty(&caller, Duty::Asks, &facts, now).map(|_| ());
            match may {
                Ok(()) => {}
                // The text is shown, and confirmed in the page.
                Err(Denial::InstructionsNotConfirmed) => {
                    return Err(Box::new(self.instructions(&turn).await));
                }
                // What a question is refused for is recorded with the question.
                Err(_) if row.records == Records::Question => {}
                Err(denial) => {
                    self.record_refusal(&caller, row, denial).await;
                    return Err(Box::new(Reply::page(403, pages::trouble::denied(&turn, denial))));
                }
            }
        }
        Ok(turn)
    }

    /// A token for a form on a page that is shown now.
    pub(crate) fn form_token(&self, session: &Session, route: Route) -> String {
        // Signing out is possible for as long as there is a session.
        let life_s = match route {
            Route::SignOut => self.limits.sessions.life_s,
            _ => self.limits.form_life_s,
        };
        let until = self.clock.now() + chrono::TimeDelta::seconds(i64::from(life_s));
        let row = rows::ROWS.iter().find(|(own, _)| *own == route).map(|(_, row)| row);
        row.map(|row| session.forms.token(row, &*self.entropy, until)).unwrap_or_default()
    }

    /// A form that is not this session's own, or too old, is refused, and leaves a trace.
    async fn refuse_form(&self, turn: &Turn, looking: &Looking, row: &'static Row, is_over: bool) -> Reply {
        let caller = looking.session.caller(unasked(&*self.entropy, self.clock.now()));
        let refused = self.refusal(row, Denial::Malformed);
        let _ = self.log.refuse(&caller, Refused { field: Some("token"), ..refused }).await;
        match is_over {
            true => Reply::page(403, pages::trouble::form_is_old(turn)),
            false => Reply::page(403, pages::trouble::forged(turn)),
        }
    }

    /// Records that what a row is for was refused. What cannot be recorded is refused all the same.
    pub(crate) async fn record_refusal(&self, caller: &Caller, row: &'static Row, denial: Denial) {
        tracing::info!(denial = denial.as_str(), "a page was refused");
        let _ = self.log.refuse(caller, self.refusal(row, denial)).await;
    }

    fn refusal(&self, row: &'static Row, denial: Denial) -> Refused<'static> {
        let call = RefusedCall { name: row.name, asks: row.records == Records::Question };
        Refused { call: Some(call), ..Refused::new(None, denial, Vec::new(), self.clock.now(), Door::Web) }
    }

    /// What came of a change or reading that did not come to its end.
    pub(crate) async fn told_of(&self, asking: &Asking<'_>, error: DeskError) -> Reply {
        let turn = asking.turn;
        match error {
            DeskError::Denied(denial) => Reply::page(403, pages::trouble::denied(turn, denial)),
            DeskError::AssertionUsed => {
                self.record_refusal(&asking.caller(), asking.row, Denial::AssertionUsed).await;
                Reply::page(409, pages::trouble::sent_twice(turn))
            }
            DeskError::Invalid(error) => {
                let refused = self.refusal(asking.row, Denial::Malformed);
                let _ =
                    self.log.refuse(&asking.caller(), Refused { field: Some(error.field), ..refused }).await;
                Reply::page(400, pages::trouble::field(turn, error.field))
            }
            _ => Reply::page(503, pages::trouble::not_now(turn)),
        }
    }

    /// The fields that came with a request.
    async fn form<B>(&self, row: &Row, headers: &HeaderMap, body: B) -> Result<Form, u16>
    where
        B: http_body::Body<Data = Bytes> + Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        if !row.posts {
            return Ok(Form::default());
        }
        if !Form::is_said(headers) {
            return Err(415);
        }
        let body = std::pin::pin!(body);
        let collected = Limited::new(body, self.limits.max_form_bytes).collect();
        let patience = Duration::from_secs(self.limits.read_timeout_s);
        let collected = tokio::time::timeout(patience, collected).await.map_err(|_| 408_u16)?;
        let bytes = zeroize::Zeroizing::new(collected.map_err(|_| 413_u16)?.to_bytes().to_vec());
        Form::parse(&bytes).ok_or(400)
    }

    /// Whether the request means this host: a name that somebody else has pointed here is not taken.
    fn is_for_here(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let own = self.origin.strip_prefix("https://").unwrap_or(&self.origin);
        let is_own = hosts.next().is_some_and(|host| host.as_bytes().eq_ignore_ascii_case(own.as_bytes()));
        is_own && hosts.next().is_none()
    }

    /// Whether a form was sent from a page of this host, as the browser says.
    fn is_from_here(&self, headers: &HeaderMap) -> bool {
        let origin = headers.get(header::ORIGIN);
        let site = headers.get("sec-fetch-site");
        let own = origin.map(|origin| origin == self.origin.as_str());
        let same = site.map(|site| site == "same-origin");
        matches!((own, same), (Some(true), None | Some(true)) | (None, Some(true)))
    }
}

/// The language: chosen, or the browser's first.
fn language(headers: &HeaderMap) -> Language {
    if let Some(chosen) = cookies::of(headers, cookies::LANGUAGE).and_then(Language::parse) {
        return chosen;
    }
    let wanted =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|wanted| wanted.to_str().ok()).unwrap_or_default();
    let first = wanted.split([',', ';', '-']).next().unwrap_or_default();
    if first.trim().eq_ignore_ascii_case("en") { Language::English } else { Language::Swedish }
}

/// A language is chosen for as long as the browser keeps it.
fn chosen(code: &str) -> Reply {
    match Language::parse(code) {
        Some(_) => Reply::see("/").cookie(cookies::set(cookies::LANGUAGE, code, Some(31_536_000))),
        None => Reply::see("/"),
    }
}
