//! What a store promises over any engine, tried behind its ports.

use std::collections::BTreeSet;

use chrono::Days;
use ssbtek_access_log::{
    Change, ChangeError, DocumentWrite, Door, Filter, Header, LogError, LookUp, Manifest, Opened, Page,
    Payload, PurgeScope, Putting, Recheck, Sought, StoreError, StoredLeaf,
};
use ssbtek_authorize::{Case, CaseState, Denial, DocumentRef, FactsKey, Learned, Versioned};
use ssbtek_domain::Clock;
use ssbtek_purge::{EraseTarget, port::CloseOutcome};
use ssbtek_transparency::{
    Checkpoint, Hash, SignedNote, Trust, leaf::leaf_hash, verify_consistency, verify_inclusion,
    verify_receipt,
};
use ssbtek_vault::DoomedKey;

use super::{
    Place, board,
    world::{World, case, clock, disclosure, month, once, person, run, token},
};

/// Runs as many changes at once as there are.
async fn at_once(world: &World<'_>, changes: Vec<Change<'static>>) -> Vec<Result<(), ChangeError>> {
    let making = changes.into_iter().map(|change| {
        let log = world.log.clone();
        tokio::spawn(async move { log.make(change).await.map(drop) })
    });
    let making: Vec<_> = making.collect();
    let mut made = Vec::new();
    for change in making {
        made.push(change.await.unwrap());
    }
    made
}

fn checkpoint(note: &str) -> Checkpoint {
    Checkpoint::parse(SignedNote::parse(note).unwrap().text()).unwrap()
}

async fn whole(world: &World<'_>) -> (u64, Checkpoint, Vec<StoredLeaf>) {
    let state = world.logs.tree(board(0)).await.unwrap().unwrap();
    let leaves = world.logs.leaves(board(0), 0, u64::MAX).await.unwrap();
    (state.size, checkpoint(&state.checkpoint), leaves)
}

pub(crate) fn answered_is_there(place: &dyn Place) {
    run(async {
        let world = World::new(place).await;
        let permit = world.permit().await;
        let opened = world.opened(&permit).await.unwrap();
        let receipt = world.log.close(opened, &permit, &disclosure(), &Learned::default()).await.unwrap();
        let (size, signed, _) = whole(&world).await;
        let world = world.reopened().await;
        let (again, signed_again, leaves) = whole(&world).await;
        assert_eq!((again, signed_again.root, leaves.len() as u64), (size, signed.root, size));
        let trust =
            Trust::new(world.logs.origin(board(0)), world.logs.log_keys(board(0)), vec![], 0).unwrap();
        assert!(verify_receipt(&receipt, &trust).unwrap().size <= size);
        // Its INTENT stands before what ends it.
        let records = world.log.read(board(0), &Filter::Entry(permit_entry(&leaves)), None, 9).await.unwrap();
        assert_eq!(records.len(), 2);
    });
}

/// The entry of the newest leaf.
fn permit_entry(leaves: &[StoredLeaf]) -> ssbtek_domain::EntryId {
    ssbtek_access_log::Header::from_bytes(&leaves.last().unwrap().header).unwrap().entry
}

pub(crate) fn judged_alone(place: &dyn Place) {
    run(async {
        let world = World::new(place).await;
        let before = world.size().await;
        let stale = |n: usize| {
            let write = DocumentWrite::new(DocumentRef::board(board(0)), n as u64 + 40, &0).unwrap();
            Change { documents: vec![write], ..world.change() }
        };
        let changes = (0..60).map(|n| if n % 3 == 0 { stale(n) } else { world.change() }).collect();
        let made = at_once(&world, changes).await;
        for (n, made) in made.iter().enumerate() {
            assert_eq!(made.is_ok(), n % 3 != 0, "{n}: {made:?}");
        }
        let (size, signed, leaves) = whole(&world).await;
        assert_eq!(size, before + 40);
        assert!(leaves.iter().map(|leaf| leaf.index).eq(0..size), "every place is taken, once");
        let mut tree = ssbtek_transparency::Frontier::new();
        for leaf in &leaves {
            tree.append(leaf_hash(&leaf.header, &leaf.commitment));
        }
        assert_eq!(tree.root(), signed.root);
    });
}

