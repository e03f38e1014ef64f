//! Connections: whoever is refused is closed, nobody holds more than a share, and a newcomer always finds a place.

use std::time::Duration;

use ssbtek_pki::{Issued, Validity};
use tokio::{io::AsyncReadExt, net::TcpStream};
use tonic::Code;

use super::client::{PATIENCE, Wire, whole};
use crate::harness::{BOARD, Wires, World, hex};

/// Few places, so that they are soon taken.
async fn world(per_certificate: usize) -> World {
    World::start_with(Wires::Grpc, |config| {
        config.grpc.max_connections = 12;
        config.doors.max_connections_per_certificate = per_certificate;
        config.doors.max_handshakes = 6;
        config.doors.max_handshakes_per_address = 4;
        config.doors.keepalive_interval_s = 1;
        // Who says nothing is closed because it stands in the way, not because its time is over.
        config.grpc.handshake_timeout_ms = 600_000;
    })
    .await
}

fn expired(world: &World) -> Issued {
    let past = Validity { not_after: "2026-11-22T09:59:59Z".parse().unwrap(), ..world.validity };
    world.authority.client("utgangen", "Nämnden", past).unwrap()
}

/// A question with a certificate that is good, over a new connection.
async fn newcomer_is_served(world: &World) {
    let served = async {
        let mut wire = world.http2(&world.board.identity).await;
        wire.ask(world, "TNS").await.unwrap()
    };
    let told = tokio::time::timeout(Duration::from_secs(5), served).await.expect("a place");
    assert_eq!(told.code(), Some(Code::Ok), "{told:?}");
}

async fn is_closed(wire: &mut Wire) {
    tokio::time::timeout(PATIENCE, &mut wire.connection).await.expect("closed").unwrap();
}

#[tokio::test]
async fn a_connection_whose_certificate_is_refused_is_told_so_once_and_closed() {
    let world = world(12).await;
    let nobody = world.authority.client("okand", "Ingen", world.validity).unwrap();
    for (certificate, told) in [(expired(&world), "has expired"), (nobody, "belongs to no registered board")]
    {
        let mut wire = world.http2(&certificate.identity).await;
        let refused = wire.tell(world.head(), whole(world.question_to("TNS"))).await.unwrap();
        assert_eq!(refused.code(), Some(Code::Unauthenticated));
        assert!(refused.text().contains(told), "{refused:?}");
        is_closed(&mut wire).await;
    }
    let mut wire = world.http2(&world.board.identity).await;
    assert_eq!(wire.ask(&world, "TNS").await.unwrap().code(), Some(Code::Ok));
    let revoke = ssbtek_proto::broker::v1::RevokeCertificateRequest {
        organisation_number: BOARD.into(),
        sha256: hex(&world.board.identity.fingerprint()),
    };
    let operator = world.connect(&world.operator.identity);
    use ssbtek_proto::broker::v1::administration_service_client::AdministrationServiceClient as Client;
    Client::new(operator).revoke_certificate(revoke).await.unwrap();
    let refused = wire.ask(&world, "TNS").await.unwrap();
    assert_eq!(refused.code(), Some(Code::Unauthenticated), "{refused:?}");
    is_closed(&mut wire).await;
}

#[tokio::test]
async fn a_refused_assertion_does_not_close_the_connection_of_a_certificate_that_is_good() {
    let world = world(12).await;
    let mut wire = world.http2(&world.board.identity).await;
    let refused = wire.tell(world.head_with("Bearer x"), whole(world.question_to("TNS"))).await.unwrap();
    assert_eq!(refused.code(), Some(Code::Unauthenticated));
    assert_eq!(wire.ask(&world, "TNS").await.unwrap().code(), Some(Code::Ok));
}

#[tokio::test]
async fn connections_that_are_refused_or_say_nothing_leave_a_place_for_a_newcomer() {
    let world = world(12).await;
    let expired = expired(&world);
    let mut refused = Vec::new();
    for _ in 0..30 {
        refused.extend(world.try_http2(&expired.identity).await);
    }
    newcomer_is_served(&world).await;
    let mut silent = Vec::new();
    for _ in 0..30 {
        silent.push(TcpStream::connect(world.broker().ports.grpc).await.unwrap());
    }
    newcomer_is_served(&world).await;
    // The oldest made room.
    let read = tokio::time::timeout(PATIENCE, silent[0].read(&mut [0; 1])).await.expect("closed");
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
}

#[tokio::test]
async fn a_refused_connection_that_asks_nothing_is_closed_after_a_while() {
    let world = World::start_with(Wires::Grpc, |config| config.doors.refused_linger_ms = 50).await;
    let mut wire = world.http2(&expired(&world).identity).await;
    is_closed(&mut wire).await;
}

#[tokio::test]
async fn one_certificate_holds_only_its_share_of_connections_and_gets_a_place_back() {
    let world = world(3).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut wire = world.http2(&world.other_board.identity).await;
        // Answered, whatever is answered: the connection has its place.
        wire.ask(&world, "TNS").await.unwrap();
        held.push(wire);
    }
    let beyond = async {
        match world.try_http2(&world.other_board.identity).await {
            None => None,
            Some(mut wire) => wire.ask(&world, "TNS").await,
        }
    };
    assert_eq!(beyond.await, None, "closed");
    newcomer_is_served(&world).await;
    let one = held.pop().unwrap();
    one.connection.abort();
    drop(one);
    let again = async {
        loop {
            if let Some(mut wire) = world.try_http2(&world.other_board.identity).await
                && wire.ask(&world, "TNS").await.is_some()
            {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, again).await.expect("a place that was given back");
}

#[tokio::test]
async fn an_open_connection_whose_certificate_is_no_longer_good_is_closed_although_it_asks_nothing() {
    let world = world(12).await;
    let mut wire = world.http2(&world.board.identity).await;
    assert_eq!(wire.ask(&world, "TNS").await.unwrap().code(), Some(Code::Ok));
    world.authority.revoke(&world.board, world.validity.not_before);
    let list = world.authority.crl_pem(world.validity.not_before, world.validity.not_after).unwrap();
    std::fs::write(world.data_dir().join("revoked.pem"), list).unwrap();
    is_closed(&mut wire).await;
}
