//! Cookies: names that bind them to this host and TLS, values that mean nothing elsewhere.

use http::{HeaderMap, HeaderValue, header};

/// The session.
pub(crate) const SESSION: &str = "__Host-session";
/// A sign-in that has begun.
pub(crate) const SIGN_IN: &str = "__Host-sign-in";
/// The language.
pub(crate) const LANGUAGE: &str = "__Host-language";

/// The value of a cookie, where it is there once.
pub(crate) fn of<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let fields = headers.get_all(header::COOKIE).iter().filter_map(|field| field.to_str().ok());
    let pairs = fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut found = pairs.filter(|(own, _)| *own == name).map(|(_, value)| value);
    match (found.next(), found.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}

/// Sets a cookie until the browser closes, or for so many seconds.
pub(crate) fn set(name: &str, value: &str, max_age_s: Option<u32>) -> Option<HeaderValue> {
    let age = max_age_s.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    HeaderValue::from_str(&format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}")).ok()
}

/// Takes a cookie away.
pub(crate) fn clear(name: &str) -> Option<HeaderValue> {
    set(name, "", Some(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_that_stands_twice_is_none() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; __Host-session=x"));
        assert_eq!(of(&headers, SESSION), Some("x"));
        assert_eq!(of(&headers, SIGN_IN), None);
        headers.append(header::COOKIE, HeaderValue::from_static("__Host-session=y"));
        assert_eq!(of(&headers, SESSION), None);
    }
}
