//! What somebody stated, beside what the sources say. Nothing of it is kept.

use ssbtek_domain::Amount;
use ssbtek_proto::broker::v1::{PaymentLine, net_amount};

use crate::{
    Language, Month, Sentence,
    pay::{Pay, is_wage},
    payments::{By, Group, PAYING, Person, benefit, lines, net_phrase, payer, received, short_of, unknown},
    plain::plain,
    texts::months as t,
    writing::kr,
};

/// Most lines that are read.
pub const MAX_LINES: usize = 200;
/// Longest line, in characters.
pub const MAX_LINE_CHARS: usize = 200;

/// One figure as stated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    what: String,
    amount: Amount,
}

/// Why figures cannot be read. Repeats nothing of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// There are none.
    Nothing,
    /// Too many lines.
    TooMany,
    /// This line, from 1, is too long.
    Long(usize),
    /// This line, from 1, has no name or no amount.
    Form(usize),
    /// This line, from 1, is about another month.
    Month(usize),
}

impl Unread {
    /// In words.
    pub fn told(self, language: Language) -> String {
        match self {
            Unread::Nothing => t::nothing_stated(language).to_owned(),
            Unread::TooMany => t::too_many(language, MAX_LINES),
            Unread::Long(line) => t::line_long(language, line),
            Unread::Form(line) => t::line_unread(language, line),
            Unread::Month(line) => t::line_month(language, line),
        }
    }
}

/// Reads figures about this month: a line for each, what it is and then the amount; before it the month, if anybody wants to say it.
/// A tab or semicolon may part them, as where they are pasted from a table.
pub fn read(text: &str, month: Month) -> Result<Vec<Stated>, Unread> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let mut stated = vec![];
    for (n, line) in lines {
        if stated.len() == MAX_LINES {
            return Err(Unread::TooMany);
        }
        stated.push(figure(line, n + 1, month)?);
    }
    if stated.is_empty() { Err(Unread::Nothing) } else { Ok(stated) }
}

fn figure(line: &str, n: usize, month: Month) -> Result<Stated, Unread> {
    if line.chars().count() > MAX_LINE_CHARS {
        return Err(Unread::Long(n));
    }
    // Where it is pasted from a table, the last cell is the amount whatever stands before it.
    let (before, cell) = match line.trim_end().rsplit_once(['\t', ';']) {
        Some((before, cell)) => (before, cell),
        None => ("", line),
    };
    let spaced = |text: &str| plain(&text.replace(['\t', ';'], " ")).replace(['\u{a0}', '\u{202f}'], " ");
    let (before, cell) = (spaced(before), spaced(cell));
    let mut names: Vec<&str> = before.split(' ').filter(|word| !word.is_empty()).collect();
    let mut words: Vec<&str> = cell.split(' ').filter(|word| !word.is_empty()).collect();
    let first = if names.is_empty() { &mut words } else { &mut names };
    if let Some((stated, taken)) = leading_month(first, month) {
        if stated != month {
            return Err(Unread::Month(n));
        }
        first.drain(..taken);
    }
    while words.last().is_some_and(|word| is_unit(word)) {
        words.pop();
    }
    let (amount, taken) = trailing_amount(&words, names.is_empty()).ok_or(Unread::Form(n))?;
    words.truncate(words.len().saturating_sub(taken));
    names.extend(words);
    let what = names.join(" ").trim_end_matches([':', ',', '=']).trim().to_owned();
    if what.is_empty() { Err(Unread::Form(n)) } else { Ok(Stated { what, amount }) }
}

fn is_unit(word: &str) -> bool {
    ["kr", "kr.", "kronor", "sek", ":-"].contains(&word.to_lowercase().as_str())
}

/// `2026-10`, `oktober`, `oktober 2026`; and how many words that took.
fn leading_month(words: &[&str], compared: Month) -> Option<(Month, usize)> {
    let first = words.first()?.trim_end_matches([':', ',']);
    if let Some(month) = Month::parse(first) {
        return Some((month, 1));
    }
    let year = words.get(1).map(|word| word.trim_end_matches([':', ','])).filter(|word| word.len() == 4);
    let year = year.and_then(|word| word.parse::<i32>().ok()).filter(|year| (1900..2200).contains(year));
    match year.filter(|_| words.len() > 3) {
        Some(year) => Month::named(first, year).map(|month| (month, 2)),
        None => Month::named(first, compared.year()).map(|month| (month, 1)),
    }
}

