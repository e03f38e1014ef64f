//! One unary call: framing, status and limits of gRPC over HTTP/2.

use std::{error::Error, sync::atomic::Ordering, time::Duration};

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use prost::Message;
use ssbtek_domain::Source;
use ssbtek_formats::Refused;
use tokio::time::Instant;

use super::{CallError, GrpcEndpoint, endpoint::Turn};
use crate::alarms::{self, Unprocessed};

/// Compression flag and length before each message.
const PREFIX_BYTES: usize = 5;
/// `grpc-timeout` has at most eight digits.
const MAX_TIMEOUT_MS: u128 = 99_999_999;

/// Status codes of gRPC that say more than "failed".
const OK: &[u8] = b"0";
const DEADLINE_EXCEEDED: &[u8] = b"4";
const UNAVAILABLE: &[u8] = b"14";

/// Sends one message and receives one, as its bytes came. The caller bounds the time; the agency is told what is left until
/// `deadline`.
pub(super) async fn unary(
    endpoint: &GrpcEndpoint,
    source: &Source,
    message: &impl Message,
    deadline: Instant,
) -> Result<Bytes, CallError> {
    // Held until the answer is there: the question is under way on its connection until then.
    let (response, _turn) = send(endpoint, source, message, deadline).await?;
    let (head, body) = response.into_parts();
    check_head(head.status, &head.headers)?;
    if let Some(status) = head.headers.get("grpc-status") {
        // An answer of headers only is an error, or a success without the message that the contract promises.
        return Err(
            status_error(status).unwrap_or(CallError::Refused(Refused::breach("the answer has no message")))
        );
    }
    receive(body, endpoint.limits.max_answer_bytes).await
}

fn request(endpoint: &GrpcEndpoint, message: &impl Message, timeout: Duration) -> Request<Full<Bytes>> {
    let length = message.encoded_len();
    let mut framed = BytesMut::with_capacity(PREFIX_BYTES + length);
    framed.put_u8(0);
    framed.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    message.encode_raw(&mut framed);
    let mut request = Request::new(Full::new(framed.freeze()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = endpoint.method.clone();
    *request.version_mut() = Version::HTTP_2;
    let headers = request.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(header::TE, HeaderValue::from_static("trailers"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static("ssbtek-broker"));
    let milliseconds = timeout.as_millis().clamp(1, MAX_TIMEOUT_MS);
    if let Ok(value) = HeaderValue::from_maybe_shared(Bytes::from(format!("{milliseconds}m"))) {
        headers.insert("grpc-timeout", value);
    }
    request
}

/// Sends over an open connection; once more over another if the question was certainly not processed.
async fn send(
    endpoint: &GrpcEndpoint,
    source: &Source,
    message: &impl Message,
    deadline: Instant,
) -> Result<(Response<Incoming>, Turn), CallError> {
    let (turn, because) = match send_once(endpoint, message, deadline).await? {
        (turn, Ok(response)) => return Ok((response, turn)),
        (_, Err(None)) => return Err(CallError::NotReachable),
        (turn, Err(Some(because))) => (turn, because),
    };
    endpoint.retire(&turn);
    drop(turn);
    endpoint.asked_again.fetch_add(1, Ordering::Relaxed);
    alarms::asked_again(source, because);
    match send_once(endpoint, message, deadline).await? {
        (turn, Ok(response)) => Ok((response, turn)),
        (_, Err(_)) => Err(CallError::NotReachable),
    }
}

/// Sends; without a response, says whether it is certain that the question was not processed.
async fn send_once(
    endpoint: &GrpcEndpoint,
    message: &impl Message,
    deadline: Instant,
) -> Result<(Turn, Result<Response<Incoming>, Option<Unprocessed>>), CallError> {
    let turn = endpoint.turn().await?;
    let timeout = deadline.saturating_duration_since(Instant::now());
    let sent = turn.sender().try_send_request(request(endpoint, message, timeout)).await;
    let sent = sent.map_err(|mut error| match error.take_message() {
        Some(_) => Some(Unprocessed::DeadConnection),
        None => unprocessed(error.error()),
    });
    Ok((turn, sent))
}

/// Whether the other end said that it has not looked at the question (RFC 9113 § 6.8, § 8.7).
fn unprocessed(error: &hyper::Error) -> Option<Unprocessed> {
    let error = error.source()?.downcast_ref::<h2::Error>()?;
    if error.is_remote() && error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM) {
        Some(Unprocessed::RefusedStream)
    } else if error.is_remote() && error.is_go_away() {
        // Told only to streams above the last that the other end looks at.
        Some(Unprocessed::GoAway)
    } else {
        None
    }
}

fn check_head(status: StatusCode, headers: &HeaderMap) -> Result<(), CallError> {
    match status {
        StatusCode::OK => {}
        status if status.is_redirection() => {
            return Err(CallError::Refused(Refused::REDIRECT));
        }
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => return Err(CallError::NotReachable),
        _ => return Err(CallError::Failed),
    }
    let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let plain = matches!(headers.get("grpc-encoding").map(HeaderValue::as_bytes), None | Some(b"identity"));
    match (content_type, plain) {
        (b"application/grpc" | b"application/grpc+proto", true) => Ok(()),
        (_, false) => Err(CallError::Refused(Refused::COMPRESSED)),
        _ => Err(CallError::Refused(Refused::breach("the answer is not gRPC"))),
    }
}

fn status_error(status: &HeaderValue) -> Option<CallError> {
    match status.as_bytes() {
        OK => None,
        UNAVAILABLE => Some(CallError::NotReachable),
        DEADLINE_EXCEEDED => Some(CallError::TimedOut),
        _ => Some(CallError::Failed),
    }
}

/// Receives one message and the status after it. Nothing beyond the limit is ever kept.
async fn receive(mut body: Incoming, max_bytes: usize) -> Result<Bytes, CallError> {
    let mut received = Received { first: Bytes::new(), more: BytesMut::new() };
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| CallError::NotReachable)?;
        match frame.into_data() {
            Ok(data) => received.add(data, max_bytes).map_err(CallError::Refused)?,
            Err(frame) => {
                let trailers = frame.into_trailers().unwrap_or_default();
                let status = trailers.get("grpc-status");
                let status = status.ok_or(CallError::Refused(Refused::breach("the answer has no status")))?;
                return match status_error(status) {
                    None => received.whole().map_err(CallError::Refused),
                    Some(error) => Err(error),
                };
            }
        }
    }
    Err(CallError::Refused(Refused::breach("the answer has no status")))
}

