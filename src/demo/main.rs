//! `ssbtek-demo`: everything on one machine, with a throw-away certificate authority and generated persons.
//!
//! The broker is started from a configuration file it writes itself, with the same wiring as `serve`; board, accounts and
//! case are registered, and the first question is asked, through the real gRPC door.

mod client;
mod files;
mod people;
mod pki;
mod print;
mod register;
mod settings;
mod witness;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Result;
use clap::Parser;
use mock_agencies::{Layout, MockAgencies, MockConfig, Mocks};
use ssbtek_broker::{Broker, StartError};
use ssbtek_domain::{Clock, Entropy, SystemClock, SystemEntropy};
use ssbtek_program::{Work, memory, output, terminated};

/// Whatever is freed is overwritten first, also by libraries that know nothing of secrets.
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// Mock agencies, a broker, a board and a household on this machine; asks the first question.
#[derive(Debug, Clone, Parser)]
#[command(name = "ssbtek-demo", version)]
struct Options {
    /// Where database, keys, certificates and demo.json are kept; made if it does not exist, used again if it does.
    #[arg(long, value_name = "DIR", default_value = "demo-data")]
    data_dir: PathBuf,
    /// First of the ports used; the others follow it.
    #[arg(long, value_name = "N", default_value_t = 7440)]
    port_base: u16,
    /// Exit after the first answer; status 0 only if it was answered.
    #[arg(long)]
    once: bool,
    /// In which wire format the agencies are asked: their own, or gRPC.
    #[arg(long, value_enum, default_value_t = settings::Wires::Own)]
    wire: settings::Wires,
}

#[tokio::main]
async fn main() -> ExitCode {
    work().await
}

fn work() -> Work {
    Box::pin(async {
        let options = Options::parse();
        ssbtek_telemetry::init(Default::default(), "warn");
        if let Err(error) = memory::keep_to_itself() {
            // Asked for in vain, never fatal: some sandboxes forbid even giving up a right.
            tracing::error!("{error:#}");
        }
        run(&options, Arc::new(SystemClock), Arc::new(SystemEntropy)).await.unwrap_or_else(|error| {
            let taken = error.downcast_ref::<StartError>().is_some()
                || error.downcast_ref::<mock_agencies::StartError>().is_some();
            let hint = if taken { "; --port-base N moves all of the demo's ports" } else { "" };
            output::problem(&format!("{error:#}{hint}"));
            ExitCode::FAILURE
        })
    })
}

/// Runs the demo until it is told to end, or until the first answer.
async fn run(options: &Options, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<ExitCode> {
    let files = files::Files::open(&options.data_dir)?;
    let ports = settings::Ports::from(options.port_base)?;
    pki::prepare(&files, &*clock)?;
    let seed = files.seed(&*clock)?;

    print::step("starting 7 mock agencies and 24 mock unemployment funds");
    let mocks = Mocks::generate_as_of(seed.number, settings::HOUSEHOLDS, seed.day, clock.clone());
    let mock_config = MockConfig {
        grpc: Layout::OnePort(ports.mock_grpc),
        http_port: Some(ports.mock_http),
        control_port: Some(ports.mock_control),
        tls: Some(pki::mock_tls(&files)?),
        ..MockConfig::default()
    };
    let agencies = MockAgencies::start(&mock_config, mocks).await?;

    print::step("starting the broker");
    let mut config = settings::broker(&files, &ports, &agencies, options.wire)?;
    let witness = witness::start(&files, ports.witness, &mut config, clock.clone(), entropy.clone()).await?;
    files.write_config(&config)?;
    let _people = people::start(ports.openid, &config, clock.clone(), entropy.clone()).await?;
    let broker = Broker::start(&config, clock.clone(), entropy.clone()).await?;

    print::step("registering a board, its accounts and a household's case");
    let household = agencies.population().demo_household().to_vec();
    let facts = files.describe(&broker, &config, &agencies, &household)?;
    register::all(&files, &facts, &household, &*clock, &*entropy).await?;

    print::step("asking the first question, through the gRPC door");
    let (question, answered) = client::first_question(&files, &facts, &*clock, &*entropy).await?;
    let code =
        if print::answer(&question, &answered, &facts) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    if !options.once {
        print::how_to_go_on(&files, &facts);
        tokio::select! {
            signal = terminated() => signal?,
            () = broker.poisoned() => anyhow::bail!("the access log has failed; see above"),
        }
    }
    broker.stop().await;
    agencies.stop().await;
    witness.abort();
    Ok(code)
}
