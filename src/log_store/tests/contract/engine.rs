//! What every engine promises, tried over the port alone.

use ssbtek_domain::{DateTime, Entropy, EntryId, SystemEntropy};
use ssbtek_log_store::{
    Fault,
    engine::{Changes, Done, Engine, Rows, WritingEnd},
    rows::{DocumentRow, KeptRow, LeafRow, LogKeyRow, SpentRow, StartedRow, StepRow, TermsRow},
};
use ssbtek_transparency::Hash;

use super::{Place, board};

fn change<R>(end: &mut dyn WritingEnd, work: impl Fn(&dyn Changes) -> Done<R>) -> Done<R> {
    let mut result = None;
    end.change(&mut |changes| {
        result = Some(work(changes)?);
        Ok(())
    })?;
    Ok(result.unwrap())
}

fn read<R>(engine: &dyn Engine, work: impl Fn(&dyn Rows) -> Done<R>) -> R {
    let mut result = None;
    engine
        .read(&mut |rows| {
            result = Some(work(rows)?);
            Ok(())
        })
        .unwrap();
    result.unwrap()
}

fn hash(n: u64) -> Hash {
    Hash::of_parts(&[&n.to_be_bytes()])
}

fn leaf(index: u64, key: &str) -> LeafRow {
    let (header, commitment) = (vec![index as u8; 3], hash(index + 1000));
    LeafRow { index, hash: hash(index), header, commitment, key: key.to_owned(), sealed: Some(vec![7; 9]) }
}

fn document(doc: u8, version: u64, key: &str, closed_at: Option<i64>) -> DocumentRow {
    DocumentRow { doc: [doc; 32], version, key: key.to_owned(), sealed: vec![doc; 5], closed_at }
}

/// An engine with two trees of ten leaves: the first six of each under one key, the rest under another.
fn grown(engine: &dyn Engine) -> (Box<dyn WritingEnd>, [i64; 2]) {
    let mut end = engine.writing_end().unwrap();
    let trees = change(&mut *end, |changes| {
        let trees = [changes.begin_tree(board(0))?.id, changes.begin_tree(board(1))?.id];
        for tree in trees {
            for index in 0..10 {
                changes.add_leaf(
                    tree,
                    &leaf(index, if index < 6 { "log.a.2026-01" } else { "log.a.2026-02" }),
                )?;
            }
            changes.add_node(tree, 1, 0, &hash(77))?;
            changes.grow_tree(tree, 10, &[1; 64], "note", &[9; 32])?;
        }
        Ok(trees)
    });
    (end, trees.unwrap())
}

pub(crate) fn committed(place: &dyn Place) {
    let engine = place.open();
    let (end, trees) = grown(&*engine);
    drop((end, engine));
    let engine = place.open();
    let tree = read(&*engine, |rows| rows.tree(board(0))).unwrap();
    assert_eq!(
        (tree.id, tree.size, tree.frontier, tree.checkpoint.as_str(), tree.beside),
        (trees[0], 10, vec![1; 64], "note", Some(vec![9; 32]))
    );
    assert_eq!(read(&*engine, |rows| rows.leaves(trees[0], 0..10, 99)).len(), 10);
}

pub(crate) fn rolled_back(place: &dyn Place) {
    let engine = place.open();
    let (mut end, [tree, _]) = grown(&*engine);
    let failed: Done<()> = change(&mut *end, |changes| {
        changes.add_leaf(tree, &leaf(10, "log.a.2026-02"))?;
        changes.add_terms(&[(tree, 1, [1; 16], 10)])?;
        Err(Fault::Damaged("as tried"))
    });
    assert_eq!(failed, Err(Fault::Damaged("as tried")));
    // What the engine itself refuses, likewise.
    let twice = change(&mut *end, |changes| {
        changes.add_leaf(tree, &leaf(10, "log.a.2026-02"))?;
        changes.add_leaf(tree, &leaf(3, "log.a.2026-02"))
    });
    assert_eq!(twice, Err(Fault::Busy));
    assert_eq!(read(&*engine, |rows| rows.leaves(tree, 10..11, 9)), []);
    assert_eq!(read(&*engine, |rows| rows.term_leaves(tree, 1, &[1; 16], 99, 9)), [0; 0]);
    change(&mut *end, |changes| changes.add_leaf(tree, &leaf(10, "log.a.2026-02"))).unwrap();
    assert_eq!(read(&*engine, |rows| rows.leaves(tree, 10..11, 9)).len(), 1);
}

