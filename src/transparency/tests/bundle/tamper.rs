//! Ways of tampering with a bundle, each sealed anew with a fitting end line, so that not the digest finds it.

use ssbtek_transparency::bundle::{BundleWriter, Bytes, CheckpointLine, Content, Covered, Fault, Line};
use ssbtek_transparency::note::{KeyName, NoteError};
use ssbtek_transparency::tree::ProofError;
use ssbtek_transparency::trust::TrustError;
use ssbtek_transparency::{Checkpoint, Hash, NoteSigner, SignedNote};

use super::log::{Log, ORIGIN, Options};

pub(crate) enum Refused {
    /// With exactly this fault.
    Fault(Fault),
    /// With some fault.
    Somehow,
}

/// How the log's own signature line begins.
const ORIGIN_LINE: &str = "— log.example.se/0180 ";

type Case = (&'static str, Vec<String>, Refused);

fn parse(lines: &[String]) -> Vec<Line> {
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The lines with an end line that fits them.
fn seal(lines: Vec<Line>) -> Vec<String> {
    let mut lines = lines.into_iter().filter(|line| !matches!(line, Line::End(_)));
    let Some(Line::Bundle(begin)) = lines.next() else { panic!("a bundle line first") };
    let (mut writer, first) = BundleWriter::begin(begin).unwrap();
    let mut sealed = vec![first];
    sealed.extend(lines.map(|line| writer.line(&line).unwrap()));
    sealed.push(writer.end().unwrap());
    sealed
}

fn flipped(hash: Hash) -> Hash {
    let mut bytes = *hash.as_bytes();
    bytes[31] ^= 1;
    Hash::from_bytes(bytes)
}

fn place(lines: &[Line], wanted: impl FnMut(&Line) -> bool) -> usize {
    lines.iter().position(wanted).unwrap()
}

fn last_checkpoint(lines: &[Line]) -> usize {
    lines.iter().rposition(|line| matches!(line, Line::Checkpoint(_))).unwrap()
}

/// Changes the note of the last checkpoint and of nothing else.
fn with_last_note(lines: &[Line], change: impl FnOnce(&str) -> String) -> Vec<String> {
    let mut lines = lines.to_vec();
    let last = last_checkpoint(&lines);
    if let Line::Checkpoint(CheckpointLine { note }) = &mut lines[last] {
        *note = change(note);
    }
    seal(lines)
}

pub(crate) fn cases(log: &Log, original: &[String]) -> Vec<Case> {
    let lines = parse(original);
    assert_eq!(seal(lines.clone()), original);
    let mut cases = leaves(&lines);
    cases.extend(signatures(log, &lines));
    cases.extend(proofs(&lines));
    cases.extend(spelling(original));
    cases.extend(forks(log, &lines));
    cases
}

fn leaves(lines: &[Line]) -> Vec<Case> {
    let entry = |n: u64| place(lines, |line| matches!(line, Line::Entry(entry) if entry.index == n));
    let change = |n: u64, change: fn(&mut ssbtek_transparency::bundle::Entry)| {
        let mut lines = lines.to_vec();
        if let Line::Entry(entry) = &mut lines[entry(n)] {
            change(entry);
        }
        seal(lines)
    };
    let mut dropped = lines.to_vec();
    dropped.remove(entry(30));
    let mut renumbered = dropped.clone();
    for line in &mut renumbered {
        if let Line::Entry(entry) = line {
            entry.index -= u64::from(entry.index > 30);
        }
    }
    let mut doubled = lines.to_vec();
    doubled.insert(entry(30), lines[entry(30)].clone());
    let mut swapped = lines.to_vec();
    swapped.swap(entry(30), entry(31));
    let mut swapped_content = lines.to_vec();
    if let (Line::Entry(a), Line::Entry(b)) = (&lines[entry(30)], &lines[entry(31)]) {
        let (mut a, mut b) = (a.clone(), b.clone());
        std::mem::swap(&mut a.index, &mut b.index);
        swapped_content[entry(30)] = Line::Entry(b);
        swapped_content[entry(31)] = Line::Entry(a);
    }
    let fault = Refused::Fault;
    vec![
        ("an entry dropped", seal(dropped), fault(Fault::Index)),
        ("an entry dropped and the rest renumbered", seal(renumbered), fault(Fault::Position)),
        ("an entry doubled", seal(doubled), fault(Fault::Index)),
        ("two entries swapped", seal(swapped), fault(Fault::Index)),
        ("the content of two entries swapped", seal(swapped_content), fault(Fault::Root)),
        (
            "a payload changed",
            change(30, |e| e.payload = Some(Bytes(b"x".to_vec()))),
            fault(Fault::Commitment),
        ),
        ("a salt cut", change(30, |e| e.salt = Some(Bytes(vec![0; 31]))), fault(Fault::Content)),
        ("a header changed", change(30, |e| e.header.0[0] ^= 1), fault(Fault::Root)),
        ("a commitment changed", change(33, |e| e.commitment = flipped(e.commitment)), fault(Fault::Root)),
        ("an open entry called erased", change(30, |e| e.content = Content::Erased), fault(Fault::Content)),
        ("an erased entry called open", change(34, |e| e.content = Content::Open), fault(Fault::Content)),
    ]
}

fn signatures(log: &Log, lines: &[Line]) -> Vec<Case> {
    let bad_signature = || Refused::Fault(Fault::Checkpoint(TrustError::Note(NoteError::BadSignature)));
    let without = |name: &'static str| {
        move |note: &str| {
            let kept: Vec<&str> = note.split_inclusive('\n').filter(|line| !line.contains(name)).collect();
            kept.concat()
        }
    };
    let stranger = NoteSigner::from_seed(KeyName::parse(ORIGIN).unwrap(), &[9; 32]).unwrap();
    let another_log = |note: &str| {
        let mut checkpoint = Checkpoint::parse(SignedNote::parse(note).unwrap().text()).unwrap();
        checkpoint.origin = "log.example.se/1480".to_owned();
        checkpoint.sign([&log.signer]).unwrap().encode()
    };
    let another_key = |note: &str| {
        let text = SignedNote::parse(note).unwrap().text().to_owned();
        SignedNote::new(text.clone(), vec![stranger.sign(&text).unwrap()]).unwrap().encode()
    };
    let later = |note: &str| {
        let note = SignedNote::parse(note).unwrap();
        let mut lines = note.signatures().to_vec();
        lines[1].signature[7] ^= 1;
        SignedNote::new(note.text().to_owned(), lines).unwrap().encode()
    };
    let mut dropped = lines.to_vec();
    dropped.truncate(last_checkpoint(lines));
    let fault = Refused::Fault;
    vec![
        ("a witness missing", with_last_note(lines, without("witness.example.se/b")), fault(Fault::Quorum)),
        (
            "signed by witnesses only",
            with_last_note(lines, without(ORIGIN_LINE)),
            fault(Fault::Checkpoint(TrustError::NotByTheLog)),
        ),
        ("another origin", with_last_note(lines, another_log), fault(Fault::Checkpoint(TrustError::Origin))),
        (
            "signed by another key",
            with_last_note(lines, another_key),
            fault(Fault::Checkpoint(TrustError::NotByTheLog)),
        ),
        ("a cosignature moved in time", with_last_note(lines, later), bad_signature()),
        ("another size", with_last_note(lines, |note| note.replacen("\n60\n", "\n59\n", 1)), bad_signature()),
        ("the last checkpoint dropped", seal(dropped), fault(Fault::Open)),
    ]
}

fn proofs(lines: &[Line]) -> Vec<Case> {
    let change = |wanted: fn(&Line) -> bool, change: fn(&mut Line)| {
        let mut lines = lines.to_vec();
        let place = lines.iter().rposition(wanted).unwrap();
        change(&mut lines[place]);
        seal(lines)
    };
    let consistency: fn(&Line) -> bool = |line| matches!(line, Line::Consistency(_));
    let receipt: fn(&Line) -> bool = |line| matches!(line, Line::Receipt(_));
    let fault = Refused::Fault;
    vec![
        (
            "a consistency proof changed",
            change(consistency, |line| {
                if let Line::Consistency(line) = line {
                    line.proof[0] = flipped(line.proof[0]);
                }
            }),
            fault(Fault::Consistency(ProofError::Root)),
        ),
        (
            "a consistency proof longer",
            change(consistency, |line| {
                if let Line::Consistency(line) = line {
                    line.proof.push(line.proof[0]);
                }
            }),
            fault(Fault::Consistency(ProofError::Length)),
        ),
        (
            "a consistency proof of other sizes",
            change(consistency, |line| {
                if let Line::Consistency(line) = line {
                    line.old -= 1;
                }
            }),
            fault(Fault::Position),
        ),
        (
            "a receipt of another leaf",
            change(receipt, |line| {
                if let Line::Receipt(line) = line {
                    line.leaf_hash = flipped(line.leaf_hash);
                }
            }),
            fault(Fault::Receipt(ProofError::Root)),
        ),
        (
            "a receipt at another index",
            change(receipt, |line| {
                if let Line::Receipt(line) = line {
                    line.index -= 1;
                }
            }),
            Refused::Somehow,
        ),
        (
            "a receipt with a shorter proof",
            change(receipt, |line| {
                if let Line::Receipt(line) = line {
                    line.proof.pop();
                }
            }),
            fault(Fault::Receipt(ProofError::Length)),
        ),
    ]
}

/// Changes of the text alone; the digest is not renewed, and must not be what finds them.
fn spelling(original: &[String]) -> Vec<Case> {
    let change = |n: usize, change: &dyn Fn(&str) -> String| {
        let mut lines = original.to_vec();
        lines[n] = change(&lines[n]);
        lines
    };
    let malformed = || Refused::Fault(Fault::Malformed);
    let last = original.len() - 1;
    let upper = |line: &str| {
        let (before, hash) = line.split_once("\"commitment\":\"").unwrap();
        format!("{before}\"commitment\":\"{}{}", hash[..64].to_uppercase(), &hash[64..])
    };
    let mut after = original.to_vec();
    after.push(original[last].clone());
    let mut twice = original.to_vec();
    twice.insert(0, original[0].clone());
    vec![
        ("a space added", change(1, &|line| line.replacen(':', ": ", 1)), malformed()),
        ("a hash in upper case", change(2, &upper), malformed()),
        ("a field added", change(1, &|line| line.replacen('{', "{\"x\":1,", 1)), malformed()),
        (
            "a field doubled",
            change(2, &|line| line.replacen("\"index\":", "\"index\":0,\"index\":", 1)),
            malformed(),
        ),
        (
            "unused bits set in base64",
            change(3, &|line| line.replace("aGVhZGVyIDE=", "aGVhZGVyIDF=")),
            malformed(),
        ),
        ("a carriage return", change(1, &|line| line.replace('\n', "\r\n")), malformed()),
        ("a blank line", change(1, &|line| format!("{line}\n")), malformed()),
        ("no end line", original[..last].to_vec(), Refused::Fault(Fault::Unfinished)),
        ("cut in the middle of a line", change(last, &|line| line[..40].to_owned()), malformed()),
        ("a line after the end", after, Refused::Fault(Fault::Order)),
        ("two beginnings", twice, Refused::Fault(Fault::Order)),
        (
            "another version",
            change(0, &|line| line.replace("\"version\":1", "\"version\":2")),
            Refused::Fault(Fault::Version),
        ),
        (
            "a count changed",
            change(last, &|line| line.replace("\"entries\":60", "\"entries\":61")),
            Refused::Fault(Fault::Counts),
        ),
        (
            "the bundle's own quorum lowered",
            change(0, &|line| line.replace("\"quorum\":2", "\"quorum\":0")),
            Refused::Fault(Fault::Digest),
        ),
    ]
}

/// Lies told by the log's own key.
fn forks(log: &Log, lines: &[Line]) -> Vec<Case> {
    let other = Log::grown_without(60, 20, 17);
    // The rebuilt tree, signed by the log; the witnesses refuse to cosign it.
    let mut rebuilt = parse(&other.export(Options::all()));
    let last = last_checkpoint(&rebuilt);
    if let Line::Checkpoint(CheckpointLine { note }) = &mut rebuilt[last] {
        let checkpoint = Checkpoint::parse(SignedNote::parse(note).unwrap().text()).unwrap();
        *note = checkpoint.sign([&log.signer]).unwrap().encode();
    }
    // A receipt out of the rebuilt tree beside the true leaves.
    let mut forked = lines.to_vec();
    let receipt = other.receipt(3, 60, other.note_at(60));
    forked.insert(last_checkpoint(lines) + 1, Line::Receipt(receipt.into()));
    // Covered leaves in a bundle that says it shows all.
    let mut hiding = lines.to_vec();
    let place = hiding.iter().position(|line| matches!(line, Line::Entry(_))).unwrap();
    let hashes = vec![log.store.levels[0][0]];
    hiding[place] = Line::Covered(Covered { from: 0, level: 0, hashes });
    // Part of the log, its covered leaves moved.
    let part = parse(&log.export(Options { only: Some(vec![0, 31]), checkpoints: false, ..Options::all() }));
    let moved = |change: fn(&mut Covered)| {
        let mut part = part.clone();
        if let Some(Line::Covered(covered)) = part.iter_mut().find(|line| matches!(line, Line::Covered(_))) {
            change(covered);
        }
        seal(part)
    };
    // The tree smaller than the begin line says.
    let mut larger = lines.to_vec();
    if let Line::Bundle(begin) = &mut larger[0] {
        begin.size += 1;
    }
    vec![
        ("rebuilt without one entry", seal(rebuilt), Refused::Fault(Fault::Quorum)),
        ("a receipt out of a fork", seal(forked), Refused::Fault(Fault::Root)),
        ("an entry hidden", seal(hiding), Refused::Fault(Fault::Covered)),
        ("a covered range moved", moved(|covered| covered.from += 1), Refused::Fault(Fault::Index)),
        ("a covered range doubled", moved(|covered| covered.level += 1), Refused::Fault(Fault::Alignment)),
        (
            "a covered range beyond the tree",
            moved(|covered| covered.level = 62),
            Refused::Fault(Fault::Index),
        ),
        (
            "a covered hash changed",
            moved(|c| c.hashes[0] = flipped(c.hashes[0])),
            Refused::Fault(Fault::Root),
        ),
        ("fewer leaves than said", seal(larger), Refused::Fault(Fault::Index)),
    ]
}
