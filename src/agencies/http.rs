//! The HTTP client towards agencies with formats of their own. Bounded in every direction; follows nothing.
//!
//! One for each source: how many questions are under way there is for the fan-out's places to say, and for nothing else.

mod kept;
mod part;

use std::{
    error::Error,
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::{Body, Incoming},
    client::conn::http1::Builder,
};
use hyper_util::rt::TokioIo;
use ssbtek_domain::Source;
use ssbtek_formats::{HttpAnswer, HttpQuestion, RefusalCode, Refused, flags};
use ssbtek_pki::{ConnectError, IdentityRefusal};

use crate::alarms::{self, Unprocessed};
use kept::{Kept, Open};

/// Bounds on one agency's HTTP service.
#[derive(Debug, Clone, Copy)]
pub struct HttpLimits {
    /// Bytes of one answer's body.
    pub max_answer_bytes: usize,
    /// Bytes of one answer's headers; at least 8192.
    pub max_header_bytes: usize,
    /// Number of one answer's headers.
    pub max_headers: usize,
    /// Connections kept for the next questions.
    pub max_kept: usize,
    /// How long a connection is kept for the next question.
    pub idle_timeout: Duration,
    /// A connection older than this takes no more questions.
    pub max_connection_age: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            max_answer_bytes: 1024 * 1024,
            max_header_bytes: 16 * 1024,
            max_headers: 64,
            max_kept: 32,
            idle_timeout: Duration::from_secs(30),
            max_connection_age: Duration::from_secs(600),
        }
    }
}

/// How asking can end without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HttpFailure {
    /// No connection, or it closed without an answer.
    NotReachable,
    /// Who answers there is not the agency.
    Impostor(IdentityRefusal),
    /// The answer began and broke off; whether a flag of protected identity stands in what came.
    BrokeOff(bool),
    /// The answer is longer than allowed; whether a flag stands in what was read.
    TooLong(bool),
    /// What came is no acceptable answer.
    Refused(Refused),
}

impl From<ConnectError> for HttpFailure {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Identity(refusal) => HttpFailure::Impostor(refusal),
            _ => HttpFailure::NotReachable,
        }
    }
}

/// How a question ended before an answer's head came.
enum Unanswered {
    /// Nothing of it was sent; here it is again.
    Unsent(Box<Request<Full<Bytes>>>),
    Failed(HttpFailure),
}

/// HTTP/1.1 connections to one source.
pub struct HttpClient {
    connector: ssbtek_pki::Connector,
    limits: HttpLimits,
    kept: Kept,
    asked_again: AtomicU64,
}

impl HttpClient {
    /// Connects by `connector`, whose TLS settings should offer HTTP/1.1 only.
    pub fn new(connector: ssbtek_pki::Connector, limits: HttpLimits) -> Self {
        Self { connector, limits, kept: Kept::default(), asked_again: AtomicU64::new(0) }
    }

    /// How many questions were put once more.
    pub fn asked_again(&self) -> u64 {
        self.asked_again.load(Ordering::Relaxed)
    }

    /// Whether a connection to an address can be had; it is kept for the next question. The caller bounds the time.
    pub(crate) async fn reach(&self, uri: &Uri) -> Result<(), HttpFailure> {
        let open = match self.kept.take(uri, &self.connector, &self.limits) {
            Some(open) => open,
            None => self.connect(uri).await?,
        };
        self.kept.keep(open, &self.limits);
        Ok(())
    }

    /// Posts one question, once more over a fresh connection if the one that was kept turns out to be dead before anything
    /// was sent. The caller bounds the time.
    pub(crate) async fn post(
        &self,
        source: &Source,
        uri: &Uri,
        question: HttpQuestion,
    ) -> Result<HttpAnswer, HttpFailure> {
        let mut request = request(uri, question);
        if let Some(open) = self.kept.take(uri, &self.connector, &self.limits) {
            match self.exchange(open, request).await {
                Ok(answer) => return Ok(answer),
                Err(Unanswered::Failed(failure)) => return Err(failure),
                Err(Unanswered::Unsent(unsent)) => request = *unsent,
            }
            self.asked_again.fetch_add(1, Ordering::Relaxed);
            alarms::asked_again(source, Unprocessed::DeadConnection);
        }
        match self.exchange(self.connect(uri).await?, request).await {
            Ok(answer) => Ok(answer),
            Err(Unanswered::Failed(failure)) => Err(failure),
            Err(Unanswered::Unsent(_)) => Err(HttpFailure::NotReachable),
        }
    }

