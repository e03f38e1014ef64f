//! A key that was destroyed is dead whenever its file comes back, and one that cannot be told from its file alone is used only once
//! something that rests on it opens under it.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use ssbtek_domain::SystemEntropy;
use ssbtek_vault::{DirectoryVault, DoomedKey, Key, KeyId, KeyState, Proof, Proven, Vault, VaultError};

fn vault(directory: &Path) -> DirectoryVault {
    DirectoryVault::open(directory, Arc::new(SystemEntropy)).unwrap()
}

fn id() -> KeyId {
    KeyId::new(&["log", "162120009994", "2026-11"])
}

fn file(directory: &Path) -> PathBuf {
    directory.join(id().as_str())
}

/// What became of the file before its key was destroyed.
fn losses() -> Vec<(&'static str, Option<Vec<u8>>)> {
    vec![("gone", None), ("empty", Some(vec![])), ("short", Some(vec![1; 20])), ("zeros", Some(vec![0; 48]))]
}

#[test]
fn a_file_that_comes_back_after_its_key_was_destroyed_is_no_key_and_is_overwritten() {
    for whole in [true, false] {
        for (loss, left) in losses() {
            let directory = tempfile::tempdir().unwrap();
            let path = file(directory.path());
            let old = vault(directory.path()).create(&id()).unwrap();
            let kept = fs::read(&path).unwrap();
            let running = vault(directory.path());
            if !whole {
                match left {
                    Some(left) => fs::write(&path, left).unwrap(),
                    None => fs::remove_file(&path).unwrap(),
                }
            }
            let doomed = [DoomedKey::now(&running, &id()).unwrap()];
            running.destroy(&doomed).unwrap();
            let next = vault(directory.path());
            next.have_been_destroyed(&doomed);
            for vault in [&running, &next] {
                fs::write(&path, &kept).unwrap();
                assert!(matches!(vault.open(&id()), Err(VaultError::Destroyed(_))), "{loss}");
                let looked = vault.look();
                assert_eq!((looked.wrong.len(), looked.destroyed_again), (0, vec![id()]), "{loss}");
                assert!(!path.exists(), "{loss}: found and destroyed");
            }
            // A later one of the same name, made with the old one's file in its place.
            fs::write(&path, &kept).unwrap();
            let later = next.create(&id()).unwrap();
            assert!(!later.is(&old), "{loss}");
            let third = vault(directory.path());
            third.have_been_destroyed(&doomed);
            assert_eq!(third.destroy(&doomed).unwrap(), 0, "{loss}: a later one is another");
            assert!(third.open(&id()).unwrap().is(&later), "{loss}");
            assert!(third.look().destroyed_again.is_empty());
            assert!(
                vault(directory.path()).open(&id()).unwrap().is(&later),
                "also where nobody knows of the first"
            );
            third.forget_destroyed(&[id()]);
            third.expect(&id(), Some(later.known_by()));
            fs::write(&path, &kept).unwrap();
            assert_eq!(third.look().destroyed_again, [id()], "{loss}: the dead one in a later one's place");
            assert!(matches!(third.open(&id()), Err(VaultError::Gone(_))), "{loss}");
        }
    }
}

/// A file of before there were checks: the right key's, or another.
fn old_file(directory: &Path, right: bool) -> Arc<Key> {
    let key = vault(directory).create(&id()).unwrap();
    let whole = fs::read(file(directory)).unwrap();
    fs::write(file(directory), if right { &whole[..32] } else { &[7; 32] }).unwrap();
    key
}

