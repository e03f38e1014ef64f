//! Which of the provider's documents say whose a board's certificates are: they are erased with the board.

use ssbtek_authorize::{Board, CertificateOwner, DocumentRef};
use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::Hash;
use ssbtek_vault::{KeyId, Vault};

use crate::{
    Fault, documents,
    engine::{Done, Rows},
};

const FORM: Fault = Fault::Damaged("a board's document has not its form");

/// Their blind names, hexadecimal, as the board's own document tells of the certificates.
pub(crate) fn of_document(
    rows: &dyn Rows,
    vault: &dyn Vault,
    board: OrganisationNumber,
) -> Done<Vec<String>> {
    let found = documents::read_hidden(rows, vault, &DocumentRef::board(board))?;
    let Some(found) = found else { return Ok(Vec::new()) };
    let board: Board = serde_json::from_slice(&found.body).map_err(|_| FORM)?;
    let own = CertificateOwner::Board { organisation: board.organisation };
    let mut names = Vec::new();
    for certificate in &board.certificates {
        let fingerprint = Hash::from_hex(&certificate.sha256).map_err(|_| FORM)?;
        let reference = DocumentRef::certificate(fingerprint.as_bytes());
        // One that the board never confirmed may be another's by now.
        let owner = documents::read_hidden(rows, vault, &reference)?;
        let owner = owner.map(|owner| serde_json::from_slice::<CertificateOwner>(&owner.body));
        if owner.transpose().map_err(|_| FORM)?.is_none_or(|owner| owner == own) {
            names.push(Hash::from_bytes(documents::name(vault, &reference)?).to_hex());
        }
    }
    Ok(names)
}

/// The same where the board's document cannot be read: all that the provider keeps is looked through.
pub(crate) fn of_owners(rows: &dyn Rows, vault: &dyn Vault, board: OrganisationNumber) -> Done<Vec<String>> {
    let own = CertificateOwner::Board { organisation: board };
    let mut names = Vec::new();
    documents::each_under(rows, &KeyId::new(&["registry", "provider"]), |row| {
        let body = documents::open(vault, &row)?;
        let owner = body.and_then(|body| serde_json::from_slice::<CertificateOwner>(&body).ok());
        if owner.is_some_and(|owner| owner == own) {
            names.push(Hash::from_bytes(row.doc).to_hex());
        }
        Ok(())
    })?;
    names.dedup();
    Ok(names)
}
