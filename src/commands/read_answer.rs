//! `ssbtek-broker read-answer`: what a connector makes of one stored answer. Offline; nothing is asked, nothing is kept.

mod folder;

use std::{io::Write, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, bail};
use chrono::Months;
use ssbtek_agencies::HttpLimits;
use ssbtek_check_agency::{HeldBack, Stored, held_back, stored};
use ssbtek_config::SourceOptions;
use ssbtek_domain::{
    Agency, Clock, FUNDS, FundCode, Period, Personnummer, Source, SourceAnswer, sections::so::StatusTexts,
    stockholm_date,
};
use ssbtek_formats::{Codec, Refused, af, miv, skv, so};
use ssbtek_program::output;
use ssbtek_proto::facts::Facts;

use crate::sources;

/// Which answer, and about whom.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// `AF CSN FK SKV SO TNS MIV`, or a fund's code such as `unionen`, in any letter case.
    #[arg(value_name = "AGENCY")]
    pub source: String,
    /// The answer, byte for byte as the agency's own service sends it: AF, SO, TNS, MIV and SKV in v10 the SOAP envelope; CSN its
    /// XML document; FK LEFI's JSON; SKV in v11 the JSON of its parts. Or a folder of such answers: those whose names begin with the
    /// agency's code, or all where none does; SKV's five documents by their parts' names (`skattekonto.json`) are one answer.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Whom the question was about, 12 digits. Left out: whomever the answer itself is about.
    #[arg(long, value_name = "NUMBER")]
    pub person: Option<String>,
}