pub(crate) fn all_or_none(place: &dyn Place) {
    run(async {
        let world = World::new(place).await;
        let putting = Putting { household: true, ..Putting::whole(Door::Grpc) };
        let manifest = Manifest::default();
        let (permit, first) = (world.permit().await, world.size().await);
        let three = [(&permit, &manifest); 3];
        let opened = world.log.open_all(putting, &three).await.unwrap();
        // Next to each other, each with an entry of its own that names the first, and under one checkpoint.
        let leaves = world.logs.leaves(board(0), first, u64::MAX).await.unwrap();
        let entries: Vec<_> =
            leaves.iter().map(|leaf| Header::from_bytes(&leaf.header).unwrap().entry).collect();
        assert!(opened.iter().map(Opened::entry).eq(entries.iter().copied()));
        assert_eq!((entries.iter().collect::<BTreeSet<_>>().len(), world.size().await), (3, first + 3));
        for opened in opened {
            let records = world.log.read(board(0), &Filter::Entry(opened.entry()), None, 9).await.unwrap();
            let Some(Payload::Intent(intent)) = &records[0].payload else { panic!("{records:?}") };
            assert_eq!(intent.household, Some(entries[0]));
            world.log.close(opened, &permit, &disclosure(), &Learned::default()).await.unwrap();
        }
        // Their assertion was spent once, and is.
        let spent = world.log.open_all(putting, &three).await.map(drop);
        assert_eq!(spent, Err(LogError::TokenUsed));

        // The last of them counts as the seventh: with room for six there is none of them, and nothing is spent.
        let size = world.size().await;
        let permit = world.permit().await.at_most_an_hour(5);
        let refused = world.log.open_all(putting, &[(&permit, &manifest); 3]).await.map(drop);
        assert_eq!(refused, Err(LogError::Denied(Denial::TooManyQuestions)));
        assert_eq!(world.size().await, size);
        assert!(world.logs.open_entries().await.unwrap().is_empty());
        let two = world.log.open_all(putting, &[(&permit, &manifest); 2]).await.unwrap();
        assert_eq!((two.len(), world.size().await), (2, size + 2));
        let more = world.permit().await.at_most_an_hour(5);
        let refused = world.log.open_all(putting, &[(&more, &manifest)]).await.map(drop);
        assert_eq!(refused, Err(LogError::Denied(Denial::TooManyQuestions)), "each of them was counted");

        // What the last of them rests on has changed: none.
        let permit = world.permit().await;
        let before = world.permit().await;
        let marked = Case {
            members: [ssbtek_authorize::Member { protected: true, ..case().members[0].clone() }].into(),
            ..case()
        };
        world.write(DocumentRef::case(board(0), &marked.id), 1, &marked).await.unwrap();
        let now = world.permit().await;
        let size = world.size().await;
        for questions in [[&now, &now, &before], [&before, &now, &now], [&now, &before, &now]] {
            let questions = questions.map(|permit| (permit, &manifest));
            let refused = world.log.open_all(putting, &questions).await.map(drop);
            assert_eq!(refused, Err(LogError::Denied(Denial::FactsChanged)));
        }
        drop(permit);
        assert_eq!(world.size().await, size);

        // More than may be, or what must stand first: refused before anything of it is written.
        let many: Vec<_> = std::iter::repeat_n((&now, &manifest), 21).collect();
        assert_eq!(world.log.open_all(putting, &many).await.map(drop), Err(LogError::Unavailable));
        assert_eq!(world.size().await, size);
        // They are there, or not, over a start.
        drop(two);
        let world = world.reopened().await;
        assert_eq!(world.size().await, size);
        assert_eq!(world.logs.open_entries().await.unwrap().len(), 2);
        assert_eq!(world.log.open_all(putting, &[(&now, &manifest); 20]).await.unwrap().len(), 20);
    });
}

