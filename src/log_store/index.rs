//! The look-up index: one table of rows `(tree, month, term, leaf)`, in that order.
//!
//! An entry's id leads to its records for ever, as it stands in their headers: its rows are in no month ([`NO_MONTH`]). What else
//! leads to a record is blinded under the key that the record is sealed under, which is its board's and month's: the same person
//! is another term each month, and with the month's key its terms say nothing, wherever a copy of them lies. A look-up goes
//! through the months that are kept, the newest first.

mod rebuild;

use ssbtek_access_log::{Sought, Term};
use ssbtek_domain::{EntryId, OrganisationNumber};
use ssbtek_vault::{KeyId, Vault};

use crate::{
    Fault,
    engine::{Changes, Done, Rows},
    rows::{IndexRow, TreeId},
};

pub(crate) use rebuild::rebuild;

/// The month of entries' ids.
pub(crate) const NO_MONTH: i64 = 0;

const UNKNOWN: Fault = Fault::Damaged("a month's key has not its name");

/// Rows that one turn of erasing deletes for each leaf that it could erase.
const ROWS_PER_LEAF: u64 = 16;

/// The month of a board's key as it stands in the index: 202611 for `log.BOARD.2026-11`. `None` if it is no month's.
pub(crate) fn month_of(board: OrganisationNumber, key: &KeyId) -> Option<i64> {
    let (year, month) = key.as_str().strip_prefix(&month_keys(board).0)?.split_once('-')?;
    let (year, month): (u32, u32) = (year.parse().ok()?, month.parse().ok()?);
    (year > 0 && (1..=12).contains(&month)).then_some(i64::from(year) * 100 + i64::from(month))
}

/// The names of a board's months' keys begin with the first and lie below the second.
pub(crate) fn month_keys(board: OrganisationNumber) -> (String, String) {
    (format!("log.{board}."), format!("log.{board}/"))
}

/// What leads to one leaf.
pub(crate) fn rows_of(tree: i64, leaf: u64, entry: EntryId, month: i64, terms: &[Term]) -> Vec<IndexRow> {
    let blind = terms.iter().map(|term| (tree, month, *term, leaf));
    std::iter::once((tree, NO_MONTH, *entry.as_bytes(), leaf)).chain(blind).collect()
}

/// Up to `limit` leaves before an index that something leads to, from new to old, of the months whose keys are `kept` or later.
pub(crate) fn search(
    rows: &dyn Rows,
    vault: &dyn Vault,
    (board, tree): (OrganisationNumber, TreeId),
    (sought, kept): (&Sought, &KeyId),
    before: u64,
    limit: u32,
) -> Done<Vec<u64>> {
    let until = month_keys(board).1;
    let mut months = rows.sealing_keys(tree, kept.as_str(), &until)?;
    months.sort_unstable_by_key(|(_, end)| std::cmp::Reverse(*end));
    let mut found: Vec<u64> = Vec::new();
    for (key, end) in months {
        // All that is left to be looked through is older.
        if found.len() >= limit as usize && found.last().is_some_and(|oldest| *oldest >= end) {
            break;
        }
        let key = KeyId::parse(&key).ok_or(UNKNOWN)?;
        let month = month_of(board, &key).ok_or(UNKNOWN)?;
        let term = match vault.open(&key) {
            Ok(key) => sought.term(&key),
            Err(error) if error.is_erasure() => continue,
            Err(error) => return Err(error.into()),
        };
        found.extend(rows.term_leaves(tree, month, &term, before, limit)?);
        found.sort_unstable_by_key(|leaf| std::cmp::Reverse(*leaf));
        found.truncate(limit as usize);
    }
    Ok(found)
}

