//! Records and buckets: how a run's content is laid out. Terms are hashes, so a term's first bits tell its bucket.

use ssbtek_access_log::Term;

/// Bytes of a record: eight of the term, four for the leaf.
pub(crate) const RECORD_BYTES: usize = 12;
/// Records in a bucket on average: four buckets fill a page.
const BUCKET_RECORDS: u64 = 76;

/// A term's first eight bytes, and the index of a leaf that it leads to.
pub(crate) type Record = (u64, u64);

/// A term's first eight bytes: enough that two of a log's hundred million terms meet once in some thousand logs. Who looks for
/// a person holds what is found against the person again.
pub(crate) fn prefix(term: &Term) -> u64 {
    let (prefix, _) = term.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
    u64::from_be_bytes(*prefix)
}

/// How many buckets a run of so many records has.
pub(crate) fn buckets_for(records: u64) -> u64 {
    records.div_ceil(BUCKET_RECORDS).max(1)
}

/// The bucket, of so many, that a prefix belongs in.
pub(crate) fn bucket_of(prefix: u64, buckets: u64) -> u64 {
    ((u128::from(prefix) * u128::from(buckets)) >> 64) as u64
}

/// The first prefix that belongs in a bucket, or beyond; `None` after the last.
pub(crate) fn first_prefix(bucket: u64, buckets: u64) -> Option<u64> {
    u64::try_from((u128::from(bucket) << 64).div_ceil(u128::from(buckets))).ok()
}

/// A bucket's records as bytes.
pub(crate) fn encode(first: u64, records: &[Record]) -> Vec<u8> {
    let mut data = Vec::with_capacity(records.len() * RECORD_BYTES);
    for (prefix, leaf) in records {
        data.extend_from_slice(&prefix.to_be_bytes());
        data.extend_from_slice(&((leaf - first) as u32).to_be_bytes());
    }
    data
}

/// The records of a bucket.
pub(crate) fn records(bytes: &[u8], first: u64) -> impl Iterator<Item = Record> + '_ {
    let (chunks, _) = bytes.as_chunks::<RECORD_BYTES>();
    chunks.iter().map(move |[a, b, c, d, e, f, g, h, leaf @ ..]| {
        let prefix = u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
        (prefix, first + u64::from(u32::from_be_bytes(*leaf)))
    })
}

/// The leaves that a prefix leads to, by bisection.
pub(crate) fn leaves_of(bytes: &[u8], first: u64, wanted: u64) -> Vec<u64> {
    let (chunks, _) = bytes.as_chunks::<RECORD_BYTES>();
    let start = chunks.partition_point(|record| record[..8] < wanted.to_be_bytes()[..]);
    let found = chunks[start..].iter().take_while(|record| record[..8] == wanted.to_be_bytes());
    found.flat_map(|record| records(record, first)).map(|(_, leaf)| leaf).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_belongs_in_the_bucket_whose_bounds_hold_it() {
        for buckets in [1, 2, 3, 7, 76, 1000, 65_537] {
            for prefix in [0, 1, u64::MAX / 3, u64::MAX / 2, u64::MAX / 2 + 1, u64::MAX] {
                let bucket = bucket_of(prefix, buckets);
                assert!(first_prefix(bucket, buckets).unwrap() <= prefix);
                assert!(first_prefix(bucket + 1, buckets).is_none_or(|next| prefix < next));
            }
            assert_eq!(first_prefix(buckets, buckets), None);
        }
    }
}