pub(crate) fn signed_alone(place: &dyn Place) {
    run(async {
        World::new(place).await.closed().await;
        let of = |n| Change::new(board(n), "operator", "note");
        let later = Err(ChangeError::Log(LogError::Unavailable));
        let key = place.keys().join(format!("sign.{}", board(1)));
        let whole = std::fs::read(&key).unwrap();
        let another: Vec<u8> = whole.iter().map(|byte| byte ^ 1).collect();
        let damages: [&dyn Fn(); 3] = [
            &|| std::fs::remove_file(&key).unwrap(),
            &|| std::fs::write(&key, &whole[1..]).unwrap(),
            &|| std::fs::write(&key, &another).unwrap(),
        ];
        for damage in damages {
            damage();
            let world = World::over(place, place.open(), clock());
            let before = world.size().await;
            let made = at_once(&world, (0..8).map(|n| of(n % 2)).collect()).await;
            for (n, made) in made.iter().enumerate() {
                assert_eq!(*made, if n % 2 == 0 { Ok(()) } else { later.clone() }, "{n}");
            }
            assert_eq!((world.size().await, world.poison.is_set()), (before + 4, false));
            // What is there again is good from the next start on.
            std::fs::write(&key, &whole).unwrap();
            assert_eq!(world.log.make(of(1)).await.map(drop), later);
            let world = world.reopened().await;
            assert_eq!(at_once(&world, vec![of(1), of(0)]).await, [Ok(()), Ok(())]);
            world.closed().await;
        }
        // A log that begins, and whose key cannot be made: it is found when it is to be signed, with others' records in the group.
        let world = World::over(place, place.open(), clock());
        let in_the_way = place.keys().join(format!("sign.{}", board(2)));
        std::fs::create_dir(&in_the_way).unwrap();
        let before = world.size().await;
        let made = at_once(&world, (0..9).map(|n| of(n % 3)).collect()).await;
        for (n, made) in made.iter().enumerate() {
            assert_eq!(*made, if n % 3 == 2 { later.clone() } else { Ok(()) }, "{n}");
        }
        assert_eq!((world.size().await, world.poison.is_set()), (before + 3, false));
        assert_eq!(world.logs.tree(board(2)).await.unwrap(), None, "nothing of it is there");
        std::fs::remove_dir(&in_the_way).unwrap();
        assert_eq!(world.log.make(of(2)).await.map(drop), Ok(()), "it goes on by itself");
    });
}

pub(crate) fn one_of_two_changes(place: &dyn Place) {
    run(async {
        let world = World::new(place).await;
        let reference = DocumentRef::case(board(0), &case().id);
        let write = || {
            let write = DocumentWrite::new(reference.clone(), 1, &case()).unwrap();
            Change { documents: vec![write], ..world.change() }
        };
        let made = at_once(&world, (0..8).map(|_| write()).collect()).await;
        assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1, "{made:?}");
        assert!(made.iter().all(|made| matches!(made, Ok(()) | Err(ChangeError::Conflict))));
        assert_eq!(world.logs.newest_version(&reference).await.unwrap(), 2);
        // What a change rests on, and terms of retention, likewise.
        let rests = |version| Change { rests_on: vec![(reference.clone(), version)], ..world.change() };
        let made = at_once(&world, vec![rests(2), rests(1)]).await;
        assert_eq!((made[0].is_ok(), &made[1]), (true, &Err(ChangeError::Conflict)));
        let terms = world.logs.terms(board(0)).await.unwrap();
        let terms = || Change { retention: Some(terms.clone()), ..world.change() };
        let made = at_once(&world, vec![terms(), terms()]).await;
        assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1, "{made:?}");
    });
}

pub(crate) fn rechecked(place: &dyn Place) {
    run(async {
        let world = World::new(place).await;
        let permit = world.permit().await;
        let reference = DocumentRef::case(board(0), &case().id);
        let closed = Case { state: CaseState::Closed { at: world.clock.now() }, ..case() };
        world.write(reference.clone(), 1, &closed).await.unwrap();
        // The permit rests on the case as it was.
        assert!(matches!(world.opened(&permit).await.unwrap_err(), LogError::Denied(_)));
        // A judgement sees what stands there in the transaction, and its refusal leaves nothing.
        let (before, key) = (world.size().await, FactsKey { case: Some(case().id), ..account() });
        let judged = |version: u64| {
            let judge = Box::new(move |facts: &ssbtek_authorize::Facts| {
                let is = facts.case.as_ref().is_some_and(|case| case.version == version);
                if is { Ok(()) } else { Err(Denial::CaseClosed) }
            });
            Change { recheck: Some(Recheck { key: key.clone(), judge }), ..world.change() }
        };
        let made = at_once(&world, vec![judged(2), judged(1)]).await;
        assert_eq!(made, [Ok(()), Err(ChangeError::Log(LogError::Denied(Denial::CaseClosed)))]);
        assert_eq!(world.size().await, before + 1);
    });
}

