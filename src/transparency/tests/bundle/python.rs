//! Running the independent verifier, if Python 3 with `cryptography` is there.

use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) enum Answer {
    /// One line per bundle.
    Lines(Vec<String>),
    /// No Python here.
    Skipped,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/verify")
}

fn available() -> bool {
    let found = Command::new("python3")
        .args(["-c", "import cryptography"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !found {
        println!(
            "SKIPPED: python3 with the package `cryptography` is not here; only the Rust verifier was tested"
        );
    }
    found
}

pub(crate) fn write(dir: &Path, name: &str, lines: &[String]) -> PathBuf {
    let path = dir.join(name.replace(' ', "_"));
    std::fs::write(&path, lines.concat()).unwrap();
    path
}

pub(crate) fn verify(arguments: &[String], paths: &[PathBuf]) -> Answer {
    if !available() {
        return Answer::Skipped;
    }
    let output = Command::new("python3")
        .args(["-B", "-X", "utf8"])
        .arg(folder().join("verify_log.py"))
        .args(arguments)
        .args(paths)
        .output()
        .unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), paths.len());
    assert_eq!(output.status.success(), lines.iter().all(|line| line.starts_with("OK ")));
    Answer::Lines(lines)
}

pub(crate) fn flip_bits(path: &Path, count: u32) {
    if !available() {
        return;
    }
    let output = Command::new("python3")
        .args(["-B", "-X", "utf8"])
        .arg(folder().join("flip_bits.py"))
        .arg(path)
        .args([&count.to_string(), "20261122"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_independent_verifier_agrees_with_published_vectors() {
    if available() {
        let script = folder().join("verify_log.py");
        let output = Command::new("python3").arg("-B").arg(script).arg("--self-test").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
