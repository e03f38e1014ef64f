//! A vault on a real disk, used by real threads and by one process after another.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use ssbtek_domain::SystemEntropy;
use ssbtek_vault::{DirectoryVault, DoomedKey, KeyId, Vault, VaultError};

fn vault(directory: &Path) -> DirectoryVault {
    DirectoryVault::open(directory, Arc::new(SystemEntropy)).unwrap()
}

#[test]
fn a_key_that_was_destroyed_while_others_read_it_is_not_had_again() {
    let directory = tempfile::tempdir().unwrap();
    let vault = vault(directory.path());
    let doomed: Vec<_> = (0..200)
        .map(|n| {
            let id = KeyId::new(&["case", &n.to_string()]);
            DoomedKey { check: Some(vault.create(&id).unwrap().check()), id, generation: Some(0) }
        })
        .collect();
    for doomed in &doomed {
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !done.load(Ordering::Acquire) {
                        if let Ok(key) = vault.open(&doomed.id) {
                            assert_eq!(Some(key.check()), doomed.check);
                        }
                    }
                });
            }
            assert_eq!(vault.destroy(std::slice::from_ref(doomed)).unwrap(), 1);
            done.store(true, Ordering::Release);
        });
        assert!(matches!(vault.open(&doomed.id), Err(VaultError::Destroyed(_))));
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn what_is_sealed_opens_after_a_restart_and_only_in_its_context() {
    let directory = tempfile::tempdir().unwrap();
    let id = KeyId::new(&["log", "162120000142", "2026-11"]);
    let sealed = vault(directory.path()).create(&id).unwrap().seal(&SystemEntropy, b"leaf 1", b"canary");
    let key = vault(directory.path()).open(&id).unwrap();
    assert_eq!(&key.open(b"leaf 1", &sealed).unwrap()[..], b"canary");
    assert!(key.open(b"leaf 2", &sealed).is_none());
    assert!(key.open(b"leaf 1", &sealed[1..]).is_none());
}

#[test]
fn opening_makes_no_key_and_a_destroyed_one_is_gone_though_destroyed_again() {
    let directory = tempfile::tempdir().unwrap();
    let vault = vault(directory.path());
    let id = KeyId::new(&["case", "1"]);
    assert!(matches!(vault.open(&id), Err(VaultError::Missing(_))));
    let before = vault.create(&id).unwrap();
    let doomed = [DoomedKey::now(&vault, &id).unwrap()];
    assert_eq!(vault.destroy(&doomed).unwrap(), 1);
    assert_eq!(vault.destroy(&doomed).unwrap(), 0);
    assert!(matches!(vault.open(&id), Err(VaultError::Destroyed(_))));
    assert!(vault.list().unwrap().is_empty());
    let after = vault.create(&id).unwrap();
    assert!(!after.is(&before) && after.check() != before.check());
    assert_eq!(vault.destroy(&doomed).unwrap(), 0, "a later key of the same name is another one");
    assert!(vault.open(&id).unwrap().is(&after));
}

#[test]
fn a_truncated_key_file_is_named_and_never_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let id = KeyId::new(&["case", "2"]);
    for length in [1, 31, 33] {
        fs::write(directory.path().join(id.as_str()), vec![1u8; length]).unwrap();
        let vault = vault(directory.path());
        assert!(matches!(vault.create(&id), Err(VaultError::Damaged(_))), "{length}");
        assert!(matches!(vault.open(&id), Err(VaultError::Damaged(_))), "{length}");
    }
}

#[test]
fn a_key_file_that_was_overwritten_when_the_power_went_is_no_key() {
    let directory = tempfile::tempdir().unwrap();
    let id = KeyId::new(&["case", "3"]);
    let path = directory.path().join(id.as_str());
    fs::write(&path, [0u8; 32]).unwrap();
    let first = vault(directory.path());
    assert!(matches!(first.open(&id), Err(VaultError::Missing(_))));
    let remains = DoomedKey::now(&first, &id).unwrap();
    assert_eq!(remains.check, None);
    assert_eq!(first.destroy(&[remains]).unwrap(), 1);
    assert!(!path.exists());
    fs::write(&path, [0u8; 32]).unwrap();
    let made = vault(directory.path()).create(&id).unwrap();
    assert!(vault(directory.path()).open(&id).unwrap().is(&made));
    assert_ne!(fs::read(&path).unwrap(), [0u8; 32]);
}

#[test]
fn a_key_that_was_being_made_when_the_power_went_is_overwritten_and_removed() {
    let directory = tempfile::tempdir().unwrap();
    let unfinished = directory.path().join(".new-case.4");
    fs::write(&unfinished, [7u8; 32]).unwrap();
    let vault = vault(directory.path());
    assert!(vault.list().unwrap().is_empty());
    let id = KeyId::new(&["case", "4"]);
    vault.create(&id).unwrap();
    assert!(!unfinished.exists());
    assert_ne!(fs::read(directory.path().join(id.as_str())).unwrap(), [7u8; 32]);
    fs::write(&unfinished, [7u8; 20]).unwrap();
    vault.remove_unfinished().unwrap();
    assert!(!unfinished.exists() && vault.open(&id).is_ok());
}

#[test]
fn more_keys_than_are_held_in_memory_are_all_had() {
    let directory = tempfile::tempdir().unwrap();
    let wait = std::time::Duration::from_secs(2);
    let vault = DirectoryVault::bounded(directory.path(), Arc::new(SystemEntropy), 4, wait).unwrap();
    let id = |n: usize| KeyId::new(&["case", &n.to_string()]);
    let made: Vec<_> = (0..20).map(|n| vault.create(&id(n)).unwrap()).collect();
    for (n, made) in made.iter().enumerate() {
        assert!(vault.open(&id(n)).unwrap().is(made));
        assert!(vault.create(&id(n)).unwrap().is(made));
    }
}
