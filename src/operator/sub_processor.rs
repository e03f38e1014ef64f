//! `sub-processor`: who works for the provider. From the first day of one, a board that has not approved it asks nothing.

use std::{process::ExitCode, sync::Arc};

use anyhow::{Result, bail};
use clap::Subcommand;
use ssbtek_domain::Clock;
use ssbtek_proto::broker::v1::*;

use super::{Door, changed, print, print_told, refused};

/// Sub-processors of the provider.
#[derive(Debug, Subcommand)]
pub enum SubProcessors {
    /// All of them, also those that will work from a later day.
    List {
        #[command(flatten)]
        door: Door,
    },
    /// Adds one, or replaces what is said of it.
    Add {
        /// Organisation number.
        number: String,
        /// Its name.
        name: String,
        /// What it does.
        #[arg(long)]
        task: String,
        /// Where, ISO 3166 alpha-2, within the EEA.
        #[arg(long, default_value = "SE")]
        country: String,
        /// First day it works: boards approve it before then.
        #[arg(long, value_name = "DAY")]
        from: String,
        #[command(flatten)]
        door: Door,
    },
    /// Takes one off the list.
    Remove {
        /// Organisation number.
        number: String,
        #[command(flatten)]
        door: Door,
    },
}

impl SubProcessors {
    pub(super) async fn run(self, clock: &Arc<dyn Clock>) -> Result<ExitCode> {
        match self {
            SubProcessors::List { door } => {
                listed(&door, clock).await?.0.iter().map(line).for_each(|line| print(&line));
                Ok(ExitCode::SUCCESS)
            }
            SubProcessors::Add { number, name, task, country, from, door } => {
                let (mut list, read) = listed(&door, clock).await?;
                list.retain(|known| known.organisation_number != number);
                list.push(SubProcessor {
                    organisation_number: number,
                    name,
                    task,
                    country,
                    from: Some(from),
                });
                replace(&door, (list, read), clock).await
            }
            SubProcessors::Remove { number, door } => {
                let (mut list, read) = listed(&door, clock).await?;
                let before = list.len();
                list.retain(|known| known.organisation_number != number);
                if list.len() == before {
                    bail!("no sub-processor has that organisation number");
                }
                replace(&door, (list, read), clock).await
            }
        }
    }
}

/// All of them, and the version they were read in.
async fn listed(door: &Door, clock: &Arc<dyn Clock>) -> Result<(Vec<SubProcessor>, u64)> {
    let told =
        door.agreements(clock)?.get_published(GetPublishedRequest::default()).await.map_err(refused)?;
    let told = told.into_inner();
    Ok((told.sub_processors, told.version))
}

/// What somebody else changed meanwhile is told as that, and nothing is replaced.
async fn replace(
    door: &Door,
    (sub_processors, read): (Vec<SubProcessor>, u64),
    clock: &Arc<dyn Clock>,
) -> Result<ExitCode> {
    let request = SetSubProcessorsRequest { sub_processors, expected_version: Some(read) };
    let set = door.agreements(clock)?.set_sub_processors(request).await;
    print_told(changed!(set))
}

/// One line about a sub-processor.
pub(super) fn line(told: &SubProcessor) -> String {
    let SubProcessor { organisation_number, name, task, country, from } = told;
    let from = from.as_ref().map(|from| format!(" from {from}")).unwrap_or_default();
    format!("sub-processor  {organisation_number}  {name} ({country}): {task}{from}")
}
