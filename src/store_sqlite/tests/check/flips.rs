//! Single bits flipped anywhere in a stopped data directory.

use std::{fs, path::PathBuf};

use ssbtek_domain::SeededEntropy;

use crate::fixture::{BOARDS, Log, board, checked};

/// Flips tried; `FLIPS` sets another number.
const FLIPS: u64 = 500;

#[tokio::test]
async fn every_flipped_bit_is_found_or_lies_where_nothing_is_stored() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::new(directory.path()).await;
    log.ask(board(BOARDS[0]), 150).await;
    log.ask(board(BOARDS[1]), 20).await;
    drop(log);
    let sound = checked(directory.path(), &[]).unwrap();
    assert_eq!(sound.findings, Vec::<String>::new());
    assert_eq!((sound.boards, sound.erased, sound.open), (2, 0, 0));

    let database = directory.path().join("broker.db");
    let mut files: Vec<PathBuf> =
        fs::read_dir(directory.path().join("keys")).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let flips = std::env::var("FLIPS").ok().and_then(|n| n.parse().ok()).unwrap_or(FLIPS);
    let (chance, mut found, mut nowhere) = (SeededEntropy::new(20_261_122), 0, 0);
    for n in 0..flips {
        // One in ten hits a key; the rest hit the database.
        let path = if n % 10 == 0 { &files[chance.below(files.len() as u64) as usize] } else { &database };
        let whole = fs::read(path).unwrap();
        let bit = chance.below(whole.len() as u64 * 8);
        let mut flipped = whole.clone();
        flipped[(bit / 8) as usize] ^= 1 << (bit % 8);
        fs::write(path, &flipped).unwrap();
        let report = checked(directory.path(), &[]);
        fs::write(path, &whole).unwrap();
        match report {
            Err(_) => found += 1,
            Ok(report) if !report.findings.is_empty() || report.erased != sound.erased => found += 1,
            Ok(report) => {
                assert_eq!(report.content, sound.content, "bit {bit} of {} went unseen", path.display());
                nowhere += 1;
            }
        }
    }
    println!("{flips} flips: {found} found, {nowhere} where nothing is stored");
    assert!(found > nowhere);
    assert_eq!(checked(directory.path(), &[]).unwrap(), sound);
}
