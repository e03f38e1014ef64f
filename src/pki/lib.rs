//! Certificates, TLS and revocation, all over rustls with aws-lc-rs.
//!
//! Towards callers: [`server_config`] and [`Acceptor`] prove who holds which key; the [`Gatekeeper`] says on every
//! request whether that certificate is good *now*. Towards agencies: [`client_config`] and [`Connector`], and a
//! [`Gatekeeper`] as strict as that towards callers, asked before each question.
//! [`TestAuthority`] issues throw-away certificates for the demo and for tests.
//!
//! No resumption, no tickets, no early data, anywhere: each of them lets a revoked certificate back in.
//! Must never decide what a caller may do.

mod acceptor;
mod authority;
mod config;
mod connector;
mod error;
mod gatekeeper;
mod identity;
mod peer;
mod possession;
mod revocation;
mod statement;
mod stream;
mod time;
mod watch;

pub use acceptor::{AcceptError, Acceptor, TlsStream};
pub use authority::{Issued, TestAuthority, Validity};
pub use config::{ALPN_H2, ALPN_HTTP11, client_config, open_server_config, server_config};
pub use connector::{ConnectError, Connector, IdentityRefusal};
pub use error::PkiError;
pub use gatekeeper::{CertificateRefusal, Gatekeeper, Judged};
pub use identity::{Identity, Roots, certificates_from_pem};
pub use peer::{PeerCertificate, fingerprint};
pub use revocation::{ListMark, ListMemory, ListNumber, RevocationLists};
pub use statement::{public_key, sign_statement, statement_is_signed};
pub use stream::Stream;
pub use watch::{FileWatch, MAX_WATCH_INTERVAL};
