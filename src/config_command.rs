//! `ssbtek-broker check`: a configuration looked at before anything is started with it.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use ssbtek_config::Config;
use ssbtek_domain::{Clock, NaiveDate, stockholm_date};
use ssbtek_program::output;

use crate::foundations;

/// What to look at.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// The broker's configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// For which day, `YYYY-MM-DD`; today if left out.
    #[arg(long, value_name = "DAY")]
    pub day: Option<String>,
}

/// Says what a promise rests on and is missing, and which kinds of information have no ground. Status 0: nothing is missing; a
/// kind without a ground is no fault, it is not asked for. 1: something is missing. The configuration itself is read as
/// `serve` reads it.
pub fn run(options: &Options, clock: &dyn Clock) -> Result<ExitCode> {
    let config = Config::load(&options.config)?;
    let day = match &options.day {
        Some(text) => ssbtek_domain::parse_day(text).context("--day: must be a date, YYYY-MM-DD")?,
        None => stockholm_date(clock.now()),
    };
    if config.database.is_some() {
        crate::databases::refuse(&config)?;
    }
    let missing = foundations::missing_lines(&config);
    for line in missing.iter().cloned().chain(grounds(&config, day)) {
        output::result(&line);
    }
    Ok(if missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn grounds(config: &Config, day: NaiveDate) -> Vec<String> {
    let law = &config.legal_basis;
    let told = |kind| law.on(kind, day).map_or("NO GROUND: not asked for", |rule| rule.text.as_str());
    ssbtek_domain::Information::all().map(|kind| format!("{day}  {kind:<24}  {}", told(kind))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_information_is_told_with_its_ground_or_that_it_has_none() {
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/broker.toml");
        let mut config = Config::load(std::path::Path::new(example)).unwrap();
        config.legal_basis = Default::default();
        let lines = grounds(&config, "2026-11-27".parse().unwrap());
        assert_eq!(lines.len(), ssbtek_domain::Information::all().count());
        let without = lines.iter().filter(|line| line.ends_with("NO GROUND: not asked for"));
        assert_eq!(without.count(), 4, "{lines:#?}");
        assert!(lines.iter().any(|line| line.contains(" CSN ") && line.contains("(2025:400); 2 §")));
    }

    #[test]
    fn one_operator_listed_twice_is_refused_and_what_is_missing_ends_the_check_with_1() {
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/broker.toml");
        let example = std::fs::read_to_string(example).unwrap();
        let files = tempfile::tempdir().unwrap();
        let checked = |operators: &[&str]| {
            let mut settings: toml::Table = example.parse().unwrap();
            settings.insert("operators".to_owned(), toml::Value::try_from(operators).unwrap());
            let config = files.path().join("broker.toml");
            std::fs::write(&config, settings.to_string()).unwrap();
            run(&Options { config, day: None }, &ssbtek_domain::SystemClock)
        };
        let (one, other) = ("ab".repeat(32), "cd".repeat(32));
        assert_eq!(checked(&[&one, &other]).unwrap(), ExitCode::SUCCESS);
        assert_eq!(checked(&[&one]).unwrap(), ExitCode::FAILURE);
        for twice in [one.clone(), one.to_uppercase()] {
            let refused = format!("{:#}", checked(&[&one, &twice]).unwrap_err());
            assert!(refused.contains("operators") && refused.contains("twice"), "{refused}");
        }
    }
}
