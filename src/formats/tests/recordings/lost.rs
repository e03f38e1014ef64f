//! Every recording distorted at every place in every way in which an agency's service could say that it did not tell everything, or tell
//! something where nobody looks: the answer is told as whole only if nothing was lost, and what was is named by its place.

use ssbtek_domain::{Note, Outcome};
use ssbtek_formats::{HttpAnswer, ReadAnswer, read_answer};

use crate::{
    bad_input::source,
    changed::{Put, beside, beside_fields},
    stored::{ALL, bytes, codec, question},
};

fn made_of(name: &str, body: &[u8]) -> ReadAnswer {
    let answer = HttpAnswer { status: 200, content_type: None, body: body.to_vec() };
    read_answer(&*codec(name), &source(name), &question(), answer)
}

/// Whether nobody who is told this would know that something may be missing.
fn is_clean(whole: &ReadAnswer, read: &ReadAnswer) -> bool {
    let (was, is) = (&whole.answer, &read.answer);
    let names_a_place = |note: &Note| {
        matches!(note, Note::NotUnderstood(_) | Note::UnknownCode(_) | Note::Missing(_))
            && !was.notes.contains(note)
    };
    // What is told besides is not lost.
    let is_told = is.section.is_some() && is.section != was.section && is.outcome == was.outcome;
    match (read.refused, is.outcome) {
        (Some(_), _) | (None, Outcome::FailedAtSource) => false,
        (None, Outcome::AnsweredInPart) if is_told => false,
        (None, Outcome::AnsweredInPart) => !is.notes.iter().any(names_a_place) && is.refused_parts.is_empty(),
        _ => true,
    }
}

/// Members and elements that say that there is more, or that something is not as it should be, by many names.
const SAID: [(&str, &str); 21] = [
    ("antal", "9"),
    ("mer", "1"),
    ("antalTraffar", "250"),
    ("totalCount", "9"),
    ("harFler", "true"),
    ("finnsFler", "J"),
    ("nastaSida", "2"),
    ("nextPage", "/v9/x?page=2"),
    ("sida", "3"),
    ("cursor", "eyJpZCI6MTd9"),
    ("kvar", "5"),
    ("isLast", "false"),
    ("ofullstandig", "ja"),
    ("fullstandig", "false"),
    ("komplett", "nej"),
    ("meddelande", "Se separat brev"),
    ("notering", "Uppgifter för 2025 visas inte"),
    ("anmarkning", "Arkiverade"),
    ("status", "17"),
    ("returkod", "-3"),
    ("orsak", "E17"),
];

fn all_are_heard(name: &str, distorted: Vec<Put>, least: usize) {
    let whole = made_of(name, &bytes(name));
    assert!(distorted.len() > least, "{name}: {}", distorted.len());
    let mut wrong = vec![];
    // What a failure says is told as a failure, and two of Skatteverket's parts lack all that is known.
    let told = ["beskattningsbilagor/error", "foretagsinformation: ", "individuppgifter: "];
    for Put { path, body, .. } in
        distorted.into_iter().filter(|put| !told.iter().any(|told| put.path.starts_with(told)))
    {
        let read = made_of(name, &body);
        if is_clean(&whole, &read) {
            wrong.push(format!("{path}: {} {:?}", read.answer.outcome, read.answer.notes));
        }
    }
    wrong.truncate(60);
    assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
}

/// One test for each recording, so that they run beside each other.
macro_rules! of_each {
    ($($of:ident: $name:literal;)*) => {
        mod an_answer_is_whole_only_if_nothing_says_otherwise_wherever_it_stands {
            $(#[test]
            fn $of() {
                let said = super::SAID;
                super::all_are_heard($name, super::beside_fields($name, &said), 200);
            })*
        }
        mod what_stands_where_nobody_looks_is_not_lost_in_silence {
            $(#[test]
            fn $of() {
                super::all_are_heard($name, super::beside($name), 5);
            })*

            #[test]
            fn of_every_recording() {
                assert_eq!([$($name),*], super::ALL);
            }
        }
    };
}

of_each! {
    of_af: "af.xml";
    of_csn: "csn.xml";
    of_csn_in_an_older_version: "csn-3.0.xml";
    of_fk_and_pm: "fk.json";
    of_so: "so.xml";
    of_tns: "tns.xml";
    of_miv: "miv.xml";
    of_skv_in_v10: "skv-v10.xml";
    of_skv_in_v11: "skv-v11";
}
