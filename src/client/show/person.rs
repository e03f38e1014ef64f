//! The report to a person. Nothing in it is about anybody else, so that it can be handed over as it is.

use ssbtek_proto::broker::v1::{GetPersonReportResponse, PersonReportLine};

use super::phrases::{count, moment};
use crate::page::{Page, Screen};

/// What was checked before the report was shown.
#[derive(Debug, Clone, Copy)]
pub struct PersonChecks {
    /// Proofs that hold; `None` where the log's key is not known.
    pub proofs: Option<usize>,
    /// Records of the whole log that were gone through; `None` where that was not asked for.
    pub complete: Option<u64>,
}

/// The report as text for people.
pub fn person(report: &GetPersonReportResponse, checked: PersonChecks, screen: Screen) -> String {
    let mut page = Page::new(screen);
    let questions = count(report.lines.len(), "question or attempt", "questions and attempts");
    page.heading(&format!(
        "What board {} has asked about the person: {questions}",
        report.organisation_number
    ));
    if report.lines.is_empty() {
        page.line(0, "Nothing, says the log.");
    }
    for line in &report.lines {
        one(&mut page, line);
    }
    held(&mut page, report);
    page.blank();
    match checked.proofs {
        None => page.line(0, "Proofs not checked: the log's public key is not known here."),
        Some(proofs) => page.line(
            0,
            &format!("{} of the board's signed log, each proven.", count(proofs, "record", "records")),
        ),
    }
    match checked.complete {
        None => page
            .line(0, "Whether anything is missing was not checked; --complete goes through the whole log."),
        Some(size) => {
            page.line(0, &format!("Complete: nothing else in the log's {size} records is about the person."))
        }
    }
    if report.delayed > 0 {
        let lines =
            count(usize::try_from(report.delayed).unwrap_or(usize::MAX), "question is", "questions are");
        page.loud(
            0,
            &format!("For the board, not to be handed over: {lines} left out by a decision in force."),
        );
    }
    page.into_text()
}

/// What the board holds beside the questions.
fn held(page: &mut Page, report: &GetPersonReportResponse) {
    for case in &report.cases {
        let stands = match (case.current, case.closed) {
            (false, _) => "no longer registered; earlier versions are kept",
            (true, true) => "registered; the case is closed",
            (true, false) => "registered",
        };
        page.line(0, &format!("Case {}: {}, {stands}", case.case_id, case.role));
        if !case.from.is_empty() || !case.to.is_empty() {
            page.line(2, &format!("in the household  {} to {}", case.from, case.to));
        }
        if case.protected {
            page.line(2, "noted as having a protected identity");
        }
        for change in &case.changes {
            page.line(2, &format!("{}  {}", moment(&change.at), change.action.replace('_', " ")));
        }
        if !case.delayed_until.is_empty() {
            let (until, why) = (&case.delayed_until, &case.delay_reason);
            page.line(2, &format!("told later  from {until} on: {why} ({})", case.delay_legal_basis));
        }
    }
    if let Some(restriction) = &report.restriction {
        let stands = if restriction.in_force { "in force" } else { "lifted" };
        page.line(0, &format!("Restriction {}: {stands}", restriction.reference));
        for change in &restriction.changes {
            page.line(2, &format!("{}  {}", moment(&change.at), change.action.replace('_', " ")));
        }
    }
    if let Some(protection) = &report.protection {
        let level = crate::words::protection(protection.level).replace('_', " ");
        let by: Vec<_> = protection.said_by.iter().chain(&protection.cases).map(String::as_str).collect();
        let by = if by.is_empty() { String::new() } else { format!(", said by {}", by.join(", ")) };
        page.line(0, &format!("Protected identity, as it is remembered: {level}{by}"));
    }
    for account in &report.accounts {
        page.line(0, &format!("Account {account}: registered with the person's own number"));
    }
    if report.delayed_cases > 0 {
        let cases = usize::try_from(report.delayed_cases).unwrap_or(usize::MAX);
        let cases = count(cases, "case is", "cases are");
        page.loud(
            0,
            &format!("For the board, not to be handed over: {cases} left out by a decision in force."),
        );
    }
}

fn one(page: &mut Page, line: &PersonReportLine) {
    page.line(0, &format!("{}  {}", moment(&line.at), state(&line.state)));
    let mut told = |name: &str, text: &str| {
        if !text.is_empty() {
            page.line(2, &format!("{name:<9}  {text}"));
        }
    };
    told("purpose", &line.purpose);
    told("asked", &line.agencies.join(", "));
    told("received", &line.kinds.join(", "));
    told("through", &line.processors.join(", "));
    told(
        "delayed",
        &if line.delayed_until.is_empty() {
            String::new()
        } else {
            format!("told from {} on", line.delayed_until)
        },
    );
    told("by", &line.case_worker);
    told("reference", &line.entry_id);
}

fn state(state: &str) -> String {
    match state {
        "released" => "asked and answered",
        "withheld" => "asked; the answer was held back",
        "assumed_disclosed" => "asked; whether it was answered is not known",
        "open" => "being asked now",
        "denied" => "refused: nobody was asked",
        other => return other.replace('_', " "),
    }
    .to_owned()
}
