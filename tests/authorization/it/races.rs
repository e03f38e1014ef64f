//! A slow agency against the commit that closes the case, blocks the worker, ends the agreement or revokes the certificate.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use futures::{StreamExt, stream};
use ssbtek_access_log::{DocumentWrite, Payload, RecordKind};
use ssbtek_authorize::{BoardState, Caller, DocumentRef};
use ssbtek_domain::{Agency, Clock, OrganisationNumber};
use tokio::sync::Semaphore;

use crate::world::{World, ask_on, documents, id, organisation, question};

/// How many; `RACES` in the environment asks for more: `tests/slow.sh` runs ten thousand.
fn races() -> usize {
    std::env::var("RACES").ok().and_then(|count| count.parse().ok()).unwrap_or(300)
}

/// Each race has a board, and so a tree, of its own.
fn tree(race: usize) -> OrganisationNumber {
    organisation(&format!("1621{:07}", 2_000_000 + race))
}

/// Runs one race. What closes it is written to the log as the change `close`.
async fn race(world: &World, race: usize) -> bool {
    let now = world.clock.now();
    let board = tree(race);
    let (worker, case) = (documents::worker("anna", now), documents::case("EB", &["anna"]));
    let mut agreement = documents::board(board, now);
    agreement.state = BoardState::InForce;
    let references = (DocumentRef::board(board), DocumentRef::case_worker(board, &id("anna")));
    let case_reference = DocumentRef::case(board, &case.id);
    world
        .write(
            board,
            vec![
                documents::new(references.0.clone(), &agreement),
                documents::new(references.1.clone(), &worker),
                documents::new(case_reference.clone(), &case),
            ],
        )
        .await;
    let closing = match race % 4 {
        0 => {
            let mut closed = case;
            closed.close(now).unwrap();
            DocumentWrite::new(case_reference, 1, &closed).unwrap()
        }
        1 => {
            let blocked = ssbtek_authorize::CaseWorker { blocked: true, ..worker };
            DocumentWrite::new(references.1, 1, &blocked).unwrap()
        }
        2 => {
            let mut revoked = agreement;
            revoked.certificates[0].revoked_at = Some(now);
            DocumentWrite::new(references.0, 1, &revoked).unwrap()
        }
        _ => {
            let ended = ssbtek_authorize::Board { ends_on: world.clock.today().pred_opt(), ..agreement };
            DocumentWrite::new(references.0, 1, &ended).unwrap()
        }
    };
    let gate = Arc::new(Semaphore::new(0));
    let (path, arrived) = world.path_of(&[Agency::Fk], Some(gate.clone())).await;
    let caller = Caller { board, ..world.caller("anna") };
    let asking = ask_on(&path, caller, question("EB"));
    let closing = async {
        // The agency has been asked, so INTENT is durable. Who comes first now is anybody's guess.
        arrived.acquire().await.unwrap().forget();
        let close = async {
            for _ in 0..race % 7 {
                tokio::task::yield_now().await;
            }
            world.log.change(board, "test", "close", None, vec![closing]).await.unwrap();
        };
        let open = async {
            for _ in 0..race % 5 {
                tokio::task::yield_now().await;
            }
            gate.add_permits(1);
        };
        tokio::join!(close, open);
    };
    tokio::join!(asking, closing).0.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_released_after_the_commit_that_closed_the_case_or_what_else_the_question_rested_on() {
    let world = World::new();
    world.publish("1").await;
    let races = races();
    let answered = stream::iter(0..races)
        .map(|n| race(&world, n))
        .buffer_unordered(128)
        .filter(|answered| std::future::ready(*answered))
        .count()
        .await;
    // Both must happen, or nothing was raced.
    assert!(answered > races / 100 && answered < races - races / 100, "{answered} answered");

    let (mut released, mut withheld, mut kinds) = (0, 0, [0; 4]);
    for n in 0..races {
        let (mut closed, mut ends) = (false, HashSet::new());
        let mut opened = HashMap::new();
        for record in world.records(tree(n)).await {
            match (record.header.kind, record.payload) {
                (RecordKind::RegistryChange, Some(Payload::RegistryChange(change))) => {
                    closed |= change.action == "close";
                }
                (RecordKind::Intent, _) => {
                    opened.insert(record.header.entry, closed);
                }
                (RecordKind::Release, _) => {
                    assert!(!closed, "race {n}: a RELEASE stands after the commit that closed");
                    ends.insert(record.header.entry);
                    released += 1;
                }
                (RecordKind::Withheld, _) => {
                    assert!(closed, "race {n}: withheld before anything was closed");
                    ends.insert(record.header.entry);
                    withheld += 1;
                    kinds[n % 4] += 1;
                }
                _ => {}
            }
        }
        assert!(closed && opened.len() == 1 && ends.len() == 1, "race {n}");
    }
    assert_eq!((released, released + withheld), (answered, races));
    assert!(kinds.iter().all(|held_back| *held_back > 0), "{kinds:?}");
}
