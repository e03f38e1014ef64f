//! Another person's number put into every field of the contract, and beside the fields of every message: nothing of what stands there
//! may be told of the person asked about, and where such a number stands the answer is never plain.

use prost::Message as _;
use prost_types::field_descriptor_proto::Type;
use ssbtek_domain::{Agency, Outcome};
use ssbtek_formats::RefusalCode;
use ssbtek_proto::agency::v1 as proto;

use super::sample::{ASKED, Change, Place, messages, number, places, read, sample, text, told};
use crate::grpc::{contract::CONTRACT, whom::OTHERS};

/// Somebody else's numbers, in the forms in which numbers are written: see `formats/tests/recordings/others.rs`.
const NUMBERS: [&str; 7] = [
    "198506079824",
    "198506679821",
    "198500609824",
    "850607-9824",
    "8506079824",
    "Avser 19850607-9824.",
    "1.98506079824E11",
];

/// One of the forms, others for the next field; with `OTHERS_NUMBERS=all` each.
fn forms(n: usize) -> impl Iterator<Item = &'static str> {
    let all = std::env::var("OTHERS_NUMBERS").is_ok_and(|of| of == "all");
    NUMBERS.into_iter().enumerate().filter(move |(at, _)| all || (at + n).is_multiple_of(7)).map(|(_, it)| it)
}

fn tells(section: &str, other: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let short = digits(other.split('E').next().unwrap());
    let short = &short[short.len() - 10..];
    section.replace(['-', '+', '.'], "").contains(short)
}

/// What is wrong with what is made of an answer in which another's number stands; nothing where it is refused.
fn wrong(agency: Agency, bytes: &[u8], other: &str, place_of_others: bool) -> Option<&'static str> {
    let mut answer = read(agency, bytes).ok()?;
    let parts = format!("{:?} {:?}", answer.parts, answer.fault_code);
    if tells(&parts, other) {
        return Some("told in a part");
    }
    let mut withheld = vec![];
    if let Some(section) = &mut answer.section {
        if place_of_others {
            let named = section.facts().numbers_of_others().iter().any(|text| tells(text, other));
            if !named {
                return Some("not looked up");
            }
        }
        withheld = section.facts_mut().withhold_third_parties();
        if tells(&format!("{:?}", told(section)), other) {
            return Some("told");
        }
    }
    if withheld.is_empty() && answer.of_others.is_empty() {
        return Some("held back in silence");
    }
    (!place_of_others && answer.outcome == Outcome::Answered).then_some("plain")
}

/// A child of the case may stand there, as a document may: neither is left out of the answer for that.
fn is_of_others(place: &Place) -> bool {
    OTHERS.contains(&(place.of, place.field.name.as_str())) && place.field.name != "text"
}

#[test]
fn another_persons_number_in_any_field_is_never_told_of_the_person_asked_about() {
    let (mut bad, mut tried) = (vec![], 0);
    for agency in Agency::ALL {
        let texts = places(agency, |field| matches!(field.kind, Type::String | Type::Bytes));
        for (n, place) in texts.into_iter().enumerate() {
            for other in forms(n) {
                // A number as it is written there.
                if is_of_others(&place) && other.contains([' ', 'E']) {
                    continue;
                }
                tried += 1;
                let last = text(place.path[place.path.len() - 1], other.as_bytes());
                let bytes = sample(agency, &Change::Instead(&place.path, last));
                let why = wrong(agency, &bytes, other, is_of_others(&place));
                bad.extend(why.map(|why| format!("{agency} {} {other}: {why}", place.name())));
            }
        }
        for place in places(agency, |field| matches!(field.kind, Type::Int64 | Type::Uint64 | Type::Uint32)) {
            for other in [198_506_079_824, 8_506_079_824] {
                tried += 1;
                let last = number(place.path[place.path.len() - 1], other);
                let bytes = sample(agency, &Change::Instead(&place.path, last));
                let why = wrong(agency, &bytes, &other.to_string(), false);
                // A smaller number has no room for it.
                let why = why.filter(|_| place.field.kind != Type::Uint32);
                bad.extend(why.map(|why| format!("{agency} {} {other}: {why}", place.name())));
            }
        }
    }
    assert!(tried > 300, "{tried}");
    assert!(bad.is_empty(), "{} of {tried}:\n{}", bad.len(), bad.join("\n"));
}

/// Ways in which a newer contract could have the number beside the fields that are known.
fn unknown(other: &str) -> Vec<Vec<u8>> {
    let plain = other.parse::<u64>().ok();
    let inside = [plain.map(|it| number(1, it)), Some(text(2, other.as_bytes()))];
    let inside = inside.into_iter().flatten().map(|it| text(900, &[text(1, b"make"), it].concat()));
    let long = text(900, format!("{other} {}", "x".repeat(35)).as_bytes());
    let double = plain.map(|it| {
        let mut bytes = vec![];
        prost::encoding::double::encode(900, &(it as f64), &mut bytes);
        bytes
    });
    inside
        .chain([text(900, other.as_bytes()), text(901, &long)])
        .chain(plain.map(|it| number(900, it)))
        .chain(double)
        .collect()
}

