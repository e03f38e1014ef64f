//! The own-format side over HTTP: routes `/{agency}/…` and `/fund/{code}/…` to the wire formats, and puts delay, outage
//! and lies around them.

use std::cell::{Cell, RefCell};

use bytes::Bytes;
use futures::future::pending;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use ssbtek_domain::{NaiveDate, Personnummer, Source, sections::Section};

use crate::{
    behaviour::{Lie, Outage},
    body::{self, BoxError, MockBody},
    control::{Did, Turn},
    grpc::LATE,
    lie::{self, Kind},
    own_format::{self, World},
    population::{Population, TestPerson},
    serve::Hangup,
    start::Mocks,
};

/// Longest question that is read.
const MAX_QUESTION_BYTES: usize = 1024 * 1024;

/// Where [`Lie::Redirect`] leads; whoever follows it is counted as a stray.
const REDIRECTED: &str = "/redirected";

/// The path below which a source is found: `/fk`, `/fund/unionen`. A base URL ends with it.
pub fn path_prefix(source: &Source) -> String {
    match source {
        Source::Agency(agency) => format!("/{}", agency.code().to_ascii_lowercase()),
        Source::Fund(fund) => format!("/fund/{}", fund.as_str()),
    }
}

/// Every source's own wire format over HTTP.
#[derive(Clone)]
pub struct OwnFormatMock(Mocks);

impl OwnFormatMock {
    /// Plays every source.
    pub fn new(mocks: Mocks) -> Self {
        Self(mocks)
    }

    /// Answers one request.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<MockBody>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        let (head, question) = request.into_parts();
        let whole_path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let routed = split(whole_path).and_then(|(code, fund, path)| {
            let source = self.0.control.source(code).ok()?;
            (matches!(source, Source::Fund(_)) == fund).then_some((source, path))
        });
        let Some((source, path)) = routed else {
            self.0.control.stray();
            return plain(StatusCode::NOT_FOUND, "no source has this path");
        };
        let Ok(turn) = self.0.control.arrive(source) else {
            return plain(StatusCode::NOT_FOUND, "no source has this path");
        };
        let Ok(question) = Limited::new(question, MAX_QUESTION_BYTES).collect().await else {
            turn.did(Did::BadQuestion);
            return plain(StatusCode::PAYLOAD_TOO_LARGE, "the question is too long or broke off");
        };
        turn.wait().await;
        if let Some(response) = outage(&turn, head.extensions.get::<Hangup>().cloned()).await {
            return response;
        }
        let (mut answer, other) = self.answer(source, path, &question.to_bytes(), &turn);
        answer.body = turn.twisted(answer.body);
        if let Some(recording) = turn.recording() {
            (answer.status, answer.body) = (200, recording.to_vec());
            // A service says JSON or XML whatever became of the question.
            answer.content_type = match answer.body.trim_ascii_start().first() {
                Some(b'<') => "text/xml; charset=utf-8",
                _ => "application/json",
            };
        }
        match turn.lie() {
            None => finish(answer.status, answer.content_type, body::whole(answer.body)),
            Some(lie) => lying(lie, answer, other).await,
        }
    }

    /// The truthful answer, or, under [`Lie::WrongPerson`], the truth about somebody else.
    fn answer(
        &self,
        source: &Source,
        path: &str,
        question: &[u8],
        turn: &Turn,
    ) -> (own_format::Response, Option<(Personnummer, Personnummer)>) {
        let asked = Asked {
            population: &self.0.population,
            today: self.0.clock.today(),
            turn,
            source,
            other: RefCell::new(None),
            knows: Cell::new(None),
        };
        let request = own_format::Request { path, body: question };
        let answer = own_format::answer(source, &request, &asked);
        turn.did(match asked.knows.get() {
            _ if turn.lie().is_some() => Did::Lied,
            _ if turn.scripted().is_some() => Did::Failed,
            Some(false) => Did::NoSuchPerson,
            None if answer.status >= 400 => Did::BadQuestion,
            Some(true) | None => Did::Answered,
        });
        (answer, asked.other.into_inner())
    }
}

/// `/fk/rest` → (`fk`, no fund, `/rest`); `/fund/unionen/rest` → (`unionen`, fund, `/rest`).
fn split(path: &str) -> Option<(&str, bool, &str)> {
    let below = path.strip_prefix('/')?;
    let (below, fund) = below.strip_prefix("fund/").map_or((below, false), |code| (code, true));
    let end = below.find(['/', '?']).unwrap_or(below.len());
    let (code, rest) = below.split_at(end);
    Some((code, fund, if rest.is_empty() { "/" } else { rest }))
}

