//! New instructions stop every case worker until they confirm.

use chrono::TimeDelta;
use ssbtek_authorize::Denial;

use crate::world::World;

#[tokio::test]
async fn a_new_version_of_the_instructions_stops_everybody_until_they_confirm() {
    let world = World::new();
    world.in_force().await;
    world.ask(world.caller("anna"), "EB-1").await.unwrap();
    assert_eq!(world.ask(world.caller("bo"), "EB-1").await.unwrap_err(), Denial::InstructionsNotConfirmed);

    world.publish("2").await;
    for account in ["anna", "bo"] {
        let refused = world.ask(world.caller(account), "EB-1").await.unwrap_err();
        assert_eq!(refused, Denial::InstructionsNotConfirmed);
    }
    world.desk.confirm_instructions(&world.caller("anna"), "1").await.unwrap();
    assert!(world.ask(world.caller("anna"), "EB-1").await.is_err(), "the old version does not count");
    world.desk.confirm_instructions(&world.caller("anna"), "2").await.unwrap();
    world.ask(world.caller("anna"), "EB-1").await.unwrap();
    assert!(world.ask(world.caller("bo"), "EB-1").await.is_err(), "each confirms for themselves");
    assert!(
        world.desk.confirm_instructions(&world.caller("anna"), "3").await.is_err(),
        "there is no version 3"
    );
    assert_eq!(world.denials().await.len(), 5);
}

#[tokio::test]
async fn instructions_of_a_later_day_stop_nobody_before_it_and_can_be_confirmed_ahead() {
    let world = World::new();
    world.in_force().await;
    let later = "2026-12-01".parse().unwrap();
    world
        .desk
        .publish(ssbtek_registry::Texts::Instructions, "2", crate::world::hash(3), later)
        .await
        .unwrap();
    world.ask(world.caller("anna"), "EB-1").await.unwrap();
    world.clock.set("2026-11-30T22:59:59Z".parse().unwrap());
    world.ask(world.caller("anna"), "EB-1").await.unwrap();
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(world.ask(world.caller("anna"), "EB-1").await.unwrap_err(), Denial::InstructionsNotConfirmed);
    world.desk.confirm_instructions(&world.caller("anna"), "2").await.unwrap();
    world.ask(world.caller("anna"), "EB-1").await.unwrap();
}
