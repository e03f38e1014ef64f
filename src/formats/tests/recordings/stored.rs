//! The recordings, with another person in place of theirs, and who reads them.

use std::{fs, path::PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::{
    AskingParty, CaseId, CaseWorkerId, EntryId, LegalBasis, OrganisationNumber, Period, Personnummer,
    Purpose, Question, SourceAnswer, Wanted, sections::so::StatusTexts,
};
use ssbtek_formats::{
    Codec, HttpAnswer, Refused, af, csn,
    fk::{ActorId, Actors, InformationTypes, Lefi},
    miv, skv, so, tns,
};

/// Whom the recordings are about, and whom the tests ask about.
const RECORDED: &str = "198001019804";
pub(crate) const ASKED: &str = "199001019802";

/// One recording's name. The first four can be told apart by nothing but their agency.
pub(crate) const ALL: [&str; 9] =
    ["af.xml", "csn.xml", "csn-3.0.xml", "fk.json", "so.xml", "tns.xml", "miv.xml", "skv-v10.xml", "skv-v11"];

pub(crate) fn codec(name: &str) -> Box<dyn Codec> {
    match name {
        "af.xml" => Box::new(af::Codec::default()),
        "csn.xml" | "csn-3.0.xml" => Box::new(csn::Csn),
        "fk.json" => {
            let actor = ActorId::parse("test").unwrap();
            Box::new(Lefi::new(Actors::Same(actor), InformationTypes::default()))
        }
        "so.xml" => Box::new(so::Codec::all_funds(StatusTexts::default())),
        "tns.xml" => Box::new(tns::Codec::default()),
        "miv.xml" => Box::new(miv::Codec::default()),
        "skv-v10.xml" => Box::new(skv::Skv::v10()),
        "skv-v11" => Box::new(skv::Skv::v11()),
        other => panic!("{other}"),
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/recordings")
}

/// The bytes as the agency's own service sends them, about `ASKED`.
pub(crate) fn bytes(name: &str) -> Vec<u8> {
    if name == "skv-v11" {
        return skv_v11(|_, text| text);
    }
    about_asked(&fs::read_to_string(folder().join(name)).unwrap()).into_bytes()
}

/// Skatteverket's answer in v11, each document as `distort` leaves it.
pub(crate) fn skv_v11(mut distort: impl FnMut(&str, String) -> String) -> Vec<u8> {
    let parts = ["foretagsinformation", "individuppgifter", "skattekonto", "skatteuppgifter"];
    let parts = parts.map(|part| {
        let text = fs::read_to_string(folder().join(format!("skv-v11/{part}.json"))).unwrap();
        let text = distort(part, about_asked(&text));
        format!(r#""{part}":{{"data":"{}"}}"#, STANDARD.encode(text))
    });
    let missing = r#""beskattningsbilagor":{"error":{"kalla":"BT","felkod":"SKV_FEL","felmeddelande":["404 Not Found: inga uppgifter"]}}"#;
    format!("{{{},{missing}}}", parts.join(",")).into_bytes()
}

fn about_asked(text: &str) -> String {
    let text = text.replace(RECORDED, ASKED).replace(&RECORDED[2..], &ASKED[2..]);
    // As a service repeats the case that it was asked in.
    text.replace("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "EB-1")
}

pub(crate) fn question() -> Question {
    let day = |text: &str| text.parse().unwrap();
    Question {
        entry: EntryId::from_bytes([7; 16]),
        asking: AskingParty {
            organisation: OrganisationNumber::parse("212000-0142").unwrap(),
            name: "Nämnden".to_owned(),
            case_worker: CaseWorkerId::parse("ekbist").unwrap(),
            processors: vec![],
        },
        case: CaseId::parse("EB-1").unwrap(),
        person: Personnummer::parse_undated(ASKED).unwrap(),
        period: Period::new(day("2026-05-01"), day("2026-11-30")).unwrap(),
        purpose: Purpose::parse("ekonomiskt bistånd").unwrap(),
        legal_basis: LegalBasis("lag".to_owned()),
        kinds: ssbtek_domain::Information::all().collect(),
        asked_at: "2026-11-22T08:00:00Z".parse().unwrap(),
        wanted: Wanted::Standard,
    }
}

pub(crate) fn read(name: &str, body: Vec<u8>) -> Result<SourceAnswer, Refused> {
    codec(name).answer(&question(), HttpAnswer { status: 200, content_type: None, body })
}
