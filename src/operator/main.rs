//! The operator's program: arguments → one call to a running broker.

use std::{process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};
use ssbtek_domain::SystemClock;
use ssbtek_operator::{Operator, purge};
use ssbtek_program::{Work, memory, output};

/// Whatever is freed is overwritten first, also by libraries that know nothing of secrets.
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

#[derive(Parser)]
#[command(name = "ssbtek-operator", version, about = "What an operator of a broker does, over its gRPC door")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Operator(Operator),
    /// What is due to be erased, erasing it, and the proof.
    Purge(purge::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    work().await
}

fn work() -> Work {
    Box::pin(async {
        let arguments = Arguments::parse();
        ssbtek_telemetry::init(Default::default(), "warn");
        if let Err(error) = memory::keep_to_itself() {
            // Asked for in vain, never fatal: some sandboxes forbid even giving up a right.
            tracing::error!("{error:#}");
        }
        let result = match arguments.command {
            Command::Operator(command) => ssbtek_operator::run(command, Arc::new(SystemClock)).await,
            Command::Purge(options) => purge::run(&options, &mut output::Results(std::io::stdout())).await,
        };
        result.unwrap_or_else(|error| {
            output::problem(&format!("{error:#}"));
            ExitCode::FAILURE
        })
    })
}
