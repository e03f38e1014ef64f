//! Real handshakes over a pipe: who gets through, who does not, and what is known of them afterwards.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{sync::Arc, time::Duration};

use rustls::{ClientConfig, HandshakeKind, ServerConfig, pki_types::ServerName};
use ssbtek_domain::{Clock, DateTime, FixedClock, Utc};
use ssbtek_pki::{
    ALPN_H2, ALPN_HTTP11, AcceptError, Acceptor, CertificateRefusal, Gatekeeper, Identity, Issued,
    PeerCertificate, PkiError, RevocationLists, Roots, TestAuthority, TlsStream, Validity, client_config,
    server_config,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

const NAME: &str = "broker.test";
const PATIENCE: Duration = Duration::from_secs(5);

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn year_2026() -> Validity {
    Validity { not_before: at("2026-01-01T00:00:00Z"), not_after: at("2026-12-31T23:59:59Z") }
}

struct World {
    clock: Arc<FixedClock>,
    authority: TestAuthority,
    server: Issued,
}

impl World {
    fn new() -> Self {
        let authority = TestAuthority::new("Test root", year_2026()).unwrap();
        let server = authority.server(&[NAME], &[], year_2026()).unwrap();
        Self { clock: Arc::new(FixedClock::at(at("2026-06-01T12:00:00Z"))), authority, server }
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    fn door(&self) -> ServerConfig {
        let roots = self.authority.roots().unwrap();
        server_config(&self.server.identity, &roots, self.clock(), &[ALPN_H2, ALPN_HTTP11]).unwrap()
    }

    fn caller(&self, identity: Option<&Identity>) -> ClientConfig {
        client_config(identity, &self.authority.roots().unwrap(), self.clock(), &[ALPN_H2]).unwrap()
    }

    fn board(&self, validity: Validity) -> Issued {
        self.authority.client("Ankeborgs kommun", "212000-0001", validity).unwrap()
    }

    fn lists(&self, next_update: &str) -> RevocationLists {
        let pem = self.authority.crl_pem(at("2026-05-01T00:00:00Z"), at(next_update)).unwrap();
        RevocationLists::from_bytes(pem.as_bytes()).unwrap()
    }
}

type Client = tokio_rustls::client::TlsStream<DuplexStream>;
type Server = (TlsStream<DuplexStream>, PeerCertificate);

/// Both ends of one handshake. The client's end says what the client itself found wrong.
async fn meet(
    client: ClientConfig,
    name: &str,
    acceptor: &Acceptor,
) -> (std::io::Result<Client>, Result<Server, AcceptError>) {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let connect = tokio_rustls::TlsConnector::from(Arc::new(client)).connect(name, near);
    tokio::join!(connect, acceptor.accept(far))
}

async fn refused(world: &World, client: ClientConfig) -> AcceptError {
    let (_, server) = meet(client, NAME, &Acceptor::new(world.door(), PATIENCE)).await;
    server.map(drop).unwrap_err()
}

#[tokio::test]
async fn a_good_certificate_gets_through_and_is_known_afterwards() {
    let world = World::new();
    let board = world.board(year_2026());
    let acceptor = Acceptor::new(world.door(), PATIENCE);
    let (client, server) = meet(world.caller(Some(&board.identity)), NAME, &acceptor).await;
    let (mut client, (mut server, peer)) = (client.unwrap(), server.unwrap());
    assert_eq!(peer, board.certificate);
    assert_eq!(peer.fingerprint_sha256, board.identity.fingerprint());
    assert_eq!(peer.subject_cn.as_deref(), Some("Ankeborgs kommun"));
    assert_eq!((peer.not_before, peer.not_after), (year_2026().not_before, year_2026().not_after));
    assert_eq!(server.get_ref().1.alpn_protocol(), Some(ALPN_H2));
    client.write_all(b"hej").await.unwrap();
    client.flush().await.unwrap();
    let mut read = [0; 3];
    server.read_exact(&mut read).await.unwrap();
    assert_eq!(&read, b"hej");
}

#[tokio::test]
async fn without_a_certificate_nobody_gets_through() {
    let world = World::new();
    assert_eq!(refused(&world, world.caller(None)).await, AcceptError::Handshake);
}

#[tokio::test]
async fn a_certificate_from_another_authority_is_refused_even_when_expired_or_of_the_same_name() {
    let world = World::new();
    let other = TestAuthority::new("Test root", year_2026()).unwrap();
    let past = Validity { not_before: at("2025-01-01T00:00:00Z"), not_after: at("2025-12-31T00:00:00Z") };
    for validity in [year_2026(), past] {
        let stranger = other.client("Ankeborgs kommun", "212000-0001", validity).unwrap();
        assert_eq!(refused(&world, world.caller(Some(&stranger.identity))).await, AcceptError::Handshake);
    }
}

#[tokio::test]
async fn a_server_certificate_cannot_be_used_as_a_client() {
    let world = World::new();
    let server = world.authority.server(&["other.test"], &[], year_2026()).unwrap();
    assert_eq!(refused(&world, world.caller(Some(&server.identity))).await, AcceptError::Handshake);
    let gatekeeper = Gatekeeper::new(world.authority.roots().unwrap(), RevocationLists::default());
    let verdict = gatekeeper.check(&server.certificate, world.clock.now());
    assert_eq!(verdict, Err(CertificateRefusal::NotForThisUse));
}

#[tokio::test]
async fn expired_and_not_yet_valid_certificates_reach_the_gatekeeper_and_no_further() {
    let world = World::new();
    let gatekeeper = Gatekeeper::new(world.authority.roots().unwrap(), RevocationLists::default());
    let past = Validity { not_before: at("2025-01-01T00:00:00Z"), not_after: at("2026-05-31T00:00:00Z") };
    let future = Validity { not_before: at("2026-07-01T00:00:00Z"), not_after: at("2026-12-01T00:00:00Z") };
    for (validity, refusal) in
        [(past, CertificateRefusal::Expired), (future, CertificateRefusal::NotYetValid)]
    {
        let board = world.board(validity);
        let acceptor = Acceptor::new(world.door(), PATIENCE);
        let (_, server) = meet(world.caller(Some(&board.identity)), NAME, &acceptor).await;
        assert_eq!(gatekeeper.check(&server.unwrap().1, world.clock.now()), Err(refusal));
    }
}

#[tokio::test]
async fn a_certificate_revoked_after_the_handshake_is_refused_on_the_same_connection() {
    let world = World::new();
    let (board, neighbour) = (world.board(year_2026()), world.board(year_2026()));
    let gatekeeper = Gatekeeper::new(world.authority.roots().unwrap(), world.lists("2026-07-01T00:00:00Z"));
    let acceptor = Acceptor::new(world.door(), PATIENCE);
    let (_client, server) = meet(world.caller(Some(&board.identity)), NAME, &acceptor).await;
    let (_stream, peer) = server.unwrap();
    assert_eq!(gatekeeper.check(&peer, world.clock.now()), Ok(()));
    world.authority.revoke(&board, world.clock.now());
    gatekeeper.replace_lists(world.lists("2026-07-01T00:00:00Z"));
    assert_eq!(gatekeeper.check(&peer, world.clock.now()), Err(CertificateRefusal::Revoked));
    assert_eq!(gatekeeper.check(&neighbour.certificate, world.clock.now()), Ok(()));
}

#[tokio::test]
async fn no_session_is_ever_resumed() {
    let world = World::new();
    let board = world.board(year_2026());
    let acceptor = Acceptor::new(world.door(), PATIENCE);
    for versions in [&[&rustls::version::TLS13], &[&rustls::version::TLS12]] {
        // A client that would resume if it were offered anything.
        let mut eager =
            ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
                .with_protocol_versions(versions)
                .unwrap()
                .with_root_certificates(root_store(&world))
                .with_client_auth_cert(chain(&board), key(&board))
                .unwrap();
        eager.time_provider = Arc::new(Standing(world.clock()));
        eager.enable_early_data = true;
        for _ in 0..3 {
            let (client, server) = meet(eager.clone(), NAME, &acceptor).await;
            let (mut client, (mut server, _)) = (client.unwrap(), server.unwrap());
            server.write_all(b"x").await.unwrap();
            server.flush().await.unwrap();
            client.read_exact(&mut [0]).await.unwrap();
            assert_eq!(client.get_ref().1.handshake_kind(), Some(HandshakeKind::Full));
            assert_eq!(client.get_ref().1.tls13_tickets_received(), 0);
        }
    }
}

#[tokio::test]
async fn a_server_of_another_name_authority_or_time_is_refused() {
    let world = World::new();
    let board = world.board(year_2026());
    let acceptor = Acceptor::new(world.door(), PATIENCE);
    let (client, _) = meet(world.caller(Some(&board.identity)), "other.test", &acceptor).await;
    assert!(client.is_err());
    let stranger = TestAuthority::new("Other root", year_2026()).unwrap().roots().unwrap();
    let config = client_config(Some(&board.identity), &stranger, world.clock(), &[ALPN_H2]).unwrap();
    assert!(meet(config, NAME, &acceptor).await.0.is_err());
    world.clock.set(at("2027-01-01T00:00:00Z"));
    assert!(meet(world.caller(Some(&board.identity)), NAME, &acceptor).await.0.is_err());
}

#[tokio::test]
async fn a_new_certificate_is_in_force_for_the_next_connection() {
    let world = World::new();
    let board = world.board(year_2026());
    let acceptor = Acceptor::new(world.door(), PATIENCE);
    let renewed = world.authority.server(&[NAME], &[], year_2026()).unwrap();
    let roots = world.authority.roots().unwrap();
    acceptor.replace(server_config(&renewed.identity, &roots, world.clock(), &[ALPN_H2]).unwrap());
    let (client, _) = meet(world.caller(Some(&board.identity)), NAME, &acceptor).await;
    let seen = PeerCertificate::of_connection(client.unwrap().get_ref().1).unwrap();
    assert_eq!(seen.fingerprint_sha256, renewed.identity.fingerprint());
}

#[tokio::test(start_paused = true)]
async fn a_silent_caller_is_cut_off_when_the_handshake_time_is_up() {
    let world = World::new();
    let (_near, far) = tokio::io::duplex(1024);
    let refused = Acceptor::new(world.door(), PATIENCE).accept(far).await.map(drop).unwrap_err();
    assert_eq!(refused, AcceptError::TimedOut);
}

#[test]
fn keys_and_certificates_must_belong_together() {
    let world = World::new();
    let (one, two) = (world.board(year_2026()), world.board(year_2026()));
    let pair =
        |certificate: &str, key: &str| Identity::from_pem(certificate.as_bytes(), key.as_bytes()).map(drop);
    assert_eq!(pair(&one.certificate_pem, &two.key_pem), Err(PkiError::KeyOfAnotherCertificate));
    assert_eq!(pair("", &two.key_pem), Err(PkiError::NoCertificate));
    assert_eq!(pair(&one.certificate_pem, ""), Err(PkiError::UnusableKey));
    assert_eq!(Roots::from_pem(b"").map(drop), Err(PkiError::NoCertificate));
    assert_eq!(format!("{:?}", one.identity), "Identity(redacted)");
}

fn chain(issued: &Issued) -> Vec<rustls::pki_types::CertificateDer<'static>> {
    issued.certificate.chain.clone()
}

fn key(issued: &Issued) -> rustls::pki_types::PrivateKeyDer<'static> {
    use rustls::pki_types::pem::PemObject;
    rustls::pki_types::PrivateKeyDer::from_pem_slice(issued.key_pem.as_bytes()).unwrap()
}

fn root_store(world: &World) -> rustls::RootCertStore {
    use rustls::pki_types::pem::PemObject;
    let mut store = rustls::RootCertStore::empty();
    let root =
        rustls::pki_types::CertificateDer::from_pem_slice(world.authority.root_pem().as_bytes()).unwrap();
    store.add(root).unwrap();
    store
}

#[derive(Debug)]
struct Standing(Arc<dyn Clock>);

impl rustls::time_provider::TimeProvider for Standing {
    fn current_time(&self) -> Option<rustls::pki_types::UnixTime> {
        let seconds = u64::try_from(self.0.now().timestamp()).unwrap();
        Some(rustls::pki_types::UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
