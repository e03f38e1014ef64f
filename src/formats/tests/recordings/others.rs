//! Another person's number put into every place of every recording: nothing of what stands there may be told of the person asked
//! about, and where such a number stands the answer is never plain.

use ssbtek_domain::{Outcome, sections::Section};
use ssbtek_formats::{HttpAnswer, ReadAnswer, RefusalCode, read_answer};

use crate::{
    bad_input::source,
    changed::places,
    stored::{ALL, ASKED, bytes, codec, question, skv_v11},
};

/// Somebody else's numbers, in the forms in which numbers are written. The second is a coordination number, the third one of
/// unknown day and month.
const OTHERS: [&str; 6] =
    ["198506079824", "198506679821", "198500609824", "850607-9824", "8506079824", "Avser 19850607-9824."];

fn made_of(name: &str, body: &[u8]) -> ReadAnswer {
    let answer = HttpAnswer { status: 200, content_type: None, body: body.to_vec() };
    read_answer(&*codec(name), &source(name), &question(), answer)
}

/// Everything that is told, as text.
fn told(section: &Section) -> String {
    let facts = ssbtek_proto::facts::Facts::of(&ssbtek_wire::section(section)).unwrap();
    serde_json::to_string(&facts).unwrap()
}

/// The last ten digits, however they are written.
fn tells(text: &str, number: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let ten = digits(number);
    let ten = &ten[ten.len() - 10..];
    let plain: String = text.chars().filter(|c| !matches!(c, '-' | '+')).collect();
    plain.contains(ten)
}

/// What may leave of an answer: others' things always go.
fn may_leave(answer: &mut ssbtek_domain::SourceAnswer) -> Option<String> {
    let section = answer.section.as_mut()?;
    section.facts_mut().withhold_third_parties();
    Some(told(section))
}

