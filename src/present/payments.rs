//! Payments over all sources, one table for each month, people beside each other, and which payments are not known. Both dates
//! stand on every line; which of them puts a payment in a month is for the reader to choose.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use ssbtek_domain::parse_day;
use ssbtek_proto::broker::v1::{
    AskResponse, PaymentLine, PaymentState, Protection, Role, SourceReport, net_amount,
};

use crate::{
    Language, Month, Sentence,
    outcome::{is_conclusive, short},
    plain::plain,
    texts::{answer, months as t},
    writing::{kr, kronor, moment, period},
};

/// The sources that state payments.
pub const PAYING: [&str; 3] = ["FK", "CSN", "SO"];

/// Somebody asked about.
#[derive(Debug, Clone)]
pub struct Person<'a> {
    /// Who it is to the reader: the role, and the number where several have it.
    pub label: String,
    /// What was answered.
    pub answer: &'a AskResponse,
}

/// The people of these answers. Who is protected, or may be, is called so wherever the label stands.
pub fn people<'a>(answers: &[&'a AskResponse], language: Language) -> Vec<Person<'a>> {
    let label = |answer: &AskResponse| {
        let same = answers.iter().filter(|other| other.role == answer.role).count();
        let number = if same > 1 { format!(" {}", answer.person_number) } else { String::new() };
        let level = answer.protection.as_ref().map(|report| report.level()).unwrap_or_default();
        let mark = match level {
            Protection::None => String::new(),
            Protection::NotKnown | Protection::Unspecified => {
                format!(" · {}", answer::not_known_mark(language))
            }
            Protection::Sekretessmarkering | Protection::SkyddadFolkbokforing => {
                format!(" · {}", answer::protected_mark(language))
            }
        };
        plain(&format!("{}{number}{mark}", short_role(answer.role(), language)))
    };
    answers.iter().map(|answer| Person { label: label(answer), answer }).collect()
}

fn short_role(role: Role, language: Language) -> &'static str {
    match role {
        Role::Applicant => answer::applicant_short(language),
        Role::CoApplicant => answer::co_applicant_short(language),
        Role::Child => answer::child_short(language),
        Role::Unspecified => answer::no_role(language),
    }
}

/// Which date puts a payment in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// The day of payment.
    #[default]
    PaymentDay,
    /// The time it covers; one that covers days of several months stands apart.
    Period,
}

impl By {
    /// In words.
    pub fn phrase(self, language: Language) -> &'static str {
        match self {
            By::PaymentDay => t::by_payment_day(language),
            By::Period => t::by_period(language),
        }
    }
}

/// Where a payment stands, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// In this month.
    In(std::cmp::Reverse<Month>),
    /// Over several months.
    Several,
    /// Without the date that decides.
    Undated,
}

impl Group {
    /// Of one payment.
    pub fn of(line: &PaymentLine, by: By) -> Self {
        let month = |day: &str| parse_day(day).map(Month::of);
        let found = match by {
            By::PaymentDay => line.paid_on.as_deref().map(|day| (month(day), month(day))),
            By::Period => line.covers.as_ref().map(|covers| (month(&covers.from), month(&covers.to))),
        };
        match found {
            Some((Some(first), Some(last))) if first == last => Self::In(std::cmp::Reverse(first)),
            Some((Some(_), Some(_))) => Self::Several,
            _ => Self::Undated,
        }
    }
}

/// One payment as one source states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Whose: the place among the people.
    pub person: usize,
    /// `YYYY-MM-DD`, or that there is none.
    pub day: String,
    /// Paid or announced; a star where it may be another line's.
    pub state: String,
    /// The source, and who pays where that is another.
    pub payer: String,
    /// The benefit with what is known of it.
    pub benefit: String,
    /// Net amounts, each with its name where it has one.
    pub net: Vec<(String, &'static str)>,
    /// The time it covers.
    pub covers: String,
    /// Days compensated.
    pub days: String,
    /// Its parts, basis and moment.
    pub parts: String,
}

/// The payments of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The month's name.
    pub heading: String,
    /// Newest first.
    pub rows: Vec<Row>,
}

/// All payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payments {
    /// Newest month first, undated last.
    pub tables: Vec<Table>,
    /// Who has none, and what is not known.
    pub remarks: Vec<Sentence>,
}

