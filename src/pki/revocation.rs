//! Revocation lists (CRLs) from disk.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use aws_lc_rs::digest::{Context, SHA256};
use rustls::pki_types::{CertificateRevocationListDer, pem::PemObject};
use ssbtek_domain::{DateTime, Utc};
use webpki::{CertRevocationList, OwnedCertRevocationList};
use x509_parser::{
    error::X509Error,
    oid_registry::{OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER, OID_X509_EXT_ISSUER_DISTRIBUTION_POINT},
    prelude::FromDer,
    revocation_list::CertificateRevocationList,
    x509::SubjectPublicKeyInfo,
};

use crate::{PkiError, Roots, time::moment};

/// Bytes of one file with revocation lists.
const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;
/// Files in one folder with revocation lists.
const MAX_FILES: usize = 256;

/// Parsed revocation lists, the newest of each issuer and scope. Their signatures are verified when they are used, against
/// the issuer in the path.
#[derive(Debug, Default)]
pub struct RevocationLists {
    pub(crate) lists: Vec<CertRevocationList<'static>>,
    /// Of each list, in the same order.
    marks: Vec<Mark>,
    /// The ends of validity, ascending.
    pub(crate) next_updates: Vec<DateTime<Utc>>,
}

/// Which list of its issuer one is.
#[derive(Debug, Clone)]
struct Mark {
    stands: ListMark,
    /// The issuer's name, DER.
    issuer: Vec<u8>,
    der: Vec<u8>,
    ends: DateTime<Utc>,
}

/// How far a series of lists has come: those of one issuer's key and scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListMark {
    /// SHA-256 over issuer, authority key identifier and scope.
    pub series: [u8; 32],
    /// How far.
    pub at: ListNumber,
}

/// Number and date of a list; a later list has a greater one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListNumber {
    /// CRL number, big-endian; nothing where the list bears none.
    pub number: [u8; 20],
    /// `thisUpdate`, seconds since 1970.
    pub this_update_s: i64,
}

/// Remembers how far lists have come, longer than this process lives.
pub trait ListMemory: Send + Sync {
    /// Remembers all of these, unless one lies before what is remembered of its series: then nothing, and an error.
    fn raise(&self, marks: &[ListMark]) -> Result<(), PkiError>;
}

impl RevocationLists {
    /// Reads PEM (one or more lists) or DER (one).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PkiError> {
        let mut all = Self::default();
        all.add(bytes)?;
        all.not_empty()
    }

    /// Reads a file, or every file in a folder that ends in `.pem`, `.crl` or `.der`. Nothing found is an error: an
    /// emptied folder must not turn revocation off.
    pub fn load(path: &Path) -> Result<Self, PkiError> {
        Self::from_files(&read_all(path)?)
    }

    pub(crate) fn from_files(files: &[Vec<u8>]) -> Result<Self, PkiError> {
        let mut all = Self::default();
        for bytes in files {
            all.add(bytes)?;
        }
        all.not_empty()
    }

    /// How many lists.
    pub fn len(&self) -> usize {
        self.lists.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// When the first list after `now` ends its validity.
    pub(crate) fn next_expiry(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.next_updates.iter().copied().find(|end| *end > now)
    }

    fn add(&mut self, bytes: &[u8]) -> Result<(), PkiError> {
        if !bytes.starts_with(b"-----") && !bytes.windows(11).any(|window| window == b"-----BEGIN ") {
            return self.add_der(bytes);
        }
        for list in CertificateRevocationListDer::pem_slice_iter(bytes) {
            self.add_der(&list.map_err(|_| PkiError::MalformedRevocationList)?)?;
        }
        Ok(())
    }

    fn add_der(&mut self, der: &[u8]) -> Result<(), PkiError> {
        let malformed = PkiError::MalformedRevocationList;
        let list = OwnedCertRevocationList::from_der(der).map_err(|_| malformed)?;
        let mark = Mark::of(der).ok_or(malformed)?;
        // An older one beside it says nothing.
        let of_series = self.marks.iter().position(|known| known.stands.series == mark.stands.series);
        match of_series {
            Some(nth) if self.marks.get(nth).is_some_and(|known| known.stands.at >= mark.stands.at) => {
                return Ok(());
            }
            Some(nth) => {
                drop(self.marks.remove(nth));
                drop(self.lists.remove(nth));
            }
            None => {}
        }
        self.marks.push(mark);
        self.lists.push(list.into());
        self.next_updates = self.marks.iter().map(|mark| mark.ends).collect();
        self.next_updates.sort_unstable();
        Ok(())
    }

    /// Whether these lists may take the place of `before`: none is older, none is gone whose issuer is still among `roots`,
    /// and none is forged. Returns how far each has come that its issuer, one of the roots, has signed.
    pub(crate) fn follow(&self, before: &Self, roots: &Roots) -> Result<Vec<ListMark>, PkiError> {
        for old in &before.marks {
            let same = self.marks.iter().find(|new| new.stands.series == old.stands.series);
            if same.is_some_and(|new| new.stands.at < old.stands.at) {
                return Err(PkiError::OlderRevocationList);
            }
            let issuer_has_one = self.marks.iter().any(|new| new.issuer == old.issuer);
            if !issuer_has_one && roots.keys_of(&old.issuer).next().is_some() {
                return Err(PkiError::RevocationListGone);
            }
        }
        let mut signed = Vec::new();
        for mark in &self.marks {
            match mark.is_signed(roots) {
                Some(true) => signed.push(mark.stands),
                Some(false) => return Err(PkiError::ForgedRevocationList),
                // Of an issuer between ours and the authority's: verified when it is used.
                None => {}
            }
        }
        Ok(signed)
    }

    fn not_empty(self) -> Result<Self, PkiError> {
        if self.is_empty() { Err(PkiError::NoRevocationList) } else { Ok(self) }
    }
}

