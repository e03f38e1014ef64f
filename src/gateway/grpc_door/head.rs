//! The head of a call: method, content type, `te`, path, encoding, time-out.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header, request::Parts};
use tonic::{Status, body::Body};

use crate::once;

const TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");

/// Checks a head; the caller's own time-out, if it named one.
#[expect(clippy::result_large_err, reason = "what is refused is answered with it")]
pub(super) fn check(head: &Parts) -> Result<Option<Duration>, Response<Body>> {
    if head.method != Method::POST {
        let mut response = http(StatusCode::METHOD_NOT_ALLOWED);
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return Err(response);
    }
    if !one(&head.headers, &header::CONTENT_TYPE).is_some_and(is_grpc) {
        return Err(http(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    if !one(&head.headers, &header::TE).is_some_and(|te| te.trim().eq_ignore_ascii_case("trailers")) {
        return Err(Status::invalid_argument("te: must be `trailers`").into_http());
    }
    if head.uri.query().is_some() || !is_method(head.uri.path()) {
        return Err(
            Status::unimplemented("path: must be /SERVICE/METHOD of a service that is here").into_http()
        );
    }
    if let Some(name) = twice(&head.headers) {
        return Err(Status::invalid_argument(format!("{name}: must stand once or not at all")).into_http());
    }
    if !is_for_its_host(head) {
        return Err(Status::invalid_argument("host: must be the one of the request").into_http());
    }
    match one(&head.headers, &ENCODING) {
        None if !head.headers.contains_key(ENCODING) => {}
        Some("identity") => {}
        _ => {
            let mut response =
                Status::unimplemented("grpc-encoding: only `identity` is taken").into_http::<Body>();
            response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            return Err(response);
        }
    }
    if !head.headers.contains_key(TIMEOUT) {
        return Ok(None);
    }
    one(&head.headers, &TIMEOUT).and_then(parse_timeout).map(Some).ok_or_else(|| {
        Status::invalid_argument("grpc-timeout: must be one to eight digits and one of H, M, S, m, u, n")
            .into_http()
    })
}

/// A field that stands twice and may not. The assertion's is judged where it is read.
fn twice(headers: &HeaderMap) -> Option<&'static str> {
    let others = ["host", "content-length"].into_iter();
    let mut names = once::FIELDS.into_iter().filter(|name| *name != "authorization").chain(others);
    names.find(|name| once::is_twice(headers, name))
}

/// RFC 9113 section 8.3.1: a `Host` beside `:authority` says the same.
fn is_for_its_host(head: &Parts) -> bool {
    match (head.uri.authority(), one(&head.headers, &header::HOST)) {
        (Some(authority), Some(host)) => authority.as_str().eq_ignore_ascii_case(host),
        (Some(_), None) => !head.headers.contains_key(header::HOST),
        (None, _) => true,
    }
}

/// The header's only value.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// `application/grpc` or `application/grpc+proto`, with whatever parameters: what services here decode.
fn is_grpc(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or_default().trim_end();
    ["application/grpc", "application/grpc+proto"].iter().any(|known| media.eq_ignore_ascii_case(known))
}

fn is_method(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    matches!(parts[..], ["", service, method] if !service.is_empty() && !method.is_empty())
}

/// `grpc-timeout`: at most eight digits and a unit (gRPC over HTTP/2).
fn parse_timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(count * 3600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

fn http(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(
        change: impl FnOnce(http::request::Builder) -> http::request::Builder,
    ) -> Result<Option<Duration>, u16> {
        let plain =
            http::Request::builder().method("POST").uri("https://broker/a.B/C").header("te", "trailers");
        let (head, ()) = change(plain).body(()).unwrap().into_parts();
        check(&head).map_err(|response| {
            let code =
                response.headers().get("grpc-status").map(|code| code.to_str().unwrap().parse().unwrap());
            code.unwrap_or(response.status().as_u16())
        })
    }

    #[test]
    fn only_the_protocols_own_content_types_are_taken() {
        for taken in
            ["application/grpc", "application/grpc+proto", "APPLICATION/gRPC", "application/grpc;x=y"]
        {
            assert_eq!(checked(|head| head.header("content-type", taken)), Ok(None), "{taken}");
        }
        let foreign = [
            "application/json",
            "text/xml",
            "application/grpc-web",
            "application/grpc+json",
            "application/grpcx",
            "",
        ];
        for foreign in foreign {
            assert_eq!(checked(|head| head.header("content-type", foreign)), Err(415), "{foreign}");
        }
        assert_eq!(checked(|head| head), Err(415), "none");
        let twice = |head: http::request::Builder| {
            head.header("content-type", "application/grpc").header("content-type", "application/grpc")
        };
        assert_eq!(checked(twice), Err(415), "two");
    }

    /// With a content type that is good.
    fn with(
        change: impl FnOnce(http::request::Builder) -> http::request::Builder,
    ) -> Result<Option<Duration>, u16> {
        checked(|head| change(head.header("content-type", "application/grpc")))
    }

    #[test]
    fn only_post_is_taken() {
        for method in ["GET", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "TRACE", "CONNECT", "post"] {
            assert_eq!(with(|head| head.method(method)), Err(405), "{method}");
        }
    }

    #[test]
    fn te_must_say_trailers() {
        let without = || {
            let head = http::Request::builder().method("POST").uri("https://broker/a.B/C");
            head.header("content-type", "application/grpc")
        };
        for head in [
            without(),
            without().header("te", "gzip"),
            without().header("te", "trailers").header("te", "gzip"),
        ] {
            assert!(check(&head.body(()).unwrap().into_parts().0).is_err());
        }
    }

    #[test]
    fn a_path_is_a_service_and_a_method_and_nothing_else() {
        for path in ["/", "/a.B", "/a.B/", "//C", "/a.B/C/", "/a.B/C/D", "/a.B/C?d=e"] {
            assert_eq!(with(|head| head.uri(format!("https://broker{path}"))), Err(12), "{path}");
        }
    }

    #[test]
    fn what_stands_once_and_the_host_are_as_http_has_them() {
        for name in ["user-agent", "content-length", "host", "date"] {
            let told = with(|head| head.header(name, "broker").header(name, "broker"));
            assert_eq!(told, Err(3), "{name}");
        }
        for (host, told) in [
            ("broker", Ok(None)),
            ("BROKER", Ok(None)),
            ("another", Err(3)),
            ("broker:1", Err(3)),
            ("", Err(3)),
        ] {
            assert_eq!(with(|head| head.header("host", host)), told, "{host}");
        }
        assert_eq!(with(|head| head.header("x-own", "1").header("x-own", "2")), Ok(None));
    }

    #[test]
    fn compressed_messages_are_not_taken_and_what_is_taken_is_told() {
        assert_eq!(with(|head| head.header("grpc-encoding", "identity")), Ok(None));
        for encoding in ["gzip", "deflate", "snappy", "zstd", "x", "identity, gzip"] {
            assert_eq!(with(|head| head.header("grpc-encoding", encoding)), Err(12), "{encoding}");
        }
        let (head, ()) = http::Request::builder()
            .method("POST")
            .uri("https://broker/a.B/C")
            .header("te", "trailers")
            .header("content-type", "application/grpc")
            .header("grpc-encoding", "gzip")
            .body(())
            .unwrap()
            .into_parts();
        assert_eq!(check(&head).unwrap_err().headers()["grpc-accept-encoding"], "identity");
    }

    #[test]
    fn a_callers_time_out_is_read_in_every_unit_and_nonsense_is_refused() {
        let timeout = |text: &str| with(|head| head.header("grpc-timeout", text));
        for (text, read) in [
            ("5S", Duration::from_secs(5)),
            ("250m", Duration::from_millis(250)),
            ("1H", Duration::from_secs(3600)),
            ("2M", Duration::from_secs(120)),
            ("7u", Duration::from_micros(7)),
            ("99999999n", Duration::from_nanos(99_999_999)),
            ("0S", Duration::ZERO),
        ] {
            assert_eq!(timeout(text), Ok(Some(read)), "{text}");
        }
        for nonsense in ["", "S", "5", "-5S", "+5S", "123456789S", "5s", "5 S", " 5S", "1.5S", "5SS"] {
            assert_eq!(timeout(nonsense), Err(3), "{nonsense}");
        }
        assert_eq!(
            with(|head| head.header("grpc-timeout", "5S").header("grpc-timeout", "5S")),
            Err(3),
            "two"
        );
    }
}
