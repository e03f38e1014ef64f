//! Whatever reads, before, during or after a purge, makes no key.

use std::collections::{BTreeMap, BTreeSet};

use ssbtek_access_log::{Criteria, ExportOptions, Filter, LogKeys, LogStore, TreeStore};
use ssbtek_authorize::{DocumentRef, Registry};
use ssbtek_domain::{CaseId, CaseWorkerId, Clock, EntryId, OrganisationNumber};
use ssbtek_log_store::CheckOptions;
use ssbtek_purge::{NoFaults, RetentionStore};
use ssbtek_store_sqlite::check;
use ssbtek_vault::KeyId;

use crate::world::{KillAt, World, board, person};

async fn keys(world: &World) -> Vec<KeyId> {
    world.vault.list().unwrap()
}

/// Calls everything that reads something of a board, and holds the keys against those before, call by call.
async fn read_everything(world: &World, of: OrganisationNumber) {
    let before = keys(world).await;
    macro_rules! read {
        ($what:expr) => {
            let _ = $what;
            assert_eq!(keys(world).await, before, "{}", stringify!($what));
        };
    }
    let (log, store, now) = (&world.log, &world.store, world.clock.now());
    let (case, worker) = (CaseId::parse("EB-1").unwrap(), CaseWorkerId::parse("anna.berg").unwrap());
    let entry = EntryId::from_bytes([7; 16]);
    read!(world.purger.status(now, ssbtek_purge::Counting::With).await);
    read!(world.purger.plan(now, ssbtek_purge::Counting::With).await);
    read!(world.purger.receipt(entry));
    for filter in [
        Filter::All,
        Filter::Person(person(0)),
        Filter::ReadingsAbout(person(0)),
        Filter::CaseWorker(worker.clone()),
        Filter::Case(case.clone()),
        Filter::Entry(entry),
    ] {
        read!(log.read(of, &filter, None, 10).await);
    }
    let criteria = Criteria { person: Some(person(0)), ..Criteria::default() };
    read!(log.find(of, &criteria, None, 10).await);
    read!(log.walk(of, criteria.clone(), None).await.map(|_| ()));
    read!(log.delay(of, &case).await);
    read!(log.knows_case(of, &case).await);
    read!(log.review_state(of, "2026-01").await);
    read!(log.overdue(of).await);
    read!(log.blind_person(of, &person(0)));
    read!(log.checkpoint(of).await);
    let export = log.export(of, ExportOptions::default()).await;
    if let Ok(mut export) = export {
        while export.next().await.unwrap().is_some() {}
    }
    read!(
        log.export(of, ExportOptions { criteria: Some(criteria), ..ExportOptions::default() })
            .await
            .map(|_| ())
    );
    for reference in [
        DocumentRef::board(of),
        DocumentRef::case(of, &case),
        DocumentRef::case_worker(of, &worker),
        DocumentRef::restriction(of, &person(0)),
        DocumentRef::provider(),
        DocumentRef::certificate(&[9; 32]),
    ] {
        read!(LogStore::document(&**store, &reference).await);
        read!(store.document_version(&reference, 1).await);
    }
    read!(store.certificate_owner(&[9; 32]).await);
    read!(store.certificate_names(of).await);
    read!(store.expired_cases(of, now).await);
    read!(store.log_months(of).await);
    read!(log.certified(of, entry).await);
    read!(world.purger.tree(of, None).await);
    read!(log.trees().boards().await);
    read!(store.row(of).await);
    read!(store.open_entries().await);
    read!(store.kept_checkpoints(of, 9).await);
    read!(store.checkpoint_at(of, 1).await);
    read!(store.log_key_list(of).await);
    read!(store.log_keys(of));
    read!(world.signer.boards());
    read!(world.signer.checkpoint(of, 0, ssbtek_transparency::Hash::empty_root()));
    read!(world.signer.signer(of).map(|_| ()));
    read!(world.signer.verifiers(of).len());
}

#[tokio::test]
async fn nothing_that_reads_makes_a_key_of_a_board_before_during_or_after_its_purge() {
    let world = World::new("2026-01-20");
    let unheard_of = board(1);
    read_everything(&world, unheard_of).await;
    world.register(board(0), "EB-1", &person(0)).await;
    world.ask(board(0), "EB-1").await;
    read_everything(&world, board(0)).await;
    read_everything(&world, unheard_of).await;
    world.end(board(0), "2026-01-31").await.unwrap();
    world.at("2026-02-28T08:00:00Z");
    // Its keys are gone, its rows are not.
    let mut step = 3;
    while !world.leftovers(board(0)).await.iter().all(|left| !left.contains('.')) {
        assert!(world.purger.run(None, &KillAt::step(step)).await.is_err());
        read_everything(&world, board(0)).await;
        step = 1;
    }
    world.purger.run(None, &NoFaults).await.unwrap();
    read_everything(&world, board(0)).await;
    assert_eq!(world.leftovers(board(0)).await, Vec::<String>::new());
    let now = keys(&world).await;
    world.store.close().await;
    let offline = CheckOptions {
        vault: world.vault.clone(),
        signer: world.signer.clone(),
        known: Vec::new(),
        doomed: BTreeSet::default(),
        started_with: BTreeMap::default(),
    };
    assert_eq!(check(&world.directory.join("broker.db"), &offline).unwrap().findings, Vec::<String>::new());
    assert_eq!(keys(&world).await, now);
}
