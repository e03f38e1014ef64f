//! What every page has around it.

use maud::{DOCTYPE, Markup, html};
use ssbtek_present::{Language, plain};

use crate::{reply::Turn, texts as t};

/// A whole page.
pub(super) fn page(turn: &Turn, title: &str, content: &Markup) -> Markup {
    let language = turn.language;
    let (code, other) = match language {
        Language::Swedish => ("sv", "en"),
        Language::English => ("en", "sv"),
    };
    html! {
        (DOCTYPE)
        html lang=(code) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) " · " (t::service(language)) }
                link rel="stylesheet" href="/stil.css";
            }
            body {
                a.skip href="#content" { (t::skip(language)) }
                header.top {
                    strong { (t::service(language)) }
                    nav aria-label=(t::menu(language)) {
                        @if turn.session.is_some() { a href="/" { (t::my_cases(language)) } }
                        a href=(format!("/sprak/{other}")) lang=(other) { (t::other_language(language)) }
                    }
                    @if let Some(looking) = &turn.session {
                        div.who {
                            span { (plain(&looking.account.name)) " · " (plain(&looking.board)) }
                            form method="post" action="/ut" {
                                input type="hidden" name="token" value=(looking.sign_out);
                                button.plain { (t::sign_out(language)) }
                            }
                        }
                    }
                }
                main.page #content tabindex="-1" { (content) }
                footer.foot { p { (t::not_covered_foot(language)) } }
            }
        }
    }
}
