//! Whether what is written follows a published schema. The folder that holds the schemas (with `se/` and `schemas/`
//! inside) comes in the environment as `SSBTEK_SCHEMAS`; without it, or without `xmllint`, nothing is checked, and that
//! is said.

use std::{
    env,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use ssbtek_xml::{Document, Limits};

use crate::{
    Codec,
    test_world::{Mock, question},
};
use mock_agencies::{
    TestPerson,
    own_format::{Request, Response, World},
};

/// The schema below the folder; `None` where there is none to check against.
pub(crate) fn schema(below: &str) -> Option<PathBuf> {
    let found = env::var_os("SSBTEK_SCHEMAS").map(|folder| PathBuf::from(folder).join(below));
    if found.is_none() {
        eprintln!("SKIPPED: SSBTEK_SCHEMAS is not set, nothing was validated");
    }
    found
}

/// Panics with the validator's words where the payload inside a SOAP envelope does not follow the schema. A person's
/// number is generated here, so the words may be shown.
pub(crate) fn assert_valid(schema: &PathBuf, envelope: &[u8], what: &str) {
    let document = Document::parse(envelope, &Limits::default()).unwrap();
    let payload = document.standalone(&document.root().elements()[0].elements()[0]);
    let mut lint = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .arg(schema)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("xmllint is installed");
    lint.stdin.take().unwrap().write_all(payload.as_bytes()).unwrap();
    let said = lint.wait_with_output().unwrap();
    assert!(said.status.success(), "{what}: {}\n{payload}", String::from_utf8_lossy(&said.stderr));
}

/// Every question and every answer of a few worlds, the truthful ones and those under `scripts`.
pub(crate) fn all_follow(
    below: &str,
    codec: &dyn Codec,
    mock: impl Fn(&Request<'_>, &dyn World) -> Response,
    scripts: &[&str],
    fits: impl Fn(&TestPerson) -> bool,
) {
    let Some(schema) = schema(below) else { return };
    let check = |world: &Mock, person: &TestPerson| {
        let asked = codec.question(&question(person)).unwrap();
        assert_valid(&schema, &asked.body, "question");
        let told = mock(&Request { path: &asked.path, body: &asked.body }, world);
        assert_eq!(told.status, 200);
        assert_valid(&schema, &told.body, world.script.as_deref().unwrap_or("answer"));
    };
    for seed in 0..4 {
        let world = Mock::new(seed);
        world.population.persons().iter().for_each(|person| check(&world, person));
    }
    for script in scripts {
        let world = Mock::scripted(script);
        check(&world, world.person(&fits));
    }
}
