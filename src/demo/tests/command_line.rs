//! The demo as a person at a terminal meets it.

use std::process::Command;

#[test]
fn a_demo_that_cannot_begin_says_so_as_a_sentence() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ssbtek-demo"));
    let ended = command.args(["--data-dir", "/dev/null/x"]).env_remove("RUST_LOG").output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(!ended.status.success());
    assert!(said.lines().last().unwrap_or_default().starts_with("ssbtek-demo: "), "{said}");
    assert!(!said.contains("ERROR"), "{said}");
}
