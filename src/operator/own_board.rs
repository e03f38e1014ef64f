//! `agreement`, `case-worker`, `case`: the client's own commands, so that everything can be done from here too. Nothing is
//! added to them: a board's certificate, assertion key and account are needed all the same.

use std::{ffi::OsString, process::ExitCode, sync::Arc};

use ssbtek_domain::{Clock, SystemEntropy};

/// The rest of the command line, as `ssbtek` takes it.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct Words {
    /// See `ssbtek --help`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<OsString>,
}

impl Words {
    pub(super) async fn run(self, command: &str, clock: Arc<dyn Clock>) -> ExitCode {
        let line = ["ssbtek", command].map(OsString::from).into_iter().chain(self.words);
        let mut world = ssbtek_client::World {
            stdout: &mut std::io::stdout(),
            stderr: &mut std::io::stderr(),
            stdin: &mut std::io::stdin(),
            screen: ssbtek_client::Screen { width: 120, colour: false, progress: false },
            home: std::env::home_dir(),
            clock,
            entropy: Arc::new(SystemEntropy),
            language: Default::default(),
        };
        ExitCode::from(ssbtek_client::run(line, &mut world).await)
    }
}
