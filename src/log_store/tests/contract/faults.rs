//! What a store does when its engine fails, whichever engine that is: one that fails when it is told to stands between.

use std::sync::{Arc, Mutex};

use ssbtek_access_log::{ChangeError, LogError, StoreError};
use ssbtek_log_store::{
    Fault,
    engine::{Changes, Done, Engine, Room, Rows, WritingEnd},
};
use ssbtek_vault::KeyState;

use super::{
    Place, board,
    world::{World, clock, run},
};

/// The fault that comes next, if one does.
type Next = Arc<Mutex<Option<Fault>>>;

struct Failing {
    engine: Arc<dyn Engine>,
    reads: Next,
    changes: Next,
}

struct FailingEnd {
    end: Box<dyn WritingEnd>,
    changes: Next,
}

fn take(next: &Next) -> Done<()> {
    next.lock().unwrap().take().map_or(Ok(()), Err)
}

impl Engine for Failing {
    fn read(&self, work: &mut dyn FnMut(&dyn Rows) -> Done<()>) -> Done<()> {
        take(&self.reads)?;
        self.engine.read(work)
    }

    fn writing_end(&self) -> Done<Box<dyn WritingEnd>> {
        let (end, changes) = (self.engine.writing_end()?, self.changes.clone());
        Ok(Box::new(FailingEnd { end, changes }))
    }

    fn is_shared(&self) -> bool {
        self.engine.is_shared()
    }
}

impl WritingEnd for FailingEnd {
    /// Does all of it, and then fails as a commit does.
    fn change(&mut self, work: &mut dyn FnMut(&dyn Changes) -> Done<()>) -> Done<()> {
        let changes = self.changes.clone();
        self.end.change(&mut |rows| {
            work(rows)?;
            take(&changes)
        })
    }

    fn room(&mut self) -> Room {
        self.end.room()
    }

    fn make_room(&mut self) -> Option<Room> {
        // As with nothing left to give.
        None
    }

    fn close(&mut self) {
        self.end.close();
    }
}

/// A store over an engine that fails next with what is put here: a read, or a change.
fn failing(place: &dyn Place) -> (World<'_>, Next, Next) {
    let (reads, changes) = (Next::default(), Next::default());
    let engine = Failing { engine: place.open(), reads: reads.clone(), changes: changes.clone() };
    (World::over(place, Arc::new(engine), clock()), reads, changes)
}

async fn makes(world: &World<'_>) -> Result<(), ChangeError> {
    world.log.make(world.change()).await.map(drop)
}

const LATER: Result<(), ChangeError> = Err(ChangeError::Log(LogError::Unavailable));
const POISONED: Result<(), ChangeError> = Err(ChangeError::Log(LogError::Poisoned));

pub(crate) fn refuses_for_now(place: &dyn Place) {
    run(async {
        World::new(place).await.closed().await;
        let (world, _, changes) = failing(place);
        let before = world.size().await;
        for fault in [Fault::Busy, Fault::Full] {
            *changes.lock().unwrap() = Some(fault);
            assert_eq!(makes(&world).await, LATER, "{fault}");
            assert!(!world.poison.is_set(), "{fault}");
            assert_eq!(world.size().await, before, "nothing of it is there");
        }
        assert_eq!(makes(&world).await, Ok(()), "later may succeed");
        assert_eq!(world.reopened().await.size().await, before + 1);
    });
}

pub(crate) fn stops(place: &dyn Place) {
    run(async {
        World::new(place).await.closed().await;
        for fault in [Fault::Io, Fault::Vault(("log", KeyState::Gone)), Fault::Damaged("as tried")] {
            let (world, _, changes) = failing(place);
            let before = world.size().await;
            *changes.lock().unwrap() = Some(fault);
            assert_eq!(makes(&world).await, POISONED, "{fault}");
            assert!(world.poison.is_set(), "{fault}");
            // Nothing more is taken, of whatever kind, though the engine would.
            assert_eq!(makes(&world).await, POISONED, "{fault}");
            assert!(world.lease_fails().await, "{fault}");
            let world = world.reopened().await;
            assert!(!world.poison.is_set() && makes(&world).await == Ok(()), "the next process goes on");
            assert_eq!(world.size().await, before + 1, "on what was durable: {fault}");
            world.closed().await;
        }
    });
}

pub(crate) fn reads_fail_alone(place: &dyn Place) {
    run(async {
        World::new(place).await.closed().await;
        let (world, reads, _) = failing(place);
        for (fault, told) in [
            (Fault::Busy, StoreError::Busy),
            (Fault::Full, StoreError::Busy),
            (Fault::Damaged("as tried"), StoreError::Damaged),
            (Fault::Vault(("log", KeyState::Gone)), StoreError::Vault),
            (Fault::Io, StoreError::Io),
        ] {
            *reads.lock().unwrap() = Some(fault);
            assert_eq!(world.logs.tree(board(0)).await, Err(told), "says what it is");
            assert!(world.logs.tree(board(0)).await.is_ok(), "{fault}");
        }
        assert!(!world.poison.is_set() && makes(&world).await == Ok(()));
    });
}

pub(crate) fn stops_when_told(place: &dyn Place) {
    run(async {
        let world = World::new(place).await;
        world.poison.set();
        assert_eq!(makes(&world).await, POISONED);
        assert!(world.lease_fails().await);
        assert!(world.logs.tree(board(0)).await.is_ok(), "what is there can be looked at");
    });
}
