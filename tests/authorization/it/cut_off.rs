//! What is done to an agent is told in the logs of the boards that it connects, wherever the call that did it is cut off.

use std::{pin::pin, task::Poll};

use ssbtek_access_log::{OperatorReader, Payload, Reading};
use ssbtek_authorize::{Evidence, QualificationItem};
use ssbtek_domain::{Clock, OrganisationNumber};

use crate::world::{AGENT, BOARD, World, hash, organisation};

/// Moments at which a call is cut off: after so many steps of it.
const MOMENTS: u8 = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_done_is_told_once_and_in_order_wherever_the_call_was_cut_off() {
    let mut world = World::new();
    world.in_force().await;
    world.agent().await;
    world.notify().await;
    let (agent, board, provider) = (organisation(AGENT), organisation(BOARD), organisation("162021009994"));
    let operator = world.desk.for_operator(&[7; 32]);
    let mut cut_between = 0;
    for moment in 0..MOMENTS {
        let (item, dated) = (QualificationItem::TaxesPaid, world.clock.today());
        let evidence = Evidence { document: hash(100 + moment), dated, valid_to: None };
        // The desk goes down with the call.
        let desk = operator.clone();
        steps(moment.into(), desk.record_evidence(agent, item, evidence)).await;
        // What it had handed to the log by then is there or is not.
        flush(&world, board).await;
        let (done, told) = (evidences(&world, provider).await, evidences(&world, board).await);
        cut_between += usize::from(done.len() > told.len());
    }
    assert!(cut_between > 0, "no call was cut off between the change and its telling");
    drop(operator);
    world = world.restarted();
    assert!(world.desk.tell_boards().await.unwrap().is_empty());
    assert!(world.desk.tell_boards().await.unwrap().is_empty());
    let (done, told) = (evidences(&world, provider).await, evidences(&world, board).await);
    assert!(done.len() > 5, "{done:?}");
    assert_eq!(told, done, "each once, in order, by who did it");
    assert!(told.iter().all(|(by, _)| by.starts_with("operator 07070707")), "{told:?}");
}

/// Takes so many steps of a call, and drops it.
async fn steps(many: usize, call: impl Future) {
    let (mut call, mut left) = (pin!(call), many);
    std::future::poll_fn(|context| {
        let is_cut_off = left == 0;
        left = left.saturating_sub(1);
        match is_cut_off || call.as_mut().poll(context).is_ready() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
}

async fn flush(world: &World, board: OrganisationNumber) {
    let (reader, reading) = (OperatorReader::new([9; 32]), Reading::whole("flush", None));
    world.log.record_operator_reading(board, &reader, reading).await.unwrap();
}

/// By whom which evidence was recorded, as a log tells it since the board is connected.
async fn evidences(world: &World, tree: OrganisationNumber) -> Vec<(String, String)> {
    let records = world.records(tree).await.into_iter();
    let changes = records.filter_map(|record| match record.payload {
        Some(Payload::RegistryChange(change)) if change.action == "record_evidence" => Some(change),
        _ => None,
    });
    changes
        .map(|change| (change.by, change.to["document_sha256"].clone()))
        .filter(|(_, document)| *document != hash(4).as_str())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_several_do_at_once_is_told_once_each_in_the_order_in_which_it_was_done() {
    let world = World::new();
    world.in_force().await;
    world.agent().await;
    world.notify().await;
    let (agent, board, provider) = (organisation(AGENT), organisation(BOARD), organisation("162021009994"));
    let all: Vec<_> = (0..8_u8)
        .map(|one| {
            let desk = world.desk.for_operator(&[7 + one; 32]);
            let (item, dated) = (QualificationItem::TaxesPaid, world.clock.today());
            let evidence = Evidence { document: hash(100 + one), dated, valid_to: None };
            tokio::spawn(async move {
                let came_to = desk.record_evidence(agent, item, evidence).await;
                // Others may be quicker sixteen times: then it was not done.
                desk.tell_boards().await.unwrap();
                came_to.is_ok()
            })
        })
        .collect();
    let mut were_done = 0;
    for one in all {
        were_done += usize::from(one.await.unwrap());
    }
    assert!(world.desk.told_later().await.unwrap().is_empty());
    let (done, told) = (evidences(&world, provider).await, evidences(&world, board).await);
    assert!(were_done > 0 && done.len() == were_done, "{done:?}");
    assert_eq!(told, done);
}