impl Mark {
    fn of(der: &[u8]) -> Option<Self> {
        let (_, list) = CertificateRevocationList::from_der(der).ok()?;
        let extension = |oid| {
            list.extensions()
                .iter()
                .find(|found| found.oid == oid)
                .map(|found| found.value)
                .unwrap_or_default()
        };
        let issuer = list.issuer().as_raw().to_vec();
        let scope = extension(OID_X509_EXT_ISSUER_DISTRIBUTION_POINT);
        let mut series = Context::new(&SHA256);
        for part in [issuer.as_slice(), extension(OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER), scope] {
            series.update(&(part.len() as u64).to_be_bytes());
            series.update(part);
        }
        let mut stands = ListMark {
            series: [0; 32],
            at: ListNumber { number: [0; 20], this_update_s: list.last_update().timestamp() },
        };
        stands.series.copy_from_slice(series.finish().as_ref());
        if let Some(number) = list.crl_number() {
            let bytes = number.to_bytes_be();
            // RFC 5280 § 5.2.3: at most 20 octets.
            let place = stands.at.number.len().checked_sub(bytes.len())?;
            stands.at.number.get_mut(place..)?.copy_from_slice(&bytes);
        }
        let ends = moment(list.next_update()?.timestamp());
        Some(Self { stands, issuer, der: der.to_vec(), ends })
    }

    /// Whether one of the roots of the issuer's name has signed it; `None` where that cannot be told.
    fn is_signed(&self, roots: &Roots) -> Option<bool> {
        let (_, list) = CertificateRevocationList::from_der(&self.der).ok()?;
        let mut verdict = None;
        for key in roots.keys_of(&self.issuer) {
            let (_, key) = SubjectPublicKeyInfo::from_der(&key).ok()?;
            match list.verify_signature(&key) {
                Ok(()) => return Some(true),
                Err(X509Error::SignatureVerificationError) => verdict = Some(false),
                // An algorithm that is not known here: verified when the list is used.
                Err(_) => return None,
            }
        }
        verdict
    }
}

/// The contents of the file, or of the folder's files by name.
pub(crate) fn read_all(path: &Path) -> Result<Vec<Vec<u8>>, PkiError> {
    let unreadable = |_| PkiError::UnreadableFile;
    if !fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![read(path)?]);
    }
    let mut files: Vec<PathBuf> = vec![];
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        let ending = file.extension().and_then(|ending| ending.to_str());
        if matches!(ending, Some("pem" | "crl" | "der")) {
            files.push(file);
        }
        if files.len() > MAX_FILES {
            return Err(PkiError::UnreadableFile);
        }
    }
    files.sort();
    files.iter().map(|file| read(file)).collect()
}

fn read(file: &Path) -> Result<Vec<u8>, PkiError> {
    let mut bytes = vec![];
    let opened = fs::File::open(file).map_err(|_| PkiError::UnreadableFile)?;
    opened.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|_| PkiError::UnreadableFile)?;
    if bytes.len() as u64 > MAX_FILE_BYTES { Err(PkiError::UnreadableFile) } else { Ok(bytes) }
}
