//! `mock-agencies`: every agency and unemployment fund in one process, for trying things out.

use std::{fs, path::PathBuf, pin::Pin, process::ExitCode, sync::Arc};

use anyhow::{Context, Result, bail};
use clap::Parser;
use mock_agencies::{Layout, MockAgencies, MockConfig, Mocks, Running, server_tls};
use rustls::ServerConfig;
use ssbtek_domain::{Agency, Source, SystemClock};
use tokio::signal::{
    ctrl_c,
    unix::{SignalKind, signal},
};

/// Plays the seven agencies and the unemployment funds of SSBTEK, over one population of generated test persons.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Port of the agency contract over gRPC (0: any free port).
    #[arg(long, default_value_t = 50051)]
    grpc_port: u16,
    /// One gRPC port for each source, counting up from --grpc-port.
    #[arg(long)]
    port_per_source: bool,
    /// Port of the agencies' own wire formats (0: any free port).
    #[arg(long, default_value_t = 50080)]
    http_port: u16,
    /// Port of the control interface, always plain and on loopback (0: any free port).
    #[arg(long, default_value_t = 50090)]
    control_port: u16,
    /// Decides persons, facts, jitter and failures.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many households to generate.
    #[arg(long, default_value_t = 100)]
    households: usize,
    /// The mocks' certificate chain (PEM); with --tls-key and --client-ca. Without: plain HTTP on loopback.
    #[arg(long, requires = "tls_key", requires = "client_ca")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key (PEM).
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Certificate authority whose client certificates are let in (PEM).
    #[arg(long, requires = "tls_cert")]
    client_ca: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    work().await
}

/// In a box, so that the runtime does not hold a copy for each way to run a future.
#[expect(clippy::print_stderr, reason = "a program for people: why it did not start is its output")]
fn work() -> Pin<Box<dyn Future<Output = ExitCode>>> {
    Box::pin(async {
        match run(&Arguments::parse()).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error:#}");
                ExitCode::FAILURE
            }
        }
    })
}

async fn run(arguments: &Arguments) -> Result<()> {
    let grpc = if arguments.port_per_source { Layout::PortPerSource } else { Layout::OnePort };
    let config = MockConfig {
        grpc: grpc(arguments.grpc_port),
        http_port: Some(arguments.http_port),
        control_port: Some(arguments.control_port),
        tls: tls(arguments)?,
        ..MockConfig::default()
    };
    let mocks = Mocks::generate(arguments.seed, arguments.households, Arc::new(SystemClock));
    let running = MockAgencies::start(&config, mocks).await?;
    tell(&running, arguments.port_per_source);
    stopped().await.context("cannot wait for a signal to stop")?;
    running.stop().await;
    Ok(())
}

/// Waits for Ctrl-C or SIGTERM.
async fn stopped() -> std::io::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = ctrl_c() => interrupted,
        _ = terminated.recv() => Ok(()),
    }
}

fn tls(arguments: &Arguments) -> Result<Option<Arc<ServerConfig>>> {
    let (cert, key, ca) = match (&arguments.tls_cert, &arguments.tls_key, &arguments.client_ca) {
        (None, None, None) => return Ok(None),
        (Some(cert), Some(key), Some(ca)) => (cert, key, ca),
        _ => bail!("--tls-cert, --tls-key and --client-ca go together"),
    };
    let read = |path: &PathBuf| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let config = server_tls(&read(cert)?, &read(key)?, &read(ca)?);
    config.map(Some).context("cannot use --tls-cert, --tls-key and --client-ca")
}

#[expect(clippy::print_stdout, reason = "a program for people: where to find it is its output")]
fn tell(running: &Running, port_per_source: bool) {
    let first = Source::Agency(Agency::Af);
    if let Ok(url) = running.grpc_url(&first) {
        println!(
            "gRPC         {url}{}",
            if port_per_source { "  (AF; one port up for each next source)" } else { "" }
        );
    }
    if let Some(url) = running.base_url(&first) {
        println!("own formats  {url}  (and /csn /fk /skv /so /tns /miv /fund/CODE)");
    }
    if let Some(addr) = running.control_addr() {
        println!(
            "control      http://{addr}  (GET /behaviour /calls /households, PUT /behaviour/SOURCE, POST /reset)"
        );
    }
    println!("{} generated persons; Ctrl-C stops", running.population().persons().len());
}
