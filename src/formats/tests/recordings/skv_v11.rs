//! Skatteverket's five parts in v11, distorted: nothing that is wrong, of somebody else or of another part may come out as the
//! person's, no failure may become "nothing there", and one part's fault costs that part.

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::{
    Outcome,
    sections::{Section, skv},
};
use ssbtek_formats::{Codec, HttpAnswer, ReadAnswer, RefusalCode, read_answer, skv::Skv};

use crate::{
    bad_input::source,
    stored::{ASKED, bytes, question},
};

const OTHER: &str = "198506079824";
const SOUND: &str = r#"{"kontohavare":"199001019802","saldo":1250.5,"saldodatum":"2026-11-20"}"#;
const PART: &str = "skattekonto";

fn made_of(codec: &dyn Codec, body: Vec<u8>) -> ReadAnswer {
    let answer = HttpAnswer { status: 200, content_type: None, body };
    read_answer(codec, &source("skv-v11"), &question(), answer)
}

/// An answer with the recording's tax data, and that as the tax account's part.
fn with(part: &str) -> ReadAnswer {
    let tax = format!(
        r#"{{"skattskyldig":{{"identitet":"{ASKED}"}},"inkomstar":[{{"ar":2025,"overskottKapital":120.5}}]}}"#
    );
    let tax = format!(r#""skatteuppgifter":{{"data":"{}"}}"#, STANDARD.encode(tax));
    let body = if part.is_empty() { format!("{{{tax}}}") } else { format!(r#"{{{tax},"{PART}":{part}}}"#) };
    made_of(&Skv::v11(), body.into_bytes())
}

fn data(bytes: impl AsRef<[u8]>) -> String {
    format!(r#"{{"data":"{}"}}"#, STANDARD.encode(bytes))
}

fn facts(read: &ReadAnswer) -> Option<&skv::Section> {
    match read.answer.section.as_ref()? {
        Section::Skv(section) => Some(section),
        _ => panic!("another agency's section"),
    }
}

fn outcome_of(read: &ReadAnswer, part: &str) -> Outcome {
    read.answer.parts.iter().find(|told| told.part == part).unwrap().outcome
}

/// Asserts that the part told nothing, that its absence is no "nothing there", and that the other part stands.
fn assert_only_that_part_is_lost(part: &str) -> Outcome {
    let read = with(part);
    let outcome = outcome_of(&read, PART);
    assert!(matches!(outcome, Outcome::FailedAtSource | Outcome::AnswerRefused), "{part}: {outcome}");
    assert_eq!(read.answer.outcome, Outcome::AnsweredInPart, "{part}: {:?}", read.refused);
    let told = facts(&read).unwrap();
    assert!(told.tax_account.is_none(), "{part}");
    assert!(told.documents.iter().all(|document| document.part != Some(skv::Part::TaxAccount)), "{part}");
    assert_eq!(told.years.len(), 1, "{part}");
    outcome
}

#[test]
fn a_part_that_is_missing_empty_or_of_another_form_is_no_part_with_nothing_in_it() {
    assert_eq!(outcome_of(&with(&data(SOUND)), PART), Outcome::Answered);
    let json = |text: &str| format!(r#"{{"data":{text}}}"#);
    for part in [
        String::new(),
        "null".to_owned(),
        "{}".to_owned(),
        "[]".to_owned(),
        "17".to_owned(),
        "true".to_owned(),
        r#""stängt""#.to_owned(),
        format!("[{}]", &json(r#""""#)),
        // A struct in the form of a list is no part.
        format!(r#"["{}"]"#, STANDARD.encode(SOUND)),
        // Without what is around it.
        SOUND.to_owned(),
        json("null"),
        json(r#""""#),
        json(r#"" ""#),
        json("0"),
        json("{}"),
        json("[]"),
        json(&format!(r#"{{"data":"{}"}}"#, STANDARD.encode(SOUND))),
        json(r#""404""#),
        data("null"),
        data("{}"),
        data("[]"),
        data("[null]"),
        data(r#""""#),
        data("17"),
        data(serde_json::to_string(SOUND).unwrap()),
        data(STANDARD.encode(SOUND)),
        data("<skattekonto><saldo>5</saldo></skattekonto>"),
        data(&SOUND[..SOUND.len() - 1]),
        data(format!("{SOUND}{SOUND}")),
    ] {
        assert_only_that_part_is_lost(&part);
    }
}

#[test]
fn an_error_in_a_part_is_never_nothing_there_wherever_it_stands() {
    let with_error = |error: &str| format!(r#"{{"error":{error}}}"#);
    for error in [
        r#"{"kalla":"BT","felkod":"500","felmeddelande":["x"]}"#,
        r#"{"felkod":404}"#,
        "{}",
        r#""stängt""#,
        "true",
        "[]",
        r#"["500"]"#,
        "17",
    ] {
        assert_only_that_part_is_lost(&with_error(error));
        // Beside data: what is there is kept, and that it may not be all is said.
        let both = data(SOUND).replacen('{', &format!(r#"{{"error":{error},"#), 1);
        assert_eq!(outcome_of(&with(&both), PART), Outcome::AnsweredInPart, "{error}");
    }
    for document in [
        format!(r#"{{"kontohavare":"{ASKED}","saldo":0,"fel":{{"kod":"17"}}}}"#),
        format!(r#"{{"kontohavare":"{ASKED}","saldo":0,"transaktioner":[{{"a":{{"felkod":"17"}}}}]}}"#),
        format!(r#"{{"kontohavare":"{ASKED}","saldo":0,"status":"FEL"}}"#),
        format!(r#"{{"kontohavare":"{ASKED}","saldo":0,"meddelande":"Saldot kunde inte hämtas"}}"#),
    ] {
        assert_eq!(outcome_of(&with(&data(&document)), PART), Outcome::AnsweredInPart, "{document}");
    }
}

#[test]
fn a_part_of_somebody_elses_is_refused_however_the_number_is_written() {
    let ten = &OTHER[2..];
    for number in [
        format!(r#""{OTHER}""#),
        OTHER.to_owned(),
        format!("{OTHER}.0"),
        format!("{OTHER}.00000000001"),
        "1.98506079824E11".to_owned(),
        "198506079824e0".to_owned(),
        "19850607982400E-2".to_owned(),
        format!(r#""{ten}""#),
        ten.to_owned(),
        format!(r#""{}-{}""#, &OTHER[..8], &OTHER[8..]),
        format!(r#""{} {}""#, &OTHER[..8], &OTHER[8..]),
        format!(r#""{}–{}""#, &ten[..6], &ten[6..]),
        format!(r#""\u0031{}""#, &OTHER[1..]),
        format!(r#"["{OTHER}"]"#),
        format!(r#"{{"varde":{{"nummer":"{OTHER}"}}}}"#),
        format!(r#""{ASKED}, {OTHER}""#),
        format!("{}\"{OTHER}\"{}", r#"{"a":"#.repeat(14), "}".repeat(14)),
    ] {
        let document = format!(r#"{{"kontohavare":{number},"saldo":1250.5}}"#);
        assert_eq!(assert_only_that_part_is_lost(&data(&document)), Outcome::AnswerRefused, "{number}");
        // Two values for one name.
        for two in [
            format!(r#"{{"kontohavare":"{ASKED}","saldo":1250.5,"kontohavare":{number}}}"#),
            format!(r#"{{"kontohavare":{number},"saldo":1250.5,"kontohavare":"{ASKED}"}}"#),
            format!(r#"{{"kontohavare":["{ASKED}",{number}],"saldo":1250.5}}"#),
        ] {
            assert_eq!(assert_only_that_part_is_lost(&data(&two)), Outcome::AnswerRefused, "{two}");
        }
    }
    let whole = format!(r#"{{"personidentitet":{OTHER},"{PART}":{}}}"#, data(SOUND));
    let refused = made_of(&Skv::v11(), whole.into_bytes()).refused.unwrap();
    assert_eq!(refused.code(), RefusalCode::AnotherPerson);
}

#[test]
fn a_member_that_stands_twice_is_no_fact_whatever_it_says() {
    for document in [
        format!(r#"{{"kontohavare":"{ASKED}","saldo":1,"saldo":2}}"#),
        format!(r#"{{"kontohavare":"{ASKED}","saldo":1,"transaktioner":[{{"belopp":1,"belopp":2}}]}}"#),
        format!(r#"{{"kontohavare":"{ASKED}","saldo":1,"\u0073aldo":2}}"#),
    ] {
        assert_eq!(assert_only_that_part_is_lost(&data(&document)), Outcome::AnswerRefused, "{document}");
    }
    assert_only_that_part_is_lost(&format!(r#"{{"data":"{0}","data":"{0}"}}"#, STANDARD.encode(SOUND)));
    let twice = format!(r#"{{"{PART}":{0},"{PART}":{0}}}"#, data(SOUND));
    assert!(made_of(&Skv::v11(), twice.into_bytes()).refused.is_some());
}

#[test]
fn bytes_that_are_no_document_cost_their_part_and_a_mark_costs_nothing() {
    let utf_16: Vec<u8> =
        std::iter::once(0xfeff).chain(SOUND.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let deep = format!(r#"{{"kontohavare":"{ASKED}","a":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    let huge = format!(r#"{{"kontohavare":"{ASKED}","a":[{}]}}"#, vec!["1"; 40_000].join(","));
    let latin_1 = [br#"{"kontohavare":"199001019802","saldo":1,"x":""#.as_slice(), b"\xe5\"}"].concat();
    let zipped = [b"\x1f\x8b\x08\x00".as_slice(), SOUND.as_bytes()].concat();
    for bytes in [utf_16.clone(), deep.into_bytes(), huge.into_bytes(), latin_1, zipped] {
        assert_eq!(assert_only_that_part_is_lost(&data(bytes)), Outcome::AnswerRefused);
    }
    let marked = with(&data(format!("\u{feff}{SOUND}")));
    assert_eq!(outcome_of(&marked, PART), Outcome::Answered);
    assert_eq!(facts(&marked).unwrap().tax_account.as_ref().unwrap().balance.unwrap().to_string(), "1250.5");
    let whole: Vec<u8> =
        String::from_utf8(bytes("skv-v11")).unwrap().encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(made_of(&Skv::v11(), whole).refused.unwrap().code(), RefusalCode::Encoding);
    let deep = format!(r#"{{"{PART}":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    assert_eq!(made_of(&Skv::v11(), deep.into_bytes()).refused.unwrap().code(), RefusalCode::TooLarge);
}

#[test]
fn numbers_are_amounts_as_they_are_written_and_what_is_none_is_no_amount() {
    let balance = |written: &str| {
        let document = format!(r#"{{"kontohavare":"{ASKED}","saldo":{written}}}"#);
        let read = with(&data(&document));
        facts(&read)
            .unwrap()
            .tax_account
            .as_ref()
            .and_then(|account| account.balance)
            .map(|it| it.to_string())
    };
    for (written, told) in [
        ("1250.5", Some("1250.5")),
        ("1250.500000000001", Some("1250.5")),
        ("1.2505E3", Some("1250.5")),
        (r#""1250.50""#, Some("1250.50")),
        ("1250.50", Some("1250.50")),
        ("1250.00", Some("1250.00")),
        ("-0.01", Some("-0.01")),
        ("null", None),
        (r#""mycket""#, None),
        (r#""1 250""#, None),
        (r#""1250,50""#, None),
        (r#""NaN""#, None),
        ("true", None),
        ("1e400", None),
        ("{\"x\":1}", None),
    ] {
        assert_eq!(balance(written).as_deref(), told, "{written}");
    }
}

#[test]
fn a_part_tells_the_facts_of_its_own_kind_and_of_no_other() {
    let account = data(SOUND);
    let body = format!(r#"{{"individuppgifter":{account},"{PART}":{{"error":{{"felkod":"500"}}}}}}"#);
    let read = made_of(&Skv::v11(), body.into_bytes());
    assert!(
        facts(&read).unwrap().tax_account.is_none(),
        "an account's balance in another part is not the account's"
    );
    let statements = format!(
        r#"{{"identitet":"{ASKED}","saldo":7,"individuppgifter":[{{"redovisningsperiod":"2026-10","kontantErsattning":100}}]}}"#
    );
    let body = format!(r#"{{"{PART}":{account},"individuppgifter":{}}}"#, data(statements));
    let read = made_of(&Skv::v11(), body.into_bytes());
    let told = facts(&read).unwrap();
    assert_eq!(told.tax_account.as_ref().unwrap().balance.unwrap().to_string(), "1250.5");
    assert_eq!(told.statements.len(), 1);
}

#[test]
fn the_versions_are_never_mixed_up() {
    let refused = |codec: Skv, body: Vec<u8>| made_of(&codec, body).refused.map(|refused| refused.code());
    assert_eq!(refused(Skv::v10(), bytes("skv-v11")), Some(RefusalCode::NotWellFormed));
    assert_eq!(refused(Skv::v11(), bytes("skv-v10.xml")), Some(RefusalCode::NotWellFormed));
    // The one inside the other.
    let envelope = String::from_utf8(bytes("skv-v10.xml")).unwrap();
    let (head, rest) = envelope.split_once("<svar>").unwrap();
    let (document, tail) = rest.split_once("</svar>").unwrap();
    for inside in [SOUND.to_owned(), STANDARD.encode(SOUND), String::from_utf8(bytes("skv-v11")).unwrap()] {
        let body = format!("{head}<svar>{}</svar>{tail}", inside.replace('<', "&lt;"));
        assert_eq!(refused(Skv::v10(), body.into_bytes()), Some(RefusalCode::NotWellFormed), "{inside}");
    }
    let document = document.replace("&lt;", "<").replace("&gt;", ">");
    assert_only_that_part_is_lost(&data(document));
    assert_only_that_part_is_lost(&data(&envelope));
}