fn account() -> FactsKey {
    FactsKey::account(board(0), ssbtek_domain::CaseWorkerId::parse("anna").unwrap())
}

pub(crate) fn spent_once(place: &dyn Place) {
    run(async {
        let world = World::new(place).await;
        let token = token();
        let spend = |world: &World<'_>| Change { once: Some(once(world, token)), ..world.change() };
        let made = at_once(&world, (0..8).map(|_| spend(&world)).collect()).await;
        assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1, "{made:?}");
        let world = world.reopened().await;
        let again = world.log.make(spend(&world)).await.map(drop);
        assert_eq!(again, Err(ChangeError::Log(LogError::TokenUsed)));
    });
}

pub(crate) fn ended_once(place: &dyn Place) {
    run(async {
        let world = World::new(place).await;
        let permit = world.permit().await;
        let opened = world.opened(&permit).await.unwrap();
        let entry = opened.entry();
        // As a process that ends without having ended it.
        std::mem::forget(opened);
        let world = world.reopened().await;
        let open: Vec<_> = world.logs.open_entries().await.unwrap();
        assert_eq!(open.iter().map(|open| (open.board, open.entry)).collect::<Vec<_>>(), [(board(0), entry)]);
        assert_eq!(world.log.recover().await.unwrap(), 1);
        assert_eq!(
            (world.log.recover().await.unwrap(), world.logs.open_entries().await.unwrap()),
            (0, vec![])
        );
        let ends = world.log.read(board(0), &Filter::Entry(entry), None, 9).await.unwrap();
        assert_eq!(ends.len(), 2, "it ends once");
    });
}

fn about_person(limit: u32) -> Page {
    let person = person();
    Page { sought: Some(Sought::from(LookUp::Person(person.expose()))), limit, ..Page::default() }
}

pub(crate) fn visible_by_date(place: &dyn Place) {
    run(async {
        let world = World::new(place).await;
        world.ask().await;
        let found = async |page| world.logs.page(board(0), page).await.unwrap().len();
        assert_eq!(found(about_person(9)).await, 1);
        let closed = DocumentWrite::new(DocumentRef::case(board(0), &case().id), 1, &case()).unwrap();
        let closed = closed.closed(world.clock.now());
        world.log.make(Change { documents: vec![closed], ..world.change() }).await.unwrap();
        let reference = DocumentRef::case(board(0), &case().id);
        world.at("2026-03-31T12:00:00Z");
        assert_eq!(found(about_person(9)).await, 1, "two whole months after its own");
        assert!(world.logs.document(&reference).await.unwrap().is_some());
        // Nothing was erased, and nobody purged: the date alone hides.
        world.at("2026-04-20T13:00:00Z");
        assert_eq!(found(about_person(9)).await, 0);
        let newest = world.logs.page(board(0), Page { limit: 9, ..Page::default() }).await.unwrap();
        assert!(newest.iter().all(|leaf| leaf.sealed.is_none()) && !newest.is_empty());
        assert!(world.logs.document(&reference).await.unwrap().is_none());
        assert_eq!(
            world.logs.newest_version(&reference).await.unwrap(),
            2,
            "which is not to be written over"
        );
        // A board that has ended shows nothing at all.
        world.log.make(world.change()).await.unwrap();
        let terms = world.logs.terms(board(0)).await.unwrap();
        let due = world.clock.now().checked_add_days(Days::new(1)).unwrap();
        let body = ssbtek_access_log::BoardTerms { due_at: Some(due), ..terms.body };
        let ends = Change { retention: Some(Versioned { version: terms.version, body }), ..world.change() };
        world.log.make(ends).await.unwrap();
        assert!(world.logs.document(&DocumentRef::board(board(0))).await.unwrap().is_some());
        world.clock.set(due);
        assert!(world.logs.document(&DocumentRef::board(board(0))).await.unwrap().is_none());
        assert!(
            world.logs.document(&DocumentRef::board(board(1))).await.unwrap().is_some(),
            "another board does"
        );
    });
}

