//! Outgoing connections over loopback.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use http::Uri;
use ssbtek_domain::FixedClock;
use ssbtek_pki::{
    ALPN_H2, Acceptor, ConnectError, Connector, TestAuthority, Validity, client_config, server_config,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const PATIENCE: Duration = Duration::from_secs(5);

struct World {
    authority: TestAuthority,
    clock: Arc<FixedClock>,
    validity: Validity,
}

impl World {
    fn new() -> Self {
        let not_before = "2026-01-01T00:00:00Z".parse().unwrap();
        let validity = Validity { not_before, not_after: "2027-01-01T00:00:00Z".parse().unwrap() };
        let clock = Arc::new(FixedClock::at("2026-06-01T00:00:00Z".parse().unwrap()));
        Self { authority: TestAuthority::new("Root", validity).unwrap(), clock, validity }
    }

    /// A door that answers one byte to every connection that gets through.
    async fn open(&self) -> u16 {
        let addresses = [Ipv4Addr::LOCALHOST.into()];
        let server = self.authority.server(&["agency.test"], &addresses, self.validity).unwrap();
        let roots = self.authority.roots().unwrap();
        let config = server_config(&server.identity, &roots, self.clock.clone(), &[ALPN_H2]).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = Acceptor::new(config, PATIENCE);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                if let Ok((mut stream, _)) = acceptor.accept(tcp).await {
                    let _ = stream.write_all(b"!").await;
                    let _ = stream.shutdown().await;
                }
            }
        });
        port
    }

    fn config(&self) -> rustls::ClientConfig {
        let client = self.authority.client("SSBTEK", "165560000123", self.validity).unwrap();
        let roots = self.authority.roots().unwrap();
        client_config(Some(&client.identity), &roots, self.clock.clone(), &[ALPN_H2]).unwrap()
    }
}

fn uri(port: u16) -> Uri {
    format!("https://127.0.0.1:{port}/x").parse().unwrap()
}

#[tokio::test]
async fn the_brokers_certificate_is_presented_and_the_agencys_name_is_verified() {
    let world = World::new();
    let port = world.open().await;
    let by_address = Connector::tls(world.config(), PATIENCE, PATIENCE);
    let by_name = Connector::tls_named(world.config(), "agency.test", PATIENCE, PATIENCE).unwrap();
    for connector in [by_address, by_name] {
        let mut stream = connector.connect(&uri(port)).await.unwrap();
        let mut answer = vec![];
        stream.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, b"!");
    }
    let wrong = Connector::tls_named(world.config(), "agency.test.evil", PATIENCE, PATIENCE).unwrap();
    assert_eq!(wrong.connect(&uri(port)).await.map(drop), Err(ConnectError::Handshake));
}

#[tokio::test]
async fn nobody_at_the_address_is_not_reachable() {
    let world = World::new();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let connector = Connector::tls(world.config(), PATIENCE, PATIENCE);
    assert_eq!(connector.connect(&uri(port)).await.map(drop), Err(ConnectError::NotReachable));
    assert_eq!(connector.connect(&Uri::from_static("/x")).await.map(drop), Err(ConnectError::Address));
}

#[tokio::test]
async fn a_server_that_never_shakes_hands_is_given_up() {
    let world = World::new();
    // Accepted by the kernel, answered by nobody.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connector = Connector::tls(world.config(), PATIENCE, Duration::from_millis(20));
    assert_eq!(connector.connect(&uri(port)).await.map(drop), Err(ConnectError::TimedOut));
}
