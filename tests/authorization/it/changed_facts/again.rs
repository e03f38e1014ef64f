//! The same changes, where an answer that was told as it came is told again: in the middle of that, and before it begins.

use ssbtek_access_log::{LogRead, RefusedCall};
use ssbtek_query::{PartsAgain, TakingUp};

use super::*;

fn written(part: &Part) -> Vec<u8> {
    match part {
        Part::Begun(_) => b"begun".to_vec(),
        Part::Section(section) => section.section().agency.code().into(),
        Part::Answer(answer) => told(answer).into(),
        Part::HouseholdBegun(_) | Part::MemberSection(..) | Part::Household(_) => {
            panic!("nobody asked about a household")
        }
    }
}

/// Everything that is still told, and the error with which it ends.
async fn rest(parts: &mut PartsAgain) -> (Vec<String>, Option<QueryError>) {
    let mut told = Vec::new();
    loop {
        match parts.next().await {
            Some(Ok(part)) => told.push(String::from_utf8(part.written().to_vec()).unwrap()),
            Some(Err(error)) => return (told, Some(error)),
            None => return (told, None),
        }
    }
}

async fn readings(world: &World) -> Vec<String> {
    let records = world.records(organisation(BOARD)).await.into_iter();
    let action = |record: ssbtek_access_log::LoggedRecord| match record.payload {
        Some(Payload::LogRead(LogRead { action, .. })) => Some(action),
        _ => None,
    };
    records.filter_map(action).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_told_again_after_a_change_is_what_asking_after_it_would_give_or_nothing() {
    let mut held_back = 0;
    for (name, way, change) in CHANGES {
        let world = World::new();
        let flags = Arc::new(Flags::default());
        let mut facts = Before::new(&world, *way);
        for (tree, writes) in facts.writes(0) {
            world.write(tree, writes).await;
        }
        let certificate = {
            let flags = flags.clone();
            CertificateCheck::new(move |_| !flags.certificate_revoked.load(Ordering::SeqCst))
        };
        let (path, _) = world.path_of(&AGENCIES, None).await;
        let (caller, ask) = call(&world, *way);
        let within = Duration::from_secs(60);
        let (door, originals) = (ssbtek_access_log::Door::Grpc, OriginalsWanted::No);
        let asking =
            Asking { caller, ask, door, follows: None, originals, within, certificate: certificate.clone() };
        let mut parts = path.ask_as_it_comes(asking, (), written);
        let (mut first, mut entry) = (Vec::new(), None);
        while let Some(part) = parts.next().await {
            let part = part.unwrap_or_else(|error| panic!("{name}: {error}"));
            if let Part::Begun(begun) = &part {
                entry = Some(begun.entry);
            }
            first.push(String::from_utf8(written(&part)).unwrap());
        }
        let entry = entry.unwrap();
        let take_up = || async {
            let (caller, _) = call(&world, *way);
            let call = RefusedCall { name: "ResumeAsk", asks: false };
            path.take_up(TakingUp { caller, entry, door, call, certificate: certificate.clone() }).await
        };
        assert_eq!(rest(&mut take_up().await.unwrap()).await, (first.clone(), None), "{name}: before it");
        let calls = world.calls.load(Ordering::SeqCst);
        let mut under_way = take_up().await.unwrap();
        assert_eq!(under_way.next().await.unwrap().unwrap().written(), first[0].as_bytes());

        let extra = change(&mut facts, &world, &flags);
        for (tree, writes) in facts.writes(1).into_iter().rev() {
            world.write(tree, writes).await;
        }
        if let Some(extra) = extra {
            world.write(facts.board.organisation, vec![extra]).await;
        }

        let (left, ended) = rest(&mut under_way).await;
        let again = match take_up().await {
            Ok(mut again) => rest(&mut again).await,
            Err(error) => (vec![], Some(error)),
        };
        assert_eq!(world.calls.load(Ordering::SeqCst), calls, "{name}: nobody is asked again");
        let (caller, ask) = call(&world, *way);
        let after = ask_with(&path, caller, ask, certificate.clone()).await.map(|answer| told(&answer));
        if ended.is_none() || again.1.is_none() {
            assert_eq!((ended, &again), (None, &(first.clone(), None)), "{name}");
            assert_eq!(left, first[1..], "{name}");
            assert_eq!(after.as_ref(), Ok(first.last().unwrap()), "{name}");
            continue;
        }
        held_back += 1;
        assert!(left.is_empty() && again.0.is_empty(), "{name}: {left:?} {again:?}");
        assert!(matches!(ended, Some(QueryError::Denied(_))), "{name}: {ended:?}");
        // After hours nothing is kept at all.
        let over = *name == "the hour passes" && again.1 == Some(QueryError::NotKept);
        assert!(over || matches!(again.1, Some(QueryError::Denied(_))), "{name}: {again:?}");
        assert_eq!(readings(&world).await, ["resume", "resume", "resume_held_back"], "{name}");
    }
    assert!(held_back > CHANGES.len() / 2, "{held_back}");
}
