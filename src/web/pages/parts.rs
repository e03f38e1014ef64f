//! What several pages hold.

use maud::{Markup, html};
use ssbtek_present::{Language, Sentence, plain};

use crate::{cases::Someone, texts as t};

/// Who it is: the role, the number as it is read aloud, and the mark of whoever is protected.
pub(super) fn who(someone: &Someone, language: Language) -> Markup {
    let role = ssbtek_present::answer::role(crate::questions::role(someone), language);
    html! {
        span.role { (role) } " "
        span.number { (number(someone)) }
        @if someone.protected { " " strong.mark { (t::protected_mark(language)) } }
    }
}

/// A person number with its hyphen.
fn number(someone: &Someone) -> String {
    let number = someone.person.expose();
    match (number.get(..8), number.get(8..)) {
        (Some(day), Some(rest)) => format!("{day}-{rest}"),
        _ => plain(number),
    }
}

/// The band that nobody overlooks.
pub(super) fn band(language: Language, content: &Markup) -> Markup {
    html! {
        div.guard role="note" {
            strong { (t::protected_band(language)) }
            (content)
        }
    }
}

/// Sentences; those that must be seen as such, and none of those that are folded.
pub(super) fn sentences(told: &[Sentence]) -> Markup {
    html! {
        @for sentence in told.iter().filter(|sentence| !sentence.folded) {
            p.alarm[sentence.alarm].below[sentence.below] { (sentence.text) }
        }
    }
}

/// A hidden field with a form's one-time token.
pub(super) fn token(token: &str) -> Markup {
    html! { input type="hidden" name="token" value=(token); }
}
