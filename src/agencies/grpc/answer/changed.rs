//! Every field of the contract distorted, and what a newer contract could add: what is made of it is told truly, in part or as a
//! failure. Nothing vanishes in silence, and no failure becomes an answer.

use prost::Message as _;
use prost_types::field_descriptor_proto::Type;
use ssbtek_domain::{Agency, Note, Outcome, PartOutcome, SourceAnswer};
use ssbtek_proto::agency::v1 as proto;

use super::sample::{Change, messages, number, places, read, sample, text, told, without_days};
use crate::grpc::contract::CONTRACT;

/// Whether an answer that claims to be whole tells all that came.
fn is_true(answer: SourceAnswer, bytes: &[u8]) -> bool {
    if answer.outcome != Outcome::Answered {
        return answer.outcome == Outcome::AnsweredInPart || answer.section.is_none();
    }
    let came = proto::GetPersonFactsResponse::decode(bytes).unwrap();
    let mut told = told(&answer.section.unwrap());
    let mut came_section = came.section.unwrap();
    without_days(&mut told);
    without_days(&mut came_section);
    let part = |part: &PartOutcome| ssbtek_wire::part(part);
    (told == came_section || !answer.notes.is_empty())
        && answer.parts.iter().map(part).collect::<Vec<_>>() == came.parts
}

/// Dates that are none, figures out of range, words, nothing, much.
fn texts() -> Vec<String> {
    let fixed = [
        "",
        " ",
        "2026-02-30",
        "0000-00-00",
        "9999-12-31T25:00",
        "-1",
        "NaN",
        "1e400",
        "0x10",
        "999999999999999999999999",
        "Tekniskt fel",
        "500",
        "\u{0}",
    ];
    fixed.map(str::to_owned).into_iter().chain(["9".repeat(5000)]).collect()
}

#[test]
fn a_distorted_value_is_told_truly_in_part_or_as_a_failure() {
    let all = std::env::var("OTHERS_NUMBERS").is_ok_and(|of| of == "all");
    let (mut bad, mut tried) = (vec![], 0);
    for agency in Agency::ALL {
        for (at, place) in places(agency, |field| field.kind != Type::Message).into_iter().enumerate() {
            let n = place.path[place.path.len() - 1];
            let changes: Vec<Vec<u8>> = match place.field.kind {
                Type::String => {
                    texts().iter().map(|it| text(n, it.as_bytes())).chain([text(n, &[0xff, 0xfe])]).collect()
                }
                Type::Enum => [0, 1, 2, 3, 5, 77, u64::MAX].map(|it| number(n, it)).into(),
                Type::Bool => [0, 1].map(|it| number(n, it)).into(),
                _ => [0, 101, 65_536, i32::MAX as u64, u64::from(u32::MAX), u64::MAX, i64::MAX as u64]
                    .map(|it| number(n, it))
                    .into(),
            };
            // Nothing at all, and of another kind than the contract's.
            for (which, change) in
                changes.into_iter().chain([vec![], number(n, 7), text(n, b"x")]).enumerate()
            {
                // A sixth of them for each field, others for the next; with `OTHERS_NUMBERS=all` each.
                if which % 6 != at % 6 && !all {
                    continue;
                }
                // What these say makes another field of theirs mean nothing, or be told whatever they say: see the contract.
                let name = place.field.name.as_str();
                if name.ends_with("_not_told")
                    || name == "has_co_borrower"
                    || name.starts_with("unknown_") && change.is_empty()
                {
                    continue;
                }
                tried += 1;
                let bytes = sample(agency, &Change::Instead(&place.path, change.clone()));
                let Ok(answer) = read(agency, &bytes) else { continue };
                if !is_true(answer, &bytes) {
                    bad.push(format!("{agency} {}: {change:?}", place.name()));
                }
            }
        }
    }
    assert!(tried > 1000, "{tried}");
    assert!(bad.is_empty(), "{} of {tried}:\n{}", bad.len(), bad.join("\n"));
}