pub(crate) fn one_moment(place: &dyn Place) {
    let engine = place.open();
    let (mut end, [tree, _]) = grown(&*engine);
    engine
        .read(&mut |rows| {
            let before = rows.leaves(tree, 0..99, 99)?;
            change(&mut *end, |changes| changes.add_leaf(tree, &leaf(10, "log.a.2026-02")))?;
            assert_eq!(rows.leaves(tree, 0..99, 99)?, before);
            Ok(())
        })
        .unwrap();
    assert_eq!(read(&*engine, |rows| rows.leaves(tree, 0..99, 99)).len(), 11);
}

pub(crate) fn trees(place: &dyn Place) {
    let engine = place.open();
    let (mut end, trees) = grown(&*engine);
    let again = change(&mut *end, |changes| changes.begin_tree(board(0))).unwrap();
    assert_eq!((again.id, again.size), (trees[0], 10), "it stays as it is");
    let all = read(&*engine, |rows| rows.trees());
    assert_eq!(all.iter().map(|tree| tree.id).collect::<Vec<_>>(), trees);
}

pub(crate) fn leaves(place: &dyn Place) {
    let engine = place.open();
    let (_end, trees) = grown(&*engine);
    let indices = |from, until, limit| {
        let leaves = read(&*engine, |rows| rows.leaves(trees[0], from..until, limit));
        leaves.iter().map(|leaf| leaf.index).collect::<Vec<_>>()
    };
    assert_eq!(indices(2, 5, 99), [2, 3, 4]);
    assert_eq!(indices(2, u64::MAX, 3), [2, 3, 4]);
    assert_eq!(indices(0, u64::MAX, 99).len(), 10, "none of the tree beside it");
    assert_eq!((indices(5, 5, 99), indices(6, 5, 99)), (vec![], vec![]));
    assert_eq!(read(&*engine, |rows| rows.leaves(trees[1], 3..4, 9)), [leaf(3, "log.a.2026-01")]);
    assert_eq!(read(&*engine, |rows| rows.nodes(trees[0], 0, 3..5)), [hash(3), hash(4)]);
    assert_eq!(read(&*engine, |rows| rows.nodes(trees[0], 1, 0..9)), [hash(77)]);
    assert_eq!(read(&*engine, |rows| rows.headers(trees[0], 4..6)), [vec![4; 3], vec![5; 3]]);
}

pub(crate) fn terms_lead(place: &dyn Place) {
    let engine = place.open();
    let mut end = engine.writing_end().unwrap();
    let rows: Vec<_> = [3, 1, 7, 5].map(|leaf| (1, 202_601, [9; 16], leaf)).into();
    change(&mut *end, |changes| changes.add_terms(&rows)).unwrap();
    let others = [(2, 202_601, [9; 16], 4), (1, 202_602, [9; 16], 4), (1, 202_601, [8; 16], 4), rows[0]];
    change(&mut *end, |changes| changes.add_terms(&others)).unwrap();
    let found = |before, limit| read(&*engine, |rows| rows.term_leaves(1, 202_601, &[9; 16], before, limit));
    assert_eq!(found(u64::MAX, 9), [7, 5, 3, 1]);
    assert_eq!((found(7, 2), found(1, 9)), (vec![5, 3], vec![]));
}

pub(crate) fn terms_go(place: &dyn Place) {
    let engine = place.open();
    let mut end = engine.writing_end().unwrap();
    let rows: Vec<_> = (0..50).map(|n| (1, 202_601, [(n % 7) as u8; 16], n)).collect();
    let other = [(1, 202_602, [1; 16], 3), (2, 202_601, [1; 16], 3)];
    change(&mut *end, |changes| changes.add_terms(&rows).and_then(|()| changes.add_terms(&other))).unwrap();
    let mut turns = Vec::new();
    while turns.last() != Some(&0) {
        turns.push(change(&mut *end, |changes| changes.erase_terms(1, 202_601, 40, 15)).unwrap());
    }
    assert_eq!(turns, [15, 15, 10, 0]);
    let left =
        |tree, month, term: u8| read(&*engine, |rows| rows.term_leaves(tree, month, &[term; 16], 99, 99));
    assert_eq!((0..7).map(|term| left(1, 202_601, term).len()).sum::<usize>(), 10, "those from 40 on");
    assert_eq!((left(1, 202_602, 1), left(2, 202_601, 1)), (vec![3], vec![3]));
}

