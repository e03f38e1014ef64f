//! Outgoing connections: to agencies, to a broker.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use arc_swap::ArcSwap;
use http::Uri;
use hyper_util::rt::TokioIo;
use rustls::{CertificateError, ClientConfig, pki_types::ServerName};
use ssbtek_domain::Clock;
use tokio::net::TcpStream;
use tower::Service;

use crate::{CertificateRefusal, Gatekeeper, PeerCertificate, Stream};

/// Why there is no connection. Nothing was sent over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The address has no host, or one that cannot be a server's name.
    #[error("the address has no usable host")]
    Address,
    /// Nobody answers there.
    #[error("no connection")]
    NotReachable,
    /// Connecting or the handshake took too long.
    #[error("connecting timed out")]
    TimedOut,
    /// The other end's TLS is refused, or our certificate is.
    #[error("the TLS handshake failed")]
    Handshake,
    /// The other end could not prove that it is who we wanted.
    #[error("{0}")]
    Identity(#[from] IdentityRefusal),
}

/// Why the other end is not who we wanted, as far as it can prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityRefusal {
    /// Its certificate is for another name.
    #[error("the certificate is for another name")]
    WrongName,
    /// Its certificate cannot be read, or its key did not sign.
    #[error("the certificate cannot be read, or its key is not at the other end")]
    NotProven,
    /// Its certificate is not good now.
    #[error(transparent)]
    Certificate(#[from] CertificateRefusal),
}

/// Opens connections for HTTP clients (`tonic`, `hyper-util`). Cheap to clone; clones share the settings.
#[derive(Clone)]
pub struct Connector(Arc<Settings>);

struct Settings {
    tls: Option<ArcSwap<ClientConfig>>,
    server_name: Option<ServerName<'static>>,
    connect_timeout: Duration,
    handshake_timeout: Duration,
    judge: Option<(Arc<Gatekeeper>, Arc<dyn Clock>)>,
}

impl Connector {
    /// Connects with TLS (see [`crate::client_config`]). The server must prove the name in the address.
    pub fn tls(config: ClientConfig, connect_timeout: Duration, handshake_timeout: Duration) -> Self {
        let tls = Some(ArcSwap::from_pointee(config));
        Self(Arc::new(Settings { tls, server_name: None, connect_timeout, handshake_timeout, judge: None }))
    }

    /// As [`Connector::tls`], but the server must prove `name` whatever the address, where the two differ by design.
    pub fn tls_named(
        config: ClientConfig,
        name: &str,
        connect_timeout: Duration,
        handshake_timeout: Duration,
    ) -> Result<Self, ConnectError> {
        let tls = Some(ArcSwap::from_pointee(config));
        let server_name = Some(ServerName::try_from(name.to_owned()).map_err(|_| ConnectError::Address)?);
        Ok(Self(Arc::new(Settings { tls, server_name, connect_timeout, handshake_timeout, judge: None })))
    }

    /// Connects without TLS; for measurements on one machine, never towards an agency.
    pub fn plain(connect_timeout: Duration) -> Self {
        let handshake_timeout = connect_timeout;
        Self(Arc::new(Settings {
            tls: None,
            server_name: None,
            connect_timeout,
            handshake_timeout,
            judge: None,
        }))
    }

    /// The same, but the other end's certificate must also be good by `gatekeeper`: not revoked, by lists that are valid.
    #[must_use]
    pub fn judged_by(self, gatekeeper: Arc<Gatekeeper>, clock: Arc<dyn Clock>) -> Self {
        let Settings { tls, server_name, connect_timeout, handshake_timeout, .. } = &*self.0;
        let tls = tls.as_ref().map(|tls| ArcSwap::new(tls.load_full()));
        Self(Arc::new(Settings {
            tls,
            server_name: server_name.clone(),
            connect_timeout: *connect_timeout,
            handshake_timeout: *handshake_timeout,
            judge: Some((gatekeeper, clock)),
        }))
    }

    /// Whether the certificate at the other end of an open connection is still good; to be asked before each use of a
    /// connection that was kept.
    pub fn still_good(&self, peer: Option<&PeerCertificate>) -> Result<(), IdentityRefusal> {
        match (&self.0.judge, peer) {
            (Some((gatekeeper, clock)), Some(peer)) => Ok(gatekeeper.check(peer, clock.now())?),
            (Some(_), None) if self.0.tls.is_some() => Err(IdentityRefusal::NotProven),
            _ => Ok(()),
        }
    }

    /// Puts a new certificate, key or roots in force for connections from now on; all clones follow.
    pub fn replace(&self, config: ClientConfig) {
        if let Some(tls) = &self.0.tls {
            tls.store(Arc::new(config));
        }
    }

    /// Opens one connection to the host and port of `uri` (443, or 80 without TLS, when it names no port).
    pub async fn connect(&self, uri: &Uri) -> Result<Stream, ConnectError> {
        let host = uri.host().ok_or(ConnectError::Address)?.trim_matches(['[', ']']);
        let port = uri.port_u16().unwrap_or(if self.0.tls.is_some() { 443 } else { 80 });
        let tcp = tokio::time::timeout(self.0.connect_timeout, TcpStream::connect((host, port)))
            .await
            .map_err(|_| ConnectError::TimedOut)?
            .map_err(|_| ConnectError::NotReachable)?;
        // Questions and answers are single messages: waiting to fill a packet would only delay them.
        tcp.set_nodelay(true).map_err(|_| ConnectError::NotReachable)?;
        let Some(tls) = &self.0.tls else { return Ok(Stream::Plain(tcp)) };
        let name = match &self.0.server_name {
            Some(name) => name.clone(),
            None => ServerName::try_from(host.to_owned()).map_err(|_| ConnectError::Address)?,
        };
        let handshake = tokio_rustls::TlsConnector::from(tls.load_full()).connect(name, tcp);
        let stream = tokio::time::timeout(self.0.handshake_timeout, handshake)
            .await
            .map_err(|_| ConnectError::TimedOut)?
            .map_err(|error| handshake_error(&error))?;
        let stream = Stream::Tls(Box::new(stream));
        // Nothing has been sent over it yet.
        self.still_good(stream.peer().as_ref())?;
        Ok(stream)
    }
}

/// Whether a handshake failed because of who the other end is.
fn handshake_error(error: &std::io::Error) -> ConnectError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let Some(rustls::Error::InvalidCertificate(error)) = inner else { return ConnectError::Handshake };
    ConnectError::Identity(match error {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            IdentityRefusal::WrongName
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            CertificateRefusal::Expired.into()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            CertificateRefusal::NotYetValid.into()
        }
        CertificateError::Revoked => CertificateRefusal::Revoked.into(),
        CertificateError::UnknownIssuer => CertificateRefusal::UnknownIssuer.into(),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            CertificateRefusal::NotForThisUse.into()
        }
        _ => IdentityRefusal::NotProven,
    })
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move { connector.connect(&uri).await.map(TokioIo::new) })
    }
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.tls.is_some() { "Connector(TLS)" } else { "Connector(plain)" })
    }
}
