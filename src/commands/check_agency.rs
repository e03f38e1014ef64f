//! `ssbtek-broker check-agency`: one source's service against what the broker relies on.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;
use ssbtek_agencies::Connector;
use ssbtek_authorize::Ground;
use ssbtek_check_agency::{Expectations, Persons, Reasons, Report, Subject};
use ssbtek_config::{Config, SourceConfig, Wire};
use ssbtek_domain::{
    AskingParty, CaseWorkerId, Clock, Entropy, Information, LegalBasis, OrganisationNumber, Personnummer,
    Source, stockholm_date,
};
use ssbtek_program::output;
use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};

use crate::sources::{AsWhom, connectors_to, source};

/// Exit status where nothing could be tried.
const CANNOT_RUN: u8 = 2;

/// What is tried, and how.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// `AF CSN FK SKV SO TNS MIV`, or a fund's code such as `unionen`.
    #[arg(value_name = "SOURCE")]
    pub source: String,
    /// A running demo's directory: its configuration, its board, its test persons.
    #[arg(long, value_name = "DIR", conflicts_with = "config", required_unless_present = "config")]
    pub demo: Option<PathBuf>,
    /// The broker's configuration file; then --person is needed.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A test person that the service knows, 12 digits; twice for a second one.
    #[arg(long, value_name = "NUMBER")]
    pub person: Vec<String>,
    /// The asking board's organisation number; with --config the provider's own, if left out.
    #[arg(long, value_name = "NUMBER")]
    pub board: Option<String>,
    /// Ask at this address instead of the configured one.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Ask in this wire format instead of the configured one.
    #[arg(long, value_enum, value_name = "WIRE")]
    pub wire: Option<AskedWire>,
    /// An answer that takes longer is a deviation.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 5_000)]
    pub slow_ms: u64,
    /// Write the report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// In which wire format a source is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum AskedWire {
    /// The source's own.
    Own,
    /// `ssbtek.agency.v1` over gRPC.
    Grpc,
}

/// What is used of a demo's `demo.json`.
#[derive(Deserialize)]
struct Demo {
    board: OrganisationNumber,
    board_name: String,
    persons: Vec<DemoPerson>,
}

#[derive(Deserialize)]
struct DemoPerson {
    person_number: String,
}

/// Asks, prints the report, and says by the exit status what came of it.
pub async fn run(options: &Options, clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> ExitCode {
    // The connector says why it refuses an answer in an event; the report repeats it, standard error need not.
    let reasons = Reasons::default();
    let _ = tracing_subscriber::registry().with(reasons.clone()).try_init();
    match checked(options, clock, entropy, &reasons).await {
        Ok((_, report)) if !report.reachable => ExitCode::from(CANNOT_RUN),
        Ok((_, report)) if report.deviations() > 0 => ExitCode::FAILURE,
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            output::problem(&format!("check-agency cannot run: {error:#}"));
            ExitCode::from(CANNOT_RUN)
        }
    }
}

async fn checked(
    options: &Options,
    clock: Arc<dyn Clock>,
    entropy: &dyn Entropy,
    reasons: &Reasons,
) -> Result<(SourceConfig, Report)> {
    let file = match (&options.demo, &options.config) {
        (Some(directory), _) => directory.join("broker.toml"),
        (None, Some(file)) => file.clone(),
        (None, None) => bail!("--demo or --config is needed"),
    };
    let config = Config::load(&file)?;
    let asked = asked_source(options, &config)?;
    let subject = subject(options, &config, &asked, &clock)?;
    let report = ssbtek_check_agency::run(&subject, &*clock, entropy, reasons).await;
    print(options, &asked, &report)?;
    Ok((asked, report))
}

fn print(options: &Options, asked: &SourceConfig, report: &Report) -> Result<()> {
    let mut out = output::Results(std::io::stdout());
    if options.json {
        writeln!(out, "{}", serde_json::to_string_pretty(report)?)?;
        return Ok(());
    }
    let wire = match asked.wire {
        Wire::Own => "its own wire format",
        Wire::Grpc => "gRPC (ssbtek.agency.v1)",
    };
    writeln!(out, "{} in {wire} at {}\n\n{report}", asked.code, asked.url)?;
    Ok(())
}

