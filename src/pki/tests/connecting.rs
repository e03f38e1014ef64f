//! Outgoing connections over loopback.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use http::Uri;
use ssbtek_domain::FixedClock;
use ssbtek_pki::{
    ALPN_H2, Acceptor, CertificateRefusal, ConnectError, Connector, Gatekeeper, IdentityRefusal, Issued,
    Judged, RevocationLists, TestAuthority, Validity, client_config, server_config,
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
        self.open_as(&server).await
    }

    /// The same with this certificate.
    async fn open_as(&self, server: &Issued) -> u16 {
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
    assert_eq!(
        wrong.connect(&uri(port)).await.map(drop),
        Err(ConnectError::Identity(IdentityRefusal::WrongName))
    );
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

#[tokio::test]
async fn an_impostor_is_told_apart_from_nobody_and_a_certificate_revoked_meanwhile_ends_a_kept_connection() {
    let world = World::new();
    let (addresses, patience) = ([Ipv4Addr::LOCALHOST.into()], PATIENCE);
    let lists = |revoked: &[&Issued]| {
        let (from, to) = (world.validity.not_before, world.validity.not_after);
        revoked.iter().for_each(|issued| world.authority.revoke(issued, from));
        RevocationLists::from_bytes(world.authority.crl_pem(from, to).unwrap().as_bytes()).unwrap()
    };
    let keeper = |lists| Arc::new(Gatekeeper::of(Judged::Servers, world.authority.roots().unwrap(), lists));
    let connect = |port, keeper: Arc<Gatekeeper>| {
        let connector =
            Connector::tls(world.config(), patience, patience).judged_by(keeper, world.clock.clone());
        async move { connector.connect(&uri(port)).await.map(|stream| (connector, stream)) }
    };
    let refused = |refusal: CertificateRefusal| ConnectError::Identity(IdentityRefusal::Certificate(refusal));

    let good = world.authority.server(&["agency.test"], &addresses, world.validity).unwrap();
    let port = world.open_as(&good).await;
    let keeper_of_good = keeper(lists(&[]));
    let (connector, kept) = connect(port, keeper_of_good.clone()).await.unwrap();
    assert_eq!(connector.still_good(kept.peer().as_ref()), Ok(()));
    keeper_of_good.replace_lists(lists(&[&good]));
    let verdict = connector.still_good(kept.peer().as_ref());
    assert_eq!(verdict, Err(IdentityRefusal::Certificate(CertificateRefusal::Revoked)));
    let again = connect(port, keeper_of_good).await.map(drop);
    assert_eq!(again, Err(refused(CertificateRefusal::Revoked)));

    let mut past = world.validity;
    past.not_after = "2026-02-01T00:00:00Z".parse().unwrap();
    let expired = world.authority.server(&["agency.test"], &addresses, past).unwrap();
    let other = TestAuthority::new("Other", world.validity).unwrap();
    let foreign = other.server(&["agency.test"], &addresses, world.validity).unwrap();
    for (issued, expected) in
        [(expired, CertificateRefusal::Expired), (foreign, CertificateRefusal::UnknownIssuer)]
    {
        let port = world.open_as(&issued).await;
        assert_eq!(connect(port, keeper(lists(&[]))).await.map(drop), Err(refused(expected)), "{expected}");
    }
}
