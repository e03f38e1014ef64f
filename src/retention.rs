//! The purger put together, its sweeps, and the second clock.

use std::{panic::Location, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::Empty;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use ssbtek_access_log::AccessLog;
use ssbtek_config::Config;
use ssbtek_domain::{Clock, DateTime, Utc};
use ssbtek_log_store::{Lifetimes, authentication::provider_index};
use ssbtek_pki::{ALPN_HTTP11, Connector, Roots, client_config};
use ssbtek_purge::{Around, Ledger, NoFaults, Policy, Purger, SecondClock, destroy_again};
use ssbtek_registry::Desk;
use ssbtek_telemetry::{Fault, FaultKind};
use ssbtek_vault::{Vault, VaultError};
use tokio::sync::watch;

use crate::witnessing::{Witnesses, Witnessing};

/// Longest wait for the second clock.
const TIME_PATIENCE: Duration = Duration::from_secs(5);

/// How long the store shows things, by configuration.
pub(crate) fn lifetimes(config: &Config) -> Lifetimes {
    Lifetimes { log_months: config.retention.log_months, case_days: config.retention.case_days }
}

/// Where the purge ledger lies.
pub(crate) fn ledger_path(config: &Config) -> PathBuf {
    let beside = || config.store.keys.with_file_name("purge-ledger.jsonl");
    config.retention.ledger.clone().unwrap_or_else(beside)
}

/// The purge ledger, and every key that it names destroyed again: the first thing at a start, whatever is refused later.
pub(crate) async fn ledger(config: &Config, vault: Arc<dyn Vault>) -> Result<Ledger> {
    let (path, database) = (ledger_path(config), config.store.database.clone());
    let replayed = tokio::task::spawn_blocking(move || {
        // Only where there is nothing yet its key is made. Keys that sign are made before, so that witnesses can be told of them.
        if vault.list()?.iter().any(|id| id.kind() != "sign")
            || std::fs::metadata(&database).is_ok_and(|file| file.len() > 0)
        {
            vault.expect(&provider_index(), None);
        }
        if let Err(error @ (VaultError::Gone(_) | VaultError::Damaged(_) | VaultError::Unreadable(..))) =
            vault.open(&provider_index())
        {
            let (key, state) = error.told();
            let fault = Fault::new(Location::caller(), FaultKind::Key).of_key((key, state.as_str()));
            fault.tell(&"the key that binds what is stored is not there as it was written: nothing starts without it");
        }
        let ledger = Ledger::open(&path, &*vault).with_context(|| path.display().to_string())?;
        destroy_again(&ledger, &*vault).context("the purge ledger cannot be replayed")?;
        Ok(ledger)
    });
    replayed.await.context("the purge ledger cannot be replayed")?
}

/// The purger, with every row erased again that its ledger names. To be replayed before any door opens.
pub(crate) async fn purger(config: &Config, around: Around) -> Result<Arc<Purger>> {
    let retention = &config.retention;
    let policy = Policy {
        log_months: retention.log_months,
        min_log_months: retention.min_log_months,
        case_days: retention.case_days,
        clock_bound_s: retention.clock_bound_s,
        ..Policy::default()
    };
    let purger = Purger::new(around, policy);
    purger.erase_again(&NoFaults).await.context("the purge ledger cannot be replayed")?;
    Ok(Arc::new(purger))
}

/// The clocks beside this machine's: another machine's, if one is configured, and the witnesses'.
pub(crate) fn second_clock(
    config: &Config,
    witnessing: Option<Arc<Witnessing>>,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn SecondClock>> {
    Ok(Arc::new((http_date(config, clock)?, Witnessed(witnessing.map(Witnesses)))))
}

/// Certifies what was erased again, once the database is known to be the newest.
pub(crate) async fn replay(purger: &Purger) -> Result<()> {
    let replayed = purger.replay(&NoFaults).await.context("the purge ledger cannot be replayed")?;
    if replayed > 0 {
        tracing::warn!(purges = replayed, "purges were completed or repeated before opening");
    }
    Ok(())
}

/// How often it is looked for questions whose end could not be recorded.
const END_LEFT_OPEN_EVERY: Duration = Duration::from_secs(5);

/// Ends what was left open, now and then: a board's purge waits for it.
pub(crate) async fn end_left_open(log: AccessLog) {
    loop {
        tokio::time::sleep(END_LEFT_OPEN_EVERY).await;
        let ended = log.end_left_open().await;
        if ended > 0 {
            tracing::error!(
                entries = ended,
                "the end of questions could not be recorded: logged as assumed disclosed"
            );
        }
    }
}

/// Tells boards what concerns them and what their logs do not tell yet.
pub(crate) async fn tell_boards(desk: &Desk) {
    // What cannot be read now has been told of, and is told at the next sweep.
    let later = desk.tell_boards().await.unwrap_or_default();
    if !later.is_empty() {
        tracing::warn!(entries = later.len(), "boards' logs do not tell yet what concerns them");
    }
}

/// Looks for what is due, and for what boards are still to be told, now and then, until told to stop.
pub(crate) async fn sweep(purger: Arc<Purger>, desk: Desk, every: Duration, mut stop: watch::Receiver<bool>) {
    loop {
        tell_boards(&desk).await;
        // Whatever fails has been told of.
        let _ = purger.sweep(None, &NoFaults).await;
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            () = tokio::time::sleep(every) => {}
        }
    }
}

fn http_date(config: &Config, clock: &Arc<dyn Clock>) -> Result<HttpDate> {
    let Some(url) = &config.retention.time_url else { return Ok(HttpDate(None)) };
    let uri: http::Uri = url.parse().context("retention.time_url")?;
    let connector = match uri.scheme_str() {
        Some("http") => Connector::plain(TIME_PATIENCE),
        Some("https") => {
            let ca = &config.agency_tls.server_ca;
            let pem =
                std::fs::read(ca).with_context(|| format!("agency_tls: {} cannot be read", ca.display()))?;
            let tls = client_config(None, &Roots::from_pem(&pem)?, clock.clone(), &[ALPN_HTTP11])?;
            Connector::tls(tls, TIME_PATIENCE, TIME_PATIENCE)
        }
        _ => anyhow::bail!("retention.time_url: must begin with https:// or http://"),
    };
    // No connection is kept: the next question comes minutes later.
    let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
    Ok(HttpDate(Some((client, uri))))
}

/// The witnesses' time, if there are witnesses.
struct Witnessed(Option<Witnesses>);

#[async_trait]
impl SecondClock for Witnessed {
    async fn readings(&self) -> Vec<DateTime<Utc>> {
        match &self.0 {
            Some(witnesses) => witnesses.readings().await,
            None => Vec::new(),
        }
    }
}

/// The `Date` header of another machine (RFC 9110 § 6.6.1), if one is configured.
struct HttpDate(Option<(Client<Connector, Empty<Bytes>>, http::Uri)>);

impl HttpDate {
    async fn now(&self) -> Option<DateTime<Utc>> {
        let (client, uri) = self.0.as_ref()?;
        let request = http::Request::head(uri.clone()).body(Empty::new()).ok()?;
        let response = tokio::time::timeout(TIME_PATIENCE, client.request(request)).await.ok()?.ok()?;
        let date = response.headers().get(http::header::DATE)?.to_str().ok()?;
        Some(DateTime::parse_from_rfc2822(date).ok()?.to_utc())
    }
}

#[async_trait]
impl SecondClock for HttpDate {
    async fn readings(&self) -> Vec<DateTime<Utc>> {
        self.now().await.into_iter().collect()
    }
}