/// What has come so far: nearly always one piece, which is then never copied.
struct Received {
    first: Bytes,
    more: BytesMut,
}

impl Received {
    fn add(&mut self, data: Bytes, max_bytes: usize) -> Result<(), Refused> {
        if self.first.is_empty() {
            self.first = data;
        } else {
            if self.more.is_empty() {
                self.more.extend_from_slice(&self.first);
            }
            self.more.extend_from_slice(&data);
        }
        let so_far = self.so_far();
        let too_long = Refused::TOO_LONG;
        // The prefix tells at once; what follows may still be more than it says.
        match prefix(so_far)? {
            Some(length) if length > max_bytes => Err(too_long),
            Some(length) if so_far.len() > PREFIX_BYTES + length => {
                Err(Refused::breach("the answer has more than one message"))
            }
            _ => Ok(()),
        }
    }

    fn so_far(&self) -> &[u8] {
        if self.more.is_empty() { &self.first } else { &self.more }
    }

    fn whole(self) -> Result<Bytes, Refused> {
        let mut bytes = if self.more.is_empty() { self.first } else { self.more.freeze() };
        match prefix(&bytes)? {
            Some(length) if bytes.len() == PREFIX_BYTES + length => Ok(bytes.split_off(PREFIX_BYTES)),
            _ => Err(Refused::breach("the answer breaks off")),
        }
    }
}

/// The length that a message's prefix states, once it is there.
fn prefix(bytes: &[u8]) -> Result<Option<usize>, Refused> {
    match bytes {
        [0, a, b, c, d, ..] => Ok(Some(u32::from_be_bytes([*a, *b, *c, *d]) as usize)),
        [] | [0, ..] => Ok(None),
        _ => Err(Refused::COMPRESSED),
    }
}
