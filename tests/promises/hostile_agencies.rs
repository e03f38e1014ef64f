//! Hostile answers through the real connectors: refused whole for that source, the others unaffected, quickly, in little
//! memory, and with nothing of them in any event.

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use mock_agencies::{Behaviour, Lie};
use ssbtek_agencies::Codec;
use ssbtek_domain::{Agency, FundCode, Outcome, Source, sections::so::StatusTexts};
use ssbtek_merge::OriginalsWanted;

use crate::{
    agencies_alone::{Agencies, report, seven},
    harness::Wires,
};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What a lie must come to.
fn expected(agency: Agency, lie: Lie) -> Outcome {
    match (agency, lie) {
        (_, Lie::Late | Lie::Drip) => Outcome::TimedOut,
        // An encoding, not a lie, where the answer is XML.
        (Agency::Af | Agency::Csn | Agency::So | Agency::Tns | Agency::Miv, Lie::Utf16) => Outcome::Answered,
        // Transportstyrelsen does not say whom it answers about.
        (Agency::Tns, Lie::WrongPerson) => Outcome::Answered,
        _ => Outcome::AnswerRefused,
    }
}

#[tokio::test]
async fn no_lie_passes_none_spreads_and_none_is_told_in_an_event() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _recording = tracing::subscriber::set_default(subscriber);
    let agencies = Agencies::start(1, 2).await;
    let person = &agencies.persons()[0];
    let other = agencies.running.population().somebody_else(person).unwrap();
    let sources = seven();
    let connectors = agencies.connectors(Wires::Own, &sources);
    for source in &sources {
        for lie in Lie::ALL {
            if lie == Lie::WrongPerson && other.unknown_at.contains(&source.agency()) {
                continue;
            }
            agencies.running.control().set(source, Behaviour::lying(lie)).unwrap();
            let within =
                Duration::from_millis(if matches!(lie, Lie::Late | Lie::Drip) { 700 } else { 20_000 });
            let report = report(&connectors, &person.number, within, OriginalsWanted::Beside).await;
            agencies.running.control().set(source, Behaviour::default()).unwrap();
            for told in &report.sources {
                let lied = told.agency == source.agency();
                let outcome = if lied { expected(told.agency, lie) } else { Outcome::Answered };
                assert_eq!(told.outcome, outcome, "{} while {source} lies {lie:?}", told.agency);
                assert_eq!(told.section.is_some(), outcome == Outcome::Answered, "{source} {lie:?}");
            }
        }
    }
    assert_eq!(agencies.running.control().strays(), 0, "no redirect was followed");
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains(r#"alarm="answer_refused" source="FK""#) && log.contains(r#"source="SKV""#));
    for person in agencies.persons() {
        for canary in
            [person.number.expose(), person.number.ten_digits(), &person.street, &person.family_name]
        {
            assert!(!log.contains(canary), "an event tells of a person");
        }
    }
    for canary in ["etc/hostname", "Underhåll", "annatSvar", "AnnatSvar", "ENTITY", "hemlig"] {
        assert!(!log.contains(canary), "{canary}");
    }
}

/// Every own format.
fn codecs() -> Vec<(&'static str, bool, Box<dyn Codec>)> {
    use ssbtek_agencies::{af, csn, fk, miv, skv, so, tns};
    let actor = fk::Actors::Same(fk::ActorId::parse("test").unwrap());
    let fund = FundCode::parse("unionen").unwrap();
    vec![
        ("AF", false, Box::new(af::Codec::default())),
        ("CSN", false, Box::new(csn::Csn)),
        ("FK", true, Box::new(fk::Lefi::new(actor, fk::InformationTypes::default()))),
        ("SKV v10", false, Box::new(skv::Skv::v10())),
        ("SKV v11", true, Box::new(skv::Skv::v11())),
        ("SO", false, Box::new(so::Codec::all_funds(StatusTexts::default()))),
        ("a fund", false, Box::new(so::Codec::one_fund(fund, StatusTexts::default()))),
        ("TNS", false, Box::new(tns::Codec::default())),
        ("MIV", false, Box::new(miv::Codec::default())),
    ]
}

/// The largest body that a connector lets through.
const BYTES: usize = 1024 * 1024;

fn json_bombs() -> Vec<(&'static str, Vec<u8>)> {
    let fill = |start: &str, unit: &str, end: &str| {
        let times = (BYTES - start.len() - end.len()) / unit.len();
        [start, &unit.repeat(times), end].concat().into_bytes()
    };
    let keys: String = (0..80_000).map(|n| format!("\"{n}\":0,")).collect();
    vec![
        ("open brackets", fill("", "[", "")),
        ("open objects", fill("", "{\"a\":", "")),
        ("closed nesting", ["[".repeat(BYTES / 2), "]".repeat(BYTES / 2)].concat().into_bytes()),
        ("empty lists", fill("{\"a\":[", "[],", "[]]}")),
        (
            "empty lists in a known list",
            fill("{\"formansinformation\":{\"utbetalningsuppgift\":[", "{},", "{}]}}"),
        ),
        ("zeros in data", fill("{\"skattekonto\":{\"data\":[", "0,", "0]}}")),
        ("many keys", format!("{{{keys}\"z\":0}}").into_bytes()),
        ("the same key", fill("{", "\"utlamnare\":[],", "\"utlamnare\":[]}")),
        ("a number of a megabyte", fill("{\"a\":", "9", "}")),
        (
            "an exponent",
            b"{\"formansinformation\":{\"utbetalningsuppgift\":[{\"nettobelopp\":{\"summa\":1e999999999}}]}}"
                .to_vec(),
        ),
        ("escapes", fill("{\"a\":\"", "\\u0041", "\"}")),
        ("a text that does not end", fill("{\"a\":\"", "x", "")),
        ("not UTF-8", [b"{\"a\":\"".as_slice(), &[0xff; 1000], b"\"}"].concat()),
    ]
}

