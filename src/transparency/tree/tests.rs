use std::convert::Infallible;
use std::ops::Range;

use proptest::prelude::*;

use super::*;
use crate::hash::Hash;

/// The eight inputs used by every Certificate Transparency implementation, and the roots of their first n.
const INPUTS: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn hex(text: &str) -> Hash {
    Hash::from_hex(text).unwrap()
}

/// A store in memory, filled the way a real one is: leaves and the tile nodes that `append` reports.
#[derive(Default)]
struct Memory {
    levels: [Vec<Hash>; 3],
    reads: std::cell::Cell<u64>,
}

impl Memory {
    fn of(leaves: &[Hash]) -> (Self, Frontier) {
        let (mut store, mut frontier) = (Self::default(), Frontier::new());
        for leaf in leaves {
            store.levels[0].push(*leaf);
            for node in frontier.append(*leaf) {
                let level = &mut store.levels[(node.level / TILE_LEVELS) as usize];
                assert_eq!(node.index, level.len() as u64);
                level.push(node.hash);
            }
        }
        (store, frontier)
    }
}

impl TileStore for Memory {
    type Error = Infallible;

    fn hashes(&self, level: u32, range: Range<u64>) -> Result<Vec<Hash>, Infallible> {
        self.reads.set(self.reads.get() + range.end - range.start);
        let level = &self.levels[(level / TILE_LEVELS) as usize];
        Ok(level.get(range.start as usize..range.end as usize).unwrap_or_default().to_vec())
    }
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|n| Hash::leaf(&n.to_be_bytes())).collect()
}

/// RFC 6962 §2.1, word for word: the oracle.
mod naive {
    use crate::hash::Hash;

    fn split(n: usize) -> usize {
        let mut k = 1;
        while k * 2 < n {
            k *= 2;
        }
        k
    }

    pub(super) fn root(d: &[Hash]) -> Hash {
        match d {
            [] => Hash::empty_root(),
            [one] => *one,
            _ => Hash::node(&root(&d[..split(d.len())]), &root(&d[split(d.len())..])),
        }
    }

    pub(super) fn path(m: usize, d: &[Hash]) -> Vec<Hash> {
        if d.len() == 1 {
            return vec![];
        }
        let k = split(d.len());
        let (mut proof, last) =
            if m < k { (path(m, &d[..k]), root(&d[k..])) } else { (path(m - k, &d[k..]), root(&d[..k])) };
        proof.push(last);
        proof
    }

    pub(super) fn subproof(m: usize, d: &[Hash], whole: bool) -> Vec<Hash> {
        if m == d.len() {
            return if whole { vec![] } else { vec![root(d)] };
        }
        let k = split(d.len());
        let (mut proof, last) = if m <= k {
            (subproof(m, &d[..k], whole), root(&d[k..]))
        } else {
            (subproof(m - k, &d[k..], false), root(&d[..k]))
        };
        proof.push(last);
        proof
    }
}

#[test]
fn published_roots_are_reproduced() {
    let mut frontier = Frontier::new();
    assert_eq!(frontier.root(), Hash::empty_root());
    for (input, root) in INPUTS.iter().zip(ROOTS) {
        frontier.append(Hash::leaf(input));
        assert_eq!(frontier.root(), hex(root));
    }
}

#[test]
fn published_proofs_are_reproduced() {
    let hashes: Vec<Hash> = INPUTS.iter().map(|input| Hash::leaf(input)).collect();
    let (store, _) = Memory::of(&hashes);
    let tree = Tiles::new(&store, 8);
    let hexes = |texts: &[&str]| texts.iter().map(|text| hex(text)).collect::<Vec<_>>();
    let one_to_eight = hexes(&[
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]);
    assert_eq!(consistency_proof(&tree, 1, 8).unwrap(), one_to_eight);
    assert_eq!(inclusion_proof(&tree, 0, 8).unwrap(), one_to_eight);
    assert_eq!(
        consistency_proof(&tree, 6, 8).unwrap(),
        hexes(&[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ])
    );
    assert_eq!(
        consistency_proof(&tree, 2, 5).unwrap(),
        hexes(&[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ])
    );
    assert_eq!(consistency_proof(&tree, 1, 1).unwrap(), vec![]);
}

