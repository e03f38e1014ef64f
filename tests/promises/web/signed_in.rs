//! Who is signed in, as whom, and until when.

use http::{Method, StatusCode};
use ssbtek_proto::broker::v1::{self as proto, EntryState};

use crate::harness::{Page, Pages, Wires};

/// Whether a page has what every page has.
fn is_guarded(page: &Page, what: &str) {
    let has = |name: &str| {
        page.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    assert_eq!(has("cache-control"), "no-store", "{what}");
    let policy = has("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self'; form-action 'self'"),
        "{what}: {policy}"
    );
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{what}: {policy}");
    assert_eq!(
        (has("x-content-type-options").as_str(), has("referrer-policy").as_str()),
        ("nosniff", "same-origin")
    );
    let text = page.text.to_lowercase();
    assert!(!text.contains("<script") && !text.contains("style=") && !text.contains("javascript:"), "{what}");
}

#[tokio::test]
async fn a_sign_in_leads_to_the_account_that_the_administrator_named_and_to_no_other() {
    let pages = Pages::start(Wires::Grpc).await;
    let mut anna = pages.world.signed_in("anna").await;
    let start = anna.get("/").await;
    assert!(start.text.contains("Mina ärenden") && start.text.contains("Logga ut"), "{}", start.text);
    is_guarded(&start, "the first page");
    // Who is nobody's account, whose level is too low, and who is said to be of another board.
    for (place, text) in [
        (2, "Ingen nämnd har gett dig ett konto"),
        (3, "tillitsnivå"),
        (4, "Ingen nämnd har gett dig ett konto"),
    ] {
        let mut browser = pages.world.browser();
        let refused = browser.sign_in(place).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{place}");
        assert!(refused.text.contains(text), "{place}: {}", refused.text);
        is_guarded(&refused, "a refused sign-in");
        assert!(browser.cookies.is_empty(), "{place}");
        assert!(browser.get("/").await.text.contains("href=\"/in\""), "nobody is signed in");
    }
}

#[tokio::test]
async fn a_sign_in_that_another_browser_began_or_that_came_back_before_signs_nobody_in() {
    let pages = Pages::start(Wires::Grpc).await;
    let mut victim = pages.world.browser();
    let mut attacker = pages.world.browser();
    let begun = attacker.get("/in").await;
    let come_back = crate::harness::chosen(&begun.location, 0).await;
    let path = come_back.strip_prefix(crate::harness::ORIGIN).unwrap().to_owned();
    // The attacker's own sign-in, put upon somebody else.
    victim.get("/in").await;
    let forced = victim.get(&path).await;
    assert_eq!(forced.status, StatusCode::BAD_REQUEST, "{}", forced.text);
    assert!(!victim.cookies.contains_key("__Host-session"));
    // And the same code twice.
    assert_eq!(attacker.get(&path).await.status, StatusCode::SEE_OTHER);
    let mut again = pages.world.browser();
    again.cookies = attacker.cookies.clone();
    assert_eq!(again.get(&path).await.status, StatusCode::BAD_REQUEST, "what it was bound to is gone");
}

