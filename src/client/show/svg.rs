//! A month's use as a picture that needs nothing but itself: no script, no font, no address, no personal data.

use std::fmt::Write;

use ssbtek_proto::broker::v1::{GetUsageReportResponse, NamedCount};

use super::usage::blocks;

const WIDTH: usize = 760;
const ROW: usize = 20;
/// Where bars begin, and the longest one.
const BAR_X: usize = 250;
const BAR_WIDTH: u64 = 430;
const MARGIN: usize = 24;

/// The picture, SVG 1.1.
pub fn usage_svg(usage: &GetUsageReportResponse) -> String {
    let mut body = String::new();
    let title = format!("Use in {}", usage.month);
    let mut y = MARGIN + 12;
    text(&mut body, MARGIN, y, "font-size=\"20\" font-weight=\"bold\"", &title);
    let lines = [
        format!(
            "{} questions about {} persons by {} accounts",
            usage.questions, usage.persons, usage.case_workers
        ),
        format!(
            "{} answers released, {} held back, {} without a known end; {} questions refused",
            usage.released, usage.withheld, usage.assumed_disclosed, usage.denied
        ),
        format!(
            "{} about protected persons, {} in attested cases; {} readings of the log, {} reviews; median {} ms",
            usage.protected, usage.attested, usage.log_reads, usage.reviews, usage.median_ms
        ),
    ];
    for line in &lines {
        y += ROW;
        text(&mut body, MARGIN, y, "fill=\"#444\"", line);
    }
    for (title, counts) in blocks(usage) {
        y += ROW + ROW;
        text(&mut body, MARGIN, y, "font-size=\"14\" font-weight=\"bold\"", title);
        y = rows(&mut body, y, &counts);
    }
    let height = y + MARGIN;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\" role=\"img\" aria-label=\"{}\">\n\
         <title>{}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{body}</svg>\n",
        escaped(&title),
        escaped(&title)
    )
}

fn rows(body: &mut String, mut y: usize, counts: &[NamedCount]) -> usize {
    let most = counts.iter().map(|count| count.count).max().unwrap_or(0).max(1);
    for count in counts {
        y += ROW;
        let share = u128::from(count.count) * u128::from(BAR_WIDTH) / u128::from(most);
        let width = u64::try_from(share).unwrap_or(BAR_WIDTH).max(u64::from(count.count > 0));
        text(body, BAR_X - 10, y, "text-anchor=\"end\"", &count.name);
        // Writing to a string cannot fail.
        let _ = writeln!(
            body,
            "<rect x=\"{BAR_X}\" y=\"{}\" width=\"{width}\" height=\"14\" fill=\"#2a6f97\"/>",
            y - 11
        );
        let end = BAR_X + usize::try_from(width).unwrap_or(0) + 6;
        text(body, end, y, "fill=\"#444\"", &count.count.to_string());
    }
    y
}

fn text(body: &mut String, x: usize, y: usize, style: &str, content: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(body, "<text x=\"{x}\" y=\"{y}\" {style}>{}</text>", escaped(content));
}

/// A board names its units itself, so nothing of them may end up as markup.
fn escaped(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .map(|c| match c {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '"' => "&quot;".to_owned(),
            '\'' => "&#39;".to_owned(),
            c => c.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_units_name_cannot_become_markup() {
        let unit = NamedCount { name: "<script>alert('&')</script>\u{1b}".to_owned(), count: 3 };
        let usage = GetUsageReportResponse {
            month: "2026-11".to_owned(),
            questions: 3,
            by_unit: vec![unit],
            ..GetUsageReportResponse::default()
        };
        let picture = usage_svg(&usage);
        assert!(!picture.contains("<script>") && !picture.contains('\u{1b}'));
        assert!(picture.contains("&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;"));
    }

    #[test]
    fn a_month_without_questions_is_a_picture_too() {
        let usage =
            GetUsageReportResponse { month: "2026-11".to_owned(), ..GetUsageReportResponse::default() };
        assert!(usage_svg(&usage).contains("0 questions about 0 persons"));
    }

    #[test]
    fn the_greatest_count_fits_in_the_picture() {
        let day = NamedCount { name: "2026-11-02".to_owned(), count: u64::MAX };
        let usage = GetUsageReportResponse { by_day: vec![day], ..GetUsageReportResponse::default() };
        assert!(usage_svg(&usage).contains("width=\"430\""));
    }
}
