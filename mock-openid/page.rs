//! Its two pages, without anything that could run.

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;

use crate::User;

/// A line of text.
pub(crate) fn answer(status: u16, text: &str) -> Response<Full<Bytes>> {
    response(status, "text/plain; charset=utf-8", text.to_owned())
}

/// Who can be chosen.
pub(crate) fn choice(users: &[User], query: &str) -> Response<Full<Bytes>> {
    let query = escaped(query);
    let lines: String = users
        .iter()
        .enumerate()
        .map(|(place, user)| {
            let (name, what) = (escaped(&user.name), escaped(&user.what));
            format!("<li><a href=\"/chosen?user={place}&amp;{query}\">{name}</a> {what}</li>\n")
        })
        .collect();
    let page = format!(
        "<!doctype html><html lang=\"sv\"><head><meta charset=\"utf-8\"><title>Låtsad inloggning</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\"></head>\
         <body><main><h1>Låtsad inloggning</h1><p>Bara för demonstration: välj vem du är. I drift står här er riktiga e-legitimation.</p>\
         <ul>\n{lines}</ul></main></body></html>"
    );
    response(200, "text/html; charset=utf-8", page)
}

pub(crate) fn response(status: u16, kind: &'static str, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
    headers.insert(http::header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    headers.insert(
        http::header::CONTENT_SECURITY_POLICY,
        http::HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ),
    );
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