#[test]
fn another_persons_number_in_any_place_is_never_told_of_the_person_asked_about() {
    let all = std::env::var("OTHERS_NUMBERS").is_ok_and(|of| of == "all");
    let (mut wrong, mut tried) = (vec![], 0);
    for name in ALL {
        let whole = made_of(name, &bytes(name)).answer.section;
        for (at, other) in OTHERS.into_iter().enumerate() {
            for (n, place) in places(name, other).into_iter().enumerate() {
                // Each place with two of the forms; with `OTHERS_NUMBERS=all` with each.
                if !all && n % 3 != at % 3 {
                    continue;
                }
                tried += 1;
                let mut read = made_of(name, &place.body);
                let outcome = read.answer.outcome;
                let mut fail =
                    |why: &str| wrong.push(format!("{name} {} {other}: {why} ({outcome})", place.path));
                if read.answer.section.is_some()
                    && may_leave(&mut read.answer).is_some_and(|text| tells(&text, other))
                {
                    fail("told");
                }
                let parts = read.answer.parts.iter().any(|part| {
                    tells(&part.part, other) || part.code.as_deref().is_some_and(|code| tells(code, other))
                });
                if parts || read.answer.fault_code.as_deref().is_some_and(|code| tells(code, other)) {
                    fail("told in a part or code");
                }
                let outside = read.answer.of_others.is_empty() && read.answer.section == whole;
                if outcome == Outcome::Answered && !(place.is_echo && outside) {
                    fail("plain");
                }
            }
        }
    }
    assert!(tried > 500, "{tried}");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Lines of an answer after a change of its text.
fn lines(name: &str, change: impl Fn(String) -> String) -> (Outcome, usize, Vec<&'static str>) {
    let text = String::from_utf8(bytes(name)).unwrap();
    let changed = change(text.clone());
    assert_ne!(changed, text, "{name}");
    let read = made_of(name, changed.as_bytes());
    let lines = match &read.answer.section {
        Some(Section::Tns(tns)) => tns.vehicles.as_ref().map_or(0, Vec::len),
        Some(Section::Miv(miv)) => miv.matters.len(),
        Some(Section::Af(af)) => af.decisions.as_ref().map_or(0, Vec::len),
        Some(section) => section.facts().payments().len(),
        None => 0,
    };
    (read.answer.outcome, lines, read.answer.of_others)
}

#[test]
fn a_line_that_names_only_somebody_else_is_left_out_and_the_other_lines_are_not() {
    let other = OTHERS[0];
    let before =
        |at: &'static str, new: String| move |text: String| text.replacen(at, &format!("{new}{at}"), 1);
    let json = || format!("\"personnummer\": \"{other}\", ");
    let part = Outcome::AnsweredInPart;
    assert_eq!(lines("fk.json", before("\"datum\"", json())), (part, 1, vec!["utbetalningsuppgift"]));
    assert_eq!(lines("fk.json", before("\"utbetalningsdatum\"", json())), (part, 1, vec!["utbetalningar"]));
    let xml = |prefix: &str, name: &str| format!("<{prefix}{name}>{other}</{prefix}{name}>");
    assert_eq!(
        lines("so.xml", before("<ns0:Utbetalningsdatum>", xml("ns0:", "IdentificationNumber"))),
        (part, 0, vec!["Utbetalningar"])
    );
    assert_eq!(
        lines("so.xml", before("<ns0:Utbetalningar>", xml("ns0:", "IdentificationNumber"))),
        (Outcome::AnswerRefused, 0, vec![])
    );
    assert_eq!(lines("tns.xml", before("<ns2:regnr>", xml("ns2:", "agare"))), (part, 0, vec!["fordon"]));
    assert_eq!(lines("miv.xml", before("<anledning>", xml("", "personnummer"))), (part, 0, vec!["svar"]));
    assert_eq!(
        lines("af.xml", before("<ns2:ErsattningTyp>", xml("ns2:", "Person"))),
        (part, 0, vec!["Beslut"])
    );
    assert_eq!(
        lines("csn.xml", before("<gem:utbetdatum>", xml("gem:", "personnummer"))),
        (part, 1, vec!["Utbetalning"])
    );
    // One that names the person too is theirs, whoever else stands there.
    let own = |text: String| {
        text.replacen(
            "<ns2:regnr>",
            &format!("<ns2:agare>{ASKED}</ns2:agare><ns2:brukare>{other}</ns2:brukare><ns2:regnr>"),
            1,
        )
    };
    assert_eq!(lines("tns.xml", own), (part, 1, vec!["fordon"]));
}

#[test]
fn an_answer_that_names_only_somebody_else_is_refused_whole_and_so_is_a_document_about_two() {
    let other = OTHERS[0];
    let refusal = |name: &str, from: &str, to: String| {
        let text = String::from_utf8(bytes(name)).unwrap();
        assert!(text.contains(from), "{name}");
        made_of(name, text.replacen(from, &to, 1).as_bytes()).refused.map(|refused| refused.code())
    };
    assert_eq!(
        refusal(
            "tns.xml",
            "<ns3:resultat>",
            format!("<ns3:personnummer>{other}</ns3:personnummer><ns3:resultat>")
        ),
        Some(RefusalCode::AnotherPerson)
    );
    assert_eq!(
        refusal("fk.json", &format!("\"personnummer\": \"{ASKED}\""), format!("\"annat\": \"{other}\"")),
        Some(RefusalCode::AnotherPerson)
    );
    assert_eq!(
        refusal(
            "skv-v10.xml",
            "&lt;inkomstar&gt;",
            format!("&lt;skattskyldig id=\"{other}\"/&gt;&lt;inkomstar&gt;")
        ),
        Some(RefusalCode::SeveralPersons)
    );
    let two = skv_v11(|part, text| match part {
        "skattekonto" => text.replace(&format!("\"{ASKED}\""), &format!("[\"{ASKED}\",\"{other}\"]")),
        _ => text,
    });
    let read = made_of("skv-v11", &two).answer;
    let told = read.parts.iter().find(|part| part.part == "skattekonto").unwrap();
    assert_eq!(told.outcome, Outcome::AnswerRefused);
}