/// The payments of these people; of `only` this month where one is named, and then what has no date, which may belong to it.
pub fn payments(people: &[Person<'_>], by: By, only: Option<Month>, language: Language) -> Payments {
    let mut groups: BTreeMap<Group, Vec<(usize, &PaymentLine)>> = BTreeMap::new();
    let mut outside = 0;
    for (person, line) in lines(people) {
        match (Group::of(line, by), only) {
            (Group::In(std::cmp::Reverse(month)), Some(only)) if month != only => outside += 1,
            (group, _) => groups.entry(group).or_default().push((person, line)),
        }
    }
    let wanted = only.map(|month| Group::In(std::cmp::Reverse(month)));
    let mut remarks = vec![];
    if let Some(month) = only.filter(|_| wanted.is_none_or(|wanted| !groups.contains_key(&wanted))) {
        remarks.push(Sentence::plain(&t::nothing_in(language, month.name(language))));
        for person in people {
            let short = short_of(person.answer, by, month.paid_by());
            if !short.is_empty() {
                let text = t::later_not_asked(language, short.join(", "), month.name(language));
                remarks.push(Sentence::plain(&whose(person, people.len() > 1, text)));
            }
        }
    }
    match outside {
        0 => {}
        1 => remarks.push(Sentence::plain(t::one_outside(language))),
        many => remarks.push(Sentence::plain(&t::outside(language, many))),
    }
    if groups.values().flatten().any(|(_, line)| line.perhaps_duplicate) {
        remarks.push(Sentence::plain(t::perhaps_duplicate(language)));
    }
    for person in people {
        remarks.extend(known(person, people.len() > 1, language));
    }
    let table = |(group, mut lines): (Group, Vec<(usize, &PaymentLine)>)| {
        lines.sort_by(|(_, one), (_, other)| other.paid_on.cmp(&one.paid_on));
        let rows = lines.into_iter().map(|(person, line)| row(person, line, language)).collect();
        Table { heading: heading(group, by, language), rows }
    };
    Payments { tables: groups.into_iter().map(table).collect(), remarks }
}

/// Every payment with whose it is.
pub(crate) fn lines<'a>(people: &[Person<'a>]) -> impl Iterator<Item = (usize, &'a PaymentLine)> {
    let each: Vec<_> = people.iter().enumerate().map(|(n, person)| (n, person.answer)).collect();
    each.into_iter().flat_map(|(n, answer)| answer.payments.iter().map(move |line| (n, line)))
}

fn heading(group: Group, by: By, language: Language) -> String {
    match (group, by) {
        (Group::In(std::cmp::Reverse(month)), _) => month.name(language),
        (Group::Several, _) => t::over_months(language).to_owned(),
        (Group::Undated, By::PaymentDay) => t::undated(language).to_owned(),
        (Group::Undated, By::Period) => t::without_period(language).to_owned(),
    }
}

fn whose(person: &Person<'_>, several: bool, text: String) -> String {
    if several { format!("{}: {text}", person.label) } else { text }
}

/// "None" only in the name of those who said so; and whose payments are not known.
fn known(person: &Person<'_>, several: bool, language: Language) -> Vec<Sentence> {
    let whose = |text: String| whose(person, several, text);
    let silent = |code: &str| !person.answer.payments.iter().any(|line| line.source == code);
    let paying = || person.answer.sources.iter().filter(|source| PAYING.contains(&source.source.as_str()));
    let none: Vec<&str> = paying()
        .filter(|source| is_conclusive(source.outcome) && silent(&source.source))
        .map(|source| source.source.as_str())
        .collect();
    let unknown: Vec<String> = paying().filter_map(|source| unknown(source, language)).collect();
    let none = (!none.is_empty()).then(|| Sentence::plain(&whose(t::none_say(language, none.join(", ")))));
    let unknown =
        (!unknown.is_empty()).then(|| Sentence::alarm(&whose(t::not_known(language, unknown.join("; ")))));
    none.into_iter().chain(unknown).collect()
}

/// The paying sources that have spoken, but were not asked about days up to this one.
pub(crate) fn short_of(answer: &AskResponse, by: By, day: NaiveDate) -> Vec<&str> {
    let paying = answer.sources.iter().filter(|source| PAYING.contains(&source.source.as_str()));
    let short = paying.filter(|source| is_conclusive(source.outcome) && !reaches(source, by, day));
    short.map(|source| source.source.as_str()).collect()
}