/// Reads and tells. Status 0: read, in full or in part; 1: refused, with why.
pub fn run(options: &Options, clock: &dyn Clock) -> Result<ExitCode> {
    let today = stockholm_date(clock.now());
    let source = source(&options.source)?;
    let person = options.person.as_deref().map(|text| Personnummer::parse(text, today)).transpose();
    let person = person.context("--person")?;
    let from = today.checked_sub_months(Months::new(12)).unwrap_or(today);
    let period = Period::new(from, today)?;
    let mut out = output::Results(std::io::stdout());
    let mut all_read = true;
    for answer in folder::answers(&options.file, &source, HttpLimits::default().max_answer_bytes)? {
        if let Some(name) = &answer.name {
            writeln!(out, "{name}")?;
        }
        all_read &= one(&mut out, &source, person.clone(), &answer.body, clock, period)?;
    }
    Ok(if all_read { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reads one answer and tells; whether it could be read. A body that is longer than allowed is `None`.
fn one(
    out: &mut impl Write,
    source: &Source,
    person: Option<Personnummer>,
    body: &Option<Vec<u8>>,
    clock: &dyn Clock,
    period: Period,
) -> Result<bool> {
    let Some(body) = body else {
        refused(out, source, Refused::TOO_LONG)?;
        return Ok(false);
    };
    let codec = codec(source, body)?;
    let read = stored(&*codec, source, person, body, clock.now(), period)?;
    match read.read.refused {
        Some(why) => refused(out, source, why)?,
        None => tell(out, source, &read)?,
    }
    Ok(read.read.refused.is_none())
}

/// Whose answer it is: an agency or one of the funds, in any letter case.
fn source(named: &str) -> Result<Source> {
    let agency = Agency::ALL.into_iter().find(|agency| agency.code().eq_ignore_ascii_case(named));
    if let Some(agency) = agency {
        return Ok(Source::Agency(agency));
    }
    let fund = FUNDS.iter().find(|(code, _)| code.eq_ignore_ascii_case(named));
    if let Some(fund) = fund.and_then(|(code, _)| FundCode::parse(code)) {
        return Ok(Source::Fund(fund));
    }
    let agencies = Agency::ALL.map(Agency::code).join(" ");
    let funds: Vec<&str> = FUNDS.iter().map(|(code, _)| *code).collect();
    bail!("AGENCY: is none of {agencies}, and no fund: {}", funds.join(" "))
}

/// The reader that a connector to this source would use. Skatteverket's two forms can be told apart by their first character.
fn codec(source: &Source, body: &[u8]) -> Result<Box<dyn Codec>> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let json = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    Ok(match source {
        Source::Agency(Agency::Skv) if json => Box::new(skv::Skv::v11()),
        Source::Agency(Agency::Skv) => Box::new(skv::Skv::v10()),
        Source::Agency(Agency::Miv) => Box::new(miv::Codec::default().without_question()),
        Source::Agency(Agency::Af) => Box::new(af::Codec::default().without_question()),
        Source::Agency(Agency::So) => {
            Box::new(so::Codec::all_funds(StatusTexts::default()).without_question())
        }
        Source::Fund(fund) => {
            Box::new(so::Codec::one_fund(fund.clone(), StatusTexts::default()).without_question())
        }
        as_configured => {
            // As which actor would be asked does not matter where nothing is.
            let options = SourceOptions { actor: Some("read-answer".to_owned()), ..SourceOptions::default() };
            sources::codec(as_configured, &options)?
        }
    })
}

fn refused(out: &mut impl Write, source: &Source, why: Refused) -> Result<()> {
    writeln!(out, "{source}: answer_refused\nwhy: {} ({})", why.0, why.code().as_str())?;
    Ok(())
}

fn tell(out: &mut impl Write, source: &Source, stored: &Stored) -> Result<()> {
    let answer = &stored.read.answer;
    writeln!(out, "{source}: {}", answer.outcome)?;
    writeln!(out, "person: {}", stored.person.expose())?;
    if let Some(code) = &answer.fault_code {
        writeln!(out, "code: {code}")?;
    }
    for part in &answer.parts {
        let of_source = part.code.as_deref().map(|code| format!(" (code {code})"));
        let refused = answer.refused_parts.iter().find(|refused| refused.part == part.part);
        let refused = refused.map(|why| format!(" ({}: {})", why.code, why.reason));
        let code = of_source.or(refused).unwrap_or_default();
        writeln!(out, "part: {}: {}{code}", part.part, part.outcome)?;
    }
    for note in &answer.notes {
        let kind = ssbtek_wire::note(note).kind().as_str_name().trim_start_matches("KIND_").to_lowercase();
        writeln!(out, "note: {kind}: {}", note.detail())?;
    }
    if !answer.of_others.is_empty() {
        writeln!(out, "left out as somebody else's: {}", listed(&answer.of_others))?;
    }
    for deviation in &stored.report.deviations {
        writeln!(out, "deviation: {deviation}")?;
    }
    let facts = answer.section.as_ref().map(|section| section.facts());
    let signal = facts.map_or(ssbtek_domain::ProtectionSignal::Unsaid, |facts| facts.protection());
    writeln!(
        out,
        "protection: {signal:?}{}",
        if answer.unread_flag { ", and a flag in another place" } else { "" }
    )?;
    match &answer.section {
        Some(section) => {
            let HeldBack { always, for_others_sake, for_the_persons } = held_back(section);
            writeln!(out, "held back always: {}", listed(&always))?;
            writeln!(out, "held back if anybody is protected: {}", listed(&for_others_sake))?;
            writeln!(out, "held back if the person is, or may be: {}", listed(&for_the_persons))?;
        }
        None => writeln!(out, "facts: none")?,
    }
    facts_of(out, answer)
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// Payments as lines, and every fact as JSON.
fn facts_of(out: &mut impl Write, answer: &SourceAnswer) -> Result<()> {
    let Some(section) = &answer.section else { return Ok(()) };
    for payment in section.facts().payments() {
        let net: Vec<String> = payment.net.iter().map(|(_, amount)| amount.to_string()).collect();
        let day = payment.paid_on.map_or_else(|| "-".to_owned(), |day| day.to_string());
        writeln!(out, "payment: {day} {} {} {}", payment.payer, payment.benefit, net.join(" / "))?;
    }
    let facts = Facts::of(&ssbtek_wire::section(section)).context("facts: no form")?;
    writeln!(out, "facts: {}", serde_json::to_string_pretty(&facts)?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agency_and_a_fund_are_known_in_any_letter_case_and_nothing_else_is_a_fund() {
        for agency in Agency::ALL {
            for named in [agency.code().to_owned(), agency.code().to_lowercase()] {
                assert!(matches!(source(&named), Ok(Source::Agency(found)) if found == agency), "{named}");
            }
        }
        for named in ["unionen", "Unionen", "UNIONEN"] {
            assert_eq!(source(named).unwrap().code(), "unionen");
        }
        for named in ["", "afx", "pm", "uniones", "skv-v11", "a f"] {
            let why = source(named).unwrap_err().to_string();
            assert!(why.starts_with("AGENCY: is none of AF CSN FK SKV SO TNS MIV, and no fund: "), "{why}");
        }
    }
}
