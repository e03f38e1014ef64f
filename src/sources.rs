//! Configured sources → connectors. The one place that knows which file speaks which agency's format.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use ssbtek_agencies::{Connector, GrpcAgency, GrpcEndpoint, GrpcLimits, HttpClient, HttpLimits, OwnFormat};
use ssbtek_config::{AgencyTls, Config, SourceConfig, SourceOptions, Wire, WithoutList};
use ssbtek_domain::{Agency, Clock, Format, FundCode, Outcome, Source, sections::so::StatusTexts};
use ssbtek_formats::{Codec, af, csn, fk, miv, skv, so, tns};
use ssbtek_pki::{
    self as pki, ALPN_H2, ALPN_HTTP11, FileWatch, Gatekeeper, Identity, Judged, RevocationLists, Roots,
    client_config,
};

/// With which certificate sources are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsWhom {
    /// With the broker's own.
    Broker,
    /// With none: to see that nobody answers.
    Nobody,
}

/// A connector for every configured source, and what keeps their certificate as it is on disk.
pub(crate) fn connectors(
    config: &Config,
    gatekeeper: Arc<Gatekeeper>,
    clock: &Arc<dyn Clock>,
) -> Result<(Vec<Arc<dyn Connector>>, FileWatch)> {
    let mut roads = Roads::new(&config.agency_tls, AsWhom::Broker, Some(gatekeeper.clone()), clock)?;
    let connectors = all(&config.sources, &mut roads)?;
    let ways = vec![(roads.h1, ALPN_HTTP11), (roads.h2, ALPN_H2)];
    let watch = crate::reloading::agencies(&config.agency_tls, ways, gatekeeper, clock.clone());
    Ok((connectors, watch))
}

/// The sources with a number of places of their own.
pub(crate) fn places(config: &Config) -> Result<Vec<(Source, usize)>> {
    let own = config.sources.iter().filter_map(|source| Some((&source.code, source.max_in_flight?)));
    own.map(|(code, places)| Ok((source(code)?, places))).collect()
}

/// A connector for each of these sources, in their order.
pub fn connectors_to(
    sources: &[SourceConfig],
    tls: &AgencyTls,
    as_whom: AsWhom,
    clock: &Arc<dyn Clock>,
) -> Result<Vec<Arc<dyn Connector>>> {
    let lists = tls.revocation_lists.as_deref().map(RevocationLists::load).transpose();
    let lists = lists.context("agency_tls.revocation_lists")?;
    let roots = Roots::from_pem(&read(&tls.server_ca)?)?;
    let gatekeeper = lists.map(|lists| Arc::new(Gatekeeper::of(Judged::Servers, roots, lists)));
    all(sources, &mut Roads::new(tls, as_whom, gatekeeper, clock)?)
}

fn all(sources: &[SourceConfig], roads: &mut Roads) -> Result<Vec<Arc<dyn Connector>>> {
    sources
        .iter()
        .map(|source| {
            connector(source, roads).with_context(|| format!("sources: {} cannot be used", source.code))
        })
        .collect()
}

/// The ways out: the settings of all connections, and one HTTP/2 endpoint per address. Each source with a format of its own
/// has an HTTP client of its own.
struct Roads {
    h1: pki::Connector,
    h2: pki::Connector,
    plain: pki::Connector,
    limits: AgencyTls,
    endpoints: BTreeMap<String, Arc<GrpcEndpoint>>,
}

impl Roads {
    /// `gatekeeper` judges the agencies' certificates, where there are revocation lists for them.
    fn new(
        tls: &AgencyTls,
        as_whom: AsWhom,
        gatekeeper: Option<Arc<Gatekeeper>>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self> {
        let identity = Identity::from_pem(&read(&tls.certificate)?, &read(&tls.key)?)?;
        let roots = Roots::from_pem(&read(&tls.server_ca)?)?;
        let identity = (as_whom == AsWhom::Broker).then_some(&identity);
        let connect = Duration::from_millis(tls.connect_timeout_ms);
        let handshake = Duration::from_millis(tls.handshake_timeout_ms);
        let connector = |alpn: &[u8]| -> Result<pki::Connector> {
            let config = client_config(identity, &roots, clock.clone(), &[alpn])?;
            let connector = pki::Connector::tls(config, connect, handshake);
            Ok(match &gatekeeper {
                Some(gatekeeper) => connector.judged_by(gatekeeper.clone(), clock.clone()),
                None => connector,
            })
        };
        Ok(Self {
            h1: connector(ALPN_HTTP11)?,
            h2: connector(ALPN_H2)?,
            plain: pki::Connector::plain(connect),
            limits: tls.clone(),
            endpoints: BTreeMap::new(),
        })
    }

    fn http(&self, secure: bool) -> HttpClient {
        let connector = if secure { self.h1.clone() } else { self.plain.clone() };
        let limits = HttpLimits { max_answer_bytes: self.limits.max_answer_bytes, ..HttpLimits::default() };
        HttpClient::new(connector, limits)
    }

    fn grpc(&mut self, url: &str, secure: bool) -> Result<Arc<GrpcEndpoint>> {
        if let Some(endpoint) = self.endpoints.get(url) {
            return Ok(endpoint.clone());
        }
        let connector = if secure { self.h2.clone() } else { self.plain.clone() };
        let limits = GrpcLimits { max_answer_bytes: self.limits.max_answer_bytes, ..GrpcLimits::default() };
        let endpoint = GrpcEndpoint::new(&url.parse()?, connector, limits)
            .ok_or_else(|| anyhow!("url: must have a scheme and a host"))?;
        Ok(self.endpoints.entry(url.to_owned()).or_insert(Arc::new(endpoint)).clone())
    }
}

/// What judges the agencies' certificates, and the lists that it is to be kept up with: their own, or else those that the
/// doors go by. Who cannot be judged is not asked, unless the configuration says so.
pub(crate) fn gatekeeper(config: &Config) -> Result<(Arc<Gatekeeper>, Option<PathBuf>)> {
    let roots = Roots::from_pem(&read(&config.agency_tls.server_ca)?)?;
    let path = config.agency_tls.revocation_lists.as_ref().or(config.tls.revocation_lists.as_ref());
    let judged = match config.agency_tls.without_revocation_list {
        WithoutList::Refuse => Judged::Servers,
        WithoutList::Ask => Judged::ServersIfListed,
    };
    Ok((Arc::new(Gatekeeper::of(judged, roots, RevocationLists::default())), path.cloned()))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("agency_tls: {} cannot be read", path.display()))
}

