//! Settings: a demo's folder, a file, and what is said where they do not do.

use serde_json::json;

use crate::{canned, double::Double};

#[tokio::test]
async fn a_toml_file_does_the_same_as_a_demos_folder() {
    let broker = Double::start().await;
    broker.answers(Ok(canned::empty_answer()));
    let mut keys = broker.demo.as_object().unwrap().clone();
    keys.retain(|key, value| !value.is_null() && key != "persons");
    let toml: String = keys.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
    let file = broker.file("client.toml", &toml);
    let arguments = ["--config", file.to_str().unwrap(), "ask", "--no-stream"];
    let ended = broker.command(&arguments, b"").await;
    assert_eq!((ended.status, ended.err.as_str()), (0, ""));

    std::fs::create_dir_all(broker.folder.path().join("home/.config/ssbtek")).unwrap();
    let absolute = |name: &str| broker.folder.path().join(name).to_str().unwrap().to_owned();
    let usual = ["ca.pem", "board.pem", "board.key", "assertion.key"]
        .iter()
        .fold(toml, |toml, name| toml.replace(&format!("\"{name}\""), &format!("{:?}", absolute(name))));
    broker.file("home/.config/ssbtek/client.toml", &usual);
    assert_eq!(broker.command(&["ask", "--no-stream"], b"").await.status, 0);
    assert_eq!(broker.seen().asked.len(), 2);
}

#[tokio::test]
async fn every_missing_key_is_named_at_once() {
    let mut broker = Double::start().await;
    for key in ["grpc", "ca", "assertion_kid"] {
        broker.set(key, json!(null));
    }
    let ended = broker.ssbtek(&["ask"]).await;
    assert_eq!(ended.status, 2);
    assert!(ended.err.ends_with("demo.json: missing grpc, ca, assertion_kid\n"), "{}", ended.err);
    broker.set("auditor", json!(null));
    let ended = broker.ssbtek(&["log", "list"]).await;
    assert!(ended.err.ends_with("demo.json: missing auditor (or --as)\n"), "{}", ended.err);
}

#[tokio::test]
async fn each_key_that_does_not_do_is_named() {
    for (key, value, told) in [
        ("grpc", "http://127.0.0.1:1", "ssbtek: grpc: must begin with https://\n"),
        ("board", "12", "ssbtek: board: is no organisation number of 12 digits\n"),
        ("ca", "assertion.key", "ssbtek: ca: holds no usable certificate, PEM\n"),
        (
            "client_key",
            "assertion.key",
            "ssbtek: client_cert: is no certificate, PEM, that client_key belongs to\n",
        ),
        (
            "assertion_key",
            "ca.pem",
            "ssbtek: assertion_key: is no private key for P-256 or Ed25519 in PKCS #8, PEM\n",
        ),
    ] {
        let mut broker = Double::start().await;
        broker.set(key, json!(value));
        let ended = broker.ssbtek(&["ask"]).await;
        assert_eq!((ended.status, ended.err.as_str()), (2, told));
    }
    let mut broker = Double::start().await;
    broker.set("client_key", json!("gone.key"));
    let ended = broker.ssbtek(&["ask"]).await;
    assert!(
        ended.err.starts_with("ssbtek: client_key: ") && ended.err.ends_with("gone.key cannot be read\n")
    );
}

#[tokio::test]
async fn a_file_of_the_wrong_form_is_named_with_the_line() {
    let broker = Double::start().await;
    let run = async |text: &str| {
        let file = broker.file("client.toml", text);
        let ended = broker.command(&["--config", file.to_str().unwrap(), "ask"], b"").await;
        assert_eq!(ended.status, 2);
        ended.err
    };
    assert!(run("grpc = \"https://a\"\nca = = 1\n").await.contains("client.toml, line 2: "));
    assert!(run("gprc = \"https://a\"\n").await.ends_with("client.toml: no setting is named `gprc`\n"));
    broker.file("demo.json", "{\n\"grpc\": 1 }");
    assert!(broker.ssbtek(&["ask"]).await.err.contains("demo.json, line 2: "));
    let ended = broker.command(&["ask"], b"").await;
    assert!(
        ended.err.contains("client.toml cannot be read; name a demo's folder with --demo"),
        "{}",
        ended.err
    );
}
