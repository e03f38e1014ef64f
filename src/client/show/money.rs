//! Payments month by month, one month against another, and stated figures beside the sources'.

use ssbtek_present::{
    Language, Sentence,
    payments::{Person, Row, payments as told},
    since::Since,
    stated::Compared,
    texts::{answer, months as t},
    writing::joined,
};

use super::{answer::sentences, view::View};
use crate::page::{Column, ColumnKind, Page};

/// The payments of these people.
pub(super) fn payments(page: &mut Page, people: &[Person<'_>], view: &View, language: Language) {
    let told = told(people, view.by, view.month, language);
    page.heading(&format!("{}, {}", t::payments(language), view.by.phrase(language)));
    let columns = columns(people, language);
    let tables: Vec<_> = told
        .tables
        .iter()
        .map(|table| (table, table.rows.iter().flat_map(|row| cells(row, people)).collect::<Vec<_>>()))
        .collect();
    // All months alike. The parts of a payment are a sentence, for which a table has no place.
    let fit = !view.all && tables.iter().all(|(_, rows)| page.has_room(4, &columns, rows));
    for (table, rows) in &tables {
        page.line(2, &table.heading);
        if !fit || !page.table(4, &columns, rows) {
            table.rows.iter().for_each(|row| narrow(page, row, people, view));
        }
    }
    sentences(page, 2, &told.remarks, view);
    page.line(2, answer::not_covered(language));
}

fn columns<'a>(people: &'a [Person<'_>], language: Language) -> Vec<Column<'a>> {
    let titled = |title, kind| Column { title, kind };
    let mut columns = vec![
        titled(t::day(language), ColumnKind::Fixed),
        titled(t::state(language), ColumnKind::Fixed),
        titled(t::payer(language), ColumnKind::Flexible),
        titled(t::benefit(language), ColumnKind::Flexible),
    ];
    match people {
        [_] => columns.push(titled(t::net(language), ColumnKind::Right)),
        several => columns.extend(several.iter().map(|person| titled(&person.label, ColumnKind::Right))),
    }
    columns.extend([titled("", ColumnKind::Flexible), titled(t::covers(language), ColumnKind::Flexible)]);
    columns
}

/// One row, and one more for each further net amount.
fn cells(row: &Row, people: &[Person<'_>]) -> Vec<Vec<String>> {
    // The days go below the period where there is a row for them.
    let periods = match row.net.len() > 1 {
        true => [row.covers.clone(), row.days.clone()],
        false => [covers(row), String::new()],
    };
    (0..row.net.len().max(1))
        .map(|n| {
            let (amount, kind) = row.net.get(n).cloned().unwrap_or_default();
            let first = [&row.day, &row.state, &row.payer, &row.benefit];
            let mut cells: Vec<String> =
                first.into_iter().map(|cell| if n == 0 { cell.clone() } else { String::new() }).collect();
            let whose = |person| if person == row.person { amount.clone() } else { String::new() };
            cells.extend((0..people.len()).map(whose));
            cells.extend([kind.to_owned(), periods.get(n).cloned().unwrap_or_default()]);
            cells
        })
        .collect()
}

fn covers(row: &Row) -> String {
    format!("{} {}", row.covers, row.days).trim().to_owned()
}

/// A payment where there is no room for a table, or where its parts are wanted.
fn narrow(page: &mut Page, row: &Row, people: &[Person<'_>], view: &View) {
    let whose = people.get(row.person).filter(|_| people.len() > 1);
    let whose = whose.map(|person| format!("{}: ", person.label)).unwrap_or_default();
    let nets = row.net.iter().map(|(amount, kind)| format!("{amount}\u{a0}kr {kind}").trim().to_owned());
    let nets = nets.collect::<Vec<_>>().join(", ");
    page.line(4, &format!("{} {}: {whose}{}, {}", row.day, row.state, row.payer, row.benefit));
    page.line(6, &joined([Some(nets), Some(covers(row))]));
    if view.all && !row.parts.is_empty() {
        page.line(6, &row.parts);
    }
}

/// A month against another.
pub(super) fn since(page: &mut Page, told: &Since) {
    page.heading(&told.heading);
    sentences(page, 2, &told.remarks, &View::default());
    for list in &told.lists {
        page.line(2, &list.heading);
        list.items.iter().for_each(|item| page.line(4, item));
    }
    page.blank();
}

/// Stated figures beside the sources'.
pub(super) fn compared(page: &mut Page, told: &Compared, language: Language) {
    page.heading(&told.heading);
    let titled = |title, kind| Column { title, kind };
    let columns = [
        titled(t::column_what(language), ColumnKind::Flexible),
        titled(t::column_stated(language), ColumnKind::Right),
        titled(t::column_sources(language), ColumnKind::Right),
        titled("", ColumnKind::Flexible),
    ];
    let rows: Vec<_> = told
        .rows
        .iter()
        .map(|row| vec![row.what.clone(), row.stated.clone(), row.sources.clone(), row.result.clone()])
        .collect();
    if !page.table(2, &columns, &rows) {
        for row in rows {
            let [what, stated, sources, result] = row.try_into().unwrap_or_default();
            let amounts = joined([Some(stated), Some(sources), Some(result)]);
            page.line(2, &format!("{what}: {amounts}"));
        }
    }
    let remarks: &[Sentence] = &told.remarks;
    sentences(page, 2, remarks, &View::default());
    page.blank();
}
