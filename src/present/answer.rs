//! A merged answer: who, protection, sources, facts, payments, contradictions, and where it is logged.

use ssbtek_proto::{
    agency::v1::Period,
    broker::v1::{AskResponse, Role},
};

use crate::{
    Language,
    facts::{Facts, facts},
    plain::plain,
    protection::protection,
    sources::{Source, source},
    texts::{answer as t, notes},
    writing::moment,
};

/// Something told in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// The words.
    pub text: String,
    /// Must be seen.
    pub alarm: bool,
    /// Belongs below the sentence before it.
    pub below: bool,
    /// Shown only where somebody asks for everything.
    pub folded: bool,
}

impl Sentence {
    pub(crate) fn plain(text: &str) -> Self {
        Self { text: plain(text), alarm: false, below: false, folded: false }
    }

    pub(crate) fn alarm(text: &str) -> Self {
        Self { alarm: true, ..Self::plain(text) }
    }

    pub(crate) fn below(self) -> Self {
        Self { below: true, ..self }
    }

    pub(crate) fn folded(self) -> Self {
        Self { folded: true, ..self }
    }
}

/// What became of checking the answer's own receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptCheck {
    /// The log's key is not known here.
    NoKey,
    /// It proves that the answer was logged.
    Holds,
    /// It does not, for this reason.
    Fails(String),
}

/// What was asked, as the answer does not repeat it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The case.
    pub case_id: &'a str,
    /// The days.
    pub period: Option<&'a Period>,
}

/// An answer in words, but for its payments ([`crate::payments`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// Who, in which case.
    pub title: String,
    /// When, about which days, whether everybody answered.
    pub heading: Vec<Sentence>,
    /// Protected identity, and what is held back for it.
    pub protection: Vec<Sentence>,
    /// What became of each source, in the contract's order.
    pub sources: Vec<Source>,
    /// The facts of each source that has some, Arbetsförmedlingen's first.
    pub facts: Vec<Facts>,
    /// Where sources contradict each other.
    pub contradictions: Vec<Sentence>,
    /// Where it is logged.
    pub logged: Vec<Sentence>,
    /// What no source covers.
    pub not_covered: Sentence,
}

/// The answer in words.
pub fn answer(
    asked: Asked<'_>,
    answer: &AskResponse,
    receipt: &ReceiptCheck,
    language: Language,
) -> Presented {
    let (protection, withheld_told) = protection(answer, language);
    let mut facts: Vec<Facts> = answer.sources.iter().filter_map(|of| facts(of, language)).collect();
    facts.sort_by_key(|of| of.source != "AF");
    Presented {
        title: plain(&t::who(language, &answer.person_number, role(answer.role, language), asked.case_id)),
        heading: heading(asked, answer, language),
        protection,
        sources: answer.sources.iter().map(|of| source(of, withheld_told, language)).collect(),
        facts,
        contradictions: contradictions(answer, language),
        logged: logged(answer, receipt, language),
        not_covered: Sentence::plain(t::not_covered(language)),
    }
}

/// Who somebody is in a household: the role, and which of those who have it, where there are several.
pub fn member(role: i32, nth: Option<u32>, language: Language) -> String {
    let role = match Role::try_from(role) {
        Ok(Role::Applicant) => t::applicant_short(language),
        Ok(Role::CoApplicant) => t::co_applicant_short(language),
        Ok(Role::Child) => t::child_short(language),
        Ok(Role::Unspecified) | Err(_) => t::no_role(language),
    };
    nth.map_or_else(|| role.to_owned(), |nth| format!("{role} {nth}"))
}

/// A role.
pub fn role(role: i32, language: Language) -> &'static str {
    match Role::try_from(role) {
        Ok(Role::Applicant) => t::applicant(language),
        Ok(Role::CoApplicant) => t::co_applicant(language),
        Ok(Role::Child) => t::child(language),
        Ok(Role::Unspecified) | Err(_) => t::no_role(language),
    }
}

fn heading(asked: Asked<'_>, answer: &AskResponse, language: Language) -> Vec<Sentence> {
    let (from, to) = asked.period.map_or(("", ""), |period| (&period.from, &period.to));
    let mut told = vec![Sentence::plain(&t::asked(language, moment(&answer.asked_at), from, to))];
    if answer.provisional_case {
        told.push(Sentence::alarm(t::provisional(language)));
    }
    told.push(match answer.complete {
        true => Sentence::plain(t::complete(language)),
        false => Sentence::alarm(t::in_part(language)),
    });
    told
}

fn contradictions(answer: &AskResponse, language: Language) -> Vec<Sentence> {
    let and = format!(" {} ", t::and(language));
    let told = answer.discrepancies.iter().map(|found| {
        let detail = notes::fixed(language, &found.detail);
        Sentence::plain(&t::contradiction(language, found.sources.join(&and), detail))
    });
    told.collect()
}

fn logged(answer: &AskResponse, check: &ReceiptCheck, language: Language) -> Vec<Sentence> {
    let entry = Sentence::plain(&t::logged(language, &answer.entry_id));
    let Some(receipt) = &answer.receipt else { return vec![entry, Sentence::alarm(t::no_receipt(language))] };
    let record = receipt.leaf_index;
    let receipt = match check {
        ReceiptCheck::Holds => Sentence::plain(&t::receipt_holds(language, record)),
        ReceiptCheck::NoKey => Sentence::plain(&t::receipt_not_checked(language, record)),
        ReceiptCheck::Fails(why) => Sentence::alarm(&t::receipt_fails(language, why)),
    };
    vec![entry, receipt]
}
