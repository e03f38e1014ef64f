//! HTTP/1.1 at the SOAP door (RFC 9110, RFC 9112), before anything is read of a request's body.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version as HttpVersion, header,
};
use http_body_util::Full;
use ssbtek_soap::Version;

use crate::{door::Framing, once};

/// What is taken here.
const ALLOWED: &str = "GET, HEAD, POST";

/// Checks what HTTP itself demands of a request; the answer to one that does not hold.
#[expect(clippy::result_large_err, reason = "what is refused is answered with it")]
pub(super) fn check<B>(request: &Request<B>, framing: Framing) -> Result<(), Response<Full<Bytes>>> {
    let headers = request.headers();
    if !framing.is_plain() {
        return Err(closing(plain(
            StatusCode::BAD_REQUEST,
            "Content-Length or Transfer-Encoding: must say once where the request ends\n",
        )));
    }
    if let Some(encoding) = headers.get(header::TRANSFER_ENCODING)
        && !encoding.as_bytes().eq_ignore_ascii_case(b"chunked")
    {
        return Err(closing(plain(
            StatusCode::NOT_IMPLEMENTED,
            "Transfer-Encoding: only chunked is taken\n",
        )));
    }
    if !has_host(request) {
        return Err(closing(plain(StatusCode::BAD_REQUEST, "Host: must stand in every request, once\n")));
    }
    if let Some(name) = once::FIELDS.into_iter().find(|name| once::is_twice(headers, name)) {
        return Err(closing(plain(
            StatusCode::BAD_REQUEST,
            format!("{name}: must stand once or not at all\n"),
        )));
    }
    let expects = headers.get_all(header::EXPECT).iter();
    if !expects.into_iter().all(|expected| expected.as_bytes().eq_ignore_ascii_case(b"100-continue")) {
        return Err(closing(plain(StatusCode::EXPECTATION_FAILED, "Expect: only 100-continue can be met\n")));
    }
    match *request.method() {
        Method::GET | Method::HEAD | Method::POST => Ok(()),
        Method::PUT | Method::DELETE | Method::OPTIONS | Method::PATCH | Method::TRACE | Method::CONNECT => {
            let mut response =
                plain(StatusCode::METHOD_NOT_ALLOWED, "GET ?wsdl, or POST a SOAP 1.1 envelope\n");
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(ALLOWED));
            Err(response)
        }
        _ => Err(plain(StatusCode::NOT_IMPLEMENTED, "GET ?wsdl, or POST a SOAP 1.1 envelope\n")),
    }
}

/// What is asked for at a path, if anything is there: `Some(None)` at the door's own, with the version where the path names one.
pub(super) fn place(own: &str, path: &str) -> Option<Option<Version>> {
    match path.strip_prefix(own)? {
        "" => Some(None),
        version => Version::parse(version.strip_prefix("/v")?).map(Some),
    }
}

/// RFC 9112 section 3.2: one, and well-formed; HTTP/1.0 has none.
fn has_host<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => request.version() == HttpVersion::HTTP_10,
        (Some(host), None) => {
            host.is_empty()
                || http::uri::Authority::try_from(host.as_bytes()).is_ok_and(|at| !at.as_str().contains('@'))
        }
        (Some(_), Some(_)) => false,
    }
}

/// The header's value; `None` if it is not there, is no text, or stands there twice.
pub(super) fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    value.to_str().ok().map(str::to_owned)
}

/// The same, after which the connection ends: where the next request begins is not sure.
pub(super) fn closing(mut response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

pub(super) fn envelope(status: StatusCode, body: Vec<u8>) -> Response<Full<Bytes>> {
    respond(status, ssbtek_soap::CONTENT_TYPE, Bytes::from(body))
}

pub(super) fn plain(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    respond(status, "text/plain; charset=utf-8", body.into())
}

fn respond(status: StatusCode, content_type: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(build: impl FnOnce(http::request::Builder) -> http::request::Builder, framing: Framing) -> u16 {
        let request = build(http::Request::builder().method("POST").uri("/ssbt")).body(()).unwrap();
        check(&request, framing).map_or_else(|response| response.status().as_u16(), |()| 200)
    }

    fn of(build: impl FnOnce(http::request::Builder) -> http::request::Builder) -> u16 {
        status(build, Framing::default())
    }

    #[test]
    fn a_request_that_says_twice_where_it_ends_is_refused() {
        for (content_lengths, transfer_encodings, told) in
            [(1, 0, 200), (0, 1, 200), (2, 0, 400), (1, 1, 400), (0, 2, 400)]
        {
            let framing = Framing { content_lengths, transfer_encodings };
            assert_eq!(status(|head| head.header("host", "x"), framing), told, "{framing:?}");
        }
    }

    #[test]
    fn exactly_one_host_is_demanded_of_http_1_1() {
        assert_eq!(of(|head| head.header("host", "broker.example:7441")), 200);
        assert_eq!(of(|head| head.header("host", "")), 200);
        assert_eq!(of(|head| head), 400);
        assert_eq!(of(|head| head.version(HttpVersion::HTTP_10)), 200);
        assert_eq!(of(|head| head.header("host", "a").header("host", "a")), 400);
        for malformed in ["a b", "a/b", "a@b", "http://a"] {
            assert_eq!(of(|head| head.header("host", malformed)), 400, "{malformed}");
        }
    }

    #[test]
    fn what_may_stand_once_may_not_stand_twice_in_whatever_case() {
        for name in once::FIELDS {
            assert_eq!(of(|head| head.header("host", "x").header(name, "a")), 200, "{name}");
            let upper = name.to_ascii_uppercase();
            assert_eq!(
                of(|head| head.header("host", "x").header(name, "a").header(upper, "a")),
                400,
                "{name}"
            );
        }
    }

    #[test]
    fn a_place_is_the_doors_path_or_a_version_below_it() {
        assert_eq!(place("/ssbt", "/ssbt"), Some(None));
        assert_eq!(place("/ssbt", "/ssbt/v10"), Some(Some(Version::V10)));
        assert_eq!(place("", "/v11"), Some(Some(Version::V11)));
        for elsewhere in
            ["/", "", "/ssbt/", "/ssbtv10", "/ssbt/10", "/ssbt/vv10", "/ssbt/v+10", "/ssbt/v010", "/ssbt/v9"]
        {
            assert_eq!(place("/ssbt", elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn other_transfer_encodings_and_other_expectations_are_told_so() {
        let with =
            |name: &'static str, value: &'static str| of(|head| head.header("host", "x").header(name, value));
        assert_eq!(with("transfer-encoding", "Chunked"), 200);
        for coding in ["gzip, chunked", "gzip", "identity", "chunked, chunked"] {
            assert_eq!(with("transfer-encoding", coding), 501, "{coding}");
        }
        assert_eq!(with("expect", "100-Continue"), 200);
        for expected in ["200-ok", "100-continue, x", ""] {
            assert_eq!(with("expect", expected), 417, "{expected}");
        }
    }

    #[test]
    fn a_method_that_is_not_allowed_is_told_which_are() {
        for method in ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"] {
            let request =
                http::Request::builder().method(method).uri("/").header("host", "x").body(()).unwrap();
            let response = check(&request, Framing::default()).unwrap_err();
            assert_eq!(
                (response.status().as_u16(), response.headers()["allow"].to_str().unwrap()),
                (405, ALLOWED)
            );
        }
        assert_eq!(of(|head| head.method("FROB").header("host", "x")), 501);
        assert_eq!(of(|head| head.method("HEAD").header("host", "x")), 200);
    }
}
