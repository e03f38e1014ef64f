use super::*;
use ssbtek_transparency::NoteSigner;
use ssbtek_transparency::note::KeyName;

fn note(origin: &str, size: u64) -> SignedNote {
    let signer = NoteSigner::from_seed(KeyName::parse(origin).unwrap(), &[1; 32]).unwrap();
    Checkpoint::new(origin, size, Hash::leaf(b"")).sign([&signer]).unwrap()
}

fn notes() -> Notes {
    [("log/a", 7), ("log/b", 9)].map(|(origin, size)| (origin.to_owned(), note(origin, size))).into()
}

#[test]
fn what_is_saved_is_what_is_opened_and_the_last_save_counts() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    let (mut state, fresh) = StateFile::create(&path).unwrap();
    assert_eq!(fresh, Notes::new());
    state.save(&Notes::from([("log/a".to_owned(), note("log/a", 3))])).unwrap();
    state.save(&notes()).unwrap();
    drop(state);
    let (_state, read) = StateFile::open(&path).unwrap();
    assert_eq!(read, notes());
    assert_eq!(seen(&read["log/a"]).unwrap().1.size, 7);
}

#[test]
fn a_lost_state_is_not_begun_anew_and_a_state_that_exists_is_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    assert_eq!(StateFile::open(&path).unwrap_err(), StateError::Missing);
    drop(StateFile::create(&path).unwrap());
    assert_eq!(StateFile::create(&path).unwrap_err(), StateError::Exists);
    assert!(StateFile::open(&path).is_ok());
}

#[test]
fn two_processes_never_share_a_state() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    let first = StateFile::create(&path).unwrap();
    assert_eq!(StateFile::open(&path).unwrap_err(), StateError::InUse);
    drop(first);
    assert!(StateFile::open(&path).is_ok());
}

#[test]
fn every_single_bit_flip_in_the_state_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    let (mut state, _) = StateFile::create(&path).unwrap();
    state.save(&notes()).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert!(read(&bytes).is_some());
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(read(&flipped), None, "bit {bit}");
        assert_eq!(read(&bytes[..bit / 8]), None);
    }
}

#[test]
fn proof_of_a_fork_is_kept_beside_the_state() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    let (mut state, _) = StateFile::create(&path).unwrap();
    state.keep_fork(7, &note("log/a", 7)).unwrap();
    let kept = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let kept: Vec<_> = kept.filter(|path| path.to_string_lossy().contains(".fork-7-")).collect();
    assert_eq!(std::fs::read_to_string(&kept[0]).unwrap(), note("log/a", 7).encode());
}
