//! One board does its worst at both doors; twenty others are answered all the same, and it is measured how soon.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use futures::future::join_all;
use mock_agencies::Behaviour;
use ssbtek_domain::{Agency, OrganisationNumber, Source};
use ssbtek_pki::Issued;
use ssbtek_proto::{
    agency::v1::Outcome,
    broker::v1::{self as proto, case_registry_service_client::CaseRegistryServiceClient},
};
use tokio::net::TcpStream;

use crate::harness::{Ask, Wires, World, role};

/// How many others.
const BOARDS: usize = 20;
/// No answer may take longer, on a slow machine too; without shares the first of them would wait for tens of seconds.
const BOUND: Duration = Duration::from_secs(5);

/// A board of its own with the household's case.
struct Neighbour {
    organisation: String,
    certificate: Issued,
}

impl Neighbour {
    async fn register(world: &World, number: usize) -> Self {
        let organisation = (0..10)
            .map(|digit| format!("16212000{:03}{digit}", 100 + number))
            .find(|digits| OrganisationNumber::parse(digits).is_ok())
            .unwrap();
        let certificate = world.authority.client("arendesystem", "En nämnd", world.validity).unwrap();
        world.register_board(&organisation, &certificate).await;
        let members = world.household.iter().map(|person| proto::HouseholdMember {
            person_number: person.number.expose().into(),
            role: role(person.role).into(),
            ..Default::default()
        });
        let case = proto::RegisterCaseRequest {
            case_id: "EB-1".into(),
            members: members.collect(),
            case_workers: vec!["anna".into()],
            provisional: false,
        };
        let neighbour = Self { organisation, certificate };
        let assertion = world.assertion("system").issued_by(&neighbour.organisation);
        let call = assertion.bound_to(&neighbour.certificate).on(case);
        let channel = world.connect(&neighbour.certificate.identity);
        CaseRegistryServiceClient::new(channel).register_case(call).await.unwrap();
        neighbour
    }

    /// Asks one agency over a new connection; how long that took.
    async fn ask(&self, world: &World) -> Duration {
        let mut question = world.question();
        question.agencies = vec!["TNS".into()];
        let assertion = world.assertion("anna").issued_by(&self.organisation).bound_to(&self.certificate);
        let start = Instant::now();
        let answer = Ask::send(world, &self.certificate, assertion.on(question)).await.unwrap();
        assert!(answer.sources.iter().any(|source| source.outcome() == Outcome::Answered));
        start.elapsed()
    }
}

/// Questions to a slow agency whose streams are reset, over connection after connection, kept open, beside connections
/// that say nothing.
async fn do_the_worst(world: &World, enough: &AtomicBool) -> usize {
    let (mut wires, mut silent, mut put) = (Vec::new(), Vec::new(), 0);
    while !enough.load(Ordering::Relaxed) {
        silent.extend(TcpStream::connect(world.broker().ports.grpc).await);
        let Some(mut wire) = world.try_http2(&world.board.identity).await else { continue };
        let questions = (0..20).map(|_| {
            let (mut send, head) = (wire.send.clone(), world.head());
            let body = super::client::whole(world.question_to("CSN"));
            async move {
                let sent = send.send_request(head.body(body).unwrap());
                // Whatever is answered by then, the stream is reset.
                let _ = tokio::time::timeout(Duration::from_millis(30), sent).await;
            }
        });
        put += join_all(questions).await.len();
        let _ = wire.send.ready().await;
        wires.push(wire);
    }
    put
}

#[tokio::test]
async fn one_board_that_does_its_worst_keeps_no_other_from_its_answer() {
    let world = World::start_with(Wires::Grpc, |config| {
        config.grpc.max_connections = 200;
        config.doors.max_connections_per_certificate = 100;
        config.doors.max_handshakes = 40;
        config.doors.max_handshakes_per_address = 20;
        config.doors.max_under_way = 100;
        config.query.breaker_after = 10_000;
    })
    .await;
    let mut neighbours = Vec::new();
    for number in 0..BOARDS {
        neighbours.push(Neighbour::register(&world, number).await);
    }
    let csn = Source::Agency(Agency::Csn);
    world.agencies.control().set(&csn, Behaviour::slow(3_000)).unwrap();
    let quiet = neighbours[0].ask(&world).await;
    let enough = AtomicBool::new(false);
    let measured = async {
        let mut slowest = Duration::ZERO;
        for _ in 0..2 {
            for neighbour in &neighbours {
                slowest = slowest.max(neighbour.ask(&world).await);
            }
        }
        enough.store(true, Ordering::Relaxed);
        slowest
    };
    let (put, slowest) = tokio::join!(do_the_worst(&world, &enough), measured);
    println!(
        "{put} questions put and reset; of 40 others the slowest took {slowest:?}, {quiet:?} when it was quiet"
    );
    assert!(put >= 100, "the load was a load: {put}");
    assert!(slowest < BOUND, "{slowest:?}");
}
