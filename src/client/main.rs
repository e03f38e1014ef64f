//! The `ssbtek` command. Everything it does is in the library; here are only the machine's own clock, randomness,
//! terminal and streams.

use std::{
    env,
    io::{self, IsTerminal},
    process::ExitCode,
    sync::Arc,
};

use ssbtek_client::{Screen, World, run};
use ssbtek_domain::{SystemClock, SystemEntropy};
use ssbtek_present::Language;

/// Columns when the output is no terminal and `COLUMNS` says nothing.
const UNKNOWN_WIDTH: usize = 120;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(_) => return ExitCode::from(5),
    };
    let (mut stdout, mut stderr, mut stdin) = (io::stdout(), io::stderr(), io::stdin());
    let mut world = World {
        screen: Screen { width: width(), colour: colour(), progress: stderr.is_terminal() },
        stdout: &mut stdout,
        stderr: &mut stderr,
        stdin: &mut stdin,
        home: env::var_os("HOME").map(Into::into),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        language: language(),
    };
    ExitCode::from(runtime.block_on(run(env::args_os(), &mut world)))
}

fn language() -> Language {
    let said = ["LC_ALL", "LC_MESSAGES", "LANG"].map(|variable| env::var(variable).ok());
    Language::of_locale(said.each_ref().map(Option::as_deref))
}

fn width() -> usize {
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let stated = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    stated.or_else(terminal).filter(|width| *width > 0).unwrap_or(UNKNOWN_WIDTH)
}

/// Colour only on a terminal that has some, and only if nobody objects (no-color.org).
fn colour() -> bool {
    let objected = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdout().is_terminal() && !objected && !dumb
}
