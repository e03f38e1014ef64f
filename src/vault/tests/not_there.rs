//! A key whose file is gone, changed or another's is never taken for one that was destroyed or never was, and none is made in its place.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

use std::{fs, path::Path, sync::Arc};

use ssbtek_domain::SystemEntropy;
use ssbtek_vault::{DirectoryVault, DoomedKey, KeyId, KeyState, Vault, VaultError};

fn vault(directory: &Path) -> DirectoryVault {
    DirectoryVault::open(directory, Arc::new(SystemEntropy)).unwrap()
}

fn id(kind: &str) -> KeyId {
    KeyId::new(&[kind, "162120009994"])
}

/// Everything that may become of a file, and what the key is called then.
fn damages(whole: &[u8], another: &[u8]) -> Vec<(Option<Vec<u8>>, KeyState)> {
    let mut all = vec![(None, KeyState::Gone), (Some(vec![0; whole.len()]), KeyState::Gone)];
    all.extend((0..32).map(|length| (Some(whole[..length].to_vec()), KeyState::Damaged)));
    all.extend((33..whole.len()).map(|length| (Some(whole[..length].to_vec()), KeyState::Damaged)));
    all.push((Some([whole, b"x"].concat()), KeyState::Damaged));
    all.push((Some(another.to_vec()), KeyState::Damaged));
    for at in 0..whole.len() {
        let mut flipped = whole.to_vec();
        flipped[at] ^= 1 << (at % 8);
        all.push((Some(flipped), KeyState::Damaged));
    }
    all
}

#[test]
fn whatever_becomes_of_a_file_is_told_as_what_it_is_at_a_look_and_after_a_start_and_heals() {
    let directory = tempfile::tempdir().unwrap();
    let (id, path) = (id("registry"), directory.path().join(id("registry").as_str()));
    let running = vault(directory.path());
    let key = running.create(&id).unwrap();
    running.expect(&id, None);
    running.create(&self::id("index")).unwrap();
    let whole = fs::read(&path).unwrap();
    let another = fs::read(directory.path().join(self::id("index").as_str())).unwrap();
    for (left, state) in damages(&whole, &another) {
        match &left {
            Some(left) => fs::write(&path, left).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let started = vault(directory.path());
        started.expect(&id, None);
        assert!(running.open(&id).unwrap().is(&key), "in memory until somebody looks");
        for vault in [&running, &started] {
            let found: Vec<_> =
                vault.look().wrong.iter().map(|error| error.fault().map(|(_, state)| state)).collect();
            assert_eq!(found, [Some(state)], "{left:?}");
            for had in [vault.open(&id), vault.create(&id)] {
                assert_eq!(had.unwrap_err().fault(), Some((&id, state)), "{left:?}");
            }
            assert_eq!(fs::read(&path).ok(), left, "nothing is made or changed");
        }
        fs::write(&path, &whole).unwrap();
        for vault in [&running, &started] {
            assert!(vault.look().wrong.is_empty() && vault.open(&id).unwrap().is(&key));
        }
    }
}

#[test]
fn what_was_destroyed_stays_destroyed_and_is_no_fault_now_or_after_a_start() {
    let directory = tempfile::tempdir().unwrap();
    let (id, first) = (id("log"), vault(directory.path()));
    first.create(&id).unwrap();
    first.expect(&id, None);
    let doomed = DoomedKey::now(&first, &id).unwrap();
    first.destroy(std::slice::from_ref(&doomed)).unwrap();
    let second = vault(directory.path());
    second.have_been_destroyed(&[doomed]);
    for vault in [&first, &second] {
        vault.expect(&id, None);
        assert!(vault.look().wrong.is_empty());
        assert!(matches!(vault.open(&id), Err(VaultError::Destroyed(_))));
    }
    let later = second.create(&id).unwrap();
    assert!(second.open(&id).unwrap().is(&later), "a later one of the same name is another");
    second.expect(&id, None);
    fs::remove_file(directory.path().join(id.as_str())).unwrap();
    assert!(matches!(second.look().wrong[..], [VaultError::Gone(_)]), "and is missed");
}

#[test]
fn a_file_from_before_there_were_checks_is_a_key_and_an_expected_one_is_known_by_what_was_kept() {
    let directory = tempfile::tempdir().unwrap();
    let (id, path) = (id("index"), directory.path().join(id("index").as_str()));
    let first = vault(directory.path());
    let known_by = first.create(&id).unwrap().known_by();
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..32]).unwrap();
    let second = vault(directory.path());
    second.expect(&id, Some(known_by));
    assert!(second.look().wrong.is_empty() && second.open(&id).is_ok());
    fs::write(&path, [7; 32]).unwrap();
    assert!(matches!(second.look().wrong[..], [VaultError::Damaged(_)]));
}
