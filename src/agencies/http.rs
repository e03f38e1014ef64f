//! The HTTP client towards agencies with formats of their own. Bounded in every direction; follows nothing.

use std::{error::Error, fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper_util::{
    client::legacy::{self, Client},
    rt::{TokioExecutor, TokioTimer},
};
use tokio::sync::Semaphore;

use crate::{HttpAnswer, HttpQuestion, Refused};

/// Bounds on one agency's HTTP service.
#[derive(Debug, Clone, Copy)]
pub struct HttpLimits {
    /// Bytes of one answer's body.
    pub max_answer_bytes: usize,
    /// Bytes of one answer's headers; at least 8192.
    pub max_header_bytes: usize,
    /// Number of one answer's headers.
    pub max_headers: usize,
    /// Questions under way at once, each on a connection of its own.
    pub max_connections: usize,
    /// How long a connection is kept for the next question.
    pub idle_timeout: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            max_answer_bytes: 1024 * 1024,
            max_header_bytes: 16 * 1024,
            max_headers: 64,
            max_connections: 32,
            idle_timeout: Duration::from_secs(30),
        }
    }
}

/// How asking can end without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HttpFailure {
    /// No connection, or it closed without an answer.
    NotReachable,
    /// The answer began and broke off.
    BrokeOff,
    /// What came is no acceptable answer.
    Refused(Refused),
}

/// A pool of HTTP/1.1 connections.
pub struct HttpClient {
    client: Client<ssbtek_pki::Connector, Full<Bytes>>,
    connector: ssbtek_pki::Connector,
    limits: HttpLimits,
    under_way: Semaphore,
}

impl HttpClient {
    /// Connects by `connector`, whose TLS settings should offer HTTP/1.1 only.
    pub fn new(connector: ssbtek_pki::Connector, limits: HttpLimits) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(limits.max_connections)
            .pool_idle_timeout(limits.idle_timeout)
            .pool_timer(TokioTimer::new())
            .http1_max_buf_size(limits.max_header_bytes.max(8192))
            .http1_max_headers(limits.max_headers)
            .build(connector.clone());
        Self { client, connector, limits, under_way: Semaphore::new(limits.max_connections) }
    }

    /// Whether a connection to an address can be had. The caller bounds the time.
    pub(crate) async fn reach(&self, uri: &Uri) -> bool {
        self.connector.connect(uri).await.is_ok()
    }

    /// Posts one question. The caller bounds the time.
    pub(crate) async fn post(&self, uri: &Uri, question: HttpQuestion) -> Result<HttpAnswer, HttpFailure> {
        let _turn = self.under_way.acquire().await.map_err(|_| HttpFailure::NotReachable)?;
        let response = self.client.request(request(uri, question)).await.map_err(|error| failure(&error))?;
        check_head(&response)?;
        let (head, body) = response.into_parts();
        Ok(HttpAnswer {
            status: head.status.as_u16(),
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
    *request.uri_mut() = uri.clone();
    let headers = request.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(question.content_type));
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static("ssbtek-broker"));
    if let Some(action) = question.soap_action {
        headers.insert("soapaction", HeaderValue::from_static(action));
    }
    request
}

/// Everything before the answer's head is "not reachable", unless something came that is no HTTP.
fn failure(error: &legacy::Error) -> HttpFailure {
    let mut next: Option<&dyn Error> = Some(error);
    while let Some(error) = next {
        match error.downcast_ref::<hyper::Error>() {
            Some(hyper) if hyper.is_parse_too_large() => {
                return HttpFailure::Refused(Refused("the answer's headers are larger than allowed"));
            }
            Some(hyper) if hyper.is_parse() => {
                return HttpFailure::Refused(Refused("the answer is not HTTP"));
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
        return Err(HttpFailure::Refused(Refused("the answer is a redirect")));
    }
    if matches!(
        status,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
    ) {
        return Err(HttpFailure::NotReachable);
    }
    match response.headers().get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"identity") => Ok(()),
        Some(_) => Err(HttpFailure::Refused(Refused("the answer is compressed"))),
    }
}

/// Reads the body; stops, and closes the connection, as soon as it is longer than allowed.
async fn receive(mut body: Incoming, max_bytes: usize) -> Result<Vec<u8>, HttpFailure> {
    let too_long = HttpFailure::Refused(Refused("the answer is longer than allowed"));
    let announced = body.size_hint().lower();
    if announced > max_bytes as u64 {
        return Err(too_long);
    }
    let mut received = Vec::with_capacity(usize::try_from(announced).unwrap_or(0));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| HttpFailure::BrokeOff)?;
        let Ok(data) = frame.into_data() else { continue };
        if received.len() + data.len() > max_bytes {
            return Err(too_long);
        }
        received.extend_from_slice(&data);
    }
    Ok(received)
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
