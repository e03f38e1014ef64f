//! Forms: from here, of this session, once.

use http::StatusCode;
use ssbtek_proto::broker::v1::EntryState;

use crate::harness::{ORIGIN, Pages, Wires};

#[tokio::test]
async fn a_form_that_was_not_sent_from_here_or_is_not_this_sessions_own_does_nothing() {
    let pages = Pages::start(Wires::Grpc).await;
    let world = &pages.world;
    pages.leads("bo", "bo").await.unwrap();
    let mut anna = pages.world.signed_in("anna").await;
    let case = anna.open_case("EB-1").await.location;
    let page = anna.get(&case).await;
    let form = format!("{case}/fraga");
    let token = page.token(&form);
    let fields = |token: &str| -> Vec<(&'static str, String)> {
        [("token", token), ("person", "0"), ("agency", "AF"), ("from", "2026-09-01"), ("to", "2026-11-22")]
            .map(|(name, value)| (name, value.to_owned()))
            .into()
    };
    let mut tried = Vec::new();
    for origin in [Some("https://evil.test"), Some("null"), Some("http://sidor.test"), None] {
        let fields = fields(&token);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        tried.push(anna.post_from(origin, &form, &fields).await);
    }
    let mut bo = pages.world.signed_in("bo").await;
    let of_another = bo.get("/").await.token("/arende");
    let of_another_form = anna.get("/").await.token("/arende");
    let mut changed = token.clone().into_bytes();
    changed[30] = if changed[30] == b'A' { b'B' } else { b'A' };
    for token in ["", "x", &of_another, &of_another_form, &String::from_utf8(changed).unwrap()] {
        let fields = fields(token);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        tried.push(anna.post(&form, &fields).await);
    }
    // A name that means something in another session means nothing in this one.
    let elsewhere = bo.get(&case).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
    for page in &tried {
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.text);
        assert!(page.text.contains("Ingenting har gjorts"), "{}", page.text);
    }
    assert_eq!(world.agencies.control().total_calls(), 0);
    let log = world.log().await;
    assert!(log.iter().all(|entry| entry.state() != EntryState::Released), "nobody was asked about");
    let forged = log.iter().filter(|entry| entry.denial == "malformed" && entry.action == "web Ask").count();
    assert_eq!(forged, 5, "what this session sent stands in the log");
    // The form itself is still good.
    assert_eq!(anna.ask(&case, "0").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_that_is_sent_twice_does_what_it_does_once() {
    let pages = Pages::start(Wires::Grpc).await;
    let mut anna = pages.world.signed_in("anna").await;
    let token = anna.get("/").await.token("/arende");
    let fields = [("token", token.as_str()), ("case", "EB-1")];
    let case = anna.post("/arende", &fields).await.location;
    let again = anna.post("/arende", &fields).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text.contains("redan skickat"), "{}", again.text);
    let page = anna.get(&case).await;
    let form = format!("{case}/fraga");
    let token = page.token(&form);
    let fields = [
        ("token", token.as_str()),
        ("person", "0"),
        ("agency", "AF"),
        ("from", "2026-09-01"),
        ("to", "2026-11-22"),
    ];
    let answer = anna.post(&form, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    anna.get(&answer.location).await;
    let calls = pages.world.agencies.control().total_calls();
    let again = anna.post(&form, &fields).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text);
    assert_eq!(pages.world.agencies.control().total_calls(), calls, "nobody was asked a second time");
    let used = pages.world.log().await.into_iter().filter(|entry| entry.denial == "assertion_used").count();
    assert_eq!(used, 2, "both attempts stand in the log");
}

#[tokio::test]
async fn a_page_that_stood_open_for_long_asks_nothing_and_still_signs_out() {
    let pages = Pages::start(Wires::Grpc).await;
    let mut anna = pages.world.signed_in("anna").await;
    let case = anna.open_case("EB-1").await.location;
    let (page, form) = (anna.get(&case).await, format!("{case}/fraga"));
    for _ in 0..4 {
        // Another tab keeps the session alive.
        pages.advance(1_000);
        assert_eq!(anna.get("/stil.css").await.status, StatusCode::OK);
        assert_eq!(anna.get("/").await.status, StatusCode::OK);
    }
    let fields = [("person", "0"), ("agency", "AF"), ("from", "2026-09-01"), ("to", "2026-11-22")];
    let token = page.token(&form);
    let old = anna.post(&form, &[&[("token", token.as_str())][..], &fields].concat()).await;
    assert_eq!(old.status, StatusCode::FORBIDDEN);
    assert!(old.text.contains("stått öppen för länge"), "{}", old.text);
    assert_eq!(pages.world.agencies.control().total_calls(), 0);
    let out = anna.post("/ut", &[("token", &page.token("/ut"))]).await;
    assert!(out.text.contains("Du är utloggad"), "{}", out.text);
}

#[tokio::test]
async fn whatever_a_form_holds_it_is_refused_by_field_and_nobody_is_asked() {
    let pages = Pages::start(Wires::Grpc).await;
    let mut anna = pages.world.signed_in("anna").await;
    let case = anna.open_case("EB-1").await.location;
    let form = format!("{case}/fraga");
    let long = "1".repeat(5_000);
    let wrong: [(&str, &str, &str); 9] = [
        ("person", "99", "Valet av person"),
        ("person", "-1", "Valet av person"),
        ("person", "<b>", "Valet av person"),
        ("from", "yesterday", "Första dagen"),
        ("from", "2027-12-01", "Tiden"),
        ("to", &long, "Sista dagen"),
        ("to", "2029-01-01", "Sista dagen"),
        ("agency", "XX", "Valet av myndigheter"),
        ("agency", "", "Valet av myndigheter"),
    ];
    for (name, value, told) in wrong {
        let token = anna.get(&case).await.token(&form);
        let good = [("person", "0"), ("from", "2026-09-01"), ("to", "2026-11-22"), ("agency", "AF")];
        let mut fields = vec![("token", token.as_str())];
        fields.extend(good.map(|(own, good)| (own, if own == name { value } else { good })));
        let page = anna.post(&form, &fields).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{name}={value}: {}", page.text);
        assert!(page.text.contains(told), "{name}={value}: {}", page.text);
        assert!(value.len() < 3 || !page.text.contains(value), "what was sent is not quoted");
    }
    for case in ["", " ", &long[..200], "EB\u{202e}1"] {
        let page = anna.open_case(case).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{case}");
    }
    assert_eq!(pages.world.agencies.control().total_calls(), 0);
    let big = "x".repeat(20_000);
    let page = anna.post("/arende", &[("token", &big)]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    let request = http::Request::builder().method("POST").uri("/arende").header("host", "sidor.test");
    let cookie = format!("__Host-session={}", anna.cookies["__Host-session"]);
    let request = request.header("origin", ORIGIN).header("cookie", cookie).body("{}".into()).unwrap();
    assert_eq!(anna.send(request).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}