    async fn connect(&self, uri: &Uri) -> Result<Open, HttpFailure> {
        let stream = self.connector.connect(uri).await?;
        let peer = stream.peer();
        let (sender, connection) = Builder::new()
            .max_buf_size(self.limits.max_header_bytes.max(8192))
            .max_headers(self.limits.max_headers)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| HttpFailure::NotReachable)?;
        // Ends by itself when the connection does, or when its sender is gone.
        tokio::spawn(connection);
        Ok(Open::new(sender, uri, peer))
    }

    async fn exchange(
        &self,
        mut open: Open,
        request: Request<Full<Bytes>>,
    ) -> Result<HttpAnswer, Unanswered> {
        let response = match open.sender.try_send_request(request).await {
            Ok(response) => response,
            Err(mut error) => {
                return Err(match error.take_message() {
                    Some(unsent) => Unanswered::Unsent(Box::new(unsent)),
                    None => Unanswered::Failed(failure(error.error())),
                });
            }
        };
        let answer = self.receive(response).await.map_err(Unanswered::Failed)?;
        self.kept.keep(open, &self.limits);
        Ok(answer)
    }

    async fn receive(&self, response: Response<Incoming>) -> Result<HttpAnswer, HttpFailure> {
        check_head(&response)?;
        let (head, body) = response.into_parts();
        Ok(HttpAnswer {
            status: part::status(&head).as_u16(),
            content_type: text(&head.headers, header::CONTENT_TYPE).map(str::to_owned),
            body: receive(body, self.limits.max_answer_bytes).await?,
        })
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").field("limits", &self.limits).finish_non_exhaustive()
    }
}

fn request(uri: &Uri, question: HttpQuestion) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(Bytes::from(question.body)));
    *request.method_mut() = Method::POST;
    // Only the path: this is no proxy. The host goes into its header.
    if let Some(path) = uri.path_and_query() {
        *request.uri_mut() = Uri::from(path.clone());
    }
    let headers = request.headers_mut();
    if let Some(host) = uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok()) {
        headers.insert(header::HOST, host);
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(question.content_type));
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static("ssbtek-broker"));
    if let Some(action) = question.soap_action {
        headers.insert("soapaction", HeaderValue::from_static(action));
    }
    request
}

/// Everything before the answer's head is "not reachable", unless something came that is no HTTP.
fn failure(error: &hyper::Error) -> HttpFailure {
    let mut next: Option<&dyn Error> = Some(error);
    while let Some(error) = next {
        match error.downcast_ref::<hyper::Error>() {
            Some(hyper) if hyper.is_parse_too_large() => {
                return HttpFailure::Refused(Refused(
                    "the answer's headers are larger than allowed",
                    RefusalCode::TooLarge,
                ));
            }
            Some(hyper) if hyper.is_parse() => {
                return HttpFailure::Refused(Refused("the answer is not HTTP", RefusalCode::NotTheContract));
            }
            _ => next = error.source(),
        }
    }
    HttpFailure::NotReachable
}

/// A gateway or a closed service is not the agency speaking; every other status is for the codec to read.
fn check_head(response: &Response<Incoming>) -> Result<(), HttpFailure> {
    let status = response.status();
    if status.is_redirection() {
        return Err(HttpFailure::Refused(Refused::REDIRECT));
    }
    if matches!(
        status,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
    ) {
        return Err(HttpFailure::NotReachable);
    }
    match response.headers().get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"identity") => Ok(()),
        Some(_) => Err(HttpFailure::Refused(Refused::COMPRESSED)),
    }
}

/// Reads the body; stops, and closes the connection, as soon as it is longer than allowed.
async fn receive(mut body: Incoming, max_bytes: usize) -> Result<Vec<u8>, HttpFailure> {
    let announced = body.size_hint().lower();
    if announced > max_bytes as u64 {
        return Err(HttpFailure::TooLong(false));
    }
    let is_flagged = |received: &[u8]| flags::in_bytes(received) > 0;
    let mut received = Vec::with_capacity(usize::try_from(announced).unwrap_or(0));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| HttpFailure::BrokeOff(is_flagged(&received)))?;
        let Ok(data) = frame.into_data() else { continue };
        if received.len() + data.len() > max_bytes {
            return Err(HttpFailure::TooLong(is_flagged(&received)));
        }
        received.extend_from_slice(&data);
    }
    Ok(received)
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
