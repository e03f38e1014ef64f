//! Questions and answers against LEFI's published description, when its folder is given.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use mock_agencies::own_format::{Request, fk};

use super::{every_shape::every_shape, lefi};
use crate::{
    Codec,
    test_schema::schema,
    test_world::{Mock, question},
};

#[test]
fn every_question_and_every_answer_follow_the_published_description() {
    let Some(description) =
        schema("se/forsakringskassan/schema/lefi/lefi-formansinformation-v9.openapi.yaml")
    else {
        return;
    };
    let mut lines = vec![];
    let mut add = |name: &str, document: &[u8]| {
        // One document a line; none breaks a line inside a text.
        let document = String::from_utf8(document.to_vec()).unwrap().replace(['\r', '\n'], " ");
        lines.push(format!(r#"["{name}",{document}]"#));
    };
    let mut exchange = |mock: &Mock| {
        for person in mock.population.persons() {
            let sent = lefi().question(&question(person)).unwrap();
            add("LefiExternFormansinformationFraga", &sent.body);
            let told = fk::answer(&Request { path: &sent.path, body: &sent.body }, mock);
            let name = if told.status == 200 { "LefiExternFormansinformationSvar" } else { "LefiFelsvar" };
            add(name, &told.body);
        }
    };
    (0..4).for_each(|seed| exchange(&Mock::new(seed)));
    for script in
        ["fk-down", "pm-down", "unlisted", "avvikelse", "obehorig", "all-obehorig", "no-gepi", "400", "403"]
    {
        exchange(&Mock::scripted(script));
    }
    add("LefiExternFormansinformationSvar", &fk::told(&every_shape()));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/fk/lefi_schema.py");
    let mut check = Command::new("python3")
        .arg(script)
        .arg(description)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    check.stdin.take().unwrap().write_all(lines.join("\n").as_bytes()).unwrap();
    let said = check.wait_with_output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}
