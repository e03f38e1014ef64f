//! Hostile answers through the real connectors: refused whole for that source, the others unaffected, and with
//! nothing of them in any event. How quickly, and in how little memory: the crate `bombs`.

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use mock_agencies::{Behaviour, Lie};
use ssbtek_domain::{Agency, FundCode, Outcome, Source};
use ssbtek_merge::OriginalsWanted;

use crate::{
    agencies_alone::{Agencies, every_agency, report},
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
    let sources = every_agency();
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
