//! Reads the revocation lists anew when they change on disk.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use aws_lc_rs::digest::{Context, SHA256};

use crate::{Gatekeeper, PkiError, RevocationLists, revocation::read_all};

/// A list on disk is in force after at most this long, whatever the configuration says.
pub const MAX_WATCH_INTERVAL: Duration = Duration::from_secs(60);

/// Compares lists on disk with those in force.
pub struct RevocationWatch {
    gatekeeper: Arc<Gatekeeper>,
    path: PathBuf,
    seen: Vec<u8>,
}

impl RevocationWatch {
    /// Watches a file or folder for `gatekeeper`. The first look always loads.
    pub fn new(gatekeeper: Arc<Gatekeeper>, path: &Path) -> Self {
        Self { gatekeeper, path: path.to_owned(), seen: vec![] }
    }

    /// Looks once; says whether lists were replaced. Compares contents, since times of change can lie. On error the
    /// lists in force stay, and the next look tries again.
    pub fn look(&mut self) -> Result<bool, PkiError> {
        let mut digest = Context::new(&SHA256);
        for bytes in read_all(&self.path)? {
            digest.update(&(bytes.len() as u64).to_be_bytes());
            digest.update(&bytes);
        }
        let digest = digest.finish().as_ref().to_vec();
        if digest == self.seen {
            return Ok(false);
        }
        self.gatekeeper.replace_lists(RevocationLists::load(&self.path)?);
        self.seen = digest;
        Ok(true)
    }
}

/// Looks every `interval` (at most [`MAX_WATCH_INTERVAL`]) until dropped.
pub async fn watch_crls(gatekeeper: Arc<Gatekeeper>, path: PathBuf, interval: Duration) {
    let mut watch = RevocationWatch::new(gatekeeper, &path);
    let mut ticks = tokio::time::interval(interval.clamp(Duration::from_millis(10), MAX_WATCH_INTERVAL));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let looked = tokio::task::spawn_blocking(move || (watch.look(), watch)).await;
        let Ok((result, same)) = looked else { return };
        watch = same;
        match result {
            Ok(true) => tracing::info!("revocation lists replaced"),
            Ok(false) => {}
            Err(error) => {
                tracing::error!(%error, "revocation lists not replaced; the old ones stay in force")
            }
        }
    }
}
