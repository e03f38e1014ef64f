//! TLS at the door.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::PeerCertificate;

/// An accepted connection.
pub type TlsStream<IO> = tokio_rustls::server::TlsStream<IO>;

/// Why a connection was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    /// The handshake took too long.
    #[error("the TLS handshake timed out")]
    TimedOut,
    /// No TLS, no certificate, or one whose issuer or usage is refused.
    #[error("the TLS handshake failed")]
    Handshake,
}

/// Performs handshakes with settings that can be replaced while running.
#[derive(Debug)]
pub struct Acceptor {
    config: ArcSwap<ServerConfig>,
    handshake_timeout: Duration,
}

impl Acceptor {
    /// Accepts with `config` (see [`crate::server_config`]); each handshake may take `handshake_timeout`.
    pub fn new(config: ServerConfig, handshake_timeout: Duration) -> Self {
        Self { config: ArcSwap::from_pointee(config), handshake_timeout }
    }

    /// Puts a new certificate, key or roots in force for connections from now on.
    pub fn replace(&self, config: ServerConfig) {
        self.config.store(Arc::new(config));
    }

    /// Performs the handshake and says who is at the other end.
    pub async fn accept<IO>(&self, io: IO) -> Result<(TlsStream<IO>, PeerCertificate), AcceptError>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let stream = self.accept_anybody(io).await?;
        let peer = PeerCertificate::of_connection(stream.get_ref().1).map_err(|_| AcceptError::Handshake)?;
        Ok((stream, peer))
    }

    /// Performs the handshake with whoever it is.
    pub async fn accept_anybody<IO>(&self, io: IO) -> Result<TlsStream<IO>, AcceptError>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let acceptor = tokio_rustls::TlsAcceptor::from(self.config.load_full());
        tokio::time::timeout(self.handshake_timeout, acceptor.accept(io))
            .await
            .map_err(|_| AcceptError::TimedOut)?
            .map_err(|_| AcceptError::Handshake)
    }
}