fn xml_bombs() -> Vec<(&'static str, Vec<u8>)> {
    let fill = |start: &str, unit: &str, end: &str| {
        let times = (BYTES - start.len() - end.len()) / unit.len();
        [start, &unit.repeat(times), end].concat().into_bytes()
    };
    let attributes: String = (0..60_000).map(|n| format!(" a{n}=\"\"")).collect();
    let namespaces: String = (0..30_000).map(|n| format!(" xmlns:a{n}=\"urn:{n}\"")).collect();
    let soap = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><a>";
    vec![
        ("DOCTYPE", b"<!DOCTYPE a [<!ENTITY f SYSTEM \"file:///etc/hostname\">]><a>&f;</a>".to_vec()),
        ("open elements", fill("", "<a>", "")),
        ("closed nesting", ["<a>".repeat(BYTES / 8), "</a>".repeat(BYTES / 8)].concat().into_bytes()),
        ("empty elements", fill("<a>", "<b/>", "</a>")),
        ("empty elements in SOAP", fill(soap, "<b/>", "</a></s:Body></s:Envelope>")),
        ("many attributes", format!("<a{attributes}/>").into_bytes()),
        ("many namespaces", format!("<a{namespaces}/>").into_bytes()),
        ("many comments", fill("<a>", "<!---->", "</a>")),
        ("character references", fill("<a>", "&#65;", "</a>")),
        ("an unknown entity", fill("<a>", "&x;", "</a>")),
        ("a name of a megabyte", fill("<", "a", "/>")),
        ("half a tag", fill("<a b=\"", "x", "")),
        ("not UTF-8", [b"<a>".as_slice(), &[0xff; 1000], b"</a>"].concat()),
        ("UTF-16 cut in half", [&[0xff, 0xfe][..], &[0x3c, 0x00, 0x61][..]].concat()),
    ]
}

/// In a debug build nothing is as quick as it will be.
fn patience() -> Duration {
    Duration::from_millis(if cfg!(debug_assertions) { 1_500 } else { 50 })
}

#[test]
fn bombs_are_refused_at_once_by_every_own_format() {
    let person = ssbtek_domain::Personnummer::parse_undated("198001019804").unwrap();
    let mut slowest = Duration::ZERO;
    for (name, json, codec) in codecs() {
        let bombs = if json { json_bombs() } else { xml_bombs() };
        let content_type = if json { "application/json" } else { "text/xml; charset=utf-8" };
        for (bomb, body) in bombs {
            let question = crate::agencies_alone::any_question(&person);
            let answer =
                ssbtek_agencies::HttpAnswer { status: 200, content_type: Some(content_type.into()), body };
            let start = Instant::now();
            let refused = codec.answer(&question, answer).is_err();
            let took = start.elapsed();
            assert!(refused, "{name}: {bomb}");
            assert!(took < patience(), "{name}: {bomb} took {took:?}");
            slowest = slowest.max(took);
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
fn a_bomb_takes_less_than_16_mib() {
    let person = ssbtek_domain::Personnummer::parse_undated("198001019804").unwrap();
    for (name, json, codec) in codecs() {
        for (bomb, body) in if json { json_bombs() } else { xml_bombs() } {
            let question = crate::agencies_alone::any_question(&person);
            let content_type = if json { "application/json" } else { "text/xml" };
            let answer =
                ssbtek_agencies::HttpAnswer { status: 200, content_type: Some(content_type.into()), body };
            // "5" sets the high-water mark back to what is used now.
            if std::fs::write("/proc/self/clear_refs", "5").is_err() {
                eprintln!("SKIPPED: this system does not tell how much memory was used");
                return;
            }
            let before = peak_kib().unwrap();
            let _ = codec.answer(&question, answer);
            let grown = peak_kib().unwrap().saturating_sub(before);
            assert!(grown < 16 * 1024, "{name}: {bomb} took {grown} KiB");
        }
    }
}

#[tokio::test]
async fn a_fund_that_lies_is_refused_alone() {
    let agencies = Agencies::start(1, 1).await;
    let person = &agencies.persons()[0];
    let connectors = agencies.connectors(Wires::Own, &crate::agencies_alone::with_funds());
    let fund = Source::Fund(FundCode::parse("unionen").unwrap());
    for lie in [Lie::WrongPerson, Lie::DeepNesting, Lie::Doctype, Lie::GigabyteLong, Lie::Redirect] {
        agencies.running.control().set(&fund, Behaviour::lying(lie)).unwrap();
        let report = report(&connectors, &person.number, Duration::from_secs(20), OriginalsWanted::No).await;
        let so = &report.sources[4];
        assert_eq!(so.outcome, Outcome::AnsweredInPart, "{lie:?}");
        for part in &so.parts {
            let lied = part.part == "Unionens a-kassa";
            assert_eq!(part.outcome == Outcome::AnswerRefused, lied, "{lie:?} {}", part.part);
            assert_eq!(part.outcome == Outcome::Answered, !lied, "{lie:?} {}", part.part);
        }
    }
}
