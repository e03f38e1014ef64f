//! Takes files up anew when they change on disk: certificates and keys, roots, revocation lists.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use aws_lc_rs::digest::{Context, SHA256};

use crate::{Gatekeeper, ListMemory, PkiError, RevocationLists, revocation::read_all};

/// A change on disk is in force after at most this long, whatever the configuration says.
pub const MAX_WATCH_INTERVAL: Duration = Duration::from_secs(60);

type Apply = Box<dyn FnMut(&[Vec<u8>]) -> Result<(), PkiError> + Send>;

/// Compares files on disk with what is in force.
pub struct FileWatch {
    /// For the log.
    what: &'static str,
    paths: Vec<PathBuf>,
    seen: Vec<u8>,
    apply: Apply,
}

impl FileWatch {
    /// Watches files that belong together (or folders of them, by name). `apply` gets their contents in this order, each
    /// of bounded size, and puts them in force together or not at all. The first look always applies.
    pub fn new(
        what: &'static str,
        paths: Vec<PathBuf>,
        apply: impl FnMut(&[Vec<u8>]) -> Result<(), PkiError> + Send + 'static,
    ) -> Self {
        Self { what, paths, seen: vec![], apply: Box::new(apply) }
    }

    /// Watches a file or folder of revocation lists for `gatekeeper`. Lists only move forward, as far as `memory` remembers
    /// and as this gatekeeper has known them.
    pub fn revocation_lists(gatekeeper: Arc<Gatekeeper>, path: &Path, memory: Arc<dyn ListMemory>) -> Self {
        Self::new("revocation lists", vec![path.to_owned()], move |files| {
            gatekeeper.advance_to(RevocationLists::from_files(files)?, &*memory)
        })
    }

    /// Looks once; says whether anything was replaced. Compares contents, since times of change can lie. On error (half a
    /// pair has been written so far, perhaps) what is in force stays, and the next look tries again.
    pub fn look(&mut self) -> Result<bool, PkiError> {
        let mut files = vec![];
        for path in &self.paths {
            files.extend(read_all(path)?);
        }
        let mut digest = Context::new(&SHA256);
        for bytes in &files {
            digest.update(&(bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        }
        let digest = digest.finish().as_ref().to_vec();
        if digest == self.seen {
            return Ok(false);
        }
        (self.apply)(&files)?;
        self.seen = digest;
        Ok(true)
    }

    /// Looks every `interval` (at most [`MAX_WATCH_INTERVAL`]) until dropped.
    pub async fn run(self, interval: Duration) {
        let mut watch = self;
        let mut ticks = tokio::time::interval(interval.clamp(Duration::from_millis(10), MAX_WATCH_INTERVAL));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let looked = tokio::task::spawn_blocking(move || (watch.look(), watch)).await;
            let Ok((result, same)) = looked else { return };
            watch = same;
            let what = watch.what;
            match result {
                Ok(true) => tracing::info!(what, "files taken up"),
                Ok(false) => {}
                Err(error) => {
                    tracing::error!(what, %error, "files not taken up; what was read before stays in force")
                }
            }
        }
    }
}
