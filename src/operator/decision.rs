//! `decision replay`.

use std::{process::ExitCode, sync::Arc};

use anyhow::Result;
use clap::Subcommand;
use ssbtek_domain::Clock;
use ssbtek_proto::broker::v1::ReplayDecisionRequest;

use super::{Door, print, refused};

/// Decisions.
#[derive(Debug, Subcommand)]
pub enum Decision {
    /// Decides an entry again on the versions of the documents it rested on, and compares with the log.
    Replay {
        /// The entry, 32 hexadecimal digits.
        entry: String,
        /// In which board's log; all are searched if left out.
        #[arg(long, value_name = "NUMBER")]
        board: Option<String>,
        #[command(flatten)]
        door: Door,
    },
}

impl Decision {
    pub(super) async fn run(self, clock: &Arc<dyn Clock>) -> Result<ExitCode> {
        let Self::Replay { entry, board, door } = self;
        let request = ReplayDecisionRequest { entry_id: entry, organisation_number: board };
        let told = door.agreements(clock)?.replay_decision(request).await.map_err(refused)?.into_inner();
        print(&format!("board     {}", told.organisation_number));
        print(&format!("decided   {}", told.decided_at));
        for version in &told.versions {
            print(&format!("fact      {} version {}", version.kind, version.version));
        }
        print(&format!("logged    {}", told.logged));
        print(&format!("replayed  {}", told.replayed));
        let mut same = told.logged == told.replayed;
        if let Some(recheck) = &told.recheck {
            print(&format!("held back {}", recheck.judged_at));
            for version in &recheck.versions {
                print(&format!("fact      {} version {}", version.kind, version.version));
            }
            print(&format!("logged    {}", recheck.logged));
            print(&format!("replayed  {}", recheck.replayed));
            same &= recheck.logged == recheck.replayed;
        }
        print(if same { "the same verdict" } else { "ANOTHER VERDICT" });
        Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
