//! The instructions, to be read before they are confirmed.

use maud::{Markup, html};
use ssbtek_present::plain;

use super::{layout, parts};
use crate::{reply::Turn, texts as t};

/// The page.
pub(crate) fn page(turn: &Turn, version: &str, text: &str, token: &str) -> Markup {
    let language = turn.language;
    let content = html! {
        h1 { (t::instructions_title(language)) }
        p { (t::instructions_why(language)) }
        h2 { (t::instructions_version(language, plain(version))) }
        div.text {
            @for line in text.lines().filter(|line| !line.trim().is_empty()) { p { (plain(line)) } }
        }
        form method="post" action="/instruktioner" {
            (parts::token(token))
            input type="hidden" name="version" value=(version);
            p.send { button { (t::confirm(language)) } }
        }
    };
    layout::page(turn, t::instructions_title(language), &content)
}
