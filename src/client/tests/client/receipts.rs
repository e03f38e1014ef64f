//! Receipts, checked offline.

use serde_json::json;

use crate::{canned, double::Double};

#[tokio::test]
async fn a_receipt_is_checked_from_the_whole_answer_or_alone_without_any_call() {
    let broker = Double::start().await;
    broker.answers(Ok(canned::empty_answer()));
    let (_, log_key) = canned::receipt();
    let answer = broker.ssbtek(&["ask", "--json"]).await.out;
    let alone = serde_json::from_str::<serde_json::Value>(&answer).unwrap()["receipt"].to_string();
    let file = broker.file("answer.json", &answer);
    let calls = broker.seen().accounts.len();

    let of_file =
        broker.command(&["receipt", "verify", file.to_str().unwrap(), "--log-key", &log_key], b"").await;
    let of_stdin = broker.command(&["receipt", "verify", "-", "--log-key", &log_key], alone.as_bytes()).await;
    for ended in [of_file, of_stdin] {
        assert_eq!((ended.status, ended.err.as_str()), (0, ""));
        let told = "the receipt holds: record 6 stands in the log log.example/162120009994 (checkpoint of 11 records";
        assert!(ended.out.starts_with(told), "{}", ended.out);
    }
    assert_eq!(broker.seen().accounts.len(), calls);
}

#[tokio::test]
async fn a_changed_receipt_or_another_logs_key_is_refused() {
    let broker = Double::start().await;
    let (_, log_key) = canned::receipt();
    broker.answers(Ok(canned::empty_answer()));
    let answer = broker.ssbtek(&["ask", "--json"]).await.out;
    let verify = |text: String, key: &str| {
        let key = key.to_owned();
        let broker = &broker;
        async move { broker.command(&["receipt", "verify", "-", "--log-key", &key], text.as_bytes()).await }
    };
    let changed = answer.replace("\"leaf_index\": 6", "\"leaf_index\": 7");
    assert_ne!(changed, answer);
    let ended = verify(changed, &log_key).await;
    assert_eq!((ended.status, ended.err.starts_with("ssbtek: the receipt does not hold: ")), (4, true));
    let name = log_key.replace("162120009994", "162120009995");
    assert_eq!(verify(answer.clone(), &name).await.status, 2, "a key id belongs to its name");
    assert_eq!(verify("{}".to_owned(), &log_key).await.status, 2);
    assert_eq!(verify(answer, &log_key).await.status, 0);
}

#[tokio::test]
async fn without_the_logs_key_it_says_what_is_missing() {
    let broker = Double::start().await;
    broker.answers(Ok(canned::empty_answer()));
    let answer = broker.ssbtek(&["ask", "--json"]).await.out;
    let file = broker.file("answer.json", &answer);
    let ended = broker.ssbtek(&["receipt", "verify", file.to_str().unwrap()]).await;
    let told = "ssbtek: the log's public key is not known: give --log-key VKEY, or log_key in the settings\n";
    assert_eq!((ended.status, ended.err.as_str()), (2, told));
}

#[tokio::test]
async fn an_answer_whose_receipt_does_not_hold_is_shown_with_a_loud_warning() {
    let mut broker = Double::start().await;
    broker.set("log_key", json!(canned::receipt().1));
    let mut answer = canned::empty_answer();
    broker.answers(Ok(answer.clone()));
    let ended = broker.ssbtek(&["ask"]).await;
    assert!(ended.out.ends_with("Receipt: record 6 of the board's log; it holds.\n"), "{}", ended.out);
    assert!(!ended.err.contains("warning"), "{}", ended.err);

    answer.receipt.as_mut().unwrap().leaf_index = 5;
    broker.answers(Ok(answer.clone()));
    for arguments in [&["ask"][..], &["ask", "--json"]] {
        let ended = broker.ssbtek(arguments).await;
        assert!(
            ended.err.contains("ssbtek: warning: the receipt of this answer does not hold: "),
            "{}",
            ended.err
        );
    }
    answer.receipt = None;
    broker.answers(Ok(answer));
    assert!(broker.ssbtek(&["ask"]).await.out.contains("RECEIPT: NONE CAME."));
}
