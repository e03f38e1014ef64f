//! A line for each member of a household on standard error, in which agencies fill in as they answer; wiped before the answer is shown.
//! Where that is no terminal, a line is added for each agency that has answered about a member.

use std::{collections::BTreeMap, io::Write};

use ssbtek_domain::Agency;
use ssbtek_present::{
    Language,
    answer::member,
    outcome::{is_conclusive, is_unasked},
    texts::{client as t, outcomes},
};
use ssbtek_proto::broker::v1::{
    HouseholdBegun, MemberAnswer, MemberBegun, MemberPlace, MemberSection, SourceReport,
    ask_stream_response::Part, member_begun,
};

use crate::{ClientError, Screen, command::ask::Tells, page::plain, show::source_told};

/// Whom a message of the contract is about.
pub(crate) trait OfMember {
    fn place(&self) -> Option<&MemberPlace>;
}

impl OfMember for MemberBegun {
    fn place(&self) -> Option<&MemberPlace> {
        self.member.as_ref()
    }
}

impl OfMember for MemberAnswer {
    fn place(&self) -> Option<&MemberPlace> {
        self.member.as_ref()
    }
}

/// Who somebody is in a household, to the reader: the role, and which of those who have it where there are several.
pub(crate) fn label<M: OfMember>(of: Option<&MemberPlace>, all: &[M], language: Language) -> String {
    let Some(of) = of else { return String::new() };
    let same = all.iter().filter(|other| other.place().is_some_and(|other| other.role == of.role)).count();
    member(of.role, (same > 1).then_some(of.nth), language)
}

/// The lines under way. What cannot be written here is no reason to lose the answer.
pub(crate) struct HouseholdLines<'w> {
    screen: Screen,
    language: Language,
    to: &'w mut dyn Write,
    members: Vec<Member>,
    /// Lines that stand on the terminal.
    shown: usize,
}

struct Member {
    place: MemberPlace,
    label: String,
    /// Why nobody is asked about the member, if so.
    refused: Option<String>,
    /// What became of each agency that has been told of.
    told: BTreeMap<String, char>,
}

impl<'w> HouseholdLines<'w> {
    pub(crate) fn new(screen: Screen, language: Language, to: &'w mut dyn Write) -> Self {
        Self { screen, language, to, members: vec![], shown: 0 }
    }

    fn begin(&mut self, begun: &HouseholdBegun) {
        if !self.members.is_empty() {
            return;
        }
        for of in &begun.members {
            let Some(place) = of.member else { continue };
            let label = label(Some(&place), &begun.members, self.language);
            let refused = match &of.result {
                Some(member_begun::Result::Refused(why)) => {
                    let why = ClientError::Refused(plain(&why.reason)).told(self.language);
                    Some(t::nothing_of(self.language, &label, why))
                }
                _ => None,
            };
            self.members.push(Member { place, label, refused, told: BTreeMap::new() });
        }
        for nth in 0..self.members.len() {
            let Some(line) = self.line(nth) else { continue };
            if self.screen.progress {
                self.write(&format!("{line}\n"));
                self.shown += 1;
            } else if self.members.get(nth).is_some_and(|member| member.refused.is_some()) {
                self.write(&format!("{line}\n"));
            }
        }
    }

    fn section(&mut self, of: &MemberSection) -> bool {
        let (Some(place), Some(source)) = (&of.member, &of.section) else { return false };
        let Some(nth) = self.members.iter().position(|member| member.place == *place) else { return false };
        let words = self.in_words(source);
        let Some(member) = self.members.get_mut(nth) else { return false };
        if member.told.insert(source.source.clone(), mark(source)).is_some() {
            return false;
        }
        let told = plain(&format!("  {:<14} {words}", member.label));
        if !self.screen.progress {
            self.write(&format!("{told}\n"));
        } else if let Some(line) = self.line(nth) {
            let up = self.shown - nth;
            self.write(&format!("\x1b[{up}A\r\x1b[K{line}\x1b[{up}B\r"));
        }
        true
    }

    /// One agency about one member.
    fn in_words(&self, source: &SourceReport) -> String {
        let after = match source.duration_ms {
            0 => String::new(),
            after => outcomes::after_ms(self.language, after),
        };
        format!("{}{after}", source_told(&source.source, Some(source), "", self.language))
    }

    /// A member's line: as wide as the terminal at most, since one that wraps would be two.
    fn line(&self, nth: usize) -> Option<String> {
        let member = self.members.get(nth)?;
        let told = match &member.refused {
            Some(refused) => format!("  {refused}"),
            None => {
                let agencies = Agency::ALL.map(|agency| {
                    let mark = member.told.get(agency.code()).copied().unwrap_or(WAITING);
                    format!("{} {mark}", agency.code())
                });
                format!("  {:<14} {}", member.label, agencies.join("  "))
            }
        };
        let line = plain(&told);
        Some(match self.screen.progress {
            true => line.chars().take(self.screen.width.saturating_sub(1)).collect(),
            false => line,
        })
    }

    fn write(&mut self, text: &str) {
        let _ = self.to.write_all(text.as_bytes()).and_then(|()| self.to.flush());
    }
}

impl Tells for HouseholdLines<'_> {
    fn tell(&mut self, part: &Part) -> bool {
        match part {
            Part::HouseholdBegun(begun) => self.begin(begun),
            Part::MemberSection(section) => return self.section(section),
            _ => {}
        }
        false
    }

    fn wipe(mut self) {
        if self.shown > 0 {
            self.write(&format!("\x1b[{}A\r\x1b[J", self.shown));
        }
    }
}

/// What stands where nothing is known yet.
const WAITING: char = '…';

/// What became of an agency, in one sign.
fn mark(source: &SourceReport) -> char {
    match source.outcome {
        outcome if is_conclusive(outcome) => '✓',
        outcome if is_unasked(outcome) => '–',
        _ => '✗',
    }
}
