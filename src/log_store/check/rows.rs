//! Documents, tokens, and a digest over everything.

use std::collections::BTreeMap;

use ssbtek_vault::{KeyId, KeyState};

use super::Check;
use crate::{Fault, beside::Beside, documents, engine::Done, tokens::Stored};

/// Documents read in one go.
const AT_ONCE: u32 = 256;
/// What is wrong with a document whose key is there.
const DOES_NOT_OPEN: &str = "does not open";
/// The kind of a document of which no record that opens tells.
const NOT_KNOWN: &str = "unknown";

/// Whose documents do not open, of which kind, and whether it is their key.
fn does_not_open(of: &str, key: &str, kind: &str, wrong: &str, count: u64) -> String {
    // What is the provider's own is of no board.
    let whose = if of == "provider" { "the provider".to_owned() } else { format!("board {of}") };
    let what = format!("{count} document versions of kind {kind}");
    match wrong {
        DOES_NOT_OPEN => format!("{whose}: {what}: the key ({key}) does not open them"),
        state => format!("{whose}: {what}: the key ({key}) is {state}"),
    }
}

impl Check<'_> {
    /// Every version opens under its key, and of each document there are all from the first on.
    pub(super) fn documents(&mut self) -> Done<()> {
        let mut closed: BTreeMap<(String, &str, &str, &str), u64> = BTreeMap::new();
        let (mut versions, mut count): (BTreeMap<[u8; 32], Vec<u64>>, u64) = (BTreeMap::new(), 0);
        let mut after = (String::new(), Vec::new(), 0);
        loop {
            let page = self.rows.documents((&after.0, &after.1, after.2), "~", AT_ONCE)?;
            let Some(last) = page.last() else { break };
            after = (last.key.clone(), last.doc.to_vec(), last.version);
            for row in page {
                count += 1;
                versions.entry(row.doc).or_default().push(row.version);
                let key = KeyId::parse(&row.key);
                let Some(key) = key else {
                    self.found(format!("document row {count}: its key has no name"));
                    continue;
                };
                // What is sealed says that it is to be there.
                self.options.vault.expect(&key, None);
                let wrong = match documents::open(&*self.options.vault, &row) {
                    Err(Fault::Vault((_, KeyState::Gone))) if self.purged.contains(&key) => None,
                    Err(Fault::Vault((_, state))) => Some(state.as_str()),
                    Err(_) => Some(DOES_NOT_OPEN),
                    Ok(_) => None,
                };
                if let Some(wrong) = wrong {
                    let of = key.owner().unwrap_or_default().to_owned();
                    let kind = self.kinds.get(&row.doc).copied().unwrap_or(NOT_KNOWN);
                    *closed.entry((of, key.kind(), kind, wrong)).or_default() += 1;
                }
            }
        }
        for ((of, key, kind, wrong), count) in closed {
            self.found(does_not_open(&of, key, kind, wrong, count));
        }
        self.report.documents = count;
        for (nth, mut versions) in versions.into_values().enumerate() {
            versions.sort_unstable();
            // Earlier versions may have been sealed under keys that a purge has destroyed.
            let first = if self.purged.is_empty() { 1 } else { versions.first().copied().unwrap_or(1) };
            if let Some(expected) =
                (first..).zip(&versions).find(|(n, version)| n != *version).map(|(n, _)| n)
            {
                self.found(format!("document {}: version {expected} is missing", nth + 1));
            }
        }
        Ok(())
    }

    /// Groups follow each other, and none is missing of those that the trees tell of.
    pub(super) fn tokens(&mut self) -> Done<()> {
        let stored = Stored::read(self.rows, &*self.options.vault)?;
        if stored.wrong > 0 {
            self.found(format!("{} rows of spent tokens are not as they were written", stored.wrong));
        } else if self.beside()?.is_some_and(|newest| !stored.is_whole(newest.spent)) {
            self.found("rows of spent tokens are missing".to_owned());
        }
        Ok(())
    }

    /// How far the rows beside the trees have come, as the trees say; `None` where one does not say it.
    pub(super) fn beside(&mut self) -> Done<Option<Beside>> {
        match Beside::newest(self.rows, &*self.options.vault) {
            Ok(newest) => Ok(Some(newest)),
            Err(Fault::Damaged(what)) => {
                self.found(what.to_owned());
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    pub(super) fn digest(&mut self) -> Done<()> {
        self.report.content = self.rows.digest()?;
        Ok(())
    }
}
