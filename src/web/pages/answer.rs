//! An answer: what is known at once, a line for each agency as it comes, and the whole in their place.

use maud::{Markup, PreEscaped, html};
use ssbtek_present::{
    Language, Presented, ReceiptCheck,
    answer::Asked as About,
    facts::Facts,
    outcome::is_conclusive,
    payments::people,
    sources::{Source, source},
    texts::answer as p,
};
use ssbtek_proto::broker::v1::{AskResponse, Protection, SourceReport};
use ssbtek_query::QueryError;

use super::{layout, money, parts};
use crate::{questions::Asked, refused, reply::Turn, stream::Showing, texts as t};

/// Where a page is cut into what is told at once, what ends the list of arrivals, and what ends the page.
const CUT: &str = "<!--cut-->";

/// A page in three pieces.
pub(crate) struct Frame {
    pub(crate) before: String,
    pub(crate) between: String,
    pub(crate) after: String,
}

/// What stands around an answer, whatever comes of it.
pub(crate) fn frame(showing: &Showing) -> Frame {
    let language = showing.turn.language;
    let asked = &showing.asked;
    // Browsers keep titles: a person stands in none.
    let title = t::case_title(language, ssbtek_present::plain(asked.case.id.as_str()));
    let content = html! {
        (head(asked, &showing.case_name, language))
        section.arriving aria-labelledby="arriving" {
            h2 #arriving { (t::arriving(language)) }
            p { (t::asking(language)) }
            p.quiet { (t::not_settled(language)) }
            ol.sources role="log" aria-live="polite" aria-labelledby="arriving" { (PreEscaped(CUT)) }
        }
        (PreEscaped(CUT))
    };
    let text = layout::page(&showing.turn, &title, &content).into_string();
    let mut pieces = text.splitn(3, CUT).map(str::to_owned);
    let mut piece = || pieces.next().unwrap_or_default();
    Frame { before: piece(), between: piece(), after: piece() }
}

fn head(asked: &Asked, case_name: &str, language: Language) -> Markup {
    let days = asked.days();
    html! {
        p.crumbs {
            a href="/" { (t::my_cases(language)) } " › "
            a href=(case_name) { (t::case_title(language, ssbtek_present::plain(asked.case.id.as_str()))) }
        }
        h1 { (parts::who(&asked.about, language)) }
        p.quiet { (t::asked_about(language, &days.from, &days.to)) }
        @if asked.about.protected { (parts::band(language, &html! { p { (t::protected_person(language)) } })) }
    }
}

/// One agency has answered.
pub(crate) fn arrived(showing: &Showing, section: &SourceReport) -> Markup {
    line(&source(section, true, showing.turn.language), section, showing.turn.language, &html! {})
}

/// Everybody has.
pub(crate) fn done(turn: &Turn) -> Markup {
    html! { li.done { span {} span { (t::done(turn.language)) } } }
}

fn line(told: &Source, of: &SourceReport, language: Language, more: &Markup) -> Markup {
    let seconds = format!("{},{}", of.duration_ms / 1000, of.duration_ms % 1000 / 100);
    let spoke = is_conclusive(of.outcome);
    html! {
        li {
            b { (told.code) }
            span { (told.name) ": " span.bad[told.alarm].good[spoke] { (told.outcome) } }
            span.t.quiet { @if of.duration_ms > 0 { (t::after_ms(language, seconds)) } }
            @if told.below.iter().any(|sentence| !sentence.folded) { div.more { (parts::sentences(&told.below)) } }
            (more)
        }
    }
}

/// The whole answer, in the place of everything that was told of it before.
pub(crate) fn whole(showing: &Showing, answer: &AskResponse, receipt: &ReceiptCheck) -> Markup {
    let language = showing.turn.language;
    let days = showing.asked.days();
    let about = About { case_id: showing.asked.case.id.as_str(), period: Some(&days) };
    let told = ssbtek_present::answer(about, answer, receipt, language);
    let answers = [answer];
    let people = people(&answers, language);
    html! {
        section.whole {
            (protection(&told, answer, language))
            h2 { (t::summary(language)) }
            (parts::sentences(&told.heading))
            (sources(showing, &told, answer, language))
            (money::since(&people, showing, language))
            (money::payments(&people, showing.asked.by, language))
            @if !told.contradictions.is_empty() {
                h2 { (p::contradictions(language)) }
                (parts::sentences(&told.contradictions))
            }
            @if !told.facts.is_empty() {
                h2 { (t::facts(language)) }
                @for of in &told.facts { (facts(of, language)) }
            }
            (logged(&told, answer, language))
            p.quiet { (told.not_covered.text) }
            p { a.button.plain href=(showing.case_name) { (t::another_question(language)) } }
        }
    }
}

