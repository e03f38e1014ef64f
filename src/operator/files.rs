//! Files named on the command line.

use std::path::Path;

use anyhow::{Context, Result};
use ssbtek_transparency::Hash;

/// A file's content.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// A document's SHA-256: the document itself stays where it is.
pub(super) fn hash(path: &Path) -> Result<String> {
    Ok(Hash::of_parts(&[&read(path)?]).to_hex())
}

/// The first certificate of a PEM file, as DER.
pub(super) fn certificate(path: &Path) -> Result<Vec<u8>> {
    let certificates = ssbtek_pki::certificates_from_pem(&read(path)?)?;
    let own = certificates.first().with_context(|| format!("{} holds no certificate", path.display()))?;
    Ok(own.to_vec())
}