pub(crate) fn erased(place: &dyn Place) {
    run(async {
        let world = World::new(place).await;
        for _ in 0..6 {
            world.ask().await;
        }
        let first = month(board(0), "2026-01");
        let (size, ..) = whole(&world).await;
        world.at("2026-02-20T12:00:00Z");
        world.ask().await;
        let (_, signed, leaves) = whole(&world).await;
        let target =
            EraseTarget { board: board(0), leaves_below: size, keys: vec![first.clone()], documents: vec![] };
        let counted = world.retention.count(&target).await.unwrap();
        assert_eq!(counted.leaves, size, "all that is sealed under the month's key");
        let months = world.retention.log_months(board(0)).await.unwrap();
        assert_eq!(months, ["2026-01", "2026-02"]);
        // The key first: from then on nothing opens what is left.
        world.vault.destroy(&[DoomedKey::now(&*world.vault, &first).unwrap()]).unwrap();
        assert!(world.log.read(board(0), &Filter::Person(person()), None, 99).await.unwrap().len() <= 1);
        let lease = world.lease(1).await.unwrap();
        let (mut turns, mut erased) = (0, 0);
        loop {
            match world.retention.erase_batch(&target, 4, &lease).await.unwrap() {
                0 => break,
                // Rows of the look-up index go with it: some for each leaf.
                turn => (turns, erased) = (turns + 1, erased + turn.min(4)),
            }
            assert!(turns < 99, "it ends");
        }
        assert!(erased >= size && turns >= size / 4, "{erased} in {turns}");
        assert_eq!(world.retention.count(&target).await.unwrap().leaves, 0);
        assert_eq!(world.retention.log_months(board(0)).await.unwrap(), ["2026-02"]);
        let world = world.reopened().await;
        let (_, signed_again, left) = whole(&world).await;
        assert_eq!(signed_again.root, signed.root, "the tree is the same");
        for (was, is) in leaves.iter().zip(&left) {
            assert_eq!((&is.header, is.commitment), (&was.header, was.commitment));
            assert_eq!(is.sealed.is_some(), was.index >= size, "{}", was.index);
        }
        assert_eq!(world.logs.page(board(0), about_person(99)).await.unwrap().len(), 1, "the later month's");
    });
}

pub(crate) fn settled(place: &dyn Place) {
    run(async {
        let world = World::new(place).await;
        let lease = world.lease(1).await.unwrap();
        let version = world.retention.row(board(0)).await.unwrap().unwrap().version;
        let settle =
            async |scope, version| world.retention.settle(board(0), scope, version, &lease).await.unwrap();
        assert_eq!(settle(PurgeScope::Expired, version + 1).await, CloseOutcome::TermsChanged);
        let permit = world.permit().await;
        let opened = world.opened(&permit).await.unwrap();
        assert_eq!(settle(PurgeScope::Board, version).await, CloseOutcome::QuestionsUnderWay(1));
        world.log.close(opened, &permit, &disclosure(), &Learned::default()).await.unwrap();
        assert_eq!(settle(PurgeScope::Board, version).await, CloseOutcome::Closed);
        assert!(world.retention.row(board(0)).await.unwrap().unwrap().closing);
        assert_eq!(
            world.log.make(world.change()).await.map(drop),
            Err(ChangeError::Log(LogError::Unavailable))
        );
    });
}

