//! TLS settings for both directions.

use std::sync::Arc;

use rustls::{
    ClientConfig, ServerConfig, client::Resumption, server::NoServerSessionStorage, sign::SingleCertAndKey,
};
use ssbtek_domain::Clock;

use crate::{Identity, PkiError, Roots, identity::provider, possession::ProvePossession, time::ClockForTls};

/// HTTP/2, as negotiated in the handshake.
pub const ALPN_H2: &[u8] = b"h2";
/// HTTP/1.1, as negotiated in the handshake.
pub const ALPN_HTTP11: &[u8] = b"http/1.1";

/// Settings for a door: a client certificate from `client_roots` is required and its key proven; whether it is good now
/// is asked per request. `alpn` in order of preference.
pub fn server_config(
    identity: &Identity,
    client_roots: &Roots,
    clock: Arc<dyn Clock>,
    alpn: &[&[u8]],
) -> Result<ServerConfig, PkiError> {
    let config = ServerConfig::builder_with_details(provider(), Arc::new(ClockForTls(clock)))
        .with_safe_default_protocol_versions()
        .map_err(|_| PkiError::Settings)?
        .with_client_cert_verifier(Arc::new(ProvePossession::new(client_roots)))
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(identity.0.clone())));
    Ok(without_resumption(config, alpn))
}

/// Settings for a door that asks for no client certificate: whoever comes is known by other means, or not at all.
pub fn open_server_config(
    identity: &Identity,
    clock: Arc<dyn Clock>,
    alpn: &[&[u8]],
) -> Result<ServerConfig, PkiError> {
    let config = ServerConfig::builder_with_details(provider(), Arc::new(ClockForTls(clock)))
        .with_safe_default_protocol_versions()
        .map_err(|_| PkiError::Settings)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(identity.0.clone())));
    Ok(without_resumption(config, alpn))
}

fn without_resumption(mut config: ServerConfig, alpn: &[&[u8]]) -> ServerConfig {
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    // A resumed session skips the certificate: one revoked since would be let in again.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    // Early data can be replayed.
    config.max_early_data_size = 0;
    config
}

/// Settings towards an agency: its name and current validity are verified against `server_roots`, and `identity` is
/// presented when asked for. `alpn` in order of preference.
pub fn client_config(
    identity: Option<&Identity>,
    server_roots: &Roots,
    clock: Arc<dyn Clock>,
    alpn: &[&[u8]],
) -> Result<ClientConfig, PkiError> {
    let builder = ClientConfig::builder_with_details(provider(), Arc::new(ClockForTls(clock)))
        .with_safe_default_protocol_versions()
        .map_err(|_| PkiError::Settings)?
        .with_root_certificates(server_roots.0.clone());
    let mut config = match identity {
        Some(identity) => {
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity.0.clone())))
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    config.resumption = Resumption::disabled();
    config.enable_early_data = false;
    Ok(config)
}
