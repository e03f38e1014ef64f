//! The pages' door, and how people sign in there.

use std::{net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};

/// The pages' door. Its TLS is that of the other doors (`[tls]`), without a client certificate.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// How browsers reach it: scheme, host and port if it is not 443, such as `https://ssbtek.example.se`. Anything else is refused.
    pub public_url: String,
    /// Who says who somebody is.
    pub sign_in: SignInConfig,
    /// How long a session lives without a request, in seconds.
    #[serde(default = "session_idle_s")]
    pub session_idle_s: u32,
    /// How long a session lives at all, in seconds.
    #[serde(default = "session_life_s")]
    pub session_life_s: u32,
    /// Sessions at once; beyond it nobody more signs in.
    #[serde(default = "max_sessions")]
    pub max_sessions: usize,
    /// Of these, sessions of one account; beyond it the oldest ends.
    #[serde(default = "max_sessions_per_account")]
    pub max_sessions_per_account: usize,
    /// How long a form can be sent after it was shown, in seconds.
    #[serde(default = "form_life_s")]
    pub form_life_s: u32,
    /// Largest form taken, in bytes.
    #[serde(default = "max_form_bytes")]
    pub max_form_bytes: usize,
    /// Questions under way in one session.
    #[serde(default = "max_questions_per_session")]
    pub max_questions_per_session: usize,
    /// Connections at once.
    #[serde(default = "max_connections")]
    pub max_connections: usize,
    /// Of these, from one address (IPv6: one network of 64 bits).
    #[serde(default = "max_connections_per_address")]
    pub max_connections_per_address: usize,
    /// How long the head of a request, and then its form, may take to arrive, in seconds.
    #[serde(default = "header_timeout_s")]
    pub header_timeout_s: u64,
    /// Age at which a connection is asked to end, in seconds.
    #[serde(default = "max_connection_age_s")]
    pub max_connection_age_s: u64,
}

/// The OpenID provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInConfig {
    /// Its name, as the `iss` of its tokens; what else there is to know stands below `/.well-known/openid-configuration`. `https`, or
    /// `http` on this machine's own addresses.
    pub issuer: String,
    /// Issuers of its TLS certificate, a PEM file; needed with `https`.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// As what the broker is registered there.
    pub client_id: String,
    /// A file with the secret that it proves itself with.
    pub client_secret_file: PathBuf,
    /// Levels of assurance (`acr`) that are enough; at least one.
    pub assurance: Vec<String>,
    /// The claim that holds the board's organisation number, 10 or 12 digits.
    #[serde(default = "organisation_claim")]
    pub organisation_claim: String,
    /// Longest wait for the provider, in milliseconds.
    #[serde(default = "timeout_ms")]
    pub timeout_ms: u64,
}

impl SignInConfig {
    /// A provider that demands one of these levels, with every bound as it is unless said otherwise.
    pub fn new(issuer: String, client_id: &str, client_secret_file: PathBuf, assurance: Vec<String>) -> Self {
        Self {
            issuer,
            ca: None,
            client_id: client_id.to_owned(),
            client_secret_file,
            assurance,
            organisation_claim: organisation_claim(),
            timeout_ms: timeout_ms(),
        }
    }
}

impl WebConfig {
    /// A door there, with every bound as it is unless said otherwise.
    pub fn at(listen: SocketAddr, public_url: String, sign_in: SignInConfig) -> Self {
        Self {
            listen,
            public_url,
            sign_in,
            session_idle_s: session_idle_s(),
            session_life_s: session_life_s(),
            max_sessions: max_sessions(),
            max_sessions_per_account: max_sessions_per_account(),
            form_life_s: form_life_s(),
            max_form_bytes: max_form_bytes(),
            max_questions_per_session: max_questions_per_session(),
            max_connections: max_connections(),
            max_connections_per_address: max_connections_per_address(),
            header_timeout_s: header_timeout_s(),
            max_connection_age_s: max_connection_age_s(),
        }
    }

    /// What makes no sense: the key, and what is wrong.
    pub(crate) fn wrong(&self) -> Option<(&'static str, &'static str)> {
        let sign_in = &self.sign_in;
        let is_origin = |url: &str| {
            let host = url.strip_prefix("https://").unwrap_or_default();
            !host.is_empty()
                && host.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-:[]".contains(c))
        };
        let small = [
            ("web.session_idle_s", self.session_idle_s == 0),
            ("web.session_life_s", self.session_life_s == 0),
            ("web.max_sessions", self.max_sessions == 0),
            ("web.max_sessions_per_account", self.max_sessions_per_account == 0),
            ("web.form_life_s", self.form_life_s == 0),
            ("web.max_form_bytes", self.max_form_bytes == 0),
            ("web.max_questions_per_session", self.max_questions_per_session == 0),
            ("web.max_connections", self.max_connections == 0),
            ("web.max_connections_per_address", self.max_connections_per_address == 0),
            ("web.header_timeout_s", self.header_timeout_s == 0),
            ("web.max_connection_age_s", self.max_connection_age_s == 0),
            ("web.sign_in.timeout_ms", sign_in.timeout_ms == 0),
        ];
        if let Some((field, _)) = small.into_iter().find(|(_, is_small)| *is_small) {
            return Some((field, "must be at least 1"));
        }
        if !is_origin(&self.public_url) {
            return Some((
                "web.public_url",
                "must be https:// with a host in lower case, and a port if it is not 443",
            ));
        }
        if self.session_life_s > 12 * 3600 || self.session_idle_s > self.session_life_s {
            return Some(("web.session_life_s", "must be at most 43200, and at least web.session_idle_s"));
        }
        // A form's token is remembered until it is over.
        if self.form_life_s > self.session_life_s {
            return Some(("web.form_life_s", "must be at most web.session_life_s"));
        }
        if sign_in.assurance.is_empty() || sign_in.assurance.iter().any(|level| level.trim().is_empty()) {
            return Some(("web.sign_in.assurance", "must name at least one level"));
        }
        if sign_in.timeout_ms > 30_000 {
            return Some(("web.sign_in.timeout_ms", "must be at most 30000"));
        }
        let secure = sign_in.issuer.starts_with("https://") && sign_in.ca.is_some();
        let own = ["http://127.0.0.1:", "http://[::1]:", "http://localhost:"];
        if !secure && !own.iter().any(|own| sign_in.issuer.starts_with(own)) {
            return Some((
                "web.sign_in.issuer",
                "must be https:// with web.sign_in.ca, or http:// on this machine's own address",
            ));
        }
        None
    }
}

fn session_idle_s() -> u32 {
    1_200
}

fn session_life_s() -> u32 {
    8 * 3600
}

fn max_sessions() -> usize {
    2_000
}

fn max_sessions_per_account() -> usize {
    3
}

fn form_life_s() -> u32 {
    3_600
}

fn max_form_bytes() -> usize {
    16 * 1024
}

fn max_questions_per_session() -> usize {
    8
}

fn max_connections() -> usize {
    1_024
}

fn max_connections_per_address() -> usize {
    256
}

fn header_timeout_s() -> u64 {
    5
}

fn max_connection_age_s() -> u64 {
    600
}

fn organisation_claim() -> String {
    "https://id.oidc.se/claim/orgNumber".to_owned()
}

fn timeout_ms() -> u64 {
    5_000
}