fn protection(told: &Presented, answer: &AskResponse, language: Language) -> Markup {
    let level = answer.protection.as_ref().map(|report| report.level()).unwrap_or_default();
    let content = html! { (parts::sentences(&told.protection)) };
    match told.protection.iter().any(|sentence| sentence.alarm) || level != Protection::None {
        true => parts::band(language, &html! { p { (t::protected_answer(language)) } (content) }),
        false => content,
    }
}

fn sources(showing: &Showing, told: &Presented, answer: &AskResponse, language: Language) -> Markup {
    let failed: Vec<&Source> =
        told.sources.iter().filter(|source| source.alarm && may_be_asked_again(source)).collect();
    html! {
        h2 { (t::who_answered(language)) }
        ol.sources {
            @for (source, of) in told.sources.iter().zip(&answer.sources) {
                (line(source, of, language, &html! {
                    @if source.alarm && let Some(advice) = &source.advice {
                        div.more { p { (advice.text) } }
                    }
                }))
            }
        }
        @if !failed.is_empty() {
            form.again method="post" action=(format!("/svar/{}/igen", showing.name)) {
                (parts::token(&showing.again))
                @for source in &failed { input type="hidden" name="agency" value=(source.code); }
                button {
                    @if let [only] = failed.as_slice() { (t::ask_again(language, &only.name)) }
                    @else { (t::ask_all_again(language)) }
                }
            }
        }
        details {
            summary { (t::how_asked(language)) }
            ul { @for source in &told.sources { @for sentence in source.below.iter().filter(|sentence| sentence.folded) {
                li { (source.code) ": " (sentence.text) }
            } } }
        }
    }
}

fn may_be_asked_again(source: &Source) -> bool {
    source.advice.as_ref().is_some_and(|advice| advice.ask_again)
}

fn facts(of: &Facts, language: Language) -> Markup {
    let (folded, open): (Vec<_>, Vec<_>) = of.lines.iter().partition(|line| line.folded);
    html! {
        section.facts {
            h3 { (of.name) }
            ul.lines { @for line in open { (fact(line)) } }
            @if !folded.is_empty() {
                details {
                    summary { (t::more_facts(language, folded.len())) }
                    ul.lines { @for line in folded { (fact(line)) } }
                }
            }
        }
    }
}

fn fact(line: &ssbtek_present::facts::Line) -> Markup {
    let depth = match line.depth {
        0 => "d0",
        1 => "d1",
        2 => "d2",
        _ => "d3",
    };
    html! {
        li.(depth).alarm[line.alarm] {
            @if !line.label.is_empty() { span.label { (line.label) @if !line.text.is_empty() { ": " } } }
            (line.text)
        }
    }
}

fn logged(told: &Presented, answer: &AskResponse, language: Language) -> Markup {
    html! {
        h2 { (t::logged(language)) }
        (parts::sentences(&told.logged))
        @if let Some(receipt) = &answer.receipt {
            details {
                summary { (t::receipt_details(language)) }
                p { (t::receipt_hint(language)) }
                pre {
                    "leaf_index " (receipt.leaf_index) "\n"
                    "leaf_hash " (hexadecimal(&receipt.leaf_hash)) "\n"
                    @for hash in &receipt.inclusion { "inclusion " (hexadecimal(hash)) "\n" }
                    "\n" (receipt.checkpoint)
                }
            }
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Nothing more of the answer is shown, and why.
pub(crate) fn held_back(showing: &Showing, error: &QueryError) -> Markup {
    let language = showing.turn.language;
    let (why, what) = match error {
        QueryError::Denied(denial) => refused::words(*denial, language),
        QueryError::Unrecorded => (t::unrecorded(language), t::try_later(language)),
        _ => (t::not_now(language), t::try_later(language)),
    };
    html! {
        section.whole {
            h2 { (t::cut_title(language)) }
            p.alarm { (why) }
            p { (what) }
            p { a.button href=(showing.case_name) { (t::back_to_case(language)) } }
        }
    }
}

/// The answer is not kept any more.
pub(crate) fn over(turn: &Turn, asked: &Asked, case_name: &str) -> Markup {
    let language = turn.language;
    let content = html! {
        (head(asked, case_name, language))
        h2 { (t::over_title(language)) }
        p { (t::over_text(language)) }
        p { a.button href=(case_name) { (t::back_to_case(language)) } }
    };
    layout::page(turn, t::over_title(language), &content)
}
