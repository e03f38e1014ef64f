//! What stands twice, in words where records should be, or as a number where a code should be.

use ssbtek_domain::{Outcome, SourceAnswer};
use ssbtek_formats::Refused;

use crate::stored::{ASKED, bytes, read, skv_v11};

/// A recording with something changed in its text.
fn with(name: &str, change: impl Fn(&str) -> String) -> Result<SourceAnswer, Refused> {
    let before = String::from_utf8(bytes(name)).unwrap();
    let after = change(&before);
    assert_ne!(after, before, "{name}");
    read(name, after.into_bytes())
}

/// What stands from `from` to `to`, both with it.
fn cut<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let start = text.find(from).unwrap();
    &text[start..start + text[start..].find(to).unwrap() + to.len()]
}

#[test]
fn nobodys_number_is_told_as_a_code() {
    let words = "&lt;meddelande&gt;kunde ej lasas&lt;/meddelande&gt;";
    let failed = with("skv-v10.xml", |text| {
        text.replace(
            cut(text, "&lt;inkomstar&gt;", "/beskattningsuppgifter&gt;"),
            &format!("{words}&lt;/beskattningsuppgifter&gt;"),
        )
    });
    let failed = failed.unwrap();
    assert_eq!((failed.outcome, failed.fault_code), (Outcome::FailedAtSource, None));
    assert!(failed.faults.iter().all(|fault| !format!("{fault:?}").contains(&ASKED[2..])));
}

#[test]
fn a_second_answer_beside_the_first_is_of_the_same_person_and_makes_it_one_in_part() {
    let (from, to) = ("<ns2:Svar>", "</ns2:Svar>");
    let twice = |text: &str, whom: &str| {
        let svar = cut(text, from, to);
        text.replace(svar, &format!("{svar}{}", svar.replace(ASKED, whom)))
    };
    assert_eq!(with("af.xml", |text| twice(text, ASKED)).unwrap().outcome, Outcome::AnsweredInPart);
    assert!(with("af.xml", |text| twice(text, "198506079824")).is_err());
}

#[test]
fn what_a_record_that_stands_twice_says_is_not_lost_in_silence() {
    let twice = |text: &str| {
        let info = cut(text, "<ns2:BeslutInfo>", "</ns2:BeslutInfo>");
        text.replace(info, &format!("{info}{info}"))
    };
    assert_eq!(with("af.xml", twice).unwrap().outcome, Outcome::AnsweredInPart);
}

#[test]
fn words_in_place_of_skatteverkets_records_are_no_empty_list() {
    let in_words = with("skv-v10.xml", |text| {
        text.replace(
            cut(text, "&lt;inkomstar&gt;", "/inkomstar&gt;"),
            "&lt;inkomstar&gt;kunde ej lasas&lt;/inkomstar&gt;",
        )
    });
    assert_eq!(in_words.unwrap().outcome, Outcome::AnsweredInPart);
    let body = skv_v11(|part, text| {
        let words = || format!(r#"{{"skattskyldig":{{"identitet":"{ASKED}"}},"inkomstar":"kunde ej"}}"#);
        if part == "skatteuppgifter" { words() } else { text }
    });
    let answer = read("skv-v11", body).unwrap();
    let part = answer.parts.iter().find(|part| part.part == "skatteuppgifter").unwrap();
    assert_eq!(part.outcome, Outcome::AnsweredInPart);
}
