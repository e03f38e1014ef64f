//! New instructions stop every case worker until they confirm.

use chrono::TimeDelta;
use ssbtek_access_log::DocumentWrite;
use ssbtek_authorize::{Denial, DocumentHash, DocumentRef, Provider, Published};
use ssbtek_domain::Clock;
use ssbtek_registry::Texts;

use crate::world::{World, organisation};

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
    let outdated = world.desk.confirm_instructions(&world.caller("anna"), "1").await.unwrap_err();
    assert!(outdated.to_string().contains("is outdated"), "{outdated}");
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
    world.desk.publish(ssbtek_registry::Texts::Instructions, "2", "Texten", later).await.unwrap();
    world.ask(world.caller("anna"), "EB-1").await.unwrap();
    world.clock.set("2026-11-30T22:59:59Z".parse().unwrap());
    world.ask(world.caller("anna"), "EB-1").await.unwrap();
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(world.ask(world.caller("anna"), "EB-1").await.unwrap_err(), Denial::InstructionsNotConfirmed);
    world.desk.confirm_instructions(&world.caller("anna"), "2").await.unwrap();
    world.ask(world.caller("anna"), "EB-1").await.unwrap();
}

#[tokio::test]
async fn the_text_is_kept_in_every_version_and_nobody_confirms_what_cannot_be_read() {
    let world = World::new();
    world.in_force().await;
    let (desk, today) = (&world.desk, world.clock.today());
    desk.publish(Texts::Instructions, "2", "Den andra texten", today).await.unwrap();
    desk.publish(Texts::Terms, "2", "Villkoren", today).await.unwrap();
    let text = async |texts, version| desk.published_text(texts, version).await.unwrap();
    assert_eq!(text(Texts::Instructions, None).await.unwrap(), "Den andra texten");
    assert_eq!(text(Texts::Instructions, Some("1")).await.unwrap(), "Texten", "earlier versions stay");
    assert_eq!(text(Texts::Terms, None).await.unwrap(), "Villkoren");
    assert_eq!(text(Texts::Instructions, Some("9")).await, None);
    for wrong in ["", "  ", &"x".repeat(200_001)] {
        let refused = desk.publish(Texts::Instructions, "3", wrong, today).await.unwrap_err();
        assert!(refused.to_string().contains("content"), "{refused}");
    }

    // A version from before texts were kept: its text comes afterwards, and no other does.
    let reference = DocumentRef::provider();
    let mut provider = world.log.document::<Provider>(&reference).await.unwrap().unwrap();
    let old = Published {
        version: "0.9".into(),
        document: DocumentHash::of("Den gamla".as_bytes()),
        valid_from: today,
        published_at: world.clock.now(),
    };
    provider.body.instructions.push(old);
    let write = DocumentWrite::new(reference, provider.version, &provider.body).unwrap();
    world.log.change(organisation("162021009994"), "operator", "publish", None, vec![write]).await.unwrap();
    let confirm = async || desk.confirm_instructions(&world.caller("anna"), "0.9").await;
    assert!(confirm().await.unwrap_err().to_string().contains("no text"), "nothing to be read");
    assert!(desk.publish(Texts::Instructions, "0.9", "En annan", today).await.is_err());
    desk.publish(Texts::Instructions, "0.9", "Den gamla", today).await.unwrap();
    confirm().await.unwrap();
    assert!(desk.publish(Texts::Instructions, "0.9", "Den gamla", today).await.is_err(), "once");
}
