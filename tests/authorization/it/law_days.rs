//! A decision is made, and made again, under the law of its own day in Stockholm.

use ssbtek_access_log::{Payload, RecordKind};
use ssbtek_authorize::LegalBases;
use ssbtek_domain::Agency;

use crate::world::{BOARD, World, ask_on, organisation, question};

#[tokio::test]
async fn a_decision_on_either_side_of_a_change_of_the_law_is_made_again_under_its_own() {
    for (moment, basis) in [
        (
            "2025-06-30T21:59:59Z",
            "11 kap. 11–11 b §§ socialtjänstlagen (2001:453); 2 § förordningen (2008:975)",
        ),
        (
            "2025-06-30T22:00:00Z",
            "15 kap. 10–12 §§ socialtjänstlagen (2025:400); 2 § förordningen (2008:975)",
        ),
    ] {
        let mut world = World::new();
        world.law = LegalBases::default();
        world.clock.set(moment.parse().unwrap());
        world.in_force().await;
        let mut ask = question("EB-1");
        ask.agencies = [Agency::Csn].into();
        ask_on(&world.path().await, world.caller("anna"), ask).await.unwrap();
        let records = world.records(organisation(BOARD)).await;
        let intent = records.iter().rfind(|record| record.header.kind == RecordKind::Intent).unwrap();
        let Some(Payload::Intent(told)) = &intent.payload else { panic!("an intent") };
        assert_eq!(told.sources[0].basis.0, basis, "{moment}");
        // Long after, under whatever list.
        world.clock.set("2027-11-20T10:00:00Z".parse().unwrap());
        world.law = LegalBases(vec![]);
        world.path().await;
        let replayed = world.desk.replay(&[organisation(BOARD)], intent.header.entry).await.unwrap();
        assert!(replayed.agrees(), "{moment}: {:?} and {:?}", replayed.logged, replayed.replayed);
    }
}
