//! The self-verifying bundle, against the verifier of this crate and the independent one in Python.

#[cfg(test)]
mod bundle {
    pub(crate) mod log;
    pub(crate) mod python;
    pub(crate) mod tamper;
}

use bundle::log::{Log, Options, read, verify};
use bundle::python::{self, Answer};
use bundle::tamper::{self, Refused};
use ssbtek_transparency::bundle::{BundleVerifier, Fault};
use ssbtek_transparency::tree::root_at;
use ssbtek_transparency::witness::Seen;

#[test]
fn ten_thousand_entries_and_a_thousand_consistency_proofs_convince_both_verifiers() {
    let log = Log::grown(10_000, 10);
    let lines = log.export(Options { receipts_every: 7, ..Options::all() });
    let verdict = verify(&lines, Some(log.trust()), []).unwrap();
    assert_eq!((verdict.entries, verdict.open, verdict.covered), (10_000, 6_000, 0));
    assert_eq!((verdict.sealed, verdict.erased), (2_000, 2_000));
    assert_eq!((verdict.checkpoints, verdict.consistency), (1_001, 1_000));
    assert_eq!(verdict.cosigned_checkpoints, 1_001);
    assert!(verdict.receipts > 1_000, "{}", verdict.receipts);
    assert!(verdict.keys_given);
    assert_eq!(verdict.cosigned.len(), 2);

    let dir = tempfile::tempdir().unwrap();
    let path = python::write(dir.path(), "whole", &lines);
    match python::verify(&log.python_keys(), &[path]) {
        Answer::Skipped => {}
        Answer::Lines(lines) => {
            let counts = format!(
                "size=10000 root={} entries=10000 covered=0 checkpoints=1001 consistency=1000 receipts={} \
                 open=6000 sealed=2000 erased=2000 cosigned_checkpoints=1001 known=0 keys=given",
                verdict.root.to_hex(),
                verdict.receipts
            );
            assert!(lines[0].starts_with("OK ") && lines[0].ends_with(&counts), "{lines:?}");
        }
    }
}

#[test]
fn an_export_of_part_of_the_log_proves_that_nothing_is_missing_and_stays_small() {
    let log = Log::grown(3_000, 100);
    let shown = [5, 6, 700, 2_999];
    let lines = log.export(Options { only: Some(shown.to_vec()), checkpoints: false, ..Options::all() });
    let verdict = verify(&lines, Some(log.trust()), []).unwrap();
    assert_eq!((verdict.entries, verdict.covered, verdict.size), (4, 2_996, 3_000));
    assert!(lines.len() < 80, "{} lines", lines.len());
    let dir = tempfile::tempdir().unwrap();
    let path = python::write(dir.path(), "part", &lines);
    if let Answer::Lines(lines) = python::verify(&log.python_keys(), &[path]) {
        assert!(lines[0].starts_with("OK ") && lines[0].contains("covered=2996"), "{lines:?}");
    }
}

#[test]
fn a_log_whose_witness_is_gone_is_whole_and_both_verifiers_say_how_far_it_is_cosigned_and_by_whom() {
    let log = Log::grown(63, 3);
    let lines = log.export(Options { witness_gone_from: 3, ..Options::all() });
    let told = read(BundleVerifier::new(Some(log.trust())), &lines).unwrap();
    assert_eq!((told.entries, told.size, told.cosigned_up_to), (63, 63, 3));
    assert!(!told.is_cosigned_to_the_end());
    let far: Vec<_> = told.cosigned.iter().map(|one| (one.witness.as_str(), one.size)).collect();
    assert_eq!(far, [("witness.example.se/a", 63), ("witness.example.se/b", 3)]);
    assert_eq!(verify(&lines, Some(log.trust()), []).unwrap_err().fault, Fault::Quorum, "asked to the end");
    let whole = read(BundleVerifier::new(Some(log.trust())), &log.export(Options::all())).unwrap();
    assert!(whole.is_cosigned_to_the_end() && whole.cosigned_up_to == 63);

    let dir = tempfile::tempdir().unwrap();
    let path = python::write(dir.path(), "gone", &lines);
    let strict = log.python_keys();
    let lenient: Vec<_> = strict.iter().filter(|word| *word != "--to-the-end").cloned().collect();
    if let Answer::Lines(answers) = python::verify(&lenient, std::slice::from_ref(&path)) {
        let how_far = "cosigned up to 3 of 63 (witness.example.se/a up to 63 at ";
        assert!(answers[0].starts_with("OK ") && answers[0].contains(how_far), "{answers:?}");
        let refused = python::verify(&strict, &[path]);
        assert!(matches!(refused, Answer::Lines(lines) if lines[0].contains("too few cosignatures")));
    }
}

