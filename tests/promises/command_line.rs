//! The operator's program as a person at a terminal meets it: how it tells errors, and what happens when nobody reads on.

use std::{
    io,
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
        &["purge", "--config", nowhere, "status"],
        &["board", "list", "--demo", nowhere],
        &["witness", "--state", nowhere, "--name", "witness.example/w"],
        &["demo", "--data-dir", "/dev/null/x"],
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