#[test]
fn a_file_without_a_check_is_a_key_once_something_opens_under_it_and_is_never_used_before() {
    for (right, rests) in [(true, true), (true, false), (false, true), (false, false)] {
        let directory = tempfile::tempdir().unwrap();
        let key = old_file(directory.path(), right);
        let vault = vault(directory.path());
        assert_eq!(vault.demand_checks().unwrap(), 1);
        vault.expect(&id(), None);
        let states = || vault.look().wrong.iter().map(|error| error.fault().unwrap().1).collect::<Vec<_>>();
        assert_eq!((states(), vault.unproven()), (vec![KeyState::Damaged], vec![id()]));
        assert!(vault.open(&id()).is_err() && vault.create(&id()).is_err(), "not before it is proven");
        let proven = vault.prove(&id(), &mut |found| match rests {
            true if found.is(&key) => Proof::Opens,
            true => Proof::OpensNot,
            false => Proof::NothingRests,
        });
        let length = fs::metadata(file(directory.path())).unwrap().len();
        if right || !rests {
            assert!(proven.unwrap() == Proven::Given && vault.open(&id()).is_ok());
            assert_eq!((length, states(), vault.unproven().len()), (48, vec![], 0));
        } else {
            assert!(matches!(proven, Err(VaultError::Damaged(_))));
            assert_eq!((length, states()), (32, vec![KeyState::Damaged]));
            assert!(vault.open(&id()).is_err() && vault.create(&id()).is_err());
        }
    }
}

#[test]
fn a_file_without_a_check_in_place_of_a_destroyed_key_is_destroyed_where_nothing_says_that_it_is_a_later_one()
{
    let directory = tempfile::tempdir().unwrap();
    old_file(directory.path(), true);
    let vault = vault(directory.path());
    vault.have_been_destroyed(&[DoomedKey { id: id(), check: None, generation: Some(0) }]);
    // What it sealed may be there still, so that nothing speaks for it.
    assert!(matches!(vault.open(&id()), Err(VaultError::Destroyed(_))));
    assert!(matches!(vault.prove(&id(), &mut |_| Proof::Opens), Err(VaultError::Destroyed(_))));
    assert!(vault.look().destroyed_again.is_empty() && file(directory.path()).exists());
    vault.forget_destroyed(&[id()]);
    let again = fs::read(file(directory.path())).unwrap();
    for met_by_a_look in [false, true] {
        fs::write(file(directory.path()), &again).unwrap();
        if met_by_a_look {
            assert_eq!((vault.look().wrong.len(), vault.unproven()), (1, vec![id()]));
        } else {
            assert!(matches!(vault.open(&id()), Err(VaultError::Damaged(_))));
        }
        assert_eq!(vault.prove(&id(), &mut |_| Proof::NothingRests).unwrap(), Proven::Destroyed);
        assert!(!file(directory.path()).exists());
        assert_eq!((vault.look().wrong.len(), vault.unproven().len()), (0, 0));
    }
}

#[test]
fn from_the_beginning_of_a_purge_to_its_end_and_after_it_what_was_not_had_is_destroyed_in_whatever_form_it_comes_back()
 {
    let directory = tempfile::tempdir().unwrap();
    vault(directory.path()).create(&id()).unwrap();
    let whole = fs::read(file(directory.path())).unwrap();
    let other_check = [&whole[..47], &[!whole[47]]].concat();
    for had in [true, false] {
        fs::write(file(directory.path()), &whole).unwrap();
        let vault = vault(directory.path());
        vault.demand_checks().unwrap();
        if !had {
            fs::remove_file(file(directory.path())).unwrap();
        }
        let doomed = [DoomedKey::now(&vault, &id()).unwrap()];
        vault.purge_begins(&doomed);
        assert_eq!(vault.destroy(&doomed).unwrap(), usize::from(had));
        for (form, back) in
            [("whole", &whole[..]), ("alone", &whole[..32]), ("cut", &whole[..47]), ("other", &other_check)]
        {
            fs::write(file(directory.path()), back).unwrap();
            assert!(vault.open(&id()).is_err(), "{form}");
            assert!(vault.prove(&id(), &mut |_| Proof::Opens).is_err(), "{form}: rows may be there still");
            let looked = vault.look();
            assert_eq!((looked.wrong.len(), looked.destroyed_again), (0, vec![id()]), "{form}");
            fs::write(file(directory.path()), back).unwrap();
            assert_eq!(vault.destroy(&doomed).unwrap(), 1, "{form}: tried again");
            assert!(!file(directory.path()).exists(), "{form}");
        }
        vault.purge_ended(&doomed);
        for back in [&whole[..], &whole[..32]] {
            fs::write(file(directory.path()), back).unwrap();
            let mut again = vault.look().destroyed_again;
            // One of which nothing is known waits for what rows say.
            assert_eq!(vault.unproven().is_empty(), !again.is_empty());
            if vault.unproven() == [id()] {
                let proven = vault.prove(&id(), &mut |_| Proof::NothingRests).unwrap();
                again.extend((proven == Proven::Destroyed).then(id));
            }
            assert_eq!(again, [id()], "after its end");
            assert!(!file(directory.path()).exists());
        }
        let later = vault.create(&id()).unwrap();
        assert_eq!(vault.destroy(&doomed).unwrap(), 0, "a later one");
        assert!(vault.look().destroyed_again.is_empty() && vault.open(&id()).unwrap().is(&later));
        fs::remove_file(file(directory.path())).unwrap();
    }
}

