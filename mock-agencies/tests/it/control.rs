//! The control port, as curl sees it.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use mock_agencies::{Behaviour, Lie, MockAgencies, MockConfig, Running};
use serde_json::{Value, json};

use crate::world::{FK, mocks};

async fn call(running: &Running, method: Method, path: &str, body: &'static str) -> (StatusCode, Value) {
    let addr: SocketAddr = running.control_addr().unwrap();
    let request = Request::builder().method(method).uri(format!("http://{addr}{path}"));
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request.body(Full::new(Bytes::from(body))).unwrap()).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn behaviour_is_switched_read_and_reset_over_http() {
    let running = MockAgencies::start(&MockConfig::default(), mocks()).await.unwrap();
    let (status, _) =
        call(&running, Method::PUT, "/behaviour/fk", r#"{"delay_ms":300,"lie":"wrong_person"}"#).await;
    assert_eq!(status, StatusCode::OK);
    let expected = Behaviour { delay_ms: 300, ..Behaviour::lying(Lie::WrongPerson) };
    assert_eq!(running.control().get(&FK), Ok(expected));
    let (_, all) = call(&running, Method::GET, "/behaviour", "").await;
    assert_eq!((&all["FK"]["delay_ms"], &all["unionen"]["delay_ms"]), (&json!(300), &json!(0)));
    call(&running, Method::PUT, "/behaviour/all", r#"{"outage":"refuse"}"#).await;
    let (_, all) = call(&running, Method::GET, "/behaviour", "").await;
    assert!(all.as_object().unwrap().values().all(|one| one["outage"] == "refuse"));
    call(&running, Method::POST, "/reset", "").await;
    assert_eq!(running.control().get(&FK), Ok(Behaviour::default()));
    running.stop().await;
}

#[tokio::test]
async fn what_is_no_behaviour_or_no_source_is_refused_with_a_reason_and_changes_nothing() {
    let running = MockAgencies::start(&MockConfig::default(), mocks()).await.unwrap();
    for (path, body, status) in [
        ("/behaviour/fk", r#"{"delay":1}"#, StatusCode::BAD_REQUEST),
        ("/behaviour/fk", "", StatusCode::BAD_REQUEST),
        ("/behaviour/xyz", "{}", StatusCode::NOT_FOUND),
        ("/nothing", "{}", StatusCode::NOT_FOUND),
    ] {
        let (refused, reason) = call(&running, Method::PUT, path, body).await;
        assert_eq!(refused, status, "{path}");
        assert!(!reason["error"].as_str().unwrap().is_empty());
    }
    assert_eq!(running.control().get(&FK), Ok(Behaviour::default()));
    running.stop().await;
}

#[tokio::test]
async fn calls_and_households_are_told() {
    let running = MockAgencies::start(&MockConfig::default(), mocks()).await.unwrap();
    let (_, calls) = call(&running, Method::GET, "/calls", "").await;
    assert_eq!((&calls["total"], &calls["sources"]["FK"]["calls"]), (&json!(0), &json!(0)));
    let (_, households) = call(&running, Method::GET, "/households?count=2", "").await;
    assert_eq!(households.as_array().unwrap().len(), 2);
    assert_eq!(households[0][1]["protected"], "skyddad_folkbokforing");
    running.stop().await;
}
