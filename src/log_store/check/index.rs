//! The look-up index: every row that the records tell of, and no other.

use std::collections::BTreeMap;

use ssbtek_access_log::Term;
use ssbtek_domain::OrganisationNumber;
use ssbtek_vault::KeyId;

use super::Check;
use crate::{
    engine::Done,
    index::{NO_MONTH, month_of},
    rows::TreeId,
};

/// How many rows the records tell of, by tree and month.
#[derive(Default)]
pub(crate) struct IndexSeen {
    months: BTreeMap<(i64, i64), Expected>,
}

#[derive(Default)]
struct Expected {
    rows: u64,
    /// Whether more may be there: of what is being erased, or is gone without a record, which is told by itself.
    or_more: bool,
}

impl Check<'_> {
    /// Whether what leads to a leaf stands where it is looked for.
    pub(super) fn is_indexed(&mut self, tree: TreeId, month: i64, term: &Term, leaf: u64) -> Done<bool> {
        self.index.months.entry((tree, month)).or_default().rows += 1;
        self.rows.has_term(&(tree, month, *term, leaf))
    }

    /// Notes that what was sealed under a key is gone: terms that led there may be left while its purge is under way.
    pub(super) fn may_be_indexed(&mut self, tree: TreeId, board: OrganisationNumber, key: &KeyId) {
        let told = self.purged.contains(key) && !self.options.doomed.contains(key);
        if let Some(month) = month_of(board, key).filter(|_| !told) {
            self.index.months.entry((tree, month)).or_default().or_more = true;
        }
    }

    /// As many rows as the records tell of. To be called after them.
    pub(super) fn index(&mut self) -> Done<()> {
        for (tree, month, count) in self.rows.term_counts()? {
            let expected = self.index.months.get(&(tree, month));
            let (rows, or_more) = expected.map_or((0, false), |seen| (seen.rows, seen.or_more));
            // One that is missing has been named.
            if count > rows && !or_more {
                let of = if month == NO_MONTH { "entries".to_owned() } else { format!("month {month}") };
                self.found(format!(
                    "tree {tree}: the look-up index of its {of} has {count} rows, {rows} belong there"
                ));
            }
        }
        Ok(())
    }
}
