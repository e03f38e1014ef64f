//! Facts that are no payments, in short lines per agency; everything stands in `--json`.

mod af;
mod csn;
mod fk;
mod fk_matters;
mod fk_pension;
mod miv;
mod skv;
mod so;
mod tns;

use ssbtek_proto::{
    agency::v1::section::Agency,
    broker::v1::{AskResponse, SourceReport},
};

use super::sources::name;
use crate::{page::Page, words::is_conclusive};

/// Lines about one agency's facts. Says "none" only in the name of a source that spoke in full.
pub(super) struct Facts {
    lines: Vec<String>,
    whole: bool,
}

impl Facts {
    fn add(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    /// `label: text`, where there is a text.
    fn labelled(&mut self, label: &str, text: &str) {
        if !text.is_empty() {
            self.add(format!("{label}: {text}"));
        }
    }

    /// The source was asked for such things and its list is empty.
    fn none(&mut self, things: &str) {
        self.add(if self.whole {
            format!("no {things}")
        } else {
            format!("no {things} in the part that was answered; the rest is not known")
        });
    }
}

pub(super) fn facts(page: &mut Page, answer: &AskResponse) {
    let told: Vec<(&SourceReport, Facts)> = answer.sources.iter().filter_map(|s| Some((s, of(s)?))).collect();
    if told.is_empty() {
        return;
    }
    page.blank();
    page.heading("Facts, in short (all of them: --json)");
    for (source, facts) in told {
        page.line(2, &format!("{} {}", source.source, name(&source.source)));
        facts.lines.iter().for_each(|line| page.line(4, line));
    }
}

fn of(source: &SourceReport) -> Option<Facts> {
    let section = source.section.as_ref()?.agency.as_ref()?;
    let mut facts = Facts { lines: vec![], whole: is_conclusive(source.outcome) };
    match section {
        Agency::Af(section) => af::lines(section, &mut facts),
        Agency::Csn(section) => csn::lines(section, &mut facts),
        Agency::Fk(section) => fk::lines(section, &mut facts),
        Agency::Skv(section) => skv::lines(section, &mut facts),
        Agency::So(section) => so::lines(section, &mut facts),
        Agency::Tns(section) => tns::lines(section, &mut facts),
        Agency::Miv(section) => miv::lines(section, &mut facts),
    }
    (!facts.lines.is_empty()).then_some(facts)
}
