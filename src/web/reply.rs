//! What goes back: a status, a page, whole or as it comes, and the same protective headers on everything.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body::{Frame, SizeHint};
use maud::Markup;
use ssbtek_authorize::CaseWorker;
use ssbtek_present::Language;
use tokio::sync::mpsc;

use crate::sessions::Session;

/// A page: whole, or part by part.
pub enum Body {
    /// Whole; `None` once it has been sent.
    Whole(Option<Bytes>),
    /// As it comes.
    AsItComes(mpsc::Receiver<Bytes>),
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Body::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Body::AsItComes(parts) => {
                parts.poll_recv(context).map(|part| part.map(|part| Ok(Frame::data(part))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Body::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Body::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Body::AsItComes(_) => SizeHint::default(),
        }
    }
}

/// Who looks, and in which language.
#[derive(Clone)]
pub(crate) struct Turn {
    pub(crate) language: Language,
    pub(crate) session: Option<Looking>,
}

/// An account that looks.
#[derive(Clone)]
pub(crate) struct Looking {
    pub(crate) session: Arc<Session>,
    pub(crate) account: Arc<CaseWorker>,
    pub(crate) board: Arc<str>,
    /// The token of the form that signs out: every page has it.
    pub(crate) sign_out: String,
}

/// What goes back.
pub(crate) struct Reply {
    status: StatusCode,
    kind: &'static str,
    body: Body,
    place: Option<HeaderValue>,
    cookies: Vec<HeaderValue>,
    forgets: bool,
}

/// Nothing may be loaded but the style sheet, nothing may run, nothing may be framed, forms go nowhere else.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

impl Reply {
    /// A page.
    pub(crate) fn page(status: u16, page: Markup) -> Self {
        Self::of(status, "text/html; charset=utf-8", Body::Whole(Some(page.into_string().into())))
    }

    /// A page that comes part by part.
    pub(crate) fn as_it_comes(parts: mpsc::Receiver<Bytes>) -> Self {
        Self::of(200, "text/html; charset=utf-8", Body::AsItComes(parts))
    }

    /// The style sheet.
    pub(crate) fn style(text: &'static str) -> Self {
        Self::of(200, "text/css; charset=utf-8", Body::Whole(Some(text.into())))
    }

    /// Look there (RFC 9110, section 15.4.4).
    pub(crate) fn see(place: &str) -> Self {
        let reply = Self::of(303, "text/plain; charset=utf-8", Body::Whole(None));
        Self { place: HeaderValue::from_str(place).ok(), ..reply }
    }

    fn of(status: u16, kind: &'static str, body: Body) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, kind, body, place: None, cookies: Vec::new(), forgets: false }
    }

    pub(crate) fn cookie(mut self, cookie: Option<HeaderValue>) -> Self {
        self.cookies.extend(cookie);
        self
    }

    /// The same, after which the browser is to forget every page of this place.
    pub(crate) fn forgetting(self) -> Self {
        Self { forgets: true, ..self }
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        let set = [
            (header::CONTENT_TYPE, self.kind),
            (header::CACHE_CONTROL, "no-store"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            // `no-referrer` would take the origin away from forms that are sent to this very place.
            (header::REFERRER_POLICY, "same-origin"),
            (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
        ];
        for (name, value) in set {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let more = [
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
            // What stands between must not gather a page that is told as it comes.
            ("x-accel-buffering", "no"),
        ];
        for (name, value) in more {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if let Some(place) = self.place {
            headers.insert(header::LOCATION, place);
        }
        if self.forgets {
            headers.insert("clear-site-data", HeaderValue::from_static("\"cache\""));
        }
        for cookie in self.cookies {
            headers.append(header::SET_COOKIE, cookie);
        }
        response
    }
}
