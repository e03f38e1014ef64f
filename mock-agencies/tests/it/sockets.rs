//! The doors themselves: ports, TLS with client certificates, closing connections, stopping.

use std::{sync::Arc, time::Duration};

use hyper_util::rt::TokioIo;
use mock_agencies::{Behaviour, Layout, MockAgencies, MockConfig, Outage, Running, StartError, server_tls};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use ssbtek_domain::{Source, SystemClock};
use ssbtek_pki::{ALPN_H2, Issued, TestAuthority, Validity, client_config};
use ssbtek_proto::agency::v1::agency_service_client::AgencyServiceClient;
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;
use tonic::{Code, transport::Endpoint};

use crate::world::{CSN, FK, applicant, mocks, question};

async fn start(config: MockConfig) -> Running {
    MockAgencies::start(&config, mocks()).await.unwrap()
}

async fn ask_over_tcp(running: &Running, at: &Source, about: &Source) -> Result<(), Code> {
    let endpoint = Endpoint::from_shared(running.grpc_url(at).unwrap()).unwrap();
    let channel = endpoint.connect().await.map_err(|_| Code::Unavailable)?;
    let person = running.population().demo_household()[0].clone();
    let answered = AgencyServiceClient::new(channel).get_person_facts(question(about, &person)).await;
    answered.map(drop).map_err(|status| status.code())
}

#[tokio::test]
async fn one_port_serves_every_source() {
    let running = start(MockConfig::default()).await;
    for source in [FK, CSN] {
        assert_eq!(ask_over_tcp(&running, &source, &source).await, Ok(()));
        assert_eq!(running.control().calls(&source), Ok(1));
    }
    running.stop().await;
}

#[tokio::test]
async fn a_port_of_its_own_serves_its_source_and_refuses_every_other() {
    let running = start(MockConfig { grpc: Layout::PortPerSource(0), ..MockConfig::default() }).await;
    assert_ne!(running.grpc_addr(&FK), running.grpc_addr(&CSN));
    assert_eq!(ask_over_tcp(&running, &FK, &FK).await, Ok(()));
    assert_eq!(ask_over_tcp(&running, &FK, &CSN).await, Err(Code::InvalidArgument));
    assert_eq!((running.control().calls(&CSN), running.control().strays()), (Ok(0), 1));
    running.stop().await;
}

#[tokio::test]
async fn a_taken_port_is_named_and_nothing_stays_open() {
    let first = start(MockConfig::default()).await;
    let taken = first.http_addr().unwrap();
    let config = MockConfig { http_port: Some(taken.port()), ..MockConfig::default() };
    let error = MockAgencies::start(&config, mocks()).await.unwrap_err();
    assert!(matches!(error, StartError::PortTaken { .. }));
    assert!(error.to_string().contains(&taken.port().to_string()), "{error}");
    first.stop().await;
}

#[tokio::test]
async fn after_stopping_nobody_listens_and_a_hung_question_does_not_hold_it_up() {
    let running = start(MockConfig::default()).await;
    let addr = running.grpc_addr(&FK).unwrap();
    running.control().set(&FK, Behaviour::out(Outage::Hang)).unwrap();
    let control = running.control().clone();
    let endpoint = Endpoint::from_shared(running.grpc_url(&FK).unwrap()).unwrap();
    let channel = endpoint.connect().await.unwrap();
    let person = applicant(&mocks());
    let hung = tokio::spawn(async move {
        AgencyServiceClient::new(channel).get_person_facts(question(&FK, &person)).await
    });
    while control.calls(&FK) == Ok(0) {
        tokio::task::yield_now().await;
    }
    timeout(Duration::from_secs(10), running.stop()).await.unwrap();
    assert!(hung.await.unwrap().is_err());
    assert!(TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn a_closed_connection_is_an_error_at_the_caller_and_the_next_one_is_let_in() {
    let running = start(MockConfig::default()).await;
    running.control().set(&FK, Behaviour::out(Outage::CloseConnection)).unwrap();
    assert!(ask_over_tcp(&running, &FK, &FK).await.is_err());
    running.control().reset();
    assert_eq!(ask_over_tcp(&running, &FK, &FK).await, Ok(()));
    running.stop().await;
}

async fn ask_over_tls(running: &Running, config: ClientConfig) -> Result<(), Code> {
    let addr = running.grpc_addr(&FK).unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let endpoint = Endpoint::from_shared(format!("http://{addr}")).unwrap();
    let connecting = endpoint.connect_with_connector(tower::service_fn(move |_| {
        let connector = connector.clone();
        async move {
            let tcp = TcpStream::connect(addr).await?;
            connector.connect(ServerName::try_from("fk.mock").unwrap(), tcp).await.map(TokioIo::new)
        }
    }));
    let channel = connecting.await.map_err(|_| Code::Unavailable)?;
    let person = running.population().demo_household()[0].clone();
    let answered = AgencyServiceClient::new(channel).get_person_facts(question(&FK, &person)).await;
    answered.map(drop).map_err(|status| status.code())
}

#[tokio::test]
async fn over_tls_only_a_client_with_a_certificate_of_the_right_authority_gets_an_answer() {
    let day = |text: &str| text.parse().unwrap();
    let validity =
        Validity { not_before: day("2020-01-01T00:00:00Z"), not_after: day("2100-01-01T00:00:00Z") };
    let authority = TestAuthority::new("Mock authority", validity).unwrap();
    let foreign = TestAuthority::new("Foreign authority", validity).unwrap();
    let server = authority.server(&["fk.mock"], &[], validity).unwrap();
    let (chain, key, ca) = (server.certificate_pem, server.key_pem, authority.root_pem());
    let tls = server_tls(chain.as_bytes(), key.as_bytes(), ca.as_bytes()).unwrap();
    let running = start(MockConfig { tls: Some(tls), ..MockConfig::default() }).await;

    let client = |identity: Option<&Issued>| {
        let (identity, roots) = (identity.map(|issued| &issued.identity), authority.roots().unwrap());
        client_config(identity, &roots, Arc::new(SystemClock), &[ALPN_H2]).unwrap()
    };
    let broker = authority.client("broker", "Provköpings kommun", validity).unwrap();
    let stranger = foreign.client("broker", "Provköpings kommun", validity).unwrap();
    assert_eq!(ask_over_tls(&running, client(Some(&broker))).await, Ok(()));
    assert!(ask_over_tls(&running, client(Some(&stranger))).await.is_err());
    assert!(ask_over_tls(&running, client(None)).await.is_err());
    assert_eq!(running.control().total_calls(), 1);
    running.stop().await;
}
