//! Amounts in every format: as they were written, or not at all. What cannot be read makes the answer one in part, and never another
//! amount: a lost sign or digit costs somebody the rent.

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::{Note, Outcome, sections::Section};
use ssbtek_formats::{HttpAnswer, read_answer};

use crate::{
    bad_input::source,
    stored::{ASKED, bytes, codec, question},
};

/// What is written, and what is told; `None`: nothing is, and the answer is one in part.
const WRITTEN: [(&str, Option<&str>); 34] = [
    ("8123", Some("8123")),
    ("8123.50", Some("8123.50")),
    ("8123.00", Some("8123.00")),
    ("0", Some("0")),
    ("-8123.50", Some("-8123.50")),
    ("-0.01", Some("-0.01")),
    ("8123.5000", Some("8123.5000")),
    ("8123.12345", Some("8123.12")),
    ("8123.500000000001", Some("8123.5")),
    ("8123.4999999999995", Some("8123.5")),
    ("8.1235E3", Some("8123.5")),
    ("1e3", Some("1000")),
    ("1E+3", Some("1000")),
    ("-1e-2", Some("-0.01")),
    ("9007199254740993", None),
    ("900719925474099.37", Some("900719925474099.37")),
    ("90071992547409930000000", None),
    ("1e400", None),
    // Only in texts.
    ("+8123.50", Some("8123.50")),
    ("008123.50", Some("8123.50")),
    ("8123,50", None),
    ("8 123", None),
    ("8\u{a0}123", None),
    ("8\u{2009}123", None),
    ("8\u{202f}123,50", None),
    ("\u{2212}8123", None),
    ("–8123", None),
    ("8123-", None),
    ("(8123)", None),
    ("8123 kr", None),
    ("SEK 8123", None),
    ("NaN", None),
    ("INF", None),
    ("８１２３", None),
];

/// The amount in place of one in the recording: as it stands where JSON has such a number, within quotation marks elsewhere.
fn with(name: &str, written: &str) -> String {
    let text = String::from_utf8(bytes(name)).unwrap();
    let is_number = serde_json::from_str::<&serde_json::value::RawValue>(written).is_ok();
    let quoted = if is_number { written.to_owned() } else { format!("\"{written}\"") };
    let replaced = |text: &str, old: &str, new: &str| {
        assert!(text.contains(old), "{name}: {old}");
        text.replacen(old, new, 1)
    };
    match name {
        "so.xml" => replaced(&text, ">8123.500000000001<", &format!(">{written}<")),
        "csn.xml" => replaced(
            &text,
            "<gem:totbelopp>13248</gem:totbelopp></sm:",
            &format!("<gem:totbelopp>{written}</gem:totbelopp></sm:"),
        ),
        "fk.json" => replaced(&text, "13272.300000000001", &quoted),
        "skv-v10.xml" => replaced(&text, "&gt;120.50&lt;", &format!("&gt;{written}&lt;")),
        "skv-v11" => {
            let document =
                format!(r#"{{"kontohavare":"{ASKED}","saldo":{quoted},"saldodatum":"2026-11-20"}}"#);
            format!(r#"{{"skattekonto":{{"data":"{}"}}}}"#, STANDARD.encode(document))
        }
        other => panic!("{other}"),
    }
}

/// The amount as it is told.
fn told(name: &str, section: &Section) -> Option<String> {
    let first = |section: &Section| {
        let lines = section.facts().payments();
        lines.first().and_then(|line| line.net.first().map(|(_, amount)| amount.to_string()))
    };
    match (name, section) {
        ("so.xml", Section::So(so)) => so.funds[0].payments[0].net_after_tax.map(|amount| amount.to_string()),
        ("csn.xml", Section::Csn(csn)) => csn.studiemedel[0].plan[0].total.map(|amount| amount.to_string()),
        ("fk.json", Section::Fk(_)) => first(section).filter(|amount| amount != "2100"),
        (_, Section::Skv(skv)) => match &skv.tax_account {
            Some(account) => account.balance.map(|amount| amount.to_string()),
            None => skv.years[0].capital_surplus.map(|amount| amount.to_string()),
        },
        _ => panic!("another agency's section"),
    }
}

#[test]
fn an_amount_is_told_as_it_was_written_or_not_at_all_in_every_format() {
    let mut wrong = vec![];
    for name in ["so.xml", "csn.xml", "fk.json", "skv-v10.xml", "skv-v11"] {
        for (written, expected) in WRITTEN {
            let body = with(name, written).into_bytes();
            let answer = HttpAnswer { status: 200, content_type: None, body };
            let read = read_answer(&*codec(name), &source(name), &question(), answer);
            let Some(section) = &read.answer.section else {
                wrong.push(format!("{name} {written}: {} {:?}", read.answer.outcome, read.refused));
                continue;
            };
            let told = told(name, section);
            if told.as_deref() != expected {
                wrong.push(format!("{name} {written}: told as {told:?}"));
            }
            let noted = read.answer.notes.iter().any(|note| matches!(note, Note::NotUnderstood(_)));
            if expected.is_none() && !(read.answer.outcome == Outcome::AnsweredInPart && noted) {
                wrong.push(format!("{name} {written}: {} {:?}", read.answer.outcome, read.answer.notes));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
