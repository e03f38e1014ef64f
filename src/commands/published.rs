//! `instructions` and `terms`: texts published in versions.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Result;
use clap::Subcommand;
use ssbtek_domain::Clock;
use ssbtek_proto::broker::v1::*;

use super::{Door, files::hash, print, print_changed, refused};

/// Texts published in versions.
#[derive(Debug, Subcommand)]
pub enum Published {
    /// The version in force.
    Show {
        #[command(flatten)]
        door: Door,
    },
    /// Publishes a new version. From its first day on, every case worker must have confirmed new instructions.
    Publish {
        /// Its version, never used before.
        version: String,
        /// The text; its hash is kept.
        #[arg(long, value_name = "FILE")]
        document: PathBuf,
        /// First day, today or later.
        #[arg(long, value_name = "DAY")]
        from: String,
        #[command(flatten)]
        door: Door,
    },
}

impl Published {
    pub(super) async fn run(self, text: PublishedText, clock: &Arc<dyn Clock>) -> Result<ExitCode> {
        match self {
            Published::Show { door } => {
                let told =
                    door.agreements(clock)?.get_published(GetPublishedRequest {}).await.map_err(refused)?;
                let told = told.into_inner();
                let (version, sha256) = match text {
                    PublishedText::Terms => (told.terms_version, told.terms_sha256),
                    _ => (told.instructions_version, told.instructions_sha256),
                };
                match version.as_str() {
                    "" => print("none in force"),
                    version => print(&format!("version {version}, document {sha256}")),
                }
                Ok(ExitCode::SUCCESS)
            }
            Published::Publish { version, document, from, door } => {
                let request = PublishRequest {
                    text: text.into(),
                    version,
                    document_sha256: hash(&document)?,
                    valid_from: from,
                };
                print_changed(door.agreements(clock)?.publish(request).await.map(|r| r.into_inner().version))
            }
        }
    }
}
