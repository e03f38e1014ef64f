//! Revocation lists (CRLs) from disk.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use rustls::pki_types::{CertificateRevocationListDer, pem::PemObject};
use ssbtek_domain::{DateTime, Utc};
use webpki::{CertRevocationList, OwnedCertRevocationList};
use x509_parser::{prelude::FromDer, revocation_list::CertificateRevocationList};

use crate::{PkiError, time::moment};

/// Bytes of one file with revocation lists.
const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;
/// Files in one folder with revocation lists.
const MAX_FILES: usize = 256;

/// Parsed revocation lists. Their signatures are verified when they are used, against the issuer in the path.
#[derive(Debug, Default)]
pub struct RevocationLists {
    pub(crate) lists: Vec<CertRevocationList<'static>>,
    /// The ends of validity, ascending.
    pub(crate) next_updates: Vec<DateTime<Utc>>,
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
        let list = OwnedCertRevocationList::from_der(der).map_err(|_| PkiError::MalformedRevocationList)?;
        let (_, parsed) =
            CertificateRevocationList::from_der(der).map_err(|_| PkiError::MalformedRevocationList)?;
        let next = parsed.next_update().ok_or(PkiError::MalformedRevocationList)?;
        self.next_updates.push(moment(next.timestamp()));
        self.next_updates.sort_unstable();
        self.lists.push(list.into());
        Ok(())
    }

    fn not_empty(self) -> Result<Self, PkiError> {
        if self.is_empty() { Err(PkiError::NoRevocationList) } else { Ok(self) }
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