#[tokio::test]
async fn every_page_that_is_for_somebody_is_for_nobody_else() {
    let pages = Pages::start(Wires::Grpc).await;
    let mut nobody = pages.world.browser();
    for path in ["/arende/abc", "/svar/abc"] {
        let page = nobody.get(path).await;
        assert_eq!((page.status, page.location.as_str()), (StatusCode::SEE_OTHER, "/"), "{path}");
    }
    for path in ["/ut", "/instruktioner", "/arende", "/arende/abc/fraga", "/svar/abc/igen"] {
        let page = nobody.post(path, &[("token", "x")]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
        is_guarded(&page, path);
    }
    for path in ["/nothing", "/arende/", "/arende/a/b", "/.well-known/x", "/stil.css/"] {
        let page = nobody.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        is_guarded(&page, path);
    }
    // Who reviews the log asks nothing.
    let before = pages.world.log().await.len();
    let mut greta = pages.world.signed_in("greta").await;
    let start = greta.get("/").await;
    assert!(start.text.contains("ställer inga frågor"), "{}", start.text);
    let token = start.token("/ut");
    let refused = greta.post("/arende", &[("token", &token), ("case", "EB-1")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let log = pages.world.log().await;
    let denied = log.iter().find(|entry| entry.state() == EntryState::Denied).unwrap();
    assert_eq!((denied.case_worker.as_str(), denied.denial.as_str()), ("greta", "case_worker_may_not"));
    assert_eq!((denied.door.as_str(), denied.action.as_str()), ("web", "web FindCase"));
    assert!(log.len() > before);
}

#[tokio::test]
async fn a_name_that_somebody_pointed_here_is_not_taken() {
    let pages = Pages::start(Wires::Grpc).await;
    let mut browser = pages.world.browser();
    for host in [&["other.test"][..], &["sidor.test", "sidor.test"], &["sidor.test:443"], &[]] {
        let mut request = http::Request::builder().method(Method::GET).uri("/");
        for host in host {
            request = request.header("host", *host);
        }
        let page = browser.send(request.body(Default::default()).unwrap()).await;
        assert_eq!(page.status.as_u16(), 421, "{host:?}");
    }
}

#[tokio::test]
async fn a_session_ends_with_the_block_with_the_sign_in_when_idle_when_old_and_when_signed_out() {
    let pages = Pages::start(Wires::Grpc).await;
    let world = &pages.world;
    let mut out = pages.world.signed_in("anna").await;
    let old = out.cookies.clone();
    let token = out.get("/").await.token("/ut");
    let said = out.post("/ut", &[("token", &token)]).await;
    assert!(said.text.contains("Du är utloggad") && said.headers["clear-site-data"] == "\"cache\"");
    out.cookies = old;
    assert!(out.get("/").await.text.contains("href=\"/in\""), "the secret is worth nothing any more");

    let mut idle = pages.world.signed_in("anna").await;
    pages.advance(1_199);
    assert!(idle.get("/").await.text.contains("Logga ut"));
    pages.advance(1_200);
    assert!(idle.get("/").await.text.contains("href=\"/in\""));

    // A sign-in that is taken away ends what it began.
    let mut anna = pages.world.signed_in("anna").await;
    let version = pages.version_of("anna").await;
    pages.world.set_sign_in("anna", "", "", Some(version)).await.unwrap();
    let ended = anna.get("/").await;
    assert_eq!(ended.status, StatusCode::FORBIDDEN);
    assert!(ended.text.contains("leder inte längre till något konto"), "{}", ended.text);
    assert!(!anna.cookies.contains_key("__Host-session"));

    pages.leads("anna", "anna").await.unwrap();
    let mut blocked = pages.world.signed_in("anna").await;
    pages.block("anna").await;
    let ended = blocked.get("/").await;
    assert_eq!(ended.status, StatusCode::FORBIDDEN);
    assert!(ended.text.contains("Kontot är spärrat"), "{}", ended.text);
    assert!(blocked.get("/").await.text.contains("href=\"/in\""));
    let denied = world.log().await.into_iter().find(|entry| entry.denial == "case_worker_blocked").unwrap();
    assert_eq!((denied.door.as_str(), denied.case_worker.as_str()), ("web", "anna"));
}

#[tokio::test]
async fn one_sign_in_leads_to_one_account_of_a_board_and_never_to_a_systems() {
    let pages = Pages::start(Wires::Grpc).await;
    let taken = pages.leads("anna", "admin").await.unwrap_err();
    assert_eq!(
        (taken.code(), taken.message()),
        (tonic::Code::AlreadyExists, "subject: is registered already")
    );
    let unread = pages.leads("other", "anna").await.unwrap_err();
    assert_eq!(unread.code(), tonic::Code::FailedPrecondition, "{unread:?}");
    for (issuer, subject, field) in [
        ("https://idp.example", "a b", "subject"),
        ("", "anna", "issuer"),
        ("https://idp.example", "å", "subject"),
    ] {
        let malformed = pages.world.set_sign_in("admin", issuer, subject, None).await.unwrap_err();
        assert_eq!(malformed.code(), tonic::Code::InvalidArgument);
        assert!(malformed.message().starts_with(field), "{malformed:?}");
    }
    // Neither the subject nor its issuer is kept in the open, or told.
    let log = format!("{:?}", pages.world.log().await);
    assert!(!log.contains(&pages.provider.issuer), "{log}");
}

#[tokio::test]
async fn instructions_in_a_new_version_are_shown_and_confirmed_in_the_page_before_anything_is_asked() {
    let pages = Pages::start(Wires::Grpc).await;
    let world = &pages.world;
    let mut anna = pages.world.signed_in("anna").await;
    let case = anna.open_case("EB-1").await.location;
    let open = anna.get(&case).await;
    const TEXT: &str = "Fråga bara <b>i egna</b> ärenden.";
    let text = proto::PublishRequest {
        content: TEXT.into(),
        document_sha256: ssbtek_authorize::DocumentHash::of(TEXT.as_bytes()).as_str().to_owned(),
        ..world.instructions("2")
    };
    world.agreements(&world.operator.identity).publish(text).await.unwrap();
    let form = format!("{case}/fraga");
    let asked = anna
        .post(
            &form,
            &[
                ("token", &open.token(&form)),
                ("person", "0"),
                ("agency", "AF"),
                ("from", "2026-09-01"),
                ("to", "2026-11-22"),
            ],
        )
        .await;
    assert_eq!(asked.status, StatusCode::FORBIDDEN);
    assert!(asked.text.contains("Fråga bara &lt;b&gt;i egna&lt;/b&gt; ärenden."), "{}", asked.text);
    assert_eq!(world.agencies.control().total_calls(), 0);
    let token = asked.token("/instruktioner");
    let confirmed = anna.post("/instruktioner", &[("token", &token), ("version", "2")]).await;
    assert_eq!(
        (confirmed.status, confirmed.location.as_str()),
        (StatusCode::SEE_OTHER, "/"),
        "{}",
        confirmed.text
    );
    assert_eq!(anna.ask(&case, "0").await.status, StatusCode::SEE_OTHER);
}
