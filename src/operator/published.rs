//! `instructions` and `terms`: texts published in versions.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::{Context, Result};
use clap::Subcommand;
use ssbtek_domain::Clock;
use ssbtek_proto::broker::v1::*;

use super::{
    Door, changed,
    files::{hash, read},
    print, print_told, refused,
};

/// Texts published in versions.
#[derive(Debug, Subcommand)]
pub enum Published {
    /// The version in force, with its text.
    Show {
        #[command(flatten)]
        door: Door,
    },
    /// Publishes a new version. From its first day on, every case worker must have confirmed new instructions.
    Publish {
        /// Its version, never used before.
        version: String,
        /// The text, UTF-8; it is kept and shown to whoever confirms it.
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
                let request = GetPublishedRequest { text: text.into(), version: String::new() };
                let told = door.agreements(clock)?.get_published(request).await.map_err(refused)?;
                let told = told.into_inner();
                let (version, sha256) = match text {
                    PublishedText::Terms => (told.terms_version, told.terms_sha256),
                    _ => (told.instructions_version, told.instructions_sha256),
                };
                match version.as_str() {
                    "" => print("none in force"),
                    version => print(&format!("version {version}, document {sha256}\n\n{}", told.content)),
                }
                Ok(ExitCode::SUCCESS)
            }
            Published::Publish { version, document, from, door } => {
                let content = String::from_utf8(read(&document)?)
                    .with_context(|| format!("{} is not a text in UTF-8", document.display()))?;
                let request = PublishRequest {
                    text: text.into(),
                    version,
                    document_sha256: hash(&document)?,
                    valid_from: from,
                    content,
                };
                print_told(changed!(door.agreements(clock)?.publish(request).await))
            }
        }
    }
}