#[test]
fn another_persons_number_in_a_field_of_a_newer_contract_takes_the_record_with_it() {
    let (mut bad, mut tried) = (vec![], 0);
    for agency in Agency::ALL {
        for (n, (path, of)) in messages(agency).into_iter().enumerate() {
            for other in forms(n).take(1) {
                for bytes in unknown(other) {
                    tried += 1;
                    let bytes = sample(agency, &Change::Beside(&path, bytes));
                    let why = wrong(agency, &bytes, other, false);
                    bad.extend(why.map(|why| format!("{agency} {of} {path:?} {other}: {why}")));
                }
            }
        }
    }
    assert!(tried > 300, "{tried}");
    assert!(bad.is_empty(), "{} of {tried}:\n{}", bad.len(), bad.join("\n"));
}

fn place(agency: Agency, of: &str, name: &str) -> Place {
    places(agency, |_| true)
        .into_iter()
        .find(|place| (place.of, place.field.name.as_str()) == (of, name))
        .unwrap()
}

#[test]
fn a_line_that_names_only_somebody_else_is_left_out_and_the_rest_is_not() {
    for (agency, of, list) in [
        (Agency::Fk, "FkPayment", "paid"),
        (Agency::So, "SoPayment", "payments"),
        (Agency::Tns, "TnsVehicle", "vehicles"),
        (Agency::Miv, "MivMatter", "matters"),
        (Agency::Skv, "SkvIncomeYear", "years"),
        (Agency::Af, "AfDecision", "decisions"),
        (Agency::Csn, "CsnPlanPayment", "plan"),
    ] {
        let whole = read(agency, &sample(agency, &Change::Nothing)).unwrap().section.unwrap();
        let (path, _) = messages(agency)
            .into_iter()
            .filter(|(_, name)| *name == format!(".ssbtek.agency.v1.{of}"))
            .min_by_key(|(path, _)| path.clone())
            .unwrap();
        let theirs = text(900, b"198506079824");
        let answer = read(agency, &sample(agency, &Change::Beside(&path, theirs))).unwrap();
        assert_eq!((answer.outcome, answer.of_others), (Outcome::AnsweredInPart, vec![list]), "{agency}");
        assert!(answer.section.unwrap() != whole, "{agency}");
        // One that names the person too is theirs, whoever else stands there.
        let both = [text(900, ASKED.as_bytes()), text(901, b"198506079824")].concat();
        let answer = read(agency, &sample(agency, &Change::Beside(&path, both))).unwrap();
        assert!(answer.outcome == Outcome::AnsweredInPart && answer.section.unwrap() == whole, "{agency}");
        assert_eq!(answer.of_others, [of], "{agency}");
    }
}

#[test]
fn an_answer_about_another_person_is_refused_wherever_it_says_so() {
    let other = b"198506079824";
    for agency in Agency::ALL {
        let whom = places(agency, |field| field.name == "person_number");
        assert!(whom.len() >= 2, "{agency}");
        for place in whom {
            let last = text(place.path[place.path.len() - 1], other);
            let refused = read(agency, &sample(agency, &Change::Instead(&place.path, last))).unwrap_err();
            assert_eq!(refused.code(), RefusalCode::AnotherPerson, "{agency} {}", place.name());
        }
    }
}

#[test]
fn facts_of_skatteverkets_that_name_nobody_are_nobodys() {
    let read_with = |person: Option<&str>, document: &str| {
        let mut message =
            proto::GetPersonFactsResponse::decode(sample(Agency::Skv, &Change::Nothing).as_slice()).unwrap();
        let Some(proto::section::Agency::Skv(skv)) =
            message.section.as_mut().and_then(|it| it.agency.as_mut())
        else {
            panic!("Skatteverket's facts")
        };
        skv.person_number = person.map(str::to_owned);
        skv.documents.iter_mut().for_each(|told| told.text = Some(document.to_owned()));
        read(Agency::Skv, &message.encode_to_vec())
    };
    let nobodys = r#"{"saldo":"1"}"#;
    let hers = format!(r#"{{"kontohavare":"{ASKED}","saldo":"1"}}"#);
    assert_eq!(read_with(None, nobodys).err().map(|it| it.code()), Some(RefusalCode::NobodyNamed));
    assert!(read_with(Some(ASKED), nobodys).is_ok() && read_with(None, &hers).is_ok());
}

#[test]
fn a_document_about_somebody_else_is_left_out_and_one_about_two_is_too() {
    let at = place(Agency::Skv, "SkvDocument", "text");
    for (document, kept) in [
        (r#"{"saldo":"1","kontohavare":"198506079824"}"#, 0),
        (r#"{"personnummer":["198001019804","198506079824"],"saldo":"1"}"#, 0),
        (r#"{"personnummer":"198001019804","saldo":"1","make":"198506079824"}"#, 1),
        ("Tekniskt fel, 198506079824", 0),
    ] {
        let last = text(2, document.as_bytes());
        let answer = read(Agency::Skv, &sample(Agency::Skv, &Change::Instead(&at.path, last))).unwrap();
        let Some(ssbtek_domain::sections::Section::Skv(skv)) = &answer.section else {
            panic!("Skatteverket's facts")
        };
        assert_eq!((answer.outcome, skv.documents.len()), (Outcome::AnsweredInPart, kept), "{document}");
    }
}

#[test]
fn the_places_of_others_stand_in_the_contract() {
    for (of, name) in OTHERS {
        let message = &CONTRACT.messages[&format!(".ssbtek.agency.v1.{of}")];
        assert!(message.fields.values().any(|field| field.name == name), "{of}.{name}");
    }
}