pub(crate) fn proven(place: &dyn Place) {
    run(async {
        let world = World::new(place).await;
        let mut signed = Vec::new();
        for n in 0..40 {
            if n % 9 == 0 {
                signed.push(whole(&world).await.1);
            }
            world.log.make(world.change()).await.unwrap();
        }
        let (size, now, leaves) = whole(&world).await;
        for old in &signed {
            let proof = world.logs.consistency(board(0), old.size, size).await.unwrap();
            verify_consistency(old.size, size, &old.root, &now.root, &proof).unwrap();
            let then = world.logs.checkpoint_at(board(0), old.size).await.unwrap();
            assert_eq!(checkpoint(&then).root, old.root);
        }
        let all: Vec<u64> = (0..size).collect();
        let proven = world.logs.inclusion(board(0), all, size).await.unwrap();
        for (leaf, (hash, proof)) in leaves.iter().zip(proven) {
            assert_eq!(hash, leaf_hash(&leaf.header, &leaf.commitment));
            verify_inclusion(&hash, leaf.index, size, &proof, &now.root).unwrap();
        }
        let subtree = world.logs.subtrees(board(0), size, vec![(2, 1)]).await.unwrap();
        let mut four = ssbtek_transparency::Frontier::new();
        for leaf in &leaves[4..8] {
            four.append(leaf_hash(&leaf.header, &leaf.commitment));
        }
        assert_eq!(subtree, [four.root()]);
        assert_eq!(world.logs.boards().await.unwrap(), [board(0), board(1)]);
        let now = world.clock.now();
        assert_eq!(world.logs.latest_time().await.unwrap(), Some(now));
        let since = world.logs.span(board(0), Some(now), None).await.unwrap();
        assert!(since.start == 0 && since.end >= size, "{since:?}");
        let far = now + chrono::TimeDelta::hours(1);
        assert!(world.logs.span(board(0), Some(far), None).await.unwrap().is_empty());
        assert!(world.logs.consistency(board(0), 1, size + 1).await.is_err(), "of no tree that there is");
    });
}

pub(crate) fn keys_change(place: &dyn Place) {
    run(async {
        let world = World::new(place).await;
        let (_, before, _) = whole(&world).await;
        let first = world.logs.log_key_list(board(0)).await.unwrap();
        assert_eq!(first.len(), 1);
        let second = world.logs.rotate_log_key(board(0)).await.unwrap();
        assert_eq!(second.first_size, before.size + 1);
        world.log.make(world.change()).await.unwrap();
        let note = world.logs.tree(board(0)).await.unwrap().unwrap().checkpoint;
        let by = |note: &str, key| {
            Trust::new(world.logs.origin(board(0)), vec![key], vec![], 0).unwrap().open(note).is_ok()
        };
        assert!(by(&note, first[0].key.clone()) && by(&note, second.key.clone()), "both sign");
        let retired = world.logs.retire_log_key(board(0)).await.unwrap().unwrap();
        assert_eq!((retired.key.clone(), retired.last_size), (first[0].key.clone(), Some(before.size + 1)));
        assert_eq!(world.logs.retire_log_key(board(0)).await.unwrap(), None, "never the last");
        let world = world.reopened().await;
        world.log.make(world.change()).await.unwrap();
        let note = world.logs.tree(board(0)).await.unwrap().unwrap().checkpoint;
        let by =
            |key| Trust::new(world.logs.origin(board(0)), vec![key], vec![], 0).unwrap().open(&note).is_ok();
        assert!(!by(retired.key.clone()) && by(second.key.clone()), "from then on the second alone");
        let listed = world.logs.log_key_list(board(0)).await.unwrap();
        assert_eq!(listed.iter().map(|key| &key.key).collect::<Vec<_>>(), [&retired.key, &second.key]);
        assert!(listed[0].until.is_some() && listed[1].until.is_none());
    });
}

pub(crate) fn kept_checkpoints(place: &dyn Place) {
    run(async {
        let world = World::new(place).await;
        for _ in 0..9 {
            let state = world.logs.tree(board(0)).await.unwrap().unwrap();
            world.logs.keep_checkpoint(board(0), state.size, state.checkpoint).await.unwrap();
            world.log.make(world.change()).await.unwrap();
        }
        let world = world.reopened().await;
        let kept = world.logs.kept_checkpoints(board(0), usize::MAX).await.unwrap();
        let sizes: Vec<u64> = kept.iter().map(|(size, _)| *size).collect();
        assert!(sizes.len() <= 4 && sizes.is_sorted(), "bounded, by size: {sizes:?}");
        assert_eq!(sizes.last(), Some(&(world.size().await - 1)), "the newest stays");
        let newest = world.logs.kept_checkpoints(board(0), 1).await.unwrap();
        assert_eq!(newest, kept[kept.len() - 1..]);
    });
}

