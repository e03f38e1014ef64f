//! The operator's program as a person at a terminal meets it.

use std::process::Command;

#[test]
fn every_command_tells_an_error_as_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    let nowhere = nowhere.to_str().unwrap();
    for words in [["purge", "--config", nowhere, "status"].as_slice(), &["board", "list", "--demo", nowhere]]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssbtek-operator"));
        let ended = command.args(words).env_remove("RUST_LOG").output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(!ended.status.success(), "{words:?}");
        let last = said.lines().last().unwrap_or_default();
        assert!(last.starts_with("ssbtek-operator: "), "{words:?}: {said}");
        assert!(!said.contains("ERROR"), "{words:?}: {said}");
    }
}
