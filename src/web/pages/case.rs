//! A case's people, and the question about one of them.

use chrono::{Datelike, Months, NaiveDate};
use maud::{Markup, html};
use ssbtek_domain::Agency;
use ssbtek_present::plain;

use super::{layout, parts};
use crate::{cases::Someone, reply::Turn, texts as t};

/// A case as it is shown.
pub(crate) struct Shown<'a> {
    /// Its name in this session.
    pub(crate) name: &'a str,
    /// Its number.
    pub(crate) id: &'a str,
    pub(crate) people: &'a [Someone],
    pub(crate) token: &'a str,
    pub(crate) today: NaiveDate,
}

/// The page.
pub(crate) fn page(turn: &Turn, shown: &Shown<'_>) -> Markup {
    let language = turn.language;
    let title = t::case_title(language, plain(shown.id));
    let content = html! {
        p.crumbs { a href="/" { (t::my_cases(language)) } }
        h1 { (title) }
        @if shown.people.iter().any(|someone| someone.protected) {
            (parts::band(language, &html! { p { (t::protected_in_case(language)) } }))
        }
        @if shown.people.is_empty() { p.alarm { (t::nobody(language)) } } @else { (question(turn, shown)) }
    };
    layout::page(turn, &title, &content)
}

fn question(turn: &Turn, shown: &Shown<'_>) -> Markup {
    let language = turn.language;
    let first = first_day(shown.today);
    html! {
        form method="post" action=(format!("/arende/{}/fraga", shown.name)) {
            (parts::token(shown.token))
            fieldset {
                legend { (t::people(language)) }
                @for (place, someone) in shown.people.iter().enumerate() {
                    label.choice {
                        input type="radio" name="person" value=(place) required checked[place == 0];
                        span { (parts::who(someone, language)) }
                    }
                }
            }
            fieldset {
                legend { (t::time(language)) }
                p.hint id="time-hint" { (t::time_hint(language)) }
                div.row {
                    label { (t::from(language)) input type="date" name="from" value=(first) required aria-describedby="time-hint"; }
                    label { (t::to(language)) input type="date" name="to" value=(shown.today) required; }
                }
            }
            fieldset {
                legend { (t::agencies(language)) }
                p.hint { (t::agencies_hint(language)) }
                div.choices {
                    @for agency in Agency::ALL {
                        label.choice {
                            input type="checkbox" name="agency" value=(agency.code()) checked;
                            span { (agency.name()) }
                        }
                    }
                }
            }
            fieldset {
                legend { (t::month_by(language)) }
                p.hint { (t::by_hint(language)) }
                label.choice { input type="radio" name="by" value="day" checked; span { (t::by_day(language)) } }
                label.choice { input type="radio" name="by" value="period"; span { (t::by_period(language)) } }
            }
            p.send { button { (t::ask(language)) } " " span.quiet { (t::ask_logged(language)) } }
        }
    }
}

/// The first day of the month two months back: what a month's application is held against.
fn first_day(today: NaiveDate) -> NaiveDate {
    let first = today.with_day(1).unwrap_or(today);
    first.checked_sub_months(Months::new(2)).unwrap_or(first)
}