/// Deletes up to some rows for each of `limit` leaves, of those before the index `below` in these keys' months. Returns how many.
pub(crate) fn erase(
    changes: &dyn Changes,
    (tree, board): (TreeId, OrganisationNumber),
    keys: &[KeyId],
    below: u64,
    limit: u32,
) -> Done<u64> {
    let most = u64::from(limit) * ROWS_PER_LEAF;
    let mut erased = 0;
    for month in keys.iter().filter_map(|key| month_of(board, key)) {
        if erased < most {
            erased += changes.erase_terms(tree, month, below, most - erased)?;
        }
    }
    Ok(erased)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ssbtek_access_log::LookUp;
    use ssbtek_domain::SystemEntropy;
    use ssbtek_transparency::Hash;
    use ssbtek_vault::DirectoryVault;

    use super::*;
    use crate::{engine::Inspected, memory::Memory, rows::LeafRow};

    fn sealed_under(index: u64, key: &KeyId) -> LeafRow {
        let hash = Hash::empty_root();
        let key = key.as_str().to_owned();
        LeafRow { index, hash, header: vec![], commitment: hash, key, sealed: Some(vec![]) }
    }

    fn board() -> OrganisationNumber {
        OrganisationNumber::parse("162120009994").unwrap()
    }

    #[test]
    fn a_months_key_names_its_month_and_no_other_key_does() {
        let month = |name: &str| month_of(board(), &KeyId::parse(name).unwrap());
        assert_eq!(month("log.162120009994.2026-11"), Some(202_611));
        for other in [
            "log.162120009994.2026-13",
            "log.162120008988.2026-11",
            "receipt.162120009994",
            "log.162120009994",
        ] {
            assert_eq!(month(other), None, "{other}");
        }
    }

    /// Numbers as even as hashes.
    fn mixed(n: u64) -> u64 {
        let mixed = (n ^ (n >> 31)).wrapping_mul(0x7fb5_d329_728e_a185);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20
    }

    #[test]
    fn whatever_the_order_of_the_months_every_page_is_that_of_a_look_through_everything() {
        let keys = tempfile::tempdir().unwrap();
        let vault = DirectoryVault::open(keys.path(), Arc::new(SystemEntropy)).unwrap();
        let table = Memory::default().rows();
        let (sought, month) = (Sought::from(LookUp::Case("EB-1")), |n: u64| format!("2026-{:02}", 1 + n));
        let (mut rows, mut naive) = (Vec::new(), Vec::new());
        for leaf in 0..9000 {
            // Mostly in order, and now and then of months before and after.
            let n = if mixed(leaf).is_multiple_of(9) { mixed(leaf + 1) % 6 } else { leaf / 1500 };
            let key = KeyId::new(&["log", board().as_str(), &month(n)]);
            table.add_leaf(1, &sealed_under(leaf, &key)).unwrap();
            // What is looked for is rare, then common, and of the first month expired.
            if mixed(leaf + 2) % 9000 < leaf / 4 {
                let term = sought.term(&vault.create(&key).unwrap());
                rows.push((1, month_of(board(), &key).unwrap(), term, leaf));
                naive.extend((n > 0).then_some(leaf));
            }
        }
        naive.reverse();
        table.add_terms(&rows).unwrap();
        let kept = KeyId::new(&["log", board().as_str(), "2026-02"]);
        for before in (0..9000).step_by(250).chain([u64::MAX]) {
            for limit in [1, 2, 7, 256, 5000] {
                let found = search(&table, &vault, (board(), 1), (&sought, &kept), before, limit).unwrap();
                let expected = naive.iter().copied().filter(|leaf| *leaf < before).take(limit as usize);
                assert_eq!(found, expected.collect::<Vec<_>>(), "{before} {limit}");
            }
        }
    }

    #[test]
    fn a_month_goes_in_bounded_turns_and_nothing_else_goes_with_it() {
        let table = Memory::default().rows();
        let term = |n: u64| Hash::of_parts(&[&n.to_be_bytes()]).as_bytes()[..16].try_into().unwrap();
        let mut rows: Vec<IndexRow> = (0..1000).map(|n| (1, 202_611, term(n), n)).collect();
        rows.extend(
            (0..100).flat_map(|n| {
                [(1, 202_612, term(n), n), (2, 202_611, term(n), n), (1, NO_MONTH, term(n), n)]
            }),
        );
        table.add_terms(&rows).unwrap();
        let key = KeyId::new(&["log", board().as_str(), "2026-11"]);
        let (mut turns, mut erased) = (Vec::new(), 1);
        while erased > 0 {
            erased = erase(&table, (1, board()), std::slice::from_ref(&key), 900, 20).unwrap();
            turns.push(erased);
        }
        assert_eq!(turns, [320, 320, 260, 0]);
        let left: u64 = table.term_counts().unwrap().iter().map(|(.., rows)| rows).sum();
        assert_eq!(left, 100 + 300);
    }
}
