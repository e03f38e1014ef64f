//! What stands once in the head of a request, at every door.

use http::HeaderMap;

/// Fields that stand once or not at all (RFC 9110 section 5.3, SOAP 1.1 section 6.1.1): of two, two readers read two things. `Host` and
/// the two that say where a request ends are looked at by themselves.
pub(crate) const FIELDS: [&str; 17] = [
    "authorization",
    "content-location",
    "content-range",
    "content-type",
    "date",
    "from",
    "if-modified-since",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "mime-version",
    "origin",
    "proxy-authorization",
    "range",
    "referer",
    "soapaction",
    "user-agent",
];

/// Whether a field stands there more than once.
pub(crate) fn is_twice(headers: &HeaderMap, name: &str) -> bool {
    headers.get_all(name).iter().nth(1).is_some()
}
