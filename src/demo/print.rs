//! What the demo says. It prints the answer itself only because the person is generated.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the demo speaks to a person at a terminal")]

use ssbtek_proto::{
    agency::v1::Outcome,
    broker::v1::{AskResponse, Protection},
};

use super::files::{Facts, Files};

pub(super) fn step(text: &str) {
    eprintln!("· {text}");
}

pub(super) fn error(text: &str) {
    eprintln!("ssbtek-broker: {text}");
}

/// Whether every source that was asked has answered for itself.
pub(super) fn is_answered(answer: &AskResponse) -> bool {
    answer.complete && answer.receipt.is_some()
}

pub(super) fn answer(answer: &AskResponse) {
    println!("\nAnswer about {} (entry {})", answer.person_number, answer.entry_id);
    let level = answer.protection.as_ref().map(|protection| protection.level()).unwrap_or_default();
    println!("Protected identity: {}", protection(level));
    for source in &answer.sources {
        let outcome = source.outcome().as_str_name().trim_start_matches("OUTCOME_").to_lowercase();
        let conclusive = source.parts.iter().filter(|part| spoke(part.outcome())).count();
        let parts = match source.parts.len() {
            0 => String::new(),
            all => format!(" ({conclusive} of {all} parts)"),
        };
        println!("  {:4} {}{parts}", source.source, outcome.replace('_', " "));
    }
    println!("Payments, newest first:");
    for line in &answer.payments {
        let net = line.net.iter().map(|net| net.amount.as_str()).collect::<Vec<_>>().join(" / ");
        let day = line.paid_on.as_deref().unwrap_or("undated");
        println!("  {day:10}  {net:>18} kr  {}, {}", line.payer, line.benefit);
    }
}

fn spoke(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Answered | Outcome::NoSuchPerson)
}

fn protection(level: Protection) -> &'static str {
    match level {
        Protection::Unspecified => "?",
        Protection::None => "no, say all sources that can say so",
        Protection::NotKnown => "NOT KNOWN: treat as protected",
        Protection::Sekretessmarkering => "SEKRETESSMARKERING",
        Protection::SkyddadFolkbokforing => "SKYDDAD FOLKBOKFÖRING",
    }
}

pub(super) fn how_to_go_on(files: &Files, facts: &Facts) {
    let directory = files.path("");
    let directory = directory.display();
    println!("\nThe broker stays up at {} until Ctrl-C. Ask again, in another terminal:", facts.grpc);
    println!("  ssbtek --demo {directory} ask --role co-applicant");
    println!("  python3 tests/python/ask.py {directory}");
    println!("Everything a client needs stands in {directory}demo.json.");
    if let Some(control) = &facts.mock_control {
        println!("Stop an agency:  curl -X PUT {control}/behaviour/FK -d '{{\"outage\":\"refuse\"}}'");
    }
}
