//! A merged answer, or the answers about several people of a case, laid out on a page.

use ssbtek_present::{
    Language, Presented, Sentence, answer::Asked, facts::Facts, payments::people, since::since,
    stated::compare, texts::answer as t,
};
use ssbtek_proto::broker::v1::{AskRequest, AskResponse, Role};

pub use ssbtek_present::ReceiptCheck;

use super::{money, sources::line, view::View};
use crate::page::{Page, Screen};

/// An answer with what was asked, and what became of its receipt.
pub struct Answered<'a> {
    /// What was asked.
    pub question: &'a AskRequest,
    /// What was answered.
    pub answer: &'a AskResponse,
    /// What became of checking its receipt.
    pub receipt: &'a ReceiptCheck,
}

/// The answers as text for people, in this language.
pub fn answers(answers: &[Answered<'_>], view: &View, screen: Screen, language: Language) -> String {
    let mut page = Page::new(screen);
    let told: Vec<Presented> = answers.iter().map(|of| presented(of, language)).collect();
    let alone = told.len() == 1;
    for (presented, of) in told.iter().zip(answers) {
        who(&mut page, presented);
        sources(&mut page, presented, of.question, view, language);
        // Whether somebody is registered, and has handed in the report, is what most telephone calls are about.
        facts(&mut page, &presented.facts, |code| !alone || code == "AF", view, language);
        page.blank();
    }
    let all: Vec<&AskResponse> = answers.iter().map(|of| of.answer).collect();
    let people = people(&all, language);
    if let Some(comparison) = view.since {
        money::since(&mut page, &since(&people, comparison, language));
    }
    if let Some((month, stated)) = &view.stated {
        money::compared(&mut page, &compare(&people, stated, *month, view.by, language), language);
    }
    money::payments(&mut page, &people, view, language);
    for presented in &told {
        facts(&mut page, &presented.facts, |code| alone && code != "AF", view, language);
        if !presented.contradictions.is_empty() {
            page.blank();
            page.heading(t::contradictions(language));
            sentences(&mut page, 2, &presented.contradictions, view);
        }
        page.blank();
        sentences(&mut page, 0, &presented.logged, view);
    }
    page.into_text()
}

/// One answer, nothing folded away but what is folded by itself.
pub fn answer(
    question: &AskRequest,
    answer: &AskResponse,
    receipt: &ReceiptCheck,
    screen: Screen,
    language: Language,
) -> String {
    answers(&[Answered { question, answer, receipt }], &View::default(), screen, language)
}

fn presented(of: &Answered<'_>, language: Language) -> Presented {
    let asked = Asked { case_id: &of.question.case_id, period: of.question.period.as_ref() };
    ssbtek_present::answer(asked, of.answer, of.receipt, language)
}

fn who(page: &mut Page, told: &Presented) {
    page.heading(&told.title);
    sentences(page, 0, &told.heading, &View::default());
    page.blank();
    sentences(page, 0, &told.protection, &View::default());
    page.blank();
}

/// Sentences, those that must be seen as such.
pub(super) fn sentences(page: &mut Page, indent: usize, told: &[Sentence], view: &View) {
    for sentence in told.iter().filter(|sentence| view.all || !sentence.folded) {
        let indent = if sentence.below { indent + 2 } else { indent };
        if sentence.alarm { page.loud(indent, &sentence.text) } else { page.line(indent, &sentence.text) }
    }
}

fn sources(page: &mut Page, told: &Presented, question: &AskRequest, view: &View, language: Language) {
    page.heading(t::sources(language));
    for source in &told.sources {
        let text = line(&source.code, &source.name, &source.outcome);
        if source.alarm {
            page.loud(2, &text)
        } else {
            page.line(2, &text)
        }
        sentences(page, 6, &source.below, view);
        // Who was not asked on purpose needs no advice at once.
        if let Some(advice) = source.advice.as_ref().filter(|_| source.alarm || view.all) {
            page.line(6, &advice.text);
            if advice.ask_again {
                page.line(6, &ask_again(question, &source.code));
            }
        }
    }
}

/// The command that puts the same question to one source.
fn ask_again(question: &AskRequest, source: &str) -> String {
    let role = match question.role() {
        Role::CoApplicant => "co-applicant",
        Role::Child => "child",
        Role::Applicant | Role::Unspecified => "applicant",
    };
    let period = question.period.clone().unwrap_or_default();
    let mut command = format!("ssbtek ask --case {} --role {role}", question.case_id);
    if let Some(person) = &question.person_number {
        command.push_str(&format!(" --person {person}"));
    }
    format!("{command} --from {} --to {} --agency {source}", period.from, period.to)
}

fn facts(page: &mut Page, facts: &[Facts], wanted: impl Fn(&str) -> bool, view: &View, language: Language) {
    let wanted: Vec<&Facts> = facts.iter().filter(|of| wanted(&of.source)).collect();
    if wanted.is_empty() {
        return;
    }
    page.blank();
    page.heading(t::facts(language));
    for of in wanted {
        page.line(2, &t::facts_of(language, &of.source, &of.name));
        let folded = of.lines.iter().filter(|line| line.folded).count();
        for line in of.lines.iter().filter(|line| view.all || !line.folded) {
            let text = match (line.label.as_str(), line.text.as_str()) {
                ("", text) => text.to_owned(),
                (label, "") => label.to_owned(),
                (label, text) => format!("{label}: {text}"),
            };
            let indent = 4 + 2 * line.depth;
            if line.alarm { page.loud(indent, &text) } else { page.line(indent, &text) }
        }
        if folded > 0 && !view.all {
            page.line(4, &t::more_folded(language, folded));
        }
    }
}