/// Whether the source was asked about days up to this one; by the day of payment nothing comes later.
pub(crate) fn reaches(source: &SourceReport, by: By, day: NaiveDate) -> bool {
    let to = source.period.as_ref().and_then(|asked| parse_day(&asked.to));
    by == By::PaymentDay || to.is_some_and(|to| day <= to)
}

/// Why payments of this source may be missing.
pub(crate) fn unknown(source: &SourceReport, language: Language) -> Option<String> {
    if is_conclusive(source.outcome) {
        return None;
    }
    let silent = source.parts.iter().filter(|part| !is_conclusive(part.outcome));
    let parts: Vec<String> =
        silent.map(|part| format!("{} ({})", part.part, short(part.outcome, language))).collect();
    Some(match parts.as_slice() {
        [] => format!("{} ({})", source.source, short(source.outcome, language)),
        parts => format!("{}: {}", source.source, parts.join(", ")),
    })
}

fn row(person: usize, line: &PaymentLine, language: Language) -> Row {
    let star = if line.perhaps_duplicate { " *" } else { "" };
    let state = match PaymentState::try_from(line.state) {
        Ok(PaymentState::Paid) => t::paid(language),
        Ok(PaymentState::Announced) => t::announced(language),
        Ok(PaymentState::Unspecified) | Err(_) => t::state_unknown(language),
    };
    let net = line.net.iter().map(|net| (plain(&kronor(&net.amount)), net_phrase(net.kind, language)));
    let days = line.days.as_ref().map(|days| t::days(language, days.replace('.', ",")));
    Row {
        person,
        day: plain(line.paid_on.as_deref().unwrap_or(t::undated(language))),
        state: format!("{state}{star}"),
        payer: payer(line),
        benefit: benefit(line),
        net: net.collect(),
        covers: plain(&line.covers.as_ref().map(period).unwrap_or_default()),
        days: plain(&days.unwrap_or_default()),
        parts: parts(line, language),
    }
}

fn parts(line: &PaymentLine, language: Language) -> String {
    let amount =
        |label: &str, amount: &Option<String>| amount.as_ref().map(|of| format!("{label} {}", kr(of)));
    let told = |label: &str, text: String| (!text.is_empty()).then(|| format!("{label} {text}"));
    let parts = [
        amount(t::gross(language), &line.gross),
        amount(t::tax(language), &line.tax),
        amount(t::deduction(language), &line.deduction),
        told(t::asked_at(language), moment(&line.asked_at)),
        told(t::basis(language), line.legal_basis.clone()),
    ];
    plain(&parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// The source, and who pays where that is another.
pub(crate) fn payer(line: &PaymentLine) -> String {
    plain(&if line.payer == line.source {
        line.source.clone()
    } else {
        format!("{}: {}", line.source, line.payer)
    })
}

/// The benefit, with its sub-benefit and type of amount.
pub(crate) fn benefit(line: &PaymentLine) -> String {
    let more: Vec<&str> =
        [&line.sub_benefit, &line.amount_type].into_iter().flatten().map(String::as_str).collect();
    plain(&if more.is_empty() {
        line.benefit.clone()
    } else {
        format!("{} ({})", line.benefit, more.join(", "))
    })
}

/// The name of a net amount, where the source states more than one.
pub(crate) fn net_phrase(kind: i32, language: Language) -> &'static str {
    match net_amount::Kind::try_from(kind) {
        Ok(net_amount::Kind::AfterTax) => t::after_tax(language),
        Ok(net_amount::Kind::AfterDeductions) => t::after_deductions(language),
        Ok(net_amount::Kind::Net | net_amount::Kind::Unspecified) | Err(_) => "",
    }
}

/// What reaches the account: the net amount after everything that the source states, with its kind.
pub(crate) fn received(line: &PaymentLine) -> Option<(i32, &str)> {
    use net_amount::Kind;
    let of = |kind: Kind| line.net.iter().find(|net| net.kind() == kind);
    let net = of(Kind::AfterDeductions).or_else(|| of(Kind::Net)).or_else(|| of(Kind::AfterTax))?;
    Some((net.kind, net.amount.as_str()))
}