#[test]
fn a_key_in_memory_in_whose_place_lies_what_is_no_file_is_used_no_longer_than_until_the_next_look() {
    for what in ["pipe", "directory", "loop", "socket"] {
        let directory = tempfile::tempdir().unwrap();
        let (vault, path) = (vault(directory.path()), file(directory.path()));
        let key = vault.create(&id()).unwrap();
        let kept = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        match what {
            "pipe" => assert!(Command::new("mkfifo").arg(&path).status().unwrap().success()),
            "directory" => fs::create_dir(&path).unwrap(),
            "loop" => std::os::unix::fs::symlink(&path, &path).unwrap(),
            _ => drop(std::os::unix::net::UnixListener::bind(&path).unwrap()),
        }
        let states: Vec<_> = vault.look().wrong.iter().map(|error| error.told()).collect();
        assert_eq!(states, [("log", KeyState::Unreadable)], "{what}");
        assert!(vault.open(&id()).is_err() && vault.create(&id()).is_err(), "{what}: it waits");
        if what == "directory" { fs::remove_dir(&path) } else { fs::remove_file(&path) }.unwrap();
        fs::write(&path, &kept).unwrap();
        assert!(vault.open(&id()).unwrap().is(&key), "{what}: and goes on");
    }
}

#[test]
fn what_cannot_be_removed_where_a_key_is_written_is_told_and_keeps_no_key_from_being_made() {
    let directory = tempfile::tempdir().unwrap();
    let unfinished = directory.path().join(format!(".new-{}", id()));
    fs::create_dir_all(unfinished.join("something")).unwrap();
    fs::create_dir_all(directory.path().join(".new-X/something")).unwrap();
    let vault = vault(directory.path());
    vault.create(&id()).unwrap();
    fs::write(directory.path().join(".new-half"), [1; 20]).unwrap();
    let mut left: Vec<_> = vault.remove_unfinished().unwrap().iter().map(VaultError::told).collect();
    left.sort_by_key(|told| told.0);
    assert_eq!(left, [("any", KeyState::Unreadable), ("log", KeyState::Unreadable)]);
    assert!(!directory.path().join(".new-half").exists(), "one keeps no other from being removed");
    assert!(vault.open(&id()).is_ok());
}

#[test]
fn what_is_no_regular_file_is_no_key_waits_for_nobody_and_is_in_no_purges_way() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path());
    let begun = Instant::now();
    for directory_there in [true, false] {
        if directory_there {
            fs::create_dir(&path).unwrap();
        } else {
            assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        }
        let vault = vault(directory.path());
        vault.expect(&id(), None);
        for had in [vault.open(&id()), vault.create(&id())] {
            assert_eq!(had.unwrap_err().fault().unwrap().1, KeyState::Unreadable);
        }
        assert_eq!((vault.look().wrong.len(), vault.demand_checks().unwrap()), (1, 0));
        vault.destroy(&[DoomedKey::now(&vault, &id()).unwrap()]).unwrap();
        assert!(!path.exists());
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "it was waited for");
}

