//! The broker, wired as `serve` wires it, with everything on.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use anyhow::{Context, Result};
use serde_json::json;
use ssbtek_broker::Broker;
use ssbtek_config::{
    AgencyTls, AssertionConfig, Config, DoorTls, GrpcConfig, Provider, QueryConfig, SourceConfig,
    SourceOptions, StoreConfig, Wire,
};
use ssbtek_domain::{Clock, OrganisationNumber, SystemClock, SystemEntropy};

use super::{
    process::{orders, say},
    world::{BOARD, DEPLOYMENT, PROVIDER, World},
};

pub(crate) async fn play(world: &World) -> Result<()> {
    ssbtek_telemetry::init(Default::default(), "warn");
    let config = config(world)?;
    config.check()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let broker = Broker::start(&config, clock, Arc::new(SystemEntropy)).await?;
    let log_key = broker.log_key(OrganisationNumber::parse(BOARD)?);
    say(&json!({ "url": format!("https://{}", broker.ports.grpc), "log_key": log_key }));
    let mut orders = orders();
    tokio::select! {
        _ = orders.recv() => {}
        () = broker.poisoned() => anyhow::bail!("the access log has failed"),
    }
    Ok(())
}

fn config(world: &World) -> Result<Config> {
    let addresses = world.mocks()?.tls;
    let source = |code: String| {
        let url = addresses.get(&code).cloned().context("a source has no address")?;
        Ok(SourceConfig {
            code,
            wire: Wire::Grpc,
            url,
            max_in_flight: None,
            options: SourceOptions::default(),
        })
    };
    let operator = |name: &str| {
        let fingerprint = world.identity(name)?.fingerprint();
        anyhow::Ok(fingerprint.iter().map(|byte| format!("{byte:02x}")).collect())
    };
    Ok(Config {
        deployment: DEPLOYMENT.to_owned(),
        provider: Provider {
            organisation_number: OrganisationNumber::parse(PROVIDER)?,
            name: "Mätleverantören".to_owned(),
        },
        operators: vec![operator("operator")?, operator("operator-2")?],
        proposal_life_h: ssbtek_config::default_proposal_life_h(),
        store: StoreConfig::at(world.path("broker.db"), world.path("keys")),
        database: None,
        grpc: GrpcConfig::at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        soap: None,
        witness: vec![],
        witnessing: Default::default(),
        web: None,
        doors: Default::default(),
        tls: DoorTls {
            certificate: world.path("broker.pem"),
            key: world.path("broker.key"),
            client_ca: world.path("ca.pem"),
            revocation_lists: Some(world.path("revoked.pem")),
            revocation_interval_ms: 10_000,
        },
        assertion: AssertionConfig::default(),
        query: QueryConfig { max_questions_an_hour: 0, ..QueryConfig::default() },
        agency_tls: AgencyTls {
            certificate: world.path("broker-as-client.pem"),
            key: world.path("broker-as-client.key"),
            server_ca: world.path("ca.pem"),
            connect_timeout_ms: 5_000,
            handshake_timeout_ms: 5_000,
            revocation_lists: None,
            without_revocation_list: Default::default(),
            max_answer_bytes: 1024 * 1024,
        },
        sources: world.sources()?.into_iter().map(source).collect::<Result<_>>()?,
        legal_basis: ssbtek_example::law().body.as_ref().clone(),
        retention: Default::default(),
        refusals: Default::default(),
        log_format: Default::default(),
    })
}
