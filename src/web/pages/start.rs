//! The first page: what this is, or one's own cases.

use maud::{Markup, html};
use ssbtek_domain::CaseId;
use ssbtek_present::plain;

use super::{layout, parts};
use crate::{reply::Turn, texts as t};

/// For whoever has not signed in.
pub(crate) fn welcome(turn: &Turn) -> Markup {
    let language = turn.language;
    let content = html! {
        h1 { (t::welcome_title(language)) }
        p.lead { (t::welcome_lead(language)) }
        p { a.button href="/in" { (t::sign_in(language)) } }
        h2 { (t::welcome_for(language)) }
        p { (t::welcome_for_text(language)) }
        h2 { (t::welcome_how(language)) }
        ol.steps {
            li { (t::welcome_how_1(language)) }
            li { (t::welcome_how_2(language)) }
            li { (t::welcome_how_3(language)) }
        }
        p.quiet { (t::welcome_law(language)) }
        p.quiet { (ssbtek_present::texts::answer::not_covered(language)) }
    };
    layout::page(turn, t::welcome_title(language), &content)
}

/// After signing out.
pub(crate) fn signed_out(turn: &Turn) -> Markup {
    let language = turn.language;
    let content = html! {
        h1 { (t::signed_out_title(language)) }
        p { (t::signed_out_text(language)) }
        p { a.button href="/in" { (t::sign_in(language)) } }
    };
    layout::page(turn, t::signed_out_title(language), &content)
}

/// For an account that asks nothing.
pub(crate) fn asks_nothing(turn: &Turn) -> Markup {
    let language = turn.language;
    let content = html! {
        h1 { (t::nothing_to_ask_title(language)) }
        p { (t::nothing_to_ask(language)) }
    };
    layout::page(turn, t::nothing_to_ask_title(language), &content)
}

/// One's own cases.
pub(crate) fn cases(turn: &Turn, lately: &[CaseId], token: &str, tokens: Vec<String>) -> Markup {
    let language = turn.language;
    let content = html! {
        h1 { (t::my_cases(language)) }
        form.find method="post" action="/arende" {
            (parts::token(token))
            label for="case" { (t::case_number(language)) }
            p.hint id="case-hint" { (t::case_number_hint(language)) }
            div.row {
                input #case name="case" required maxlength="64" autocomplete="off" spellcheck="false" aria-describedby="case-hint";
                button { (t::open_case(language)) }
            }
        }
        h2 { (t::lately(language)) }
        @if lately.is_empty() { p.quiet { (t::none_lately(language)) } }
        ul.cases {
            @for (case, token) in lately.iter().zip(&tokens) {
                li {
                    form method="post" action="/arende" {
                        (parts::token(token))
                        input type="hidden" name="case" value=(case.as_str());
                        button.plain { (plain(case.as_str())) }
                    }
                }
            }
        }
        p.quiet { (t::search_logged(language)) }
    };
    layout::page(turn, t::my_cases(language), &content)
}
