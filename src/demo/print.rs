//! What the demo says. It prints the answer itself only because the person is generated.

use ssbtek_client::{Screen, check_receipt, show::ReceiptCheck};
use ssbtek_present::Language;
use ssbtek_proto::broker::v1::{AskRequest, AskResponse};

use super::files::{Facts, Files};
use ssbtek_program::output;

pub(super) fn step(text: &str) {
    output::note(&format!("· {text}"));
}

/// Prints the answer; says whether every source that was asked has answered for itself, provably in the log.
pub(super) fn answer(question: &AskRequest, answer: &AskResponse, facts: &Facts) -> bool {
    let screen = Screen { width: 110, colour: false, progress: false };
    let receipt = check_receipt(answer, facts.log_key.as_deref());
    output::result(&format!(
        "\n{}",
        ssbtek_client::show::answer(question, answer, &receipt, screen, Language::English)
    ));
    answer.complete && receipt == ReceiptCheck::Holds
}

pub(super) fn how_to_go_on(files: &Files, facts: &Facts) {
    let directory = files.path("");
    let directory = directory.display();
    output::result(&format!(
        "\nThe broker stays up at {} until Ctrl-C. Ask again, in another terminal:",
        facts.grpc
    ));
    output::result(&format!("  {} --demo {directory} ask --role co-applicant", client()));
    if let Some(web) = &facts.web {
        output::result(&format!(
            "  or in a browser, as Anna Berg, case {}: {web}  (the browser warns: the certificate is the demo's own)",
            facts.case
        ));
    }
    output::result(&format!("  python3 tests/python/ask.py {directory}"));
    output::result(&format!("Everything a client needs stands in {directory}demo.json."));
    if let Some(control) = &facts.mock_control {
        output::result(&format!(
            "Stop an agency:  curl -X PUT {control}/behaviour/FK -d '{{\"outage\":\"refuse\"}}'"
        ));
    }
}

/// The client's command: the one built beside this program, if there is one.
fn client() -> String {
    let beside = std::env::current_exe().ok().map(|own| own.with_file_name("ssbtek"));
    match beside {
        Some(path) if path.exists() => path.display().to_string(),
        _ => "cargo run -p ssbtek-client --".to_owned(),
    }
}
