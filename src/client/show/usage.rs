//! A month's use in numbers and bars.

use ssbtek_proto::broker::v1::{GetUsageReportResponse, NamedCount};

use super::phrases::count;
use crate::page::{Page, Screen};

/// Longest bar, in columns.
const MAX_BAR: usize = 40;

/// The report as text for people.
pub fn usage(usage: &GetUsageReportResponse, screen: Screen) -> String {
    let mut page = Page::new(screen);
    let many = |n: u64, one: &str, many: &str| count(usize::try_from(n).unwrap_or(usize::MAX), one, many);
    page.heading(&format!(
        "{}: {} about {} by {}",
        usage.month,
        many(usage.questions, "question", "questions"),
        many(usage.persons, "person", "persons"),
        many(usage.case_workers, "account", "accounts")
    ));
    for (name, n) in [
        ("answers released", usage.released),
        ("held back", usage.withheld),
        ("without a known end", usage.assumed_disclosed),
        ("refused", usage.denied),
        ("about protected persons", usage.protected),
        ("in attested cases", usage.attested),
        ("readings of the log", usage.log_reads),
        ("reviews", usage.reviews),
    ] {
        page.line(2, &format!("{name:<23} {n:>7}"));
    }
    if usage.released > 0 {
        page.line(2, &format!("{:<23} {:>7} ms", "median time", usage.median_ms));
    }
    for (title, mut counts) in blocks(usage) {
        counts.retain(|count| count.count > 0);
        bars(&mut page, title, &counts, screen.width);
    }
    page.into_text()
}

/// The report's tables, each with its title; empty ones left out.
pub(super) fn blocks(usage: &GetUsageReportResponse) -> Vec<(&'static str, Vec<NamedCount>)> {
    let hours = usage.by_hour.iter().enumerate();
    let hours =
        hours.map(|(hour, count)| NamedCount { name: format!("{hour:02}–{:02}", hour + 1), count: *count });
    let asked = usage.questions > 0;
    let blocks = [
        ("Questions by day", usage.by_day.clone()),
        ("Questions by hour (Swedish time)", hours.filter(|_| asked).collect()),
        ("Questions by unit", usage.by_unit.clone()),
        ("Questions by agency and outcome", usage.by_agency.iter().map(spaced).collect()),
        ("Refusals by reason", usage.denials.iter().map(spaced).collect()),
    ];
    blocks.into_iter().filter(|(_, counts)| !counts.is_empty()).collect()
}

/// With words apart.
fn spaced(count: &NamedCount) -> NamedCount {
    NamedCount { name: count.name.replace('_', " "), count: count.count }
}

fn bars(page: &mut Page, title: &str, counts: &[NamedCount], width: usize) {
    let most = counts.iter().map(|count| count.count).max().unwrap_or(0).max(1);
    let name = counts.iter().map(|count| count.name.chars().count()).max().unwrap_or(0);
    let bar = width.saturating_sub(name + 12).clamp(1, MAX_BAR);
    page.blank();
    page.heading(title);
    for count in counts {
        let share = u128::from(count.count) * bar as u128 / u128::from(most);
        // Whatever is not nothing is seen.
        let length = usize::try_from(share).unwrap_or(bar).max(usize::from(count.count > 0));
        let line = format!("{:<name$} {:>7} {}", count.name, count.count, "█".repeat(length));
        page.line(2, line.trim_end());
    }
}
