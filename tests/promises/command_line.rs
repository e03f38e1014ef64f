//! The broker's program as a person at a terminal meets it: how it tells errors, what happens when nobody reads on, and which
//! program does what it does not.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    process::{Command, Output, Stdio},
};

fn broker(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ssbtek-broker"));
    command.args(words).env_remove("RUST_LOG");
    command
}

fn run(words: &[&str]) -> Output {
    broker(words).output().unwrap()
}

#[test]
fn every_command_tells_an_error_as_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    let nowhere = nowhere.to_str().unwrap();
    for words in [
        ["serve", "--config", nowhere].as_slice(),
        &["check-log", "--config", nowhere],
        &["check-agency", "FK", "--config", nowhere],
        &["witness", "--state", nowhere, "--name", "witness.example/w"],
    ] {
        let ended = run(words);
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(!ended.status.success(), "{words:?}");
        let last = said.lines().last().unwrap_or_default();
        assert!(last.starts_with("ssbtek-broker: "), "{words:?}: {said}");
        assert!(!said.contains("ERROR"), "{words:?}: {said}");
    }
}

#[test]
fn a_reader_that_has_read_enough_is_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("witness");
    let words = ["witness", "--state", state.to_str().unwrap(), "--name", "witness.example/w", "--new"];
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let ended = broker(&words).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    assert!(ended.stderr.is_empty(), "{ended:?}");
}

#[test]
fn a_result_that_cannot_be_written_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("witness");
    let words = ["witness", "--state", state.to_str().unwrap(), "--name", "witness.example/w", "--new"];
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ended = broker(&words).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(String::from_utf8_lossy(&ended.stderr).starts_with("ssbtek-broker: "), "{ended:?}");
}

/// The broker's program alone in a folder.
fn alone(folder: &std::path::Path) -> Command {
    let copy = folder.join("ssbtek-broker");
    fs::copy(env!("CARGO_BIN_EXE_ssbtek-broker"), &copy).unwrap();
    Command::new(copy)
}

#[test]
fn what_another_program_does_is_done_by_the_one_that_stands_beside() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["ssbtek-operator", "ssbtek-demo"] {
        let path = folder.path().join(name);
        fs::write(&path, format!("#!/bin/sh\necho {name} \"$@\"; exit 3\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    }
    for (words, expected) in [
        (["board", "list"], "ssbtek-operator board list\n"),
        (["demo", "--once"], "ssbtek-demo --once\n"),
        (["purge", "--help"], "ssbtek-operator purge --help\n"),
    ] {
        let ended = alone(folder.path()).args(words).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&ended.stdout), expected);
        assert_eq!(ended.status.code(), Some(3));
    }
}

#[test]
fn without_the_program_beside_it_is_said_which_one_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    for (word, program) in [("demo", "ssbtek-demo"), ("board", "ssbtek-operator")] {
        let ended = alone(folder.path()).arg(word).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(said.starts_with(&format!("ssbtek-broker: {program}, which does this, is not")), "{said}");
        assert_eq!(ended.status.code(), Some(1));
    }
}

/// The mock agencies and the case worker's client are other programs' (`cargo tree` tells what is linked).
#[test]
fn neither_mock_agencies_nor_the_client_are_linked_into_the_server() {
    let mut tree = Command::new(env!("CARGO"));
    tree.args([
        "tree",
        "--offline",
        "--locked",
        "-p",
        "ssbtek-broker",
        "--edges",
        "normal",
        "--prefix",
        "none",
    ]);
    let told = tree.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.lines().any(|line| line.starts_with("ssbtek-store-sqlite ")), "{told}");
    for other in ["mock-agencies ", "ssbtek-client ", "ssbtek-operator ", "ssbtek-demo ", "ssbtek-example "] {
        assert!(!told.lines().any(|line| line.starts_with(other)), "{other}");
    }
}
