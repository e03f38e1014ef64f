//! Accounts from before ids had one form are found, shown, and blocked with the one that reads the same.

use ssbtek_access_log::DocumentWrite;
use ssbtek_authorize::{Accounts, CaseWorker, DocumentRef, Duty};
use ssbtek_domain::{CaseWorkerId, Clock};
use ssbtek_registry::DeskError;

use crate::world::{BOARD, World, documents, id, new_account, organisation};

const COMPOSED: &str = "åsa.öberg";
const APART: &str = "a\u{30a}sa.o\u{308}berg";

/// An account as an earlier version stored it.
async fn stored(world: &World, name: &str) -> CaseWorkerId {
    let board = organisation(BOARD);
    let account = CaseWorkerId::try_from(name.to_owned()).unwrap();
    let worker = CaseWorker { id: account.clone(), ..documents::worker("anna", world.clock.now()) };
    let list = DocumentRef::accounts(board);
    let mut known = world.log.document::<Accounts>(&list).await.unwrap().unwrap();
    known.body.ids.insert(account.clone());
    let listed = DocumentWrite::new(list, known.version, &known.body).unwrap();
    let new = documents::new(DocumentRef::case_worker(board, &account), &worker);
    world.write(board, vec![new, listed]).await;
    account
}

#[tokio::test]
async fn a_twin_from_before_is_shown_can_be_registered_anew_and_is_blocked_with_the_other() {
    let world = World::new();
    world.in_force().await;
    let board = organisation(BOARD);
    assert_eq!(world.desk.twin_accounts(board).await.unwrap(), 0);
    let apart = stored(&world, APART).await;
    assert!(!apart.is_normal() && apart != id(COMPOSED) && apart.reads_as(&id(COMPOSED)));
    let admin = || world.caller("admin");
    let lines = world.desk.accounts(&admin(), 90).await.unwrap();
    let line = lines.iter().find(|line| line.account.id == apart).unwrap();
    assert!(!line.is_normal && line.twins.is_empty());
    assert_eq!(world.desk.twin_accounts(board).await.unwrap(), 1);

    world.desk.register_case_worker(&admin(), new_account(COMPOSED, Duty::Asks)).await.unwrap();
    let twice = world.desk.register_case_worker(&admin(), new_account(APART, Duty::Asks)).await;
    assert_eq!(twice, Err(DeskError::Exists("account.id")));
    let lines = world.desk.accounts(&admin(), 90).await.unwrap();
    let line = lines.iter().find(|line| line.account.id == id(COMPOSED)).unwrap();
    assert_eq!((line.is_normal, &line.twins[..]), (true, &[apart.clone()][..]));
    assert_eq!(world.desk.twin_accounts(board).await.unwrap(), 2);

    world.desk.block_case_worker(&admin(), &id(COMPOSED)).await.unwrap();
    for account in [id(COMPOSED), apart] {
        let reference = DocumentRef::case_worker(board, &account);
        assert!(world.log.document::<CaseWorker>(&reference).await.unwrap().unwrap().body.blocked);
    }
    let nobody = world.desk.block_case_worker(&admin(), &id("nobody")).await;
    assert_eq!(nobody, Err(DeskError::Unknown("id")));
}
