//! An assertion is used once: in parallel, and after a restart.

use futures::future::join_all;
use ssbtek_authorize::{Caller, Denial, TokenUse};

use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_parallel_uses_of_one_token_one_is_accepted_and_after_a_restart_none() {
    let world = World::new();
    world.in_force().await;
    let token = world.token();
    let asks = |world: World| async {
        let uses =
            (0..100).map(|_| world.ask(Caller { token: token.clone(), ..world.caller("anna") }, "EB-1"));
        let answers = join_all(uses).await;
        let accepted = answers.iter().filter(|answer| answer.is_ok()).count();
        let used = |answer: &&Result<_, _>| matches!(answer, Err(Denial::AssertionUsed));
        assert_eq!(answers.iter().filter(used).count(), 100 - accepted);
        (world, accepted)
    };
    let (world, accepted) = asks(world).await;
    assert_eq!(accepted, 1);
    let (world, accepted) = asks(world.restarted()).await;
    assert_eq!(accepted, 0);
    assert_eq!(world.denials().await.len(), 199);
}

#[tokio::test]
async fn a_spent_token_that_comes_with_another_fault_is_refused_as_used_and_stands_in_the_log() {
    let world = World::new();
    world.in_force().await;
    let caller = |account: &str, token: &TokenUse| Caller { token: token.clone(), ..world.caller(account) };
    let token = world.token();
    world.ask(caller("anna", &token), "EB-1").await.unwrap();
    // The account may not, and the token is spent: what is refused is logged whatever the reason.
    let refused = world.ask(caller("nobody", &token), "EB-1").await.unwrap_err();
    assert_eq!(refused, Denial::AssertionUsed);
    assert_eq!(world.denials().await, [Denial::AssertionUsed]);
}
