//! All that the published schemas have: each element, attribute and enumeration value, generated from the schemas themselves. It is read
//! whole, whatever no schema has makes an answer one in part (`lost.rs`).

use std::{env, process::Command};

use ssbtek_domain::{Note, Outcome, sections::so::StatusTexts};
use ssbtek_formats::{Codec, HttpAnswer, af, read_answer, so};

use crate::{
    bad_input::source,
    stored::{ASKED, codec, question},
};

/// What schemas allow, and what says that something failed, that nobody was found, or nothing of what was looked for.
const NOT_WHOLE: [(&str, &str); 10] = [
    ("tns.xml", "/HamtaUppgifterResponse/resultat = FEL"),
    ("tns.xml", "without /HamtaUppgifterResponse/fordonsinnehav"),
    ("miv.xml", "without /findByPersonnummerResponse/response"),
    ("miv.xml", "without /findByPersonnummerResponse/response/svarCollection"),
    ("csn.xml", "/CSNSvar/Personer/Person/@Status = Ej träff"),
    ("fk.json", "/utlamnare/tillstand/kod = FELANDE"),
    ("fk.json", "/utlamnare/tillstand/kod = OTILLGANGLIG"),
    ("fk.json", "/utlamnare = FELANDE"),
    ("fk.json", "/utlamnare = OTILLGANGLIG"),
    ("fk.json", "/utlamnare/tillstand = FELANDE"),
];

#[test]
fn all_that_a_schema_has_is_read_whole_by_every_published_schema() {
    let Some(folder) = env::var_os("SSBTEK_SCHEMAS") else {
        eprintln!("SKIPPED: SSBTEK_SCHEMAS is not set, nothing was generated");
        return;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/walk_schemas.py");
    let made = Command::new("python3")
        .arg(script)
        .arg(folder)
        .arg(ASKED)
        .arg(question().entry.to_string())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    eprint!("{}", String::from_utf8_lossy(&made.stderr));
    let (mut wrong, mut tried) = (vec![], 0);
    for line in String::from_utf8(made.stdout).unwrap().lines() {
        let [name, what, answer]: [String; 3] = serde_json::from_str(line).unwrap();
        if NOT_WHOLE.contains(&(name.as_str(), what.as_str())) {
            continue;
        }
        tried += 1;
        let answer = HttpAnswer { status: 200, content_type: None, body: answer.into_bytes() };
        let read = read_answer(&*without_question(&name), &source(&name), &question(), answer);
        let lost = |note: &Note| {
            matches!(note, Note::NotUnderstood(_) | Note::PassedOver(_) | Note::OtherVersion(_))
        };
        if read.answer.outcome != Outcome::Answered || read.answer.notes.iter().any(lost) {
            let (outcome, notes) = (read.answer.outcome, read.answer.notes);
            wrong.push(format!("{name} {what}: {outcome} {:?} {notes:?}", read.refused));
        }
    }
    assert!(tried > 200, "{tried}");
    wrong.truncate(40);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a generated answer repeats of the question is whatever its schema allows.
fn without_question(name: &str) -> Box<dyn Codec> {
    match name {
        "af.xml" => Box::new(af::Codec::default().without_question()),
        "so.xml" => Box::new(so::Codec::all_funds(StatusTexts::default()).without_question()),
        other => codec(other),
    }
}
