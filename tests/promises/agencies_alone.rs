//! Mock agencies without a broker, asked through the broker's own connectors, and what they bring merged.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures::future::join_all;
use mock_agencies::{MockAgencies, MockConfig, Mocks, Running, TestPerson};
use ssbtek_access_log::Manifest;
use ssbtek_agencies::Connector;
use ssbtek_authorize::{Ask, Permit, decide};
use ssbtek_broker::{AsWhom, connectors_to};
use ssbtek_config::{AgencyTls, SourceConfig, SourceOptions, Wire};
use ssbtek_domain::{
    Agency, AskingParty, CaseId, CaseWorkerId, Clock, DateTime, EntryId, FUNDS, FixedClock, FundCode,
    Information, NaiveDate, OrganisationNumber, Period, Personnummer, Purpose, Question, Role, Source,
    SourceAnswer, Utc, Wanted,
};
use ssbtek_fan_out::{FanOut, FanOutLimits, Timed};
use ssbtek_merge::{OriginalsWanted, Report, merge};
use ssbtek_pki::{TestAuthority, Validity};
use tokio::time::Instant;

use crate::harness::{BOARD, Wires};

/// All mock sources on loopback without TLS.
pub(crate) struct Agencies {
    pub(crate) running: Running,
    pub(crate) clock: Arc<FixedClock>,
    tls: AgencyTls,
    _files: tempfile::TempDir,
}

pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

pub(crate) fn today() -> NaiveDate {
    "2026-11-22".parse().unwrap()
}

fn period() -> Period {
    Period::new("2026-09-25".parse().unwrap(), "2026-11-22".parse().unwrap()).unwrap()
}

/// Every agency, SO for all funds.
pub(crate) fn every_agency() -> Vec<Source> {
    Agency::ALL.map(Source::Agency).into()
}

/// Six agencies and every fund directly.
pub(crate) fn with_funds() -> Vec<Source> {
    let funds = FUNDS.iter().map(|(code, _)| Source::Fund(FundCode::parse(code).unwrap()));
    every_agency().into_iter().filter(|source| source.agency() != Agency::So).chain(funds).collect()
}

impl Agencies {
    pub(crate) async fn start(seed: u64, households: usize) -> Self {
        let clock = Arc::new(FixedClock::at(now()));
        let mocks = Mocks::generate(seed, households, clock.clone());
        let config = MockConfig { control_port: None, ..MockConfig::default() };
        let running = MockAgencies::start(&config, mocks).await.unwrap();
        let files = tempfile::tempdir().unwrap();
        let validity =
            Validity { not_before: now() - TimeDelta::days(1), not_after: now() + TimeDelta::days(1) };
        let authority = TestAuthority::new("Test CA", validity).unwrap();
        let client = authority.client("broker", "Leverantören", validity).unwrap();
        let put = |name: &str, text: &str| {
            let path = files.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let tls = AgencyTls {
            certificate: put("client.pem", &client.certificate_pem),
            key: put("client.key", &client.key_pem),
            server_ca: put("ca.pem", &authority.root_pem()),
            connect_timeout_ms: 5_000,
            handshake_timeout_ms: 5_000,
            revocation_lists: None,
            without_revocation_list: Default::default(),
            max_answer_bytes: 1024 * 1024,
        };
        Self { running, clock, tls, _files: files }
    }

    pub(crate) fn persons(&self) -> &[TestPerson] {
        self.running.population().persons()
    }

    /// The broker's connectors to these sources.
    pub(crate) fn connectors(&self, wires: Wires, sources: &[Source]) -> Vec<Arc<dyn Connector>> {
        let configured: Vec<SourceConfig> = sources
            .iter()
            .map(|source| (source, self.running.base_url(source).filter(|_| wires == Wires::Own)))
            .map(|(source, own)| SourceConfig {
                code: source.code().into(),
                wire: if own.is_some() { Wire::Own } else { Wire::Grpc },
                url: own.unwrap_or_else(|| self.running.grpc_url(source).unwrap()),
                max_in_flight: None,
                options: options(source),
            })
            .collect();
        let clock: Arc<dyn Clock> = self.clock.clone();
        connectors_to(&configured, &self.tls, AsWhom::Broker, &clock).unwrap()
    }
}

fn options(source: &Source) -> SourceOptions {
    match source {
        Source::Agency(Agency::Af | Agency::Tns) => {
            SourceOptions { no_such_person_codes: vec!["1".into()], ..Default::default() }
        }
        Source::Agency(Agency::Skv) => SourceOptions { skv_404_is_nothing_there: true, ..Default::default() },
        Source::Agency(Agency::Fk) => SourceOptions { actor: Some("test".into()), ..Default::default() },
        _ => SourceOptions::default(),
    }
}

fn question(person: &Personnummer, period: Period, agency: Agency) -> Question {
    let ground = ssbtek_example::law().body.ground(Information::of(agency), today()).unwrap();
    Question {
        entry: EntryId::from_bytes([7; 16]),
        asking: AskingParty {
            organisation: OrganisationNumber::parse(BOARD).unwrap(),
            name: "Nämnden".into(),
            case_worker: CaseWorkerId::parse("anna").unwrap(),
            processors: vec![],
        },
        case: CaseId::parse("EB-1").unwrap(),
        person: person.clone(),
        period,
        purpose: Purpose::parse("ekonomiskt bistånd").unwrap(),
        legal_basis: ground.basis,
        kinds: ground.kinds,
        asked_at: now(),
        wanted: Wanted::Standard,
    }
}

/// What one source brings about one person.
pub(crate) async fn ask(connector: &dyn Connector, person: &Personnummer, within: Duration) -> SourceAnswer {
    let (period, note) = connector.derive_period(period(), today()).unwrap();
    let question = question(person, period, connector.source().agency());
    let mut answer = connector.ask(&question, Instant::now() + within).await;
    answer.notes.extend(note);
    answer
}

/// What all of them bring, merged as a broker would.
pub(crate) async fn report(
    connectors: &[Arc<dyn Connector>],
    person: &Personnummer,
    within: Duration,
    originals: OriginalsWanted,
) -> Report {
    let permit = permit(person);
    let processor = ssbtek_domain::Processor {
        organisation: OrganisationNumber::parse("162021009994").unwrap(),
        name: "Leverantören".into(),
    };
    let manifest: Manifest =
        FanOut::new(connectors.to_vec(), processor, FanOutLimits::default()).manifest(&permit);
    let answers = join_all(connectors.iter().map(|connector| ask(&**connector, person, within))).await;
    let timed = answers.into_iter().map(|answer| Timed { answer, duration_ms: 1 }).collect();
    merge(&permit, &manifest, timed, originals)
}

/// Permission to ask everybody.
pub(crate) fn permit(person: &Personnummer) -> Permit {
    let board = OrganisationNumber::parse(BOARD).unwrap();
    let facts = ssbtek_example::facts(
        ssbtek_example::board(board, &[0; 32], now()),
        ssbtek_example::case_worker("anna", now()),
        ssbtek_example::case("EB-1", "anna", person),
        now(),
    );
    let caller = ssbtek_example::caller(board, "anna", [0; 32], [0; 32], now());
    let ask = Ask {
        case: CaseId::parse("EB-1").unwrap(),
        role: Some(Role::Applicant),
        person: None,
        period: period(),
        agencies: Agency::ALL.into(),
        purpose: Purpose::parse("ekonomiskt bistånd").unwrap(),
        wishes: BTreeMap::new(),
    };
    decide(&caller, &ask, &facts, now()).unwrap()
}
