//! The rules of [`crate::keeper`] under a model checker: threads that read, make and destroy one key, in thousands of orders,
//! over a disk in memory that may fail. More orders: `SSBTEK_ORDERS=100000`.

use std::{
    collections::HashMap,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use shuttle::thread;
use ssbtek_domain::Entropy;

use crate::{
    DoomedKey, Key, KeyId, Vault, VaultError,
    files::{Found, KeyFiles},
    keeper::Keeper,
    key::{FileCheck, Secret, empty_secret},
    sync::step,
};

/// What a file holds, for as long as somebody has it open.
type Content = Arc<Mutex<Vec<u8>>>;

/// Names lead to contents, which whoever has opened a file goes on reading after its name is gone.
#[derive(Debug, Default, Clone)]
struct Disk {
    names: Arc<Mutex<HashMap<KeyId, Content>>>,
    fails: Arc<AtomicBool>,
    entropy: Arc<Counter>,
}

impl Disk {
    fn at(&self, id: &KeyId) -> Option<Content> {
        self.names.lock().unwrap().get(id).cloned()
    }

    fn works(&self) -> io::Result<()> {
        if self.fails.load(Ordering::Relaxed) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

impl KeyFiles for Disk {
    fn read(&self, id: &KeyId) -> io::Result<Found> {
        let Some(file) = self.at(id) else { return Ok(Found::Nothing) };
        step();
        let (mut secret, file) = (empty_secret(), file.lock().unwrap());
        let (of_file, check) = file.split_at(secret.len());
        secret.copy_from_slice(of_file);
        let is_wiped = secret.iter().all(|byte| *byte == 0);
        Ok(if is_wiped { Found::Wiped } else { Found::Secret(secret, check.try_into().ok()) })
    }

    fn write(&self, id: &KeyId, secret: &Secret, check: &FileCheck) -> io::Result<bool> {
        self.works()?;
        let mut names = self.names.lock().unwrap();
        let is_new = !names.contains_key(id);
        names.entry(id.clone()).or_insert_with(|| Arc::new(Mutex::new([secret, check.as_slice()].concat())));
        Ok(is_new)
    }

    fn replace(&self, id: &KeyId, secret: &Secret, check: &FileCheck) -> io::Result<()> {
        self.works()?;
        let content = Arc::new(Mutex::new([secret, check.as_slice()].concat()));
        self.names.lock().unwrap().insert(id.clone(), content);
        Ok(())
    }

    fn unchecked(&self) -> io::Result<Vec<KeyId>> {
        let names = self.names.lock().unwrap();
        let is_unchecked = |content: &Content| content.lock().unwrap().len() == empty_secret().len();
        Ok(names.iter().filter(|(_, content)| is_unchecked(content)).map(|(id, _)| id.clone()).collect())
    }

    fn wipe(&self, id: &KeyId, _: bool) -> io::Result<()> {
        self.works()?;
        self.at(id).ok_or(io::ErrorKind::NotFound)?.lock().unwrap().fill(0);
        Ok(())
    }

    fn remove(&self, ids: &[&KeyId]) -> io::Result<()> {
        for id in ids {
            step();
            self.works()?;
            self.names.lock().unwrap().remove(id);
        }
        Ok(())
    }

    fn list(&self) -> io::Result<Vec<KeyId>> {
        Ok(self.names.lock().unwrap().keys().cloned().collect())
    }
}

/// Every draw is another one.
#[derive(Debug, Default)]
struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(1 + self.0.fetch_add(1, Ordering::Relaxed) as u8);
    }
}

fn vault(disk: &Disk) -> Arc<Keeper<Disk>> {
    Arc::new(Keeper::new(disk.clone(), disk.entropy.clone(), 4))
}

fn id() -> KeyId {
    KeyId::new(&["case", "1"])
}

/// What a thread got, if it was a key at all and not what is left of one.
fn check(found: Result<Arc<Key>, VaultError>) -> Option<String> {
    let check = found.ok()?.check();
    assert_ne!(check, Key::new(empty_secret()).check(), "an overwritten file was taken for a key");
    Some(check)
}

fn in_many_orders(test: impl Fn() + Send + Sync + Clone + 'static) {
    let orders = std::env::var("SSBTEK_ORDERS").ok().and_then(|orders| orders.parse().ok()).unwrap_or(1000);
    shuttle::check_random(test.clone(), orders);
    shuttle::check_pct(test, orders, 3);
}

#[test]
fn a_destroyed_key_is_had_by_nobody_whoever_read_it_meanwhile() {
    in_many_orders(|| {
        let disk = Disk::default();
        let vault = vault(&disk);
        let doomed = DoomedKey { check: check(vault.create(&id())), id: id(), generation: Some(0) };
        // Not in memory: who reads it reads the file.
        let vault = self::vault(&disk);
        let readers: Vec<_> = (0..2)
            .map(|_| {
                let (vault, doomed) = (vault.clone(), doomed.clone());
                thread::spawn(move || {
                    let (first, second) = (check(vault.open(&id())), check(vault.open(&id())));
                    assert!(first.is_none() || first == doomed.check);
                    assert!(first.is_some() || second.is_none(), "gone, and there again");
                })
            })
            .collect();
        assert_eq!(vault.destroy(std::slice::from_ref(&doomed)).unwrap(), 1);
        assert_eq!(check(vault.open(&id())), None);
        for reader in readers {
            reader.join().unwrap();
        }
        assert_eq!(check(vault.open(&id())), None);
        assert!(vault.list().unwrap().is_empty() && disk.list().unwrap().is_empty());
    });
}

#[test]
fn a_key_made_anew_is_another_one_and_stays_though_the_old_one_is_destroyed_again() {
    in_many_orders(|| {
        let disk = Disk::default();
        let vault = vault(&disk);
        let doomed = DoomedKey { check: check(vault.create(&id())), id: id(), generation: Some(0) };
        let makers: Vec<_> = (0..2)
            .map(|_| {
                let (vault, disk) = (vault.clone(), disk.clone());
                thread::spawn(move || {
                    let made = check(vault.create(&id()));
                    let _ = check(vault.open(&id()));
                    assert!(made.is_some());
                    (made, check(self::vault(&disk).open(&id())))
                })
            })
            .collect();
        let again = {
            let (vault, doomed) = (vault.clone(), doomed.clone());
            thread::spawn(move || vault.destroy(&[doomed]).unwrap())
        };
        let destroyed = vault.destroy(std::slice::from_ref(&doomed)).unwrap() + again.join().unwrap();
        assert_eq!(destroyed, 1, "the very key, once");
        let made: Vec<_> = makers.into_iter().map(|maker| maker.join().unwrap()).collect();
        let later: Vec<_> = made.iter().filter(|made| made.0 != doomed.check).collect();
        let now = check(vault.open(&id()));
        for made in &later {
            assert_eq!((&made.0, &made.1), (&now, &now), "one later key, durable when it was given");
        }
        assert_eq!(now.is_some(), !later.is_empty());
        assert_eq!(now, check(self::vault(&disk).open(&id())), "memory and disk agree");
    });
}

#[test]
fn a_key_whose_destruction_failed_is_had_by_nobody_before_it_is_gone() {
    in_many_orders(|| {
        let disk = Disk::default();
        let vault = vault(&disk);
        let doomed = DoomedKey { check: check(vault.create(&id())), id: id(), generation: Some(0) };
        let breaks = {
            let disk = disk.clone();
            thread::spawn(move || disk.fails.store(true, Ordering::Relaxed))
        };
        let reader = {
            let vault = vault.clone();
            thread::spawn(move || check(vault.open(&id())))
        };
        let first = vault.destroy(std::slice::from_ref(&doomed));
        assert_eq!(check(vault.open(&id())), None, "destroyed or not, it is dead: {first:?}");
        assert!(!vault.list().unwrap().contains(&id()));
        breaks.join().unwrap();
        let _ = reader.join().unwrap();
        disk.fails.store(false, Ordering::Relaxed);
        let second = vault.destroy(std::slice::from_ref(&doomed)).unwrap();
        assert_eq!(first.unwrap_or(0) + second, 1);
        assert!(disk.list().unwrap().is_empty());
        let made = check(vault.create(&id()));
        assert!(made.is_some() && made != doomed.check);
    });
}