#[test]
fn a_link_in_a_keys_place_is_no_key_and_what_it_leads_to_is_left_alone() {
    for (hard, unchecked) in [(false, false), (true, false), (true, true)] {
        let directory = tempfile::tempdir().unwrap();
        let (path, other) = (file(directory.path()), KeyId::new(&["log", "162021009994", "2026-11"]));
        let others = vault(directory.path()).create(&other).unwrap();
        let its = directory.path().join(other.as_str());
        if unchecked {
            let whole = fs::read(&its).unwrap();
            fs::write(&its, &whole[..32]).unwrap();
        }
        let kept = fs::read(&its).unwrap();
        if hard { fs::hard_link(&its, &path) } else { std::os::unix::fs::symlink(&its, &path) }.unwrap();
        let vault = vault(directory.path());
        vault.expect(&id(), None);
        if !unchecked {
            assert!(vault.open(&id()).is_err() && vault.look().wrong.len() == 1);
        }
        vault.destroy(&[DoomedKey::now(&vault, &id()).unwrap()]).unwrap();
        assert!(path.symlink_metadata().is_err());
        assert_eq!(fs::read(&its).unwrap(), kept, "hard: {hard}");
        assert!(vault.open(&other).unwrap().is(&others));
    }
}

#[test]
fn whatever_lies_where_a_key_is_made_is_in_nobodys_way() {
    for what in ["pipe", "directory", "link", "loop"] {
        let directory = tempfile::tempdir().unwrap();
        let (unfinished, aside) =
            (directory.path().join(format!(".new-{}", id())), directory.path().join("aside"));
        fs::write(&aside, [5; 48]).unwrap();
        match what {
            "pipe" => assert!(Command::new("mkfifo").arg(&unfinished).status().unwrap().success()),
            "directory" => fs::create_dir(&unfinished).unwrap(),
            "link" => std::os::unix::fs::symlink(&aside, &unfinished).unwrap(),
            _ => std::os::unix::fs::symlink(&unfinished, &unfinished).unwrap(),
        }
        let vault = vault(directory.path());
        let made = vault.create(&id()).unwrap();
        vault.remove_unfinished().unwrap();
        assert!(unfinished.symlink_metadata().is_err(), "{what}");
        assert_eq!(fs::read(&aside).unwrap(), [5; 48], "{what}");
        std::os::unix::fs::symlink("loop", directory.path().join("loop")).unwrap();
        assert_eq!(vault.demand_checks().unwrap(), 0, "{what}: a loop ends no start");
        assert!(vault.open(&id()).unwrap().is(&made));
    }
}

#[test]
fn what_was_destroyed_before_that_was_counted_stays_dead_by_its_check_and_a_later_one_is_another() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path());
    let old = vault(directory.path()).create(&id()).unwrap();
    let kept = fs::read(&path).unwrap();
    let line = format!(r#"{{"id":"{}","check":"{}"}}"#, id(), old.check());
    let doomed: DoomedKey = serde_json::from_str(&line).unwrap();
    let running = vault(directory.path());
    running.have_been_destroyed(std::slice::from_ref(&doomed));
    assert_eq!(running.destroy(std::slice::from_ref(&doomed)).unwrap(), 1);
    for length in [48, 32] {
        fs::write(&path, &kept[..length]).unwrap();
        assert!(matches!(running.open(&id()), Err(VaultError::Destroyed(_))), "{length}");
        assert_eq!(running.look().destroyed_again, [id()], "{length}");
        assert!(!path.exists());
    }
    let later = running.create(&id()).unwrap();
    let next = vault(directory.path());
    next.have_been_destroyed(std::slice::from_ref(&doomed));
    assert_eq!(next.destroy(&[doomed]).unwrap(), 0);
    assert!(next.open(&id()).unwrap().is(&later) && next.look().destroyed_again.is_empty());
}