pub(crate) fn sealed(place: &dyn Place) {
    let engine = place.open();
    let (mut end, trees) = grown(&*engine);
    let keys = || read(&*engine, |rows| rows.sealing_keys(trees[0], "log.a.", "log.a/"));
    let names = || keys().into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    assert_eq!(names(), ["log.a.2026-01", "log.a.2026-02"]);
    assert!(keys()[0].1 >= 6 && keys()[1].1 >= 10);
    assert_eq!(read(&*engine, |rows| rows.count_sealed(trees[0], "log.a.2026-01", 5)), 5);
    let mut turns = Vec::new();
    while turns.last() != Some(&0) {
        turns.push(
            change(&mut *end, |changes| changes.erase_sealed(trees[0], "log.a.2026-01", 99, 4)).unwrap(),
        );
    }
    assert_eq!((turns, names()), (vec![4, 2, 0], vec!["log.a.2026-02".to_owned()]));
    let erased = LeafRow { sealed: None, ..leaf(2, "log.a.2026-01") };
    assert_eq!(read(&*engine, |rows| rows.leaves(trees[0], 2..3, 1)), [erased]);
    assert_eq!(
        read(&*engine, |rows| rows.count_sealed(trees[1], "log.a.2026-01", 99)),
        6,
        "the other tree's"
    );
}

pub(crate) fn open_entries(place: &dyn Place) {
    let engine = place.open();
    let (mut end, [tree, other]) = grown(&*engine);
    let mut entries: Vec<_> = (0..3).map(|_| EntryId::draw(&SystemEntropy, DateTime::default())).collect();
    entries.sort_by_key(|entry| *entry.as_bytes());
    for (entry, tree) in [(entries[2], tree), (entries[0], other), (entries[1], tree)] {
        change(&mut *end, |changes| changes.open_entry(tree, entry)).unwrap();
    }
    assert_eq!(
        read(&*engine, |rows| rows.open_entries()),
        [(other, entries[0]), (tree, entries[1]), (tree, entries[2])]
    );
    change(&mut *end, |changes| changes.end_entry(entries[0])).unwrap();
    assert_eq!(read(&*engine, |rows| rows.is_open(entries[0])), None);
    assert_eq!(read(&*engine, |rows| rows.is_open(entries[1])), Some(tree));
}

pub(crate) fn documents_once(place: &dyn Place) {
    let engine = place.open();
    let mut end = engine.writing_end().unwrap();
    change(&mut *end, |changes| changes.add_document(&document(1, 1, "case.a.1", None))).unwrap();
    let again = change(&mut *end, |changes| {
        changes.add_document(&document(1, 2, "case.a.1", None))?;
        changes.add_document(&document(1, 1, "case.a.2", None))
    });
    assert_eq!(again, Err(Fault::Busy));
    let newest = read(&*engine, |rows| rows.document(&[1; 32], None));
    assert_eq!(newest, Some(document(1, 1, "case.a.1", None)), "nothing of the transaction is there");
}

pub(crate) fn documents_in_order(place: &dyn Place) {
    let engine = place.open();
    let mut end = engine.writing_end().unwrap();
    let all = [
        document(3, 1, "case.a.1", None),
        document(3, 2, "case.a.1", Some(100)),
        document(1, 1, "case.a.2", Some(50)),
        document(2, 1, "case.b.1", Some(10)),
    ];
    for row in all.iter().rev() {
        change(&mut *end, |changes| changes.add_document(row)).unwrap();
    }
    let page =
        |after: (&str, &[u8], u64), limit| read(&*engine, |rows| rows.documents(after, "case.a/", limit));
    assert_eq!(page(("case.a.", &[], 0), 9), all[..3]);
    assert_eq!(page(("case.a.1", &[3; 32], 1), 1), all[1..2]);
    let closed = |at| read(&*engine, |rows| rows.closed_documents("case.a.", "case.a/", at));
    assert_eq!((closed(99), closed(100)), (all[2..3].to_vec(), all[1..3].to_vec()));
    assert_eq!(read(&*engine, |rows| rows.document(&[3; 32], Some(1))), Some(all[0].clone()));
    let erase = |end: &mut dyn WritingEnd, version| {
        change(end, |changes| changes.erase_document(&[3; 32], version)).unwrap()
    };
    assert_eq!((erase(&mut *end, Some(9)), erase(&mut *end, Some(1))), (0, 1));
    assert_eq!(read(&*engine, |rows| rows.document(&[3; 32], None)), Some(all[1].clone()));
    assert_eq!((erase(&mut *end, None), erase(&mut *end, None)), (1, 0));
}