#[test]
fn what_a_newer_contract_adds_is_noted_and_beside_what_is_not_there_makes_the_answer_one_in_part() {
    let more = [
        number(900, 1),
        text(901, b"x"),
        text(902, &text(1, b"2026-06-01")),
        number(903, 0),
        vec![0x84, 0x38],
        vec![0x81, 0x38, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f],
    ];
    for agency in Agency::ALL {
        for (path, of) in messages(agency) {
            for (n, bytes) in more.iter().enumerate() {
                let bytes = sample(agency, &Change::Beside(&path, bytes.clone()));
                let Ok(answer) = read(agency, &bytes) else { continue };
                let name = CONTRACT.messages[&of].name.as_str();
                let noted = answer.notes.contains(&Note::PassedOver(name));
                assert!(noted, "{agency} {of} {n}: {:?}", answer.notes);
                let choice = CONTRACT.messages[&of].fields.values().any(|field| field.is_choice);
                if n != 3 && choice {
                    assert_eq!(answer.outcome, Outcome::AnsweredInPart, "{agency} {of} {n}");
                }
            }
        }
        // "There is more", beside a list that is empty.
        for list in places(agency, |field| field.repeated && field.kind == Type::Message) {
            let holder = &list.path[..list.path.len() - 1];
            let whole = sample(agency, &Change::Instead(&list.path, vec![]));
            if read(agency, &whole).is_err() {
                continue;
            }
            let mut bytes = sample(agency, &Change::Instead(&list.path, number(900, 1)));
            let answer = read(agency, &bytes).unwrap();
            let name = list.name();
            assert_eq!(answer.outcome, Outcome::AnsweredInPart, "{agency} {name} {holder:?}");
            bytes = sample(agency, &Change::Instead(&list.path, text(900, "Tekniskt fel".as_bytes())));
            assert_eq!(read(agency, &bytes).unwrap().outcome, Outcome::AnsweredInPart, "{agency} {name}");
        }
    }
}

#[test]
fn an_error_beside_a_conclusive_answer_is_none() {
    for agency in Agency::ALL {
        for said in [Outcome::Answered, Outcome::NoSuchPerson] {
            let outcome = ssbtek_wire::outcome_to_proto(said).into();
            let mut message =
                proto::GetPersonFactsResponse::decode(sample(agency, &Change::Nothing).as_slice()).unwrap();
            message.outcome = outcome;
            message.section = message.section.filter(|_| said == Outcome::Answered);
            let expected =
                if said == Outcome::Answered { Outcome::AnsweredInPart } else { Outcome::FailedAtSource };
            let mut bytes = message.encode_to_vec();
            bytes.extend(text(900, "503 Service Unavailable".as_bytes()));
            assert_eq!(
                read(agency, &bytes).unwrap().outcome,
                expected,
                "{agency}: an error of a newer contract"
            );
            message.parts[0].code = Some("503".to_owned());
            assert_eq!(
                read(agency, &message.encode_to_vec()).unwrap().outcome,
                expected,
                "{agency}: a part's code"
            );
        }
        for place in places(agency, |field| field.name.starts_with("status") && field.kind == Type::String) {
            let last = text(place.path[place.path.len() - 1], "Tekniskt fel".as_bytes());
            let answer = read(agency, &sample(agency, &Change::Instead(&place.path, last))).unwrap();
            assert_eq!(answer.outcome, Outcome::AnsweredInPart, "{agency} {}", place.name());
        }
    }
}

#[test]
fn an_agency_that_nobody_knows_yet_and_two_agencies_at_once_are_refused() {
    for agency in Agency::ALL {
        let newer = sample(agency, &Change::Instead(&[4], text(4, &text(99, &text(1, b"x")))));
        assert!(read(agency, &newer).is_err(), "{agency}: a newer agency");
        let other = if agency == Agency::Tns { 7 } else { 6 };
        let two = sample(agency, &Change::Beside(&[4], text(other, b"")));
        assert!(read(agency, &two).is_err(), "{agency}: two agencies");
        for once in places(agency, |field| !field.repeated) {
            let again = if once.field.kind == Type::String {
                text(once.path[once.path.len() - 1], b"x")
            } else if once.field.kind == Type::Message {
                text(once.path[once.path.len() - 1], b"")
            } else {
                number(once.path[once.path.len() - 1], 1)
            };
            if once.field.name == "days" && once.of == "CsnSpan" {
                continue;
            }
            let holder = &once.path[..once.path.len() - 1];
            let twice = sample(agency, &Change::Beside(holder, again));
            assert!(read(agency, &twice).is_err(), "{agency} {}: twice", once.name());
        }
    }
}
