//! Calls at the gateways' doors, as any case system would make them.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use ssbtek_authenticate::{Claims, Confirmation, thumbprint};
use ssbtek_domain::{Clock, Entropy, SystemClock, SystemEntropy};
use ssbtek_pki::{ALPN_H2, Connector, client_config};
use tonic::{
    Request,
    transport::{Channel, Endpoint},
};

use super::world::{BOARD, KID, World};

/// A connection to a gateway; with TLS and one party's certificate where the address says so.
pub(crate) fn connect(world: &World, url: &str, party: &str) -> Result<Channel> {
    let endpoint = Endpoint::from_shared(url.to_owned())?;
    if url.starts_with("http://") {
        return Ok(endpoint.connect_lazy());
    }
    let identity = world.identity(party)?;
    let tls = client_config(Some(&identity), &world.roots()?, Arc::new(SystemClock), &[ALPN_H2])?;
    let patience = Duration::from_secs(10);
    Ok(endpoint.connect_with_connector_lazy(Connector::tls(tls, patience, patience)))
}

/// Makes assertions for the board's accounts.
pub(crate) struct Signer {
    key: EncodingKey,
    header: Header,
    audience: String,
    thumbprint: String,
}

impl Signer {
    pub(crate) fn new(world: &World) -> Result<Self> {
        let key = EncodingKey::from_ec_pem(world.read("assertion.key")?.as_bytes())?;
        let header = Header { kid: Some(KID.to_owned()), ..Header::new(Algorithm::ES256) };
        let audience = ssbtek_config::AssertionConfig::default().audience;
        let thumbprint = thumbprint(&world.identity("board")?.fingerprint());
        Ok(Self { key, header, audience, thumbprint })
    }

    /// A call by `account`, with a fresh assertion.
    pub(crate) fn call<T>(&self, account: &str, message: T) -> Result<Request<T>> {
        let now = SystemClock.now().timestamp();
        let mut name = [0; 16];
        SystemEntropy.fill(&mut name);
        let claims = Claims {
            iss: BOARD.to_owned(),
            sub: account.to_owned(),
            aud: self.audience.clone(),
            iat: now,
            exp: now + 120,
            jti: format!("{:032x}", u128::from_be_bytes(name)),
            cnf: Confirmation { x5t_s256: self.thumbprint.clone() },
        };
        let token = jsonwebtoken::encode(&self.header, &claims, &self.key)?;
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse()?);
        Ok(request)
    }
}