/// `2500`, `2 500,50`, `2.500,50`, `2500:-`, `2500kr`; and how many words that took.
fn trailing_amount(words: &[&str], named_here: bool) -> Option<(Amount, usize)> {
    let last = words.last()?;
    let last = last.strip_suffix(":-").or_else(|| last.strip_suffix("kr")).unwrap_or(last);
    let (whole, decimals) =
        match last.rsplit_once(',').or_else(|| last.rsplit_once('.').filter(|(_, d)| d.len() < 3)) {
            Some((whole, decimals)) => (whole, decimals),
            None => (last, ""),
        };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mut digits = match whole.contains('.') {
        true => grouped(whole.split('.'))?,
        false => whole.to_owned(),
    };
    if !is_digits(&digits) || !(decimals.is_empty() || is_digits(decimals)) {
        return None;
    }
    let mut taken = 1;
    // Groups of three before it belong to it.
    while digits.len() == 3 * taken {
        let Some(before) = words.len().checked_sub(taken + 1).and_then(|at| words.get(at)) else { break };
        // What a figure is called stands before it.
        if !is_digits(before) || before.len() > 3 || (named_here && words.len() == taken + 1) {
            break;
        }
        digits.insert_str(0, before);
        taken += 1;
    }
    let text = if decimals.is_empty() { digits } else { format!("{digits}.{decimals}") };
    Some((text.parse().ok()?, taken))
}

/// `2.500` → `2500`, where every group but the first has three digits.
fn grouped<'a>(groups: impl Iterator<Item = &'a str>) -> Option<String> {
    let groups: Vec<&str> = groups.collect();
    let fits = groups
        .iter()
        .enumerate()
        .all(|(n, group)| if n == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 });
    fits.then(|| groups.concat())
}

/// One line of the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is called: as stated, else as the source says.
    pub what: String,
    /// The figure stated.
    pub stated: String,
    /// What the sources say.
    pub sources: String,
    /// How they compare.
    pub result: String,
    /// They do not agree.
    pub differs: bool,
}

/// Stated figures beside the sources'.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Which month.
    pub heading: String,
    /// As stated first, then what was not.
    pub rows: Vec<Row>,
    /// What is not checked, and that nothing is kept.
    pub remarks: Vec<Sentence>,
}

/// Compares what was stated for a month with the payments of these people in it.
pub fn compare(
    people: &[Person<'_>],
    stated: &[Stated],
    month: Month,
    by: By,
    language: Language,
) -> Compared {
    let here = |line: &PaymentLine| Group::of(line, by) == Group::In(std::cmp::Reverse(month));
    let mut benefits: Vec<Benefit<'_>> = vec![];
    for (person, line) in lines(people).filter(|(_, line)| here(line)) {
        let name = (person, payer(line), benefit(line));
        match benefits.iter_mut().find(|of| of.name == name) {
            Some(of) => of.lines.push(line),
            None => benefits.push(Benefit { name, lines: vec![line], stated: false }),
        }
    }
    let paying = people
        .iter()
        .flat_map(|person| &person.answer.sources)
        .filter(|of| PAYING.contains(&of.source.as_str()));
    let silent = paying.filter_map(|source| unknown(source, language)).collect::<Vec<_>>().join("; ");
    let short = people.iter().any(|person| !short_of(person.answer, by, month.paid_by()).is_empty());
    let absent = Absent { silent: &silent, short, pay: Pay::of(people, month) };
    let mut rows: Vec<Row> =
        stated.iter().map(|figure| compared(figure, &mut benefits, &absent, language)).collect();
    rows.extend(benefits.iter().filter(|of| !of.stated).map(|of| Row {
        what: of.label(people),
        stated: String::new(),
        sources: of.told(language),
        result: t::not_stated(language).to_owned(),
        differs: true,
    }));
    let mut remarks = vec![];
    if !silent.is_empty() {
        remarks.push(Sentence::alarm(&t::not_known(language, &silent)));
    }
    remarks.push(Sentence::plain(t::not_kept(language)));
    let heading = format!("{}, {}", t::stated_heading(language, month.name(language)), by.phrase(language));
    Compared { heading, rows, remarks }
}

/// What one payer pays somebody for one benefit.
struct Benefit<'a> {
    name: (usize, String, String),
    lines: Vec<&'a PaymentLine>,
    stated: bool,
}

