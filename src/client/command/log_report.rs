//! `ssbtek log report`: a month's use, or what a person is owed.

use std::{fs, io::Write};

use ssbtek_domain::stockholm_date;
use ssbtek_proto::broker::v1::{
    GetPersonReportRequest, GetPersonReportResponse, GetUsageReportRequest, GetUsageReportResponse,
    NamedCount,
};

use crate::{
    ClientError, World,
    arguments::{LogReport, Shared},
    command::receipt,
    json,
    run::Done,
    settings::{Account, Settings},
};

pub(crate) async fn report(
    shared: &Shared,
    report: LogReport,
    world: &mut World<'_>,
) -> Result<Done, ClientError> {
    let settings = shared.settings(world)?;
    let account = settings.account(shared.account.as_deref(), Account::Auditor)?;
    let broker = shared.broker(&settings, world)?;
    if let Some(person_number) = report.person {
        let request = GetPersonReportRequest { person_number, with_case_worker: report.with_case_worker };
        let answer = broker.get_person_report(account, request).await?;
        return person(&answer, &settings, report.json, world);
    }
    let month = report.month.unwrap_or_else(|| stockholm_date(world.clock.now()).format("%Y-%m").to_string());
    let usage = broker.get_usage_report(account, GetUsageReportRequest { month }).await?;
    if let Some(path) = &report.svg {
        fs::write(path, svg(&usage))?;
    }
    if report.json {
        let text = serde_json::json!({
            "month": usage.month, "questions": usage.questions, "released": usage.released,
            "withheld": usage.withheld, "assumed_disclosed": usage.assumed_disclosed, "denied": usage.denied,
            "denials": pairs(&usage.denials), "by_unit": pairs(&usage.by_unit), "by_agency": pairs(&usage.by_agency),
            "by_day": pairs(&usage.by_day), "by_hour": usage.by_hour, "case_workers": usage.case_workers,
            "persons": usage.persons, "protected": usage.protected, "log_reads": usage.log_reads,
            "reviews": usage.reviews, "median_ms": usage.median_ms,
        });
        writeln!(world.stdout, "{text}")?;
    } else {
        numbers(&usage, world)?;
    }
    Ok(Done::Whole)
}

fn pairs(counts: &[NamedCount]) -> serde_json::Map<String, serde_json::Value> {
    counts.iter().map(|count| (count.name.clone(), count.count.into())).collect()
}

fn numbers(usage: &GetUsageReportResponse, world: &mut World<'_>) -> std::io::Result<()> {
    let out = &mut world.stdout;
    writeln!(
        out,
        "{}: {} questions about {} persons by {} accounts",
        usage.month, usage.questions, usage.persons, usage.case_workers
    )?;
    writeln!(
        out,
        "  released {}, held back {}, without a known end {}, refused {}; about protected persons {}",
        usage.released, usage.withheld, usage.assumed_disclosed, usage.denied, usage.protected
    )?;
    writeln!(
        out,
        "  readings of the log {}, reviews {}; median time {} ms",
        usage.log_reads, usage.reviews, usage.median_ms
    )?;
    for (title, counts) in [
        ("By day", &usage.by_day),
        ("By unit", &usage.by_unit),
        ("By agency and outcome", &usage.by_agency),
        ("Refusals", &usage.denials),
    ] {
        bars(out, title, counts)?;
    }
    let hours = usage.by_hour.iter().enumerate().filter(|(_, count)| **count > 0);
    let hours: Vec<_> = hours
        .map(|(hour, count)| NamedCount { name: format!("{hour:02}–{:02}", hour + 1), count: *count })
        .collect();
    bars(out, "By hour", &hours)
}

