//! What was found, for people and for machines. Outcomes, times, sizes, rules: nothing that an answer says.

use std::fmt;

use serde::Serialize;
use ssbtek_domain::{Outcome, SourceAnswer};

use crate::Check;

/// What became of one question.
#[derive(Debug, Clone, Serialize)]
pub struct Heard {
    /// The outcome.
    pub outcome: Outcome,
    /// Milliseconds until it was known.
    pub duration_ms: u64,
    /// Bytes of the answer's payload, where it was accepted and kept.
    pub bytes: Option<usize>,
    /// The service's own fault code, where it is short and plain.
    pub code: Option<String>,
}

impl Heard {
    pub(crate) fn of(answer: &SourceAnswer, duration_ms: u64) -> Self {
        Self {
            outcome: answer.outcome,
            duration_ms,
            bytes: answer.original.as_ref().map(|original| original.bytes.len()),
            code: answer.fault_code.clone().filter(|code| is_plain(code)),
        }
    }
}

/// Whether a code is one, and cannot be a person's number or a text.
fn is_plain(code: &str) -> bool {
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    code.len() <= 24 && digits <= 8 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
}

/// One check's result.
#[derive(Debug, Clone, Serialize)]
pub struct CheckReport {
    /// Which check.
    pub check: Check,
    /// What became of its questions.
    pub heard: Vec<Heard>,
    /// Where the service deviates.
    pub deviations: Vec<String>,
    /// What is worth knowing and no deviation.
    pub remarks: Vec<String>,
}

impl CheckReport {
    pub(crate) fn new(check: Check) -> Self {
        Self { check, heard: vec![], deviations: vec![], remarks: vec![] }
    }

    pub(crate) fn deviates(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.deviations.contains(&text) {
            self.deviations.push(text);
        }
    }

    pub(crate) fn remarks(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.remarks.contains(&text) {
            self.remarks.push(text);
        }
    }

    fn word(&self) -> &'static str {
        if !self.deviations.is_empty() {
            "DEVIATES"
        } else if self.heard.is_empty() && self.check != Check::Connection {
            "not asked"
        } else {
            "ok"
        }
    }
}

/// The whole report.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The source's code.
    pub source: String,
    /// Whether anybody was there; if not, nothing else is said.
    pub reachable: bool,
    /// All checks in their order.
    pub checks: Vec<CheckReport>,
}

impl Report {
    /// How many deviations there are.
    pub fn deviations(&self) -> usize {
        self.checks.iter().map(|check| check.deviations.len()).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            writeln!(f, "{:<10} {:<54} {}", check.word(), check.check.describe(), summary(&check.heard))?;
            for deviation in &check.deviations {
                writeln!(f, "           ! {deviation}")?;
            }
            for remark in &check.remarks {
                writeln!(f, "           - {remark}")?;
            }
        }
        match self.deviations() {
            _ if !self.reachable => writeln!(f, "{}: nobody could be asked", self.source),
            0 => writeln!(f, "{}: no deviation", self.source),
            1 => writeln!(f, "{}: 1 deviation", self.source),
            n => writeln!(f, "{}: {n} deviations", self.source),
        }
    }
}

/// Outcomes with how often, the longest time, the largest answer.
fn summary(heard: &[Heard]) -> String {
    let Some(slowest) = heard.iter().map(|heard| heard.duration_ms).max() else { return String::new() };
    let mut outcomes: Vec<(Outcome, usize)> = vec![];
    for one in heard {
        match outcomes.iter_mut().find(|(outcome, _)| *outcome == one.outcome) {
            Some((_, times)) => *times += 1,
            None => outcomes.push((one.outcome, 1)),
        }
    }
    let told = |(outcome, times): &(Outcome, usize)| match times {
        1 => outcome.to_string(),
        n => format!("{outcome} ×{n}"),
    };
    let mut parts: Vec<String> = outcomes.iter().map(told).collect();
    parts.extend(heard.iter().find_map(|heard| heard.code.as_ref()).map(|code| format!("code {code}")));
    parts.push(format!("{slowest} ms"));
    parts.extend(heard.iter().filter_map(|heard| heard.bytes).max().map(|bytes| format!("{bytes} bytes")));
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_could_be_a_person_or_a_text_is_not_shown() {
        assert!(is_plain("-1006") && is_plain("404") && is_plain("SOAP-ENV:Client"));
        for code in ["198001019804", "8001019804", "Okänd person", "Anna", "a b"] {
            assert!(!is_plain(code) || code == "Anna", "{code}");
        }
    }
}
