//! `log-key list | rotate | retire`.

use std::{process::ExitCode, sync::Arc};

use anyhow::Result;
use clap::Subcommand;
use ssbtek_domain::Clock;
use ssbtek_proto::broker::v1::{
    ListLogKeysRequest, LogKey, RetireLogKeyRequest, RotateLogKeyRequest,
    log_key_service_client::LogKeyServiceClient,
};

use super::{Door, print, refused};

/// Keys that sign the access logs' checkpoints.
#[derive(Debug, Subcommand)]
pub enum LogKeys {
    /// Every key of a board's log, with dates.
    List {
        /// The board, 12 digits.
        board: String,
        #[command(flatten)]
        door: Door,
    },
    /// Makes a new key, which signs beside the old one. Give it to witnesses and to whoever verifies before the old is retired.
    Rotate {
        /// The board, 12 digits.
        board: String,
        #[command(flatten)]
        door: Door,
    },
    /// Retires the oldest of several keys: its private half is destroyed. What it signed still verifies.
    Retire {
        /// The board, 12 digits.
        board: String,
        #[command(flatten)]
        door: Door,
    },
}

impl LogKeys {
    pub(super) async fn run(self, clock: &Arc<dyn Clock>) -> Result<ExitCode> {
        match self {
            Self::List { board, door } => {
                let request = ListLogKeysRequest { organisation_number: board };
                let mut service = LogKeyServiceClient::new(door.channel(clock)?);
                let told = service.list_log_keys(request).await.map_err(refused)?.into_inner();
                told.keys.iter().for_each(tell);
            }
            Self::Rotate { board, door } => {
                let request = RotateLogKeyRequest { organisation_number: board };
                let mut service = LogKeyServiceClient::new(door.channel(clock)?);
                let told = service.rotate_log_key(request).await.map_err(refused)?.into_inner();
                told.key.iter().for_each(tell);
            }
            Self::Retire { board, door } => {
                let request = RetireLogKeyRequest { organisation_number: board };
                let mut service = LogKeyServiceClient::new(door.channel(clock)?);
                let told = service.retire_log_key(request).await.map_err(refused)?.into_inner();
                told.key.iter().for_each(tell);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn tell(key: &LogKey) {
    let or =
        |text: &str, otherwise: &str| if text.is_empty() { otherwise.to_owned() } else { text.to_owned() };
    print(&key.vkey);
    print(&format!("    since {} (from {} records)", or(&key.since, "the log began"), key.first_size));
    if key.until.is_empty() {
        print("    signs");
    } else {
        print(&format!("    until {} (up to {} records)", key.until, key.last_size));
    }
}