pub(crate) fn marks(place: &dyn Place) {
    run(async {
        let world = World::new(place).await;
        let raise = async |world: &World<'_>, values: &[(&str, u8)]| {
            let values = values.iter().map(|(name, value)| ((*name).to_owned(), [*value; 32])).collect();
            world.marks.raise(values).await.unwrap()
        };
        assert!(raise(&world, &[("a", 5), ("b", 5)]).await);
        let world = world.reopened().await;
        assert!(!raise(&world, &[("b", 6), ("a", 4)]).await, "one is less: none is kept");
        assert!(raise(&world, &[("a", 5), ("b", 5)]).await, "the same is not less");
        world.marks.keep_digest("configuration", Hash::of(b"1")).await.unwrap();
        world.marks.keep_digest("configuration", Hash::of(b"0")).await.unwrap();
    });
}

pub(crate) fn leases(place: &dyn Place) {
    run(async {
        let world = World::new(place).await;
        let first = world.lease(1).await.unwrap();
        assert_eq!(world.lease(2).await, None, "one holder at a time");
        let held: BTreeSet<_> = at_once_leases(&world).await;
        assert_eq!(held.len(), 1, "however many ask");
        world.pass(50);
        let longer = world.lease(1).await.unwrap();
        assert!(longer.fence == first.fence && longer.until > first.until, "held longer, it is the same");
        world.pass(50);
        assert_eq!(world.lease(2).await, None);
        world.pass(20);
        let second = world.lease(2).await.unwrap();
        assert!(second.fence > first.fence, "its fence goes up");
        world.leases.give_back(&first).await.unwrap();
        assert_eq!(world.lease(3).await, None, "only its holder gives it back");
        world.leases.give_back(&second).await.unwrap();
        let third = world.lease(3).await.unwrap();
        assert!(third.fence > second.fence);
    });
}

async fn at_once_leases(world: &World<'_>) -> BTreeSet<u64> {
    let taking = (10..30).map(|holder| {
        let leases = world.leases.clone();
        let holder = ssbtek_access_log::Holder::from_bytes([holder; 16]);
        tokio::spawn(async move { leases.hold("other", holder, std::time::Duration::from_secs(60)).await })
    });
    let taking: Vec<_> = taking.collect();
    let mut fences = BTreeSet::new();
    for taken in taking {
        fences.extend(taken.await.unwrap().unwrap().map(|lease| lease.fence));
    }
    fences
}

pub(crate) fn fenced(place: &dyn Place) {
    run(async {
        let world = World::new(place).await;
        let first = world.lease(1).await.unwrap();
        let target = EraseTarget {
            board: board(0),
            leaves_below: u64::MAX,
            keys: vec![month(board(0), "2026-01")],
            documents: vec![],
        };
        // Ended, but nobody's: what is under way goes on.
        world.pass(70);
        assert!(world.retention.erase_batch(&target, 1, &first).await.unwrap() > 0);
        let second = world.lease(2).await.unwrap();
        let left = world.retention.count(&target).await.unwrap();
        assert_eq!(world.retention.erase_batch(&target, 1, &first).await, Err(StoreError::LeaseLost));
        let version = world.retention.row(board(0)).await.unwrap().unwrap().version;
        let settled = world.retention.settle(board(0), PurgeScope::Expired, version, &first).await;
        assert_eq!(settled, Err(StoreError::LeaseLost));
        assert_eq!(world.retention.count(&target).await.unwrap(), left, "nothing was done");
        assert!(world.retention.erase_batch(&target, 1, &second).await.unwrap() > 0);
        assert!(!world.poison.is_set(), "and nothing is wrong");
    });
}

pub(crate) fn leases_after_a_start(place: &dyn Place) {
    run(async {
        let world = World::new(place).await;
        let first = world.lease(1).await.unwrap();
        // Where no other process can have the engine, its holder is gone with the process; else it ends by itself.
        let world = world.reopened().await;
        let second = match world.lease(2).await {
            Some(second) => second,
            None => {
                world.pass(61);
                world.lease(2).await.unwrap()
            }
        };
        assert!(second.fence > first.fence, "also over a start");
    });
}