#[test]
fn a_bundle_without_given_keys_says_that_it_rests_on_its_own() {
    let log = Log::grown(20, 10);
    let lines = log.export(Options::all());
    assert!(!verify(&lines, None, []).unwrap().keys_given);
    let empty = Log::grown(0, 10);
    assert_eq!(verify(&empty.export(Options::all()), None, []).unwrap().size, 0);
}

#[test]
fn every_way_of_tampering_is_refused_by_both_verifiers_and_named() {
    let log = Log::grown(60, 20);
    let lines = log.export(Options { receipts_every: 5, ..Options::all() });
    let dir = tempfile::tempdir().unwrap();
    let (mut paths, mut refused_at) = (Vec::new(), Vec::new());
    let cases = tamper::cases(&log, &lines);
    for (name, changed, expected) in &cases {
        let error = verify(changed, Some(log.trust()), []).expect_err(name);
        match expected {
            Refused::Fault(fault) => assert_eq!(error.fault, *fault, "{name}"),
            Refused::Somehow => {}
        }
        paths.push(python::write(dir.path(), name, changed));
        refused_at.push(format!(": line {}: ", error.line));
    }
    if let Answer::Lines(answers) = python::verify(&log.python_keys(), &paths) {
        assert_eq!(answers.len(), cases.len());
        for ((answer, (name, ..)), line) in answers.iter().zip(&cases).zip(&refused_at) {
            assert!(answer.starts_with("REFUSED ") && answer.contains(line), "{name}: {answer}, not {line}");
        }
    }
}

#[test]
fn history_rewritten_and_signed_by_everyone_is_found_with_one_checkpoint_kept() {
    let honest = Log::grown(60, 20);
    let honest_lines = honest.export(Options::all());
    let kept = honest.note_at(40);
    let known = Seen { size: 40, root: root_at(&honest.tree(40), 40).unwrap() };
    let rewritten = Log::grown_without(60, 20, 17);
    let lines = rewritten.export(Options::all());
    assert!(verify(&lines, Some(honest.trust()), []).is_ok(), "signed by log and witnesses: holds together");

    let fault = |lines: &[String], known| verify(lines, Some(honest.trust()), [known]).unwrap_err().fault;
    assert_eq!(fault(&lines, known), Fault::Known);
    assert_eq!(verify(&honest_lines, Some(honest.trust()), [known]).unwrap().known, 1);
    let young = Log::grown(30, 10);
    assert_eq!(fault(&young.export(Options::all()), known), Fault::KnownBeyond);
    let hidden = honest.export(Options { only: Some(vec![]), checkpoints: false, ..Options::all() });
    let odd = Seen { size: 5, root: known.root };
    assert_eq!(fault(&hidden, odd), Fault::KnownHidden);

    let dir = tempfile::tempdir().unwrap();
    let kept = python::write(dir.path(), "kept", &[kept]);
    let paths = [("rewritten", &lines), ("honest", &honest_lines)]
        .map(|(name, lines)| python::write(dir.path(), name, lines));
    let mut arguments = honest.python_keys();
    arguments.extend(["--known".to_owned(), kept.display().to_string()]);
    if let Answer::Lines(answers) = python::verify(&arguments, &paths) {
        assert!(answers[0].ends_with("history was rewritten"), "{answers:?}");
        assert!(answers[1].starts_with("OK ") && answers[1].contains("known=1"), "{answers:?}");
    }
}

#[test]
fn every_bit_flip_in_a_bundle_is_refused_by_both_verifiers() {
    let log = Log::grown(12, 4);
    let lines = log.export(Options { receipts_every: 3, ..Options::all() });
    let whole = lines.concat().into_bytes();
    assert!(verify(&lines, None, []).is_ok());
    // Every bit of the first and last lines, which no signature covers whole, and every 37th of the rest.
    let edge = lines[0].len() * 8..(whole.len() - lines[lines.len() - 1].len()) * 8;
    for bit in (0..whole.len() * 8).filter(|bit| bit % 37 == 0 || !edge.contains(bit)) {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let Ok(text) = String::from_utf8(flipped) else { continue };
        let mut verifier = BundleVerifier::new(None);
        let mut read =
            text.split_inclusive('\n').map(|line| verifier.line(line.strip_suffix('\n').unwrap_or(line)));
        let refused = read.any(|line| line.is_err());
        assert!(refused || verifier.finish().is_err(), "bit {bit} of {}", whole.len() * 8);
    }
    let dir = tempfile::tempdir().unwrap();
    let path = python::write(dir.path(), "flipped", &lines);
    python::flip_bits(&path, 500);
}

#[test]
fn debug_output_of_a_line_holds_nothing_of_the_payload() {
    let log = Log::grown(1, 1);
    let lines = log.export(Options::all());
    let mut verifier = BundleVerifier::new(None);
    let read: Vec<_> = lines.iter().map(|line| verifier.line(line.trim_end()).unwrap()).collect();
    let debug = format!("{read:?}");
    assert!(debug.contains("payload: Some(9 bytes)") && !debug.contains("payload 0"), "{debug}");
}
