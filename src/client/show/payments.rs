//! Payments over all sources, and which payments are not known.

use ssbtek_proto::broker::v1::{AskResponse, PaymentLine, SourceReport, net_amount};

use super::phrases::{joined, kr, kronor, period};
use crate::{
    page::{Column, ColumnKind, NO_BREAK, Page},
    words,
};

/// The sources that state payments.
const PAYING: [&str; 3] = ["FK", "CSN", "SO"];

const COLUMNS: [Column; 7] = [
    Column { title: "Date", kind: ColumnKind::Fixed },
    Column { title: "State", kind: ColumnKind::Fixed },
    Column { title: "Payer", kind: ColumnKind::Flexible },
    Column { title: "Benefit", kind: ColumnKind::Flexible },
    Column { title: "Net, kr", kind: ColumnKind::Right },
    Column { title: "", kind: ColumnKind::Flexible },
    Column { title: "Period", kind: ColumnKind::Flexible },
];

pub(super) fn payments(page: &mut Page, answer: &AskResponse) {
    page.heading("Payments, newest first");
    if !answer.payments.is_empty() {
        let rows: Vec<_> = answer.payments.iter().flat_map(rows).collect();
        if !page.table(2, &COLUMNS, &rows) {
            answer.payments.iter().for_each(|line| narrow(page, line));
        }
        if answer.payments.iter().any(|line| line.perhaps_duplicate) {
            page.line(2, "* perhaps the same payment as in another line");
        }
    }
    // "None" only in the name of those who said so.
    let silent = |code: &str| !answer.payments.iter().any(|line| line.source == code);
    let paying = || answer.sources.iter().filter(|source| PAYING.contains(&source.source.as_str()));
    let none: Vec<&str> = paying()
        .filter(|source| words::is_conclusive(source.outcome) && silent(&source.source))
        .map(|source| source.source.as_str())
        .collect();
    if !none.is_empty() {
        page.line(2, &format!("No payments in the time asked about, say: {}.", none.join(", ")));
    }
    let unknown: Vec<String> = paying().filter_map(unknown).collect();
    if !unknown.is_empty() {
        page.loud(2, &format!("NOT KNOWN, payments of: {}.", unknown.join("; ")));
    }
}

/// Why payments of this source may be missing.
fn unknown(source: &SourceReport) -> Option<String> {
    if words::is_conclusive(source.outcome) {
        return None;
    }
    let parts: Vec<String> = source
        .parts
        .iter()
        .filter(|part| !words::is_conclusive(part.outcome))
        .map(|part| format!("{} ({})", part.part, words::outcome_short(part.outcome)))
        .collect();
    let why = if parts.is_empty() { words::outcome_short(source.outcome) } else { parts.join(", ") };
    Some(if parts.is_empty() {
        format!("{} ({why})", source.source)
    } else {
        format!("{}: {why}", source.source)
    })
}

/// One row, and one more for each further net amount.
fn rows(line: &PaymentLine) -> Vec<Vec<String>> {
    let nets: Vec<_> = line.net.iter().map(|net| (kronor(&net.amount), net_phrase(net.kind))).collect();
    let period = line.covers.as_ref().map(period).unwrap_or_default();
    // The days go below the period where there is a row for them.
    let periods = if nets.len() > 1 { [period, days(line)] } else { [covers(line), String::new()] };
    (0..nets.len().max(1))
        .map(|n| {
            let (amount, kind) = nets.get(n).cloned().unwrap_or_default();
            let period = periods.get(n).cloned().unwrap_or_default();
            let [date, state, payer, benefit] = match n {
                0 => [date(line).to_owned(), state(line), payer(line), benefit(line)],
                _ => Default::default(),
            };
            vec![date, state, payer, benefit, amount, kind.to_owned(), period]
        })
        .collect()
}

/// A payment where there is no room for a table.
fn narrow(page: &mut Page, line: &PaymentLine) {
    let nets = line.net.iter().map(|net| format!("{} {}", kr(&net.amount), net_phrase(net.kind)));
    let nets: Vec<String> = nets.map(|net| net.trim_end().to_owned()).collect();
    page.line(2, &format!("{} {}: {}, {}", date(line), state(line), payer(line), benefit(line)));
    page.line(4, &joined([Some(nets.join(", ")), Some(covers(line))]));
}

fn date(line: &PaymentLine) -> &str {
    line.paid_on.as_deref().unwrap_or("undated")
}

fn state(line: &PaymentLine) -> String {
    format!("{}{}", words::payment_state(line.state), if line.perhaps_duplicate { " *" } else { "" })
}

fn payer(line: &PaymentLine) -> String {
    if line.payer == line.source { line.source.clone() } else { format!("{}: {}", line.source, line.payer) }
}

fn covers(line: &PaymentLine) -> String {
    let period = line.covers.as_ref().map(period).unwrap_or_default();
    format!("{period} {}", days(line)).trim().to_owned()
}

fn days(line: &PaymentLine) -> String {
    let days = line.days.as_ref().map(|days| format!("({}{NO_BREAK}days)", days.replace('.', ",")));
    days.unwrap_or_default()
}

fn benefit(line: &PaymentLine) -> String {
    let more: Vec<&str> =
        [&line.sub_benefit, &line.amount_type].into_iter().flatten().map(String::as_str).collect();
    if more.is_empty() { line.benefit.clone() } else { format!("{} ({})", line.benefit, more.join(", ")) }
}

fn net_phrase(kind: i32) -> &'static str {
    match net_amount::Kind::try_from(kind) {
        Ok(net_amount::Kind::AfterTax) => "after tax",
        Ok(net_amount::Kind::AfterDeductions) => "after deductions",
        Ok(net_amount::Kind::Net | net_amount::Kind::Unspecified) | Err(_) => "",
    }
}
