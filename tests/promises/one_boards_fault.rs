//! What is wrong with one board's keys ends nobody else's start, and nobody else's answers.

use ssbtek_proto::broker::v1::ListEntriesRequest;
use tonic::Code;

use crate::harness::{Ask, BOARD, OTHER_BOARD, Wires, World, with_witness};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_board_whose_signing_key_is_damaged_or_gone_holds_up_no_other_at_a_start_or_after() {
    let state = tempfile::tempdir().unwrap();
    let kept = state.path().to_owned();
    let mut world = World::start_with(Wires::Grpc, |config| {
        config.witnessing.timeout_ms = 1_000;
        with_witness(config, &kept, World::clock());
    })
    .await;
    let asks = async |world: &World, board: &str| {
        let certificate = if board == BOARD { &world.board } else { &world.other_board };
        world.entries((board, certificate), &ListEntriesRequest::default()).await.map(drop)
    };
    asks(&world, OTHER_BOARD).await.unwrap();
    let key = world.config.store.keys.join(format!("sign.{OTHER_BOARD}"));
    let whole = std::fs::read(&key).unwrap();
    for left in [Some(&whole[1..]), None] {
        world.stop_broker().await;
        std::fs::remove_file(&key).unwrap();
        if let Some(left) = left {
            std::fs::write(&key, left).unwrap();
        }
        world.start_broker().await;
        Ask::with(&world, world.question()).await.expect("one board's key stopped another");
        let refused = asks(&world, OTHER_BOARD).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable, "{}", refused.message());
        asks(&world, BOARD).await.expect("and after it was refused");
        std::fs::write(&key, &whole).unwrap();
    }
    world.restart().await;
    asks(&world, OTHER_BOARD).await.expect("with its key it goes on where it was");
}
