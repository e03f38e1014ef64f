//! The mock agencies: one population, one door with TLS and one without for each source.

use std::sync::Arc;

use anyhow::{Context, Result};
use mock_agencies::{Layout, MockAgencies, MockConfig, Mocks, Running, server_tls};
use serde_json::json;
use ssbtek_domain::{Clock, SystemClock};

use super::{
    process::{orders, say},
    world::{Addresses, HOUSEHOLDS, MockAddresses, SEED, World},
};

pub(crate) async fn play(world: &World, one_address: bool) -> Result<()> {
    let (certificate, key) = (world.read("agencies.pem")?, world.read("agencies.key")?);
    let tls = server_tls(certificate.as_bytes(), key.as_bytes(), world.read("ca.pem")?.as_bytes())?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let mocks = Mocks::generate_as_of(SEED, HOUSEHOLDS, clock.today(), clock.clone());
    let grpc = if one_address { Layout::OnePort(0) } else { Layout::PortPerSource(0) };
    let plain = MockConfig { grpc, http_port: None, control_port: None, ..MockConfig::default() };
    let with_tls = MockConfig { tls: Some(tls), ..plain.clone() };
    let plain = MockAgencies::start(&plain, mocks.clone()).await?;
    let with_tls = MockAgencies::start(&with_tls, mocks).await?;
    let ready = MockAddresses { tls: addresses(&with_tls)?, plain: addresses(&plain)? };
    say(&serde_json::to_value(ready)?);
    let mut orders = orders();
    while let Some(order) = orders.recv().await {
        match order.as_str() {
            "calls" => say(&json!({ "calls": plain.control().total_calls() })),
            _ => anyhow::bail!("mocks: unknown order"),
        }
    }
    Ok(())
}

fn addresses(running: &Running) -> Result<Addresses> {
    let control = running.control();
    let of = |source: &ssbtek_domain::Source| {
        Ok((source.code().to_owned(), running.grpc_url(source).context("a source has no address")?))
    };
    control.sources().map(of).collect()
}