fn bars(out: &mut &mut dyn Write, title: &str, counts: &[NamedCount]) -> std::io::Result<()> {
    const WIDTH: u64 = 40;
    let most = counts.iter().map(|count| count.count).max().unwrap_or(0);
    if most == 0 {
        return Ok(());
    }
    let name = counts.iter().map(|count| count.name.chars().count()).max().unwrap_or(0);
    writeln!(out, "{title}")?;
    for count in counts {
        let length = usize::try_from(count.count * WIDTH / most).unwrap_or(0).max(1);
        writeln!(out, "  {:<name$} {:>7} {}", count.name, count.count, "█".repeat(length))?;
    }
    Ok(())
}

/// Questions by day and outcomes by agency, as a picture of its own.
fn svg(usage: &GetUsageReportResponse) -> String {
    const ROW: usize = 20;
    let blocks = [
        ("Questions by day", &usage.by_day),
        ("By unit", &usage.by_unit),
        ("Outcomes by agency", &usage.by_agency),
    ];
    let rows: usize = blocks.iter().map(|(_, counts)| counts.len() + 2).sum();
    let height = rows * ROW + 40;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"{height}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<title>Use in {0}</title>\n<rect width=\"720\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"10\" y=\"22\" font-size=\"16\">{0}: {1} questions</text>\n",
        escaped(&usage.month),
        usage.questions
    );
    let mut y = 44;
    for (title, counts) in blocks {
        text.push_str(&format!("<text x=\"10\" y=\"{y}\" font-weight=\"bold\">{title}</text>\n"));
        y += ROW;
        let most = counts.iter().map(|count| count.count).max().unwrap_or(0).max(1);
        for count in counts {
            let width = count.count * 400 / most;
            text.push_str(&format!(
                "<text x=\"20\" y=\"{y}\">{}</text><rect x=\"230\" y=\"{}\" width=\"{width}\" height=\"14\" \
                 fill=\"#2a6f97\"/><text x=\"{}\" y=\"{y}\">{}</text>\n",
                escaped(&count.name),
                y - 11,
                236 + width,
                count.count
            ));
            y += ROW;
        }
        y += ROW;
    }
    text.push_str("</svg>\n");
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Shows the report only after each proof in it holds.
fn person(
    answer: &GetPersonReportResponse,
    settings: &Settings,
    as_json: bool,
    world: &mut World<'_>,
) -> Result<Done, ClientError> {
    let mut proven = 0;
    if let Some(key) = settings.log_key() {
        for proof in answer.lines.iter().flat_map(|line| &line.proofs) {
            receipt::holds(&json::Receipt::of(proof), key)?;
            proven += 1;
        }
    }
    if as_json {
        let lines: Vec<_> = answer
            .lines
            .iter()
            .map(|line| {
                serde_json::json!({
                    "at": line.at, "state": line.state, "purpose": line.purpose, "agencies": line.agencies,
                    "case_worker": Some(&line.case_worker).filter(|name| !name.is_empty()),
                    "proofs": line.proofs.iter().map(json::Receipt::of).collect::<Vec<_>>(),
                })
            })
            .collect();
        let text = serde_json::json!({
            "organisation_number": answer.organisation_number, "checkpoint": answer.checkpoint, "lines": lines,
        });
        writeln!(world.stdout, "{text}")?;
        return Ok(Done::Whole);
    }
    writeln!(
        world.stdout,
        "{} questions and refusals at board {}",
        answer.lines.len(),
        answer.organisation_number
    )?;
    for line in &answer.lines {
        let who =
            if line.case_worker.is_empty() { String::new() } else { format!("  by {}", line.case_worker) };
        let told =
            if line.agencies.is_empty() { "nobody was asked".to_owned() } else { line.agencies.join(" ") };
        writeln!(world.stdout, "{}  {:<17}  {}  ({told}){who}", line.at, line.state, line.purpose)?;
    }
    match proven {
        0 => writeln!(world.stdout, "proofs not checked: the log's key is not known")?,
        _ => writeln!(world.stdout, "{proven} proofs hold")?,
    }
    Ok(Done::Whole)
}
