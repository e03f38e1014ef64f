//! Finding values in whatever form they may be written.

use std::collections::BTreeSet;

use canary::Canaries;

use super::fill::Leaf;

/// What is looked for.
pub(crate) struct Search {
    canaries: Canaries,
    /// Which leaf each of the canaries is a form of, and how many bytes of digits it has; 0 where it is no number.
    whose: Vec<(usize, usize)>,
    paths: Vec<String>,
    known: BTreeSet<String>,
}

impl Default for Search {
    fn default() -> Self {
        Self { canaries: Canaries::new(), whose: vec![], paths: vec![], known: BTreeSet::new() }
    }
}

impl Search {
    /// The values of these leaves; a leaf is told by its place in the list.
    pub(crate) fn of(leaves: &[Leaf]) -> Self {
        let mut search = Self::default();
        search.add(leaves);
        search
    }

    pub(crate) fn add(&mut self, leaves: &[Leaf]) {
        for leaf in leaves {
            let at = self.paths.len();
            self.paths.push(leaf.path());
            if !leaf.unmistakable || !self.known.insert(leaf.value.clone()) {
                continue;
            }
            for form in forms(&leaf.value) {
                // Digits are too alike in some encodings; what is encoded is decoded before it is looked into.
                if leaf.value.contains("kana") {
                    self.canaries.text(&form);
                    self.whose.push((at, 0));
                } else {
                    self.canaries.bytes(form.as_bytes());
                    self.whose.push((at, form.len()));
                }
            }
        }
    }

    /// Which leaves' values stand there.
    pub(crate) fn find(&self, bytes: &[u8]) -> BTreeSet<usize> {
        let found = self.canaries.find(bytes, usize::MAX).into_iter();
        let whose = found.map(|found| (self.whose[found.whose], found.at));
        whose
            .filter(|((_, len), at)| *len == 0 || !is_within_hex(bytes, *at, *len))
            .map(|((at, _), _)| at)
            .collect()
    }

    pub(crate) fn paths(&self, found: &BTreeSet<usize>) -> BTreeSet<&str> {
        found.iter().map(|at| self.paths[*at].as_str()).collect()
    }
}

/// Whether digits stand in a hash or an identity that is written in hexadecimal, of 128 bits or more: among some hundred thousand of such
/// digits, one of some thousand numbers of eight digits is found by chance.
fn is_within_hex(bytes: &[u8], at: usize, len: usize) -> bool {
    let is_hex = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let before = bytes[..at].iter().rev().take_while(is_hex).count();
    let run = &bytes[at - before..];
    let run = &run[..run.iter().take_while(is_hex).count()];
    run.len() >= 32.max(before + len) && run.iter().any(u8::is_ascii_lowercase)
}

/// A day as agencies write it, an amount as people read it.
fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![value.to_owned()];
    if value.len() == 10 && value.as_bytes()[4] == b'-' {
        forms.push(value.replace('-', ""));
    }
    if value.len() == 8 && value.bytes().all(|byte| byte.is_ascii_digit()) {
        for space in [" ", "\u{a0}", "\u{202f}"] {
            forms.push([&value[..2], &value[2..5], &value[5..]].join(space));
        }
    }
    forms
}
