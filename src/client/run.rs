//! A command line from arguments to exit status.

use std::{
    ffi::OsString,
    io::{self, Read, Write},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use clap::{Parser, error::ErrorKind};
use futures::{FutureExt, future::LocalBoxFuture};
use ssbtek_domain::{Clock, Entropy};
use ssbtek_present::Language;

use crate::{
    ClientError, Screen,
    arguments::{Arguments, Command, LanguageCode, Log, Receipt, Shared},
    broker::Broker,
    command,
    error::without_numbers,
    settings::{Settings, SettingsError},
};

/// Everything outside the program.
pub struct World<'a> {
    /// Answers.
    pub stdout: &'a mut dyn Write,
    /// Progress and errors.
    pub stderr: &'a mut dyn Write,
    /// A receipt, if asked for.
    pub stdin: &'a mut dyn Read,
    /// What `stdout` and `stderr` lead to.
    pub screen: Screen,
    /// The user's home folder.
    pub home: Option<PathBuf>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// The language, unless the command line says otherwise.
    pub language: Language,
}

/// How a command ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// In full.
    Whole,
    /// Some source has not spoken in full.
    InPart,
    /// A review is overdue.
    Overdue,
}

/// Carries out one command line, the program's name first. Returns the exit status: 0 done, 1 a log that
/// does not hold, 2 usage or settings, 3 answered in part or a review overdue, 4 refused, 5 failed.
///
/// In a box, so that the programs and tests that run it do not compile all of it once more.
pub fn run<'w>(
    arguments: impl IntoIterator<Item = OsString>,
    world: &'w mut World<'_>,
) -> LocalBoxFuture<'w, u8> {
    ended(Arguments::try_parse_from(arguments), world)
}

fn ended<'w>(arguments: Result<Arguments, clap::Error>, world: &'w mut World<'_>) -> LocalBoxFuture<'w, u8> {
    async move {
        let arguments = match arguments {
            Ok(arguments) => arguments,
            Err(error) => return usage(&error, world),
        };
        world.language = arguments.shared.language.map_or(world.language, LanguageCode::language);
        let ended = carry_out(arguments, world).await;
        match ended.and_then(|done| world.stdout.flush().map(|()| done).map_err(ClientError::from)) {
            Ok(Done::Whole) => 0,
            Ok(Done::InPart | Done::Overdue) => 3,
            // Whoever read has read enough (`| head`).
            Err(ClientError::Output(io::ErrorKind::BrokenPipe)) => 0,
            Err(error) => {
                let _ = writeln!(world.stderr, "ssbtek: {}", error.told(world.language));
                error.exit_status()
            }
        }
    }
    .boxed_local()
}

async fn carry_out(arguments: Arguments, world: &mut World<'_>) -> Result<Done, ClientError> {
    let Arguments { shared, command } = arguments;
    match command {
        Command::Ask(ask) => command::ask::ask(&shared, &ask, world).await,
        Command::Case(case) => command::case::case(&shared, case, world).await,
        Command::Agreement(command) => command::agreement::agreement(&shared, command, world).await,
        Command::CaseWorker(change) => command::case_worker::case_worker(&shared, change, world).await,
        Command::Log(Log::List(list)) => command::log_list::list(&shared, list, world).await,
        Command::Log(Log::Show(show)) => command::log_show::show(&shared, show, world).await,
        Command::Log(Log::Delay(delay)) => command::log_delay::delay(&shared, delay, world).await,
        Command::Log(Log::Export(export)) => command::log_export::export(&shared, export, world).await,
        Command::Log(Log::Verify(verify)) => command::log_verify::verify(&shared, verify, world).await,
        Command::Log(Log::Review(review)) => command::log_review::review(&shared, review, world).await,
        Command::Log(Log::Report(report)) => command::log_report::report(&shared, report, world).await,
        Command::Rights(change) => command::rights::rights(&shared, change, world).await,
        Command::Portals(portals) => command::portals::portals(&shared, portals, world).await,
        Command::Receipt(Receipt::Verify { file, log_key }) => {
            command::receipt::verify(&shared, &file, log_key.as_deref(), world)
        }
    }
}

/// Help is an answer; everything else is a mistake, told without what may be a person number.
fn usage(error: &clap::Error, world: &mut World<'_>) -> u8 {
    let text = error.render().to_string();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = write!(world.stdout, "{text}").and_then(|()| world.stdout.flush());
        return 0;
    }
    let _ = write!(world.stderr, "{}", without_numbers(&text));
    2
}

impl Shared {
    /// The demo's settings if a demo is named, else the file's.
    pub(crate) fn settings(&self, world: &World<'_>) -> Result<Settings, SettingsError> {
        match &self.demo {
            Some(dir) => Settings::of_demo(dir),
            None => Settings::of_file(self.config.as_deref(), world.home.as_deref()),
        }
    }

    /// The broker of these settings.
    pub(crate) fn broker(&self, settings: &Settings, world: &World<'_>) -> Result<Broker, ClientError> {
        let timeout = Duration::from_secs(self.timeout.into());
        Broker::new(settings.connection()?, world.clock.clone(), world.entropy.clone(), timeout)
    }
}
