//! The pages' door, from its part of the configuration.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use ssbtek_config::{Config, WebConfig};
use ssbtek_domain::Clock;
use ssbtek_pki::{ALPN_HTTP11, Acceptor, Connector, Identity, Roots, client_config, open_server_config};
use ssbtek_web::{
    Door, DoorLimits, OpenIdProvider, OpenIdSettings, SessionLimits, Site, SiteLimits, SiteParts,
};
use tokio::net::TcpListener;
use zeroize::Zeroizing;

/// Largest head of a request, in bytes: a browser's own, with its cookies.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// The door, not yet serving.
pub(crate) fn open(config: &Config, web: &WebConfig, listener: TcpListener, parts: Parts) -> Result<Door> {
    let Parts { registry, desk, log, query, places, log_keys, clock, entropy, ask } = parts;
    let provider = provider(web, clock.clone())?;
    let limits = SiteLimits {
        sessions: SessionLimits {
            idle_s: web.session_idle_s,
            life_s: web.session_life_s,
            max: web.max_sessions,
            max_per_account: web.max_sessions_per_account,
            max_questions: web.max_questions_per_session,
        },
        form_life_s: web.form_life_s,
        max_form_bytes: web.max_form_bytes,
        read_timeout_s: web.header_timeout_s,
        query_deadline_ms: config.query.deadline_ms,
        resume_within_ms: config.query.resume_within_ms,
        ask,
    };
    let acceptor = acceptor(config, clock.clone())?;
    let origin = web.public_url.clone();
    let site = Site::new(SiteParts {
        origin,
        provider,
        registry,
        desk,
        log,
        query,
        places,
        log_keys,
        clock,
        entropy,
        limits,
    });
    let limits = DoorLimits {
        max_connections: web.max_connections,
        max_connections_per_address: web.max_connections_per_address,
        max_head_bytes: MAX_HEAD_BYTES,
        header_timeout_s: web.header_timeout_s,
        max_connection_age_s: web.max_connection_age_s,
        drain_s: config.grpc.drain_s,
    };
    Ok(Door { listener, acceptor, site: Arc::new(site), limits })
}

/// What the broker has that the pages need.
pub(crate) struct Parts {
    pub(crate) registry: Arc<dyn ssbtek_authorize::Registry>,
    pub(crate) desk: ssbtek_registry::Desk,
    pub(crate) log: ssbtek_access_log::AccessLog,
    pub(crate) query: Arc<ssbtek_query::QueryPath>,
    pub(crate) places: ssbtek_gateway::Places,
    pub(crate) log_keys: ssbtek_web::LogKeys,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn ssbtek_domain::Entropy>,
    pub(crate) ask: ssbtek_authorize::AskLimits,
}

fn acceptor(config: &Config, clock: Arc<dyn Clock>) -> Result<Arc<Acceptor>> {
    let read = |path: &std::path::Path| {
        std::fs::read(path).with_context(|| format!("tls: {} cannot be read", path.display()))
    };
    let identity = Identity::from_pem(&read(&config.tls.certificate)?, &read(&config.tls.key)?)?;
    let tls = open_server_config(&identity, clock, &[ALPN_HTTP11])?;
    Ok(Arc::new(Acceptor::new(tls, Duration::from_millis(config.grpc.handshake_timeout_ms))))
}

fn provider(web: &WebConfig, clock: Arc<dyn Clock>) -> Result<OpenIdProvider> {
    let sign_in = &web.sign_in;
    let secret = std::fs::read_to_string(&sign_in.client_secret_file);
    let secret = secret.context("web.sign_in.client_secret_file cannot be read")?;
    let timeout = Duration::from_millis(sign_in.timeout_ms);
    let connector = match &sign_in.ca {
        Some(ca) => {
            let roots = Roots::from_pem(&std::fs::read(ca).context("web.sign_in.ca cannot be read")?)?;
            let tls = client_config(None, &roots, clock.clone(), &[ALPN_HTTP11])?;
            Connector::tls(tls, timeout, timeout)
        }
        None => Connector::plain(timeout),
    };
    let settings = OpenIdSettings {
        issuer: sign_in.issuer.clone(),
        client_id: sign_in.client_id.clone(),
        client_secret: Zeroizing::new(secret.trim().to_owned()),
        assurance: sign_in.assurance.clone(),
        organisation_claim: sign_in.organisation_claim.clone(),
        timeout,
    };
    Ok(OpenIdProvider::new(settings, connector, clock))
}