#[test]
fn every_small_tree_agrees_with_the_rfc_word_for_word() {
    let all = leaves(34);
    let (store, _) = Memory::of(&all);
    for size in 1..=34u64 {
        let (d, tree) = (&all[..size as usize], Tiles::new(&store, size));
        let root = root_at(&tree, size).unwrap();
        assert_eq!(root, naive::root(d));
        assert_eq!(frontier_at(&tree, size).unwrap().root(), root);
        for index in 0..size {
            let proof = inclusion_proof(&tree, index, size).unwrap();
            assert_eq!(proof, naive::path(index as usize, d));
            let leaf = &d[index as usize];
            assert_eq!(verify_inclusion(leaf, index, size, &proof, &root), Ok(()));
            for other in (0..size + 2).filter(|other| *other != index) {
                assert!(verify_inclusion(leaf, other, size, &proof, &root).is_err());
            }
        }
        for old in 1..=size {
            let proof = consistency_proof(&tree, old, size).unwrap();
            assert_eq!(proof, naive::subproof(old as usize, d, true));
            let old_root = naive::root(&all[..old as usize]);
            assert_eq!(verify_consistency(old, size, &old_root, &root, &proof), Ok(()));
            for other in (1..=size + 1).filter(|other| *other != old) {
                assert!(verify_consistency(other, size, &old_root, &root, &proof).is_err());
            }
        }
    }
}

#[test]
fn a_proof_from_a_large_log_reads_a_few_tiles_and_not_the_log() {
    let all = leaves(70_000);
    let (store, frontier) = Memory::of(&all);
    for index in [0, 255, 256, 65_535, 65_536, 69_999] {
        store.reads.set(0);
        let proof = inclusion_proof(&Tiles::new(&store, 70_000), index, 70_000).unwrap();
        assert!(store.reads.get() <= 2 * 3 * TILE_WIDTH, "{} reads", store.reads.get());
        let leaf = &all[index as usize];
        assert_eq!(verify_inclusion(leaf, index, 70_000, &proof, &frontier.root()), Ok(()));
    }
    assert_eq!(frontier_at(&Tiles::new(&store, 70_000), 70_000).unwrap(), frontier);
}

#[test]
fn a_store_with_rows_missing_is_named_and_gives_no_proof() {
    let (mut store, _) = Memory::of(&leaves(300));
    store.levels[0].truncate(290);
    let proof = inclusion_proof(&Tiles::new(&store, 300), 299, 300);
    assert_eq!(proof, Err(BuildError::Read(TileError::Missing)));
    assert_eq!(inclusion_proof(&Tiles::new(&store, 300), 300, 300), Err(BuildError::OutOfRange));
}

#[test]
fn a_frontier_that_does_not_fit_its_size_is_refused() {
    let hash = Hash::leaf(b"");
    assert_eq!(Frontier::from_parts(3, vec![hash]), Err(FrontierError::Count));
    assert!(Frontier::from_parts(3, vec![hash, hash]).is_ok());
    let mut frontier = Frontier::from_parts(1, vec![hash]).unwrap();
    assert_eq!(frontier.append_subtree(1, hash), Err(FrontierError::Alignment));
    assert_eq!(frontier.append_subtree(64, hash), Err(FrontierError::Alignment));
    assert_eq!(frontier.append_subtree(0, hash), Ok(()));
    assert_eq!(frontier.size(), 2);
}

