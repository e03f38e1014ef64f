//! Payments, month by month, and one month against the one before.

use maud::{Markup, html};
use ssbtek_present::{
    Language, Month,
    payments::{By, Person, Row, payments as by_month},
    since::{Comparison, THRESHOLD_PERCENT, since as compared},
    texts::months as m,
};

use super::parts;
use crate::{stream::Showing, texts as t};

/// Every payment, newest month first.
pub(super) fn payments(people: &[Person<'_>], by: By, language: Language) -> Markup {
    let told = by_month(people, by, None, language);
    html! {
        h2 { (t::payments(language)) " " small { (by.phrase(language)) } }
        (parts::sentences(&told.remarks))
        @if told.tables.is_empty() { p { (t::no_payments(language)) } } @else { p.quiet { (t::payments_caption(language)) } }
        @for table in &told.tables {
            // The roles hold where the style sheet lays the cells out otherwise.
            table.payments role="table" {
                caption { (table.heading) }
                thead role="rowgroup" { tr role="row" {
                    th scope="col" role="columnheader" { (m::day(language)) }
                    th scope="col" role="columnheader" { (m::benefit(language)) }
                    th scope="col" role="columnheader" { (m::payer(language)) }
                    th scope="col" role="columnheader" .num { (m::net(language)) }
                    th scope="col" role="columnheader" { (m::covers(language)) }
                    th scope="col" role="columnheader" { (m::state(language)) }
                } }
                tbody role="rowgroup" { @for row in &table.rows { (line(row, language)) } }
            }
        }
    }
}

fn line(row: &Row, language: Language) -> Markup {
    html! {
        tr role="row" {
            td.when role="cell" { (row.day) }
            td.what role="cell" {
                @if row.parts.is_empty() { (row.benefit) } @else {
                    details { summary { (row.benefit) } small { (row.parts) } }
                }
            }
            td.payer role="cell" data-label=(m::payer(language)) { (row.payer) }
            td.num role="cell" {
                span.sums { @for (amount, kind) in &row.net {
                    span { span.amount { (amount) } @if !kind.is_empty() { " " small { (kind) } } }
                } }
            }
            td.covers role="cell" data-label=(m::covers(language)) {
                (row.covers) @if !row.days.is_empty() { " " span.nowrap { (row.days) } }
            }
            td.state role="cell" { (row.state) }
        }
    }
}

/// The last month that was asked about against the one before, where both were.
pub(super) fn since(people: &[Person<'_>], showing: &Showing, language: Language) -> Markup {
    let asked = &showing.asked;
    let later = Month::of(asked.period.to().min(showing.today));
    let earlier = later.before();
    if earlier.first() < asked.period.from() {
        return html! {};
    }
    let what = Comparison {
        earlier,
        later,
        by: asked.by,
        threshold_percent: THRESHOLD_PERCENT,
        today: showing.today,
    };
    let told = compared(people, what, language);
    html! {
        h2 { (told.heading) }
        (parts::sentences(&told.remarks))
        dl.changes {
            @for list in &told.lists {
                div {
                    dt { (list.heading) }
                    @if list.items.is_empty() { dd { (m::nothing(language)) } }
                    @for item in &list.items { dd { (item) } }
                }
            }
        }
    }
}
