//! A line for each agency on standard error, filled in as they answer; wiped before the answer is shown. Where that is no terminal,
//! a line is added for each that has answered.

use std::{collections::BTreeSet, io::Write};

use ssbtek_domain::Agency;
use ssbtek_present::{Language, texts::outcomes};
use ssbtek_proto::broker::v1::{SourceReport, ask_stream_response::Part};

use crate::{Screen, command::ask::Tells, page::plain, show::source_told};

/// What stands where nothing is known yet.
const WAITING: &str = "…";

/// The lines under way. What cannot be written here is no reason to lose the answer.
pub(crate) struct Lines<'w> {
    screen: Screen,
    language: Language,
    to: &'w mut dyn Write,
    /// Lines that stand on the terminal.
    shown: usize,
    /// Agencies of which a line tells.
    told: BTreeSet<String>,
}

impl Tells for Lines<'_> {
    fn tell(&mut self, part: &Part) -> bool {
        match part {
            Part::Begun(_) => self.begin(),
            Part::Section(section) => return self.section(section),
            _ => {}
        }
        false
    }

    /// Where there will be no answer, what was told stays.
    fn wipe(mut self) {
        if self.shown > 0 {
            self.write(&format!("\x1b[{}A\r\x1b[J", self.shown));
        }
    }
}

impl<'w> Lines<'w> {
    pub(crate) fn new(screen: Screen, language: Language, to: &'w mut dyn Write) -> Self {
        Self { screen, language, to, shown: 0, told: BTreeSet::new() }
    }

    /// Everybody is asked now. Told again, it changes nothing.
    fn begin(&mut self) {
        if !self.screen.progress || self.shown > 0 {
            return;
        }
        for agency in Agency::ALL {
            self.write(&format!("{}\n", self.line(agency.code(), None)));
            self.shown += 1;
        }
    }

    /// An agency has answered, or never will. Told again, it changes nothing. Whether it is new.
    fn section(&mut self, source: &SourceReport) -> bool {
        if !self.told.insert(source.source.clone()) {
            return false;
        }
        let line = self.line(&source.source, Some(source));
        let place = Agency::ALL.iter().position(|agency| agency.code() == source.source);
        match place.filter(|place| *place < self.shown) {
            Some(place) => {
                let up = self.shown - place;
                self.write(&format!("\x1b[{up}A\r\x1b[K{line}\x1b[{up}B\r"));
            }
            None if self.screen.progress => {}
            None => self.write(&format!("{line}\n")),
        }
        true
    }

    /// As wide as the terminal at most: a line that wraps would be two.
    fn line(&self, code: &str, source: Option<&SourceReport>) -> String {
        let told = source_told(code, source, WAITING, self.language);
        let answered = source.filter(|source| source.duration_ms > 0);
        let after =
            answered.map(|source| outcomes::after_ms(self.language, source.duration_ms)).unwrap_or_default();
        let line = plain(&format!("  {told}{after}"));
        match self.screen.progress {
            true => line.chars().take(self.screen.width.saturating_sub(1)).collect(),
            false => line,
        }
    }

    fn write(&mut self, text: &str) {
        let _ = self.to.write_all(text.as_bytes()).and_then(|()| self.to.flush());
    }
}
