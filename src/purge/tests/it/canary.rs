//! Canary persons: at no time does any file hold one in any encoding.

use std::{collections::BTreeMap, fs, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

use crate::world::{World, board, person};

/// Every way a number could be written, in bytes.
fn encodings(number: &str) -> BTreeMap<&'static str, Vec<u8>> {
    let hyphenated = format!("{}-{}", &number[..8], &number[8..]);
    let ten = &number[2..];
    let percent: String = number.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let wide = |text: &str| text.encode_utf16().collect::<Vec<_>>();
    let mut forms = BTreeMap::from([
        ("plain", number.as_bytes().to_vec()),
        ("hyphenated", hyphenated.as_bytes().to_vec()),
        ("ten digits", ten.as_bytes().to_vec()),
        ("ten digits hyphenated", format!("{}-{}", &ten[..6], &ten[6..]).into_bytes()),
        ("hex", hex(ten).into_bytes()),
        ("hex upper", hex(ten).to_uppercase().into_bytes()),
        ("percent", percent.as_bytes()[6..].to_vec()),
        ("utf-16le", wide(ten).iter().flat_map(|unit| unit.to_le_bytes()).collect()),
        ("utf-16be", wide(ten).iter().flat_map(|unit| unit.to_be_bytes()).collect()),
    ]);
    // Base64 of a text has three faces, by where in its group of three bytes the number begins.
    for (name, skip) in [("base64", 0), ("base64+1", 1), ("base64+2", 2)] {
        let padded = [&b"\0\0"[..skip], number.as_bytes()].concat();
        let text = STANDARD_NO_PAD.encode(padded);
        let cut = if skip == 0 { 0 } else { 4 };
        forms.insert(name, text.as_bytes()[cut..text.len() - 2].to_vec());
    }
    forms
}

/// Fails if any canary stands in any file, in any encoding. Looks for all at once.
fn must_hold_none(directory: &Path, canaries: &[String], when: &str) {
    // All ten-digit forms begin with the date: a first pass over their common beginnings keeps this quick.
    let wanted: Vec<_> = canaries.iter().flat_map(|number| encodings(number)).collect();
    let finder = Finder::new(wanted.iter().map(|(_, bytes)| bytes.as_slice()));
    for (path, bytes) in files(directory) {
        if let Some(found) = finder.find(&bytes) {
            panic!("{when}: {} holds canary in form {}", path, wanted[found].0);
        }
    }
}

/// Many needles, one pass: needles by their first four bytes, after a glance at the first two.
struct Finder<'a> {
    starts: Vec<bool>,
    needles: std::collections::HashMap<[u8; 4], Vec<(usize, &'a [u8])>>,
}

impl<'a> Finder<'a> {
    fn new(needles: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut by_start: std::collections::HashMap<[u8; 4], Vec<(usize, &[u8])>> = Default::default();
        for (index, needle) in needles.enumerate() {
            by_start.entry(needle[..4].try_into().unwrap()).or_default().push((index, needle));
        }
        let mut starts = vec![false; 1 << 16];
        for start in by_start.keys() {
            starts[usize::from(u16::from_be_bytes([start[0], start[1]]))] = true;
        }
        Self { starts, needles: by_start }
    }

    fn find(&self, hay: &[u8]) -> Option<usize> {
        for (at, window) in hay.windows(4).enumerate() {
            if !self.starts[usize::from(window[0]) << 8 | usize::from(window[1])] {
                continue;
            }
            let Some(candidates) = self.needles.get(window) else { continue };
            if let Some((index, _)) = candidates.iter().find(|(_, needle)| hay[at..].starts_with(needle)) {
                return Some(*index);
            }
        }
        None
    }
}

fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found
}

async fn questions(world: &World, count: u32) -> Vec<String> {
    // Eight questions about each person, all at once.
    for n in 0..count.div_ceil(8) {
        let case = format!("EB-{n}");
        world.register(board(0), &case, &person(n)).await;
        let ask = || world.ask(board(0), &case);
        tokio::join!(ask(), ask(), ask(), ask(), ask(), ask(), ask(), ask());
    }
    (0..count.div_ceil(8)).map(|n| person(n).expose().to_owned()).collect()
}

#[test]
fn the_search_finds_a_canary_in_every_encoding() {
    let directory = tempfile::tempdir().unwrap();
    let number = person(3).expose().to_owned();
    for (form, bytes) in encodings(&number) {
        fs::write(directory.path().join("f"), [b"some text before ", &bytes[..], b" after"].concat())
            .unwrap();
        let (path, number) = (directory.path().to_owned(), number.clone());
        let found = std::panic::catch_unwind(move || must_hold_none(&path, &[number], "planted"));
        assert!(found.is_err(), "{form} was not found");
    }
}

#[tokio::test]
async fn no_file_holds_a_canary_while_asking_while_purging_or_after() {
    let world = World::new("2026-01-20");
    let canaries = questions(&world, 300).await;
    must_hold_none(&world.directory, &canaries, "after the questions");
    world.purger.end_agreement(board(0), "2026-01-31".parse().unwrap()).await.unwrap();
    world.at("2026-02-28T08:00:00Z");
    world.run().await.unwrap();
    must_hold_none(&world.directory, &canaries, "after the purge");
    let wal = fs::metadata(world.directory.join("broker.db-wal")).map_or(0, |file| file.len());
    assert!(wal < 128 * 1024, "only the receipt is in the write-ahead log, {wal} bytes");
    assert_eq!(world.leftovers(board(0)).await, Vec::<String>::new());
}

/// 10,000 questions on a file system of their own; the whole image is searched, free blocks and journal too. Needs root,
/// `mkfs.ext4` and a loop device; `tests/erasure/image.sh` makes them and tells where in `CANARY_MOUNT` and `CANARY_IMAGE`.
#[tokio::test]
#[ignore = "slow; needs a mounted file-system image: tests/erasure/image.sh"]
async fn ten_thousand_questions_leave_no_canary_in_the_file_system_image() {
    let mount = std::env::var_os("CANARY_MOUNT").expect("CANARY_MOUNT");
    let image = std::env::var_os("CANARY_IMAGE").expect("CANARY_IMAGE");
    let clock = std::sync::Arc::new(ssbtek_domain::FixedClock::at("2026-01-20T11:00:00Z".parse().unwrap()));
    let world = World::open(Path::new(&mount), clock.clone(), clock);
    let canaries = questions(&world, 10_000).await;
    let look = |when: &str| {
        let mut write = std::process::Command::new("sync");
        write.arg("-f").arg(&mount);
        if std::env::var_os("CANARY_COPY").is_some() {
            write = std::process::Command::new("mke2fs");
            write.args(["-q", "-F", "-t", "ext4", "-d"]).arg(&mount).arg(&image);
        }
        assert!(write.status().unwrap().success());
        let wanted: Vec<_> = canaries.iter().flat_map(|number| encodings(number)).collect();
        let finder = Finder::new(wanted.iter().map(|(_, bytes)| bytes.as_slice()));
        let searched = fs::read(&image).unwrap();
        let witness = Finder::new([&b"log.162120009994.2026-01"[..]].into_iter());
        assert!(witness.find(&searched).is_some(), "the image does hold the data directory");
        let found = finder.find(&searched);
        assert_eq!(found.map(|index| wanted[index].0), None, "{when}");
    };
    look("after the questions");
    world.purger.end_agreement(board(0), "2026-01-31".parse().unwrap()).await.unwrap();
    world.at("2026-02-28T08:00:00Z");
    let ran = world.run().await.unwrap();
    assert!(ran.receipts[0].record.leaves > 20_000);
    look("after the purge");
}
