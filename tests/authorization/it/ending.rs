//! One ending: what the published list says, what is shown, what the door does and when everything is due to be erased all
//! follow from the agreement's last day, and are read off one clock.

use ssbtek_authorize::{BoardState, Denial, StepKind};
use ssbtek_domain::{Clock, DateTime, NaiveDate, Utc};

use crate::world::{BOARD, World, hash, organisation};

/// A board in force at a moment, with notice for `last_day`.
async fn noticed(at: &str, last_day: &str) -> World {
    let world = World::new();
    world.clock.set(at.parse().unwrap());
    world.in_force().await;
    end(&world, last_day).await.unwrap();
    world
}

async fn end(world: &World, last_day: &str) -> Result<u64, ssbtek_registry::DeskError> {
    let on = Some(last_day.parse().unwrap());
    world.desk.take_step(organisation(BOARD), StepKind::End, hash(9), on).await
}

/// What the list, the board's own record, the door and the terms of retention say, each by itself.
async fn told(world: &World) -> (String, BoardState, Result<(), Denial>, Option<DateTime<Utc>>) {
    let number = organisation(BOARD);
    let listed = world.desk.parties().await.unwrap().boards.remove(&number).unwrap();
    let (_, board) = world.desk.board(number).await.unwrap();
    let asked = world.ask(world.caller("anna"), "EB-1").await.map(drop);
    let terms = world.log.terms(number).await.unwrap().body;
    assert_eq!(terms.ended_on, board.ended_on());
    assert_eq!(listed.ends_on, board.ended_on());
    (listed.state, board.standing(world.clock.now()), asked, terms.due_at)
}

#[tokio::test]
async fn list_board_door_and_erasure_turn_at_the_same_moment_around_every_awkward_day() {
    for (begun, last_day, last_moment, due_at) in [
        ("2027-01-04T10:00:00Z", "2027-01-31", "2027-01-31T22:59:59Z", "2027-02-27T23:00:00Z"),
        ("2028-01-04T10:00:00Z", "2028-01-31", "2028-01-31T22:59:59Z", "2028-02-28T23:00:00Z"),
        ("2028-02-01T10:00:00Z", "2028-02-29", "2028-02-29T22:59:59Z", "2028-03-28T22:00:00Z"),
        // The nights in which Swedish clocks change.
        ("2027-03-01T10:00:00Z", "2027-03-28", "2027-03-28T21:59:59Z", "2027-04-27T22:00:00Z"),
        ("2027-10-01T10:00:00Z", "2027-10-31", "2027-10-31T22:59:59Z", "2027-11-29T23:00:00Z"),
        ("2027-02-01T10:00:00Z", "2027-02-28", "2027-02-28T22:59:59Z", "2027-03-27T23:00:00Z"),
        ("2026-12-01T10:00:00Z", "2026-12-31", "2026-12-31T22:59:59Z", "2027-01-30T23:00:00Z"),
        // Notice on the last day itself.
        ("2027-05-31T10:00:00Z", "2027-05-31", "2027-05-31T21:59:59Z", "2027-06-29T22:00:00Z"),
    ] {
        let world = noticed(begun, last_day).await;
        let due: DateTime<Utc> = due_at.parse().unwrap();
        let on: NaiveDate = last_day.parse().unwrap();
        for moment in [begun, last_moment] {
            world.clock.set(moment.parse().unwrap());
            let expected = ("in_force".to_owned(), BoardState::InForce, Ok(()), Some(due));
            assert_eq!(told(&world).await, expected, "{last_day} at {moment}");
        }
        world.clock.advance(chrono::TimeDelta::seconds(1));
        let ended = ("ended".to_owned(), BoardState::Ended { on }, Err(Denial::BoardEnded), Some(due));
        assert_eq!(told(&world).await, ended, "{last_day}, a second later");
        world.clock.set(due - chrono::TimeDelta::seconds(1));
        assert_eq!(told(&world).await, ended, "{last_day}, a second before it is due");
        world.clock.set(due);
        assert!(world.desk.board(organisation(BOARD)).await.is_err(), "{last_day}: invisible once due");
        let listed = world.desk.parties().await.unwrap().boards.remove(&organisation(BOARD)).unwrap();
        assert_eq!((listed.state.as_str(), listed.since), ("ended", on.succ_opt().unwrap()));
    }
}

#[tokio::test]
async fn an_end_that_is_moved_moves_access_and_erasure_together_until_it_has_passed() {
    let world = noticed("2027-01-04T10:00:00Z", "2027-01-31").await;
    world.clock.set("2027-01-31T12:00:00Z".parse().unwrap());
    end(&world, "2027-02-28").await.unwrap();
    world.clock.set("2027-02-10T12:00:00Z".parse().unwrap());
    let due = Some("2027-03-27T23:00:00Z".parse().unwrap());
    assert_eq!(told(&world).await, ("in_force".to_owned(), BoardState::InForce, Ok(()), due));
    end(&world, "2027-02-11").await.unwrap();
    world.clock.set("2027-02-11T23:00:00Z".parse().unwrap());
    let (_, standing, asked, due) = told(&world).await;
    assert_eq!(standing, BoardState::Ended { on: "2027-02-11".parse().unwrap() });
    assert_eq!((asked, due), (Err(Denial::BoardEnded), Some("2027-03-10T23:00:00Z".parse().unwrap())));
    let version = world.log.terms(organisation(BOARD)).await.unwrap().version;
    for late in ["2027-02-12", "2027-03-31", "9999-12-31"] {
        assert!(end(&world, late).await.is_err(), "{late}: nothing extends the limit once it runs");
    }
    assert_eq!(world.log.terms(organisation(BOARD)).await.unwrap().version, version);
    let (_, board) = world.desk.board(organisation(BOARD)).await.unwrap();
    let ends = board.history.iter().filter(|step| step.kind == StepKind::End);
    let ends: Vec<_> = ends.map(|step| (step.on.unwrap().to_string(), step.document.clone())).collect();
    let each = ["2027-01-31", "2027-02-28", "2027-02-11"].map(|on| (on.to_owned(), hash(9)));
    assert_eq!(ends, each, "each with its document");
}

