//! Ports and configuration of a demo.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Result, bail};
use mock_agencies::Running;
use ssbtek_authorize::LegalBases;
use ssbtek_config::{
    AgencyTls, AssertionConfig, Config, DoorTls, GrpcConfig, Provider, QueryConfig, RetentionConfig,
    SoapConfig, SourceConfig, SourceOptions, StoreConfig, Wire,
};
use ssbtek_domain::{Agency, FUNDS, FundCode, NaiveDate, OrganisationNumber, Source};

use super::{files::Files, pki::SECOND_OPERATOR};

/// Households in the generated population.
pub(super) const HOUSEHOLDS: usize = 500;
/// The demo board's organisation number: made up, with a correct check digit.
pub(super) const BOARD: &str = "162120009994";
/// The demo's citizen portal's.
pub(super) const PORTAL: &str = "162021008988";
/// The demo provider's.
const PROVIDER: &str = "162021009994";

/// In which wire format the agencies are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Wires {
    /// Each agency's own.
    Own,
    /// `ssbtek.agency.v1` over gRPC.
    Grpc,
}

/// The demo's ports.
pub(super) struct Ports {
    pub(super) grpc: u16,
    pub(super) soap: u16,
    pub(super) web: u16,
    pub(super) openid: u16,
    pub(super) witness: u16,
    pub(super) mock_grpc: u16,
    pub(super) mock_http: u16,
    pub(super) mock_control: u16,
}

impl Ports {
    pub(super) fn from(base: u16) -> Result<Self> {
        if !(1024..=65_500).contains(&base) {
            bail!("--port-base must be 1024 to 65500");
        }
        Ok(Self {
            grpc: base,
            soap: base + 1,
            web: base + 2,
            openid: base + 3,
            witness: base + 5,
            mock_grpc: base + 10,
            mock_http: base + 11,
            mock_control: base + 12,
        })
    }
}

/// The broker's configuration for a demo.
pub(super) fn broker(files: &Files, ports: &Ports, agencies: &Running, wires: Wires) -> Result<Config> {
    let agencies_first = Agency::ALL.into_iter().filter(|agency| *agency != Agency::So).map(Source::Agency);
    let funds = FUNDS.iter().filter_map(|(code, _)| FundCode::parse(code)).map(Source::Fund);
    let sources = agencies_first
        .chain(funds)
        .map(|source| {
            let own = agencies.base_url(&source).filter(|_| wires == Wires::Own);
            let (wire, url) = match own {
                Some(url) => (Wire::Own, url),
                None => (Wire::Grpc, agencies.grpc_url(&source)?),
            };
            let options = if wire == Wire::Own { options(&source) } else { SourceOptions::default() };
            Ok(SourceConfig { code: source.code().to_owned(), wire, url, max_in_flight: None, options })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Config {
        deployment: "demo.ssbtek-broker.example".to_owned(),
        provider: Provider {
            organisation_number: OrganisationNumber::parse(PROVIDER)?,
            name: "Demoleverantören".to_owned(),
        },
        operators: operators(files)?,
        proposal_life_h: ssbtek_config::default_proposal_life_h(),
        store: StoreConfig::at(files.path("broker.db"), files.path("keys")),
        database: None,
        grpc: GrpcConfig::at(SocketAddr::from((Ipv4Addr::LOCALHOST, ports.grpc))),
        soap: Some(SoapConfig::at(SocketAddr::from((Ipv4Addr::LOCALHOST, ports.soap)))),
        web: Some(super::people::door(files, ports)?),
        doors: Default::default(),
        tls: DoorTls {
            certificate: files.path("pki/broker.pem"),
            key: files.path("pki/broker.key"),
            client_ca: files.path("pki/ca.pem"),
            revocation_lists: Some(files.path("pki/revoked.pem")),
            revocation_interval_ms: 1_000,
        },
        assertion: AssertionConfig::default(),
        query: QueryConfig::default(),
        agency_tls: AgencyTls {
            certificate: files.path("pki/broker-as-client.pem"),
            key: files.path("pki/broker-as-client.key"),
            server_ca: files.path("pki/ca.pem"),
            connect_timeout_ms: 5_000,
            handshake_timeout_ms: 5_000,
            revocation_lists: Some(files.path("pki/revoked.pem")),
            without_revocation_list: Default::default(),
            max_answer_bytes: 1024 * 1024,
        },
        sources,
        legal_basis: legal_bases(),
        retention: RetentionConfig {
            // Here on the same machine; a real one needs a clock of its own.
            time_url: agencies.control_addr().map(|addr| format!("http://{addr}/")),
            sweep_interval_s: 60,
            ..RetentionConfig::default()
        },
        witness: Vec::new(),
        witnessing: Default::default(),
        refusals: Default::default(),
        log_format: Default::default(),
    })
}

/// The statutes' own list, and for what they do not name a ground that only a demo can give.
fn legal_bases() -> LegalBases {
    let first = NaiveDate::from_ymd_opt(2009, 1, 1).unwrap_or(NaiveDate::MAX);
    LegalBases::default().and_for_the_rest("demonstration: grunden anges av den som driver tjänsten", first)
}

/// Both operators; one in a directory from before there were two.
fn operators(files: &Files) -> Result<Vec<String>> {
    let there = ["operator", SECOND_OPERATOR].into_iter();
    let there = there.filter(|name| files.exists(&format!("pki/{name}.pem")));
    there.map(|name| files.fingerprint(name)).collect()
}

/// What the mocks' own formats need said: their codes are as little public as the real ones.
fn options(source: &Source) -> SourceOptions {
    match source {
        Source::Agency(Agency::Af | Agency::Tns) => {
            SourceOptions { no_such_person_codes: vec!["1".to_owned()], ..SourceOptions::default() }
        }
        Source::Agency(Agency::Skv) => SourceOptions {
            skv_versions: vec![10, 11],
            skv_404_is_nothing_there: true,
            ..SourceOptions::default()
        },
        Source::Agency(Agency::Fk) => {
            SourceOptions { actor: Some("demo".to_owned()), ..SourceOptions::default() }
        }
        // Nothing needs to be said.
        _ => SourceOptions::default(),
    }
}
