//! What went wrong, in words, and where to go from there. Quotes nothing that was sent.

use maud::{Markup, html};
use ssbtek_authorize::Denial;
use ssbtek_present::Language;

use super::layout;
use crate::{refused, reply::Turn, texts as t};

type Text = fn(Language) -> &'static str;

fn page(turn: &Turn, title: Text, text: &str, what: &str) -> Markup {
    let language = turn.language;
    let content = html! {
        h1 { (title(language)) }
        p.alarm { (text) }
        @if !what.is_empty() { p { (what) } }
        p {
            @if turn.session.is_some() { a href="/" { (t::to_start(language)) } }
            @else { a.button href="/in" { (t::sign_in(language)) } " " a href="/" { (t::to_start(language)) } }
        }
    };
    layout::page(turn, title(language), &content)
}

/// Refused, and why.
pub(crate) fn denied(turn: &Turn, denial: Denial) -> Markup {
    let (why, what) = refused::words(denial, turn.language);
    page(turn, t::refused_title, why, what)
}

/// The session is over, and why.
pub(crate) fn ended(turn: &Turn, denial: Denial) -> Markup {
    denied(turn, denial)
}

/// A field is wrong.
pub(crate) fn field(turn: &Turn, field: &str) -> Markup {
    let name: Text = match field {
        "case_id" => t::field_case,
        "person" | "person_number" | "role" => t::field_person,
        "period.from" => t::field_from,
        "period.to" => t::field_to,
        "period" => t::field_period,
        "agencies" => t::field_agencies,
        "version" => t::field_version,
        _ => t::field_other,
    };
    page(turn, t::trouble, &t::wrong_field(turn.language, name(turn.language)), "")
}

macro_rules! plainly {
    ($($name:ident: $text:ident;)+) => {
        $(
            #[doc = stringify!($text)]
            pub(crate) fn $name(turn: &Turn) -> Markup {
                page(turn, t::trouble, t::$text(turn.language), "")
            }
        )+
    };
}

plainly! {
    nothing_here: nothing_here;
    elsewhere: elsewhere;
    forged: forged;
    form_is_old: form_is_old;
    not_signed_in: not_signed_in;
    malformed: malformed;
    not_held: not_held;
    not_now: not_now;
    too_many: too_many;
    unrecorded: unrecorded;
    nothing_again: nothing_again;
    provider: provider_silent;
    assurance: assurance;
    no_account: no_account;
    sign_in_again: sign_in_failed;
}

/// The form was sent before.
pub(crate) fn sent_twice(turn: &Turn) -> Markup {
    page(turn, t::trouble, t::sent_twice(turn.language), t::sent_twice_what(turn.language))
}
