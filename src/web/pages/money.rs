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
            table.payments {
                caption { (table.heading) }
                thead { tr {
                    th scope="col" { (m::day(language)) }
                    th scope="col" { (m::benefit(language)) }
                    th scope="col" { (m::payer(language)) }
                    th scope="col" .num { (m::net(language)) }
                    th scope="col" { (m::covers(language)) }
                    th scope="col" { (m::state(language)) }
                } }
                tbody { @for row in &table.rows { (line(row, language)) } }
            }
        }
    }
}

fn line(row: &Row, language: Language) -> Markup {
    html! {
        tr {
            td.when data-label=(m::day(language)) { (row.day) }
            td data-label=(m::benefit(language)) {
                @if row.parts.is_empty() { (row.benefit) } @else {
                    details { summary { (row.benefit) } small { (row.parts) } }
                }
            }
            td data-label=(m::payer(language)) { (row.payer) }
            td.num data-label=(m::net(language)) {
                span.sums { @for (amount, kind) in &row.net {
                    span { (amount) @if !kind.is_empty() { " " small { (kind) } } }
                } }
            }
            td data-label=(m::covers(language)) { (row.covers) @if !row.days.is_empty() { " " span.nowrap { (row.days) } } }
            td data-label=(m::state(language)) { (row.state) }
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