#[test]
fn roots_of_the_empty_tree_are_only_the_empty_root() {
    let (empty, other) = (Hash::empty_root(), Hash::leaf(b""));
    assert_eq!(verify_consistency(0, 0, &empty, &empty, &[]), Ok(()));
    assert_eq!(verify_consistency(0, 5, &empty, &other, &[]), Ok(()));
    assert_eq!(verify_consistency(0, 0, &empty, &other, &[]), Err(ProofError::Root));
    assert_eq!(verify_consistency(0, 5, &other, &other, &[]), Err(ProofError::Root));
    assert_eq!(verify_consistency(0, 5, &empty, &other, &[other]), Err(ProofError::Length));
    assert_eq!(verify_consistency(2, 1, &empty, &other, &[]), Err(ProofError::OutOfRange));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_tree_agrees_with_the_oracle_and_every_change_to_a_proof_is_refused(
        size in 1u64..900, index in any::<u64>(), old in any::<u64>(), place in any::<usize>(), bit in 0usize..256,
    ) {
        let (index, old) = (index % size, old % size + 1);
        let all = leaves(size);
        let (store, frontier) = Memory::of(&all);
        let tree = Tiles::new(&store, size);
        let root = frontier.root();
        prop_assert_eq!(root, naive::root(&all));

        let mut inclusion = inclusion_proof(&tree, index, size).unwrap();
        prop_assert_eq!(&inclusion, &naive::path(index as usize, &all));
        let leaf = &all[index as usize];
        prop_assert_eq!(verify_inclusion(leaf, index, size, &inclusion, &root), Ok(()));

        let old_root = naive::root(&all[..old as usize]);
        let mut consistency = consistency_proof(&tree, old, size).unwrap();
        prop_assert_eq!(&consistency, &naive::subproof(old as usize, &all, true));
        prop_assert_eq!(verify_consistency(old, size, &old_root, &root, &consistency), Ok(()));

        for proof in [&mut inclusion, &mut consistency] {
            if proof.is_empty() { continue }
            let place = place % proof.len();
            let mut bytes = *proof[place].as_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            proof[place] = Hash::from_bytes(bytes);
        }
        if !inclusion.is_empty() {
            prop_assert!(verify_inclusion(leaf, index, size, &inclusion, &root).is_err());
            inclusion.pop();
            prop_assert_eq!(verify_inclusion(leaf, index, size, &inclusion, &root), Err(ProofError::Length));
        }
        if !consistency.is_empty() {
            prop_assert!(verify_consistency(old, size, &old_root, &root, &consistency).is_err());
            consistency.pop();
            prop_assert!(verify_consistency(old, size, &old_root, &root, &consistency).is_err());
        }
    }

    #[test]
    fn a_batch_proves_its_own_leaves_without_reading(before in 0u64..700, added in 1u64..300) {
        let all = leaves(before + added);
        let (_, frontier) = Memory::of(&all[..before as usize]);
        let (store, after) = Memory::of(&all);
        let batch = Batch::new(frontier, all[before as usize..].to_vec());
        prop_assert_eq!(batch.frontier(), &after);
        for node in batch.completed() {
            prop_assert_eq!(store.levels[(node.level / TILE_LEVELS) as usize][node.index as usize], node.hash);
        }
        for index in before..before + added {
            prop_assert_eq!(batch.inclusion_proof(index).unwrap(), naive::path(index as usize, &all));
        }
        if before > 0 {
            prop_assert!(batch.inclusion_proof(before - 1).is_err());
        }
        prop_assert!(batch.inclusion_proof(before + added).is_err());
    }

    #[test]
    fn whole_subtrees_grow_the_same_tree_as_their_leaves(size in 1u64..600) {
        let all = leaves(size);
        let (store, frontier) = Memory::of(&all);
        let tree = Tiles::new(&store, size);
        let mut grown = Frontier::new();
        while grown.size() < size {
            let level = (size - grown.size()).ilog2();
            grown.append_subtree(level, tree.subtree(level, grown.size() >> level).unwrap()).unwrap();
        }
        prop_assert_eq!(grown, frontier);
    }
}
