//! Canaries: what must stand nowhere outside memory, or nowhere at all, looked for in every way it could be written. All
//! at once, so that whole file-system images and memories can be searched in a moment.

mod forms;

use std::{
    collections::{HashMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
};

/// What is looked for.
#[derive(Debug, Default)]
pub struct Canaries {
    needles: Vec<Needle>,
    by_start: HashMap<[u8; 4], Vec<usize>>,
    /// One bit for each beginning of three bytes: a glance that rules out nearly every position.
    glance: Vec<u64>,
}

#[derive(Debug)]
struct Needle {
    whose: usize,
    form: &'static str,
    bytes: Vec<u8>,
}

/// What was found. Says which canary by its number, never what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Found {
    /// Which canary, in the order in which they were added, from 0.
    pub whose: usize,
    /// In which form: `plain`, `base64` ….
    pub form: &'static str,
    /// Where, in bytes from the beginning.
    pub at: usize,
}

impl Canaries {
    /// None yet.
    pub fn new() -> Self {
        Self { glance: vec![0; 1 << 18], ..Self::default() }
    }

    /// Looks for a person number of 12 digits, in every form.
    pub fn number(&mut self, number: &str) {
        self.add(forms::of_number(number));
    }

    /// Looks for a name or an address of at least eight characters, in every form.
    ///
    /// # Panics
    ///
    /// When it is shorter: it would be found by chance.
    pub fn text(&mut self, text: &str) {
        assert!(text.chars().count() >= 8, "too short a canary");
        self.add(forms::of_text(text));
    }

    /// Looks for bytes as they are: a key.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.add(vec![("bytes", bytes.to_vec())]);
    }

    /// How many canaries.
    pub fn len(&self) -> usize {
        self.needles.last().map_or(0, |last| last.whose + 1)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.needles.is_empty()
    }

    fn add(&mut self, forms: Vec<(&'static str, Vec<u8>)>) {
        let (whose, mut seen) = (self.len(), HashSet::new());
        for (form, bytes) in forms {
            let Some(start) = bytes.first_chunk::<4>().copied() else { continue };
            if !seen.insert(bytes.clone()) {
                continue;
            }
            let (word, bit) = place(start[0], start[1], start[2]);
            self.glance[word] |= 1 << bit;
            self.by_start.entry(start).or_default().push(self.needles.len());
            self.needles.push(Needle { whose, form, bytes });
        }
    }

    /// Everything that is found, in order, up to `limit`.
    pub fn find(&self, hay: &[u8], limit: usize) -> Vec<Found> {
        let mut found = Vec::new();
        for (at, window) in hay.windows(4).enumerate() {
            let (word, bit) = place(window[0], window[1], window[2]);
            if self.glance[word] & 1 << bit == 0 {
                continue;
            }
            let Some(candidates) = self.by_start.get(window) else { continue };
            for needle in candidates.iter().filter_map(|index| self.needles.get(*index)) {
                if hay[at..].starts_with(&needle.bytes) {
                    found.push(Found { whose: needle.whose, form: needle.form, at });
                    if found.len() >= limit {
                        return found;
                    }
                }
            }
        }
        found
    }

    /// The first canary in any file of a directory and those below it.
    pub fn find_in_files(&self, directory: &Path) -> io::Result<Option<(PathBuf, Found)>> {
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path.is_dir() {
                if let Some(found) = self.find_in_files(&path)? {
                    return Ok(Some(found));
                }
            } else {
                match fs::read(&path) {
                    Ok(bytes) => {
                        if let Some(found) = self.find(&bytes, 1).first() {
                            return Ok(Some((path, *found)));
                        }
                    }
                    // Removed while being looked for.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(None)
    }
}

fn place(first: u8, second: u8, third: u8) -> (usize, u32) {
    let start = u32::from(first) << 16 | u32::from(second) << 8 | u32::from(third);
    ((start >> 6) as usize, start & 63)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_is_found_in_every_form_and_nothing_else_is() {
        let (number, street) = ("195001019805", "Östra Ringvägen 12");
        let mut canaries = Canaries::new();
        canaries.number(number);
        canaries.text(street);
        canaries.bytes(&[7; 32]);
        let mut forms = forms::of_number(number);
        forms.extend(forms::of_text(street));
        forms.push(("bytes", vec![7; 32]));
        for (form, bytes) in forms {
            let hay = [b"before ", &bytes[..], b" after"].concat();
            let found = canaries.find(&hay, 1);
            assert_eq!(found.first().map(|found| found.at), Some(7), "{form}");
        }
        assert!(canaries.find(b"195001019813 Ostra Ringvagen 12", 1).is_empty());
        assert_eq!(canaries.len(), 3);
    }
}