impl Benefit<'_> {
    fn label(&self, people: &[Person<'_>]) -> String {
        let (person, payer, benefit) = &self.name;
        let whose = people.get(*person).filter(|_| people.len() > 1);
        let whose = whose.map(|person| format!("{}: ", person.label)).unwrap_or_default();
        format!("{whose}{benefit}, {payer}")
    }

    /// Whether somebody who says `what` may mean this.
    fn is_meant(&self, what: &str) -> bool {
        let what = what.to_lowercase();
        let (_, payer, benefit) = &self.name;
        let (payer, benefit) = (payer.to_lowercase(), benefit.to_lowercase());
        // A benefit without a name is nobody's guess.
        let contain = |one: &str, other: &str| one.contains(other) || other.contains(one);
        (!benefit.is_empty() && contain(&benefit, &what))
            || payer.split([':', ' ']).any(|word| word == what)
            || payer.contains(&what)
    }

    /// Every figure that the sources give for it, each of one kind over all its payments.
    fn figures(&self, language: Language) -> Vec<(Amount, String)> {
        use net_amount::Kind;
        let sum = |of: &dyn Fn(&PaymentLine) -> Option<Amount>| {
            self.lines.iter().try_fold(Amount::default(), |sum, line| sum.checked_add(of(line)?))
        };
        let net = |kind: Kind| {
            sum(&move |line| line.net.iter().find(|net| net.kind() == kind)?.amount.parse().ok())
        };
        let gross = sum(&|line| line.gross.as_ref()?.parse().ok());
        let nets = [Kind::AfterDeductions, Kind::Net, Kind::AfterTax];
        let nets = nets.map(|kind| net(kind).map(|sum| (sum, net_phrase(kind.into(), language).to_owned())));
        nets.into_iter().flatten().chain(gross.map(|sum| (sum, t::gross(language).to_owned()))).collect()
    }

    /// Whether the figure is what one of its payments comes to.
    fn is_one_of_several(&self, amount: Amount) -> bool {
        let is = |line: &&PaymentLine| line.net.iter().any(|net| net.amount.parse() == Ok(amount));
        self.lines.len() > 1 && self.lines.iter().any(is)
    }

    fn told(&self, language: Language) -> String {
        let each = self.lines.iter().map(|line| kr(received(line).map_or("", |(_, amount)| amount)));
        let each = each.collect::<Vec<_>>().join(" + ");
        match (self.lines.len(), self.figures(language).first()) {
            (2.., Some((sum, _))) => format!("{} ({each})", kr(&sum.to_string())),
            _ => each,
        }
    }
}

/// What is known where no payment fits.
struct Absent<'a> {
    silent: &'a str,
    /// What covers the month may be paid later than was asked about.
    short: bool,
    pay: Pay,
}

impl Absent<'_> {
    /// How the figure compares, and whether it differs.
    fn told(&self, figure: &Stated, language: Language) -> (String, bool) {
        if is_wage(&figure.what) && self.pay.agrees(figure.amount) {
            return (t::agrees_as(language, t::as_skv(language)), false);
        }
        let pay = self.pay.told().map(|pay| t::skv_states(language, pay));
        let text = match pay {
            Some(pay) if is_wage(&figure.what) => pay,
            None if is_wage(&figure.what) => t::wage_not_compared(language).to_owned(),
            _ if self.short => t::may_be_paid_later(language).to_owned(),
            Some(pay) => t::not_a_payment(language, pay),
            None if self.silent.is_empty() => t::no_source(language).to_owned(),
            None => t::no_source_unknown(language, self.silent),
        };
        (text, true)
    }
}

fn compared(figure: &Stated, benefits: &mut [Benefit<'_>], absent: &Absent<'_>, language: Language) -> Row {
    let row = |sources: String, result: String, differs: bool| Row {
        what: figure.what.clone(),
        stated: kr(&figure.amount.to_string()),
        sources,
        result,
        differs,
    };
    let exact = |of: &&mut Benefit<'_>| of.name.2.to_lowercase() == figure.what.to_lowercase();
    let any_exact = benefits.iter_mut().any(|of| exact(&of));
    let mut meant: Vec<&mut Benefit<'_>> =
        benefits.iter_mut().filter(|of| of.is_meant(&figure.what)).collect();
    if any_exact {
        meant.retain(|of| exact(of));
    }
    match meant.as_mut_slice() {
        [] => {
            let (said, differs) = absent.told(figure, language);
            row(String::new(), said, differs)
        }
        [one] => {
            one.stated = true;
            let said = one.told(language);
            match one.figures(language).into_iter().find(|(amount, _)| *amount == figure.amount) {
                Some((_, kind)) if kind.is_empty() => row(said, t::agrees(language).to_owned(), false),
                Some((_, kind)) => row(said, t::agrees_as(language, kind), false),
                None if one.is_one_of_several(figure.amount) => {
                    row(said, t::one_of(language, one.lines.len()), true)
                }
                None => row(said, t::differs(language).to_owned(), true),
            }
        }
        several => {
            let names: Vec<String> =
                several.iter().map(|of| format!("{}, {}", of.name.2, of.name.1)).collect();
            several.iter_mut().for_each(|of| of.stated = true);
            row(String::new(), t::several_fit(language, names.join("; ")), true)
        }
    }
}
