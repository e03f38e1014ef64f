//! What keeps a purge from its end is told once for each time that it is tried, with the board.

use ssbtek_domain::Clock;
use ssbtek_example::Told;
use ssbtek_purge::NoFaults;

use crate::world::{World, board, person};

/// What may be wrong with the first board's rows, and what kind of fault that is. Each is met where it is planned, in the
/// middle, or before the purge has begun.
const FAULTS: [(&str, &str); 3] = [
    ("UPDATE retention SET log_months = 7 WHERE board = '162120009994'", "damaged"),
    ("UPDATE leaf SET commitment = zeroblob(32) WHERE id = (SELECT min(id) FROM leaf)", "damaged"),
    ("DELETE FROM leaf WHERE id < (SELECT min(id) + 9 FROM leaf)", "damaged"),
];

#[tokio::test]
async fn a_purge_that_fails_is_told_once_a_sweep_with_its_board() {
    let told = Told::default();
    let writer = told.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _recording = tracing::subscriber::set_default(subscriber);
    for (fault, kind) in FAULTS {
        let world = World::new("2026-01-20");
        for n in 0..2 {
            world.register(board(n), "EB-1", &person(n as u32)).await;
            world.ask(board(n), "EB-1").await;
            world.end(board(n), "2026-01-31").await.unwrap();
        }
        world.at("2026-02-28T01:00:00Z");
        let database = rusqlite::Connection::open(world.directory.join("broker.db")).unwrap();
        assert!(database.execute(fault, []).unwrap() > 0);
        for _ in 0..2 {
            told.take();
            let ran = world.purger.sweep(Some(world.clock.now()), &NoFaults).await.unwrap();
            assert_eq!(ran.failed.len(), 1, "{fault}");
            let events: Vec<_> = told.take().into_iter().filter(|line| line.contains("ERROR")).collect();
            assert_eq!(events.len(), 1, "{fault}: {events:?}");
            let event = &events[0];
            assert!(event.contains(&format!("board={}", board(0))), "{event}");
            assert!(event.contains(&format!("kind=\"{kind}\"")) && event.contains("at=\"src/"), "{event}");
            assert!(event.contains("count=") && event.contains("alarm="), "{event}");
        }
    }
}
