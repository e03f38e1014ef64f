//! Text for people: as wide as the terminal, readable without colour, and deaf to control characters, so that no text of
//! an agency can play tricks on a screen.

pub(crate) use ssbtek_present::plain;
use ssbtek_present::writing::NO_BREAK;

/// What the output leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Columns.
    pub width: usize,
    /// Whether colours and weights may be used.
    pub colour: bool,
    /// Whether progress may be shown while waiting.
    pub progress: bool,
}

/// Narrower than this, a line is not readable.
const MIN_LINE: usize = 12;
/// Between columns.
const GAP: usize = 2;

/// A column of a table.
#[derive(Clone, Copy)]
pub(crate) struct Column<'a> {
    pub(crate) title: &'a str,
    pub(crate) kind: ColumnKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    /// Never broken.
    Fixed,
    /// Never broken, flush right.
    Right,
    /// Broken at spaces where the page is narrow, but never within a word.
    Flexible,
}

/// A page under way.
pub(crate) struct Page {
    screen: Screen,
    text: String,
}

impl Page {
    pub(crate) fn new(screen: Screen) -> Self {
        Self { screen, text: String::new() }
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }

    pub(crate) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A line that opens a part.
    pub(crate) fn heading(&mut self, text: &str) {
        self.styled(0, text, "\x1b[1m");
    }

    /// A line that must be seen.
    pub(crate) fn loud(&mut self, indent: usize, text: &str) {
        self.styled(indent, text, "\x1b[1;31m");
    }

    /// A line, broken at spaces; what follows is indented two further.
    pub(crate) fn line(&mut self, indent: usize, text: &str) {
        self.styled(indent, text, "");
    }

    fn styled(&mut self, indent: usize, text: &str, style: &str) {
        let style = if self.screen.colour { style } else { "" };
        let room = self.screen.width.saturating_sub(indent + 2).max(MIN_LINE);
        for (n, line) in wrap(&plain(text), room + 2, room).iter().enumerate() {
            let indent = if n == 0 { indent } else { indent + 2 };
            self.text.extend(std::iter::repeat_n(' ', indent));
            self.text.push_str(style);
            self.text.push_str(&breakable(line));
            self.text.push_str(if style.is_empty() { "\n" } else { "\x1b[0m\n" });
        }
    }

    /// Whether the page is wide enough for such a table.
    pub(crate) fn has_room(&self, indent: usize, columns: &[Column<'_>], rows: &[Vec<String>]) -> bool {
        Page::new(self.screen).table(indent, columns, rows)
    }

    /// A table, if the page is wide enough for one; else nothing is written and the answer is false.
    pub(crate) fn table(&mut self, indent: usize, columns: &[Column<'_>], rows: &[Vec<String>]) -> bool {
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|cell| plain(cell)).collect()).collect();
        let room = self.screen.width.saturating_sub(indent);
        let Some(widths) = widths(columns, &rows, room) else { return false };
        let titles: Vec<String> = columns.iter().map(|column| plain(column.title)).collect();
        self.row(indent, columns, &widths, &titles);
        rows.iter().for_each(|row| self.row(indent, columns, &widths, row));
        true
    }

