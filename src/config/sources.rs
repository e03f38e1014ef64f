//! Who can be asked, where, and in which wire format.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};
use ssbtek_domain::OrganisationNumber;

/// Certificates towards agencies, PEM files.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgencyTls {
    /// The broker's client certificate chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// Issuers of the agencies' server certificates.
    pub server_ca: PathBuf,
    /// Longest wait for a connection, in milliseconds.
    #[serde(default = "connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// Longest TLS handshake, in milliseconds.
    #[serde(default = "connect_timeout_ms")]
    pub handshake_timeout_ms: u64,
    /// Revocation list of the agencies' issuers, or a directory of them. Without it those in `tls.revocation_lists` count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation_lists: Option<PathBuf>,
    /// What is done about a source whose certificate has an issuer without a list: whether it is revoked cannot be told.
    #[serde(default)]
    pub without_revocation_list: WithoutList,
    /// Largest answer, in bytes.
    #[serde(default = "max_answer_bytes")]
    pub max_answer_bytes: usize,
}

/// What is done about a certificate of which it cannot be told whether it is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithoutList {
    /// Nobody is asked there.
    #[default]
    Refuse,
    /// The source is asked all the same.
    Ask,
}

fn connect_timeout_ms() -> u64 {
    5_000
}

fn max_answer_bytes() -> usize {
    1024 * 1024
}

/// In which wire format a source is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wire {
    /// The source's own, as its published schema says.
    Own,
    /// `ssbtek.agency.v1` over gRPC.
    Grpc,
}

/// One source.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// `AF CSN FK SKV SO TNS MIV`, or a fund's code in lower case. Where any fund is named, the funds stand in for SO.
    pub code: String,
    /// In which wire format it is asked.
    pub wire: Wire,
    /// Its base address, `https://…`; `http://…` only for tests on one machine.
    pub url: String,
    /// Most questions under way at this source; `query.max_in_flight_per_source` if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_in_flight: Option<usize>,
    /// What single sources need besides.
    #[serde(default, skip_serializing_if = "SourceOptions::is_default")]
    pub options: SourceOptions,
}

/// What single sources need besides; each key belongs to one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SourceOptions {
    /// FK: as which LEFI actor every board asks, unless it has its own below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// FK: as which LEFI actor a board asks.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub actors: BTreeMap<OrganisationNumber, String>,
    /// SKV: versions of the composed contract whose SKV service is spoken: `[10]`, `[11]` or `[10, 11]`; 11 if left out.
    /// A caller's question that none of them can answer gets an error for SKV, and SKV is not asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skv_versions: Vec<u8>,
    /// SKV: whether 404 in a part of its v11 answer means "nothing there". Not said in any published text: without it,
    /// such a part counts as failed.
    #[serde(skip_serializing_if = "is_false")]
    pub skv_404_is_nothing_there: bool,
    /// AF, TNS, MIV: the source's own codes that mean "no such person". The code lists are not public: without them
    /// such an answer counts as a failure.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub no_such_person_codes: Vec<String>,
    /// SO and funds: status texts with their outcome (`answered`, `no_such_person`, `failed_at_source`, …). The texts
    /// are not public: one that is not listed means that the fund could not be checked.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub status_texts: BTreeMap<String, String>,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl SourceOptions {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
