//! An answer that is told as the agencies answer: the same path, the same records, the same last word. Nothing here waits for time
//! to pass: the agencies are held, and let go one by one.

mod cut;
mod held_back;
mod household;
mod order;
mod resumed;
mod wire;

use std::time::Duration;

use mock_agencies::TestPerson;
use ssbtek_domain::{Agency, Protection, Source};
use ssbtek_proto::broker::v1::LogEntry;

use crate::harness::{Wires, World};

/// The case of a household in which nobody is protected; `EB-1` is one in which somebody is.
const CLEAR: &str = "EB-CLEAR";

/// Everything up, and every source held; none runs out of time, however slow the machine.
async fn held(wires: Wires) -> World {
    let world = World::start_with(wires, |config| {
        (config.query.agency_deadline_ms, config.query.deadline_ms) = (120_000, 150_000);
        config.query.max_in_flight_per_source = 1;
    })
    .await;
    world.register_case_of(&clear(&world), CLEAR, &["anna"]).await;
    hold_all(&world, true);
    world
}

/// A household in which nobody is protected.
fn clear(world: &World) -> Vec<TestPerson> {
    let is_clear = |one: &TestPerson| one.protection == Protection::None;
    let mut households = world.agencies.population().households();
    households.find(|household| household.iter().all(is_clear)).unwrap().to_vec()
}

fn sources(world: &World, of: Option<Agency>) -> Vec<Source> {
    let all = world.agencies.control().sources().cloned();
    all.filter(|source| of.is_none_or(|agency| source.agency() == agency)).collect()
}

fn hold_all(world: &World, held: bool) {
    for source in sources(world, None) {
        world.agencies.control().hold(&source, held).unwrap();
    }
}

/// Lets all sources of an agency answer.
fn let_go(world: &World, agency: Agency) {
    for source in sources(world, Some(agency)) {
        world.agencies.control().hold(&source, false).unwrap();
    }
}

/// The entry, once it has ended.
async fn ended(world: &World, entry: &str) -> LogEntry {
    for _ in 0..1000 {
        let found = world.log().await.into_iter().find(|logged| logged.entry_id == entry).unwrap();
        if !found.ended_at.is_empty() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the entry has no end");
}
