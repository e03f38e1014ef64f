//! The doors' certificate and the roots of client certificates are taken up while the broker runs.

use ssbtek_pki::{TestAuthority, fingerprint};

use crate::harness::{Ask, Wires, World};

impl World {
    /// The certificate that the SOAP door shows a caller.
    async fn shown(&self) -> [u8; 32] {
        let stream = self.soap_connection(&self.board.identity).await;
        let ssbtek_pki::Stream::Tls(stream) = stream else { panic!("TLS is expected") };
        fingerprint(&stream.get_ref().1.peer_certificates().unwrap()[0])
    }

    fn put(&self, file: &str, text: &str) {
        std::fs::write(self.data_dir().join(file), text).unwrap();
    }
}

/// Files are looked at every 20 ms here: each try is a connection of its own, and the loop ends by itself.
async fn soon(mut holds: impl AsyncFnMut() -> bool) -> bool {
    for _ in 0..500 {
        if holds().await {
            return true;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    false
}

#[tokio::test]
async fn a_doors_new_certificate_is_shown_from_the_next_connection_on() {
    let world = World::start(Wires::Grpc).await;
    let before = world.shown().await;
    let loopback = [std::net::Ipv4Addr::LOCALHOST.into()];
    let renewed = world.authority.server(&["localhost"], &loopback, world.validity).unwrap();
    world.put("server.pem", &renewed.certificate_pem);
    assert_eq!(world.shown().await, before, "half a pair changes nothing");
    world.put("server.key", &renewed.key_pem);
    assert!(soon(async || world.shown().await == renewed.identity.fingerprint()).await);
    Ask::with(&world, world.question()).await.unwrap();
}

#[tokio::test]
async fn a_root_put_among_the_doors_lets_its_certificates_in_and_one_taken_away_turns_its_away() {
    let world = World::start(Wires::Grpc).await;
    let other = TestAuthority::new("Other CA", world.validity).unwrap();
    let stranger = other.client("arendesystem", "Nämnden", world.validity).unwrap();
    let list = other.crl_pem(world.validity.not_before, world.validity.not_after).unwrap();
    let own_list = world.authority.crl_pem(world.validity.not_before, world.validity.not_after).unwrap();
    let get = b"GET /ssbt?wsdl HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_eq!(world.soap_raw(&world.board.identity, get).await.status, 200);
    assert_eq!(world.soap_raw(&stranger.identity, get).await.status, 0, "no handshake");

    world.put("revoked.pem", &format!("{own_list}{list}"));
    world.put("ca.pem", &format!("{}{}", world.authority.root_pem(), other.root_pem()));
    // Trusted now, and nobody's.
    assert!(soon(async || world.soap_raw(&stranger.identity, get).await.status == 403).await);
    world.put("ca.pem", &other.root_pem());
    assert!(soon(async || world.soap_raw(&world.board.identity, get).await.status != 200).await);
}