pub(crate) fn tokens(place: &dyn Place) {
    let engine = place.open();
    let mut end = engine.writing_end().unwrap();
    let mut token = [0; 64];
    SystemEntropy.fill(&mut token);
    let row = |id| SpentRow { id, expires_at: 9 - id, tokens: token.to_vec(), mac: vec![1; 16] };
    for id in [2, 1, 3, 0] {
        change(&mut *end, |changes| changes.spend(&row(id))).unwrap();
    }
    assert_eq!(read(&*engine, |rows| rows.spent()), [0, 1, 2, 3].map(row));
    change(&mut *end, |changes| changes.forget_spent(2)).unwrap();
    assert_eq!(read(&*engine, |rows| rows.spent()), [row(3)]);
}

pub(crate) fn values(place: &dyn Place) {
    let engine = place.open();
    let mut end = engine.writing_end().unwrap();
    let key = |until| LogKeyRow {
        board: "a".to_owned(),
        vkey: "k".to_owned(),
        since: None,
        first_size: 4,
        until,
        last_size: None,
        mac: [1; 16],
    };
    for n in [1, 2] {
        change(&mut *end, |changes| {
            changes.keep(1, &KeptRow { size: 5, note: n.to_string(), mac: None })?;
            changes.keep(1, &KeptRow { size: 4, note: n.to_string(), mac: None })?;
            changes.set_terms(&TermsRow { board: "a".to_owned(), leaf: Some(n), ..TermsRow::default() })?;
            changes.set_log_key(&key(Some(n as i64)))?;
            changes.set_started(&StartedRow { name: "b".to_owned(), digest: [n as u8; 32], mac: [0; 16] })?;
            changes.set_format(n as u32, [n as u8; 16])
        })
        .unwrap();
    }
    let kept: Vec<_> =
        read(&*engine, |rows| rows.kept(1, 9)).into_iter().map(|kept| (kept.size, kept.note)).collect();
    assert_eq!(kept, [(4, "2".to_owned()), (5, "2".to_owned())]);
    assert_eq!(read(&*engine, |rows| rows.kept(1, 1)).iter().map(|kept| kept.size).collect::<Vec<_>>(), [5]);
    assert_eq!(read(&*engine, |rows| rows.terms("a")).and_then(|terms| terms.leaf), Some(2));
    assert_eq!(read(&*engine, |rows| rows.log_keys(Some("a"))), [key(Some(2))]);
    assert_eq!(
        (read(&*engine, |rows| rows.log_keys(Some("b"))), read(&*engine, |rows| rows.log_keys(None)).len()),
        (vec![], 1)
    );
    assert_eq!(read(&*engine, |rows| rows.started("b")).map(|row| row.digest), Some([2; 32]));
    assert_eq!(read(&*engine, |rows| rows.format()), Some((2, [2; 16])));
    change(&mut *end, |changes| changes.drop_started("b").and_then(|()| changes.drop_kept(1, 5))).unwrap();
    assert_eq!(
        (read(&*engine, |rows| rows.started_names()), read(&*engine, |rows| rows.kept(1, 9)).len()),
        (vec![], 1)
    );
    assert_eq!(read(&*engine, |rows| rows.boards_with_terms()), ["a"]);
}

pub(crate) fn steps_back(place: &dyn Place) {
    let engine = place.open();
    let (mut end, [first, second]) = grown(&*engine);
    let step = |tree, leaf, confirmed| StepRow { tree, leaf, latest: 1000 - leaf as i64, confirmed };
    change(&mut *end, |changes| {
        for (tree, leaf) in [(second, 3), (first, 7), (first, 2)] {
            changes.add_step_back(&step(tree, leaf, false))?;
        }
        changes.say_beside(second, &[4; 32])
    })
    .unwrap();
    let all = |confirmed| [step(first, 2, confirmed), step(first, 7, confirmed), step(second, 3, confirmed)];
    assert_eq!(read(&*engine, |rows| rows.steps_back(None)), all(false));
    assert_eq!(read(&*engine, |rows| rows.steps_back(Some(second))), all(false)[2..]);
    change(&mut *end, |changes| changes.confirm_steps_back()).unwrap();
    assert_eq!(read(&*engine, |rows| rows.steps_back(Some(first))), all(true)[..2]);
    let said = |board| read(&*engine, |rows| rows.tree(board)).and_then(|tree| tree.beside);
    assert_eq!((said(board(0)), said(board(1))), (Some(vec![9; 32]), Some(vec![4; 32])));
}
