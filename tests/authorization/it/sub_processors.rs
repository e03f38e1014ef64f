//! The provider's sub-processors work for a board only with its approval.

use std::sync::atomic::Ordering;

use ssbtek_authorize::Denial;

use crate::world::{BOARD, World, organisation, sub_processor};

#[tokio::test]
async fn a_later_sub_processor_stops_boards_that_have_not_approved_it_from_its_first_day_until_they_do() {
    let world = World::new();
    world.in_force().await;
    let later = organisation("165560000002");
    world.desk.set_sub_processors(vec![sub_processor(later, Some("2026-12-01"))]).await.unwrap();
    world.clock.set("2026-11-30T22:59:59Z".parse().unwrap());
    world.ask(world.caller("anna"), "EB-1").await.unwrap();
    let asked = world.calls.load(Ordering::SeqCst);

    world.clock.set("2026-11-30T23:00:00Z".parse().unwrap());
    assert_eq!(world.ask(world.caller("anna"), "EB-1").await.unwrap_err(), Denial::SubProcessorNotApproved);
    assert_eq!(world.calls.load(Ordering::SeqCst), asked, "nobody was asked");
    assert_eq!(world.denials().await.last(), Some(&Denial::SubProcessorNotApproved));

    let admin = || world.caller("admin");
    world.desk.approve_sub_processors(&admin(), [later].into()).await.unwrap();
    world.ask(world.caller("anna"), "EB-1").await.unwrap();
    let desk = world.having_read_the_board().await;
    desk.approve_sub_processors(&admin(), [].into()).await.unwrap();
    assert_eq!(world.ask(world.caller("anna"), "EB-1").await.unwrap_err(), Denial::SubProcessorNotApproved);
    let read = world.desk.published_now().await.unwrap().version;
    world.desk.having_read(Some(read)).set_sub_processors(vec![]).await.unwrap();
    world.ask(world.caller("anna"), "EB-1").await.unwrap();
}

#[tokio::test]
async fn access_is_not_enabled_before_the_sub_processors_that_work_are_approved() {
    let world = World::new();
    world.in_force().await;
    let (board, now) = (organisation(BOARD), organisation("165560000003"));
    world.desk.set_sub_processors(vec![sub_processor(now, None)]).await.unwrap();
    use ssbtek_authorize::StepKind::{Resume, Suspend};
    world.step(Suspend).await.unwrap();
    let refused = world.step(Resume).await.unwrap_err();
    assert!(refused.to_string().contains("approval of sub-processors"), "{refused}");
    world.desk.approve_sub_processors(&world.caller("admin"), [now].into()).await.unwrap();
    world.step(Resume).await.unwrap();
    assert_eq!(world.desk.board(board).await.unwrap().1.state.as_str(), "in_force");
}