async fn outage(turn: &Turn, hangup: Option<Hangup>) -> Option<Response<MockBody>> {
    match turn.outage() {
        Outage::Refuse => {
            turn.did(Did::Refused);
            Some(plain(StatusCode::SERVICE_UNAVAILABLE, "closed"))
        }
        Outage::Hang => {
            turn.did(Did::Hung);
            pending().await
        }
        Outage::CloseConnection => {
            turn.did(Did::Closed);
            match hangup {
                Some(hangup) => hangup.now().await,
                None => Some(plain(StatusCode::BAD_GATEWAY, "connection closed")),
            }
        }
        Outage::None if turn.fails => {
            turn.did(Did::Failed);
            Some(plain(StatusCode::INTERNAL_SERVER_ERROR, "failed"))
        }
        Outage::None => None,
    }
}

async fn lying(
    lie: Lie,
    answer: own_format::Response,
    other: Option<(Personnummer, Personnummer)>,
) -> Response<MockBody> {
    let kind = if answer.content_type.contains("json") { Kind::Json } else { Kind::Xml };
    let own_format::Response { status, content_type, body } = answer;
    let original = Bytes::from(body);
    match lie {
        Lie::Redirect => {
            let mut redirect = plain(StatusCode::TEMPORARY_REDIRECT, "");
            redirect.headers_mut().insert(header::LOCATION, HeaderValue::from_static(REDIRECTED));
            redirect
        }
        Lie::Late => {
            tokio::time::sleep(LATE).await;
            finish(status, content_type, body::whole(original))
        }
        Lie::WrongPerson => {
            let body = match &other {
                Some((asked, other)) => lie::replace_number(original.to_vec(), asked, other),
                None => original.to_vec(),
            };
            finish(status, content_type, body::whole(body))
        }
        Lie::GigabyteLong => {
            let at = lie::before_the_end(kind, &original);
            let (head, tail) = (original.slice(..at), original.slice(at..));
            finish(status, content_type, body::gigabyte(head, b' ', tail))
        }
        Lie::Drip => finish(status, content_type, body::dripping(original, None)),
        Lie::HtmlPage => finish(200, "text/html; charset=utf-8", body::whole(lie::HTML)),
        Lie::Utf16 => {
            let content_type = match kind {
                Kind::Xml => "text/xml; charset=utf-16",
                Kind::Json => "application/json; charset=utf-16",
            };
            finish(status, content_type, body::whole(lie::distort(lie, kind, original.to_vec())))
        }
        lie => finish(status, content_type, body::whole(lie::distort(lie, kind, original.to_vec()))),
    }
}

fn finish(status: u16, content_type: &'static str, body: MockBody) -> Response<MockBody> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response<MockBody> {
    finish(status.as_u16(), "text/plain; charset=utf-8", body::whole(text))
}

/// The world as one question sees it.
struct Asked<'a> {
    population: &'a Population,
    today: NaiveDate,
    turn: &'a Turn,
    source: &'a Source,
    /// Under [`Lie::WrongPerson`]: who was asked about, and who was found instead.
    other: RefCell<Option<(Personnummer, Personnummer)>>,
    /// Whether the source knows the person looked up last; `None` before any look-up.
    knows: Cell<Option<bool>>,
}

impl World for Asked<'_> {
    fn find(&self, number: &str) -> Option<&TestPerson> {
        let mut person = self.population.find(number);
        if let (Some(asked), Some(Lie::WrongPerson)) = (person, self.turn.lie()) {
            person = self.population.somebody_else(asked);
            *self.other.borrow_mut() = person.map(|other| (asked.number.clone(), other.number.clone()));
        }
        let agency = self.source.agency();
        self.knows.set(Some(person.is_some_and(|person| !person.unknown_at.contains(&agency))));
        person
    }

    fn today(&self) -> NaiveDate {
        self.today
    }

    fn scripted(&self) -> Option<&str> {
        self.turn.scripted()
    }

    fn told(&self) -> Option<&Section> {
        self.turn.told.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_one_source_and_the_rest_is_the_formats_own() {
        assert_eq!(split("/fk"), Some(("fk", false, "/")));
        assert_eq!(split("/fk/v9/fraga?x=1"), Some(("fk", false, "/v9/fraga?x=1")));
        assert_eq!(split("/fund/unionen/"), Some(("unionen", true, "/")));
        assert_eq!(split("/tns?wsdl"), Some(("tns", false, "?wsdl")));
    }
}
