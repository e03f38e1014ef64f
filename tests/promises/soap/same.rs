//! One path, one log: the same question by gRPC and by SOAP.

use ssbtek_domain::{Agency, Role};
use ssbtek_proto::broker::v1::LogEntry;

use super::client::Question;
use crate::harness::{Ask, Wires, World};

/// What the door itself leaves on an entry, and what no two entries share.
fn but_for_the_door(entry: &LogEntry) -> LogEntry {
    let mut entry = LogEntry {
        entry_id: String::new(),
        door: String::new(),
        opened_at: String::new(),
        ended_at: String::new(),
        leaf_index: 0,
        duration_ms: 0,
        ..entry.clone()
    };
    for source in &mut entry.sources {
        // The published contract lets the caller word it.
        source.legal_basis = String::new();
    }
    entry
}

#[tokio::test]
async fn the_log_holds_equal_entries_but_for_the_door() {
    let world = World::start(Wires::Own).await;
    for role in [Role::Applicant, Role::CoApplicant, Role::Child] {
        let mut by_grpc = world.question();
        by_grpc.role = crate::harness::role(role).into();
        by_grpc.person_number = Some(world.member(role).number.expose().to_owned());
        by_grpc.agencies = ["AF", "CSN", "FK", "SO", "TNS", "MIV"].map(str::to_owned).into();
        let told = Ask::with(&world, by_grpc).await.unwrap();
        let grpc = world.newest_question().await.unwrap();
        assert_eq!(grpc.entry_id, told.entry_id);
        for (version, door) in [(10, "soap_v10"), (11, "soap_v11")] {
            let agencies =
                Agency::ALL.into_iter().filter(|agency| *agency != Agency::Skv).collect::<Vec<_>>();
            let question = Question::about(version, world.member(role).number.expose()).only(&agencies);
            assert_eq!(world.soap_ask(&question).await.status, 200);
            let soap = world.newest_question().await.unwrap();
            assert_eq!((grpc.door.as_str(), soap.door.as_str()), ("grpc", door));
            assert_ne!(grpc.entry_id, soap.entry_id);
            assert_eq!(but_for_the_door(&grpc), but_for_the_door(&soap), "{role:?} v{version}");
        }
    }
}