#[tokio::test]
async fn a_board_is_suspended_and_resumed_during_notice_and_never_after_its_end() {
    let world = noticed("2027-01-04T10:00:00Z", "2027-01-31").await;
    world.step(StepKind::Suspend).await.unwrap();
    let (listed, standing, asked, _) = told(&world).await;
    assert_eq!((listed.as_str(), standing), ("suspended", BoardState::Suspended));
    assert_eq!(asked, Err(Denial::BoardSuspended), "access can be ended at once");
    end(&world, "2027-02-05").await.unwrap();
    assert_eq!(told(&world).await.2, Err(Denial::BoardSuspended), "a moved end gives no access back");
    world.step(StepKind::Resume).await.unwrap();
    assert_eq!(told(&world).await.2, Ok(()));
    world.step(StepKind::Suspend).await.unwrap();
    world.clock.set("2027-02-05T23:00:00Z".parse().unwrap());
    for step in [StepKind::Resume, StepKind::Suspend, StepKind::Enable] {
        assert!(world.step(step).await.is_err(), "{step:?}");
    }
    assert_eq!(told(&world).await.0, "ended");
}

#[tokio::test]
async fn no_day_however_far_away_ends_an_agreement_without_a_limit() {
    let world = World::new();
    world.in_force().await;
    for day in [NaiveDate::MAX, NaiveDate::MIN, "+262142-12-01".parse().unwrap()] {
        let ended = world.desk.take_step(organisation(BOARD), StepKind::End, hash(9), Some(day)).await;
        assert!(ended.is_err(), "{day}");
    }
    assert_eq!(world.log.terms(organisation(BOARD)).await.unwrap().body.ended_on, None);
}

#[tokio::test]
async fn a_record_from_before_the_last_day_had_a_field_of_its_own_means_what_it_meant() {
    let world = World::new();
    world.in_force().await;
    let (_, board) = world.desk.board(organisation(BOARD)).await.unwrap();
    let mut old = serde_json::to_value(&board).unwrap();
    old["state"] = serde_json::json!({"ended": {"on": "2026-11-30"}});
    old["in_force_until"] = "2026-11-30T23:00:00Z".into();
    let old: ssbtek_authorize::Board = serde_json::from_value(old).unwrap();
    let at = |text: &str| old.standing(text.parse().unwrap());
    assert_eq!(at("2026-11-30T22:59:59Z"), BoardState::InForce);
    assert_eq!(at("2026-11-30T23:00:00Z"), BoardState::Ended { on: "2026-11-30".parse().unwrap() });
}

#[tokio::test]
async fn an_imported_board_is_erased_by_its_own_last_day_and_nothing_in_a_file_counts_as_seen_here() {
    let world = noticed("2027-01-04T10:00:00Z", "2027-01-31").await;
    let file = world.desk.export_board(organisation(BOARD)).await.unwrap();
    let imported = async |at: &str, change: fn(&mut serde_json::Value)| {
        let other = World::new();
        other.clock.set(at.parse().unwrap());
        other.publish("1").await;
        let mut json = serde_json::to_value(&file).unwrap();
        change(&mut json);
        let result = other.desk.import_board(&serde_json::to_vec(&json).unwrap()).await;
        (other, result)
    };
    for at in ["2027-01-20T10:00:00Z", "2027-02-10T10:00:00Z"] {
        let (other, result) = imported(at, |_| {}).await;
        result.unwrap();
        let terms = other.log.terms(organisation(BOARD)).await.unwrap().body;
        assert_eq!(terms.due_at, Some("2027-02-27T23:00:00Z".parse().unwrap()), "{at}");
        let (_, board) = other.desk.board(organisation(BOARD)).await.unwrap();
        assert!(board.certificates.iter().all(|certificate| certificate.proven_at.is_none()));
        assert_ne!(board.standing(other.clock.now()), BoardState::InForce, "{at}");
    }
    let (_, late) = imported("2027-02-27T23:00:00Z", |_| {}).await;
    assert!(late.is_err(), "everything was to be erased by now");
    let (_, forged) = imported("2027-01-20T10:00:00Z", |file| {
        file["board"]["attests_cases"] = serde_json::json!({"from": "2027-01-01", "until": "2099-12-31"});
    })
    .await;
    assert!(forged.unwrap_err().to_string().contains("file.board.attests_cases"));
    let (_, forged) = imported("2027-01-20T10:00:00Z", |file| {
        file["board"]["ends_on"] = "2099-12-31".into();
    })
    .await;
    assert!(forged.is_err(), "the last day is the notice's");
}
