//! Reads `strace -f -yy` as it is written: what reached the write-ahead log, when it was synced, what went out where.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    io::BufRead,
};

/// Entry ids are so many hexadecimal digits.
const ID_DIGITS: usize = 32;
/// A `close_notify` of TLS 1.3 on the wire, in bytes.
const TLS_ALERT_BYTES: u64 = 24;
/// A record's header as it stands in a page, up to its kind; `strace` escapes the quotes.
const KIND: &str = r#"\"kind\":\""#;
/// Between a header's kind and its entry's id.
const ENTRY: &str = r#"\",\"entry\":\""#;

/// Where one question is on its way, as positions in the trace.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Passage {
    pub(crate) intent_written: Option<u64>,
    pub(crate) intent_durable: Option<u64>,
    pub(crate) end_written: Option<u64>,
    pub(crate) end_durable: Option<u64>,
    /// Writes to agencies that name it (plain), or that were made while it alone was open (encrypted).
    pub(crate) asked: u32,
}

/// What was seen.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    agencies: HashSet<u16>,
    door: u16,
    plain: bool,
    at: u64,
    pub(crate) passages: BTreeMap<String, Passage>,
    /// Written, and not synced since: entry, and whether it is its end.
    pending: BTreeSet<(String, bool)>,
    syncing: HashMap<String, BTreeSet<(String, bool)>>,
    /// Writes to callers: port at the other end, position, bytes.
    pub(crate) told: Vec<(u16, u64, u64)>,
    /// Writes to agencies.
    pub(crate) agency_writes: u64,
    pub(crate) syncs: u64,
    /// What must not happen, told by the line.
    pub(crate) violations: Vec<String>,
}

impl Trace {
    /// `plain`: what goes to agencies is not encrypted, so that each write names its entries.
    pub(crate) fn new(agencies: HashSet<u16>, door: u16, plain: bool) -> Self {
        Self { agencies, door, plain, ..Self::default() }
    }

    pub(crate) fn read(mut self, lines: impl BufRead) -> Self {
        for line in lines.split(b'\n') {
            self.line(&String::from_utf8_lossy(&line.unwrap()));
        }
        self
    }

    fn line(&mut self, line: &str) {
        self.at += 1;
        let Some((pid, call)) = line.split_once(char::is_whitespace) else { return };
        let call = call.trim_start();
        if let Some(resumed) = call.strip_prefix("<... ") {
            let synced = resumed.starts_with("fdatasync") || resumed.starts_with("fsync");
            if let Some(covered) = self.syncing.remove(pid).filter(|_| synced && call.ends_with("= 0")) {
                self.synced(covered);
            }
            return;
        }
        let Some((name, rest)) = call.split_once('(') else { return };
        let file = rest.split_once('<').map_or("", |(_, file)| file);
        let on_log = file.split_once(['>', ',']).is_some_and(|(path, _)| path.ends_with("-wal"));
        match name {
            "fdatasync" | "fsync" if on_log => {
                let covered = self.pending.clone();
                if call.ends_with("<unfinished ...>") {
                    self.syncing.insert(pid.to_owned(), covered);
                } else if call.ends_with("= 0") {
                    self.synced(covered);
                }
            }
            "write" | "pwrite64" | "pwritev" if on_log => self.logged(rest),
            "write" | "writev" | "sendto" | "sendmsg" => {
                let Some((local, peer)) = ports(file) else { return };
                if self.agencies.contains(&peer) {
                    self.agency(rest);
                } else if local == self.door {
                    self.told.push((peer, self.at, size(rest)));
                }
            }
            _ => {}
        }
    }

    fn logged(&mut self, text: &str) {
        for (kind, entry) in headers(text) {
            let passage = self.passages.entry(entry.to_owned()).or_default();
            let is_end = match kind {
                "intent" => false,
                "release" | "withheld" => true,
                _ => continue,
            };
            let first = if is_end { &mut passage.end_written } else { &mut passage.intent_written };
            if first.is_none() {
                *first = Some(self.at);
                self.pending.insert((entry.to_owned(), is_end));
            }
        }
    }

    fn synced(&mut self, covered: BTreeSet<(String, bool)>) {
        self.syncs += 1;
        for (entry, is_end) in covered {
            self.pending.remove(&(entry.clone(), is_end));
            let passage = self.passages.entry(entry).or_default();
            let durable = if is_end { &mut passage.end_durable } else { &mut passage.intent_durable };
            durable.get_or_insert(self.at);
        }
    }

    fn agency(&mut self, text: &str) {
        self.agency_writes += 1;
        if self.plain {
            for id in ids(text) {
                match self.passages.get_mut(id) {
                    Some(passage) if passage.intent_durable.is_some() => passage.asked += 1,
                    _ => self.violations.push(format!("{}: an agency is told of {id} too early", self.at)),
                }
            }
            return;
        }
        let open =
            self.passages.values_mut().filter(|p| p.intent_durable.is_some() && p.end_written.is_none());
        match open.collect::<Vec<_>>().as_mut_slice() {
            // An end of a TLS connection: no question is that short.
            [] if size(text) <= TLS_ALERT_BYTES => {}
            [] => self.violations.push(format!(
                "{}: {} bytes to an agency, and no question is open",
                self.at,
                size(text)
            )),
            [only] => only.asked += 1,
            _ => self.violations.push(format!("{}: more than one question is open", self.at)),
        }
    }
}

/// Kind and entry of every record's header in a page.
fn headers(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.match_indices(KIND).filter_map(|(at, _)| {
        let (kind, rest) = text.get(at + KIND.len()..)?.split_once(ENTRY)?;
        let id = rest.get(..ID_DIGITS)?;
        (kind.len() < ID_DIGITS && is_id(id)).then_some((kind, id))
    })
}

/// Every run of exactly so many hexadecimal digits.
fn ids(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_hexdigit() || c.is_ascii_uppercase()).filter_map(|run| {
        // A byte before the id may be printed as digits of an escape.
        let id = run.get(run.len().checked_sub(ID_DIGITS)?..)?;
        (run.len() < ID_DIGITS + 4 && is_id(id)).then_some(id)
    })
}

fn is_id(text: &str) -> bool {
    text.len() == ID_DIGITS && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Local and remote port of `TCP:[127.0.0.1:1->127.0.0.1:2]>…`.
fn ports(file: &str) -> Option<(u16, u16)> {
    let (ends, _) = file.strip_prefix("TCP:[")?.split_once(']')?;
    let (local, peer) = ends.split_once("->")?;
    let port = |end: &str| end.rsplit_once(':')?.1.parse().ok();
    Some((port(local)?, port(peer)?))
}

/// Bytes that a call wants to send.
fn size(rest: &str) -> u64 {
    let number = |text: &str| {
        let digits: String =
            text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    };
    if rest.contains("iov_len=") {
        return rest.split("iov_len=").skip(1).map(number).sum();
    }
    rest.rsplit_once('"').map_or(u64::MAX, |(_, after)| number(after))
}
