//! Refusals and failures: one line, one exit status, no personal data.

use serde_json::json;
use tonic::Status;

use crate::double::{Double, closed_port};

#[tokio::test]
async fn a_refusal_is_told_in_the_brokers_words() {
    let broker = Double::start().await;
    broker.answers(Err(Status::permission_denied("case: the person is not in it")));
    let ended = broker.ssbtek(&["ask"]).await;
    let told = "ssbtek: refused: case: the person is not in it\n";
    assert_eq!((ended.status, ended.out.as_str(), ended.err.as_str()), (4, "", told));
}

#[tokio::test]
async fn a_broker_that_cannot_take_it_has_failed_and_not_refused() {
    let broker = Double::start().await;
    broker.answers(Err(Status::unavailable("not now; nothing was asked")));
    let ended = broker.ssbtek(&["ask"]).await;
    assert_eq!((ended.status, ended.err.as_str()), (5, "ssbtek: failed: not now; nothing was asked\n"));
}

#[tokio::test]
async fn a_broker_that_is_not_there_is_told_apart_from_one_that_is_not_trusted() {
    let mut broker = Double::start().await;
    let foreign = Double::start().await;
    let there = broker.demo["grpc"].clone();
    broker.set("grpc", json!(format!("https://127.0.0.1:{}", closed_port().unwrap())));
    let ended = broker.ssbtek(&["ask"]).await;
    assert_eq!(
        (ended.status, ended.err.as_str()),
        (5, "ssbtek: failed: the broker cannot be reached: no connection\n")
    );
    broker.set("grpc", there);
    broker.set("ca", json!(foreign.folder.path().join("ca.pem")));
    let ended = broker.ssbtek(&["ask"]).await;
    let told = "ssbtek: failed: the broker cannot be reached: the certificate";
    assert!(ended.status == 5 && ended.err.starts_with(told), "{}", ended.err);
    assert!(broker.seen().nobody_asked());
}

#[tokio::test]
async fn a_certificate_that_the_door_refuses_is_a_broken_connection_and_not_an_answer() {
    let mut broker = Double::start().await;
    let foreign = Double::start().await;
    broker.set("client_cert", json!(foreign.folder.path().join("board.pem")));
    broker.set("client_key", json!(foreign.folder.path().join("board.key")));
    let ended = broker.ssbtek(&["ask"]).await;
    assert_eq!(ended.status, 5, "{}", ended.err);
    assert_eq!(ended.err.lines().count(), 1);
    assert!(broker.seen().nobody_asked());
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_not_taken_for_one_that_was_never_asked() {
    let broker = Double::start().await;
    broker.answers(Err(Status::deadline_exceeded("")));
    let ended = broker.ssbtek(&["ask", "--timeout", "9"]).await;
    let told =
        "ssbtek: failed: no answer within 9 s; what was asked may have been asked and logged all the same\n";
    assert_eq!((ended.status, ended.err.as_str()), (5, told));
}

#[tokio::test]
async fn no_mistake_in_typing_puts_a_person_number_on_standard_error() {
    let broker = Double::start().await;
    for arguments in [
        &["ask", "198001019804"][..],
        &["ask", "--role", "19800101-9804"],
        &["ask", "--agency", "198001019804"],
        &["ask", "--from", "198001019804"],
        &["log", "list", "--limit", "800101-9804"],
    ] {
        let ended = broker.ssbtek(arguments).await;
        assert_eq!(ended.status, 2, "{arguments:?}");
        assert!(!ended.err.contains("9804"), "{}", ended.err);
    }
    broker.answers(Err(Status::invalid_argument("person_number: 198001019804 has a wrong check digit")));
    let ended = broker.ssbtek(&["ask", "--person", "198001019804"]).await;
    assert_eq!((ended.status, ended.err.contains("9804")), (4, false));
}