/// The configured source, changed where the command line says so.
fn asked_source(options: &Options, config: &Config) -> Result<SourceConfig> {
    let code = source(&options.source)?.code().to_owned();
    let configured = config.sources.iter().find(|source| source.code == code).cloned();
    let beside = || options.demo.as_ref().and_then(|_| so_beside_funds(&code, config));
    let mut asked = match configured.or_else(beside) {
        Some(source) => source,
        None => SourceConfig {
            url: options.url.clone().with_context(|| {
                let codes: Vec<&str> = config.sources.iter().map(|source| source.code.as_str()).collect();
                format!("{code} is not configured; give --url and --wire, or one of {}", codes.join(" "))
            })?,
            wire: Wire::Own,
            max_in_flight: None,
            options: Default::default(),
            code,
        },
    };
    if let Some(url) = &options.url {
        asked.url.clone_from(url);
    }
    match options.wire {
        Some(AskedWire::Own) => asked.wire = Wire::Own,
        Some(AskedWire::Grpc) => asked.wire = Wire::Grpc,
        None => {}
    }
    Ok(asked)
}

/// A demo asks the funds instead of SO, but its mocks play SO too.
fn so_beside_funds(code: &str, config: &Config) -> Option<SourceConfig> {
    let fund = config.sources.iter().find(|known| matches!(source(&known.code), Ok(Source::Fund(_))))?;
    let url = match fund.wire {
        Wire::Grpc => fund.url.clone(),
        Wire::Own => format!("{}/so", fund.url.strip_suffix(&format!("/fund/{}", fund.code))?),
    };
    (code == "SO").then(|| SourceConfig { code: code.to_owned(), url, ..fund.clone() })
}

fn subject(
    options: &Options,
    config: &Config,
    asked: &SourceConfig,
    clock: &Arc<dyn Clock>,
) -> Result<Subject> {
    let demo = options.demo.as_deref().map(read_demo).transpose()?;
    let today = stockholm_date(clock.now());
    let numbers = match &demo {
        Some(demo) if options.person.is_empty() => {
            demo.persons.iter().map(|person| person.person_number.clone()).collect()
        }
        _ => options.person.clone(),
    };
    let mut persons = numbers.iter().map(|text| Personnummer::parse(text, today));
    let known = persons
        .next()
        .ok_or_else(|| anyhow!("--person NUMBER is needed: a test person that the service knows"))?;
    let second = persons.next().transpose().context("--person")?;
    let board = options.board.as_deref().map(OrganisationNumber::parse).transpose().context("--board")?;
    let kinds = Information::of(source(&asked.code)?.agency());
    let ground = config.legal_basis.ground(kinds.iter().copied(), today);
    let connector = |as_whom| -> Result<Arc<dyn Connector>> {
        let made = connectors_to(std::slice::from_ref(asked), &config.agency_tls, as_whom, clock)?;
        made.into_iter().next().ok_or_else(|| anyhow!("no connector"))
    };
    let secure = asked.url.starts_with("https://");
    Ok(Subject {
        connector: connector(AsWhom::Broker)?,
        without_certificate: if secure { Some(connector(AsWhom::Nobody)?) } else { None },
        persons: Persons::with(known.context("--person")?, second)?,
        asking: AskingParty {
            organisation: board
                .or(demo.as_ref().map(|demo| demo.board))
                .unwrap_or(config.provider.organisation_number),
            name: demo.map_or_else(|| config.provider.name.clone(), |demo| demo.board_name),
            case_worker: CaseWorkerId::parse("kontroll")?,
            processors: vec![config.provider.processor()],
        },
        ground: ground.unwrap_or_else(|| Ground {
            basis: LegalBasis("kontroll av tjänsten".to_owned()),
            kinds: kinds.into_iter().collect(),
        }),
        expectations: Expectations {
            deadline: Duration::from_millis(config.query.agency_deadline_ms),
            slow: Duration::from_millis(options.slow_ms),
            ..Expectations::default()
        },
    })
}

fn read_demo(directory: &Path) -> Result<Demo> {
    let path = directory.join("demo.json");
    let text = fs::read_to_string(&path)
        .with_context(|| format!("{} cannot be read; has the demo been started?", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no demo.json", path.display()))
}
