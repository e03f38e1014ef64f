//! Exact numbers, and documents made to hurt.

use super::super::json::{Json, MAX_DEPTH, MAX_VALUES, parse};

#[test]
fn a_document_reads_as_serde_json_reads_it() {
    for text in [
        r#"{"a":[1,2.5,-3],"b":{"c":"å\u00e4\n\"","d":null},"e":true,"f":false,"g":[],"h":{}}"#,
        " [ 1 , { \"a\" : [ ] } ] ",
        "\"\\ud83d\\ude00\"",
        "null",
    ] {
        let ours = parse(text.as_bytes()).ok().map(|json| printed(&json));
        let theirs = serde_json::from_str::<serde_json::Value>(text).unwrap().to_string();
        assert_eq!(ours, Some(theirs));
    }
}

/// Members sorted by name, as serde_json prints them.
fn printed(json: &Json) -> String {
    match json {
        Json::Null => "null".to_owned(),
        Json::Flag(flag) => flag.to_string(),
        Json::Number(number, _) | Json::Exponent(number, _) => number.clone(),
        Json::Text(text) => serde_json::to_string(text).unwrap(),
        Json::List(items) => format!("[{}]", items.iter().map(printed).collect::<Vec<_>>().join(",")),
        Json::Object(members) => {
            let mut members: Vec<_> =
                members.iter().map(|(name, value)| format!("\"{name}\":{}", printed(value))).collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
    }
}

#[test]
fn bombs_and_broken_documents_are_refused() {
    let deep = "[".repeat(MAX_DEPTH + 2);
    let very_deep = "[".repeat(1_000_000);
    let many = format!("[{}0]", "0,".repeat(MAX_VALUES));
    for broken in [
        "",
        "{",
        "[1",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\" 1}",
        "\"a",
        "\"\\",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"\u{1}\"",
        "nul",
        "tru",
        "1 2",
        "{} x",
        "\u{feff}\u{feff}{}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "NaN",
        "Infinity",
        &deep,
        &very_deep,
        &many,
    ] {
        assert!(parse(broken.as_bytes()).is_err(), "{}", &broken[..broken.len().min(40)]);
    }
    for bytes in [&b"\"\xff\""[..], b"\xff\xfe{\0}\0", b"{\0}\0", b"\"\xed\xa0\x80\""] {
        assert!(parse(bytes).is_err());
    }
    assert!(parse("\u{feff}{}".as_bytes()).is_ok(), "a byte order mark says nothing");
    let at_the_limit = format!("{}{}", "[".repeat(MAX_DEPTH + 1), "]".repeat(MAX_DEPTH + 1));
    assert!(parse(at_the_limit.as_bytes()).is_ok());
}