fn connector(config: &SourceConfig, roads: &mut Roads) -> Result<Arc<dyn Connector>> {
    let source = source(&config.code)?;
    let url: http::Uri = config.url.parse().context("url")?;
    let secure = match url.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ => bail!("url: must begin with https://"),
    };
    Ok(match config.wire {
        Wire::Grpc => Arc::new(GrpcAgency::new(source, roads.grpc(&config.url, secure)?, true)),
        Wire::Own => {
            let codec = codec(&source, &config.options)?;
            Arc::new(OwnFormat::new(source, codec, roads.http(secure), url))
        }
    })
}

/// The source with that code.
pub(crate) fn source(code: &str) -> Result<Source> {
    if let Some(agency) = Agency::ALL.into_iter().find(|agency| agency.code() == code) {
        return Ok(Source::Agency(agency));
    }
    if let Some(agency) = Agency::ALL.into_iter().find(|agency| agency.code().eq_ignore_ascii_case(code)) {
        bail!("code: an agency's is written in capitals: {agency}");
    }
    let fund = FundCode::parse(code).ok_or_else(|| anyhow!("code: is neither an agency nor a fund"))?;
    Ok(Source::Fund(fund))
}

/// Who reads a source's own format.
pub(crate) fn codec(source: &Source, options: &SourceOptions) -> Result<Box<dyn Codec>> {
    let format = source.format();
    Ok(match format.ok_or_else(|| anyhow!("wire: {source} has no format of its own; it takes `grpc`"))? {
        Format::Af => Box::new(af::Codec::new(numbers(options)?)),
        Format::Csn => Box::new(csn::Csn),
        Format::Lefi => Box::new(fk::Lefi::new(actors(options)?, fk::InformationTypes::default())),
        Format::Skv => Box::new(skatteverket(options)?),
        Format::So => Box::new(match source {
            Source::Agency(_) => so::Codec::all_funds(texts(options)?),
            Source::Fund(fund) => so::Codec::one_fund(fund.clone(), texts(options)?),
        }),
        Format::Tns => Box::new(tns::Codec::new(numbers(options)?)),
        Format::Miv => Box::new(miv::Codec::new(options.no_such_person_codes.clone())),
    })
}

fn skatteverket(options: &SourceOptions) -> Result<skv::Skv> {
    let spoken = match *options.skv_versions {
        [10] => skv::Skv::v10(),
        [] | [11] => skv::Skv::v11(),
        [10, 11] | [11, 10] => skv::Skv::both(),
        _ => bail!("options.skv_versions: must be 10, 11 or both"),
    };
    Ok(if options.skv_404_is_nothing_there { spoken.with_404_as_nothing_there() } else { spoken })
}

fn numbers(options: &SourceOptions) -> Result<Vec<i32>> {
    let parse = |code: &String| code.parse().context("options.no_such_person_codes: must be numbers here");
    options.no_such_person_codes.iter().map(parse).collect()
}

fn texts(options: &SourceOptions) -> Result<StatusTexts> {
    let known = |(text, outcome): (&String, &String)| {
        let outcome = Outcome::parse(outcome)
            .ok_or_else(|| anyhow!("options.status_texts: `{outcome}` is no outcome"))?;
        Ok((text.clone(), outcome))
    };
    Ok(StatusTexts::with(options.status_texts.iter().map(known).collect::<Result<Vec<_>>>()?))
}

fn actors(options: &SourceOptions) -> Result<fk::Actors> {
    let actor = |text: &str| fk::ActorId::parse(text).ok_or_else(|| anyhow!("options.actor: is no aktorsId"));
    if let Some(same) = &options.actor {
        return Ok(fk::Actors::Same(actor(same)?));
    }
    let per_board = |(board, text): (&_, &String)| Ok((*board, actor(text)?));
    Ok(fk::Actors::PerBoard(options.actors.iter().map(per_board).collect::<Result<_>>()?))
}