    fn row(&mut self, indent: usize, columns: &[Column<'_>], widths: &[usize], row: &[String]) {
        let cells: Vec<Vec<String>> =
            row.iter().zip(widths).map(|(cell, width)| wrap(cell, *width, *width)).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for n in 0..height {
            let mut line = " ".repeat(indent);
            for ((cell, column), width) in cells.iter().zip(columns).zip(widths) {
                let text = cell.get(n).map_or("", String::as_str);
                let fill = " ".repeat(width.saturating_sub(columns_of(text)));
                let (before, after) =
                    if column.kind == ColumnKind::Right { (fill.as_str(), "") } else { ("", fill.as_str()) };
                line.extend([before, text, after, &" ".repeat(GAP)]);
            }
            self.text.push_str(&breakable(line.trim_end()));
            self.text.push('\n');
        }
    }
}

/// Widths that fit in `room`: every column as wide as it likes, or the flexible ones as wide as their longest word and what
/// they get of the rest. `None` where there is too little even for the words.
fn widths(columns: &[Column<'_>], rows: &[Vec<String>], room: usize) -> Option<Vec<usize>> {
    let widest = |n: usize, title: &str, measure: fn(&str) -> usize| {
        let cells = rows.iter().filter_map(|row| row.get(n)).map(|cell| measure(cell));
        cells.chain([measure(title)]).max().unwrap_or(0)
    };
    let wanted: Vec<usize> =
        columns.iter().enumerate().map(|(n, column)| widest(n, column.title, columns_of)).collect();
    let mut widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(n, column)| match column.kind {
            ColumnKind::Fixed | ColumnKind::Right => widest(n, column.title, columns_of),
            ColumnKind::Flexible => widest(n, column.title, longest_word),
        })
        .collect();
    let gaps = GAP * columns.len().saturating_sub(1);
    let mut left = room.checked_sub(widths.iter().sum::<usize>() + gaps)?;
    // Those that lack little get it, the others share the rest.
    let mut lacking: Vec<(usize, usize)> =
        wanted.iter().zip(&widths).map(|(wanted, width)| wanted - width).enumerate().collect();
    lacking.retain(|(_, lack)| *lack > 0);
    lacking.sort_by_key(|(_, lack)| *lack);
    let mut sharing = lacking.len();
    for (n, lack) in lacking {
        let more = lack.min(left.checked_div(sharing)?);
        *widths.get_mut(n)? += more;
        left -= more;
        sharing -= 1;
    }
    Some(widths)
}

fn longest_word(text: &str) -> usize {
    text.split(' ').map(columns_of).max().unwrap_or(0)
}

/// Breaks at spaces; a word that is too long stays whole.
fn wrap(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut lines = vec![];
    let mut line = String::new();
    for word in text.split(' ') {
        let room = if lines.is_empty() { first } else { rest };
        if !line.is_empty() && columns_of(&line) + 1 + columns_of(word) > room {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// Spaces that kept words together while lines were broken become plain ones.
fn breakable(line: &str) -> String {
    line.replace(NO_BREAK, " ")
}

fn columns_of(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column<'_>; 3] = [
        Column { title: "Date", kind: ColumnKind::Fixed },
        Column { title: "Benefit", kind: ColumnKind::Flexible },
        Column { title: "Net", kind: ColumnKind::Right },
    ];

    fn rendered(width: usize) -> (bool, String) {
        let mut page = Page::new(Screen { width, colour: false, progress: false });
        let row =
            |date: &str, benefit: &str, net: &str| vec![date.to_owned(), benefit.to_owned(), net.to_owned()];
        let rows = [row("2026-11-20", "Bostadsbidrag till unga", "900"), row("2026-10-20", "Å", "10 000")];
        (page.table(2, &COLUMNS, &rows), page.into_text())
    }

    #[test]
    fn a_table_is_as_wide_as_it_likes_where_there_is_room() {
        let wide = "
  Date        Benefit                     Net
  2026-11-20  Bostadsbidrag till unga     900
  2026-10-20  Å                        10 000
";
        assert_eq!(rendered(80), (true, wide[1..].to_owned()));
    }

    #[test]
    fn a_table_breaks_its_flexible_cells_where_the_page_is_narrow() {
        let narrow = "
  Date        Benefit           Net
  2026-11-20  Bostadsbidrag     900
              till unga
  2026-10-20  Å              10 000
";
        assert_eq!(rendered(35), (true, narrow[1..].to_owned()));
    }

    #[test]
    fn no_word_is_ever_wider_than_its_column() {
        for width in 0..80 {
            let (fits, table) = rendered(width);
            assert!(table.lines().all(|line| columns_of(line) <= width), "{width}: {table}");
            assert_eq!(fits, width >= 35, "{width}");
        }
    }

    #[test]
    fn a_page_too_narrow_for_a_table_says_so_and_stays_as_it_was() {
        assert_eq!(rendered(26), (false, String::new()));
    }

    #[test]
    fn colour_is_only_used_where_it_is_wanted() {
        let loud = |colour| {
            let mut page = Page::new(Screen { width: 40, colour, progress: false });
            page.loud(2, "PROTECTED");
            page.into_text()
        };
        assert_eq!(loud(false), "  PROTECTED\n");
        assert_eq!(loud(true), "  \u{1b}[1;31mPROTECTED\u{1b}[0m\n");
    }
}
