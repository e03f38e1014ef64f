//! Every parser of what comes from outside over HTTP, against every bomb: at most 50 ms of a processor in an optimised build,
//! and 16 MiB.
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod bombs;

use std::time::{Duration, Instant};

use ssbtek_domain::{
    Agency, AskingParty, CaseId, CaseWorkerId, EntryId, FundCode, LegalBasis, OrganisationNumber, Period,
    Personnummer, Purpose, Question, Wanted, sections::so::StatusTexts,
};
use ssbtek_formats::{Codec, HttpAnswer, af, csn, fk, miv, skv, so, tns};

/// A parser; says whether it refused what it was given.
struct Door {
    name: &'static str,
    json: bool,
    refuses: Box<dyn Fn(Vec<u8>) -> bool>,
}

fn question() -> Question {
    Question {
        entry: EntryId::from_bytes([7; 16]),
        asking: AskingParty {
            organisation: OrganisationNumber::parse("162120009994").unwrap(),
            name: "Nämnden".into(),
            case_worker: CaseWorkerId::parse("anna").unwrap(),
            processors: vec![],
        },
        case: CaseId::parse("EB-1").unwrap(),
        person: Personnummer::parse_undated("198001019804").unwrap(),
        period: Period::new("2026-09-25".parse().unwrap(), "2026-11-22".parse().unwrap()).unwrap(),
        purpose: Purpose::parse("ekonomiskt bistånd").unwrap(),
        legal_basis: LegalBasis(format!("SFS 2008:975 ({})", Agency::Csn)),
        kinds: ssbtek_domain::Information::all().collect(),
        asked_at: "2026-11-22T10:00:00Z".parse().unwrap(),
        wanted: Wanted::Standard,
    }
}

fn codec(name: &'static str, json: bool, codec: impl Codec + 'static) -> Door {
    let refuses = move |body| {
        let content_type = if json { "application/json" } else { "text/xml; charset=utf-8" };
        let answer = HttpAnswer { status: 200, content_type: Some(content_type.into()), body };
        // One odd value costs itself, with a note; nothing else of it may be told as whole.
        codec.answer(&question(), answer).map_or(true, |read| !read.notes.is_empty())
    };
    Door { name, json, refuses: Box::new(refuses) }
}

/// Every agency's own format, and the SOAP door.
fn doors() -> Vec<Door> {
    let actor = fk::Actors::Same(fk::ActorId::parse("test").unwrap());
    let fund = FundCode::parse("unionen").unwrap();
    let soap = |body: Vec<u8>| {
        let today = "2026-11-22".parse().unwrap();
        ssbtek_soap::parse(&body, Some("text/xml"), &ssbtek_soap::LIMITS, today).is_err()
    };
    vec![
        codec("AF", false, af::Codec::default()),
        codec("CSN", false, csn::Csn),
        codec("FK", true, fk::Lefi::new(actor, fk::InformationTypes::default())),
        codec("SKV v10", false, skv::Skv::v10()),
        codec("SKV v11", true, skv::Skv::v11()),
        codec("SO", false, so::Codec::all_funds(StatusTexts::default())),
        codec("a fund", false, so::Codec::one_fund(fund, StatusTexts::default())),
        codec("TNS", false, tns::Codec::default()),
        codec("MIV", false, miv::Codec::default()),
        Door { name: "the SOAP door", json: false, refuses: Box::new(soap) },
    ]
}

/// In a debug build nothing is as quick as it will be.
fn patience() -> Duration {
    Duration::from_millis(if cfg!(debug_assertions) { 1_500 } else { 50 })
}

/// How long this thread has been on a processor, where the system tells: others' work on a busy machine is not counted.
fn on_processor() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(stat.split_whitespace().next()?.parse().ok()?))
}

#[test]
fn every_bomb_is_refused_by_every_parser_within_50_ms() {
    let mut slowest = (Duration::ZERO, "", "");
    for door in doors() {
        for (bomb, body) in if door.json { bombs::json() } else { bombs::xml() } {
            let (before, start) = (on_processor(), Instant::now());
            let refused = (door.refuses)(body);
            let wall = start.elapsed();
            let took = before.zip(on_processor()).map_or(wall, |(before, after)| after - before);
            assert!(refused, "{}: {bomb}", door.name);
            assert!(took < patience(), "{}: {bomb} took {took:?}", door.name);
            slowest = slowest.max((took, door.name, bomb));
        }
    }
    eprintln!("slowest refusal: {slowest:?}");
}

/// The most memory this process has had, in KiB, since it was last reset; `None` where the system does not tell.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn no_bomb_takes_16_mib() {
    let mut most = (0, "", "");
    for door in doors() {
        for (bomb, body) in if door.json { bombs::json() } else { bombs::xml() } {
            // "5" sets the high-water mark back to what is used now.
            if std::fs::write("/proc/self/clear_refs", "5").is_err() {
                eprintln!("SKIPPED: this system does not tell how much memory was used");
                return;
            }
            let before = peak_kib().unwrap();
            (door.refuses)(body);
            let grown = peak_kib().unwrap().saturating_sub(before);
            assert!(grown < 16 * 1024, "{}: {bomb} took {grown} KiB", door.name);
            most = most.max((grown, door.name, bomb));
        }
    }
    eprintln!("most memory, KiB: {most:?}");
}
