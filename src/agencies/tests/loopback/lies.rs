//! The agencies' own formats against mocks that lie.

use std::time::Duration;

use mock_agencies::{Behaviour, Lie, Mocks, Outage, Running, TestPerson, facts};
use ssbtek_agencies::{Connector as _, HttpClient, HttpLimits, OwnFormat};
use ssbtek_domain::{Agency, Outcome, Source};
use ssbtek_formats::{Codec, af, csn, miv, tns};
use ssbtek_pki::Connector;

use crate::world::{at_once, mocks, period, question, soon, start, today};

fn codecs() -> [(Agency, Box<dyn Codec>); 4] {
    [
        (Agency::Af, Box::new(af::Codec::default())),
        (Agency::Csn, Box::new(csn::Csn)),
        (Agency::Tns, Box::new(tns::Codec::default())),
        (Agency::Miv, Box::new(miv::Codec::default())),
    ]
}

fn sources(running: &Running) -> Vec<OwnFormat> {
    let own = |(agency, codec)| {
        let source = Source::Agency(agency);
        let client = HttpClient::new(Connector::plain(Duration::from_secs(5)), HttpLimits::default());
        let base = running.base_url(&source).unwrap().parse().unwrap();
        OwnFormat::new(source, codec, client, base)
    };
    codecs().into_iter().map(own).collect()
}

async fn known_to_all() -> (Mocks, Running, ssbtek_domain::Question) {
    let mocks = mocks();
    let person = mocks.population.persons().iter().find(|person| person.unknown_at.is_empty()).unwrap();
    let question = question(person);
    let running = start(mocks.clone()).await;
    (mocks, running, question)
}

#[tokio::test]
async fn every_own_format_brings_the_facts_that_the_agency_has() {
    let (mocks, running, question) = known_to_all().await;
    let person = mocks.population.find(question.person.expose()).unwrap();
    for source in sources(&running) {
        let answer = source.ask(&question, soon()).await;
        assert_eq!(answer.outcome, Outcome::Answered, "{source:?}");
        let expected = facts::section(source.source(), person, &period(), today());
        assert!(answer.section == Some(expected), "{source:?}");
    }
}

#[tokio::test]
async fn no_lie_passes_for_an_answer_in_any_own_format() {
    let (mocks, running, question) = known_to_all().await;
    let person = mocks.population.find(question.person.expose()).unwrap();
    let other = mocks.population.somebody_else(person).unwrap();
    for source in sources(&running) {
        for lie in Lie::ALL {
            mocks.control.set(source.source(), Behaviour::lying(lie)).unwrap();
            let (deadline, expected) = match lie {
                Lie::Late | Lie::Drip => (at_once(), Outcome::TimedOut),
                // UTF-16 is an encoding, not a lie, where the answer is XML.
                Lie::Utf16 => (soon(), Outcome::Answered),
                Lie::WrongPerson => (soon(), about_another(source.source().agency(), other)),
                _ => (soon(), Outcome::AnswerRefused),
            };
            let answer = source.ask(&question, deadline).await;
            assert_eq!(answer.outcome, expected, "{source:?} {lie:?}");
            assert_eq!(answer.section.is_some(), expected == Outcome::Answered, "{source:?} {lie:?}");
        }
        mocks.control.set(source.source(), Behaviour::default()).unwrap();
    }
    assert_eq!(mocks.control.strays(), 0, "no redirect was followed");
}

/// What can be noticed of an answer about somebody else.
fn about_another(agency: Agency, other: &TestPerson) -> Outcome {
    match agency {
        // CSN names the person of whom it knows nothing.
        Agency::Csn => Outcome::AnswerRefused,
        // A fault names nobody.
        _ if other.unknown_at.contains(&agency) => Outcome::NoSuchPerson,
        // Nor does Transportstyrelsen's answer.
        Agency::Tns => Outcome::Answered,
        _ => Outcome::AnswerRefused,
    }
}

#[tokio::test]
async fn outages_are_told_apart_in_every_own_format() {
    let (mocks, running, question) = known_to_all().await;
    for source in sources(&running) {
        for (outage, deadline, expected) in [
            (Outage::Refuse, soon(), Outcome::NotReachable),
            (Outage::CloseConnection, soon(), Outcome::NotReachable),
            (Outage::Hang, at_once(), Outcome::TimedOut),
            (Outage::None, soon(), Outcome::Answered),
        ] {
            mocks.control.set(source.source(), Behaviour::out(outage)).unwrap();
            let answer = source.ask(&question, deadline).await;
            assert_eq!(answer.outcome, expected, "{source:?} {outage:?}");
        }
    }
}
